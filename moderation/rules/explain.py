"""Why a rule matches a comment or does not: its conditions one by one, as written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from moderation.comments import Comment, Scores, Span
from moderation.errors import NotFoundError, UsageError
from moderation.rules.compile import Compiled, Rule, require_sound
from moderation.rules.evasion import Evasion
from moderation.rules.facts import Facts
from moderation.rules.match import RuleSet
from moderation.rules.patterns import Pattern
from moderation.rules.problems import did_you_mean
from moderation.rules.schema import OPERATORS, TEXT_FIELDS
from moderation.rules.source import Node
from moderation.rules.state import NOTHING_AROUND, Around
from moderation.rules.vocabulary import vocabulary
from moderation.rules.written import (
    NESTING,
    Written,
    bare_rule,
    compile_nodes,
    node_of,
    written,
)
from moderation.text import View


@dataclass(frozen=True, slots=True)
class Part:
    """One condition and what it comes to: True, False, or None for unknown.

    `what` is the condition as written, `found` what the comment has there, `reading` how
    a disguised place was read. A part with `parts` joins them; `joined` says how (`all`,
    `any`, `none`). All texts quote the rule file and the comment.
    """

    what: str
    value: bool | None
    line: int
    column: int
    field: str = ""
    found: str = ""
    spans: tuple[Span, ...] = ()
    reading: str = ""
    joined: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """`matched` is what the whole rule comes to; `views` are (name, text) of the ways
    in which the comment's text is read, the first as it was written."""

    rule: Rule
    matched: bool | None
    reason: str
    part: Part
    views: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def explain(
    compiled: Compiled,
    name: str,
    comment: Comment,
    scores: Scores,
    around: Around = NOTHING_AROUND,
) -> Explanation:
    """Hold one rule against one comment.

    Raises:
        RuleError: the files have errors.
        UsageError: there is no rule of this id.
    """
    require_sound(compiled)
    rule = next((rule for rule in compiled.rules if rule.id == name), None)
    if rule is None:
        raise UsageError(
            f"there is no rule '{name}'",
            hint=did_you_mean(name, [rule.id for rule in compiled.rules][:200]),
        )
    place = written(compiled).get(name)
    if place is None:
        raise NotFoundError(f"the rule '{name}' is not in a file that can be read again")
    tried = _Tried(place, rule, comment, scores, around)
    flag = tried.flag
    matched = True if flag else None if tried.undecided else False
    return Explanation(
        rule,
        matched,
        flag.reason if flag else "",
        tried.part,
        tuple(_views(comment.text, tried.patterns)),
        tuple(_notes(rule)),
    )


