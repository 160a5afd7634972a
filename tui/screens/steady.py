"""Screens that sizes and keys in quick succession do not upset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.await_complete import AwaitComplete
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[Any]
else:
    _Base = object


class Steady(_Base):
    """Comes before Screen or ModalScreen among the bases; every screen of the app has it."""

    def _screen_resized(self, size: Size) -> None:
        """Lay out for the window as it is, whatever the size that a message bears.

        Textual takes the latter, posts it again and hands it on to the screens behind: two
        sizes that follow each other quickly then go to and fro for ever, and no key is minded.
        """
        super()._screen_resized(self.app.size)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close this screen; not whichever is in front by now, as Textual would."""
        if self.is_active:
            return super().dismiss(result)
        return AwaitComplete()
