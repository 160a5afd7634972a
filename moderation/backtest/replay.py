"""Stored comments through one or two versions of the rules.

The store is read in pages, in the order in which the comments came, with the scores
that it keeps: no model runs, and memory holds one page whatever the size of the store.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from moderation.backtest import workers
from moderation.backtest.authors import Authors
from moderation.backtest.tally import Counts, RuleTally, Tally, Verdicts
from moderation.backtest.timing import SAMPLE, time_rules
from moderation.comments import Assessment, Status, Verdict
from moderation.rules import Compiled, RuleSet
from moderation.rules.conditions import StateTest, inside
from moderation.store import Store, reading
from moderation.store.rows import Stored

#: Comments read at a time.
_PAGE = 500
#: Characters of a comment that a change keeps, and how many of them before the match.
_QUOTED, _LEAD = 200, 60
#: Statuses that no person has settled: the rules alone say whether these wait.
_OPEN = (Status.PENDING, Status.CLEAR)


@dataclass(frozen=True, slots=True)
class Change:
    """One comment that two versions see differently. `rules` are those that say so."""

    ref: str
    before: Verdict
    after: Verdict
    status: Status
    rules: tuple[str, ...]
    excerpt: str


@dataclass(slots=True)
class Changes:
    """All changes of one kind, counted; the latest of them kept."""

    total: Verdicts
    kept: deque[Change]


class Version:
    """One version of the rules. `waiting` is how long the queue would be under it."""

    def __init__(self, rules: RuleSet, authors: Authors | None = None) -> None:
        self.policy = rules.fingerprint
        self.tally = Tally(rules.rules)
        self.waiting = 0
        self._rules = rules
        self._history = rules.history(authors)

    def judge(self, each: Stored) -> Assessment:
        comment = each.assessment.comment
        around = self._history.around(comment)
        if comment.created is not None:
            # As it was when the comment came, which is when a site has it judged.
            around = replace(around, now=comment.created)
        found = self._rules.assess(comment, each.assessment.scores, around=around)
        self.tally.add(found.flags, found.undecided, each.status)
        if found.verdict.needs_review:
            self.tally.flagged.add(each.status)
            self.waiting += each.status in _OPEN
        return found

    @property
    def rules(self) -> list[RuleTally]:
        return list(self.tally.by_id.values())

    @property
    def flagged(self) -> Verdicts:
        return self.tally.flagged


@dataclass(slots=True)
class Result:
    """`against` and the three kinds of changes are empty without a version to compare."""

    since: datetime | None
    version: Version
    against: Version | None
    newly: Changes
    no_longer: Changes
    #: Flagged by both, and not with the same verdict.
    altered: Changes
    comments: int = 0
    #: All comments by what people decided on them.
    statuses: Counter[Status] = field(default_factory=Counter)
    #: Comments that wait today.
    waiting: int = 0


def select(store: Store, since: datetime | None = None) -> array[int]:
    """Which comments a `replay` is to run on."""
    with store.read() as conn:
        return reading.timeline(conn, since)


def replay(
    store: Store,
    selected: array[int],
    rules: Compiled,
    against: Compiled | None = None,
    *,
    since: datetime | None = None,
    keep: int = 50,
    on_progress: Callable[[int], object] = lambda count: None,
) -> Result:
    """Run the rules on the selected comments; `keep` changes of each kind are quoted.

    `on_progress` is told after each page how many comments are through.

    Raises:
        RuleError: the rules have errors.
        StoreError: the database cannot be read.
    """
    versions = [RuleSet(each) for each in (rules, against) if each is not None]
    processes = 1 if any(map(_remembers, versions)) else workers.count(len(selected))
    if processes == 1:
        asked = any(each.asks_for_authors for each in versions)
        authors = Authors(store, since) if asked else None
        result = _result(versions, since, keep, authors)
        for page in _pages(store, selected):
            _judge(result, page, authors)
            on_progress(result.comments)
    else:
        result = _result(versions, since, keep, None)
        work = partial(_part, store.path, versions, keep)
        for part in workers.spread(selected, processes, work):
            _absorb(result, part)
            on_progress(result.comments)
    for version in filter(None, (result.version, result.against)):
        version.tally.finish()
    step = max(1, len(selected) // SAMPLE)
    with store.read() as conn:
        sample = reading.numbered(conn, selected[::step][:SAMPLE])
    time_rules(
        rules,
        result.version.rules,
        [(each.assessment.comment, each.assessment.scores) for each in sample],
    )
    return result


def _remembers(rules: RuleSet) -> bool:
    """Whether a comment's result depends on those before it."""
    return rules.asks_for_authors or any(
        isinstance(node, StateTest) for rule in rules.rules for node in inside(rule.condition)
    )


