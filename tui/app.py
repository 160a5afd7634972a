"""The app: opens the database, chooses the screen, owns the colours and the palette."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from textual import events
from textual.app import App, ComposeResult
from textual.color import Color
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Static

from moderation.display import visible
from moderation.errors import ModerationError
from moderation.store.store import TIMEOUT
from tui.actions import ACTIONS
from tui.desk import Desk
from tui.screens.problem import MIN_HEIGHT, MIN_WIDTH, ProblemScreen, TooSmallScreen
from tui.screens.review import ReviewScreen

#: What `run` returns when the database could not be opened.
CANNOT_OPEN = 3

# Muted on purpose: people look at this for hours, at texts that are unpleasant enough.
_CALM = Theme(
    name="calm",
    primary="#7c9cb8",
    secondary="#8fa3b5",
    accent="#8ab4c9",
    warning="#d6b277",
    error="#c98a86",
    success="#93b58a",
    foreground="#d6d9dc",
    background="#16191d",
    surface="#1b1f24",
    panel="#22272e",
    dark=True,
)


class ActionProvider(Provider):
    """Every action of the registry, in the command palette."""

    async def discover(self) -> Hits:
        for action in ACTIONS:
            if action.id != "palette" and isinstance(self.screen, ReviewScreen):
                yield DiscoveryHit(
                    Content(action.label), partial(self._do, action.id), help=action.description
                )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in ACTIONS:
            words = f"{action.label}: {action.description}"
            score = matcher.match(words)
            if score > 0 and action.id != "palette" and isinstance(self.screen, ReviewScreen):
                yield Hit(score, matcher.highlight(words), partial(self._do, action.id), text=words)

    def _do(self, action: str) -> None:
        screen = self.screen
        if isinstance(screen, ReviewScreen):
            screen.action_do(action)


class ReviewApp(App[None]):
    """One moderator at one database."""

    CSS_PATH = "review.tcss"
    TITLE = "moderation"
    COMMANDS = {ActionProvider}  # noqa: RUF012
    # Textual's own key for the palette goes before all others; ours keeps its place in
    # the order of keys (see ReviewScreen) and opens the same palette.
    ENABLE_COMMAND_PALETTE = False
    # Nothing here takes focus but the help text and the palette's input.
    AUTO_FOCUS = "*"

    def __init__(self, path: Path, moderator: str, *, timeout: float = TIMEOUT) -> None:
        super().__init__()
        self.desk = Desk(path, moderator, timeout=timeout)
        self.register_theme(_CALM)
        self.theme = "calm"

    def compose(self) -> ComposeResult:
        yield Static(Content(f"Opening {visible(str(self.desk.path))} …"), id="opening")

    def on_mount(self) -> None:
        self.action_open_desk()

    def action_open_desk(self) -> None:
        self.run_worker(self._open_desk(), group="open", exclusive=True)

    async def _open_desk(self) -> None:
        screen: Screen[None]
        try:
            await self.desk.open()
        except ModerationError as error:
            screen = ProblemScreen(error)
        else:
            screen = ReviewScreen(self.desk)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.push_screen(screen)
        self._cover_if_too_small(self.size.width, self.size.height)

    def get_css_variables(self) -> dict[str, str]:
        """Two colours that every theme has something for, blended from its own."""
        variables = super().get_css_variables()
        ground = Color.parse(variables["background"])
        text, accent = Color.parse(variables["foreground"]), Color.parse(variables["primary"])
        quiet, cursor = ground.blend(text, 0.6), ground.blend(accent, 0.3)
        return {**variables, "quiet": quiet.hex, "cursor": cursor.hex}

    async def action_quit(self) -> None:
        """Quit after the keys before: a decision just made is still carried out."""
        if isinstance(self.screen, ReviewScreen):
            self.screen.action_do("quit")
        else:
            self.exit()

    def action_give_up(self) -> None:
        self.exit(return_code=CANNOT_OPEN)

    def on_resize(self, event: events.Resize) -> None:
        self._cover_if_too_small(event.size.width, event.size.height)

    def _cover_if_too_small(self, width: int, height: int) -> None:
        too_small = width < MIN_WIDTH or height < MIN_HEIGHT
        covered = isinstance(self.screen, TooSmallScreen)
        if too_small and not covered:
            self.push_screen(TooSmallScreen())
        elif covered and not too_small:
            self.pop_screen()

    async def on_unmount(self) -> None:
        await self.desk.close()
