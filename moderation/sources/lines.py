"""One comment a line. The line's number is its id; blank lines are nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from moderation.comments import Comment
from moderation.sources.base import Settings, too_long
from moderation.sources.files import LINE_TOO_LONG, MAX_LINE, Input
from moderation.sources.text import not_utf8

#: The fields that this format can fill, in the names of `columns`.
FILLS: Final = frozenset(("text",))


def read(source: Input, settings: Settings) -> Iterator[Comment]:
    """The comments, each the whole line as written, without its CR LF."""
    for number, line in source.lines():
        if len(line) > MAX_LINE:
            source.reject(number, LINE_TOO_LONG, line)
            continue
        try:
            text = line.decode().removesuffix("\r")
        except UnicodeDecodeError as error:
            source.reject(number, not_utf8(error), line)
            continue
        if not text or text.isspace():
            continue
        if len(text) > settings.max_text:
            source.reject(number, too_long(len(text), settings.max_text), text)
            continue
        yield Comment(str(number), text, origin=source.origin, source=source.name, line=number)
