"""The database, on a thread of its own.

SQLite connections belong to the thread that opened them, and a call can wait up to the
busy time-out while another process writes. One thread that owns the store serves both:
the screen never freezes, and calls run strictly one after the other in the order in
which they were asked for, which is what makes fast typing safe.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from moderation.comments import Status
from moderation.errors import StoreError
from moderation.queue import Context, Filter, Item, Queue, Siblings, Sort
from moderation.store import Store
from moderation.store.store import TIMEOUT

T = TypeVar("T")

#: Siblings that are read, on either side; of more it is only known how many there are.
SIBLINGS = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """An item with all that stands around it."""

    item: Item
    context: Context
    siblings: Siblings


class Desk:
    """A moderator's queue, to be asked from the app's event loop."""

    def __init__(self, path: Path, moderator: str, *, timeout: float = TIMEOUT) -> None:
        self.path = path
        self._timeout = timeout
        self.moderator = moderator
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="queue")
        self._store: Store | None = None
        self._queue: Queue | None = None

    async def open(self) -> None:
        """Open the database; may be tried again after a StoreError."""
        await self._run(self._open)

    async def ask(self, question: Callable[[Queue], T]) -> T:
        """What `question` returns, asked on the database's thread.

        Raises:
            StoreError: the database failed; a ConflictError when someone else was first.
        """
        return await self._run(lambda: question(self._ready()))

    async def fetch(self, keys: Sequence[str]) -> list[Item]:
        return await self.ask(lambda queue: queue.fetch(keys))

    async def read(self, key: str) -> Scene | None:
        """An item with all that stands around it; None when it is gone."""
        return await self.ask(lambda queue: _scene(queue, key))

    async def standing(
        self, filter: Filter, sort: Sort
    ) -> tuple[int, list[str], dict[Status, int]]:
        """The data version, the keys that the filter means in order, and the counts of all.

        The version is read first: what others write between the two is then seen as a
        change by the next look, and not missed.
        """
        return await self.ask(
            lambda queue: (
                queue.data_version(),
                queue.keys(filter=filter, sort=sort),
                queue.counts(),
            )
        )

    async def close(self) -> None:
        """Let what is under way finish, then close."""
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(self._guarded, work))

    def _guarded(self, work: Callable[[], T]) -> T:
        # The store turns what it expects into StoreErrors. What it did not expect must
        # still end as a notice and not take the app down in the middle of a session.
        try:
            return work()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"The database failed: {error}", where=str(self.path)) from error

    def _open(self) -> None:
        self._close()
        self._store = Store.open(self.path, create=False, timeout=self._timeout)
        self._queue = Queue(self._store, self.moderator)

    def _close(self) -> None:
        store, self._store, self._queue = self._store, None, None
        if store is not None:
            store.close()

    def _ready(self) -> Queue:
        if self._queue is None:
            raise StoreError("The database is not open", where=str(self.path))
        return self._queue


def _scene(queue: Queue, key: str) -> Scene | None:
    found = queue.fetch([key])
    if not found:
        return None
    item = found[0]
    return Scene(item, queue.context(item), queue.siblings(item, SIBLINGS))
