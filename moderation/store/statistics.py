"""How it goes: decisions over time and by moderator, scores by what became of comments.
Each takes a connection within `Store.read`.
"""

# ruff: noqa: S608 - what is put into SQL here are names of our own

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import UTC, datetime

from moderation.comments import Choice, Status
from moderation.store.reading import STANDS
from moderation.store.rows import stamp, unpack

#: Parts into which the scores from 0 to 1 are counted.
BINS = 20


def made(conn: sqlite3.Connection, since: datetime | None) -> Counter[tuple[datetime, str, Choice]]:
    """Decisions that stand by hour (UTC), moderator and choice; undos are not decisions."""
    rows = conn.execute(
        "SELECT substr(d.at, 1, 13), d.moderator, d.choice, count(*) FROM decisions d"
        f" WHERE d.at >= ? AND d.choice <> 'undo' AND {STANDS} GROUP BY 1, 2, 3",
        ["" if since is None else stamp(since.astimezone(UTC))],
    )
    return Counter(
        {(_hour(at), unpack(name), Choice(choice)): count for at, name, choice, count in rows}
    )


def settled(conn: sqlite3.Connection) -> Counter[datetime]:
    """How many comments left the queue less those that came back, by hour (UTC)."""
    rows = conn.execute(
        "SELECT substr(at, 1, 13), sum(before = 'pending') - sum(after = 'pending')"
        " FROM decisions WHERE before <> after GROUP BY 1"
    )
    return Counter({_hour(at): count for at, count in rows})


def queued(conn: sqlite3.Connection) -> Counter[datetime]:
    """How many comments scans have put into the queue, by hour (UTC)."""
    rows = conn.execute("SELECT substr(started, 1, 13), sum(queued) FROM runs GROUP BY 1")
    return Counter({_hour(at): count for at, count in rows})


def scores(conn: sqlite3.Connection) -> dict[Status, list[int]]:
    """By status, how many comments have their highest score in each of the `BINS`."""
    found: dict[Status, list[int]] = {
        status: [0] * BINS for status in Status if status is not Status.CLEAR
    }
    rows = conn.execute(
        f"SELECT status, min({BINS - 1}, max(0, CAST(top * {BINS} AS INTEGER))), count(*)"
        " FROM comments INDEXED BY comments_queue WHERE status <> 'clear' GROUP BY 1, 2"
    )
    for status, place, count in rows:
        found[Status(status)][place] = count
    return found


def _hour(at: str) -> datetime:
    return datetime.fromisoformat(f"{at}:00:00+00:00")
