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

    def show(self, counts: Mapping[Status, int], decided: int) -> None:
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
                ("New comments show up here by themselves.", QUIET),
            )
        )
