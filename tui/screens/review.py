"""The review screen: the queue, the comment, the reasons, and one key per decision.

All that changes the session (keys, clicks, the poll) goes through one queue of intents
and is done by one task, strictly in order. So a key that is pressed while a decision is
still being written waits, and then applies to the comment that came after it, once that
comment has been painted: nothing is decided twice, and nothing that was never shown.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import on
from textual.app import ComposeResult
from textual.command import CommandPalette
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer

from moderation.comments import Choice, Status
from moderation.display import visible
from moderation.errors import ConflictError, NotFoundError, StoreError
from moderation.plain import DONE, author_name
from moderation.queue import Context, Item
from tui.actions import bindings
from tui.desk import Desk
from tui.render import problem
from tui.screens.help import HelpScreen
from tui.widgets.calm import CalmView
from tui.widgets.comment_view import CommentView
from tui.widgets.queue_list import QueueList
from tui.widgets.status import StatusBar
from tui.widgets.why import WhyPanel
from tui.worklist import Worklist

#: How often to look for what others did. Asking costs one PRAGMA.
POLL_SECONDS = 1.0
#: A wait shorter than this is not worth a word.
_PATIENCE_SECONDS = 0.4

_FAILED = "The database failed"

_CHOICES = {
    "approve": Choice.APPROVE,
    "hide": Choice.HIDE,
    "skip": Choice.SKIP,
    "escalate": Choice.ESCALATE,
}


class ReviewScreen(Screen[None]):
    """A moderator at work."""

    BINDINGS = [*bindings()]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (72, "-narrow"), (100, "-medium"), (132, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-normal"), (36, "-tall")]  # noqa: RUF012

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._list = Worklist()
        self._item: Item | None = None
        self._counts: Counter[Status] = Counter()
        self._decided: set[int] = set()
        self._seen_version: int | None = None
        self._intents: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._in_front = asyncio.Event()
        self._poll_waits = False
        self._poll_failed = False
        self._pass_over = False
        self._busy = True

    @property
    def item(self) -> Item | None:
        """What is on the screen, as it was read."""
        return self._item

    @property
    def idle(self) -> bool:
        """True when all that was asked for has been done and painted."""
        return not self._busy and self._intents.empty()

    def compose(self) -> ComposeResult:
        yield StatusBar(self._desk.moderator, id="status")
        with Container(id="body"):
            yield QueueList(id="queue")
            with Container(id="card"):
                yield CommentView(id="view")
                yield WhyPanel(id="why")
        yield CalmView(id="calm")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.query_one("#view").add_class("-active")
        self.run_worker(self._work(), name="session")
        self.set_interval(POLL_SECONDS, self._poll)

    # What is asked for

    def action_do(self, action: str) -> None:
        self._intents.put_nowait((action, 0))

    @on(QueueList.Chosen)
    def _chosen(self, event: QueueList.Chosen) -> None:
        self._intents.put_nowait(("go", event.index))

    @on(QueueList.Wanted)
    async def _wanted(self, event: QueueList.Wanted) -> None:
        self.run_worker(self._fetch_rows(list(event.keys)), group="rows", exclusive=True)

    def _poll(self) -> None:
        if not self._poll_waits:
            self._poll_waits = True
            self._intents.put_nowait(("poll", 0))

    def on_screen_resume(self) -> None:
        self._in_front.set()

    def on_screen_suspend(self) -> None:
        self._step_aside()

    def _step_aside(self) -> None:
        """Something comes in front: keys typed ahead were meant for what was seen."""
        self._in_front.clear()
        self._forget_typed_ahead()

    def _forget_typed_ahead(self) -> None:
        kept = []
        while not self._intents.empty():
            intent = self._intents.get_nowait()
            if intent[0] not in _CHOICES and intent[0] != "undo":
                kept.append(intent)
        for intent in kept:
            self._intents.put_nowait(intent)

    # What is done about it, one thing after the other

    async def _work(self) -> None:
        await self._attempt("reload", 0)
        while True:
            self._busy = False
            action, value = await self._intents.get()
            self._busy = True
            if action in _CHOICES or action == "undo":
                await self._in_front.wait()
            await self._attempt(action, value)

    async def _attempt(self, action: str, value: int) -> None:
        try:
            async with self._patience(quiet=action == "poll"):
                if action in _CHOICES:
                    await self.do_decide(_CHOICES[action])
                elif action == "go":
                    await self._go(value)
                elif action == "poll":
                    await self._follow()
                else:
                    await getattr(self, f"do_{action}")()
        except StoreError as error:
            self._forget_typed_ahead()
            if action == "poll":
                if self._poll_failed:
                    return  # said once; it is asked again every second
                self._poll_failed = True
            self._warn(error, "Not taken back" if isinstance(error, ConflictError) else _FAILED)

    @asynccontextmanager
    async def _patience(self, *, quiet: bool) -> AsyncIterator[None]:
        """Say that the database keeps us waiting, if it does."""
        status = self.query_one(StatusBar)
        timer = None if quiet else self.set_timer(_PATIENCE_SECONDS, lambda: status.waiting(True))
        try:
            yield
        finally:
            if timer is not None:
                timer.stop()
                status.waiting(False)

    async def do_decide(self, choice: Choice) -> None:
        item = self._item
        if item is None:
            self._tell(Content("Nothing to decide"))
            return
        try:
            decision = await self._desk.ask(lambda queue: queue.decide(item, choice))
        except (ConflictError, NotFoundError) as error:
            self._forget_typed_ahead()
            self._warn(error, "Not decided")
            await self._after_conflict(item)
            return
        # From here on there is nothing to decide until the next one has been read.
        self._item = None
        self._pass_over = False
        self._decided.add(decision.seq)
        self._counts[decision.before] -= 1
        self._counts[decision.after] += 1
        if choice is Choice.SKIP:
            self._list.postpone()
        else:
            self._list.drop()
        self._tell_done(choice, item)
        await self._show_current()

    def _tell_done(self, choice: Choice, item: Item) -> None:
        self._tell(
            Content.assemble(
                (DONE[choice].capitalize(), "bold"),
                f" {author_name(item.comment, 24)} · ",
                ("u", "bold $accent"),
                " takes it back",
            )
        )

    async def _after_conflict(self, item: Item) -> None:
        """On to the next, unless the comment still waits and only changed: then again."""
        found = await self._desk.fetch([item.key])
        if not found or found[0].status is not Status.PENDING:
            self._list.drop()
        await self._refresh()

    async def do_undo(self) -> None:
        # A decision that someone else has since replaced cannot be taken back. The
        # person is told once; the next press goes on to the one before it.
        pass_over, self._pass_over = self._pass_over, False
        try:
            undone = await self._desk.ask(lambda queue: queue.undo(pass_over=pass_over))
        except ConflictError:
            self._pass_over = True
            raise
        if not undone:
            self._tell(Content("You have no decision to take back"))
            return
        decision = undone[0]
        for each in undone:
            if each.undoes is not None:
                self._decided.discard(each.undoes)
        await self._refresh(decision.key)
        # It need not wait again: it may have been decided before, or been changed since.
        here = self._item is not None and self._item.key == decision.key
        what = (
            author_name(self._item.comment, 24)
            if self._item and here
            else "(it does not wait again)"
        )
        self._tell(Content.assemble(("Taken back", "bold"), f" {what}"))

    async def do_reload(self) -> None:
        await self._refresh()

    async def _refresh(self, go_to: str | None = None) -> None:
        """Read the queue anew and show the current item as it is now."""
        version, keys, counts = await self._desk.standing()
        self._seen_version = version
        self._poll_failed = False
        self._counts = Counter(counts)
        self._list.replace(keys)
        if go_to is not None:
            self._list.find(go_to)
        elif self._list.stale:
            self._list.drop()
        self.query_one(QueueList).forget()
        await self._show_current()

    async def _follow(self) -> None:
        """Take over what others have written, leaving the shown comment where it is."""
        self._poll_waits = False
        version = await self._desk.ask(lambda queue: queue.data_version())
        self._poll_failed = False
        lost = self._item is None and self._list.current is not None
        if version == self._seen_version and not lost:
            return
        if self._item is None:
            await self._refresh()
            return
        self._seen_version, keys, counts = await self._desk.standing()
        self._counts = Counter(counts)
        self._list.replace(keys)
        shown = self._item
        found = await self._desk.fetch([shown.key])
        queue_list = self.query_one(QueueList)
        queue_list.forget()
        queue_list.show(self._list.keys, self._list.cursor)
        queue_list.put(found)
        self._show_standing()
        # The item keeps the version it was shown with: a decision on it now is refused
        # by the store, and the person sees why.
        if not found:
            self._meanwhile("This comment has been removed. j goes on.")
        elif found[0].status is not Status.PENDING:
            by = f" by {found[0].decided_by}" if found[0].decided_by else ""
            self._meanwhile(f"Meanwhile {found[0].status.value}{by}. j goes on.")
        elif found[0].version != shown.version:
            self._meanwhile("This comment has changed meanwhile. F5 shows it as it is now.")

    def _meanwhile(self, words: str) -> None:
        self.query_one(CommentView).meanwhile(visible(words))

    async def _go(self, index: int) -> None:
        before = self._list.current
        self._list.go(index)
        if self._list.current != before:
            await self._show_current()

    async def do_next(self) -> None:
        await self._go(self._list.cursor + 1)

    async def do_previous(self) -> None:
        await self._go(self._list.cursor - 1)

    async def do_first(self) -> None:
        await self._go(0)

    async def do_last(self) -> None:
        await self._go(len(self._list) - 1)

    async def do_scroll_down(self) -> None:
        self.query_one(".-active").scroll_page_down(animate=False)

    async def do_scroll_up(self) -> None:
        self.query_one(".-active").scroll_page_up(animate=False)

    async def do_pane(self) -> None:
        for pane in ("#view", "#why"):
            self.query_one(pane).toggle_class("-active")

    async def do_more(self) -> None:
        if not self.query_one(CommentView).more():
            self._tell(Content("This is the whole text"))

    async def do_theme(self) -> None:
        self._step_aside()
        self.app.search_themes()

    async def do_help(self) -> None:
        self._step_aside()
        self.app.push_screen(HelpScreen())

    async def do_palette(self) -> None:
        self._step_aside()
        self.app.push_screen(CommandPalette())

    async def do_quit(self) -> None:
        self.app.exit()

    # What is shown

    async def _show_current(self) -> None:
        """Show the item under the cursor, and return when it has been painted."""
        while (key := self._list.current) is not None:
            found = await self._desk.read(key)
            if found is not None and found[0].status is Status.PENDING:
                self._show(*found)
                break
            self._list.drop()  # taken by someone since the list was read
        else:
            self._item = None
            self.query_one(CalmView).show(self._counts, len(self._decided))
        self.set_class(self._item is None, "-empty")
        self.query_one(QueueList).show(self._list.keys, self._list.cursor)
        self._show_standing()
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()

    def _show(self, item: Item, context: Context) -> None:
        self._item = item
        self.query_one(CommentView).show(item, context)
        self.query_one(WhyPanel).show(item, context)
        self.query_one(QueueList).put([item])
        self.query_one("#view").add_class("-active")
        self.query_one("#why").remove_class("-active")

    def _show_standing(self) -> None:
        pending = self._counts[Status.PENDING]
        self.query_one(StatusBar).standing(pending, len(self._decided))

    async def _fetch_rows(self, keys: list[str]) -> None:
        try:
            items = await self._desk.fetch(keys)
        except StoreError:
            return  # the poll says so; rows stay as they are
        self.query_one(QueueList).put(items)

    def _tell(self, content: Content) -> None:
        self.query_one(StatusBar).event(content)

    def _warn(self, error: StoreError, title: str) -> None:
        severity = "warning" if isinstance(error, ConflictError) else "error"
        self._tell(Content.empty())
        self.notify(problem(error), title=title, severity=severity, markup=False)  # type: ignore[arg-type]
