"""Questions that may take long, beside the app: searches, counts, figures.

They have a connection and a thread of their own, so no key waits for them; and what nobody
waits for any more is called off, so they do not wait for each other either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar

from moderation.queue import View
from moderation.store import Store
from tui.desk import told_as_failure

T = TypeVar("T")


class Aside:
    """One after the other, in the order in which they were asked. The database is opened
    for reading only, at the first of them."""

    def __init__(self, path: Path, moderator: str) -> None:
        self._path = path
        self._moderator = moderator
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="aside")
        self._store: Store | None = None
        #: Held while it is said which question is under way, and while that is called off.
        self._lock = Lock()
        self._under_way: tuple[object, View] | None = None

    async def ask(self, question: Callable[[View], T]) -> T:
        """What `question` returns. When the task that waits for it is cancelled, it is
        called off.

        Raises:
            StoreError: the database failed.
        """
        this = object()
        try:
            return await asyncio.wrap_future(self._thread.submit(self._asked, question, this))
        except asyncio.CancelledError:
            self._call_off(this)
            raise

    async def close(self) -> None:
        """Call off what is under way, and close."""
        self._call_off(None)
        await asyncio.wrap_future(self._thread.submit(self._close))
        self._thread.shutdown(wait=False)

    def _asked(self, question: Callable[[View], T], this: object) -> T:
        with told_as_failure(self._path):
            if self._store is None:
                self._store = Store.open(self._path, create=False, read_only=True)
            view = View(self._store, self._moderator)
            with self._lock:
                self._under_way = this, view
            try:
                return question(view)
            finally:
                with self._lock:
                    self._under_way = None

    def _call_off(self, which: object | None) -> None:
        with self._lock:
            if self._under_way is not None and which in (None, self._under_way[0]):
                self._under_way[1].interrupt()

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()
