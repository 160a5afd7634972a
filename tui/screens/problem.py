"""Screens for when there is nothing to show the queue with, or no room to show it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Middle
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static

from moderation.display import visible
from moderation.errors import ModerationError
from tui.render import QUIET
from tui.screens.steady import Steady

MIN_WIDTH = 40
MIN_HEIGHT = 12


class ProblemScreen(Steady, Screen[None]):
    """The database cannot be opened: what, where, and what to do about it."""

    BINDINGS = [  # noqa: RUF012
        Binding("r", "app.open_desk", "Try again"),
        Binding("q,escape", "app.give_up", "Quit"),
    ]

    def __init__(self, error: ModerationError) -> None:
        super().__init__()
        self._error = error

    def compose(self) -> ComposeResult:
        error = self._error
        what = visible(error.what)
        with Middle():
            yield Static(
                Content.assemble(
                    ("The review cannot start", "bold $text-warning"),
                    "\n\n",
                    f"{what[:1].upper()}{what[1:]}.",
                    (f"\n\n{visible(error.where)}" if error.where else "", QUIET),
                    (f"\n\n{visible(error.hint)}" if error.hint else "", ""),
                ),
                id="problem",
            )
        yield Footer(show_command_palette=False, compact=True)


class TooSmallScreen(Steady, ModalScreen[None]):
    """In front of everything while the window is too small to read a comment in.

    As a screen of its own it also takes the keys away: nothing is decided unseen.
    """

    BINDINGS = [Binding("q", "app.quit", "Quit")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Static(
            Content(f"Too small: make the window at least {MIN_WIDTH}×{MIN_HEIGHT}"), id="small"
        )

    def on_screen_resume(self) -> None:
        if self.app.size.width >= MIN_WIDTH and self.app.size.height >= MIN_HEIGHT:
            self.dismiss()  # the window has grown while something else stood in front
