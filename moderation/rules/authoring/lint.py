"""Warnings: rule files that are valid and yet hardly what their author meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from moderation.comments import Comment, RuleStatus, Scores
from moderation.rules.authoring.asked import lacking
from moderation.rules.authoring.covers import covered
from moderation.rules.authoring.doubtful import doubts
from moderation.rules.authoring.testing import as_around, as_comment, as_scores
from moderation.rules.authoring.written import (
    Leaf,
    Written,
    bare_rule,
    compile_nodes,
    entries_of,
    leaves,
    written,
)
from moderation.rules.compiled import Compiled, Rule
from moderation.rules.language.fields import COUNTS
from moderation.rules.language.source import Node, Source
from moderation.rules.match import RuleSet
from moderation.rules.matching.atoms import COMMON
from moderation.rules.matching.conditions import TextTest, inside
from moderation.rules.matching.state import Around
from moderation.rules.problems import Level, Problem
from moderation.text import fold

#: What each warning is about, for lists of them.
TITLES = {
    "no-tests": "A rule without tests",
    "no-match-text": "A reason quotes a passage that nothing finds",
    "unused-list": "A list that no rule uses",
    "expired": "A rule that has run out",
    "covered": "A rule that another always covers",
    "same-tests": "Two rules that match the same tests",
    "common-word": "A word that is read as an everyday word",
    "never-known": "A condition on what the comments never have",
    "no-source": "A condition on what no input format can say",
    "never-matches": "A pattern that can hardly match",
    "ascii-boundary": "A word boundary beside letters that it does not know",
    "multi-line": "A pattern of lines that looks at the whole comment",
}

#: So common that a rule which finds them finds everything.
_EVERYDAY = COMMON | frozenset(
    (
        "after also back because come get go good just know on only our over see think time well "
        "der die das und ich nicht ein eine ist zu mit auf les des est pas que pour dans sur los "
        "las una por con para não uma и в не на я что он с как это по но они мы все"
    ).split()
)
#: Known only while comments go by in order, or from a store: their absence in a sample
#: says nothing about the source.
_OF_THE_RUN = frozenset((*COUNTS, "author.is_new", "rate", "similar"))


def lint(
    compiled: Compiled,
    *,
    sample: Sequence[tuple[Comment, Scores]] = (),
    fills: Mapping[str, frozenset[str]] | None = None,
    source: str | None = None,
    today: date | None = None,
) -> list[Problem]:
    """All problems of the files, errors and warnings, in the order of their places.

    `sample` are comments as the rules will meet them: conditions that all of them leave
    unknown are told. `fills` says which fields of a comment each input format can fill:
    told are conditions that none of them can decide, or that `source` cannot.
    """
    found = list(compiled.problems)
    sources = {source.path: source for source in compiled.sources}
    places = written(compiled)
    for rule in compiled.rules:
        for code, message, hint in _of_rule(rule, today or date.today()):
            found.append(_at(sources[rule.file], rule, code, message, hint))
    for rule, code, message, hint in _of_pairs(compiled):
        found.append(_at(sources[rule.file], rule, code, message, hint))
    found += _of_patterns(compiled, places)
    found += _of_words(compiled, places)
    found += _of_sample(compiled, places, sample)
    found += _of_formats(places, fills or {}, source)
    return sorted(set(found))


# ── One rule ────────────────────────────────────────────────────────────────────────


def _of_rule(rule: Rule, today: date) -> Iterator[tuple[str, str, str]]:
    lacking = [
        name
        for name, tests in (("match", rule.match_tests), ("pass", rule.pass_tests))
        if not tests
    ]
    if lacking and rule.status is not RuleStatus.OFF:
        yield (
            "no-tests",
            f"the rule '{rule.id}' has no `{'` and no `'.join(lacking)}` tests",
            "add `tests: {match: [a text it must find], pass: [one it must not]}`",
        )
    if "{match}" in rule.reason and not _has_text(rule):
        yield (
            "no-match-text",
            f"the reason of '{rule.id}' quotes {{match}}, but no text condition finds one",
            "name the score instead: {score.toxicity}",
        )
    if rule.expires is not None and rule.expires < today:
        yield (
            "expired",
            f"the rule '{rule.id}' has not run since {rule.expires.isoformat()}",
            "remove it, or give it another `expires`",
        )


def _has_text(rule: Rule) -> bool:
    # What stands under `not` marks nothing.
    return any(isinstance(node, TextTest) for node in inside(rule.condition, negated=False))


def _at(source: Source, rule: Rule, code: str, message: str, hint: str) -> Problem:
    line = source.lines[rule.line - 1] if 0 < rule.line <= len(source.lines) else ""
    column = len(line) - len(line.lstrip(" -")) + 1
    return _warning(source, (rule.line, column), code, message, hint)


def _warning(source: Source, place: tuple[int, int], code: str, message: str, hint: str) -> Problem:
    return replace(source.at(*place, code, message, hint), level=Level.WARNING)


# ── Two rules ───────────────────────────────────────────────────────────────────────


def _of_pairs(compiled: Compiled) -> Iterator[tuple[Rule, str, str, str]]:
    told: set[frozenset[str]] = set()
    for rule, other in covered(compiled):
        told.add(frozenset((rule.id, other.id)))
        yield (
            rule,
            "covered",
            f"'{rule.id}' adds nothing: '{other.id}' matches wherever it does, "
            f"and asks for {other.action.value}",
            f"remove it, or make it stronger or wider ('{other.id}' is in {other.file}, "
            f"line {other.line})",
        )
    if compiled.errors:
        return  # rules that cannot run have no results to compare
    for rule, other in _same_tests(compiled):
        if frozenset((rule.id, other.id)) not in told:
            yield (
                rule,
                "same-tests",
                f"'{rule.id}' and '{other.id}' match exactly the same tests",
                "add a test that tells them apart, or merge them",
            )


def _same_tests(compiled: Compiled) -> Iterator[tuple[Rule, Rule]]:
    """Rules of which each matches all tests that the other matches, of all rules' tests."""
    rules = RuleSet(compiled, include_off=True)
    matched: dict[str, set[int]] = {}
    cases = [case for rule in compiled.rules for case in (*rule.match_tests, *rule.pass_tests)]
    for number, case in enumerate(cases):
        flags, _ = rules.match(as_comment(case), as_scores(case), as_around(case))
        for flag in flags:
            matched.setdefault(flag.rule, set()).add(number)
    first: dict[frozenset[int], Rule] = {}
    for rule in compiled.rules:
        if rule.status is RuleStatus.OFF or not rule.match_tests:
            continue
        seen = frozenset(matched.get(rule.id, ()))
        if not seen:
            continue
        if seen in first:
            yield rule, first[seen]
        else:
            first[seen] = rule


