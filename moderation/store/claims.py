"""Who has which comment before them. Each takes a connection within a transaction.

A claim is a lease: it ends by itself, so that a session that died holds nothing up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from moderation.comments import Status
from moderation.store import deciding
from moderation.store.rows import now, pack, stamp, unpack
from moderation.store.saving import chunks


class Held(NamedTuple):
    """A claim that has not ended. `session` is one run of one program."""

    n: int
    key: str
    moderator: str
    session: str
    since: datetime
    until: datetime


_HELD = (
    "SELECT k.comment, c.key, k.moderator, k.session, k.taken, k.expires"
    " FROM claims k JOIN comments c ON c.n = k.comment WHERE k.expires > ?"
)


def held(conn: sqlite3.Connection, at: float) -> list[Held]:
    """All of them, the oldest first."""
    return [_held(row) for row in conn.execute(f"{_HELD} ORDER BY k.taken, k.comment", [at])]


def holding(conn: sqlite3.Connection, numbers: Sequence[int], at: float) -> dict[int, Held]:
    """By comment, for those of these comments that are held by anyone."""
    found: dict[int, Held] = {}
    for part in chunks(numbers):
        marks = ",".join("?" * len(part))
        rows = conn.execute(f"{_HELD} AND k.comment IN ({marks})", [at, *part])
        found |= {row[0]: _held(row) for row in rows}
    return found


def first_free(
    conn: sqlite3.Connection, numbers: Sequence[int], session: str, at: float
) -> int | None:
    """The first of these comments that waits and that no other session holds."""
    held = holding(conn, numbers, at)
    states = deciding.states(conn, numbers)
    waiting = (n for n in numbers if n in states and states[n].status is Status.PENDING)
    return next((n for n in waiting if n not in held or held[n].session == session), None)


def take(conn: sqlite3.Connection, n: int, moderator: str, session: str, until: float) -> Held:
    """Hold this comment, whoever held it before."""
    conn.execute(
        "INSERT OR REPLACE INTO claims (comment, moderator, session, taken, expires)"
        " VALUES (?, ?, ?, ?, ?)",
        [n, pack(moderator), session, stamp(now()), until],
    )
    return _held(conn.execute(f"{_HELD} AND k.comment = ?", [0, n]).fetchone())


def prolong(conn: sqlite3.Connection, moderator: str, session: str, at: float, until: float) -> int:
    """All that this session holds; how many those are. What has ended is not brought back."""
    return conn.execute(
        "UPDATE claims SET expires = ? WHERE moderator = ? AND session = ? AND expires > ?",
        [until, pack(moderator), session, at],
    ).rowcount


def drop(conn: sqlite3.Connection, numbers: Sequence[int], moderator: str) -> int:
    """Let go of what this moderator holds of these comments; how many those were."""
    name = pack(moderator)
    cursor = conn.executemany(
        "DELETE FROM claims WHERE comment = ? AND moderator = ?", ((n, name) for n in numbers)
    )
    return cursor.rowcount


def end(conn: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Nobody holds these comments any more."""
    conn.executemany("DELETE FROM claims WHERE comment = ?", ((n,) for n in numbers))


def drop_session(conn: sqlite3.Connection, moderator: str, session: str) -> int:
    return conn.execute(
        "DELETE FROM claims WHERE moderator = ? AND session = ?", [pack(moderator), session]
    ).rowcount


def sweep(conn: sqlite3.Connection, at: float) -> None:
    """Remove what has ended."""
    conn.execute("DELETE FROM claims WHERE expires <= ?", [at])


def _held(row: tuple[int, str | bytes, str | bytes, str, str, float]) -> Held:
    n, key, moderator, session, since, until = row
    return Held(
        *(n, unpack(key), unpack(moderator), session, datetime.fromisoformat(since)),
        until=datetime.fromtimestamp(until, UTC),
    )
