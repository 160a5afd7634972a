"""One line that says which comments to see."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from moderation.display import visible
from moderation.errors import UsageError
from moderation.queue import Filter
from tui.render import QUIET

_EXAMPLE = 'rule:threat.* author:"Ann B" label:threat>=0.5 script:cyrillic words of the text'


class FilterScreen(ModalScreen[Filter | None]):
    """Gives the filter that was typed, or None when nothing shall change."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Close")]  # noqa: RUF012

    def __init__(self, now: Filter) -> None:
        super().__init__()
        self._now = now

    def compose(self) -> ComposeResult:
        with Vertical(id="filter"):
            yield Static(Content.styled("See only", "bold $accent"))
            yield Input(str(self._now), id="filter-line")
            yield Static(Content.styled(f"{_EXAMPLE}\nenter applies · esc leaves it", QUIET))
            yield Static(id="filter-error")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            found = Filter.parse(event.value)
        except UsageError as error:
            told = [visible(part) for part in (error.what, error.hint) if part]
            self.query_one("#filter-error", Static).update(
                Content.styled("\n".join(told), "$text-warning")
            )
        else:
            self.dismiss(found)
