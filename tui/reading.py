"""The actions that show more or less of the comment that is seen."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from tui.widgets.card import Card


class Reading:
    """One `do_<id>` for each action of the registry that only reads."""

    def __init__(self, card: Card, tell: Callable[[Content], None]) -> None:
        self._card = card
        self._tell = tell

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
