"""What waits, as the database has it: a page at once, the rest behind it, then changes."""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from moderation.comments import Status
from moderation.errors import CancelledError, StoreError
from moderation.queue import SORTS, Filter, Sort, View
from tui.aside import Aside
from tui.desk import Desk
from tui.worklist import Worklist

T = TypeVar("T")

#: So many come at once. It is far more than a person sees before all have come.
PAGE = 1000


class Standing:
    """The list of one view, held against the database.

    The order of a million is read on a connection of its own while its first page is
    already worked on: no decision waits for it. After that only what was written since is
    looked at, one's own decisions among it.

    Attributes:
        list: what waits, as far as the filter means it, and where the moderator is.
        filter, sort: which those are.
        counts: comments by status, of the whole database; empty until they are counted.
        whole: whether the list is more than a page.
    """

    def __init__(self, desk: Desk, news: Callable[[], None]) -> None:
        """`news` is called when there is something for `follow` to take over."""
        self.list = Worklist()
        self.filter = Filter()
        self.sort: Sort = SORTS[0]
        self.counts: Counter[Status] = Counter()
        self.whole = False
        self._desk = desk
        self._aside = Aside(desk.path, desk.moderator)
        self._news = news
        self._marker = 0
        self._order: asyncio.Task[tuple[int, array[int]]] | None = None
        self._count: asyncio.Task[None] | None = None
        self._count_again = False
        self._counted = False
        self._awaited: asyncio.Task[object] | None = None
        self._called_off = False
        self._closed = False

    @property
    def at_rest(self) -> bool:
        """Whether nothing is being read."""
        return self._order is None and self._count is None

    @property
    def can_call_off(self) -> bool:
        """Whether something is waited for that may be called off."""
        return self._awaited is not None

    def call_off(self) -> bool:
        """Call off what is waited for; False when nothing is."""
        if self._awaited is None:
            return False
        self._called_off = True
        self._awaited.cancel()
        return True

    async def close(self) -> None:
        self._closed = True
        await self._stop()
        await self._aside.close()

    async def read(self, filter: Filter, sort: Sort, *, unless_empty: bool = False) -> bool:
        """Go over to this view, the cursor staying on its item where the view has it, else
        at the top. With `unless_empty`, False and no change where nothing fits it.

        Raises:
            StoreError: the database failed, or it was called off: nothing has changed.
        """
        kept = self.list.current
        other = (filter, sort) != (self.filter, self.sort)

        def page(view: View) -> tuple[int, array[int], bool]:
            marker, numbers = view.marker(), view.numbers(filter, sort, PAGE)
            beyond = len(numbers) == PAGE and kept is not None and kept not in numbers
            if beyond and other:
                beyond = kept is not None and view.means(filter, kept)
            return marker, numbers, beyond

        await self._stop()
        try:
            marker, numbers, beyond = await self._patiently(self._ask(page))
            whole = len(numbers) < PAGE
            if unless_empty and not numbers:
                return False
            if beyond:
                marker, numbers = await self._patiently(self._all(filter, sort))
                whole = True
            self.filter, self.sort, self.whole = filter, sort, whole
            self._marker = marker
            self.list.replace(numbers)
            if other and self.list.stale:
                self.list.drop()
                self.list.go(0)
            return True
        finally:
            self.recount()
            if not self.whole and not self._closed:
                self._begin()

    async def complete(self) -> None:
        """Return when the list has all that waits.

        Raises:
            StoreError: the database failed, or it was called off.
        """
        while not self.whole or self._order is not None:
            if self._order is None:
                self._begin()
            assert self._order is not None
            try:
                await self._patiently(self._order)
            except StoreError:
                self._order = None
                raise
            await self.follow()

    async def follow(self) -> tuple[int, ...] | None:
        """Take over what was written since the last time. The numbers of what may have
        changed; None when that may be all.

        Raises:
            StoreError: the database failed.
        """
        if self._order is not None:
            if not self._order.done():
                return ()
            order, self._order = self._order, None
            self._marker, numbers = order.result()
            self.list.replace(numbers)
            self.whole = True
        elif not self.whole:
            self._begin()
            return ()
        listed, marker, filter, sort = self.list.numbers, self._marker, self.filter, self.sort
        found = await self._desk.ask(lambda queue: queue.follow(listed, marker, filter, sort))
        if found is None:
            self._begin()
            self.recount()
            return None
        if found.changed:
            self._marker = found.marker
            self.list.replace(found.numbers)
            self.recount()
        return found.changed

    def counted(self) -> bool:
        """Whether there are new counts since this was last asked."""
        counted, self._counted = self._counted, False
        return counted

    def recount(self) -> None:
        """Have the counts read again."""
        self._count_again = True
        if self._count is None and not self._closed:
            self._count = asyncio.create_task(self._read_counts())

    async def counting(self) -> None:
        """Return when the counts are right."""
        if self._count is not None:
            await asyncio.wait([self._count])

    async def _read_counts(self) -> None:
        try:
            while self._count_again:
                self._count_again = False
                before = self.counts.copy()
                found = await self._aside.ask(lambda view: view.counts())
                if self.counts == before:
                    self.counts = Counter(found)
                else:  # something was decided meanwhile
                    self._count_again = True
        except StoreError:
            pass  # `follow` says what is wrong
        finally:
            self._count = None
            self._counted = True
            self._news()

    def _begin(self) -> None:
        """Start to read the whole order."""
        self._order = self._all(self.filter, self.sort)
        self._order.add_done_callback(lambda _: self._news())

    def _all(self, filter: Filter, sort: Sort) -> asyncio.Task[tuple[int, array[int]]]:
        # The marker first: what is written between the two is then looked at twice.
        return self._ask(lambda view: (view.marker(), view.numbers(filter, sort)))

    def _ask(self, question: Callable[[View], T]) -> asyncio.Task[T]:
        return asyncio.create_task(self._aside.ask(question))

    async def _patiently(self, task: asyncio.Task[T]) -> T:
        """What the task returns, unless it is called off."""
        self._awaited, self._called_off = task, False
        try:
            return await task
        except asyncio.CancelledError:
            if self._called_off:
                raise CancelledError("it was called off") from None
            raise
        finally:
            self._awaited = None

    async def _stop(self) -> None:
        """Let go of what is being read for the view until now."""
        tasks = [task for task in (self._order, self._count) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._order = None
