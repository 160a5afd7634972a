"""What a moderator does with flagged comments.

The app, the plain reviewer and the `queue` command are three faces of this class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, Literal

from moderation.comments import Assessment, Choice, Comment, Decision, Status
from moderation.errors import ConflictError, NotFoundError, UsageError
from moderation.store import chain, deciding, reading, rows

if TYPE_CHECKING:
    from moderation.store import Store

Sort = Literal["priority", "severity", "oldest", "newest"]

_AFTER = {
    Choice.APPROVE: Status.APPROVED,
    Choice.HIDE: Status.HIDDEN,
    Choice.ESCALATE: Status.ESCALATED,
}
_DONE = {
    Choice.APPROVE: "approved",
    Choice.HIDE: "hidden",
    Choice.ESCALATE: "escalated",
    Choice.SKIP: "skipped",
}
#: Decisions of an author that `context` shows.
_LAST = 5
#: Keys that the hint of an ambiguous id lists.
_LISTED = 10
_EXPORTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One comment as the queue holds it.

    `ref` is the short id to show and to type: the source's id where that is unique in
    the store, else the whole key. `version` grows with every change of the row;
    a decision names the version it was made on.
    """

    ref: str
    assessment: Assessment
    status: Status
    version: int
    decided_by: str | None = None
    skips: int = 0

    @property
    def key(self) -> str:
        return self.assessment.comment.key

    @property
    def comment(self) -> Comment:
        return self.assessment.comment


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """What the store knows of an author: counts over all their comments, last decisions."""

    comments: int = 0
    pending: int = 0
    approved: int = 0
    hidden: int = 0
    last: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A comment's surroundings: ancestors from the root down, direct replies in order."""

    ancestors: tuple[Item, ...] = ()
    replies: tuple[Item, ...] = ()
    author: AuthorHistory = AuthorHistory()


