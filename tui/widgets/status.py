"""The line at the top: where the session stands, and what was done last."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from moderation.display import one_line
from tui.render import QUIET

_WAITING = Content.styled("Waiting for the database…", "$text-warning")


class StatusBar(Horizontal, can_focus=False):
    """Counts and the moderator's name on the left, the last event on the right."""

    def __init__(self, moderator: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._moderator = one_line(moderator, 20)
        self._event = Content.empty()

    def compose(self) -> ComposeResult:
        yield Static(id="standing")
        yield Static(id="event")

    def standing(self, pending: int, decided: int) -> None:
        self.query_one("#standing", Static).update(
            Content.assemble(
                (f"{pending:,}", "bold"),
                " pending",
                (" · ", QUIET),
                (f"{decided:,}", "bold"),
                " decided",
                (" · ", QUIET),
                self._moderator,
            )
        )

    def event(self, content: Content) -> None:
        self._event = content
        self.waiting(False)

    def waiting(self, waits: bool) -> None:
        """Say that the database keeps us waiting, or show the last event again."""
        self.query_one("#event", Static).update(_WAITING if waits else self._event)
