"""Plots as inline SVG. Colours come from the page's classes, so that they follow light and dark;
every mark has its figures in a `<title>`, which browsers show and screen readers read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from moderation.comments import Verdict
from moderation.reports.html.markup import Html, join, tag

#: Flagged verdicts as they are stacked, from the ground up.
FLAGGED = (Verdict.HIDE, Verdict.HOLD, Verdict.FLAG)


def stacked(parts: Sequence[tuple[Verdict, int]]) -> Html:
    """One bar of several counts; what is not nothing can be seen."""
    total = sum(count for _, count in parts) or 1
    width, least = 1000.0, 4.0
    shown = [(verdict, count) for verdict, count in parts if count]
    spare = width - least * len(shown)
    at, marks = 0.0, []
    for verdict, count in shown:
        size = least + spare * count / total
        told = tag("title", f"{verdict.value}: {count:,} ({percent(count, total)})")
        marks.append(
            tag("rect", told, x=at, y=0, width=size, height=28, class_=f"v-{verdict.value}")
        )
        at += size
    said = ", ".join(f"{count:,} {verdict.value}" for verdict, count in shown) or "nothing"
    return _svg(width, 28, *marks, label=said, class_="stacked", preserveAspectRatio="none")


def bar(share: float, kind: str, said: str) -> Html:
    """A bar for a row of a table; `share` is from 0 to 1."""
    mark = tag("rect", x=0, y=0, width=max(share * 100, 0.5), height=10, rx=1, class_=kind)
    return _svg(100, 10, mark, label=said, class_="bar", preserveAspectRatio="none")


def histogram(label: str, bins: Sequence[int]) -> Html:
    """Comments by score from 0 to 1; heights by the logarithm, for nearly all are near 0."""
    width, height, left, top, ground = 320, 160, 40, 10, 136
    highest = max(max(bins), 1)
    decades = max(1, math.ceil(math.log10(highest + 1)))

    def up(count: float) -> float:
        return ground - (ground - top) * math.log10(count + 1) / math.log10(10**decades + 1)

    marks = []
    for decade in range(decades + 1):
        y = up(10**decade)
        marks.append(tag("line", x1=left, x2=width - 4, y1=y, y2=y, class_="grid"))
        marks.append(_words(left - 5, y + 4, _short(10**decade), anchor="end"))
    step = (width - 4 - left) / len(bins)
    for number, count in enumerate(bins):
        if count:
            y = up(count)
            span = f"{number / len(bins):.2f} to {(number + 1) / len(bins):.2f}"
            marks.append(
                tag(
                    "rect",
                    tag("title", f"{label} {span}: {count:,}"),
                    x=left + number * step + 0.75,
                    y=y,
                    width=step - 1.5,
                    height=ground - y,
                    class_="score",
                    fill_opacity=0.45 + 0.55 * number / len(bins),
                )
            )
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        at = left + share * (width - 4 - left)
        marks.append(_words(at, ground + 16, f"{share:g}", anchor=anchor))
    said = f"{label}: {sum(bins):,} comments, {sum(bins[len(bins) // 2 :]):,} at 0.5 or above"
    return _svg(width, height, *marks, label=said)


def columns(buckets: Sequence[tuple[str, Mapping[Verdict, int]]]) -> Html:
    """Flagged comments over time, one column a span of days."""
    width, height, left, top, ground = 960, 190, 48, 12, 160
    highest = max((_flagged(counts) for _, counts in buckets), default=0)
    ticks = list(_ticks(highest))
    most = max(ticks[-1], 1)

    def up(count: float) -> float:
        return ground - (ground - top) * count / most

    marks = []
    for tick in ticks:
        marks.append(tag("line", x1=left, x2=width, y1=up(tick), y2=up(tick), class_="grid"))
        marks.append(_words(left - 6, up(tick) + 4, _short(tick), anchor="end"))
    step = (width - left) / max(len(buckets), 1)
    gap = min(2.0, step * 0.2)
    for number, (name, counts) in enumerate(buckets):
        at, stack = left + number * step + gap / 2, 0
        pieces = []
        for verdict in FLAGGED:
            if count := counts.get(verdict, 0):
                y = up(stack + count)
                pieces.append(
                    tag(
                        "rect",
                        x=at,
                        y=y,
                        width=min(step - gap, 48.0),
                        height=up(stack) - y,
                        class_=f"v-{verdict.value}",
                    )
                )
                stack += count
        if pieces:
            told = ", ".join(f"{counts.get(v, 0):,} {v.value}" for v in FLAGGED)
            of = f"of {sum(counts.values()):,} comments"
            marks.append(tag("g", tag("title", f"{name}: {told} {of}"), *pieces))
    if buckets:
        marks.append(_words(left, ground + 18, buckets[0][0].split(" ")[0], anchor="start"))
        marks.append(_words(width, ground + 18, buckets[-1][0].split(" ")[-1], anchor="end"))
    total = sum(_flagged(counts) for _, counts in buckets)
    return _svg(width, height, *marks, label=f"{total:,} flagged comments over time")


def percent(count: int, total: int) -> str:
    """`0 %`, `<0.1 %`, `3.4 %`, `52 %`."""
    share = 100 * count / total if total else 0.0
    if 0 < share < 0.1:
        return "<0.1 %"
    return f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %"


def _flagged(counts: Mapping[Verdict, int]) -> int:
    return sum(counts.get(verdict, 0) for verdict in FLAGGED)


def _ticks(highest: int) -> Iterator[int]:
    """From 0 up in steps that are easily read, over the highest."""
    step = 1
    while highest / step > 4:
        step *= 5 if str(step)[0] == "2" else 2
        if str(step)[0] == "4":
            step = step // 4 * 5
    tick = 0
    while tick < highest:
        yield tick
        tick += step
    yield tick


def _short(count: int) -> str:
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:g}{letter}"
    return str(count)


def _words(x: float, y: float, words: str, *, anchor: str) -> Html:
    return tag("text", words, x=x, y=y, text_anchor=anchor)


def _svg(
    width: float, height: float, *marks: Html, label: str, class_: str = "", **more: str
) -> Html:
    return tag(
        "svg",
        tag("title", label),
        join(*marks),
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        class_=class_ or None,
        **more,
    )
