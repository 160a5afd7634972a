"""Words that are laid out and drawn only when they change."""

from __future__ import annotations

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static


class Still(Static):
    """A Static for what is said anew at every key, and is mostly the same.

    A layout of the screen takes longer than everything else that a key asks for.
    """

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        if not _same(content, self.content):
            super().update(content, layout=layout)


def _same(content: VisualType, shown: VisualType) -> bool:
    return isinstance(content, Content) and isinstance(shown, Content) and content.is_same(shown)
