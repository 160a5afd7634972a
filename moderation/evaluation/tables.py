"""An evaluation as tables, and these as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from moderation.display import for_log
from moderation.evaluation.metrics import Interval
from moderation.evaluation.result import Evaluation, LabelResult, ModelResult


class Table(NamedTuple):
    """Cells may quote the data's column names: whoever prints them makes them safe."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def as_text(result: Evaluation) -> Iterator[str]:
    """Lines, safe for a terminal."""
    yield f"{result.comments:,} comments of {for_log(result.data)}"
    for model in result.models:
        yield ""
        rate = result.comments / model.seconds if model.seconds else 0.0
        yield f"{for_log(model.model)}  ({rate:,.0f} comments/s)"
        yield from _lines(figures(model))
        if len(model.labels) > 1:
            yield f"mean AUC {number(model.mean_auc)}"
        for label in model.labels:
            for table in of_label(label):
                yield ""
                yield from _lines(table)
    if result.differences:
        yield ""
        yield from _lines(differences(result))


def figures(model: ModelResult) -> Table:
    heads = ("label", "comments", "positive", "AUC", "95 %", "average precision", "95 %")
    return Table(
        "",
        (*heads, "calibration error"),
        [
            (
                label.label,
                f"{label.comments:,}",
                f"{label.positives:,}",
                number(label.auc),
                span(label.auc_interval),
                number(label.average_precision),
                span(label.average_precision_interval),
                number(label.calibration_error),
            )
            for label in model.labels
        ],
    )


def of_label(label: LabelResult) -> Iterator[Table]:
    """What thresholds do, and how the model treats groups of people where any are named."""
    yield Table(
        f"{label.label}: what a threshold does",
        ("from", "flagged", "precision", "95 %", "recall", "F1"),
        [
            (
                f"{cut.threshold:g}",
                f"{cut.flagged:,}",
                number(cut.precision, 3),
                span(cut.interval, 3),
                number(cut.recall, 3),
                number(cut.f1, 3),
            )
            for cut in label.cuts
        ],
    )
    if label.groups:
        yield Table(
            f"{label.label}: groups of people (AUC; false alarms from 0.5)",
            ("group", "comments", "positive", "subgroup", "BPSN", "BNSP", "false alarms"),
            [
                (
                    group.group,
                    f"{group.comments:,}",
                    f"{group.positives:,}",
                    number(group.subgroup, 3),
                    number(group.bpsn, 3),
                    number(group.bnsp, 3),
                    percent(group.false_positives),
                )
                for group in label.groups
            ],
        )


def differences(result: Evaluation) -> Table:
    return Table(
        "AUC of the first model less that of the second (DeLong's paired test)",
        ("label", "difference", "95 %", "p"),
        [
            (
                label,
                f"{found.value:+.4f}",
                f"{found.interval.low:+.4f} … {found.interval.high:+.4f}",
                "< 0.0001" if found.p < 0.0001 else f"{found.p:.4f}",
            )
            for label, found in result.differences.items()
        ],
    )


def _lines(table: Table) -> Iterator[str]:
    """The first column to the left, the others to the right."""
    if table.title:
        yield table.title
    rows: list[Sequence[str]] = [[for_log(cell) for cell in row] for row in table.rows]
    widths = [max(map(len, cells)) for cells in zip(table.heads, *rows, strict=True)]
    for row in (table.heads, *rows):
        first, *others = (
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join((first, *others)).rstrip()


def number(value: float, places: int = 4) -> str:
    return f"{value:.{places}f}" if value == value else "-"


def percent(value: float) -> str:
    return f"{value:.1%}" if value == value else "-"


def span(interval: Interval, places: int = 4) -> str:
    if interval.low != interval.low:
        return "-"
    return f"{interval.low:.{places}f}–{interval.high:.{places}f}"
