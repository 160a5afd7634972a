"""What is open before whom: this session's own claim, and those of others."""

from __future__ import annotations

import time

from moderation.errors import ConflictError, NotFoundError, StoreError
from moderation.queue import LEASE, Claim, Item, Queue
from tui.desk import Desk

#: How long a comment is on the screen before it is claimed, in seconds: what one only
#: passes on the way to another is left to others.
CLAIM_AFTER = 0.15


class Claiming:
    """A claim on what is on the screen, and what others have on theirs.

    Nothing waits for a claim. A decision claims the next comment in its own transaction;
    one that is come to otherwise is claimed after it was painted or, where the database is
    busy at that moment, a second later. That nobody decides what another has open is the
    store's business, at every decision.

    Attributes:
        taken: what others hold, by the comment's number.
    """

    def __init__(self, desk: Desk) -> None:
        self.taken: dict[int, Claim] = {}
        self._desk = desk
        self._held: Item | None = None
        self._renew_at = 0.0

    async def look(self) -> bool:
        """Read what others hold now; whether that is something else than before."""
        found = await self._desk.ask(lambda queue: queue.claims())
        before = {n: claim.moderator for n, claim in self.taken.items()}
        self.taken = {
            claim.n: claim
            for claim in found.values()
            if claim.moderator != self._desk.moderator
        }  # fmt: skip
        return before != {n: claim.moderator for n, claim in self.taken.items()}

    async def hold(self, item: Item | None) -> None:
        """Have this comment claimed, for as long as this is called again and again, and
        nothing else. What another holds is left alone."""
        if item is not None and item.n in self.taken:
            item = None
        held = self._held
        same = held is not None and item is not None and held.n == item.n
        if (held is None and item is None) or (same and time.monotonic() < self._renew_at):
            return
        try:
            await self._desk.ask_briefly(lambda queue: _exchange(queue, held, item))
        except (ConflictError, NotFoundError):
            self._held = None
            await self.look()
        except StoreError:
            return  # busy, or worse: the poll tells that
        else:
            self.moved(item)

    def moved(self, item: Item | None) -> None:
        """What was held has been decided, which ends its claim; this one is claimed now."""
        self._held = item
        self._renew_at = time.monotonic() + LEASE / 3


def _exchange(queue: Queue, held: Item | None, item: Item | None) -> None:
    same = held is not None and item is not None and held.n == item.n
    if held is not None and not same:
        queue.release(held)
    # A machine that slept may find that its lease has run out.
    if item is not None and not (same and queue.renew()):
        queue.claim(item)
