"""Parquet: a row is a record as in jsonl. Needs pyarrow, from the extra [ray].

Only the columns that say something of a comment are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from moderation.comments import Comment
from moderation.errors import InputError, UsageError
from moderation.sources import columns
from moderation.sources.base import Settings
from moderation.sources.files import Source
from moderation.sources.objects import NESTED, Objects

#: How such a file begins.
MAGIC: Final = b"PAR1"

_AT_ONCE = 1024


def read(stream: BinaryIO, source: Source, settings: Settings) -> Iterator[Comment]:
    """The comments; the number of a row, from 1, stands for the line. What breaks on the way
    is a reject of the rest.

    Raises InputError where the file cannot be read at all or has no text, and UsageError
    when a mapped column is not there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(stream)
        names = table.schema_arrow.names
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"broken Parquet: {_first_line(error)}", where=source.name) from None
    wanted = _wanted(names, source, settings)
    objects = Objects(source, settings)
    number = 0
    batches = table.iter_batches(batch_size=_AT_ONCE, columns=wanted)
    while True:
        try:
            batch = next(batches, None)
            rows = _plain(batch).to_pylist() if batch is not None else None
        except (pa.ArrowException, OSError, ValueError) as error:
            source.reject(number + 1, f"broken Parquet, the rest is lost: {_first_line(error)}")
            return
        if rows is None:
            return
        for row in rows:
            number += 1
            yield from objects.comments(row, number, number, "")


def _wanted(names: list[str], source: Source, settings: Settings) -> list[str]:
    found = columns.find(names, settings.columns)
    for field, name in settings.columns.items():
        if getattr(found, field) is None:
            raise UsageError(
                f"no column {name!r} for {field} among: {', '.join(names)[:500]}",
                where=source.name,
            )
    if found.text is None:
        raise InputError(
            f"no text column among: {', '.join(names)[:500]}",
            where=source.name,
            hint="name it with --map text=COL",
        )
    fields = {getattr(found, field) for field in columns.FIELDS}
    return [name for name in names if name in fields or name in NESTED]


def _plain(batch: Any) -> Any:
    """Times as ISO 8601, and whole decimals as text: what other formats have there."""
    import pyarrow as pa

    arrays = []
    for array in batch.columns:
        kind = array.type
        if pa.types.is_temporal(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
            array = array.cast(pa.string())
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300] or type(error).__name__
