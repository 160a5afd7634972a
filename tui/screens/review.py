"""The review screen: the queue, the comment, the reasons, and one key per decision.

All that changes the session (keys, clicks, the poll) goes through one queue of intents
and is done by one task, strictly in order. So a key that is pressed while a decision is
still being written waits, and then applies to the comment that came after it, once that
comment has been painted: nothing is decided twice, and nothing that was never shown.
"""

from __future__ import annotations

import asyncio
from collections import Counter
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

from moderation.comments import Choice, Status
from moderation.errors import ConflictError, NotFoundError, StoreError
from moderation.plain import DONE, author_name
from moderation.queue import SORTS, Filter, Item, Sort
from tui.clipboard import copied
from tui.desk import Desk, Scene
from tui.intents import Intents
from tui.pace import Pace
from tui.render import meanwhile, problem
from tui.screens.filter import FilterScreen
from tui.screens.help import HelpScreen
from tui.setup import Setup
from tui.widgets.calm import CalmView
from tui.widgets.card import Card
from tui.widgets.comment_view import CommentView
from tui.widgets.queue_list import QueueList
from tui.widgets.status import StatusBar
from tui.worklist import Worklist

#: How often to look for what others did. Asking costs one PRAGMA.
POLL_SECONDS = 1.0

_FAILED = "The database failed"

_CHOICES = {
    "approve": Choice.APPROVE,
    "hide": Choice.HIDE,
    "skip": Choice.SKIP,
    "escalate": Choice.ESCALATE,
}


