"""From parsed JSON values to comments, with their nested replies; shared by jsonl and json.

Where an object has one key twice, the last one counts, as Python's decoder has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

from moderation.comments import Comment
from moderation.sources import columns
from moderation.sources.base import BadRecordError, Settings
from moderation.sources.files import Source
from moderation.sources.records import Maker, plain

#: The fields that such formats can fill.
FILLS: Final = frozenset(columns.FIELDS)

#: Keys under which a comment carries its replies.
NESTED: Final = ("replies", "children", "comment")

_MAX_SHAPES = 1_000
_T = TypeVar("_T")


def _number(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:
        return digits


_decoder: Final = json.JSONDecoder()
# Python refuses to turn thousands of digits into a number; as an id they are a text.
_patient: Final = json.JSONDecoder(parse_int=_number)


def decode(text: str) -> Any:
    """The one JSON value of `text`; BadRecordError says what is wrong with it."""
    return _tried(lambda decoder: decoder.decode(text))


def decode_at(text: str, start: int) -> tuple[Any, int]:
    """The JSON value that begins at `start`, and where it ends; BadRecordError as `decode`."""
    return _tried(lambda decoder: decoder.raw_decode(text, start))


def _tried(work: Callable[[json.JSONDecoder], _T]) -> _T:
    try:
        try:
            return work(_decoder)
        except json.JSONDecodeError:
            raise
        except ValueError:  # thousands of digits
            return work(_patient)
    except json.JSONDecodeError as error:
        raise BadRecordError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise BadRecordError("nested too deeply") from None


class _Entry(NamedTuple):
    """An object still to be read, and what is known of it from outside.

    `parent_origin` is the name space of the parent's id (see `Comment.origin`).
    """

    value: object
    path: str
    nested: bool = False
    parent: str | None = None
    parent_origin: str = ""
    depth: int | None = None


class Objects:
    """Makes comments of the objects of one input."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source = source
        self._mapping = settings.columns
        self._maker = Maker(source, settings)
        # The columns, found once for each set of keys.
        self._shapes: dict[tuple[str, ...], columns.Columns] = {}

    def comments(self, value: object, line: int | None, count: int, raw: str) -> Iterator[Comment]:
        """The comment of one object, then its replies, parents first.

        `count` is its number in the input and names it where it has no id; a reply
        without one is named by its path, `7.1`. What cannot be read is rejected under
        `line`, and its replies are read all the same.
        """
        waiting = [_Entry(value, str(count))]
        while waiting:
            entry = waiting.pop()
            if not isinstance(entry.value, dict):
                self._source.reject(line, "not an object", raw)
                continue
            record = entry.value
            shape, nesting = self._shape(record)
            try:
                yield self._comment(record, shape, nesting, entry, line)
            except BadRecordError as error:
                self._source.reject(line, str(error), raw)
            if nesting and (replies := _replies(record)):
                own = plain(record.get(shape.id)) if shape.id else None
                depth = (entry.depth or 0) + 1
                origin = self._source.origin if own is None else ""
                waiting.extend(
                    _Entry(reply, f"{entry.path}.{number}", True, own or entry.path, origin, depth)
                    for number, reply in reversed(list(enumerate(replies, 1)))
                )

    def _comment(
        self,
        record: dict[str, object],
        shape: columns.Columns,
        nesting: bool,
        entry: _Entry,
        line: int | None,
    ) -> Comment:
        if shape.text is None:
            raise BadRecordError(_no_text(record, self._mapping.get("text")))
        get = record.get
        parent = get(shape.parent) if shape.parent else None
        depth = get(shape.depth) if shape.depth else None
        if entry.nested:
            if parent is None:
                own = plain(get(shape.id)) if shape.id else None
                # Ids of two name spaces cannot point at each other.
                if (self._source.origin if own is None else "") == entry.parent_origin:
                    parent = entry.parent
            depth = entry.depth
        elif nesting and depth is None and parent is None:
            depth = 0
        return self._maker.comment(
            line=line,
            count=entry.path,
            text=record[shape.text],
            id=get(shape.id) if shape.id else None,
            author=get(shape.author) if shape.author else None,
            author_id=get(shape.author_id) if shape.author_id else None,
            created=get(shape.created) if shape.created else None,
            parent=parent,
            has_parent=shape.parent is not None,
            thread=get(shape.thread) if shape.thread else None,
            title=get(shape.title) if shape.title else None,
            url=get(shape.url) if shape.url else None,
            depth=depth,
            reports=get(shape.reports) if shape.reports else None,
            edited=get(shape.edited) if shape.edited else None,
            author_created=get(shape.author_created) if shape.author_created else None,
            author_comments=get(shape.author_comments) if shape.author_comments else None,
        )

    def _shape(self, record: dict[str, object]) -> tuple[columns.Columns, bool]:
        keys = tuple(record)
        # `comment` holds a text in some dumps, and the replies in others. The other
        # keys for replies may hold a count, or "" for none.
        nesting = "replies" in record or "children" in record
        if isinstance(record.get("comment"), (list, dict)):
            keys = tuple(key for key in keys if key != "comment")
            nesting = True
        shape = self._shapes.get(keys)
        if shape is None:
            if len(self._shapes) >= _MAX_SHAPES:
                self._shapes.clear()
            shape = self._shapes[keys] = columns.find(keys, self._mapping)
        return shape, nesting


def has_text(record: dict[str, object], settings: Settings) -> bool:
    """Whether this object looks like a comment."""
    return columns.find(record, settings.columns).text is not None


def _replies(record: dict[str, object]) -> list[object]:
    """The nested replies. A list without any object is something else: ids, a count."""
    found: list[object] = []
    for key in NESTED:
        value = record.get(key)
        if isinstance(value, dict):  # JSON-LD writes an only child without a list
            if key == "comment":
                found.append(value)
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            found.extend(value)
    return found


def _no_text(record: dict[str, object], mapped: str | None) -> str:
    if mapped is not None:
        return f"no key {mapped!r} for the text"
    keys = ", ".join(list(record)[:10])
    return f"no text among the keys: {keys[:200]}" if keys else "no text: an empty object"
