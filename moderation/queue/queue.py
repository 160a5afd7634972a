"""What a moderator does with a store."""

from __future__ import annotations

import time
from collections.abc import Sequence

from moderation.comments import Choice, Decision
from moderation.errors import ConflictError, NotFoundError, UsageError
from moderation.queue import acting, looking, undoing
from moderation.queue.items import Bulk, Claim, Item, Selection
from moderation.queue.view import WAITING, View
from moderation.store import claims, deciding, finding, opinions, purging
from moderation.store.filters import Filter, Sort

#: Seconds that a claim lasts unless it is renewed.
LEASE = 120.0


class Queue(View):
    """One moderator at one store. Use it from the thread that made it, but for `interrupt`.

    Every method raises StoreError when the database cannot be read or written, and
    CancelledError, a StoreError, when it was interrupted.
    """

    def decide(
        self,
        item: Item,
        choice: Choice,
        *,
        reason: str = "",
        note: str = "",
    ) -> Decision:
        """Put a decision on disk: one BEGIN IMMEDIATE transaction, compare-and-set on
        `item.version`. It is durable when this returns, and this moderator's claim ends.

        A decided item can be decided again. A skip changes no status: it puts the item
        behind those skipped less often.

        Raises:
            ConflictError: the row changed since `item` was read (says who did what), or
                another moderator has claimed it (says who, and since when).
            NotFoundError: the comment is no longer stored.
            UsageError: `undo` is not a choice; see `undo`.
        """
        said = self._said(choice, reason, note)
        with self._store.write() as conn:
            return acting.decide(conn, item, said)

    def decide_and_claim(
        self,
        item: Item,
        choice: Choice,
        among: Sequence[int],
        *,
        reason: str = "",
        note: str = "",
        seconds: float = LEASE,
    ) -> tuple[Decision, Item | None]:
        """`decide`, and in the same transaction claim the first of the comments `among` (by
        number) that waits and that no other session has; None where there is none. So two
        people who go through one queue never meet, and pay nothing for it.

        Raises:
            as `decide`; nothing is claimed then.
        """
        said = self._said(choice, reason, note)
        with self._store.write() as conn:
            decision = acting.decide(conn, item, said)
            n = claims.first_free(conn, among, self._session, said.at)
            if n is None:
                return decision, None
            claims.take(conn, n, self.moderator, self._session, said.at + seconds)
            return decision, looking.numbered(conn, [n])[0]

    def decide_many(
        self,
        items: Selection | Sequence[Item],
        choice: Choice,
        *,
        reason: str = "",
        note: str = "",
        skip_conflicts: bool = False,
    ) -> Bulk:
        """Decide all of these in one transaction, compare-and-set each. One `undo` takes
        all of it back.

        With `skip_conflicts`, what others changed or hold is passed over and told in
        `Bulk.lost`.

        Raises:
            ConflictError: some are not as they were; says which and why. Nothing is decided.
            UsageError: as `decide`.
        """
        said = self._said(choice, reason, note)
        wanted = items if isinstance(items, Selection) else Selection.of_items(items)
        if not len(wanted):
            return Bulk()
        with self._store.write() as conn:
            return acting.decide_many(conn, wanted, said, skip_conflicts=skip_conflicts)

    def _said(self, choice: Choice, reason: str, note: str) -> acting.Verdict:
        if choice is Choice.UNDO:
            raise UsageError("an undo is not made by deciding", hint="use undo instead")
        return acting.Verdict(self.moderator, choice, reason, note, time.time())

    def undo(self, steps: int = 1, *, pass_over: bool = False) -> list[Decision]:
        """Take back this moderator's last `steps` deeds that stand, latest first: single
        decisions, or all that were made at once.

        Returns the compensating decisions, of fewer deeds than asked (or none) when there
        is nothing left. A comment that someone else has decided since is a ConflictError
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
            return undoing.undo(conn, self.moderator, steps, pass_over=pass_over)

    def redo(self) -> list[Decision]:
        """Make this moderator's last undone deed again, in whatever session it was undone;
        several times for those before it. Nothing (an empty list) once they have decided
        anew. The decisions are new rows with the reasons and notes of the old ones.

        Raises:
            ConflictError: another has decided since, or the text was changed; nothing is
                made again.
        """
        with self._store.write() as conn:
            return undoing.redo(conn, self.moderator)

    def claim(self, item: Item, seconds: float = LEASE) -> Claim:
        """Have this item before oneself: nobody else can decide it until the lease ends.
        A claim that this moderator already has moves to this session.

        Raises:
            ConflictError: another has it; says who and since when.
            NotFoundError: the comment is no longer stored.
        """
        now = time.time()
        with self._store.write() as conn:
            if deciding.state(conn, item.key) is None:
                raise NotFoundError("this comment is no longer stored", where=item.ref)
            holder = claims.holding(conn, [item.n], now).get(item.n)
            if holder is not None and holder.moderator != self.moderator:
                raise ConflictError(
                    acting.held_by(holder), where=item.ref, hint="take another, or wait"
                )
            return self._claim(
                claims.take(conn, item.n, self.moderator, self._session, now + seconds)
            )

    def renew(self, seconds: float = LEASE) -> int:
        """Let every claim of this session last so long from now; how many those are. What
        has ended meanwhile is not brought back."""
        now = time.time()
        with self._store.write() as conn:
            return claims.prolong(conn, self.moderator, self._session, now, now + seconds)

    def release(self, *items: Item) -> int:
        """End this moderator's claims on these items, without items every claim of this
        session; how many those were."""
        with self._store.write() as conn:
            claims.sweep(conn, time.time())
            if items:
                return claims.drop(conn, [item.n for item in items], self.moderator)
            return claims.drop_session(conn, self.moderator, self._session)

    def next(
        self, filter: Filter = WAITING, sort: Sort = "priority", seconds: float = LEASE
    ) -> Item | None:
        """Claim the first item that nobody holds, this session included, and return it:
        never the same to two people. None when there is none."""
        now = time.time()
        with self._store.write() as conn:
            claims.sweep(conn, now)
            n = finding.first_free(conn, filter, sort, now)
            if n is None:
                return None
            claims.take(conn, n, self.moderator, self._session, now + seconds)
            return looking.numbered(conn, [n])[0]

    def opine(self, item: Item, choice: Choice, *, reason: str = "", note: str = "") -> None:
        """Record a second opinion, approve or hide. It changes nothing else.

        Raises:
            ConflictError: someone else was faster, or the decision no longer stands.
            UsageError: another choice than approve or hide.
        """
        if choice not in (Choice.APPROVE, Choice.HIDE):
            raise UsageError("a second opinion is approve or hide")
        with self._store.write() as conn:
            decision = opinions.decision_on(conn, item.n, self.moderator)
            if decision is None:
                raise ConflictError(
                    "this comment no longer asks for your second opinion", where=item.ref
                )
            opinions.record(conn, decision, self.moderator, choice, reason, note)

    def purge(self, numbers: Sequence[int]) -> None:
        """Remove the texts and authors of these comments for good, in every place of the
        file; approved and hidden ones keep their status, others leave the queue. The chain
        of decisions still verifies, without their texts and notes. Nothing takes this back.

        Raises:
            StoreError: also when another program has the database open at that moment, so
                that its log could not be emptied: the texts are gone once it is.
        """
        with self._store.write() as conn:
            purging.purge(conn, numbers)
        self._store.empty_log()
