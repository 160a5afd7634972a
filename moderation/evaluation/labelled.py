"""Labelled comments: a table or JSON lines with a text and a column for each label."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from moderation.comments import LABELS
from moderation.errors import InputError, UsageError
from moderation.evaluation.metrics import Bools, Floats
from moderation.sources import columns
from moderation.sources.base import BadRecordError, ReadOptions, Reject, Settings
from moderation.sources.delimited import COMMA, TAB, table
from moderation.sources.files import Input, bare_name, open_path
from moderation.sources.objects import decode

#: Other usual names of a label's column.
_ALIASES = {
    "toxicity": ("toxic", "target"),
    "severe_toxicity": ("severe_toxic",),
    "identity_attack": ("identity_hate", "hate"),
}
_YES = frozenset(("1", "true", "yes", "y", "t"))
_NO = frozenset(("0", "false", "no", "n", "f"))
#: A share of raters from which on a comment counts as what they said (as in the data of
#: Civil Comments).
_MAJORITY = 0.5


@dataclass(frozen=True, slots=True)
class Labelled:
    """Comments with what people said of them."""

    name: str
    texts: list[str]
    labels: tuple[str, ...]
    #: Shape (texts, labels): 1, 0, or NaN where nobody said.
    truth: Floats
    #: By the name of a group, which of the comments are about it.
    groups: dict[str, Bools]


def read(
    path: str,
    *,
    labels: Mapping[str, str],
    text: str | None = None,
    groups: Sequence[str] = (),
    limit: int | None = None,
    on_reject: Callable[[Reject], None],
) -> Labelled:
    """Read csv, tsv or jsonl (.gz and .zst as well).

    Args:
        labels: column by label, "" for a column of a usual name; no label at all stands
            for every one that has such a column.
        text: the text's column, if it has none of the usual names.
        groups: columns that say which comments are about a group of people.
        limit: only so many comments from the beginning.
        on_reject: told each record that cannot be used.

    A cell is 1, 0, a share of raters (0.5 and more counts as 1), or empty: not labelled.

    Raises:
        InputError: the file cannot be read, or holds no labelled comments.
        UsageError: it lacks a column.
    """
    settings = Settings.of(ReadOptions(columns={"text": text} if text else {}))
    with open_path(path) as stream:
        source = Input(stream, path, path, on_reject=on_reject, on_bytes=lambda size: None)
        bare = bare_name(path).lower()
        if bare.endswith((".csv", ".tsv", ".tab")):
            header, rows = _table(source, settings, bare)
        else:
            header, rows = _objects(source)
        text_column = columns.find(header, settings.columns).text
        if text_column is None:
            raise _lacks(path, text or "text", header)
        usual = _usual(header)
        named = {
            label: _named(path, column, header) if column else usual.get(label, "")
            for label, column in labels.items()
        }
        if "" in named.values():
            raise _lacks(path, next(label for label in named if not named[label]), header)
        named = named or usual
        if not named:
            raise UsageError(
                "no column is named like a label",
                where=path,
                hint=f"--label toxicity=COLUMN, of: {', '.join(header)[:300]}",
            )
        places = {group: _named(path, group, header) for group in groups}
        labelled = _collect(source, rows, text_column, named, places, limit)
        source.finish()
    if not labelled.texts:
        raise InputError("no labelled comments in it", where=path)
    return labelled


Row = tuple[int, Mapping[str, object]]


def _table(source: Input, settings: Settings, bare: str) -> tuple[list[str], Iterator[Row]]:
    header, _, rows = table(source, settings, COMMA if bare.endswith(".csv") else TAB)
    return header, ((line, dict(zip(header, row, strict=True))) for line, row in rows)


def _objects(source: Input) -> tuple[list[str], Iterator[Row]]:
    rows = _decoded(source)
    first = next(rows, None)
    if first is None:
        raise InputError(
            "neither a table (.csv, .tsv) nor JSON lines with objects", where=source.name
        )

    def all_rows() -> Iterator[Row]:
        yield first
        yield from rows

    return list(first[1]), all_rows()


def _decoded(source: Input) -> Iterator[Row]:
    for number, line in source.lines():
        if not line.strip():
            continue
        try:
            value = decode(line.decode())
            if not isinstance(value, dict):
                raise BadRecordError("not an object")
        except (UnicodeDecodeError, BadRecordError) as error:
            source.reject(number, str(error), line)
            continue
        yield number, value


def _collect(
    source: Input,
    rows: Iterable[Row],
    text_column: str,
    named: Mapping[str, str],
    places: Mapping[str, str],
    limit: int | None,
) -> Labelled:
    texts: list[str] = []
    truth: list[list[float]] = []
    members: dict[str, list[bool]] = {group: [] for group in places}
    for line, row in rows:
        if limit is not None and len(texts) >= limit:
            break
        text = row.get(text_column)
        try:
            if not isinstance(text, str):
                raise BadRecordError("there is no text")
            told = [_number(row.get(column), column) for column in named.values()]
            about = [_number(row.get(column), column) for column in places.values()]
        except BadRecordError as error:
            source.reject(line, str(error), str(text))
            continue
        texts.append(text)
        truth.append([value if math.isnan(value) else float(value >= _MAJORITY) for value in told])
        for group, value in zip(members, about, strict=True):
            members[group].append(value >= _MAJORITY)
    return Labelled(
        name=Path(source.name).name,
        texts=texts,
        labels=tuple(named),
        truth=np.array(truth, dtype=np.float64).reshape(len(texts), len(named)),
        groups={group: np.array(values, dtype=bool) for group, values in members.items()},
    )


def _number(value: object, column: str) -> float:
    """A label's cell: 0 to 1, NaN where it is empty."""
    if value is None:
        return math.nan
    if isinstance(value, (bool, int, float)):
        number = float(value)
    else:
        word = str(value).strip().lower()
        if not word:
            return math.nan
        if word in _YES or word in _NO:
            return float(word in _YES)
        try:
            number = float(word)
        except ValueError:
            number = -1.0
    if not 0 <= number <= 1:
        raise BadRecordError(f"{column} is neither yes nor no, nor a share from 0 to 1")
    return number


def _usual(header: Sequence[str]) -> dict[str, str]:
    plain = {columns.plain(name): name for name in reversed(header)}
    return {
        label: plain[name]
        for label in LABELS
        for name in (label, *_ALIASES.get(label, ()))[::-1]
        if name in plain
    }


def _named(path: str, column: str, header: Sequence[str]) -> str:
    plain = {columns.plain(name): name for name in reversed(header)}
    found = column if column in header else plain.get(columns.plain(column))
    if found is None:
        raise _lacks(path, column, header)
    return found


def _lacks(path: str, column: str, header: Sequence[str]) -> UsageError:
    return UsageError(
        f"no column '{column}'", where=path, hint=f"it has: {', '.join(header)[:300]}"
    )
