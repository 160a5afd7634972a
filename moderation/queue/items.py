"""The values that a queue speaks in."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from moderation.comments import Assessment, Choice, Comment, Decision, Status
from moderation.store.reading import RuleUse


@dataclass(frozen=True, slots=True)
class Item:
    """One comment as the queue holds it.

    `ref` is the short id to show and to type: the source's id where that is unique in
    the store, else the whole key. `version` grows with every change of the row;
    a decision names the version it was made on. `n` is the comment's number in this
    store. The text and author of a `purged` one were removed for good.
    """

    ref: str
    assessment: Assessment
    status: Status
    version: int
    decided_by: str | None = None
    skips: int = 0
    n: int = 0
    purged: bool = False

    @property
    def key(self) -> str:
        return self.assessment.comment.key

    @property
    def comment(self) -> Comment:
        return self.assessment.comment


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """What the store knows of an author: counts over all their comments, last decisions.

    A count that has come to `most` went no further, and `comments` only adds up what was
    counted; without a `most` all are whole.
    """

    comments: int = 0
    pending: int = 0
    approved: int = 0
    hidden: int = 0
    last: tuple[Decision, ...] = ()
    most: int | None = None

    def least(self, count: int) -> bool:
        """Whether there may be more than this count of theirs says."""
        return self.most is not None and count >= self.most


@dataclass(frozen=True, slots=True)
class Siblings:
    """The other replies to the same comment: the nearest ones before and after, in
    order, and how many there are on either side."""

    before: tuple[Item, ...] = ()
    after: tuple[Item, ...] = ()
    earlier: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """A comment's surroundings: ancestors from the root down, direct replies in order."""

    ancestors: tuple[Item, ...] = ()
    replies: tuple[Item, ...] = ()
    author: AuthorHistory = AuthorHistory()


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Comments to decide at once, each as it was when it was selected: sixteen bytes each.

    Its length is the count to show before. `partial` says that there may be more: only so
    many are compared in a search for like texts.
    """

    numbers: array[int]
    versions: array[int]
    partial: bool = False

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]], *, partial: bool = False) -> Selection:
        """From (number, version) pairs."""
        return cls(array("q", (n for n, _ in pairs)), array("q", (v for _, v in pairs)), partial)

    @classmethod
    def of_items(cls, items: Sequence[Item]) -> Selection:
        return cls.of([(item.n, item.version) for item in items])

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.numbers, self.versions, strict=True)


@dataclass(frozen=True, slots=True)
class Lost:
    """A comment that a bulk passed over: `why` in words, and who decided what, if anyone."""

    n: int
    key: str
    why: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Bulk:
    """What came of deciding many: the decisions in order, and what was passed over."""

    decisions: tuple[Decision, ...] = ()
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has a comment before them, since when, and until when unless it is renewed.
    `ours` is whether it is this very session."""

    n: int
    key: str
    moderator: str
    since: datetime
    until: datetime
    ours: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """Comments that were written since a marker, one's own among them; ask with `marker`
    the next time."""

    marker: int
    numbers: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A list of numbers brought up to date: as `numbers` would give it at the moment of
    `marker`, and which comments were written since the last time. Without any, it is the
    same list."""

    marker: int
    numbers: array[int]
    changed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike:
    """The other flagged comments that say `same`, letter for letter, or `near` it: how many
    there are of each status. `partial`: there may be more near ones than were compared."""

    same: dict[Status, int] = field(default_factory=dict)
    near: dict[Status, int] = field(default_factory=dict)
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far second opinions agree with the first: (first, second) choices counted."""

    pairs: dict[tuple[Choice, Choice], int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.pairs.values())

    @property
    def agreed(self) -> int:
        return sum(count for (first, second), count in self.pairs.items() if first is second)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: 1 for full agreement, 0 for what chance would give. None without
        opinions, and where chance alone must agree (everybody always chose the same)."""
        total = self.count
        if not total:
            return None
        firsts = dict.fromkeys(Choice, 0)
        seconds = dict(firsts)
        for (first, second), count in self.pairs.items():
            firsts[first] += count
            seconds[second] += count
        chance = sum(firsts[each] * seconds[each] for each in Choice) / total**2
        return None if chance == 1 else (self.agreed / total - chance) / (1 - chance)


@dataclass(frozen=True, slots=True)
class Statistics:
    """How it goes. Hours are in UTC and those without anything are left out.

    `made` are decisions that stand, by (hour, moderator, choice); `queued` what scans put
    into the queue by hour, `settled` what left it less what came back. `rules` by id, with
    how people decided on what they flag. `scores` counts, by status, the highest scores in
    twenty equal parts from 0 to 1.
    """

    counts: dict[Status, int]
    made: dict[tuple[datetime, str, Choice], int]
    queued: dict[datetime, int]
    settled: dict[datetime, int]
    rules: dict[str, RuleUse]
    scores: dict[Status, list[int]]
    agreement: Agreement

    def waiting(self) -> list[tuple[datetime, int]]:
        """How many waited at the end of each hour in which that changed, in order. Counted
        back from those that wait now: the last of them is right, whatever was purged."""
        found = []
        level = self.counts[Status.PENDING]
        for hour in sorted(self.queued.keys() | self.settled.keys(), reverse=True):
            came, went = self.queued.get(hour, 0), self.settled.get(hour, 0)
            if came or went:
                found.append((hour, level))
                level = max(0, level - came + went)
        return found[::-1]
