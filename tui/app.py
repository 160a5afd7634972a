"""The app: opens the database, chooses the screen, owns the colours and the palette."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from textual import events
from textual.app import App, ComposeResult
from textual.content import Content
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Static

from moderation.display import visible
from moderation.errors import ModerationError
from moderation.store.store import TIMEOUT
from tui.desk import Desk
from tui.palette import ActionProvider, SearchProvider
from tui.screens.problem import MIN_HEIGHT, MIN_WIDTH, ProblemScreen, TooSmallScreen
from tui.screens.review import ReviewScreen
from tui.screens.steady import Steady
from tui.setup import Setup
from tui.themes import DARK, THEMES, remember, remembered

#: What `run` returns when the database could not be opened.
CANNOT_OPEN = 3


class OpeningScreen(Steady, Screen[None]):
    """At the bottom of the stack: seen until the database is open."""


class ReviewApp(App[None]):
    """One moderator at one database."""

    CSS_PATH = "review.tcss"
    TITLE = "moderation"
    COMMANDS = {ActionProvider, SearchProvider}  # noqa: RUF012
    # Textual's own key for the palette goes before all others; ours keeps its place in
    # the order of keys (see ReviewScreen) and opens the same palette.
    ENABLE_COMMAND_PALETTE = False
    # Nothing here takes focus but the help text and the palette's input.
    AUTO_FOCUS = "*"

    def __init__(
        self,
        path: Path,
        moderator: str,
        setup: Setup = Setup(),  # noqa: B008 - frozen
        *,
        timeout: float = TIMEOUT,
    ) -> None:
        super().__init__()
        self.desk = Desk(path, moderator, timeout=timeout)
        self.setup = setup
        for name in self.available_themes:
            self.unregister_theme(name)
        for theme in THEMES:
            self.register_theme(theme)
        last = remembered(setup.state) if setup.state else None
        self.theme = last if last in self.available_themes else DARK.name

    def get_driver_class(self) -> type[Driver]:
        """Our own for a terminal; what `TEXTUAL_DRIVER` names goes first."""
        if "TEXTUAL_DRIVER" in os.environ or sys.platform == "win32":
            return super().get_driver_class()
        from tui.terminal import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        return OpeningScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield Static(Content(f"Opening {visible(str(self.desk.path))} …"), id="opening")

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._remember)
        self.action_open_desk()

    def _remember(self, theme: Theme) -> None:
        if self.setup.state is None or remembered(self.setup.state) == theme.name:
            return
        try:
            remember(self.setup.state, theme.name)
        except OSError as error:
            words = f"The theme is not remembered: {error.strerror}"
            self.notify(visible(words), severity="warning", markup=False)

    def action_open_desk(self) -> None:
        self.run_worker(self._open_desk(), group="open", exclusive=True)

    async def _open_desk(self) -> None:
        screen: Screen[None]
        try:
            await self.desk.open()
        except ModerationError as error:
            screen = ProblemScreen(error)
        else:
            screen = ReviewScreen(self.desk, self.setup)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.push_screen(screen)
        self._cover_if_too_small(self.size.width, self.size.height)

    async def action_quit(self) -> None:
        """Quit after the keys before: a decision just made is still carried out."""
        if isinstance(self.screen, ReviewScreen):
            self.screen.action_do("quit")
        elif any(getattr(screen, "modified", False) for screen in self.screen_stack):
            self.notify("Something is not saved yet: esc goes back to it", severity="warning")
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

    @property
    def crash(self) -> Exception | None:
        """The bug that ended the app, for whoever ran it to tell."""
        return self._exception

    def _fatal_error(self) -> None:
        """Close. Textual would print every variable, the comments among them, as it is."""
        self._close_messages_no_wait()

    async def on_unmount(self) -> None:
        await self.desk.close()
