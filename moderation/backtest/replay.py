"""Stored comments through one or two versions of the rules.

The store is read in pages, in the order in which the comments came, with the scores
that it keeps: no model runs, and memory holds one page whatever the size of the store.
"""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from moderation.backtest import workers
from moderation.backtest.authors import Authors
from moderation.backtest.tally import Counts, Verdicts
from moderation.backtest.timing import SAMPLE, time_rules
from moderation.backtest.versions import Said, Version, Versions
from moderation.comments import Flag, Status, Verdict
from moderation.rules import Compiled, RuleSet
from moderation.rules.matching.conditions import StateTest, inside
from moderation.rules.matching.state import Around
from moderation.store import Store, reading
from moderation.store.reading import Judged

#: Comments read at a time.
_PAGE = 500
#: Characters of a comment that a change keeps, and how many of them before the match.
_QUOTED, _LEAD = 200, 60


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
    timed: bool = True,
    on_progress: Callable[[int], object] = lambda count: None,
) -> Result:
    """Run the rules on the selected comments; `keep` changes of each kind are quoted.

    `timed` also finds out what each rule costs, which takes a second or two. `on_progress`
    is told after each page how many comments are through.

    Raises:
        RuleError: the rules have errors.
        StoreError: the database cannot be read.
    """
    # The files stay here: processes need what was made of them.
    compiled = [replace(each, sources=()) for each in (rules, against) if each is not None]
    today = date.today()
    versions = Versions(compiled, today)
    run = _Run(versions, keep)
    processes = 1 if _remembers(versions.rules) else workers.count(len(selected))
    if processes == 1:
        if versions.rules.asks_for_authors:
            run.remember(Authors(store, since))
        for page in _pages(store, selected):
            run.judge(page)
            on_progress(run.comments)
    else:
        work = partial(_Worker, store.path, compiled, keep, today)
        for part in workers.spread(selected, processes, work):
            run.absorb(part)
            on_progress(run.comments)
    result = run.result(store, since)
    if not timed:
        return result
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


class _Difference(NamedTuple):
    """A comment that two versions see differently, before it is quoted. `behind` are the
    (id, version) of the rules that say so."""

    n: int
    before: Verdict
    after: Verdict
    behind: tuple[tuple[str, str], ...]
    around: Around


@dataclass(slots=True)
class _Kind:
    """All differences of one kind, counted; the latest of them kept."""

    total: Verdicts
    latest: deque[_Difference]


class _Part(NamedTuple):
    """A run as one process hands it to another."""

    comments: int
    statuses: Counter[Status]
    waiting: int
    versions: list[tuple[int, Counts]]
    kinds: list[_Kind]