class ReviewScreen(Screen[None]):
    """A moderator at work."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (72, "-narrow"), (100, "-medium"), (132, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-normal"), (36, "-tall")]  # noqa: RUF012

    def __init__(self, desk: Desk, setup: Setup) -> None:
        super().__init__()
        # Not the class's BINDINGS: the keys are those of this session's configuration.
        self._bindings = BindingsMap(setup.actions.bindings())
        self._desk = desk
        self._setup = setup
        self._pace = Pace(setup.break_minutes)
        # Kept, not looked up: they are told things while the window closes as well.
        self._status = StatusBar(desk.moderator, self._pace, id="status")
        self._rows = QueueList(setup.veil, id="queue")
        self._card = Card(setup, id="card")
        self._calm = CalmView(setup.actions, id="calm")
        self._list = Worklist()
        self._filter = Filter()
        self._asked_for = self._filter
        self._sort: Sort = SORTS[0]
        self._item: Item | None = None
        self._counts: Counter[Status] = Counter()
        self._decided: set[int] = set()
        self._seen_version: int | None = None
        self._intents = Intents()
        self._poll_waits = False
        self._poll_failed = False
        self._pass_over = False
        #: The comment and the number that "hide author" was asked about.
        self._told_of: tuple[str, int] | None = None
        self._busy = True

    @property
    def item(self) -> Item | None:
        """What is on the screen, as it was read."""
        return self._item

    @property
    def idle(self) -> bool:
        """True when all that was asked for has been done and painted."""
        return not self._busy and self._intents.empty

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
        self._intents.ask(action)

    @on(QueueList.Chosen)
    def _chosen(self, event: QueueList.Chosen) -> None:
        self._pace.touch()
        self._intents.ask("go", event.index)

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
            self._intents.ask("poll")
        self._status.tick()

    def on_screen_resume(self) -> None:
        self._intents.in_front()

    def on_screen_suspend(self) -> None:
        self._intents.step_aside()

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
            action, value = await self._intents.get()
            self._busy = True
            await self._intents.seen(action)
            await self._attempt(action, value)

    async def _attempt(self, action: str, value: int) -> None:
        try:
            with self._status.patience(quiet=action == "poll"):
                if action in _CHOICES:
                    await self.do_decide(_CHOICES[action])
                elif action == "go":
                    await self._go(value)
                elif action == "poll":
                    await self._follow()
                else:
                    await getattr(self, f"do_{action}")()
        except StoreError as error:
            self._intents.forget()
            if action == "poll":
                if self._poll_failed:
                    return  # said once; it is asked again every second
                self._poll_failed = True
            self._warn(error, "Not taken back" if isinstance(error, ConflictError) else _FAILED)

    async def do_decide(self, choice: Choice) -> None:
        item = self._item
        if item is None:
            self._tell(Content("Nothing to decide"))
            return
        try:
            decision = await self._desk.ask(lambda queue: queue.decide(item, choice))
        except (ConflictError, NotFoundError) as error:
            self._intents.forget()
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
                self._undo_hint(),
            )
        )

    def _undo_hint(self) -> Content:
        return Content.assemble((self._setup.actions.key("undo"), "bold $accent"), " undo")

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
        if len(undone) > 1:
            what = f"{len(undone):,} decisions made at once"
        elif self._item is not None and self._item.key == decision.key:
            what = author_name(self._item.comment, 24)
        else:
            what = "(it does not wait again)"
        self._tell(Content.assemble(("Taken back", "bold"), f" {what}"))

    async def do_redo(self) -> None:
        made = await self._desk.ask(lambda queue: queue.redo())
        if not made:
            self._tell(Content("Nothing was taken back that could be made again"))
            return
        self._decided.update(each.seq for each in made)
        await self._refresh()
        what = f" {len(made):,} decisions" if len(made) > 1 else ""
        self._tell(Content.assemble((f"{DONE[made[0].choice].capitalize()} again", "bold"), what))

    async def do_hide_author(self) -> None:
        """The count at the first press, the deed at the second, as one decision to undo."""
        item = self._item
        if item is None:
            self._tell(Content("Nothing to decide"))
            return
        waiting = await self._desk.ask(lambda queue: queue.pending_of_author(item))
        if len(waiting) < 2:
            await self.do_decide(Choice.HIDE)
            return
        name = author_name(item.comment, 24)
        if self._told_of != (item.key, len(waiting)):
            self._told_of = (item.key, len(waiting))
            self._tell(
                Content.assemble(
                    f"{len(waiting):,} comments by {name} wait · ",
                    (self._setup.actions.key("hide_author"), "bold $accent"),
                    " hides them all",
                )
            )
            return
        bulk = await self._desk.ask(
            lambda queue: queue.decide_many(waiting, Choice.HIDE, skip_conflicts=True)
        )
        self._item, self._told_of, self._pass_over = None, None, False
        self._decided.update(each.seq for each in bulk.decisions)
        await self._refresh()
        lost = f", {len(bulk.lost):,} were decided by others" if bulk.lost else ""
        self._tell(
            Content.assemble(
                (f"Hidden {len(bulk.decisions):,}", "bold"),
                f" by {name}{lost} · ",
                self._undo_hint(),
            )
        )

    async def do_reload(self) -> None:
        await self._refresh()

    async def _refresh(self, go_to: str | None = None) -> None:
        """Read the queue anew and show the current item as it is now."""
        version, keys, counts = await self._desk.standing(self._filter, self._sort)
        self._seen_version = version
        self._poll_failed = False
        self._counts = Counter(counts)
        self._list.replace(keys)
        if go_to is not None:
            self._list.find(go_to)
        elif self._list.stale:
            self._list.drop()
        self._rows.forget()
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
        self._seen_version, keys, counts = await self._desk.standing(self._filter, self._sort)
        self._counts = Counter(counts)
        self._list.replace(keys)
        shown = self._item
        found = await self._desk.fetch([shown.key])
        self._rows.forget()
        self._rows.show(self._list.keys, self._list.cursor)
        self._rows.put(found)
        self._show_standing()
        # The item keeps the version it was shown with: a decision on it now is refused
        # by the store, and the person sees why.
        words = meanwhile(shown, found[0] if found else None, self._setup.actions)
        if words:
            self._card.view.meanwhile(words)

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

    async def do_filter(self) -> None:
        self._intents.step_aside()
        self.app.push_screen(FilterScreen(self._filter), self._filter_given)

    def _filter_given(self, filter: Filter | None) -> None:
        if filter is not None:
            # Only what waits is reviewed, whatever the line says of it.
            self._asked_for = replace(filter, status=Filter().status)
            self._intents.ask("refilter")

    async def do_refilter(self) -> None:
        wanted = self._asked_for
        if not await self._desk.ask(lambda queue: queue.count(wanted)) and wanted != Filter():
            self._tell(Content("Nothing that waits fits this filter"))
            return
        self._filter = wanted
        self._tell(Content.empty())
        await self._refresh()

    async def do_order(self) -> None:
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        await self._refresh()

    async def do_scroll_down(self) -> None:
        self._card.scroll_pane(on=True)

    async def do_scroll_up(self) -> None:
        self._card.scroll_pane(on=False)

    async def do_pane(self) -> None:
        self._card.other_pane()

    async def do_more(self) -> None:
        if not self._card.view.more():
            self._tell(Content("This is the whole text"))

    async def do_fold(self) -> None:
        self._card.view.fold()

    async def do_blur(self) -> None:
        self._card.toggle_cover()

    async def do_copy(self) -> None:
        if self._item is None:
            self._tell(Content("Nothing to copy"))
            return
        text, what = copied(self._item.comment)
        self.app.copy_to_clipboard(text)
        self._tell(Content.assemble(("Copied", "bold"), f" {what}"))

    async def do_theme(self) -> None:
        self._intents.step_aside()
        self.app.search_themes()

    async def do_help(self) -> None:
        self._intents.step_aside()
        self.app.push_screen(HelpScreen(self._setup.actions))

    async def do_palette(self) -> None:
        self._intents.step_aside()
        self.app.push_screen(CommandPalette())

    async def do_quit(self) -> None:
        self.app.exit()

    # What is shown

    async def _show_current(self) -> None:
        """Show the item under the cursor, and return when it has been painted."""
        while (key := self._list.current) is not None:
            found = await self._desk.read(key)
            if found is not None and found.item.status is Status.PENDING:
                self._show(found)
                break
            self._list.drop()  # taken by someone since the list was read
        else:
            if self._filter != Filter() and self._counts[Status.PENDING] > 0:
                self._filter = Filter()
                self._tell(Content("That was the last one of the filter: all are seen again"))
                await self._refresh()
                return
            self._item = None
            self._calm.show(self._counts, len(self._decided))
        self.set_class(self._item is None, "-empty")
        self._rows.show(self._list.keys, self._list.cursor)
        self._show_standing()
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()

    def _show(self, scene: Scene) -> None:
        self._item = scene.item
        self._pace.saw(scene.item.key)
        self._card.show(scene)
        self._rows.put([scene.item])

    def _show_standing(self) -> None:
        pending = self._counts[Status.PENDING]
        order = f"order: {self._sort}" if self._sort != SORTS[0] else ""
        view = " · ".join(part for part in (str(self._filter), order) if part)
        self._status.standing(pending, len(self._decided), view)

    async def _fetch_rows(self, keys: list[str]) -> None:
        try:
            items = await self._desk.fetch(keys)
        except StoreError:
            return  # the poll says so; rows stay as they are
        self._rows.put(items)

    def _tell(self, content: Content) -> None:
        self._status.event(content)

    def _warn(self, error: StoreError, title: str) -> None:
        severity = "warning" if isinstance(error, ConflictError) else "error"
        self._tell(Content.empty())
        self.notify(problem(error), title=title, severity=severity, markup=False)  # type: ignore[arg-type]