def _result(
    versions: Sequence[RuleSet], since: datetime | None, keep: int, authors: Authors | None
) -> Result:
    newly, no_longer, altered = (Changes(Verdicts(), deque(maxlen=keep)) for _ in range(3))
    new, *old = (Version(rules, authors) for rules in versions)
    return Result(since, new, old[0] if old else None, newly, no_longer, altered)


def _judge(result: Result, page: Sequence[Stored], authors: Authors | None = None) -> None:
    for each in page:
        result.comments += 1
        result.statuses[each.status] += 1
        result.waiting += each.status is Status.PENDING
        after = result.version.judge(each)
        if result.against:
            _compare(result, each, result.against.judge(each), after)
        if authors:
            authors.add(each.assessment.comment, each.status)


class _Part(NamedTuple):
    """A result as one process hands it to another."""

    comments: int
    statuses: Counter[Status]
    waiting: int
    versions: list[tuple[int, Counts]]
    changes: list[Changes]


def _part(path: Path, versions: Sequence[RuleSet], keep: int, share: array[int]) -> _Part:
    result = _result(versions, None, keep, None)
    # A connection must not be carried over a fork.
    with Store.open(path, create=False, read_only=True) as store:
        for page in _pages(store, share):
            _judge(result, page)
    judged = filter(None, (result.version, result.against))
    return _Part(
        result.comments,
        result.statuses,
        result.waiting,
        [(version.waiting, version.tally.counts()) for version in judged],
        [result.newly, result.no_longer, result.altered],
    )


def _absorb(result: Result, part: _Part) -> None:
    result.comments += part.comments
    result.statuses.update(part.statuses)
    result.waiting += part.waiting
    versions = filter(None, (result.version, result.against))
    for version, (waiting, counts) in zip(versions, part.versions, strict=True):
        version.waiting += waiting
        version.tally.absorb(counts)
    kinds = (result.newly, result.no_longer, result.altered)
    for changes, others in zip(kinds, part.changes, strict=True):
        changes.total.absorb(others.total)
        changes.kept.extend(others.kept)


def _pages(store: Store, selected: array[int]) -> Iterator[list[Stored]]:
    """The database is not held between pages: a scan may write meanwhile."""
    for start in range(0, len(selected), _PAGE):
        with store.read() as conn:
            page = reading.numbered(conn, selected[start : start + _PAGE])
        yield page


def _compare(result: Result, each: Stored, before: Assessment, after: Assessment) -> None:
    if before.verdict is after.verdict:
        return
    was, now = before.verdict.needs_review, after.verdict.needs_review
    if now and not was:
        kind, telling, other = result.newly, after, before
    elif was and not now:
        kind, telling, other = result.no_longer, before, after
    elif was:
        kind, telling, other = result.altered, after, before
    else:
        return  # passed, or approved by a rule: nobody sees either
    kind.total.add(each.status)
    if kind.kept.maxlen == 0:
        return
    known = {(flag.rule, flag.version) for flag in other.flags if flag.live}
    flags = [flag for flag in telling.flags if flag.live]
    # Where every rule is in both, a rule of approval or a priority made the difference.
    behind = [flag for flag in flags if (flag.rule, flag.version) not in known] or flags
    text = each.assessment.comment.text
    first = next((flag.spans[0] for flag in behind if flag.spans and flag.field == "text"), None)
    start = max(0, first.start - _LEAD) if first else 0
    kind.kept.append(
        Change(
            ref=each.ref,
            before=before.verdict,
            after=after.verdict,
            status=each.status,
            rules=tuple(flag.rule for flag in behind),
            excerpt=("…" if start else "") + text[start : start + _QUOTED],
        )
    )