class Queue:
    """One moderator at one store. Use it from the thread that made it.

    Every method raises StoreError when the database cannot be read or written.
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

    def keys(self, *, status: Status | None = Status.PENDING, sort: Sort = "priority") -> list[str]:
        """The keys of all items in order: cheap, for a list that fetches rows when seen.

        `status=None` means every status but `clear`. Skipped items come after the
        others. `priority` order: rule priority, verdict, severity, highest score (all
        descending), then oldest first.
        """
        with self._store.read() as conn:
            return reading.keys(conn, status, sort, None, 0)

    def items(
        self,
        *,
        status: Status | None = Status.PENDING,
        sort: Sort = "priority",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Item]:
        """The items of a page of `keys`."""
        with self._store.read() as conn:
            return _items(conn, reading.keys(conn, status, sort, limit, offset))

    def fetch(self, keys: Sequence[str]) -> list[Item]:
        """The items of these keys in this order; a key that is gone is left out."""
        with self._store.read() as conn:
            return _items(conn, keys)

    def item(self, ref: str) -> Item:
        """The item with this short id or key, whatever its status.

        Raises:
            NotFoundError: none, or several (the hint lists their keys).
        """
        with self._store.read() as conn:
            named = reading.named(conn, ref, _LISTED + 1)
            if not named:
                raise NotFoundError(
                    f"no comment {ref!r} is stored", hint="`moderation queue list` shows their ids"
                )
            if len(named) > 1:
                more = ", …" if len(named) > _LISTED else ""
                raise NotFoundError(
                    f"several comments have the id {ref!r}",
                    hint=f"use one of: {', '.join(named[:_LISTED])}{more}",
                )
            return _items(conn, named)[0]

    def counts(self) -> dict[Status, int]:
        """How many comments have each status."""
        with self._store.read() as conn:
            return reading.counts(conn)

    def context(self, item: Item) -> Context:
        """What stands around this comment, and what is known of its author."""
        with self._store.read() as conn:
            return Context(
                ancestors=tuple(_items(conn, reading.ancestors(conn, item.comment))),
                replies=tuple(_items(conn, reading.replies(conn, item.comment))),
                author=_author_history(conn, item.comment),
            )

    def history(self, key: str) -> list[Decision]:
        """Every decision on this comment, oldest first, undone ones and undos included."""
        with self._store.read() as conn:
            return reading.history(conn, key)

    def decide(
        self,
        item: Item,
        choice: Choice,
        *,
        reason: str = "",
        note: str = "",
    ) -> Decision:
        """Put a decision on disk: one BEGIN IMMEDIATE transaction, compare-and-set on
        `item.version`. It is durable when this returns.

        A decided item can be decided again. A skip changes no status: it puts the item
        behind those skipped less often.

        Raises:
            ConflictError: the row changed since `item` was read; says who did what.
            NotFoundError: the comment is no longer stored.
            UsageError: `undo` is not a choice; see `undo`.
        """
        if choice is Choice.UNDO:
            raise UsageError("an undo is not made by deciding", hint="use undo instead")
        with self._store.write() as conn:
            state = deciding.state(conn, item.key)
            if state is None:
                raise NotFoundError("this comment is no longer stored", where=item.ref)
            if choice is Choice.SKIP:
                after, skips, by = state.status, state.skips + 1, item.decided_by
            else:
                after, skips, by = _AFTER[choice], state.skips, self.moderator
            if state.version != item.version or not deciding.move(
                conn, state, after, skips=skips, by=by
            ):
                raise _conflict(item, deciding.last_since(conn, item.key, item.version))
            return chain.append(
                conn,
                chain.Act(
                    key=item.key,
                    author=state.author,
                    choice=choice,
                    moderator=self.moderator,
                    before=state.status,
                    after=after,
                    version=state.version,
                    # The version is the same, so this is what was on the screen.
                    basis=chain.basis(item.assessment),
                    text=item.comment.text,
                    reason=reason,
                    note=note,
                ),
            )

    def undo(self, steps: int = 1, *, pass_over: bool = False) -> list[Decision]:
        """Take back this moderator's last `steps` decisions that stand, latest first.

        Returns the compensating decisions, fewer than asked (or none) when there is
        nothing left. A comment that someone else has decided since is a ConflictError
        and nothing is undone; with `pass_over`, such comments are left as they are and
        older decisions undone in their place.

        The comment gets back the status from before; one that was undecided then waits
        or is clear as the rules say today. Where the text was changed since, the
        comment was opened again by that: the undo is recorded and changes no status,
        as the earlier one belonged to other words. A skip that someone else's decision
        has overtaken counts as gone.

        Raises:
            ConflictError: see above; says who decided what.
        """
        with self._store.write() as conn:
            found = deciding.undoable(conn, self.moderator, steps, pass_over=pass_over)
            return [self._undo(conn, each) for each in found]

    def _undo(self, conn: Connection, target: deciding.Undoable) -> Decision:
        old = target.decision
        other = deciding.overtaking(conn, old)
        if other is not None:
            raise ConflictError(
                _told(other),
                where=old.key,
                hint=f"your decision {old.seq} on it can no longer be taken back",
            )
        state = deciding.state(conn, old.key)
        assert state is not None, "undoable only finds stored comments"
        after, skips = state.status, state.skips
        if target.version >= state.text_version:
            if old.choice is Choice.SKIP:
                skips = max(0, skips - 1)
            elif old.before in _AFTER.values():
                after = old.before
            else:
                after = state.undecided
        undone = chain.append(
            conn,
            chain.Act(
                key=old.key,
                author=state.author,
                choice=Choice.UNDO,
                moderator=self.moderator,
                before=state.status,
                after=after,
                version=state.version,
                basis=target.basis,
                undoes=old.seq,
            ),
        )
        # After the append: only now does the old decision no longer stand.
        by = deciding.decided_by(conn, old.key, state)
        deciding.move(conn, state, after, skips=skips, by=by)
        return undone

    def export(self, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Every decision in order, from `since` on (local time if it has no zone), as
        objects for JSON: seq, id, key, decision, moderator, at, before, after, reason,
        note, undoes, verdict, severity, rules, scores, model, policy, text, hash.

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


def _items(conn: Connection, keys: Sequence[str]) -> list[Item]:
    return [Item(*each) for each in reading.load(conn, keys)]


def _author_history(conn: Connection, comment: Comment) -> AuthorHistory:
    if comment.author is None:
        return AuthorHistory()
    counts = reading.author_counts(conn, comment.author)
    return AuthorHistory(
        comments=sum(counts.values()),
        pending=counts[Status.PENDING],
        approved=counts[Status.APPROVED],
        hidden=counts[Status.HIDDEN],
        last=tuple(reading.author_decisions(conn, comment.author, _LAST)),
    )


def _conflict(item: Item, last: Decision | None) -> ConflictError:
    if last is None:
        return ConflictError(
            "the comment was changed by a new scan",
            where=item.ref,
            hint="look at it again as it is now",
        )
    return ConflictError(_told(last), where=item.ref, hint="look at it again before deciding")


def _told(decision: Decision) -> str:
    """Who did what and when, in the reader's own time."""
    at = decision.at.astimezone()
    when = f"{at:%H:%M}" if at.date() == datetime.now(at.tzinfo).date() else f"{at:%Y-%m-%d %H:%M}"
    if decision.choice is Choice.UNDO:
        return f"{decision.moderator} took back a decision at {when}"
    return f"already {_DONE[decision.choice]} by {decision.moderator} at {when}"