class _Tried:
    """The rule and each of its conditions as rules of their own, all run at once."""

    def __init__(
        self, place: Written, rule: Rule, comment: Comment, scores: Scores, around: Around
    ) -> None:
        self._rule = rule.id
        self._facts = Facts(comment, scores, around=around)
        self._asked: list[Node] = []
        # Put together first, then run all at once, then told.
        plan = self._mapping(place.when)
        kept = {
            key: node
            for key, node in place.node.value.items()
            if key not in ("status", "expires", "tests")
        }
        whole = Node(kept, place.node.line, place.node.column, place.node.keys)
        compiled = compile_nodes(place.source, [whole, *self._asked])
        flags, undecided = RuleSet(compiled, include_off=True).match(comment, scores, around)
        self._flags = {flag.rule: flag for flag in flags}
        self._undecided = frozenset(undecided)
        self.flag = self._flags.get(rule.id)
        self.undecided = rule.id in self._undecided
        self.part = plan()
        self.patterns = [
            pattern for field, pattern in compiled.tests if field in ("text", "unquoted")
        ]

    def _mapping(self, node: Node) -> Callable[[], Part]:
        plans: list[Callable[[], Part]] = []
        for key, child in node.value.items():
            place = node.keys.get(key, (child.line, child.column))
            if key in NESTING:
                inner = child.value if isinstance(child.value, list) else [child]
                joined = {"any": "any", "all": "all", "not": "none"}[key]
                plans.append(_join(key, joined, place, [self._mapping(each) for each in inner]))
            elif key == "score" and isinstance(child.value, dict):
                plans += [
                    self._leaf(
                        f"score.{label}",
                        comparison,
                        node_of({"score": {label: comparison}}, at=comparison),
                        child.keys.get(label, place),
                    )
                    for label, comparison in child.value.items()
                ]
            elif key in TEXT_FIELDS:
                plans.append(self._text(key, child, place))
            else:
                plans.append(self._leaf(key, child, node_of({key: child}, at=child), place))
        if len(plans) == 1:
            return plans[0]
        return _join("all", "all", (node.line, node.column), plans)

    def _text(self, key: str, node: Node, place: tuple[int, int]) -> Callable[[], Part]:
        """A text condition, its operators and its patterns each for itself."""
        if not isinstance(node.value, dict):
            return self._leaf(key, node, node_of({key: node}, at=node), place)
        operators = {name: child for name, child in node.value.items() if name in OPERATORS}
        modifiers = {name: child for name, child in node.value.items() if name not in OPERATORS}
        plans = []
        for name, child in operators.items():
            spot = node.keys.get(name, place)
            split = name == "regex" and isinstance(child.value, list) and len(child.value) > 1
            inner = [
                self._leaf(
                    key,
                    each,
                    node_of({key: {name: each, **modifiers}}, at=each),
                    (each.line, each.column) if split else spot,
                    f"{key}: {name}: {brief(each.plain())}",
                )
                for each in (child.value if split else [child])
            ]
            plans.append(_join(f"{key}: {name}", "any", spot, inner) if split else inner[0])
        return plans[0] if len(plans) == 1 else _join(key, "all", place, plans)

    def _leaf(
        self, key: str, node: Node, when: Node, place: tuple[int, int], what: str = ""
    ) -> Callable[[], Part]:
        name = f"part-{len(self._asked)}"
        self._asked.append(bare_rule(name, when))

        def part() -> Part:
            flag = self._flags.get(name)
            value = True if flag else None if name in self._undecided else False
            return Part(
                what or f"{key}: {brief(node.plain())}",
                value,
                *place,
                field=flag.field if flag else key if key in TEXT_FIELDS else "",
                found=self._found(key, value),
                spans=flag.spans if flag else (),
                reading=flag.reading if flag else "",
            )

        return part

    def _found(self, key: str, value: bool | None) -> str:
        """What the comment has where the condition looks; `unknown` where it says nothing."""
        facts = self._facts
        try:
            if key in TEXT_FIELDS:
                text = facts.field(key)
                return "" if key == "text" else "unknown" if text is None else repr(text)
            if key.startswith(("is_", "author.is_")):
                said = facts.yes_no(key)
                return "unknown" if said is None else str(said).lower()
            number = facts.number(key)
        except (KeyError, AssertionError):
            return "unknown" if value is None else ""
        return "unknown" if number is None else f"{number:g}"


def _join(
    what: str, joined: str, place: tuple[int, int], plans: list[Callable[[], Part]]
) -> Callable[[], Part]:
    def part() -> Part:
        parts = tuple(plan() for plan in plans)
        return Part(what, _joined(joined, parts), *place, joined=joined, parts=parts)

    return part


def _joined(how: str, parts: tuple[Part, ...]) -> bool | None:
    """Kleene's logic, as the matcher has it."""
    values = [part.value for part in parts]
    if how == "all":
        return False if False in values else None if None in values else True
    either = True if True in values else None if None in values else False
    if how == "any":
        return either
    return None if either is None else not either


def _views(text: str, patterns: Iterable[Pattern]) -> Iterator[tuple[str, str]]:
    """The ways a text is read by a rule with these patterns, each only where it differs."""
    yield "as written", text
    view = View(text)
    seen = {text, view.text}
    if view.text != text:
        yield "folded", view.text
    asking = [pattern for pattern in patterns if pattern.evasion != "off" and not pattern.keep_case]
    for strict in (False, True):
        words = [pattern for pattern in asking if (pattern.evasion == "strict") or not strict]
        if not words:
            continue
        for reading in Evasion(partial(vocabulary, words), strict=strict).readings(view):
            if reading.text not in seen:
                seen.add(reading.text)
                yield "strictly undisguised" if strict else "undisguised", reading.text


def _notes(rule: Rule) -> Iterator[str]:
    if rule.status.value != "live":
        yield f"the rule's status is {rule.status.value}"
    if rule.expires is not None:
        yield f"the rule runs until {rule.expires.isoformat()}"


def brief(value: object) -> str:
    """A value as rule files write it, long lists and texts cut."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {brief(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        first = ", ".join(brief(inner) for inner in value[:4])
        return f"[{first}, … {len(value):,} in all]" if len(value) > 4 else f"[{first}]"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 70 else text[:69] + "…"
