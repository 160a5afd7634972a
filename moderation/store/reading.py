"""The questions that the queue asks. Each takes a connection within `Store.read`."""

# ruff: noqa: S608 - what is put into SQL here are names and marks of our own

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from moderation.comments import Author, Comment, Decision, Scores, Status
from moderation.store.numbers import identity
from moderation.store.rows import (
    COMMENT_COLUMNS,
    DECISION_COLUMNS,
    DECISION_TABLES,
    FLAG_COLUMNS,
    STORED_COLUMNS,
    STORED_TABLES,
    Stored,
    comment_of,
    decision,
    flag,
    pack,
    stored,
    unpack,
)
from moderation.store.saving import chunks

#: Decisions that say what becomes of a comment; a skip leaves that open.
SETTLING = "('approve', 'hide', 'escalate')"
STANDS = "NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.seq)"

_STATUS = {status.value: status for status in Status}

#: Longer chains of parents are loops or nonsense.
_DEEPEST = 500


def counts(conn: sqlite3.Connection) -> dict[Status, int]:
    found = dict.fromkeys(Status, 0)
    (total,) = conn.execute("SELECT count(*) FROM comments").fetchone()
    for status, count in conn.execute(
        "SELECT status, count(*) FROM comments INDEXED BY comments_oldest"
        " WHERE status <> 'clear' GROUP BY status"
    ):
        found[Status(status)] = count
    found[Status.CLEAR] = total - sum(found.values())
    return found


def load(conn: sqlite3.Connection, wanted: Sequence[str]) -> list[Stored]:
    """The comments with these keys in this order; those that are gone are left out."""
    found: dict[str, Stored] = {}
    for part in chunks(wanted):
        rows = _rows(conn, part)
        flags = _flags(conn, [row[0] for row in rows])
        for row in rows:
            found[unpack(row[1])] = stored(row, flags.get(row[0], ()))
    return [found[key] for key in wanted if key in found]


def _rows(conn: sqlite3.Connection, wanted: Sequence[str]) -> list[Any]:
    marks = ",".join("?" * len(wanted))
    return conn.execute(
        f"SELECT {STORED_COLUMNS} FROM {STORED_TABLES} WHERE c.key IN ({marks})",
        [pack(key) for key in wanted],
    ).fetchall()


def _flags(conn: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[Any]]:
    marks = ",".join("?" * len(numbers))
    rows = conn.execute(
        f"SELECT comment, {FLAG_COLUMNS} FROM flags WHERE comment IN ({marks})"
        " ORDER BY comment, place",
        numbers,
    )
    return {
        number: [flag(row[1:]) for row in group]
        for number, group in groupby(rows, key=lambda row: row[0])
    }


def changed(conn: sqlite3.Connection, after: int) -> list[tuple[int, str]]:
    """(number, key) of each comment written after this number of the clock."""
    rows = conn.execute("SELECT n, key FROM comments WHERE changed > ? ORDER BY n", [after])
    return [(n, unpack(key)) for n, key in rows]


def changed_numbers(conn: sqlite3.Connection, after: int, limit: int) -> list[int]:
    """The numbers of at most so many comments written after this number of the clock."""
    rows = conn.execute("SELECT n FROM comments WHERE changed > ? LIMIT ?", [after, limit])
    return [n for (n,) in rows]


def named(conn: sqlite3.Connection, ref: str, limit: int) -> list[str]:
    """The key that is `ref`, else the keys of up to `limit` comments with that id."""
    packed = pack(ref)
    if conn.execute("SELECT 1 FROM comments WHERE key = ?", [packed]).fetchone():
        return [ref]
    rows = conn.execute("SELECT key FROM comments WHERE id = ? ORDER BY n LIMIT ?", [packed, limit])
    return [unpack(key) for (key,) in rows]


