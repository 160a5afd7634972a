"""From the values of one record to a `Comment`: shared by tables and objects."""

from __future__ import annotations

import math
from datetime import datetime

from moderation.comments import MAX_TEXT, Author, Comment, Thread
from moderation.sources import times
from moderation.sources.base import BadRecordError, Settings, slug, too_long
from moderation.sources.files import Source

_NAME_KEYS = ("name", "username", "display_name", "displayName", "login", "nick")
_ROOT = "0"
UNREAD_TIME = "times that cannot be read and stay unknown"
_MOST = 999_999_999


class Maker:
    """Makes the comments of one input."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source = source
        self._name = source.name
        self._origin = source.origin
        self._zone = settings.zone
        self._max_text = settings.max_text

    def comment(
        self,
        *,
        line: int | None,
        count: str,
        text: object,
        id: object = None,
        author: object = None,
        author_id: object = None,
        created: object = None,
        parent: object = None,
        has_parent: bool = False,
        thread: object = None,
        title: object = None,
        url: object = None,
        depth: object = None,
        reports: object = None,
        edited: object = None,
        author_created: object = None,
        author_comments: object = None,
    ) -> Comment:
        """The comment; BadRecordError when it has no text, or a text that is too long.

        `count` is its id where the record has none of its own. `has_parent` says that
        the source has a field for the parent: an empty one then means depth 0.
        """
        if not isinstance(text, str):
            kind = "null" if text is None else type(text).__name__
            raise BadRecordError(f"the text is {_KINDS.get(kind, kind)}, not a string")
        if len(text) > self._max_text:
            raise BadRecordError(too_long(len(text), self._max_text))
        who = _author(
            author,
            author_id,
            self._time(author_created, line),
            _count(author_comments),
        )
        where = _thread(thread, title, url)
        for name, what in ((who and who.name, "author"), (where and where.title, "title")):
            if name and len(name) > MAX_TEXT:
                raise BadRecordError(too_long(len(name), MAX_TEXT, what))
        own = plain(id)
        above = _parent(parent, own)
        deep = _count(depth)
        if deep is None and has_parent and above is None:
            deep = 0
        return Comment(
            id=count if own is None else own,
            text=text,
            author=who,
            created=self._time(created, line),
            thread=where,
            parent=above,
            depth=deep,
            origin=self._origin if own is None else "",
            source=self._name,
            line=line,
            reports=_count(reports),
            edited=_yes_no(edited),
        )

    def _time(self, value: object, line: int | None) -> datetime | None:
        when = times.parse(value, self._zone)
        if when is None and value is not None and times.is_stated(value):
            self._source.count(UNREAD_TIME, line)
        return when


_KINDS = {
    "dict": "an object",
    "list": "a list",
    "bool": "a yes/no value",
    "int": "a number",
    "float": "a number",
}


def plain(value: object) -> str | None:
    """An id as text: `7`, `7.0` and `"7"` are one; None where there is none."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dict):
        value = value.get("id")
        return None if isinstance(value, dict) else plain(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value) if isinstance(value, int) else None


def _parent(value: object, own: str | None) -> str | None:
    # A comment cannot be its own parent, and `false` is no id.
    above = None if isinstance(value, bool) else plain(value)
    if above is None or above == own:
        return None
    # WordPress and others count ids from 1 and write 0 for "no parent".
    if above == _ROOT and (own is None or (own.isascii() and own.isdigit())):
        return None
    return above


def _count(value: object) -> int | None:
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    return None


def _yes_no(value: object) -> bool | None:
    """Also where the field is the time of the change, or false (Reddit): a time is a yes."""
    if isinstance(value, str):
        word = value.strip().lower()
        if not word:
            return None
        return word not in ("false", "no", "0", "f", "n")
    if isinstance(value, (bool, int, float)):
        return bool(value)
    return None


def _author(
    value: object, author_id: object, created: datetime | None, comments: int | None
) -> Author | None:
    if value is None and author_id is None:
        return None
    if isinstance(value, list):
        value = value[0] if value else None
    name: str | None = None
    own = plain(author_id)
    if isinstance(value, dict):
        own = plain(value) or own
        name = next((v for k in _NAME_KEYS if isinstance(v := value.get(k), str) and v), None)
    elif isinstance(value, str):
        name = value.strip() or None
    elif not isinstance(value, bool):
        name = plain(value)
    if name is None:
        name = own
    return None if name is None else Author(name, own, created, comments)


def _thread(value: object, title: object, url: object) -> Thread | None:
    if value is None and title is None and url is None:
        return None
    if isinstance(value, dict):
        title = title if title is not None else value.get("title")
        url = url if url is not None else value.get("url", value.get("link"))
    heading = title if isinstance(title, str) and title.strip() else None
    address = url.strip() if isinstance(url, str) else None
    # The part after `#` names the comment on the page, not the page.
    page = address.partition("#")[0] or None if address else None
    own = plain(value) or page or (slug(heading) if heading else None)
    return Thread(own, heading, page) if own else None
