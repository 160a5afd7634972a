"""The reasons that a decision can be given."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from moderation.display import one_line
from moderation.reasons import Reason
from tui.render import QUIET
from tui.screens.pick import PickScreen


class ReasonScreen(PickScreen[str]):
    """Gives a reason's code, an empty one to have none, or None when nothing shall change."""

    def __init__(self, reasons: Sequence[Reason], now: str) -> None:
        self._codes = [each.code for each in reasons]
        lines = [_line(each, each.code == now) for each in reasons]
        if now:
            self._codes.append("")
            lines.append(Content.styled("No reason", "italic"))
        super().__init__(Content.styled("The reason for the next decision", "bold $accent"), lines)

    def value(self, index: int) -> str:
        return self._codes[index]


def _line(reason: Reason, now: bool) -> Content:
    sign = " ✓" if now else ""
    return Content.assemble(
        one_line(reason.label, 44), (f"  {one_line(reason.code, 20)}{sign}", QUIET)
    )
