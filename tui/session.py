"""Where a moderator stands: which comments wait, which one is seen, what was done so far.

Nothing here draws: what changed is told to the screen, as `Face`.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from textual.content import Content

from moderation.comments import Status
from moderation.errors import StoreError
from moderation.queue import SORTS, Filter, Item, Sort
from tui.desk import Desk, Scene
from tui.intents import Intents
from tui.render import meanwhile
from tui.setup import Setup
from tui.worklist import Worklist


class Face(Protocol):
    """What shows a session."""

    def tell(self, words: Content) -> None:
        """Say what was done, until the next thing is."""

    def warn(self, error: StoreError, title: str) -> None:
        """Say what went wrong."""

    def show_item(self, scene: Scene) -> None:
        """Show this comment."""

    def show_done(self) -> None:
        """Show that nothing waits."""

    def show_list(self) -> None:
        """Draw the list and the line at the top as the session has them."""

    def put_rows(self, items: list[Item], *, fresh: bool) -> None:
        """Take over what is known of some rows; with `fresh`, all others are to be read again."""

    def say_meanwhile(self, words: str) -> None:
        """Say on the comment that is seen what others have done with it."""

    async def painted(self) -> None:
        """Return when all of this is on the screen."""


class Session:
    """One moderator's session at one database.

    Attributes:
        list: what waits, as far as the filter means it, and where the moderator is.
        item: what is on the screen, as it was read; None while there is nothing to decide.
        counts: comments by status, of the whole database.
        decided: the numbers of the decisions of this session that stand.
        intents: what was asked for and is not done yet.
    """

    def __init__(self, desk: Desk, setup: Setup, face: Face) -> None:
        self.desk = desk
        self.setup = setup
        self.face = face
        self.intents = Intents()
        self.list = Worklist()
        self.filter = Filter()
        self.sort: Sort = SORTS[0]
        self.item: Item | None = None
        self.counts: Counter[Status] = Counter()
        self.decided: set[int] = set()
        self._seen_version: int | None = None

    @property
    def view(self) -> str:
        """Which of those that wait are seen and in what order, where that is not all of
        them, most pressing first."""
        order = f"order: {self.sort}" if self.sort != SORTS[0] else ""
        return " · ".join(part for part in (str(self.filter), order) if part)

    def tell(self, *parts: str | tuple[str, str] | Content) -> None:
        """Say what was done."""
        self.face.tell(Content.assemble(*parts))

    def hint(self, action: str, words: str) -> Content:
        """The key of an action and what it would do now."""
        return Content.assemble((self.setup.actions.key(action), "bold $accent"), f" {words}")

    async def refresh(self, go_to: str | None = None) -> None:
        """Read the queue anew and show the current item as it is now."""
        version, keys, counts = await self.desk.standing(self.filter, self.sort)
        self._seen_version = version
        self.counts = Counter(counts)
        self.list.replace(keys)
        if go_to is not None:
            self.list.find(go_to)
        elif self.list.stale:
            self.list.drop()
        self.face.put_rows([], fresh=True)
        await self.show_current()

    async def follow(self) -> None:
        """Take over what others have written, leaving the shown comment where it is."""
        version = await self.desk.ask(lambda queue: queue.data_version())
        lost = self.item is None and self.list.current is not None
        if version == self._seen_version and not lost:
            return
        if self.item is None:
            await self.refresh()
            return
        self._seen_version, keys, counts = await self.desk.standing(self.filter, self.sort)
        self.counts = Counter(counts)
        self.list.replace(keys)
        shown = self.item
        found = await self.desk.fetch([shown.key])
        self.face.put_rows(found, fresh=True)
        self.face.show_list()
        # The item keeps the version it was shown with: a decision on it now is refused
        # by the store, and the person sees why.
        words = meanwhile(shown, found[0] if found else None, self.setup.actions)
        if words:
            self.face.say_meanwhile(words)

    async def go(self, index: int) -> None:
        before = self.list.current
        self.list.go(index)
        if self.list.current != before:
            await self.show_current()

    async def show_current(self) -> None:
        """Show the item under the cursor, and return when it has been painted."""
        while (key := self.list.current) is not None:
            found = await self.desk.read(key)
            if found is not None and found.item.status is Status.PENDING:
                self.item = found.item
                self.face.show_item(found)
                break
            self.list.drop()  # taken by someone since the list was read
        else:
            if self.filter != Filter() and self.counts[Status.PENDING] > 0:
                self.filter = Filter()
                self.tell("That was the last one of the filter: all are seen again")
                await self.refresh()
                return
            self.item = None
            self.face.show_done()
        self.face.show_list()
        await self.face.painted()
