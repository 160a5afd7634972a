"""Rules against one comment: flags, undecided rules, and the policy's verdict."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from moderation.comments import (
    Action,
    Assessment,
    AuthorRecord,
    Comment,
    Flag,
    RuleStatus,
    Scores,
    Severity,
    Span,
    Verdict,
)
from moderation.rules import cache
from moderation.rules.compiled import Compiled, Rule, require_sound
from moderation.rules.language.fields import COUNTS, PLACEHOLDER
from moderation.rules.matching.conditions import All, Condition, StateTest, TextTest, inside
from moderation.rules.matching.conditions import Any as AnyOf
from moderation.rules.matching.facts import Facts
from moderation.rules.matching.group import Group
from moderation.rules.matching.patterns import Pattern, compile_pattern, places
from moderation.rules.matching.state import NOTHING_AROUND, Around, History, Rate, Similar
from moderation.text import fold

#: A passage or a name quoted in a reason is cut to this many characters.
_QUOTED = 80
#: The fields that a flag marks, its first choice first.
_MARKED = ("text", "link", "title", "author")
_TYPOGRAPHY = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")


class RuleSet:
    """Compiled rules, ready to run; immutable, safe to share between threads."""

    def __init__(
        self, compiled: Compiled, *, include_off: bool = False, today: date | None = None
    ) -> None:
        """Raises RuleError when the files have errors.

        `include_off` runs rules that are off or expired as well, for their tests.
        """
        require_sound(compiled)
        today = today or date.today()
        #: All that another process needs to make the same.
        self._made_of = replace(compiled, sources=()), include_off, today
        #: Those of the files; `rules` are those that run.
        self.all_rules = compiled.rules
        self.rules = tuple(
            rule
            for rule in compiled.rules
            if include_off
            or (
                rule.status is not RuleStatus.OFF
                and (rule.expires is None or rule.expires >= today)
            )
        )
        self._tests = compiled.tests
        self._compiled: dict[int, Any] = {}
        groups: dict[tuple[str, bool], list[tuple[int, Pattern]]] = {}
        unquoted: set[int] = set()
        needed = _numbers(self.rules)
        for number, (field, pattern) in enumerate(compiled.tests):
            if number in needed:
                if field == "unquoted":
                    unquoted.add(number)
                    field = "text"
                groups.setdefault((field, pattern.keep_case), []).append((number, pattern))
        self._groups = [
            Group(
                *(field, keep_case, patterns),
                frozenset(number for number, _ in patterns if number in unquoted),
            )
            for (field, keep_case), patterns in groups.items()
        ]
        # Most rules can only match where one of their text tests does: these are
        # looked at only then, the others always.
        self._always: list[int] = []
        self._gated: dict[int, list[int]] = {}
        for index, rule in enumerate(self.rules):
            gate = rule.condition.gate
            if gate is None:
                self._always.append(index)
            else:
                for number in gate:
                    self._gated.setdefault(number, []).append(index)
        policy = sorted((rule.id, rule.version) for rule in self.rules)
        self.fingerprint = "rules@" + hashlib.sha256(repr(policy).encode()).hexdigest()[:12]

    @classmethod
    def load(cls, paths: Iterable[Path], note: Callable[[str], None] = lambda _: None) -> RuleSet:
        """From files and folders, through the cache, and so without the rules' own tests.
        `note` is told why the cache was of no use. Raises InputError or RuleError."""
        with _no_collections():
            return cls(cache.load(paths, note))

    @classmethod
    def parse(cls, text: str) -> RuleSet:
        """From rule text. Raises RuleError."""
        from moderation.rules.compile import compile_text

        return cls(compile_text(text))

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, self._made_of

    def history(
        self,
        authors: Callable[[Comment], AuthorRecord | None] | None = None,
        *,
        now: datetime | None = None,
    ) -> History:
        """A memory for one run, of what these rules ask about earlier comments. `now` is
        when comments and accounts are so old as rules ask; None: the present."""
        authors = authors if self.asks_for_authors else None
        return History(self.asks_for_others, authors=authors, now=now)

    @property
    def asks_for_others(self) -> frozenset[Rate | Similar]:
        """What these rules ask about earlier comments; where it is empty, the result for a
        comment depends on no other one."""
        return frozenset(
            node.test
            for rule in self.rules
            for node in inside(rule.condition)
            if isinstance(node, StateTest)
        )

    @property
    def asks_for_authors(self) -> bool:
        """Whether any rule asks what is known of an author."""
        return any(
            getattr(node, "name", "") in (*COUNTS, "author.is_new")
            for rule in self.rules
            for node in inside(rule.condition)
        )

    def assess(
        self,
        comment: Comment,
        scores: Scores,
        *,
        model: str = "none",
        around: Around = NOTHING_AROUND,
    ) -> Assessment:
        """Run every rule and let the policy decide."""
        flags, undecided = self.match(comment, scores, around)
        verdict, severity, priority = judge(flags)
        return Assessment(
            comment=comment,
            verdict=verdict,
            severity=severity,
            priority=priority,
            scores=scores,
            flags=flags,
            undecided=undecided,
            model=model,
            policy=self.fingerprint,
            unsupported=bool(around.unsupported),
        )

    def match(
        self, comment: Comment, scores: Scores, around: Around = NOTHING_AROUND
    ) -> tuple[tuple[Flag, ...], tuple[str, ...]]:
        """Every rule that matches, strongest first, and the ids of those not decidable."""
        facts = Facts(comment, scores, self._pattern, around)
        held, undecided = self._hold(facts)
        flags = [self._flag(self.rules[index], facts) for index in held]
        flags.sort(key=lambda flag: (-flag.action.rank, -flag.severity.rank, flag.rule))
        return tuple(flags), tuple(self.rules[index].id for index in undecided)

    def held(
        self, comment: Comment, scores: Scores, around: Around = NOTHING_AROUND
    ) -> tuple[list[int], list[int]]:
        """Which of `rules` match, and which are not decidable, by their places in it:
        for counting, since looking for the passages takes as long again."""
        return self._hold(Facts(comment, scores, self._pattern, around))

    def _hold(self, facts: Facts) -> tuple[list[int], list[int]]:
        candidates = set(self._always)
        for group in self._groups:
            if group.field == "link" and not facts.links:
                continue
            view = facts.view(group.field, group.keep_case)
            if view is None:
                # Tests on a field that the source lacks are unknown: look at their rules.
                worth: Iterable[int] = group.numbers
                facts.unknown.update(worth)
            else:
                worth = group.candidates(view, facts)
                facts.worth.update(worth)
            for number in worth:
                if number in self._gated:
                    candidates.update(self._gated[number])
        held: list[int] = []
        undecided: list[int] = []
        for index in sorted(candidates):
            value = self.rules[index].condition.evaluate(facts)
            if value:
                held.append(index)
            elif value is None:
                undecided.append(index)
        return held, undecided

    def _flag(self, rule: Rule, facts: Facts) -> Flag:
        spans: dict[str, set[Span]] = {}
        hits: dict[int, set[Span]] = {}
        reading = ""
        for test in rule.condition.places(facts):
            # What stands outside quotations stands in the text.
            field = "text" if test.field == "unquoted" else test.field
            original = facts.field(field) or ""
            found = self._places(test, facts)
            if field == "link":
                named = {original[start:end] for start, end, _ in found}
                marked = {
                    Span(start, end, facts.comment.text[start:end])
                    for start, end, domain in facts.links
                    if any(domain == name or domain.endswith("." + name) for name in named)
                    or not named
                }
            else:
                marked = {Span(start, end, original[start:end]) for start, end, _ in found}
                if not reading and (test.number in facts.disguised or not original.isascii()):
                    reading = _reading(original, found)
            hits[test.number] = hits.get(test.number, set()) | marked
            spans[field] = spans.get(field, set()) | marked
        # One field a flag: the comment's own text where anything in it matched.
        field = next((name for name in _MARKED if spans.get(name)), "text")
        ordered = tuple(sorted(spans.get(field, ())))
        return Flag(
            rule=rule.id,
            action=rule.action,
            severity=rule.severity,
            status=rule.status,
            reason=_reason(rule, ordered, hits, facts) + (f" ({reading})" if reading else ""),
            priority=rule.priority,
            field=field,
            spans=ordered,
            version=rule.version,
            title=rule.description or rule.id,
            reading=reading,
        )

    def _places(self, test: TextTest, facts: Facts) -> list[tuple[int, int, str]]:
        """Where a test that holds does so, in any reading."""
        view = facts.view(test.field, test.keep_case)
        assert view is not None
        pattern, compiled = self._tests[test.number][1], partial(self._pattern, test.number)
        found = places(pattern, view, compiled)
        for other in facts.disguised.get(test.number, ()):
            found += places(pattern, other, compiled)
        return found

    def _pattern(self, number: int) -> Any:
        compiled = self._compiled.get(number)
        if compiled is None:
            compiled = self._compiled[number] = compile_pattern(self._tests[number][1])
        return compiled


def _again(compiled: Compiled, include_off: bool, today: date) -> RuleSet:
    return RuleSet(compiled, include_off=include_off, today=today)


@contextmanager
def _no_collections() -> Iterator[None]:
    """While so much is made that stays, looking for garbage takes longer than the work."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def judge(flags: Iterable[Flag]) -> tuple[Verdict, Severity | None, int]:
    """Verdict, severity and priority of a comment with these flags.

    The strongest live action wins; an `approve` rule sets aside the rules of lower
    priority. Severity and priority are the highest of those that then count.
    """
    live = [flag for flag in flags if flag.live]
    approvals = [flag.priority for flag in live if flag.action is Action.APPROVE]
    ceiling = max(approvals, default=None)
    counted = [
        flag
        for flag in live
        if flag.action is not Action.APPROVE and (ceiling is None or flag.priority >= ceiling)
    ]
    if not counted:
        return (Verdict.PASS if ceiling is None else Verdict.APPROVE), None, ceiling or 0
    strongest = max(counted, key=lambda flag: flag.action.rank)
    return (
        Verdict(strongest.action.value),
        max((flag.severity for flag in counted), key=lambda severity: severity.rank),
        max(flag.priority for flag in counted),
    )


