"""What reports of the whole need: counts of everything, and the worst comments only.

Both stay small however many comments come.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from moderation.comments import Action, Assessment, Severity, Verdict
from moderation.reports.base import ShowText, Write, findings

#: Columns of a histogram of scores.
BINS = 20
#: Different threads and days that are counted; texts and dates can be made up endlessly.
MAX_THREADS = 10_000
MAX_DAYS = 10_000


@dataclass
class RuleCount:
    """How often a rule spoke against a comment, and what it then asks for."""

    rule: str
    title: str
    action: Action
    severity: Severity
    comments: int = 0


@dataclass
class ThreadCount:
    title: str
    comments: int = 0
    flagged: int = 0


@dataclass
class Tally:
    """Counts over all comments of a report. Names in it are untrusted."""

    comments: int = 0
    rules: dict[str, RuleCount] = field(default_factory=dict)
    #: Label -> comments in each of `BINS` equal parts of 0..1.
    scores: dict[str, list[int]] = field(default_factory=dict)
    threads: dict[str, ThreadCount] = field(default_factory=dict)
    #: Day -> comments of each verdict.
    days: dict[date, Counter[Verdict]] = field(default_factory=dict)
    #: Comments whose thread or day came after there were too many to tell apart.
    beyond: int = 0

    def add(self, assessment: Assessment) -> None:
        comment = assessment.comment
        self.comments += 1
        for label, score in assessment.scores.items():
            bins = self.scores.get(label)
            if bins is None:
                bins = self.scores[label] = [0] * BINS
            bins[min(max(int(score * BINS), 0), BINS - 1)] += 1
        for flag in findings(assessment):
            count = self.rules.get(flag.rule)
            if count is None:
                title = flag.title or flag.rule
                count = RuleCount(flag.rule, title, flag.action, flag.severity)
                self.rules[flag.rule] = count
            count.comments += 1
        counted = True
        if comment.thread is not None:
            thread = self.threads.get(comment.thread.id)
            if thread is None and len(self.threads) < MAX_THREADS:
                title = comment.thread.title or comment.thread.url or comment.thread.id
                thread = self.threads[comment.thread.id] = ThreadCount(title[:500])
            if thread is not None:
                thread.comments += 1
                thread.flagged += assessment.verdict.needs_review
            counted = thread is not None
        if comment.created is not None:
            day = comment.created.date()
            verdicts = self.days.get(day)
            if verdicts is None and len(self.days) < MAX_DAYS:
                verdicts = self.days[day] = Counter()
            if verdicts is not None:
                verdicts[assessment.verdict] += 1
            counted = counted and verdicts is not None
        self.beyond += not counted


class Worst:
    """The gravest of any number of comments, as texts that are made when one gets in.

    By verdict, then severity, then the rules' priority, then the highest score; of equals
    those that came first. Of comments with one text and verdict the first is kept.
    """

    def __init__(self, limit: int, shown: Callable[[Assessment], str]) -> None:
        self._limit = limit
        self._shown = shown
        self._heap: list[tuple[tuple[float, ...], str, int]] = []
        #: For those in the heap, by a hash of text and verdict: how many came after.
        self._copies: dict[int, int] = {}
        #: Comments that need review, kept or not.
        self.seen = 0

    def add(self, assessment: Assessment) -> None:
        if not assessment.verdict.needs_review:
            return
        self.seen += 1
        same = hash((assessment.comment.text, assessment.verdict))
        if same in self._copies:
            self._copies[same] += 1
            return
        severity = assessment.severity.rank if assessment.severity else 0
        highest = max(assessment.scores.values(), default=0.0)
        key = (assessment.verdict.rank, severity, assessment.priority, highest, -self.seen)
        if len(self._heap) < self._limit:
            heapq.heappush(self._heap, (key, self._shown(assessment), same))
        elif key > self._heap[0][0]:
            *_, left = heapq.heapreplace(self._heap, (key, self._shown(assessment), same))
            del self._copies[left]
        else:
            return
        self._copies[same] = 0

    def texts(self) -> list[tuple[str, int]]:
        """The worst first, each with how many more have the same text and verdict."""
        return [(text, self._copies[same]) for _, text, same in sorted(self._heap, reverse=True)]


class Tallied:
    """What the reports that are written at the end have in common: the counts of all
    comments, and the worst of them one by one."""

    def __init__(
        self, write: Write, show_text: ShowText, limit: int, shown: Callable[[Assessment], str]
    ) -> None:
        self._write = write
        self._show_text = show_text
        self._tally = Tally()
        self._worst = Worst(limit, shown)

    def begin(self) -> None:
        pass

    def add(self, assessment: Assessment) -> None:
        self._tally.add(assessment)
        self._worst.add(assessment)
