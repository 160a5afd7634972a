"""JSON lines: one object a line, read line by line, whatever the size of the file."""

from __future__ import annotations

from collections.abc import Iterator

from moderation.comments import Comment
from moderation.sources.base import BadRecordError, Settings
from moderation.sources.files import LINE_TOO_LONG, MAX_LINE, Input
from moderation.sources.objects import Objects, decode
from moderation.sources.text import not_utf8


def read(source: Input, settings: Settings) -> Iterator[Comment]:
    """The comments; a line that holds none is a reject, a blank line is nothing."""
    objects = Objects(source, settings)
    for number, line in source.lines():
        if len(line) > MAX_LINE:
            source.reject(number, LINE_TOO_LONG, line)
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            source.reject(number, not_utf8(error), line)
            continue
        if not text or text.isspace():
            continue
        try:
            value = decode(text)
        except BadRecordError as error:
            source.reject(number, str(error), text)
            continue
        yield from objects.comments(value, number, number, text)
