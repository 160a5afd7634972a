"""Screens that are laid out for the window as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.geometry import Size

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[Any]
else:
    _Base = object


class Sized(_Base):
    """Comes before Screen or ModalScreen among the bases.

    Textual hands a screen the size that a message bears, and each screen hands it on to those
    behind it. Two sizes that follow each other quickly are then handed to and fro for ever
    between two screens behind a third one, and no key is minded any more. The size of the app
    is the only one that counts.
    """

    def _screen_resized(self, size: Size) -> None:
        super()._screen_resized(self.app.size)
