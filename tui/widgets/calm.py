"""What is shown when nothing waits."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.widgets import Static

from moderation.comments import Status
from tui.actions import Actions
from tui.render import QUIET


class CalmView(Static, can_focus=False):
    """An empty queue is good news, and undo still works from here."""

    def __init__(self, actions: Actions, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._actions = actions

    def show(self, counts: Mapping[Status, int], decided: int, asked: int = 0) -> None:
        """`asked` is how many decisions of others want an opinion."""
        kept = [
            f"{counts.get(status, 0):,} {status.value}"
            for status in (Status.APPROVED, Status.HIDDEN, Status.ESCALATED)
        ]
        self.update(
            Content.assemble(
                ("Nothing waits for review", "bold"),
                "\n\n",
                (f"{decided:,} decided in this session\n" if decided else "", ""),
                (" · ".join(kept), QUIET),
                "\n\n",
                (self._actions.key("undo"), "bold $accent"),
                (" takes back the last decision   ", QUIET),
                (self._actions.key("quit"), "bold $accent"),
                (" quits", QUIET),
                "\n",
                self._second(asked) if asked else "",
                ("New comments show up here by themselves.", QUIET),
            )
        )

    def _second(self, asked: int) -> Content:
        want = "decision wants" if asked == 1 else "decisions want"
        return Content.assemble(
            f"\n{asked:,} {want} your second opinion · ",
            (self._actions.key("second"), "bold $accent"),
            (" shows them\n\n", QUIET),
        )
