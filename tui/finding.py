"""The actions that choose what is seen: moving, filters, orders, saved views."""

from __future__ import annotations

from dataclasses import replace
from functools import partialmethod

from moderation.display import one_line, visible
from moderation.queue import SORTS, Filter, Item, Sort
from tui.session import Session
from tui.views import SavedView, Views


class Finding:
    """One `do_<id>` for each action of the registry that goes somewhere."""

    def __init__(self, session: Session, views: Views) -> None:
        self._session = session
        self.views = views
        #: Where to go next: see `do_look` and `do_go_to`.
        self._wanted = self.seen
        self._comment: Item | None = None

    @property
    def seen(self) -> SavedView:
        """What is seen now."""
        return SavedView(self._session.filter, self._session.sort)

    # What other screens ask for. It is done in its turn, after the keys before it.

    def look(self, filter: Filter | None = None, sort: Sort | None = None) -> None:
        """Go over to this filter, or this order, or both."""
        session = self._session
        # Only what waits is reviewed, whatever the line says of it.
        wanted = replace(filter or session.filter, status=Filter().status)
        self._wanted = SavedView(wanted, sort or session.sort)
        session.intents.ask("look")

    def look_at(self, place: int) -> None:
        """Go over to the view that is saved under this number."""
        self._session.intents.ask(f"view_{place}")

    def go_to(self, comment: Item) -> None:
        """Go to this comment, of whatever filter."""
        self._comment = comment
        self._session.intents.ask("go_to")

    # What is done

    async def do_next(self) -> None:
        await self._session.go(self._session.list.cursor + 1)

    async def do_previous(self) -> None:
        await self._session.go(self._session.list.cursor - 1)

    async def do_first(self) -> None:
        await self._session.go(0)

    async def do_last(self) -> None:
        await self._session.last()

    async def do_reload(self) -> None:
        await self._session.reload()

    async def do_look(self) -> None:
        """Go over to what is wanted, unless nothing fits it."""
        session, wanted = self._session, self._wanted
        session.tell()
        if not await session.look(wanted.filter, wanted.sort):
            session.tell("Nothing that waits fits this filter")

    async def do_go_to(self) -> None:
        """To the wanted comment: among all that wait, if the filter does not have it."""
        session, wanted = self._session, self._comment
        if wanted is None:
            return
        if session.list.find(wanted.n):
            await session.show_current()
        else:
            await session.look(Filter(), session.sort, wanted.n)
        if session.item is None or session.item.n != wanted.n:
            session.tell("It does not wait any more")

    async def do_order(self) -> None:
        session = self._session
        await session.look(session.filter, SORTS[(SORTS.index(session.sort) + 1) % len(SORTS)])

    async def _view(self, place: int) -> None:
        session, view = self._session, self.views.get(place)
        if view is None:
            save = session.hint("save_view", "saves one")
            session.tell(f"No view is saved under {place} · ", save)
            return
        self._wanted = view
        await self.do_look()
        if self.seen == replace(view, name=""):
            session.tell((one_line(view.title, 40), "bold"), f" · {session.length} wait")

    do_view_1 = partialmethod(_view, 1)
    do_view_2 = partialmethod(_view, 2)
    do_view_3 = partialmethod(_view, 3)
    do_view_4 = partialmethod(_view, 4)
    do_view_5 = partialmethod(_view, 5)
    do_view_6 = partialmethod(_view, 6)
    do_view_7 = partialmethod(_view, 7)
    do_view_8 = partialmethod(_view, 8)
    do_view_9 = partialmethod(_view, 9)

    def save(self, place: int) -> None:
        """Have what is seen now under this number."""
        session, seen = self._session, self.seen
        try:
            self.views.save(place, seen)
        except OSError as error:
            told = f"Saved under {place}, for this session only: {error.strerror}"
            session.tell(visible(told))
            return
        key = session.setup.actions.key(f"view_{place}")
        session.tell(("Saved", "bold"), " · ", (key, "bold $accent"), f" shows {seen.what}")
