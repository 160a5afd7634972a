"""The review screen: the queue, the comment, the reasons, and one key per decision.

All that changes the session (keys, clicks, the poll) goes through one queue of intents
and is done by one task, strictly in order. So a key that is pressed while a decision is
still being written waits, and then applies to the comment that came after it, once that
comment has been painted: nothing is decided twice, and nothing that was never shown.
What the actions do to the session is in `tui.deciding` and `tui.finding`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from importlib import import_module
from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import Container
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Footer

from moderation.comments import Status
from moderation.errors import CancelledError, ConflictError, StoreError
from moderation.queue import Filter, Item
from tui.aside import Aside
from tui.bulk import DecidingMany
from tui.claiming import CLAIM_AFTER
from tui.clipboard import copied
from tui.deciding import Deciding
from tui.desk import Desk, Scene
from tui.explaining import Explaining
from tui.finding import Finding
from tui.pace import Pace
from tui.palette import Palette
from tui.reading import Reading
from tui.remarks import Remark
from tui.render import problem
from tui.ruling import Ruling
from tui.screens.filter import FilterScreen
from tui.screens.help import HelpScreen
from tui.screens.save_view import SaveViewScreen
from tui.screens.second import SecondScreen
from tui.screens.steady import Steady
from tui.session import Session
from tui.setup import Setup
from tui.views import Views
from tui.widgets.calm import CalmView
from tui.widgets.card import Card
from tui.widgets.comment_view import CommentView
from tui.widgets.queue_list import QueueList
from tui.widgets.status import StatusBar

#: How often to look for what others did. Asking costs one PRAGMA.
POLL_SECONDS = 1.0

_FAILED = "The database failed"

T = TypeVar("T")


class ReviewScreen(Steady, Screen[None]):
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
        #: For what may take long: no key waits for it.
        self.aside = Aside(desk.path, desk.moderator)
        self._card = Card(setup, self.aside, id="card")
        self._calm = CalmView(setup.actions, id="calm")
        self.session = Session(desk, setup, self)
        self.finding = Finding(self.session, Views(setup.views, setup.state))
        deciding = Deciding(self.session)
        #: Where the `do_<id>` of an action is looked for.
        self._doers = (
            self,
            deciding,
            DecidingMany(self.session, deciding, self.aside),
            Explaining(self.session),
            Reading(self._card, self.tell),
            Ruling(self.session, self, self._card.view),
            self.finding,
        )
        self._poll_waits = False
        self._poll_failed = False
        self._claim_soon: Timer | None = None
        self._busy = True

    @property
    def item(self) -> Item | None:
        """What is on the screen, as it was read."""
        return self.session.item

    @property
    def idle(self) -> bool:
        """True when all that was asked for has been done and painted."""
        session = self.session
        return not self._busy and session.intents.empty and session.standing.at_rest

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
        if action == "deselect" and self.session.standing.call_off():
            return  # what stands in the way of the line is not waited for in it
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
        self.run_worker(self._fetch_rows(event.numbers), group="rows", exclusive=True)

    def _poll(self) -> None:
        if not self._poll_waits:
            self._poll_waits = True
            self.session.intents.ask("poll")
        self._status.tick()

    async def on_unmount(self) -> None:
        await self.aside.close()
        await self.session.standing.close()

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
            with self._status.patience(self._waiting_for, quiet=action in ("poll", "claim")):
                if action == "go":
                    await self.session.go(value)
                else:
                    await self.doer(action)()
        except CancelledError:
            self.session.tell("Called off")
        except StoreError as error:
            self.session.intents.forget()
            if action in ("poll", "claim"):
                if self._poll_failed:
                    return  # said once; it is asked again every second
                self._poll_failed = True
            self.warn(error, "Not taken back" if isinstance(error, ConflictError) else _FAILED)

    def _waiting_for(self) -> Content:
        if not self.session.standing.can_call_off:
            return Content("Waiting for the database…")
        return Content.assemble(
            "Looking through the queue… ", self.session.hint("deselect", "calls it off")
        )

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
        await self.session.watch_claims()
        self._poll_failed = False

    async def do_claim(self) -> None:
        """What has been on the screen for a moment is claimed, unless more is asked for."""
        if self.session.intents.empty:
            await self.session.watch_claims()

    async def do_filter(self) -> None:
        self.session.intents.step_aside()
        self.app.push_screen(FilterScreen(self.session.filter, self.aside), self._filter_given)

    def _filter_given(self, filter: Filter | None) -> None:
        if filter is not None:
            self.finding.look(filter)

    async def do_save_view(self) -> None:
        self.session.intents.step_aside()
        finding = self.finding
        self.app.push_screen(SaveViewScreen(finding.seen, finding.views), self._place_given)

    def _place_given(self, place: int | None) -> None:
        if place is not None:
            self.finding.save(place)

    async def do_statistics(self) -> None:
        self.session.intents.step_aside()
        # Plots bring numpy, and most sessions look at none. It takes a while.
        screens = await asyncio.to_thread(import_module, "tui.screens.statistics")
        self.app.push_screen(screens.StatisticsScreen(self.aside))

    async def do_second(self) -> None:
        if not self._setup.sample:
            self.session.tell("Nobody is asked for second opinions: see `sample` in [review]")
        elif not await self.session.read_asked():
            self.session.tell("Nobody's decision asks for your opinion")
        else:
            screen = SecondScreen(self.session.desk, self._setup)
            self.put_in_front(screen, lambda _: self.session.intents.ask("reload"))

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
        self.app.push_screen(HelpScreen(self._setup.actions, self.finding.views))

    async def do_palette(self) -> None:
        self.session.intents.step_aside()
        self.app.push_screen(Palette(placeholder="An action, a comment, an author …"))

    async def do_suspend(self) -> None:
        self.app.action_suspend_process()

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
        if self._claim_soon is not None:
            self._claim_soon.stop()
        self._claim_soon = self.set_timer(CLAIM_AFTER, lambda: self.session.intents.ask("claim"))
        self._rows.put([scene.item])

    def show_done(self) -> None:
        session = self.session
        self._calm.show(session.counts, len(session.decided), session.asked)

    def show_list(self) -> None:
        session = self.session
        self.set_class(session.list.current is None, "-empty")
        self._rows.mark(session.claims.taken, session.chosen)
        self._rows.show(session.list.numbers, session.list.cursor)
        pending = session.counts[Status.PENDING] if session.counts else None
        self._status.standing(pending, len(session.decided), session.view)

    def put_rows(self, items: list[Item]) -> None:
        self._rows.put(items)

    def forget_rows(self, numbers: Collection[int] | None) -> None:
        self._rows.forget(numbers)

    def say_meanwhile(self, words: str) -> None:
        self._card.view.meanwhile(words)

    def say_remark(self, remark: Remark) -> None:
        self._card.view.remark(remark.chips(self._setup.reasons))

    def put_in_front(self, screen: Screen[T], then: Callable[[T | None], None]) -> None:
        self.session.intents.step_aside()
        self.app.push_screen(screen, then)

    async def painted(self) -> None:
        done = asyncio.Event()
        self.call_after_refresh(done.set)
        await done.wait()

    async def _fetch_rows(self, numbers: Sequence[int]) -> None:
        try:
            items = await self.session.desk.load(numbers)
        except StoreError:
            return  # the poll says so; rows stay as they are
        self._rows.put(items)
