"""The database, on a thread of its own.

SQLite connections belong to the thread that opened them, and a call can wait up to the
busy time-out while another process writes. One thread that owns the store serves both:
the screen never freezes, and calls run strictly one after the other in the order in
which they were asked for, which is what makes fast typing safe.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from moderation.errors import StoreError
from moderation.queue import Context, Item, Queue, Siblings
from moderation.store import Store
from moderation.store.store import TIMEOUT

T = TypeVar("T")

#: Siblings that are read, on either side; of more it is only known how many there are.
SIBLINGS = 2

#: How far an author's comments are counted.
COUNTED = 1000

#: Seconds to wait for other writers with what may as well be done later.
_BRIEF = 0.02


@contextmanager
def told_as_failure(path: Path) -> Iterator[None]:
    """The store turns what it expects into StoreErrors. What it did not expect must still
    end as a notice and not take the app down in the middle of a session."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The database failed: {error}", where=str(path)) from error


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

    async def ask_briefly(self, question: Callable[[Queue], T]) -> T:
        """`ask`, but what others are writing is not waited for.

        Raises:
            StoreError: as `ask`; also when someone else is writing.
        """
        return await self._run(lambda: self._briefly(question))

    async def fetch(self, keys: Sequence[str]) -> list[Item]:
        return await self.ask(lambda queue: queue.fetch(keys))

    async def load(self, numbers: Sequence[int]) -> list[Item]:
        """The items with these numbers, without those that are gone."""
        return await self.ask(lambda queue: queue.load(numbers))

    async def read(self, number: int) -> Scene | None:
        """An item with all that stands around it; None when it is gone."""
        return await self.ask(lambda queue: _scene(queue, number))

    async def close(self) -> None:
        """Let what is under way finish, then close."""
        await self._run(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(self._guarded, work))

    def _guarded(self, work: Callable[[], T]) -> T:
        with told_as_failure(self.path):
            return work()

    def _open(self) -> None:
        self._close()
        self._store = Store.open(self.path, create=False, timeout=self._timeout)
        self._queue = Queue(self._store, self.moderator)

    def _close(self) -> None:
        store, queue, self._store, self._queue = self._store, self._queue, None, None
        if store is None:
            return
        if queue is not None:
            # What cannot be let go of now ends by itself.
            with suppress(StoreError), store.patience(_BRIEF):
                queue.release()
        store.close()

    def _briefly(self, question: Callable[[Queue], T]) -> T:
        queue = self._ready()
        assert self._store is not None
        with self._store.patience(_BRIEF):
            return question(queue)

    def _ready(self) -> Queue:
        if self._queue is None:
            raise StoreError("The database is not open", where=str(self.path))
        return self._queue


def _scene(queue: Queue, number: int) -> Scene | None:
    found = queue.load([number])
    if not found:
        return None
    item = found[0]
    return Scene(item, queue.context(item, most=COUNTED), queue.siblings(item, SIBLINGS))
