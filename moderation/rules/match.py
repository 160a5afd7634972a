"""Rules against one comment: flags, undecided rules, and the policy's verdict."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from moderation.comments import (
    Action,
    Assessment,
    Comment,
    Flag,
    RuleStatus,
    Scores,
    Severity,
    Span,
    Verdict,
)
from moderation.rules.atoms import NeedsIndex
from moderation.rules.compile import Compiled, Rule, compile_paths, compile_text, require_sound
from moderation.rules.conditions import TextTest, inside
from moderation.rules.facts import Facts
from moderation.rules.patterns import Pattern, compile_pattern, places

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: A passage or a name quoted in a reason is cut to this many characters.
_QUOTED = 80


class RuleSet:
    """Compiled rules, ready to run; immutable, safe to share between threads."""

    def __init__(self, compiled: Compiled, *, include_off: bool = False) -> None:
        """Raises RuleError when the files have errors.

        `include_off` runs rules with `status: off` as well, for their tests.
        """
        require_sound(compiled)
        self.rules = tuple(
            rule for rule in compiled.rules if include_off or rule.status is not RuleStatus.OFF
        )
        self._tests = compiled.tests
        self._compiled: dict[int, Any] = {}
        groups: dict[tuple[str, bool], list[tuple[int, Pattern]]] = {}
        needed = _numbers(self.rules)
        for number, (field, pattern) in enumerate(compiled.tests):
            if number in needed:
                groups.setdefault((field, pattern.keep_case), []).append((number, pattern))
        self._groups = [
            (
                field,
                keep_case,
                NeedsIndex((number, pattern.needs) for number, pattern in patterns),
                [number for number, _ in patterns],
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
    def load(cls, paths: Iterable[Path]) -> RuleSet:
        """From files and folders. Raises InputError or RuleError."""
        return cls(compile_paths(paths))

    @classmethod
    def parse(cls, text: str) -> RuleSet:
        """From rule text. Raises RuleError."""
        return cls(compile_text(text))

    def assess(self, comment: Comment, scores: Scores, *, model: str = "none") -> Assessment:
        """Run every rule and let the policy decide."""
        flags, undecided = self.match(comment, scores)
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
        )

    def match(self, comment: Comment, scores: Scores) -> tuple[tuple[Flag, ...], tuple[str, ...]]:
        """Every rule that matches, strongest first, and the ids of those not decidable."""
        facts = Facts(comment, scores, self._pattern)
        candidates = set(self._always)
        for field, keep_case, needs, numbers in self._groups:
            if field == "link" and not facts.links:
                continue
            view = facts.view(field, keep_case)
            if view is None:
                # Tests on a field that the source lacks are unknown: look at their rules.
                worth: Iterable[int] = numbers
                facts.unknown.update(numbers)
            else:
                worth = needs.candidates(view.text)
                facts.worth.update(worth)
            for number in worth:
                candidates.update(self._gated.get(number, ()))
        flags: list[Flag] = []
        undecided: list[str] = []
        for index in sorted(candidates):
            rule = self.rules[index]
            value = rule.condition.evaluate(facts)
            if value:
                flags.append(self._flag(rule, facts))
            elif value is None:
                undecided.append(rule.id)
        flags.sort(key=lambda flag: (-flag.action.rank, -flag.severity.rank, flag.rule))
        return tuple(flags), tuple(undecided)

    def _flag(self, rule: Rule, facts: Facts) -> Flag:
        spans: dict[str, set[Span]] = {}
        for test in rule.condition.places(facts):
            view = facts.view(test.field, test.keep_case)
            assert view is not None
            found = places(self._pattern(test.number), self._tests[test.number][1].group, view)
            marked = spans.setdefault(test.field, set())
            if test.field == "link":
                named = {view.original[start:end] for start, end in found}
                marked.update(
                    Span(start, end, facts.comment.text[start:end])
                    for start, end, domain in facts.links
                    if any(domain == name or domain.endswith("." + name) for name in named)
                    or not named
                )
            else:
                marked.update(Span(start, end, view.original[start:end]) for start, end in found)
        # One field a flag: the comment's own text where anything in it matched.
        field = next(
            (name for name in ("text", "link", "title", "author") if spans.get(name)), "text"
        )
        ordered = tuple(sorted(spans.get(field, ())))
        return Flag(
            rule=rule.id,
            action=rule.action,
            severity=rule.severity,
            status=rule.status,
            reason=_reason(rule.reason, ordered, facts),
            priority=rule.priority,
            field=field,
            spans=ordered,
            version=rule.version,
            title=rule.description or rule.id,
        )

    def _pattern(self, number: int) -> Any:
        compiled = self._compiled.get(number)
        if compiled is None:
            compiled = self._compiled[number] = compile_pattern(self._tests[number][1])
        return compiled


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


def _reason(template: str, spans: tuple[Span, ...], facts: Facts) -> str:
    first = spans[0].text if spans else ""

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name in ("match", "author"):
            text = facts.field("author") or "unknown" if name == "author" else first
            return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
        value = facts.number(name)
        return "unknown" if value is None else f"{value:.2f}"

    return _PLACEHOLDER.sub(fill, template) if "{" in template else template


def _numbers(rules: Iterable[Rule]) -> set[int]:
    """Numbers of all text tests below these rules' conditions."""
    return {
        node.number
        for rule in rules
        for node in inside(rule.condition)
        if isinstance(node, TextTest)
    }
