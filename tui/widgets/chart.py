"""One plot with its heading above it and its figures in words below.

The plotting library reads its labels as markup, so only numbers and times go into it:
names stand in the list below, under the number that their bar bears.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static
from textual_plot import AxisFormatter, HiResMode, NumericAxisFormatter, PlotWidget

from tui.render import QUIET

_HOUR = 3600.0
#: Steps between the times on an axis, in hours, and how these are written.
_STEPS = (
    (1, "%H:%M"), (3, "%H:%M"), (6, "%a %H:%M"), (12, "%a %H:%M"), (24, "%d %b"), (48, "%d %b"),
    (7 * 24, "%d %b"), (30 * 24, "%d %b"), (91 * 24, "%b %Y"), (365 * 24, "%Y"),
)  # fmt: skip


class Plot(PlotWidget, can_focus=False):
    """The library's, to be looked at only: keys and the wheel are for the screen."""

    def __init__(self) -> None:
        super().__init__(allow_pan_and_zoom=False)

    def on_mount(self) -> None:
        self.margin_top, self.margin_bottom, self.margin_left = 0, 1, 7


class Chart(Vertical):
    """`show` what there is, or `say` why there is nothing."""

    def __init__(self, heading: str, *, id: str) -> None:
        super().__init__(id=id, classes="chart")
        self._heading = Content.styled(heading, "bold $accent")
        self.plot = Plot()
        self._words = Static()

    def compose(self) -> ComposeResult:
        yield Static(self._heading, classes="chart-heading")
        yield self.plot
        with VerticalScroll(can_focus=False):
            yield self._words

    def on_mount(self) -> None:
        self.plot.display = False

    @property
    def ready(self) -> bool:
        """Whether it can be drawn in: it is made in several steps."""
        return self.plot.is_mounted and bool(self.plot.children)

    def say(self, words: str) -> None:
        self._words.update(Content.styled(words, f"italic {QUIET}"))

    def tell(self, words: Content) -> None:
        """The figures, below the plot."""
        self._words.update(words)

    def steps(self, at: Sequence[datetime], heights: Sequence[float]) -> None:
        """A line that holds each height from its time to the next: one time more."""
        times = [moment.timestamp() for moment in at]
        xs = [x for pair in pairwise(times) for x in pair]
        ys = [height for height in heights for _ in range(2)]
        self._begin(1.05 * max(ys))
        self.plot.set_x_formatter(_Times())
        self.plot.plot(xs, ys, self._colour("primary"), hires_mode=HiResMode.QUADRANT)

    def bars_at(self, at: Sequence[datetime], heights: Sequence[float]) -> None:
        """A bar for each hour, from the first of them to the last."""
        self._begin(max(heights))
        self.plot.set_x_formatter(_Times())
        middles = [moment.timestamp() + _HOUR / 2 for moment in at]
        self.plot.set_xlimits(min(middles) - _HOUR, max(middles) + _HOUR)
        # Whole cells side by side: halves of them would cover each other.
        self._bars(middles, heights, _HOUR, within=HiResMode.HALFBLOCK)

    def bars(self, heights: Sequence[float], *, top: float | None = None) -> None:
        """Bars that are numbered from 1."""
        self._begin(top or max(heights))
        self.plot.set_x_formatter(_Numbers())
        self.plot.set_xlimits(0.4, max(len(heights), 4) + 0.6)
        self._bars([float(n) for n in range(1, len(heights) + 1)], heights, 0.7)

    def both_ways(self, up: Sequence[int], down: Sequence[int]) -> None:
        """Two histograms over 0 to 1, one upwards and one downwards from the same line."""
        most = max(1, *up, *down)
        self._begin(most, least=-most if any(down) else 0)
        self.plot.set_y_formatter(_Counts())
        width = 1 / len(up)
        middles = [(n + 0.5) * width for n in range(len(up))]
        self.plot.set_xlimits(0, 1)
        # Below the bars, and just above 0, which lies between two rows: in that of the tick.
        line = [most / 1000, most / 1000]
        self.plot.plot([0, 1], line, self._colour("quiet"), hires_mode=HiResMode.BRAILLE)
        self._bars(middles, up, 0.9 * width, "warning")
        self._bars(middles, [-count for count in down], 0.9 * width, "success")

    def _begin(self, most: float, least: float = 0) -> None:
        self.plot.display = True
        self.plot.clear()
        self.plot.set_y_formatter(_Counts())
        self.plot.set_ylimits(least, max(1, most))

    def _bars(
        self,
        at: Sequence[float],
        heights: Sequence[float],
        width: float,
        colour: str = "primary",
        *,
        within: HiResMode = HiResMode.QUADRANT,
    ) -> None:
        shown = [(x, height) for x, height in zip(at, heights, strict=True) if height]
        if shown:
            xs, ys = zip(*shown, strict=True)
            self.plot.bar(xs, ys, width, self._colour(colour), hires_mode=within)

    def _colour(self, name: str) -> str:
        return self.app.theme_variables[name]


class _Times(AxisFormatter):
    """Times in seconds, at whole hours, days or more of local time."""

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 5) -> list[float]:
        step = self._step((max_ - min_) / 4)[0] * _HOUR
        zone = datetime.fromtimestamp(min_, UTC).astimezone().utcoffset()
        shift = zone.total_seconds() if zone else 0.0
        first = -((min_ + shift) // -step) * step - shift
        # None so far to the right that its words would be cut off.
        last = max_ - (max_ - min_) / 20
        return [first + n * step for n in range(int((last - first) // step) + 1)]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        way = self._step(ticks[1] - ticks[0] if len(ticks) > 1 else _HOUR)[1]
        return [datetime.fromtimestamp(tick, UTC).astimezone().strftime(way) for tick in ticks]

    @staticmethod
    def _step(seconds: float) -> tuple[int, str]:
        return next((each for each in _STEPS if each[0] * _HOUR >= seconds), _STEPS[-1])


class _Counts(NumericAxisFormatter):
    """Whole numbers, whichever way they go."""

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        return [tick for tick in super().get_ticks(min_, max_, max_ticks) if tick == int(tick)]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [_short(abs(tick)) for tick in ticks]


class _Numbers(NumericAxisFormatter):
    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        return [float(n) for n in range(1, int(max_) + 1)]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [f"{tick:.0f}" for tick in ticks]


def _short(count: float) -> str:
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if count >= size:
            return f"{count / (1000 if unit == 'k' else size):g}{unit}"
    return f"{count:g}"
