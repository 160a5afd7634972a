"""Second opinions: what others decided, judged once more without knowing how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.containers import Container
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Footer, Static

from moderation.comments import Choice, Status
from moderation.display import one_line
from moderation.errors import ConflictError, StoreError
from moderation.plain import DONE
from moderation.queue import AuthorHistory, Item
from tui.actions import Actions
from tui.desk import Desk, Scene
from tui.intents import Intents
from tui.reading import Reading
from tui.render import QUIET, problem
from tui.screens.steady import Steady
from tui.setup import Setup
from tui.widgets.card import Card
from tui.widgets.comment_view import CommentView

#: Comments that are read at once.
AT_ONCE = 100
#: What can be done here, of all that the registry has.
_ACTIONS = frozenset(
    {
        *("approve", "hide", "skip"),
        *("scroll_down", "scroll_up", "pane", "more", "fold", "blur"),
    }
)


class SecondScreen(Steady, Screen[None]):
    """One comment after the other. Nothing changes what was decided."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (72, "-narrow"), (100, "-medium"), (132, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-normal"), (36, "-tall")]  # noqa: RUF012

    def __init__(self, desk: Desk, setup: Setup) -> None:
        super().__init__()
        here = Actions(action for action in setup.actions if action.id in _ACTIONS)
        back = Binding("escape,q", "do('leave')", "Back")
        self._bindings = BindingsMap([*here.bindings(), back])
        self._desk = desk
        self._sample = setup.sample
        # What became of others like it might tell what became of this one.
        self._card = Card(setup, None, id="card")
        self._standing = Static(id="standing")
        self._event = Static(id="event")
        self._doers = (self, Reading(self._card, self._event.update))
        self._intents = Intents()
        self._waiting: list[Item] = []
        self._passed: set[int] = set()
        self._given = 0
        self._scene: Scene | None = None

    def compose(self) -> ComposeResult:
        with Container(id="second-line"):
            yield self._standing
            yield self._event
        with Container(id="body"):
            yield self._card
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._intents.in_front()
        self.run_worker(self._work())

    def action_do(self, action: str) -> None:
        self._intents.ask(action)

    @on(CommentView.FoldAsked)
    def _fold_asked(self) -> None:
        self.action_do("fold")

    @on(CommentView.UncoverAsked)
    def _uncover_asked(self) -> None:
        self.action_do("blur")

    # One thing after the other, as in the review.

    async def _work(self) -> None:
        try:
            await self._attempt(self._next)
            while self._scene is not None:
                action, _ = await self._intents.get()
                await self._attempt(self._doer(action))
        except NoMatches:
            # The window was closed in the middle of something: its parts are gone.
            if self.app.is_running and not self._pruning:
                raise
        else:
            self.dismiss()

    def _doer(self, action: str) -> Callable[[], Awaitable[None]]:
        for each in self._doers:
            found: Callable[[], Awaitable[None]] | None = getattr(each, f"do_{action}", None)
            if found is not None:
                return found
        raise LookupError(action)

    async def _attempt(self, do: Callable[[], Awaitable[None]]) -> None:
        try:
            await do()
        except StoreError as error:
            self._intents.forget()
            self.notify(problem(error), title="Not recorded", severity="warning", markup=False)
            if isinstance(error, ConflictError):
                await self._attempt(self._next)

    async def do_approve(self) -> None:
        await self._opine(Choice.APPROVE)

    async def do_hide(self) -> None:
        await self._opine(Choice.HIDE)

    async def do_skip(self) -> None:
        if self._scene is not None:
            self._passed.add(self._scene.item.n)
        await self._next()

    async def do_leave(self) -> None:
        self._scene = None

    async def _opine(self, choice: Choice) -> None:
        if self._scene is None:
            return
        item = self._scene.item
        await self._desk.ask(lambda queue: queue.opine(item, choice))
        self._given += 1
        first = Choice.HIDE if item.status is Status.HIDDEN else Choice.APPROVE
        verb = "agree" if first is choice else "differ"
        self._event.update(
            Content.assemble(
                (f"You {verb}", "bold"),
                f": {DONE[first]} by {one_line(item.decided_by or 'somebody', 20)}",
            )
        )
        await self._next()

    async def _next(self) -> None:
        """Show the next one; there may be none any more."""
        self._scene = None
        while True:
            if not self._waiting:
                await self._read_on()
            if not self._waiting:
                return
            found = await self._desk.read(self._waiting.pop(0).n)
            if found is not None:
                break
        self._scene = found
        self._card.show(_unseen(found))
        self._standing.update(
            Content.assemble(
                ("Second opinion", "bold"),
                (f" · {self._given:,} given · ", QUIET),
                ("what was decided is not shown", QUIET),
            )
        )

    async def _read_on(self) -> None:
        most = AT_ONCE + len(self._passed)
        found = await self._desk.ask(lambda queue: queue.second(self._sample, most))
        self._waiting = [item for item in found if item.n not in self._passed]


def _unseen(scene: Scene) -> Scene:
    """Without what would tell how this comment was decided."""
    status, author = scene.item.status, scene.context.author
    known = replace(
        author,
        approved=_less(author, author.approved, status is Status.APPROVED),
        hidden=_less(author, author.hidden, status is Status.HIDDEN),
        last=tuple(each for each in author.last if each.key != scene.item.key),
    )
    return replace(scene, context=replace(scene.context, author=known))


def _less(author: AuthorHistory, count: int, one: bool) -> int:
    """A count without one, unless it stands for more than was counted."""
    return count - (one and not author.least(count))
