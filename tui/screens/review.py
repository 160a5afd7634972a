"""The review screen: the queue, the comment, the reasons, and one key per decision.

All that changes the session (keys, clicks, the poll) goes through one queue of intents
and is done by one task, strictly in order. So a key that is pressed while a decision is
still being written waits, and then applies to the comment that came after it, once that
comment has been painted: nothing is decided twice, and nothing that was never shown.
What the actions do to the session is in `tui.deciding` and `tui.finding`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.command import CommandPalette
from textual.containers import Container
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Footer

from moderation.comments import Status
from moderation.errors import ConflictError, StoreError
from moderation.queue import Filter, Item
from tui.clipboard import copied
from tui.deciding import Deciding
from tui.desk import Desk, Scene
from tui.finding import Finding
from tui.pace import Pace
from tui.render import problem
from tui.screens.filter import FilterScreen
from tui.screens.help import HelpScreen
from tui.session import Session
from tui.setup import Setup
from tui.widgets.calm import CalmView
from tui.widgets.card import Card
from tui.widgets.comment_view import CommentView
from tui.widgets.queue_list import QueueList
from tui.widgets.status import StatusBar

#: How often to look for what others did. Asking costs one PRAGMA.
POLL_SECONDS = 1.0

_FAILED = "The database failed"


class ReviewScreen(Screen[None]):
    """A moderator at work: what shows a session, and what carries out its actions."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (72, "-narrow"), (100, "-medium"), (132, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-normal"), (36, "-tall")]  # noqa: RUF012

    def __init__(self, desk: Desk, setup: Setup) -> None:
        super().__init__()
        # Not the class's BINDINGS: the keys are those of this session's configuration.
        self._bindings = BindingsMap(setup.actions.bindings())
        self._setup = setup
        self._pace = Pace(setup.break_minutes)
        # Kept, not looked up: they are told things while the window closes as well.
        self._status = StatusBar(desk.moderator, self._pace, id="status")
        self._rows = QueueList(setup.veil, id="queue")
        self._card = Card(setup, id="card")
        self._calm = CalmView(setup.actions, id="calm")
        self.session = Session(desk, setup, self)
        self.finding = Finding(self.session)
        #: Where the `do_<id>` of an action is looked for.
        self._doers = (self, Deciding(self.session), self.finding)
        self._poll_waits = False
        self._poll_failed = False
        self._busy = True

    @property
    def item(self) -> Item | None:
        """What is on the screen, as it was read."""
        return self.session.item

    @property
    def idle(self) -> bool:
        """True when all that was asked for has been done and painted."""
        return not self._busy and self.session.intents.empty

    def compose(self) -> ComposeResult:
        yield self._status
        with Container(id="body"):
            yield self._rows
            yield self._card
        yield self._calm
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.run_worker(self._work(), name="session")
        self.set_interval(POLL_SECONDS, self._poll)
        self.set_interval(60, self._rows.age)

    # What is asked for

    def action_do(self, action: str) -> None:
        self._pace.touch()
        self.session.intents.ask(action)

    @on(QueueList.Chosen)
    def _chosen(self, event: QueueList.Chosen) -> None:
        self._pace.touch()
        self.session.intents.ask("go", event.index)

    @on(CommentView.FoldAsked)
    def _fold_asked(self) -> None:
        self.action_do("fold")

    @on(CommentView.UncoverAsked)
    def _uncover_asked(self) -> None:
        self.action_do("blur")

    @on(QueueList.Wanted)
    async def _wanted(self, event: QueueList.Wanted) -> None:
        self.run_worker(self._fetch_rows(list(event.keys)), group="rows", exclusive=True)

    def _poll(self) -> None:
        if not self._poll_waits:
            self._poll_waits = True
            self.session.intents.ask("poll")
        self._status.tick()

    def on_screen_resume(self) -> None:
        self.session.intents.in_front()

    def on_screen_suspend(self) -> None:
        self.session.intents.step_aside()

    # What is done about it, one thing after the other

    async def _work(self) -> None:
        try:
            await self._carry_out()
        except NoMatches:
            # The window was closed in the middle of something: its parts are gone.
            if self.app.is_running and not self._pruning:
                raise

    async def _carry_out(self) -> None:
        await self._attempt("reload", 0)
        while True:
            self._busy = False
            action, value = await self.session.intents.get()
            self._busy = True
            await self.session.intents.seen(action)
            await self._attempt(action, value)

    async def _attempt(self, action: str, value: int) -> None:
        try:
            with self._status.patience(quiet=action == "poll"):
                if action == "go":
                    await self.session.go(value)
                else:
                    await self.doer(action)()
        except StoreError as error:
            self.session.intents.forget()
            if action == "poll":
                if self._poll_failed:
                    return  # said once; it is asked again every second
                self._poll_failed = True
            self.warn(error, "Not taken back" if isinstance(error, ConflictError) else _FAILED)

    def doer(self, action: str) -> Callable[[], Awaitable[None]]:
        """What carries out an action.

        Raises:
            LookupError: nothing does.
        """
        for each in self._doers:
            found: Callable[[], Awaitable[None]] | None = getattr(each, f"do_{action}", None)
            if found is not None:
                return found
        raise LookupError(action)

    async def do_poll(self) -> None:
        self._poll_waits = False
        await self.session.follow()
        self._poll_failed = False

    async def do_filter(self) -> None:
        self.session.intents.step_aside()
        self.app.push_screen(FilterScreen(self.session.filter), self._filter_given)

    def _filter_given(self, filter: Filter | None) -> None:
        if filter is not None:
            # Only what waits is reviewed, whatever the line says of it.
            self.finding.wanted = replace(filter, status=Filter().status)
            self.session.intents.ask("refilter")

    async def do_scroll_down(self) -> None:
        self._card.scroll_pane(on=True)

    async def do_scroll_up(self) -> None:
        self._card.scroll_pane(on=False)

    async def do_pane(self) -> None:
        self._card.other_pane()

    async def do_more(self) -> None:
        if not self._card.view.more():
            self.session.tell("This is the whole text")

    async def do_fold(self) -> None:
        self._card.view.fold()

    async def do_blur(self) -> None:
        self._card.toggle_cover()

    async def do_copy(self) -> None:
        if self.item is None:
            self.session.tell("Nothing to copy")
            return
        text, what = copied(self.item.comment)
        self.app.copy_to_clipboard(text)
        self.session.tell(("Copied", "bold"), f" {what}")

    async def do_theme(self) -> None:
        self.session.intents.step_aside()
        self.app.search_themes()

    async def do_help(self) -> None:
        self.session.intents.step_aside()
        self.app.push_screen(HelpScreen(self._setup.actions))

    async def do_palette(self) -> None:
        self.session.intents.step_aside()
        self.app.push_screen(CommandPalette())

    async def do_quit(self) -> None:
        self.app.exit()

    # What is shown: tui.session.Face

    def tell(self, words: Content) -> None:
        self._status.event(words)

    def warn(self, error: StoreError, title: str) -> None:
        severity = "warning" if isinstance(error, ConflictError) else "error"
        self.tell(Content.empty())
        self.notify(problem(error), title=title, severity=severity, markup=False)  # type: ignore[arg-type]

    def show_item(self, scene: Scene) -> None:
        self._pace.saw(scene.item.key)
        self._card.show(scene)
        self._rows.put([scene.item])

    def show_done(self) -> None:
        self._calm.show(self.session.counts, len(self.session.decided))

    def show_list(self) -> None:
        session = self.session
        self.set_class(session.list.current is None, "-empty")
        self._rows.show(session.list.keys, session.list.cursor)
        pending = session.counts[Status.PENDING]
        self._status.standing(pending, len(session.decided), session.view)

    def put_rows(self, items: list[Item], *, fresh: bool) -> None:
        if fresh:
            self._rows.forget()
        self._rows.put(items)

    def say_meanwhile(self, words: str) -> None:
        self._card.view.meanwhile(words)

    async def painted(self) -> None:
        done = asyncio.Event()
        self.call_after_refresh(done.set)
        await done.wait()

    async def _fetch_rows(self, keys: list[str]) -> None:
        try:
            items = await self.session.desk.fetch(keys)
        except StoreError:
            return  # the poll says so; rows stay as they are
        self._rows.put(items)
