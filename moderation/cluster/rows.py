"""Assessments as Arrow tables: the objects of `jsonl`, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from moderation.comments import Assessment
from moderation.reports import ShowText
from moderation.reports.records import as_record

_SPAN = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("text", pa.string())])
_FLAG = pa.struct(
    [
        *((name, pa.string()) for name in ("rule", "action", "severity", "status")),
        *((name, pa.string()) for name in ("reason", "field")),
        ("spans", pa.list_(_SPAN)),
    ]
)


def schema(labels: Sequence[str]) -> pa.Schema:
    """The columns for a model with these labels: `source`, which tells equal ids of two
    files apart, then the keys of the object. Without labels there is no `scores`: Parquet
    has no structs without members."""
    scores = pa.struct([(label, pa.float64()) for label in labels])
    return pa.schema(
        [
            ("source", pa.string()),
            ("schema", pa.string()),
            ("id", pa.string()),
            ("line", pa.int64()),
            ("verdict", pa.string()),
            ("severity", pa.string()),
            ("priority", pa.int64()),
            *([("scores", scores)] if labels else []),
            ("flags", pa.list_(_FLAG)),
            ("undecided", pa.list_(pa.string())),
            ("unsupported", pa.bool_()),
            ("reading", pa.string()),
            ("model", pa.string()),
            ("policy", pa.string()),
        ]
    )


def table(
    assessments: Iterable[Assessment], columns: pa.Schema, show_text: ShowText = "full"
) -> pa.Table:
    """A row for each. Half a surrogate pair, which JSON can hold and UTF-8 cannot, is `�`."""
    rows = [{"source": each.comment.source, **as_record(each, show_text)} for each in assessments]
    try:
        return pa.Table.from_pylist(rows, schema=columns)
    except UnicodeEncodeError:
        return pa.Table.from_pylist([_whole(row) for row in rows], schema=columns)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value
