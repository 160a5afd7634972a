"""An evaluation as one HTML page that needs nothing but itself: no script, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from moderation.display import visible
from moderation.errors import MissingExtraError
from moderation.evaluation.result import Evaluation, ModelResult
from moderation.evaluation.tables import Table, differences, figures, of_label

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { margin-top: 3rem; } h3 { margin-bottom: .3rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-size: .85rem; opacity: .8; }
svg { width: 100%; height: auto; border-radius: .5rem; }
"""
#: Fewer comments with about one score say little of how honest it is.
_TELLING = 10
_COLORS = ("#3b6fb6", "#c2582d", "#3f8f5f", "#8a5fb0", "#a1872b", "#b04a78", "#4f9aa8")


def as_html(result: Evaluation) -> str:
    """The page. MissingExtraError without the extra [plots]."""
    return "\n".join(_page(result)) + "\n"


def _page(result: Evaluation) -> Iterator[str]:
    title = f"How well models score {_safe(result.data)}"
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1><p>{result.comments:,} comments. Intervals are 95 %.</p>"
    if result.differences:
        yield from _table(differences(result))
    for model in result.models:
        yield f"<h2>{_safe(model.model)}</h2>"
        yield from _table(figures(model))
        yield '<div class="charts">'
        yield from _charts(model)
        yield "</div>"
        for label in model.labels:
            for table in of_label(label):
                yield from _table(table)
    yield "</body></html>"


def _charts(model: ModelResult) -> Iterator[str]:
    curves = {label.label: label.curve for label in model.labels}
    yield _chart(
        "ROC",
        "false positives",
        "recall",
        {
            name: [(0.0, 0.0), *zip(curve.false_positives, curve.recall, strict=True)]
            for name, curve in curves.items()
        },
        diagonal=True,
        caption="The nearer to the upper left corner, the better the ranking.",
    )
    yield _chart(
        "Precision and recall",
        "recall",
        "precision",
        {
            name: list(zip(curve.recall, curve.precision, strict=True))
            for name, curve in curves.items()
        },
        caption="How many of the flagged ones are right, at each share of the toxic ones found.",
    )
    yield _chart(
        "Calibration",
        "score",
        "share of positives",
        {
            label.label: [
                (bin_.score, bin_.share) for bin_ in label.bins if bin_.comments >= _TELLING
            ]
            for label in model.labels
        },
        diagonal=True,
        dots=True,
        caption="On the line, a score of 0.7 means that 7 of 10 such comments are positive.",
    )


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"<h3>{_safe(table.title)}</h3>"
    yield "<table><tr>" + "".join(f"<th>{_safe(head)}</th>" for head in table.heads) + "</tr>"
    for row in table.rows:
        yield "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"


def _chart(
    title: str,
    across: str,
    up: str,
    lines: dict[str, list[tuple[float, float]]],
    *,
    caption: str,
    diagonal: bool = False,
    dots: bool = False,
) -> str:
    """One plot of [0, 1] by [0, 1] as a figure."""
    pygal = _pygal()
    chart = pygal.XY(
        title=title,
        x_title=across,
        y_title=up,
        width=520,
        height=460,
        range=(0, 1),
        xrange=(0, 1),
        stroke=True,
        show_dots=dots,
        dots_size=3,
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
        disable_xml_declaration=True,
        js=[],  # tooltips would be fetched from elsewhere
        style=pygal.style.Style(
            background="#fafafa",
            plot_background="#ffffff",
            font_family="system-ui, sans-serif",
            colors=_COLORS,
            title_font_size=18,
            legend_font_size=12,
            label_font_size=11,
            major_label_font_size=11,
        ),
    )
    for name, points in lines.items():
        chart.add(name, points, stroke_style={"width": 2})
    if diagonal:
        chart.add(None, [(0, 0), (1, 1)], stroke_style={"dasharray": "4,4"}, show_dots=False)
    # Its comments hold the date, its script the settings of tooltips that are not there.
    drawn = re.sub(
        r"<!--.*?-->|<script.*?</script>", "", chart.render(is_unicode=True), flags=re.DOTALL
    )
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


def _pygal() -> Any:
    try:
        import pygal
        import pygal.style
    except ImportError:
        raise MissingExtraError("a page with plots", "plots") from None
    return pygal


def _safe(text: str) -> str:
    return escape(visible(text))