def ancestors(conn: sqlite3.Connection, comment: Comment) -> list[str]:
    """The keys of the stored ancestors, root first. A loop of parents ends where it closes."""
    if comment.parent_key is None:
        return []
    rows = conn.execute(
        "WITH RECURSIVE up (key, parent_key, height) AS ("
        " SELECT key, parent_key, 1 FROM comments WHERE key = ?"
        " UNION ALL SELECT c.key, c.parent_key, height + 1"
        " FROM up JOIN comments c ON c.key = up.parent_key WHERE height < ?)"
        " SELECT key FROM up ORDER BY height",
        [pack(comment.parent_key), _DEEPEST],
    )
    line: dict[str, None] = {}
    for (packed,) in rows:
        key = unpack(packed)
        if key == comment.key or key in line:
            break
        line[key] = None
    return list(line)[::-1]


def replies(conn: sqlite3.Connection, comment: Comment) -> list[str]:
    """The keys of the direct replies, as they were first seen."""
    rows = conn.execute(
        "SELECT key FROM comments WHERE parent_key = ? ORDER BY n", [pack(comment.key)]
    )
    found = [unpack(key) for (key,) in rows]
    return [key for key in found if key != comment.key]


def siblings(
    conn: sqlite3.Connection, comment: Comment, n: int, most: int
) -> tuple[list[str], list[str], int, int]:
    """Of the other replies to the same comment the keys of the `most` before and after
    number `n`, as they were first seen, and how many there are on either side."""
    if comment.parent_key is None:
        return [], [], 0, 0
    parent = pack(comment.parent_key)
    before, after = (
        [unpack(key) for (key,) in conn.execute(question, [parent, n, most])]
        for question in (
            "SELECT key FROM comments WHERE parent_key = ? AND n < ? ORDER BY n DESC LIMIT ?",
            "SELECT key FROM comments WHERE parent_key = ? AND n > ? ORDER BY n LIMIT ?",
        )
    )
    (earlier, later) = conn.execute(
        "SELECT count(n < ?1 OR NULL), count(n > ?1 OR NULL) FROM comments WHERE parent_key = ?2",
        [n, parent],
    ).fetchone()
    return before[::-1], after, earlier, later


def author_counts(
    conn: sqlite3.Connection, author: Author, most: int | None = None
) -> dict[Status, int]:
    """How many of this person's comments have each status; `most` ends each count."""
    return {
        status: conn.execute(
            "SELECT count(*) FROM (SELECT 1 FROM comments INDEXED BY comments_author"
            " WHERE author IS NOT NULL AND author IN (SELECT n FROM authors WHERE ident = ?)"
            " AND status = ? LIMIT ?)",
            [pack(identity(author)), status.value, -1 if most is None else most],
        ).fetchone()[0]
        for status in Status
    }


def author_decisions(conn: sqlite3.Connection, author: Author, limit: int) -> list[Decision]:
    """The last decisions that stand on this person's comments, latest first, skips left out."""
    rows = conn.execute(
        f"SELECT {DECISION_COLUMNS} FROM {DECISION_TABLES}"
        " WHERE d.author IN (SELECT n FROM authors WHERE ident = ?)"
        f" AND d.choice IN {SETTLING} AND {STANDS} ORDER BY d.seq DESC LIMIT ?",
        [pack(identity(author)), limit],
    )
    return [decision(row) for row in rows]


def history(conn: sqlite3.Connection, key: str) -> list[Decision]:
    """Every decision on this comment, oldest first."""
    rows = conn.execute(
        f"SELECT {DECISION_COLUMNS} FROM {DECISION_TABLES} WHERE d.key = ? ORDER BY d.seq",
        [pack(key)],
    )
    return [decision(row) for row in rows]


class RuleUse(NamedTuple):
    """What the stored flags say of one rule: comments that it flags, how people decided
    on them, and when the last of them came."""

    hits: int
    hidden: int
    approved: int
    escalated: int
    last: datetime

    @property
    def precision(self) -> float | None:
        """The share hidden among those that people decided, None where nobody has."""
        decided = self.hidden + self.approved
        return self.hidden / decided if decided else None


