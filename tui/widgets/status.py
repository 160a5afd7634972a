"""The line at the top: where the session stands, and what was done last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from moderation.display import one_line
from tui.pace import Pace, clock_words
from tui.render import QUIET

#: A wait shorter than this is not worth a word.
_PATIENCE_SECONDS = 0.4
_REMINDED_SECONDS = 20
_WAITING = Content.styled("Waiting for the database…", "$text-warning")


class StatusBar(Horizontal, can_focus=False):
    """Counts, the moderator's name and the session on the left, the last event on the right."""

    def __init__(self, moderator: str, pace: Pace, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pace = pace
        self._moderator = one_line(moderator, 20)
        self._event = Content.empty()
        self._ticked: tuple[int, int, bool] | None = None

        # Kept, not looked up: they are told things while the window closes as well.
        self._standing = Static(id="standing")
        self._session = Static(id="session")
        self._last = Static(id="event")

    def compose(self) -> ComposeResult:
        yield self._standing
        yield self._session
        yield self._last

    def standing(self, pending: int, decided: int, view: str = "") -> None:
        """`view` says which of those that wait are seen, and in what order, where that is
        not all of them, most pressing first."""
        self._standing.update(
            Content.assemble(
                (f"{pending:,}", "bold"),
                " pending",
                (" · ", QUIET),
                (f"{decided:,}", "bold"),
                " decided",
                (" · ", QUIET),
                self._moderator,
                (f" · {one_line(view, 60)}" if view else "", "$text-warning"),
            )
        )
        self.tick()

    def tick(self) -> None:
        """Show how much was read and for how long, and say it when a break is due."""
        pace = self._pace
        now = (pace.seen, pace.minutes, pace.overdue)
        if now != self._ticked:  # it comes every second: draw what has changed
            self._ticked = now
            self._session.update(
                Content.assemble(
                    (f" · {pace.seen:,} seen · {clock_words(pace.minutes)}", QUIET),
                    (" · time for a break", "$text-success") if pace.overdue else "",
                )
            )
        if pace.reminder_due():
            self.notify(
                f"{clock_words(pace.unbroken)} without a break. The queue can wait.",
                title="Time for a break",
                timeout=_REMINDED_SECONDS,
                markup=False,
            )

    def event(self, content: Content) -> None:
        self._event = content
        self.waiting(False)

    @contextmanager
    def patience(self, *, quiet: bool) -> Iterator[None]:
        """While it lasts, say that the database keeps us waiting, if it does."""
        timer = None if quiet else self.set_timer(_PATIENCE_SECONDS, lambda: self.waiting(True))
        try:
            yield
        finally:
            if timer is not None:
                timer.stop()
                self.waiting(False)

    def waiting(self, waits: bool) -> None:
        """Say that the database keeps us waiting, or show the last event again."""
        self._last.update(_WAITING if waits else self._event)
