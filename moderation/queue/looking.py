"""A moderator's questions. Each takes a connection within `Store.read`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection

from moderation.comments import Comment, Status
from moderation.errors import NotFoundError
from moderation.queue.items import (
    Agreement,
    Alike,
    AuthorHistory,
    Changes,
    Context,
    Item,
    Siblings,
    Statistics,
)
from moderation.store import clock, groups, opinions, reading
from moderation.store import statistics as figures

#: Decisions of an author that a context shows.
_LAST = 5
#: Keys that the hint of an ambiguous id lists.
_LISTED = 10


def keyed(conn: Connection, keys: Sequence[str]) -> list[Item]:
    return [Item(*each) for each in reading.load(conn, keys)]


def numbered(conn: Connection, numbers: Sequence[int]) -> list[Item]:
    return [Item(*each) for each in reading.by_number(conn, numbers)]


def named(conn: Connection, ref: str) -> Item:
    """
    Raises:
        NotFoundError: none, or several (the hint lists their keys).
    """
    found = reading.named(conn, ref, _LISTED + 1)
    if not found:
        raise NotFoundError(
            f"no comment {ref!r} is stored", hint="`moderation queue list` shows their ids"
        )
    if len(found) > 1:
        more = ", …" if len(found) > _LISTED else ""
        raise NotFoundError(
            f"several comments have the id {ref!r}",
            hint=f"use one of: {', '.join(found[:_LISTED])}{more}",
        )
    return keyed(conn, found)[0]


def siblings(conn: Connection, item: Item, most: int) -> Siblings:
    before, after, earlier, later = reading.siblings(conn, item.comment, item.n, most)
    return Siblings(tuple(keyed(conn, before)), tuple(keyed(conn, after)), earlier, later)


def context(conn: Connection, item: Item, most: int | None) -> Context:
    return Context(
        ancestors=tuple(keyed(conn, reading.ancestors(conn, item.comment))),
        replies=tuple(keyed(conn, reading.replies(conn, item.comment))),
        author=_author_history(conn, item.comment, most),
    )


def _author_history(conn: Connection, comment: Comment, most: int | None) -> AuthorHistory:
    if comment.author is None:
        return AuthorHistory()
    counts = reading.author_counts(conn, comment.author, most)
    return AuthorHistory(
        comments=sum(counts.values()),
        pending=counts[Status.PENDING],
        approved=counts[Status.APPROVED],
        hidden=counts[Status.HIDDEN],
        last=tuple(reading.author_decisions(conn, comment.author, _LAST)),
        most=most,
    )


def alike(conn: Connection, item: Item, likeness: float) -> Alike:
    near, partial = groups.alike(conn, item.n, None, likeness)
    return Alike(
        same=dict(groups.same_standing(conn, item.n)),
        near=dict(groups.other_standing(conn, item.n, [n for n, _ in near])),
        partial=partial,
    )


def statistics(conn: Connection, since: datetime | None) -> Statistics:
    return Statistics(
        counts=reading.counts(conn),
        made=dict(figures.made(conn, since)),
        queued=dict(figures.queued(conn)),
        settled=dict(figures.settled(conn)),
        rules=reading.rule_use(conn),
        scores=figures.scores(conn),
        agreement=Agreement(dict(opinions.pairs(conn))),
    )


def changes(conn: Connection, marker: int) -> Changes:
    rows = reading.changed(conn, marker)
    return Changes(clock.present(conn), tuple(n for n, _ in rows), tuple(key for _, key in rows))