# ── Patterns and words ──────────────────────────────────────────────────────────────


def _of_patterns(compiled: Compiled, places: dict[str, Written]) -> Iterator[Problem]:
    for rule in compiled.rules:
        place = places.get(rule.id)
        if place is None:
            continue
        texts = [case.text for case in (*rule.match_tests, *rule.pass_tests)]
        for leaf in leaves(place.when):
            for operator, _, entry in entries_of(leaf):
                if operator != "regex":
                    continue
                for code, message, hint in doubts(entry.value, texts):
                    at = (entry.line, entry.column)
                    yield _warning(place.source, at, code, message, hint)


def _of_words(compiled: Compiled, places: dict[str, Written]) -> Iterator[Problem]:
    """Words that fold to everyday ones (`𝒕𝒉𝒆`), unless it is the everyday word itself
    that is written there."""
    for place in places.values():
        for leaf in leaves(place.when):
            words = [entry for operator, _, entry in entries_of(leaf) if operator == "words"]
            yield from _everyday(place.source, words)
    for source in compiled.sources:
        root = source.root
        lists = root.value.get("lists") if root and isinstance(root.value, dict) else None
        for node in lists.value.values() if lists and isinstance(lists.value, dict) else ():
            if isinstance(node.value, list):
                yield from _everyday(source, node.value)


def _everyday(source: Source, entries: Iterable[Node]) -> Iterator[Problem]:
    for entry in entries:
        written_as = entry.value
        if not isinstance(written_as, str) or written_as.isascii():
            continue
        word = " ".join(fold(written_as).split())
        if word in _EVERYDAY and written_as.strip().casefold() != word:
            yield _warning(
                source,
                (entry.line, entry.column),
                "common-word",
                f"'{written_as}' is read as '{word}', which nearly every comment has",
                f"write '{word}' plainly if that is meant, else remove it",
            )


def _of_sample(
    compiled: Compiled, places: dict[str, Written], sample: Sequence[tuple[Comment, Scores]]
) -> Iterator[Problem]:
    """Conditions that no comment of the sample can decide."""
    if not sample:
        return
    around = Around(now=datetime.now(UTC))
    for source, listed in _by_source(places, lambda leaf: leaf.key not in _OF_THE_RUN):
        compiled = compile_nodes(source, [bare_rule(name, leaf.when) for name, _, leaf in listed])
        if compiled.errors:
            continue
        rules = RuleSet(compiled, include_off=True)
        unknown = {name for name, _, _ in listed}
        for comment, scores in sample:
            _, undecided = rules.match(comment, scores, around)
            unknown &= set(undecided)
            if not unknown:
                break
        for name, _, leaf in listed:
            if name in unknown:
                yield _warning(
                    source,
                    leaf.place,
                    "never-known",
                    f"none of {len(sample):,} stored comments says anything about '{leaf.key}', "
                    "so the condition is never decided",
                    "map a column to it, run a model, or leave the condition out",
                )


def _of_formats(
    places: dict[str, Written], fills: Mapping[str, frozenset[str]], source: str | None
) -> Iterator[Problem]:
    """Conditions that the comments of an input format never decide."""
    asked = [source] if source else list(fills)
    for place in places.values():
        for leaf in leaves(place.when):
            missing = [lacking(leaf, fills[name]) for name in asked]
            if not all(missing) or not missing:
                continue
            able = [name for name, filled in fills.items() if not lacking(leaf, filled)]
            who = f"`{source}` input never says" if source else "no input format can say"
            fewest: list[str] = min(missing, key=len)
            known = " and ".join(fewest)
            can = f"{', '.join(able)} input can" if able else "leave the condition out"
            yield _warning(
                place.source,
                leaf.place,
                "no-source",
                f"{who} a comment's {known}, so '{leaf.key}' is never decided",
                f"{can}; or leave the condition out" if able else can,
            )


def _by_source(
    places: dict[str, Written], wanted: Callable[[Leaf], bool]
) -> Iterator[tuple[Source, list[tuple[str, Written, Leaf]]]]:
    """The leaves of each file, with an id for each."""
    sources: dict[str, list[tuple[str, Written, Leaf]]] = {}
    for place in places.values():
        listed = sources.setdefault(place.source.path, [])
        for leaf in leaves(place.when):
            if wanted(leaf):
                listed.append((f"leaf-{len(listed)}", place, leaf))
    for listed in sources.values():
        if listed:
            yield listed[0][1].source, listed
