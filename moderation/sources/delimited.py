"""Tables: csv and tsv, record by record.

A record that is broken costs itself alone: after an unclosed quote, reading goes on
with the very next line, instead of taking the rest of the file for one text.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from moderation.comments import Comment
from moderation.errors import InputError, UsageError
from moderation.sources import columns
from moderation.sources.base import BadRecordError, Settings
from moderation.sources.files import LINE_TOO_LONG, MAX_LINE, Input
from moderation.sources.records import Maker
from moderation.sources.text import not_utf8

#: The longest field in characters.
MAX_FIELD: Final = 10 * 1024 * 1024
_MAX_RECORD: Final = 32 * 1024 * 1024
# Each line that is held costs a hundred bytes and more, however short it is.
_MOST_LINES: Final = 100_000
#: The most columns, as many as a spreadsheet has.
MAX_COLUMNS: Final = 16_384

#: The fields that such formats can fill.
FILLS: Final = frozenset(columns.FIELDS)

COMMA: Final = (",", ";", "\t", "|")
TAB: Final = ("\t",)


def read(source: Input, settings: Settings, delimiters: tuple[str, ...]) -> Iterator[Comment]:
    """The comments, with the first of `delimiters` that makes sense of the header.

    InputError when there is no column for the text, UsageError when a mapped column is
    not there.
    """
    header, delimiter, rows = table(source, settings, delimiters)
    found = columns.find(header, settings.columns)
    _check_mapping(source, settings, header, found)
    if found.text is None:
        raise InputError(
            f"no text column among: {', '.join(header)[:500]}",
            where=source.name,
            hint="name it with --map text=COL",
        )
    maker = Maker(source, settings)
    position = {name: index for index, name in reversed(list(enumerate(header)))}
    places = [None if name is None else position[name] for name in _in_order(found)]
    for line, row in rows:
        values = [None if place is None else row[place] for place in places]
        text, ident, author, author_id, created, parent, thread, title, url, depth, *more = values
        reports, edited, author_created, author_comments = more
        try:
            yield maker.comment(
                line=line,
                count=str(line),
                text=text,
                id=ident,
                author=author or None,
                author_id=author_id or None,
                created=created or None,
                parent=parent,
                has_parent=found.parent is not None,
                thread=thread or None,
                title=title or None,
                url=url or None,
                depth=depth,
                reports=reports,
                edited=edited,
                author_created=author_created or None,
                author_comments=author_comments,
            )
        except BadRecordError as error:
            source.reject(line, str(error), delimiter.join(row))


def table(
    source: Input, settings: Settings, delimiters: tuple[str, ...]
) -> tuple[list[str], str, Iterator[tuple[int, list[str]]]]:
    """The header, the delimiter, and each row with the line that it begins on, as wide as the
    header; broken ones are rejected. InputError when there is no header."""
    # Process-wide, as the csv module has it; only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD))
    start = source.peek(4096)
    old_mac = b"\r" in start and b"\n" not in start
    lines = _Lines(source, b"\r" if old_mac else b"\n")
    header, delimiter = _header(source, settings, lines, delimiters)
    return header, delimiter, _rows(source, lines, delimiter, len(header))


def _in_order(found: columns.Columns) -> tuple[str | None, ...]:
    return (
        found.text,
        found.id,
        found.author,
        found.author_id,
        found.created,
        found.parent,
        found.thread,
        found.title,
        found.url,
        found.depth,
        found.reports,
        found.edited,
        found.author_created,
        found.author_comments,
    )


def split_header(line: str, delimiter: str) -> list[str]:
    """The column names in a first line, [] when it cannot be one."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _header(
    source: Input, settings: Settings, lines: _Lines, delimiters: tuple[str, ...]
) -> tuple[list[str], str]:
    lines.begin()
    first = next((line for line in lines if line.strip() or lines.flaw), None)
    if first is None:
        raise InputError("an empty file, without a header line", where=source.name)
    if lines.flaw is not None:
        raise InputError(f"the header line: {lines.flaw[1]}", where=source.name)
    widest = 1 + max(map(first.count, delimiters))
    if widest > MAX_COLUMNS:
        raise InputError(
            f"the header line has {widest:,} columns, over the limit of {MAX_COLUMNS:,}",
            where=source.name,
            hint="is it a table? another format is named with --input-format",
        )
    lines.quoting = first.startswith('"')
    for delimiter in delimiters:
        header = split_header(first, delimiter)
        if columns.find(header, settings.columns).text is not None:
            return header, delimiter
    header = split_header(first, delimiters[0])
    if not header:
        raise InputError("the header line cannot be read", where=source.name)
    return header, delimiters[0]