def rule_use(conn: sqlite3.Connection) -> dict[str, RuleUse]:
    """By rule id. A decision counts where it stands for the text as it is now."""
    rows = conn.execute(
        "SELECT f.rule, count(*), sum(c.status = 'hidden'), sum(c.status = 'approved'),"
        " sum(c.status = 'escalated'), max(c.born)"
        " FROM flags f JOIN comments c ON c.n = f.comment GROUP BY f.rule"
    )
    return {
        unpack(rule): RuleUse(hits, hidden, approved, escalated, _moment(born))
        for rule, hits, hidden, approved, escalated, born in rows
    }


def _moment(born: float) -> datetime:
    """A source can claim a time that UTC's calendar has no day for."""
    try:
        return datetime.fromtimestamp(born, UTC)
    except (ValueError, OverflowError):
        return (datetime.max if born > 0 else datetime.min).replace(tzinfo=UTC)


def timeline(conn: sqlite3.Connection, since: datetime | None) -> array[int]:
    """The numbers of the stored comments in the order in which they came, eight bytes
    each; `since` leaves out the older ones (a comment without a time came when it was
    first seen)."""
    first = float("-inf") if since is None else since.timestamp()
    rows = conn.execute("SELECT n FROM comments WHERE born >= ? ORDER BY born, n", [first])
    return array("q", (n for (n,) in rows))


def author_totals(conn: sqlite3.Connection, before: datetime) -> list[tuple[str, int, int, int]]:
    """Each author's identity with how many comments of theirs came before this time, and
    how many of those are approved and hidden."""
    rows = conn.execute(
        "SELECT u.ident, count(*), sum(c.status = 'approved'), sum(c.status = 'hidden')"
        " FROM comments c JOIN authors u ON u.n = c.author WHERE c.born < ? GROUP BY u.ident",
        [before.timestamp()],
    )
    return [(unpack(who), *counts) for who, *counts in rows]


def by_number(conn: sqlite3.Connection, wanted: Sequence[int]) -> list[Stored]:
    """As `load`, by the comments' numbers."""
    found: dict[int, Stored] = {}
    for part in chunks(wanted):
        marks = ",".join("?" * len(part))
        rows = conn.execute(
            f"SELECT {STORED_COLUMNS} FROM {STORED_TABLES} WHERE c.n IN ({marks})", list(part)
        ).fetchall()
        flags = _flags(conn, [row[0] for row in rows])
        found |= {row[0]: stored(row, flags.get(row[0], ())) for row in rows}
    return [found[n] for n in wanted if n in found]


def numbered(conn: sqlite3.Connection, numbers: Sequence[int]) -> list[Stored]:
    """The comments of a piece of the `timeline` in its order, without their flags; those
    that are gone are left out."""
    found: dict[int, Stored] = {}
    for part in chunks(numbers):
        marks = ",".join("?" * len(part))
        rows = conn.execute(
            f"SELECT {STORED_COLUMNS} FROM {STORED_TABLES} WHERE c.n IN ({marks})", list(part)
        )
        found |= {row[0]: stored(row, ()) for row in rows}
    return [found[n] for n in numbers if n in found]


class Judged(NamedTuple):
    """A comment with what people made of it, and no more: `n` is its number."""

    n: int
    comment: Comment
    scores: Scores
    unsupported: bool
    status: Status


def judged(conn: sqlite3.Connection, numbers: Sequence[int]) -> list[Judged]:
    """As `numbered`, for those who go through whole stores: in half its time."""
    found: dict[int, Judged] = {}
    for part in chunks(numbers):
        marks = ",".join("?" * len(part))
        rows = conn.execute(
            f"SELECT {COMMENT_COLUMNS}, a.scores, a.unsupported FROM {STORED_TABLES}"
            f" WHERE c.n IN ({marks})",
            list(part),
        )
        for row in rows:
            scores, unsupported = json.loads(row[21]), bool(row[22])
            found[row[0]] = Judged(row[0], comment_of(row), scores, unsupported, _STATUS[row[10]])
    return [found[n] for n in numbers if n in found]