def _reading(original: str, found: Iterable[tuple[int, int, str]]) -> str:
    """`FÜСК read as fuck`, of the first passage that is not simply what it was read as."""
    for start, end, read in found:
        written = original[start:end]
        if " ".join(fold(written).split()) != " ".join(read.lower().split()) or (
            not written.isascii() and _plain(written) != _plain(read)
        ):
            return f"{_cut(written)} read as {_cut(read)}"
    return ""


def _plain(text: str) -> str:
    """As typed: case and the usual typographic signs apart."""
    return text.lower().translate(_TYPOGRAPHY)


def _cut(text: str) -> str:
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


def _reason(rule: Rule, spans: tuple[Span, ...], hits: dict[int, set[Span]], facts: Facts) -> str:
    template = rule.reason
    if "{" not in template:
        return template

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name == "match":
            # The flagged passage: what only narrows a rule down comes later in it.
            leading = {span for test in _leading(rule.condition, facts) for span in hits[test]}
            first = min(leading.intersection(spans), default=spans[0] if spans else None)
            return _cut(first.text) if first else ""
        if name in ("author", "title"):
            return _cut(facts.field(name) or "unknown")
        value = facts.number(name)
        if value is None:
            return "unknown"
        return f"{value:g}" if value.is_integer() and "score" not in name else f"{value:.2f}"

    return PLACEHOLDER.sub(fill, template)


def _leading(condition: Condition, facts: Facts) -> list[int]:
    """Numbers of the text tests of a rule's first text condition: of conditions that must
    all hold the first one that looks at a text, of alternatives those that hold."""
    if isinstance(condition, TextTest):
        return [condition.number]
    if isinstance(condition, All):
        each = (_leading(part, facts) for part in condition.parts)
        return next(filter(None, each), [])
    if isinstance(condition, AnyOf):
        held = (part for part in condition.parts if part.evaluate(facts))
        return [number for part in held for number in _leading(part, facts)]
    return []


def _numbers(rules: Iterable[Rule]) -> set[int]:
    """Numbers of all text tests below these rules' conditions."""
    return {
        node.number
        for rule in rules
        for node in inside(rule.condition)
        if isinstance(node, TextTest)
    }
