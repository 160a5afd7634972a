"""The model's scores as bars, with the lines that the live rules draw on them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from moderation.comments import LABELS, Scores
from moderation.display import one_line
from tui.render import QUIET
from tui.thresholds import Threshold, Thresholds

_LABEL_WIDTH = 16
_FIGURE_WIDTH = 4
#: Where no rule speaks of a label, a score from here on is drawn as one that counts.
_NOTABLE = 0.5


class ScoreBars(Widget):
    """One bar for each score, as long as there is room, and its figure.

    The filled part is a heavy line and the rest dots; a rule's line is an upright, with a
    crossbar where the score has passed it. So it reads without colour.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._scores: Scores = {}
        self._thresholds: Thresholds = {}

    def show(self, scores: Scores) -> None:
        self._scores = scores
        self.refresh(layout=True)

    def draw_lines(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self.refresh(layout=True)

    def render(self) -> Content:
        if not self._scores:
            return Content.styled("No model scored this", f"italic {QUIET}")
        room = max(4, self.content_size.width - _LABEL_WIDTH - _FIGURE_WIDTH - 1)
        known = [label for label in LABELS if label in self._scores]
        others = [label for label in self._scores if label not in LABELS]
        lines = [
            self._bar(label, self._thresholds.get(label, ()), room) for label in known + others
        ]
        return Content("\n").join([*lines, *self._crossed()])

    def _bar(self, label: str, lines: Sequence[Threshold], room: int) -> Content:
        score = min(1.0, max(0.0, self._scores[label]))
        filled = round(score * room)
        notable = score >= (lines[0].at if lines else _NOTABLE)
        name = one_line(label.replace("_", " "), _LABEL_WIDTH - 1)
        cells = ["━"] * filled + ["┈"] * (room - filled)
        for line in lines:
            # Never in the filled part of a score that is below it, nor the other way round.
            passed = score >= line.at
            at = min(room - 1, int(line.at * room))
            at = min(at, max(0, filled - 1)) if passed else max(at, min(filled, room - 1))
            cells[at] = "╋" if passed else "╎"
        bar = "".join(cells)
        return Content.assemble(
            (f"{name:<{_LABEL_WIDTH}}", "" if notable else QUIET),
            (bar[:filled], "$text-warning" if notable else "$text-primary"),
            (bar[filled:], "$foreground 45%"),
            (f" {self._scores[label]:.2f}", "bold" if notable else QUIET),
        )

    def _crossed(self) -> list[Content]:
        """In words, the highest line that each score has passed."""
        found = []
        for label in self._scores:
            passed = [t for t in self._thresholds.get(label, ()) if self._scores[label] >= t.at]
            if passed:
                last = passed[-1]
                words = f"╋ {label.replace('_', ' ')} {last.at:g} {last.action}"
                whole = f"{words} · {last.rule}"
                room = self.content_size.width
                shown = whole if len(whole) <= room else words
                found.append(Content.styled(one_line(shown, room), QUIET))
        return found
