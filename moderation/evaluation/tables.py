"""An evaluation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moderation.display import for_log
from moderation.evaluation.metrics import Interval
from moderation.evaluation.result import Evaluation, LabelResult, ModelResult


def as_text(result: Evaluation) -> Iterator[str]:
    """Lines; the data's name and its columns are quoted safely."""
    yield f"{result.comments:,} comments of {for_log(result.data)}"
    for model in result.models:
        yield ""
        rate = result.comments / model.seconds if model.seconds else 0.0
        yield f"{for_log(model.model)}  ({rate:,.0f} comments/s)"
        yield from _figures(model)
        for label in model.labels:
            yield ""
            yield f"{label.label}: what a threshold does"
            yield from _cuts(label)
        yield from _groups(model)
    if result.differences:
        yield ""
        yield "AUC of the first less that of the second (DeLong's paired test)"
        yield from table(
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


def _figures(model: ModelResult) -> Iterator[str]:
    yield from table(
        ("label", "comments", "positive", "AUC", "95 %", "avg. precision", "95 %", "calibration"),
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
    if len(model.labels) > 1:
        yield f"mean AUC {number(model.mean_auc)}"


def _cuts(label: LabelResult) -> Iterator[str]:
    yield from table(
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


def _groups(model: ModelResult) -> Iterator[str]:
    for label in model.labels:
        if not label.groups:
            continue
        yield ""
        yield f"{label.label}: groups of people (AUC; false alarms from 0.5)"
        yield from table(
            ("group", "comments", "positive", "subgroup", "BPSN", "BNSP", "false alarms"),
            [
                (
                    for_log(group.group),
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


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, cells)) for cells in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
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
