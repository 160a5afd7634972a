"""What a moderator sees of a store."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from moderation.comments import Decision, Status
from moderation.errors import UsageError
from moderation.queue import looking, order
from moderation.queue.items import (
    Agreement,
    Alike,
    Changes,
    Claim,
    Context,
    Followed,
    Item,
    Selection,
    Siblings,
    Statistics,
)
from moderation.store import chain, claims, clock, finding, groups, opinions, purging, reading, rows
from moderation.store.claims import Held
from moderation.store.filters import Filter, Sort

if TYPE_CHECKING:
    from moderation.store import Store

_EXPORTED_AT_ONCE = 500
#: From how much in common (0 to 1) texts are called alike.
_LIKENESS = 0.85
#: Everything that is pending.
WAITING = Filter()


class View:
    """The questions that one moderator asks of one store; nothing here changes anything.
    Use it from the thread that made it, but for `interrupt`.

    Every method raises StoreError when the database cannot be read, and CancelledError, a
    StoreError, when it was interrupted.
    """

    def __init__(self, store: Store, moderator: str) -> None:
        """
        Raises:
            UsageError: the moderator has no name; every decision bears one.
        """
        if not moderator.strip():
            raise UsageError("a moderator needs a name", hint="give one with --as NAME")
        self._store = store
        self.moderator = moderator
        #: Tells two programs of the same moderator apart, for claims.
        self._session = uuid4().hex

    def keys(
        self,
        *,
        status: Status | None = Status.PENDING,
        sort: Sort = "priority",
        filter: Filter | None = None,
    ) -> list[str]:
        """The keys of all items in order; of a long queue `numbers` are far smaller.

        `status=None` means every status but `clear`; a `filter` says its own. Skipped
        items come after the others. `priority` order: rule priority, verdict, severity,
        highest score (all descending), then oldest first. `rule` goes by the id of the
        first live rule, `author` by name.
        """
        with self._store.read() as conn:
            return finding.keys(conn, filter or _of(status), sort)

    def items(
        self,
        *,
        status: Status | None = Status.PENDING,
        sort: Sort = "priority",
        limit: int | None = None,
        offset: int = 0,
        filter: Filter | None = None,
    ) -> list[Item]:
        """The items of a page of `keys`."""
        return self.window(filter or _of(status), sort, offset, limit)

    def window(
        self,
        filter: Filter = WAITING,
        sort: Sort = "priority",
        offset: int = 0,
        limit: int | None = None,
    ) -> list[Item]:
        """The items from the `offset`-th on. By priority, oldest and newest the first of a
        million come at once; other orders and filters go through all that could match."""
        with self._store.read() as conn:
            return looking.numbered(conn, finding.numbers(conn, filter, sort, offset, limit))

    def numbers(
        self, filter: Filter = WAITING, sort: Sort = "priority", limit: int | None = None
    ) -> array[int]:
        """The comments' numbers in order, eight bytes each, for `load`: the whole of a list
        of which only what is seen is read. An item's place is `numbers.index(item.n)`."""
        with self._store.read() as conn:
            return finding.numbers(conn, filter, sort, 0, limit)

    def follow(
        self,
        listed: array[int],
        marker: int,
        filter: Filter = WAITING,
        sort: Sort = "priority",
        most: int = 300,
    ) -> Followed | None:
        """What `numbers` would give now, from what it gave and the `marker` from before
        that. A millisecond or a few for each comment that was written since,
        in a list of a million; None when those are more than `most`."""
        with self._store.read() as conn:
            return order.follow(conn, listed, marker, filter, sort, most)

    def means(self, filter: Filter, number: int) -> bool:
        """Whether the filter means this comment."""
        with self._store.read() as conn:
            return bool(finding.among(conn, [number], filter, "priority"))

    def load(self, numbers: Sequence[int]) -> list[Item]:
        """The items with these numbers in this order; one that is gone is left out."""
        with self._store.read() as conn:
            return looking.numbered(conn, numbers)

    def count(self, filter: Filter = WAITING) -> int:
        """How many comments the filter means."""
        with self._store.read() as conn:
            return finding.count(conn, filter)

    def fetch(self, keys: Sequence[str]) -> list[Item]:
        """The items of these keys in this order; a key that is gone is left out."""
        with self._store.read() as conn:
            return looking.keyed(conn, keys)

    def item(self, ref: str) -> Item:
        """The item with this short id or key, whatever its status.

        Raises:
            NotFoundError: none, or several (the hint lists their keys).
        """
        with self._store.read() as conn:
            return looking.named(conn, ref)

    def counts(self) -> dict[Status, int]:
        """How many comments have each status."""
        with self._store.read() as conn:
            return reading.counts(conn)

    def context(self, item: Item, *, most: int | None = None) -> Context:
        """What stands around this comment, and what is known of its author. `most` ends
        each count of the author's comments: some name, such as that of all guests, may have
        written half of them."""
        with self._store.read() as conn:
            return looking.context(conn, item, most)

    def siblings(self, item: Item, most: int) -> Siblings:
        """The other replies to the same comment: at most so many on either side."""
        with self._store.read() as conn:
            return looking.siblings(conn, item, most)

    def history(self, key: str) -> list[Decision]:
        """Every decision on this comment, oldest first, undone ones and undos included."""
        with self._store.read() as conn:
            return reading.history(conn, key)

    def select(self, filter: Filter = WAITING) -> Selection:
        """The comments that the filter means, as they are now."""
        with self._store.read() as conn:
            return Selection.of(groups.filtered(conn, filter))

    def pending_of_author(self, item: Item) -> Selection:
        """All pending comments of this item's author, under any spelling of the name where
        the platform's id is known; the item itself too if it is pending."""
        if item.comment.author is None:
            return Selection.of([])
        with self._store.read() as conn:
            return Selection.of(groups.of_author(conn, item.comment.author, Status.PENDING))

    def same_rule(self, item: Item, rule: str = "") -> Selection:
        """All pending comments that this rule flags; the item's first live one by default."""
        flags = sorted(item.assessment.flags, key=lambda flag: not flag.live)
        rule = rule or (flags[0].rule if flags else "")
        return self.select(Filter(rule=rule)) if rule else Selection.of([])

    def same_text(self, item: Item, status: Status | None = Status.PENDING) -> Selection:
        """The flagged comments with exactly this text, the item itself among them."""
        with self._store.read() as conn:
            return Selection.of(groups.same_text(conn, item.n, status))

    def near_duplicates(
        self, item: Item, status: Status | None = Status.PENDING, *, likeness: float = _LIKENESS
    ) -> Selection:
        """The flagged comments whose letters are at least this much alike (0 to 1), the
        most alike first, the item itself among them. At most a thousand are compared; the
        selection says whether it is partial."""
        with self._store.read() as conn:
            found, partial = groups.alike(conn, item.n, status, likeness)
        return Selection.of(found, partial=partial)

    def alike(self, item: Item, *, likeness: float = _LIKENESS) -> Alike:
        """What has become of the other flagged comments with this text or nearly this."""
        with self._store.read() as conn:
            return looking.alike(conn, item, likeness)

    def rules(self) -> list[str]:
        """The rules that a filter can name, in order."""
        with self._store.read() as conn:
            return finding.rules(conn)

    def authors(self, part: str, limit: int) -> list[tuple[str, int]]:
        """The names that have `part` in them (the case of A to Z does not count) and how
        many comments of each wait: at most `limit`, those of whom most wait first."""
        with self._store.read() as conn:
            return finding.authors(conn, part, limit)

    def claims(self) -> dict[str, Claim]:
        """Who holds what at this moment, by key, the longest held first."""
        with self._store.read() as conn:
            return {each.key: self._claim(each) for each in claims.held(conn, time.time())}

    def _claim(self, held: Held) -> Claim:
        ours = held.session == self._session
        return Claim(held.n, held.key, held.moderator, held.since, held.until, ours)

    def second(self, sample: float, limit: int | None = None) -> list[Item]:
        """Decided items on which this moderator should give a second opinion: of the share
        `sample` (0 to 1) of all decisions, those of others that have none yet, the first
        decided first, at most `limit`."""
        with self._store.read() as conn:
            return looking.numbered(conn, opinions.wanted(conn, self.moderator, sample)[:limit])

    def agreement(self) -> Agreement:
        """How far second opinions agree with the decisions that they are about."""
        with self._store.read() as conn:
            return Agreement(dict(opinions.pairs(conn)))

    def statistics(self, since: datetime | None = None) -> Statistics:
        """How it goes; the decisions `made` from `since` on."""
        with self._store.read() as conn:
            return looking.statistics(conn, since)

    def purgeable(self, *, before: datetime | None = None, author: str | None = None) -> list[int]:
        """The numbers of the comments that came before this time (in local time if it has
        no zone) or were written by this author (name or platform's id), or both. Unless an
        author is named, what is pending or escalated stays."""
        moment = None if before is None else before.timestamp()
        with self._store.read() as conn:
            return purging.due(conn, moment, author)

    def export(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Every decision in order, from `since` on (local time if it has no zone), as
        objects for JSON: seq, id, key, decision, moderator, at, before, after, reason,
        note, undoes, bulk, redoes, verdict, severity, rules, scores, model, policy, text,
        hash.

        An undo has the basis of what it undoes and no text; a purged text is None too.
        The database is not held between objects.
        """
        first = "" if since is None else rows.stamp(since.astimezone(UTC))
        after = 0
        while True:
            with self._store.read() as conn:
                found = chain.export(conn, after, _EXPORTED_AT_ONCE)
            if not found:
                return
            after = found[-1]["seq"]
            yield from (each for each in found if each["at"] >= first)

    def data_version(self) -> int:
        """Changes when another connection has written (`PRAGMA data_version`)."""
        return self._store.data_version()

    def marker(self) -> int:
        """The present, for `changes_since`."""
        with self._store.read() as conn:
            return clock.present(conn)

    def changes_since(self, marker: int) -> Changes:
        """Every comment that was written after the marker, by whomever: new, scanned anew,
        decided, purged. Claims change no comment."""
        with self._store.read() as conn:
            return looking.changes(conn, marker)

    def interrupt(self) -> None:
        """Call off what another thread is asking at this moment: it gets a CancelledError.
        Without effect when nothing is under way."""
        self._store.interrupt()


def _of(status: Status | None) -> Filter:
    return Filter(status=None if status is None else (status,))
