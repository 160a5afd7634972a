"""A short list to choose from, one key each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.render import QUIET
from tui.screens.steady import Steady

T = TypeVar("T")

#: The keys in the order of the list; what comes after is reached by the arrows.
_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"


class PickScreen(Steady, ModalScreen[T | None], Generic[T]):
    """Gives the value of what was chosen, or None. The arrows, enter and the mouse choose
    as well."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Close")]  # noqa: RUF012

    def __init__(self, title: Content, lines: Sequence[Content], also: str = "") -> None:
        """`also` is said below, before what escape does."""
        super().__init__()
        self._title = title
        self._lines = list(lines)
        self._also = also
        self._chosen = False

    def value(self, index: int) -> T | None:
        """What that line stands for; None where it cannot be chosen yet."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            yield Static(self._title)
            prompts = map(self._prompt, range(len(self._lines)))
            yield OptionList(*map(Option, prompts), id="picks", compact=True)
            hint = " · ".join(part for part in (self._also, "esc leaves it") if part)
            yield Static(Content.styled(hint, QUIET))

    def change(self, index: int, line: Content) -> None:
        """Say something else of one of them."""
        self._lines[index] = line
        picks = self.query_one(OptionList)
        picks.replace_option_prompt_at_index(index, self._prompt(index))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_index)

    def on_key(self, event: events.Key) -> None:
        index = _KEYS.find(event.character) if event.character else -1
        if 0 <= index < len(self._lines):
            event.stop()
            self._choose(index)

    def _choose(self, index: int) -> None:
        value = None if self._chosen else self.value(index)
        if value is not None:
            self._chosen = True
            self.dismiss(value)

    def _prompt(self, index: int) -> Content:
        key = _KEYS[index] if index < len(_KEYS) else " "
        return Content.assemble((f" {key} ", "bold $accent"), " ", self._lines[index])