class _Run:
    """Comments through the versions, one after the other."""

    def __init__(self, versions: Versions, keep: int) -> None:
        self.comments = 0
        self._versions = versions
        self._each = versions.counters()
        self._statuses: Counter[Status] = Counter()
        self._waiting = 0
        #: Newly flagged, no longer flagged, flagged otherwise.
        self._kinds = [_Kind(Verdicts(), deque(maxlen=keep)) for _ in range(3)]
        self.remember(None)

    def remember(self, authors: Authors | None) -> None:
        """From now on, keep in mind what the rules ask of earlier comments."""
        self._authors = authors
        self._history = self._versions.rules.history(authors)

    def judge(self, page: Sequence[Judged]) -> None:
        for each in page:
            comment, status = each.comment, each.status
            self.comments += 1
            self._statuses[status] += 1
            self._waiting += status is Status.PENDING
            around = self._history.around(comment)
            if comment.created is not None:
                # As it was when the comment came, which is when a site has it judged.
                around = Around(comment.created, around.seen, around.record)
            if each.unsupported:
                around = replace(around, unsupported=True)
            said = self._versions.judge(comment, each.scores, around)
            for version, own in zip(self._each, said, strict=True):
                version.count(own, status)
            if len(said) > 1:
                self._compare(each, around, new=said[0], old=said[1])
            if self._authors:
                self._authors.add(comment, status)

    def _compare(self, each: Judged, around: Around, *, new: Said, old: Said) -> None:
        if old.verdict is new.verdict:
            return
        was, now = old.verdict.needs_review, new.verdict.needs_review
        newly, no_longer, altered = self._kinds
        if now and not was:
            kind, telling, other = newly, new, old
        elif was and not now:
            kind, telling, other = no_longer, old, new
        elif was:
            kind, telling, other = altered, new, old
        else:
            return  # passed, or approved by a rule: nobody sees either
        kind.total.add(each.status)
        if kind.latest.maxlen == 0:
            return
        known = {(flag.rule, flag.version) for flag in other.flags if flag.live}
        flags = [(flag.rule, flag.version) for flag in telling.flags if flag.live]
        # Where every rule is in both, a rule of approval or a priority made the difference.
        behind = [flag for flag in flags if flag not in known] or flags
        kind.latest.append(_Difference(each.n, old.verdict, new.verdict, tuple(behind), around))

    def part(self) -> _Part:
        judged = [(each.waiting, each.tally.counts()) for each in self._each]
        return _Part(self.comments, self._statuses, self._waiting, judged, self._kinds)

    def absorb(self, part: _Part) -> None:
        self.comments += part.comments
        self._statuses.update(part.statuses)
        self._waiting += part.waiting
        for version, (waiting, counts) in zip(self._each, part.versions, strict=True):
            version.waiting += waiting
            version.tally.absorb(counts)
        for kind, other in zip(self._kinds, part.kinds, strict=True):
            kind.total.absorb(other.total)
            kind.latest.extend(other.latest)

    def result(self, store: Store, since: datetime | None) -> Result:
        for version in self._each:
            version.tally.finish()
        new, *old = self._each
        newly, no_longer, altered = (self._quoted(store, kind) for kind in self._kinds)
        return Result(
            since,
            new,
            old[0] if old else None,
            newly,
            no_longer,
            altered,
            comments=self.comments,
            statuses=self._statuses,
            waiting=self._waiting,
        )

    def _quoted(self, store: Store, kind: _Kind) -> Changes:
        """The comments themselves, read and matched once more: few of many are kept."""
        kept: deque[Change] = deque(maxlen=kind.latest.maxlen)
        for each in kind.latest:
            with store.read() as conn:
                found = reading.numbered(conn, [each.n])
            for stored in found:
                comment, scores = stored.assessment.comment, stored.assessment.scores
                flags, _ = self._versions.rules.match(comment, scores, each.around)
                behind = [flag for flag in flags if (flag.rule, flag.version) in each.behind]
                kept.append(
                    Change(
                        ref=stored.ref,
                        before=each.before,
                        after=each.after,
                        status=stored.status,
                        rules=tuple(flag.rule for flag in behind),
                        excerpt=_excerpt(comment.text, behind),
                    )
                )
        return Changes(kind.total, kept)


class _Worker:
    """Works on one share of the comments after the other, in a process of its own."""

    def __init__(self, path: Path, compiled: Sequence[Compiled], keep: int, today: date) -> None:
        self._path, self._keep = path, keep
        self._versions = Versions(compiled, today)
        self._store: Store | None = None

    def __call__(self, share: array[int]) -> _Part:
        # Opened here: a connection must not be carried over a fork.
        self._store = self._store or Store.open(self._path, create=False, read_only=True)
        run = _Run(self._versions, self._keep)
        for page in _pages(self._store, share):
            run.judge(page)
        return run.part()


def _pages(store: Store, selected: array[int]) -> Iterator[list[Judged]]:
    """The database is not held between pages: a scan may write meanwhile."""
    for start in range(0, len(selected), _PAGE):
        with store.read() as conn:
            page = reading.judged(conn, selected[start : start + _PAGE])
        yield page


def _excerpt(text: str, flags: Sequence[Flag]) -> str:
    """The text around the first passage in it that one of the flags marks."""
    first = next((flag.spans[0] for flag in flags if flag.spans and flag.field == "text"), None)
    start = max(0, first.start - _LEAD) if first else 0
    return ("…" if start else "") + text[start : start + _QUOTED]
