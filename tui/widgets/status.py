"""The line at the top: where the session stands, and what was done last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer

from moderation.display import one_line
from tui.pace import Pace, clock_words
from tui.render import QUIET
from tui.widgets.still import Still

#: A wait shorter than this is not worth a word.
_PATIENCE_SECONDS = 0.2
_REMINDED_SECONDS = 20


class StatusBar(Horizontal, can_focus=False):
    """Counts, the moderator's name and the session on the left, the last event on the right."""

    def __init__(self, moderator: str, pace: Pace, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pace = pace
        self._moderator = one_line(moderator, 20)
        self._event = Content.empty()
        self._patience: Timer | None = None
        self._ticked: tuple[int, int, bool] | None = None

        # Kept, not looked up: they are told things while the window closes as well.
        self._standing = Still(id="standing")
        self._session = Still(id="session")
        self._last = Still(id="event")

    def compose(self) -> ComposeResult:
        yield self._standing
        yield self._session
        yield self._last

    def standing(self, pending: int | None, decided: int, view: str = "") -> None:
        """`pending` is None while they are being counted. `view` says which of those that
        wait are seen, and in what order, where that is not all, most pressing first."""
        self._standing.update(
            Content.assemble(
                ("…" if pending is None else f"{pending:,}", "bold"),
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
        if self._patience is not None and content:
            self._patience.stop()
        self._last.update(content)

    @contextmanager
    def patience(self, words: Callable[[], Content], *, quiet: bool) -> Iterator[None]:
        """While it lasts, say in these words that something keeps us waiting, if it does
        and nothing else is said."""
        if quiet:
            yield
            return
        self._patience = self.set_timer(
            _PATIENCE_SECONDS, lambda: self._last.update(words().stylize_before("$text-warning"))
        )
        try:
            yield
        finally:
            self._patience.stop()
            self._last.update(self._event)
