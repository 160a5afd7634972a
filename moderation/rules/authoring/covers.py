"""Whether one rule matches wherever another does, as far as their conditions tell.

Sound, not complete, disguises aside: where this says that a rule is covered it is; a cover
that lies in the meaning of two patterns is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from moderation.comments import Action, RuleStatus
from moderation.rules.compiled import Compiled, Rule
from moderation.rules.language import fields, schema
from moderation.rules.language.lists import Lists
from moderation.rules.language.schema import Conditions, RuleFile
from moderation.rules.language.source import Source
from moderation.rules.language.values import Comparison
from moderation.text import fold

#: Below so many rules every pair is compared, above only those that share an entry.
_ALL_PAIRS = 400
_LIST = re.compile(r"@([A-Za-z_][A-Za-z0-9_]*)")
_EVASION = ("off", "normal", "strict")
#: What an operator's match implies besides itself.
_WEAKER = {
    "equals": ("words", "contains", "starts_with", "ends_with"),
    "words": ("contains",),
    "starts_with": ("contains",),
    "ends_with": ("contains",),
}


@dataclass(frozen=True, slots=True)
class _Text:
    field: str
    operator: str
    entries: frozenset[str]
    keep_case: bool
    evasion: int
    quotes: str


@dataclass(frozen=True, slots=True)
class _Value:
    name: str
    #: A Comparison, or anything else that can only be equal.
    value: Any


@dataclass(frozen=True, slots=True)
class _Any:
    branches: tuple[_All, ...]


@dataclass(frozen=True, slots=True)
class _None:
    branches: tuple[_All, ...]


_Item = _Text | _Value | _Any | _None
_All = frozenset[_Item]


def covered(compiled: Compiled) -> Iterator[tuple[Rule, Rule]]:
    """(rule, the rule that always covers it): the second matches whenever the first does,
    and asks for at least as much. Of two equal rules the later is covered."""
    wholes = dict(_wholes(compiled))
    rules = [
        rule for rule in compiled.rules if rule.id in wholes and rule.status is not RuleStatus.OFF
    ]
    order = {rule.id: index for index, rule in enumerate(rules)}
    candidates = _candidates(rules, wholes)
    for rule in rules:
        for other in candidates(rule):
            if other.id == rule.id or not _outranks(other, rule):
                continue
            if not _implies(wholes[rule.id], wholes[other.id]):
                continue
            mutual = _outranks(rule, other) and _implies(wholes[other.id], wholes[rule.id])
            if mutual and order[other.id] > order[rule.id]:
                continue
            yield rule, other
            break


def _outranks(other: Rule, rule: Rule) -> bool:
    """Whether `other`, where both match, leaves nothing for `rule` to add."""
    if (other.action is Action.APPROVE) is not (rule.action is Action.APPROVE):
        return False
    return (
        (other.status is RuleStatus.LIVE or other.status is rule.status)
        and other.action.rank >= rule.action.rank
        and other.severity.rank >= rule.severity.rank
        and other.priority >= rule.priority
        and (other.expires is None or other.expires == rule.expires)
    )


def _candidates(rules: list[Rule], wholes: dict[str, _All]) -> Any:
    if len(rules) <= _ALL_PAIRS:
        return lambda rule: rules
    # A rule is looked up by each entry of one of its text conditions; a covered rule
    # with the same operator has at least its own entries in common.
    by_entry: dict[str, list[Rule]] = {}
    for rule in rules:
        text = next((item for item in wholes[rule.id] if isinstance(item, _Text)), None)
        for entry in text.entries if text else ():
            by_entry.setdefault(entry, []).append(rule)

    def sharing(rule: Rule) -> list[Rule]:
        found: dict[str, Rule] = {}
        for item in wholes[rule.id]:
            if isinstance(item, _Text):
                for other in by_entry.get(min(item.entries), ()):
                    found[other.id] = other
        return list(found.values())

    return sharing


def _implies(whole: _All, other: _All) -> bool:
    """Whether `other` holds wherever `whole` does."""
    return all(_item_follows(whole, item) for item in other)


def _item_follows(whole: _All, item: _Item) -> bool:
    if any(_follows(known, item) for known in whole):
        return True
    if isinstance(item, _Any) and any(_implies(whole, branch) for branch in item.branches):
        return True
    # Each of several ways leads there.
    return any(
        isinstance(known, _Any) and all(_item_follows(branch, item) for branch in known.branches)
        for known in whole
    )


def _follows(known: _Item, item: _Item) -> bool:
    match known, item:
        case _Text(), _Text():
            return _text_follows(known, item)
        case _Value(), _Value():
            return known.name == item.name and _value_follows(known.value, item.value)
        case _None(), _None():
            return all(
                any(_implies(branch, inner) for inner in known.branches) for branch in item.branches
            )
        case _:
            return known == item


def _text_follows(known: _Text, item: _Text) -> bool:
    if known.field != item.field or (item.keep_case and not known.keep_case):
        return False
    if known.evasion > item.evasion or (item.quotes and item.quotes != known.quotes):
        return False
    if known.operator == item.operator and known.entries <= item.entries:
        return True
    if (
        known.keep_case != item.keep_case
        or known.field == "link"
        or "regex"
        in (
            known.operator,
            item.operator,
        )
    ):
        return False
    if known.operator == item.operator or item.operator in _WEAKER.get(known.operator, ()):
        return all(any(_has(entry, wide, item) for wide in item.entries) for entry in known.entries)
    return False


def _has(entry: str, wide: str, item: _Text) -> bool:
    """Whether a text that has `entry` has `wide` under the item's operator."""
    match item.operator:
        case "contains":
            return wide in entry
        case "words":
            return f" {wide} " in f" {entry} "
        case "starts_with":
            return entry.startswith(wide)
        case "ends_with":
            return entry.endswith(wide)
        case _:
            return entry == wide