def _check_mapping(
    source: Input, settings: Settings, header: list[str], found: columns.Columns
) -> None:
    for field, name in settings.columns.items():
        if getattr(found, field) is None:
            raise UsageError(
                f"no column {name!r} for {field} among: {', '.join(header)[:500]}",
                where=source.name,
            )


def _rows(
    source: Input, lines: _Lines, delimiter: str, width: int
) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it begins on; the broken ones are rejected."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            literal = _literal(lines, delimiter, width)
            if literal is not None:
                yield literal
                continue
            first = lines.keep_first()
            cause = lines.flaw[1] if lines.flaw else _cause(error)
            source.reject(first.number, cause, first.raw)
            continue
        line = lines.held[0].number
        if len(lines.held) > 1 and (literal := _literal(lines, delimiter, width, alike=True)):
            yield literal
        elif lines.flaw is not None:
            source.reject(line, lines.flaw[1], lines.held[lines.flaw[0]].raw)
        elif len(row) == width:
            yield line, row
        elif row and not (len(row) == 1 and not row[0].strip()):
            cause = f"{len(row):,} fields, where the header has {width:,}"
            source.reject(line, cause, lines.text())


def _cause(error: csv.Error) -> str:
    """What the csv module says in its own words, for people."""
    said = str(error)
    if said.startswith("unexpected end of data"):
        return "a quote is not closed"
    if said.startswith("field larger"):
        return f"a field of more than {csv.field_size_limit():,} characters, or an unclosed quote"
    if said.startswith("new-line character"):
        return "a carriage return outside quotes"
    if said.endswith("expected after '\"'"):
        return f"text after a closing quote ({said})"
    return said


def _literal(
    lines: _Lines, delimiter: str, width: int, *, alike: bool = False
) -> tuple[int, list[str]] | None:
    """The first held line, if it is a whole record of a tsv file where quotes mean nothing.

    Many write tsv without quoting. A quote at the beginning of a text then seems to
    open a field; that each line by itself has all its tabs shows it (`alike`). Where
    the header is quoted, quotes do mean something.
    """
    if delimiter != "\t" or width < 2 or lines.quoting or lines.flaw is not None:
        return None
    judged = lines.held if alike else lines.held[:1]
    if any(held.text.count("\t") != width - 1 for held in judged):
        return None
    first = lines.keep_first()
    return first.number, first.text.rstrip("\r\n").split("\t")


class _Line(NamedTuple):
    number: int
    text: str
    flaw: str | None = None
    data: bytes = b""

    @property
    def raw(self) -> str | bytes:
        return self.data or self.text


class _Lines:
    """The lines of an input for `csv.reader`, remembering those of the current record."""

    def __init__(self, source: Input, end: bytes) -> None:
        self._lines = source.lines(end)
        self._again: deque[_Line] = deque()
        self._size = 0
        self.held: list[_Line] = []
        #: The first line of the record that cannot be read: its index in `held`, the cause.
        self.flaw: tuple[int, str] | None = None
        #: Whether the header shows that fields are quoted.
        self.quoting = False

    def begin(self) -> None:
        """A new record begins with the next line."""
        self.held = []
        self._size = 0
        self.flaw = None

    def keep_first(self) -> _Line:
        """Give the lines after the record's first back to be read again."""
        self._again.extendleft(reversed(self.held[1:]))
        del self.held[1:]
        if self.flaw is not None and self.flaw[0] > 0:
            self.flaw = None
        return self.held[0]

    def text(self) -> str:
        return "".join(line.text for line in self.held)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._size > _MAX_RECORD:
            raise csv.Error("a record of more than 32 MiB, or a quote is not closed")
        if len(self.held) > _MOST_LINES:
            raise csv.Error(
                f"a record of more than {_MOST_LINES:,} lines, or a quote is not closed"
            )
        line = self._again.popleft() if self._again else self._read()
        if line.flaw is not None and self.flaw is None:
            self.flaw = len(self.held), line.flaw
        self.held.append(line)
        self._size += len(line.text)
        return line.text

    def _read(self) -> _Line:
        number, data = next(self._lines)
        if len(data) > MAX_LINE:
            # Its beginning would pass for a record: nothing of it goes to the parser.
            return _Line(number, "\n", LINE_TOO_LONG, data[:4096])
        try:
            return _Line(number, data.decode() + "\n")
        except UnicodeDecodeError as error:
            return _Line(number, data.decode(errors="replace") + "\n", not_utf8(error), data)
