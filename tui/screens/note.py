"""One line of one's own, kept with a decision."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.render import QUIET
from tui.screens.steady import Steady

#: No control character and no turner of direction, pasted ones neither.
_PLAIN = "[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]*"
_MOST_CHARACTERS = 500


class NoteScreen(Steady, ModalScreen[str | None]):
    """Gives the note, an empty one to have none, or None when nothing shall change."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Close")]  # noqa: RUF012

    def __init__(self, now: str) -> None:
        super().__init__()
        self._now = now

    def compose(self) -> ComposeResult:
        with Vertical(id="note"):
            yield Static(Content.styled("A note for the record", "bold $accent"))
            yield Input(self._now, restrict=_PLAIN, max_length=_MOST_CHARACTERS, id="note-line")
            yield Static(
                Content.styled("It is kept with your decision · enter · esc leaves it", QUIET)
            )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())
