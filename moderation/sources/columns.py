"""Finding the columns of a table, or the keys of an object, by their usual names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

#: The usual names of each field, the likelier first.
USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("text", "body", "comment", "comment_text", "content", "message"),
    "id": ("id", "comment_id"),
    "author": ("author", "user", "username", "name"),
    "author_id": ("author_id", "user_id"),
    "created": ("created_at", "created_utc", "timestamp", "date", "time"),
    "parent": ("parent", "parent_id"),
    "thread": ("thread", "thread_id", "link_id", "post_id", "article_id"),
    "title": ("title", "thread_title", "page_title"),
    "url": ("url", "permalink", "link"),
    "depth": ("depth",),
    "reports": ("reports", "report_count", "num_reports"),
    "edited": ("edited", "is_edited"),
    "author_created": ("author_created", "author_created_utc", "account_created", "user_created"),
    "author_comments": ("author_comments", "user_comments"),
}

#: The fields that `--map` can name.
FIELDS: Final = tuple(USUAL)

_KNOWN: Final = frozenset(name for names in USUAL.values() for name in names)


@dataclass(frozen=True, slots=True)
class Columns:
    """The name of the column that holds each field, None where there is none."""

    text: str | None
    id: str | None
    author: str | None
    author_id: str | None
    created: str | None
    parent: str | None
    thread: str | None
    title: str | None
    url: str | None
    depth: str | None
    reports: str | None
    edited: str | None
    author_created: str | None
    author_comments: str | None


def plain(name: str) -> str:
    """A column name as it is compared: `Comment Text`, `comment-text` → `comment_text`."""
    return re.sub(r"[\s\-]+", "_", name.strip().lstrip("\ufeff")).casefold()


def find(names: Iterable[str], mapping: Mapping[str, str]) -> Columns:
    """The columns among `names`; a field in `mapping` is looked for under that name alone.

    Mapped names must agree exactly, or else but for case and blanks; of two columns
    with one name the first counts.
    """
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for name in names:
        exact.setdefault(name, name)
        loose.setdefault(plain(name), name)
    found: dict[str, str | None] = {}
    for field, usual in USUAL.items():
        if field in mapping:
            wanted = mapping[field]
            found[field] = exact.get(wanted) or loose.get(plain(wanted))
        else:
            found[field] = next((loose[name] for name in usual if name in loose), None)
    return Columns(**found)


def known(name: str) -> bool:
    """Whether this is one of the usual names of any field."""
    return plain(name) in _KNOWN
