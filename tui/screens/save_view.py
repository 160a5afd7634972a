"""The nine numbers under which a view can be saved."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.render import QUIET
from tui.screens.steady import Steady
from tui.views import PLACES, SavedView, Views


class SaveViewScreen(Steady, ModalScreen[int | None]):
    """Gives the number for what is seen, or None."""

    BINDINGS = [Binding("escape,q", "dismiss(None)", "Close")]  # noqa: RUF012

    def __init__(self, seen: SavedView, views: Views) -> None:
        super().__init__()
        self._seen = seen
        self._views = views

    def compose(self) -> ComposeResult:
        with Vertical(id="save-view"):
            yield Static(
                Content.assemble(
                    ("Save this view under", "bold $accent"), "\n", Content(self._seen.what)
                )
            )
            yield OptionList(*map(self._option, PLACES), id="places", compact=True)
            yield Static(Content.styled("a number, or ↑ ↓ and enter · esc leaves it", QUIET))

    def _option(self, place: int) -> Option:
        view = self._views.get(place)
        what = "–" if view is None else view.title
        return Option(Content.assemble((f"{place}  ", "bold"), what), id=str(place))

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in map(str, PLACES):
            event.stop()
            self.dismiss(int(event.character))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index + PLACES[0])
