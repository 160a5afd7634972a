"""JSON documents: an array of objects, or an object with such an array.

The text of the document is held in memory (up to `MAX_DOCUMENT` bytes), its records
are decoded one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from moderation.comments import Comment
from moderation.errors import InputError
from moderation.sources.base import RAW_LIMIT, BadRecordError, Settings
from moderation.sources.files import HEAD, Input
from moderation.sources.objects import Objects, decode, decode_at, has_text

#: The keys under which a document keeps its comments, the likelier first.
LISTS: Final = ("comments", "data", "items", "results")

#: The largest document in bytes; the larger belong into jsonl.
MAX_DOCUMENT: Final = 512 * 1024**2

# For each error Python counts the lines before it: a hostile document of nothing but
# errors would take hours.
_MOST_BROKEN: Final = 1_000

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.S)
_BARE: Final = re.compile(r"[^,\]}]*")
_SURROGATE: Final = re.compile("[\udc80-\udcff]")


def read(source: Input, settings: Settings) -> Iterator[Comment]:
    """The comments; InputError when the document is neither of the two."""
    head = source.peek(HEAD).lstrip(b" \t\r\n")
    if head and head[:1] not in (b"[", b"{"):
        raise _no_document(source)
    data = source.whole(MAX_DOCUMENT)
    clean = True
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text, clean = data.decode(errors="surrogateescape"), False
    del data
    objects = Objects(source, settings)
    start = _skip_blank(text, 0)
    elements = _Elements(source, objects, text, clean)
    if text[start : start + 1] == "{":
        found = _find_list(text, start)
        if found is None:
            if not clean:
                raise InputError("not valid UTF-8", where=source.name)
            yield from _single(source, settings, objects, text)
            return
        yield from elements.read(found)
        end = skip(text, start)
    elif text[start : start + 1] == "[":
        yield from elements.read(start)
        end = elements.end
    else:
        raise _no_document(source, empty=start == len(text))
    if end is not None and (after := _skip_blank(text, end)) < len(text):
        line = 1 + text.count("\n", 0, after)
        source.reject(
            line,
            "what follows the end of the document is not read",
            text[after : after + RAW_LIMIT],
        )


def _no_document(source: Input, *, empty: bool = False) -> InputError:
    what = "an empty file" if empty else "neither an array nor an object"
    return InputError(what, where=source.name, hint="jsonl holds one object a line")


def _single(source: Input, settings: Settings, objects: Objects, text: str) -> Iterator[Comment]:
    """A document that is one comment."""
    try:
        value = decode(text)
    except BadRecordError as error:
        raise InputError(str(error), where=source.name) from None
    if not has_text(value, settings):
        raise InputError(
            f"no list of comments under {', '.join(LISTS)}",
            where=source.name,
            hint="an array of objects is read as well",
        )
    yield from objects.comments(value, 1 + text[: _skip_blank(text, 0)].count("\n"), 1, text)


class _Elements:
    """Walks over the elements of an array; one that cannot be decoded is stepped over."""

    def __init__(self, source: Input, objects: Objects, text: str, clean: bool) -> None:
        self._source = source
        self._objects = objects
        self._text = text
        self._clean = clean
        self._line = 1
        self._counted = 0
        #: Where the array ended, None when it did not.
        self.end: int | None = None

    def read(self, start: int) -> Iterator[Comment]:
        text = self._text
        at = _skip_blank(text, start + 1)
        count = broken = 0
        while at < len(text) and text[at] != "]":
            count += 1
            line = self._line_of(at)
            end: int | None
            try:
                value, end = decode_at(text, at)
            except BadRecordError as error:
                self._source.reject(line, _without_column(str(error)), text[at : at + RAW_LIMIT])
                end = skip(text, at)
                broken += 1
                if broken == _MOST_BROKEN:
                    cause = f"{broken:,} records that are not JSON: the rest is not read"
                    self._source.reject(line, cause)
                    return
            else:
                yield from self._element(value, line, count, at, end)
            if end is None:
                break
            at = _skip_blank(text, end)
            if text[at : at + 1] == ",":
                at = _skip_blank(text, at + 1)
            elif at < len(text) and text[at] != "]":
                cause = "a comma is missing: the rest is not read"
                self._source.reject(self._line_of(at), cause, text[at : at + RAW_LIMIT])
                return
        else:
            if at < len(text):
                self.end = at + 1
                return
        self._source.reject(self._line_of(len(text)), "the array does not end", "")

    def _element(
        self, value: object, line: int, count: int, at: int, end: int
    ) -> Iterator[Comment]:
        if not self._clean and (bad := _SURROGATE.search(self._text, at, end)):
            byte = len(self._text[at : bad.start()].encode(errors="surrogateescape")) + 1
            raw = self._text[at : min(end, at + RAW_LIMIT)].encode(errors="surrogateescape")
            self._source.reject(line, f"not valid UTF-8 at byte {byte} of the record", raw)
            return
        yield from self._objects.comments(
            value, line, count, self._text[at : min(end, at + RAW_LIMIT)]
        )

    def _line_of(self, at: int) -> int:
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line


def skip(text: str, at: int) -> int | None:
    """Where the value that begins at `at` ends, by its brackets alone; None: nowhere."""
    if text[at : at + 1] in (",", "}"):  # no value at all
        return at if text[at] == "," else at + 1
    if text[at : at + 1] not in ("[", "{"):
        match = _TOKEN.match(text, at) if text[at : at + 1] == '"' else _BARE.match(text, at)
        return match.end() if match and match.end() > at else None
    depth = 0
    for match in _TOKEN.finditer(text, at):
        sign = match[0]
        if sign in ("[", "{"):
            depth += 1
        elif sign in ("]", "}"):
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def _skip_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    assert match is not None
    return match.end()


def _find_list(text: str, start: int) -> int | None:
    """Where the list of comments begins in the object at `start`, None without one.

    Nothing is decoded but keys and plain values, so a huge list is not held twice.
    """
    found: dict[str, int] = {}
    at = _skip_blank(text, start + 1)
    while text[at : at + 1] == '"':
        try:
            key, at = decode_at(text, at)
        except BadRecordError:
            break
        at = _skip_blank(text, at)
        if text[at : at + 1] != ":":
            break
        at = _skip_blank(text, at + 1)
        if key in LISTS and text[at : at + 1] == "[":
            found.setdefault(key, at)
        end = skip(text, at)
        if end is None:
            break
        at = _skip_blank(text, end)
        if text[at : at + 1] != ",":
            break
        at = _skip_blank(text, at + 1)
    return next((found[key] for key in LISTS if key in found), None)


def _without_column(cause: str) -> str:
    """A column counted within a document of one line helps nobody."""
    return re.sub(r" at column \d+$", "", cause)
