"""Why a rule matches a comment or does not: its conditions one by one, as written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from moderation.comments import Comment, Scores, Span
from moderation.errors import NotFoundError, UsageError
from moderation.rules.authoring.unknown import why_unknown
from moderation.rules.authoring.written import (
    NESTING,
    Written,
    bare_rule,
    brief,
    compile_nodes,
    node_of,
    written,
)
from moderation.rules.compiled import Compiled, Rule, require_sound
from moderation.rules.language.fields import AGES, COUNTS, MEASURES, OPERATORS, TEXT_FIELDS, YES_NO
from moderation.rules.language.source import Node
from moderation.rules.match import RuleSet
from moderation.rules.matching.conditions import StateTest
from moderation.rules.matching.evasion import Evasion
from moderation.rules.matching.facts import Facts
from moderation.rules.matching.patterns import Pattern
from moderation.rules.matching.state import NOTHING_AROUND, Around, Rate, Similar
from moderation.rules.matching.vocabulary import vocabulary
from moderation.rules.problems import did_you_mean
from moderation.text import View


@dataclass(frozen=True, slots=True)
class Part:
    """One condition and what it comes to: True, False, or None for unknown.

    `what` is the condition as written, `found` what the comment has there (for `rate`
    and `similar` what was counted), `why` why that is not known, `reading` how a
    disguised place was read. A part with `parts` joins them; `joined` says how (`all`,
    `any`, `none`). All texts quote the rule file and the comment.
    """

    what: str
    value: bool | None
    line: int
    column: int
    field: str = ""
    found: str = ""
    why: str = ""
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
    *,
    closest: Mapping[Similar, float] | None = None,
) -> Explanation:
    """Hold one rule against one comment.

    `closest` says for each `similar` how alike (0 to 1) the closest other text of its
    window is, where that is known.

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
    tried = _Tried(place, rule, Facts(comment, scores, around=around), closest or {})
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
        self, place: Written, rule: Rule, facts: Facts, closest: Mapping[Similar, float]
    ) -> None:
        self._facts = facts
        self._closest = closest
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
        rules = RuleSet(compiled, include_off=True)
        flags, undecided = rules.match(facts.comment, facts.scores, facts.around)
        self._states = {
            rule.id: rule.condition.test
            for rule in compiled.rules
            if isinstance(rule.condition, StateTest)
        }
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
            facts, test = self._facts, self._states.get(name)
            return Part(
                what or f"{key}: {brief(node.plain())}",
                value,
                *place,
                field=flag.field if flag else key if key in TEXT_FIELDS else "",
                found=self._found(key, test),
                why=why_unknown(key, facts.comment, facts.around, test) if value is None else "",
                spans=flag.spans if flag else (),
                reading=flag.reading if flag else "",
            )

        return part

    def _found(self, key: str, test: Rate | Similar | None) -> str:
        """What the comment has where the condition looks; empty where it says nothing."""
        facts = self._facts
        if test is not None:
            seen = facts.seen(test)
            return "" if seen is None else self._counted(test, *seen)
        if key in TEXT_FIELDS:
            text = None if key == "text" else facts.field(key)
            return "" if text is None else repr(text)
        if key in YES_NO:
            said = facts.yes_no(key)
            return "" if said is None else str(said).lower()
        if key in (*MEASURES, *AGES, *COUNTS) or key.startswith("score."):
            number = facts.number(key)
            return "" if number is None else f"{number:g}"
        return ""

    def _counted(self, test: Rate | Similar, count: int, authors: int) -> str:
        """How many of how many, by whom, within what time."""
        comment, within = self._facts.comment, f"within {_duration(test.per)}"
        if isinstance(test, Rate):
            who = comment.author.name if comment.author else ""
            where = comment.thread.id if comment.thread else ""
            by = {"author": f"by {who!r}", "thread": f"in the thread {where!r}"}
            return f"{count} of {test.count} {by.get(test.by, 'with this text')} {within}"
        asked = f"{authors} of {test.authors}" if test.authors > 1 else str(authors)
        people = "author" if asked == "1" else "authors"
        told = f"{count} of {test.at_least} comments by {asked} {people} {within}"
        likeness = self._closest.get(test)
        if likeness is None:
            return told
        return f"{told}, the closest other one {likeness:.2f} alike of {test.likeness:g} asked"


def _duration(seconds: float) -> str:
    """`90 s`, `10 min`, `36 h`, `7 d`: in the largest unit that leaves no rest."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


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
