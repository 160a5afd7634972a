"""Where a moderator stands: which comments wait, which one is seen, what was done so far.

Nothing here draws: what changed is told to the screen, as `Face`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

from textual.content import Content
from textual.screen import Screen

from moderation.comments import Status
from moderation.errors import StoreError
from moderation.queue import SORTS, Filter, Item, Sort
from tui.claiming import Claiming
from tui.desk import Desk, Scene
from tui.intents import Intents
from tui.remarks import SILENT, Remark
from tui.render import meanwhile, open_elsewhere
from tui.setup import Setup
from tui.standing import Standing
from tui.worklist import Worklist

T = TypeVar("T")


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

    def put_rows(self, items: list[Item]) -> None:
        """Take over what is known of some rows."""

    def forget_rows(self, numbers: Collection[int] | None) -> None:
        """The rows of these numbers are to be read again; with None, all are."""

    def say_meanwhile(self, words: str) -> None:
        """Say on the comment that is seen what others have done with it; or nothing."""

    def say_remark(self, remark: Remark) -> None:
        """Say on the comment that is seen what goes on record with the next decision."""

    def put_in_front(self, screen: Screen[T], then: Callable[[T | None], None]) -> None:
        """Ask something, and hand on the answer."""

    async def painted(self) -> None:
        """Return when all of this is on the screen."""


class Session:
    """One moderator's session at one database.

    Attributes:
        standing: how the list is held against the database.
        list: what waits, as far as the filter means it, and where the moderator is: by the
            comments' numbers, `Item.n`.
        filter, sort: see `look`.
        item: what is on the screen, as it was read; None while there is nothing to decide.
        counts: comments by status, of the whole database.
        decided: the numbers of the decisions of this session that stand.
        intents: what was asked for and is not done yet.
        claims: what is open here, and what at others'.
        chosen: what was selected, as it was then, by the comment's number.
        asked: on how many decisions of others this moderator's opinion is asked, counted
            to a hundred; known when nothing waits.
    """

    def __init__(self, desk: Desk, setup: Setup, face: Face) -> None:
        self.desk = desk
        self.setup = setup
        self.face = face
        self.intents = Intents()
        self.standing = Standing(desk, lambda: self.intents.ask("poll"))
        self.item: Item | None = None
        self.decided: set[int] = set()
        self.claims = Claiming(desk)
        self.chosen: dict[int, Item] = {}
        self.asked = 0
        self._remarks: dict[int, Remark] = {}
        self._meanwhile = ""

    @property
    def list(self) -> Worklist:
        return self.standing.list

    @property
    def length(self) -> str:
        """How long the list is, as far as that is known."""
        return f"{len(self.list):,}" + ("" if self.standing.whole else " and more")

    @property
    def filter(self) -> Filter:
        return self.standing.filter

    @property
    def sort(self) -> Sort:
        return self.standing.sort

    @property
    def counts(self) -> Counter[Status]:
        return self.standing.counts

    @property
    def view(self) -> str:
        """Which of those that wait are seen and in what order, where that is not all of
        them, most pressing first."""
        chosen = f"{len(self.chosen):,} selected" if self.chosen else ""
        order = f"order: {self.sort}" if self.sort != SORTS[0] else ""
        return " · ".join(part for part in (chosen, str(self.filter), order) if part)

    def tell(self, *parts: str | tuple[str, str] | Content) -> None:
        """Say what was done."""
        self.face.tell(Content.assemble(*parts))

    def hint(self, action: str, words: str) -> Content:
        """The key of an action and what it would do now."""
        return Content.assemble((self.setup.actions.key(action), "bold $accent"), f" {words}")

    async def look(self, filter: Filter, sort: Sort, go_to: int | None = None) -> bool:
        """Go over to this filter and order. False when nothing fits the filter: then, and
        when it is called off, all stays as it is."""
        started = self.list.current is not None
        if not await self.standing.read(filter, sort, unless_empty=filter != Filter()):
            return False
        await self._settle(go_to, passing_over=not started)
        return True

    async def reload(self) -> None:
        """Read all of it again."""
        await self.look(self.filter, self.sort)

    async def refresh(self, go_to: int | None = None) -> None:
        """Take over what the database now says, and show the current item as it is now."""
        await self.standing.follow()
        await self._settle(go_to)

    async def _settle(self, go_to: int | None, *, passing_over: bool = False) -> None:
        await self.claims.look()
        if go_to is not None:
            if not self.list.find(go_to):
                await self.standing.complete()
                self.list.find(go_to)
        elif self.list.stale:
            self.list.drop()
            self._pass_over()
        elif passing_over:
            self._pass_over()
        self.face.forget_rows(None)
        await self.show_current()

    async def follow(self) -> None:
        """Take over what others have written, leaving the shown comment where it is."""
        whole = self.standing.whole
        changed = await self.standing.follow()
        if self.item is None:
            if self.list.current is not None or changed != ():
                await self.refresh()
        elif changed != ():
            await self._follow_shown(self.item, changed)
        elif whole != self.standing.whole or self.standing.counted():
            self.face.show_list()

    async def _follow_shown(self, shown: Item, changed: tuple[int, ...] | None) -> None:
        found = await self.desk.load([shown.n])
        self.face.forget_rows(changed)
        self.face.put_rows(found)
        self.face.show_list()
        # The item keeps the version it was shown with: a decision on it now is refused
        # by the store, and the person sees why.
        self._meanwhile = meanwhile(shown, found[0] if found else None, self.setup.actions)
        self._say_meanwhile()

    def remark(self, item: Item) -> Remark:
        """What goes on record with the next decision on this comment."""
        return self._remarks.get(item.n, SILENT)

    def say_why(self, item: Item, remark: Remark) -> None:
        """Remember what shall go on record with the next decision on this comment."""
        self._remarks[item.n] = remark
        if self.item is not None and self.item.n == item.n:
            self.face.say_remark(remark)

    def settled(self, n: int) -> None:
        """The comment of this number has been decided: nothing more is kept for it."""
        self._remarks.pop(n, None)
        self.chosen.pop(n, None)

    async def read_asked(self) -> int:
        """Read on how many decisions this moderator's opinion is asked."""
        if sample := self.setup.sample:
            self.asked = len(await self.desk.ask(lambda queue: queue.second(sample, 100)))
        return self.asked

    async def watch_claims(self) -> None:
        """Take over what others have opened and closed, and claim what is open here."""
        if await self.claims.look():
            self.face.show_list()
            self._say_meanwhile()
        await self.claims.hold(None if self.list.stale else self.item)

    def _say_meanwhile(self) -> None:
        claim = self.claims.taken.get(self.item.n) if self.item is not None else None
        taken = open_elsewhere(claim, self.setup.actions) if claim is not None else ""
        self.face.say_meanwhile(self._meanwhile or taken)

    async def pass_over_taken(self) -> None:
        """Put the cursor on the first from here on that nobody else has open, if any."""
        await self.claims.look()
        self._pass_over()

    def _pass_over(self) -> None:
        if self.claims.taken:
            self.list.pass_over(self.claims.taken)

    async def last(self) -> None:
        """To the end of all that waits."""
        await self.standing.complete()
        await self.go(len(self.list) - 1)

    async def go(self, index: int) -> None:
        before = self.list.current
        if index >= len(self.list) and not self.standing.whole:
            await self.standing.complete()
        self.list.go(index)
        if self.list.current != before:
            await self.show_current()

    async def show_current(self) -> None:
        """Show the item under the cursor, and return when it has been painted."""
        self._meanwhile = ""
        while (number := self.list.current) is not None:
            found = await self.desk.read(number)
            if found is not None and found.item.status is Status.PENDING:
                self.item = found.item
                self.face.show_item(found)
                self.face.say_remark(self.remark(found.item))
                self._say_meanwhile()
                break
            self.list.drop()  # taken by someone since the list was read
            self._pass_over()
        else:
            if not self.standing.whole:
                await self.standing.complete()
                await self.show_current()
                return
            if self.filter != Filter():
                await self.look(Filter(), self.sort)
                if self.item is not None:
                    self.tell("That was the last one of the filter: all are seen again")
                return
            self.item = None
            await self.read_asked()
            await self.standing.counting()
            self.face.show_done()
        self.face.show_list()
        await self.face.painted()