def _value_follows(known: Any, item: Any) -> bool:
    if known == item:
        return True
    if not isinstance(known, Comparison) or not isinstance(item, Comparison):
        return False
    if known.negated or item.negated:
        return False
    return _below(item.low, item.low_open, known.low, known.low_open) and _below(
        _minus(item.high), item.high_open, _minus(known.high), known.high_open
    )


def _minus(end: float | None) -> float | None:
    return None if end is None else -end


def _below(outer: float | None, outer_open: bool, inner: float | None, inner_open: bool) -> bool:
    """Whether the outer interval begins no later than the inner one."""
    if outer is None:
        return True
    if inner is None:
        return False
    return outer < inner or (outer == inner and (inner_open or not outer_open))


# ── From the files ──────────────────────────────────────────────────────────────────


def _wholes(compiled: Compiled) -> Iterator[tuple[str, _All]]:
    """Each sound rule's conditions, short forms and lists written out."""
    sound = {rule.id for rule in compiled.rules}
    for source in compiled.sources:
        if source.root is None or any(p.level == "error" for p in source.problems):
            continue
        model = RuleFile.model_validate(source.root.plain())
        lists = Lists(Source(source.path, source.lines, source.root), model)
        for rule in model.rules:
            if rule.id in sound:
                yield rule.id, frozenset(_items(rule.when, lists))


def _items(when: Conditions, lists: Lists) -> Iterator[_Item]:
    for name in sorted(when.model_fields_set):
        value = getattr(when, name)
        if value is None:
            continue
        if isinstance(value, schema.TextTest):
            yield from _texts(name, value, lists)
        elif isinstance(value, schema.ScoreTest):
            for label in sorted(value.model_fields_set):
                yield _Value(f"score.{label}", getattr(value, label))
        elif name == "all":
            for child in value:
                yield from _items(child, lists)
        elif name in ("any", "not_"):
            branches = tuple(frozenset(_items(child, lists)) for child in value)
            yield _Any(branches) if name == "any" else _None(branches)
        else:
            yield _Value(name, tuple(value) if isinstance(value, list) else value)


def _with_lists(pattern: str, lists: Lists) -> str:
    """A pattern that is equal only where its lists are equal, too: files share no lists."""
    named = {name: lists.entries(name) for name in _LIST.findall(pattern)}
    used = {name: sorted(entries) for name, entries in named.items() if entries}
    return f"{pattern}\n{used}" if used else pattern


def _texts(field: str, test: schema.TextTest, lists: Lists) -> Iterator[_Text]:
    for operator in fields.OPERATORS:
        entries: Iterable[str] | None = getattr(test, operator)
        if entries is None:
            continue
        if operator == "regex":
            known = frozenset(_with_lists(entry, lists) for entry in entries)
        else:
            wide = lists.expand(list(entries), ())
            known = frozenset(
                " ".join(fold(entry, keep_case=test.case_sensitive).split()) for entry in wide
            )
        yield _Text(
            field,
            operator,
            known,
            test.case_sensitive,
            _EVASION.index(test.evasion),
            test.quotes or "",
        )
