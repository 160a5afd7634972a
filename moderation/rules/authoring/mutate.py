"""What the tests of a rule would not notice: each part taken away or turned round in turn.

A test suite that passes says little when it would also pass without half of the rule. So
every condition, list entry and alternative of a pattern is removed, every condition
negated, and the rule's tests run on what is left (mutation testing). What survives is
what no test looks at.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from moderation.rules.authoring.testing import outcomes
from moderation.rules.authoring.written import (
    NESTING,
    Path,
    Written,
    at_path,
    bare_rule,
    brief,
    compile_nodes,
    entries_of,
    leaves,
    names_in,
    node_of,
    replaced,
    written,
)
from moderation.rules.compiled import Compiled, Rule
from moderation.rules.language.fields import OPERATORS, TEXT_FIELDS
from moderation.rules.language.source import Node, Source
from moderation.rules.match import RuleSet


class Kind(StrEnum):
    """What is done to a rule."""

    CONDITION = "condition"
    NEGATION = "negation"
    ENTRY = "entry"
    ALTERNATIVE = "alternative"
    LIST = "list entry"


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """A change that no test would notice. `what` quotes the rule file.

    `group` is the condition that an entry or alternative belongs to, `of` how many there
    are of them.
    """

    kind: Kind
    rule: str
    file: str
    line: int
    column: int
    what: str
    group: str = ""
    of: int = 0


@dataclass(slots=True)
class MutationReport:
    """What came of it. `left_out` changes were not tried before the time was up; rules
    in `untestable` have no tests or tests that fail as it is."""

    tried: int = 0
    noticed: int = 0
    left_out: int = 0
    unnoticed: list[Unnoticed] = field(default_factory=list)
    untestable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Mutant:
    told: Unnoticed
    source: Source
    rules: tuple[Rule, ...]
    #: Makes the `when` of the one rule anew, or the lists of several. A list of 100,000
    #: entries has as many changes: none of them is made before its turn.
    when: Callable[[], Node] | None = None
    nodes: tuple[Node, ...] = ()
    lists: Callable[[], Node] | None = None


#: The order in which the time is spent: what matters most comes first.
_ORDER = (Kind.CONDITION, Kind.NEGATION, Kind.ENTRY, Kind.ALTERNATIVE, Kind.LIST)


def mutate(
    compiled: Compiled,
    *,
    seconds: float = 60.0,
    on_progress: Callable[[int, int], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> MutationReport:
    """Try every change of every rule that has tests, as long as the time allows.

    `on_progress` is told how many of how many are done.
    """
    until = clock() + seconds
    report = MutationReport()
    places = written(compiled)
    sound: dict[str, Rule] = {}
    base = RuleSet(compiled, include_off=True)
    for rule in compiled.rules:
        expected = [True] * len(rule.match_tests) + [False] * len(rule.pass_tests)
        if not expected or rule.id not in places or outcomes(base, rule) != expected:
            report.untestable.append(rule.id)
        else:
            sound[rule.id] = rule
    mutants = [
        mutant for name, rule in sound.items() for mutant in _of_rule(rule, places[name])
    ] + list(_of_lists(compiled, sound, places))
    mutants.sort(key=lambda mutant: _ORDER.index(mutant.told.kind))
    for index, mutant in enumerate(mutants):
        if clock() >= until:
            report.left_out = len(mutants) - index
            break
        if on_progress:
            on_progress(index, len(mutants))
        seen = _noticed(mutant)
        if seen is None:
            continue
        report.tried += 1
        if seen:
            report.noticed += 1
        else:
            report.unnoticed.append(mutant.told)
    # A condition that can go unnoticed need not be told a second time, turned round.
    gone = {(u.rule, u.line, u.column, u.what) for u in report.unnoticed if u.kind == "condition"}
    report.unnoticed = sorted(
        (
            u
            for u in report.unnoticed
            if u.kind is not Kind.NEGATION or (u.rule, u.line, u.column, u.what) not in gone
        ),
        key=lambda u: (u.file, u.line, u.column, _ORDER.index(u.kind)),
    )
    return report


def _noticed(mutant: _Mutant) -> bool | None:
    """Whether a test comes out otherwise; None when the change is no rule at all."""
    if mutant.when is not None:
        nodes: tuple[Node, ...] = (bare_rule(mutant.rules[0], mutant.when()),)
    else:
        nodes = mutant.nodes
    changed = compile_nodes(mutant.source, nodes, lists=mutant.lists and mutant.lists())
    if changed.errors:
        return None
    ready = RuleSet(changed, include_off=True)
    return any(
        outcomes(ready, rule) != [True] * len(rule.match_tests) + [False] * len(rule.pass_tests)
        for rule in mutant.rules
    )


# ── One rule ────────────────────────────────────────────────────────────────────────


def _of_rule(rule: Rule, place: Written) -> Iterator[_Mutant]:
    when = place.when

    def mutant(
        kind: Kind, at: Node, what: str, new: Callable[[], Node], group: str = "", of: int = 0
    ) -> _Mutant:
        told = Unnoticed(kind, rule.id, rule.file, at.line, at.column, what, group, of)
        return _Mutant(told, place.source, (rule,), when=new)

    for path, mapping in _mappings(when, ()):
        for key, child in mapping.value.items():
            what = _shown(key, child)
            spot = node_of(None, at=child)
            spot.line, spot.column = mapping.keys.get(key, (child.line, child.column))
            others = {name: node for name, node in mapping.value.items() if name != key}
            rest = Node(others, mapping.line, mapping.column, mapping.keys)
            if key == "score" and isinstance(child.value, dict) and len(child.value) > 1:
                pass  # its labels are taken one by one
            elif others:
                yield mutant(Kind.CONDITION, spot, what, partial(replaced, when, path, rest))
            elif path and isinstance(path[-1], int) and len(at_path(when, path[:-1]).value) > 1:
                # The only condition of one of several mappings in a list.
                yield mutant(Kind.CONDITION, spot, what, partial(replaced, when, path, None))
            turned = _turned(mapping, rest, key)
            yield mutant(Kind.NEGATION, spot, what, partial(replaced, when, path, turned))
    for leaf in leaves(when):
        yield from _of_operators(mutant, when, leaf.path, leaf.key, leaf.node)
        entries = list(entries_of(leaf))
        for operator, inner, entry in entries:
            at = (*leaf.path, *inner)
            group = f"{leaf.key} {operator}"
            listed = inner and isinstance(inner[-1], int)
            if listed and len(at_path(when, at[:-1]).value) > 1:
                of = len(at_path(when, at[:-1]).value)
                new = partial(replaced, when, at, None)
                yield mutant(Kind.ENTRY, entry, entry.value, new, group, of)
            if operator == "regex":
                found = alternatives(entry.value)
                for told, without in found:
                    changed = node_of(without, at=entry)
                    new = partial(replaced, when, at, changed)
                    yield mutant(Kind.ALTERNATIVE, entry, told, new, group, len(found))


def _of_operators(
    mutant: Callable[..., _Mutant], when: Node, path: Path, key: str, node: Node
) -> Iterator[_Mutant]:
    """Each operator and modifier of a text condition left out, and each label of a score."""
    if len(path) > 1 and path[-2] == "score" and len(at_path(when, path[:-1]).value) > 1:
        yield mutant(Kind.CONDITION, node, _shown(key, node), partial(replaced, when, path, None))
    if key not in TEXT_FIELDS or not isinstance(node.value, dict):
        return
    operators = [name for name in node.value if name in OPERATORS]
    for name, child in node.value.items():
        if name not in operators or len(operators) > 1:
            what = f"{key}: {_shown(name, child)}"
            yield mutant(Kind.CONDITION, child, what, partial(replaced, when, (*path, name), None))


def _mappings(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    """The mappings of conditions at and below a node."""
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _mappings(child, (*path, index))
    elif isinstance(node.value, dict):
        yield path, node
        for key, child in node.value.items():
            if key in NESTING:
                yield from _mappings(child, (*path, key))


def _turned(mapping: Node, rest: Node, key: str) -> Node:
    """The mapping with one of its conditions turned round."""
    child = mapping.value[key]
    if key == "not":
        inner = child.value if isinstance(child.value, list) else [child]
        turned = node_of({"any": list(inner)}, at=child)
    else:
        turned = node_of({"not": node_of({key: child}, at=child)}, at=child)
    return node_of({"all": [rest, turned]}, at=mapping) if rest.value else turned


# ── Lists ───────────────────────────────────────────────────────────────────────────


def _of_lists(
    compiled: Compiled, sound: dict[str, Rule], places: dict[str, Written]
) -> Iterator[_Mutant]:
    """Each entry of each list of a file left out, for all rules that use the list."""
    for source in compiled.sources:
        root = source.root
        lists = root.value.get("lists") if root and isinstance(root.value, dict) else None
        if lists is None or not isinstance(lists.value, dict):
            continue
        for name, entries in lists.value.items():
            if not isinstance(entries.value, list) or len(entries.value) < 2:
                continue
            users = [
                rule
                for rule in sound.values()
                if places[rule.id].source is source and name in names_in(places[rule.id].when)
            ]
            nodes = tuple(bare_rule(rule, places[rule.id].when) for rule in users)
            for index, entry in enumerate(entries.value) if users else ():
                told = Unnoticed(
                    Kind.LIST,
                    users[0].id,
                    source.path,
                    entry.line,
                    entry.column,
                    str(entry.value),
                    f"@{name}",
                    len(entries.value),
                )
                fewer = partial(replaced, lists, (name, index), None)
                yield _Mutant(told, source, tuple(users), nodes=nodes, lists=fewer)


# ── Patterns ────────────────────────────────────────────────────────────────────────

_TOKEN = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|.", re.DOTALL)


def alternatives(pattern: str) -> list[tuple[str, str]]:
    """(the alternative, the pattern without it) for each `|` and its neighbours."""
    bounds: list[tuple[int, int, list[int]]] = []  # start and end of a group, its bars
    stack: list[tuple[int, list[int]]] = [(0, [])]
    for token in _TOKEN.finditer(pattern):
        sign = token[0]
        if sign == "(":
            head = re.compile(r"\((?:\?(?:P?<\w+>|[imsU-]*:))?").match(pattern, token.start())
            assert head is not None
            stack.append((head.end(), []))
        elif sign == ")" and len(stack) > 1:
            start, bars = stack.pop()
            bounds.append((start, token.start(), bars))
        elif sign == "|":
            stack[-1][1].append(token.start())
    bounds += [(start, len(pattern), bars) for start, bars in stack]
    found: list[tuple[int, str, str]] = []
    for start, end, bars in bounds:
        if not bars:
            continue
        cuts = [start - 1, *bars, end]
        for index in range(len(cuts) - 1):
            low, high = cuts[index] + 1, cuts[index + 1]
            # The bar before goes with the alternative, or the bar behind the first one.
            cut_from, cut_to = (low, high + 1) if index == 0 else (low - 1, high)
            found.append((low, pattern[low:high], pattern[:cut_from] + pattern[cut_to:]))
    return [(told, without) for _, told, without in sorted(found)]


def _shown(key: str, node: Node) -> str:
    """A condition in a few words, as it is written."""
    value = node.plain()
    if key in NESTING:
        return f"{key}: …"
    return f"{key}: {brief(value)}"
