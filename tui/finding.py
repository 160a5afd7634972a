"""The actions that choose what is seen: moving, filters, orders."""

from __future__ import annotations

from moderation.queue import SORTS, Filter
from tui.session import Session


class Finding:
    """One `do_<id>` for each action of the registry that goes somewhere."""

    def __init__(self, session: Session) -> None:
        self._session = session
        #: The filter to go over to.
        self.wanted = session.filter

    async def do_next(self) -> None:
        await self._session.go(self._session.list.cursor + 1)

    async def do_previous(self) -> None:
        await self._session.go(self._session.list.cursor - 1)

    async def do_first(self) -> None:
        await self._session.go(0)

    async def do_last(self) -> None:
        await self._session.go(len(self._session.list) - 1)

    async def do_reload(self) -> None:
        await self._session.refresh()

    async def do_refilter(self) -> None:
        """Go over to the wanted filter, unless nothing fits it."""
        session, wanted = self._session, self.wanted
        if not await session.desk.ask(lambda queue: queue.count(wanted)) and wanted != Filter():
            session.tell("Nothing that waits fits this filter")
            return
        session.filter = wanted
        session.tell()
        await session.refresh()

    async def do_order(self) -> None:
        session = self._session
        session.sort = SORTS[(SORTS.index(session.sort) + 1) % len(SORTS)]
        await session.refresh()
