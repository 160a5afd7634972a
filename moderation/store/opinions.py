"""Second opinions: a share of the decided comments, judged once more by another moderator.

Which decisions are in the share follows from their place in the chain, whose hash nobody
can choose or foresee: every process finds the same, and no moderator knows beforehand.
"""

# ruff: noqa: S608 - what is put into SQL here are names of our own

from __future__ import annotations

import sqlite3
from collections import Counter

from moderation.comments import Choice
from moderation.store.reading import STANDS
from moderation.store.rows import now, pack, stamp

# A standing decision that says what has become of its comment, whose text is still that.
_JUDGED = f"""
  FROM decisions d JOIN comments c ON c.key = d.key
  WHERE d.choice IN ('approve', 'hide') AND d.after = c.status AND d.moderator = c.decided_by
    AND d.version >= c.text_version AND c.purged IS NULL AND {STANDS}
    AND NOT EXISTS (
      SELECT 1 FROM decisions e WHERE e.key = d.key AND e.seq > d.seq
        AND e.choice IN ('approve', 'hide', 'escalate')
        AND {STANDS.replace("d.seq", "e.seq")})
    AND NOT EXISTS (SELECT 1 FROM second_opinions o WHERE o.decision = d.seq)
    AND d.moderator <> ?"""


def wanted(conn: sqlite3.Connection, moderator: str, share: float) -> list[int]:
    """The numbers of the comments on which this moderator should be asked, the first
    decided first. `share` is from 0 to 1."""
    below = "g" if share >= 1 else f"{int(max(share, 0) * 16**16):016x}"
    rows = conn.execute(
        f"SELECT c.n {_JUDGED} AND d.hash < ? ORDER BY d.seq", [pack(moderator), below]
    )
    return [n for (n,) in rows]


def decision_on(conn: sqlite3.Connection, n: int, moderator: str) -> int | None:
    """The decision on this comment that still lacks a second opinion and is another's."""
    row = conn.execute(f"SELECT d.seq {_JUDGED} AND c.n = ?", [pack(moderator), n]).fetchone()
    return None if row is None else int(row[0])


def record(
    conn: sqlite3.Connection, decision: int, moderator: str, choice: Choice, reason: str, note: str
) -> None:
    conn.execute(
        "INSERT INTO second_opinions (decision, choice, moderator, at, reason, note)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [decision, choice.value, pack(moderator), stamp(now()), pack(reason), pack(note)],
    )


def pairs(conn: sqlite3.Connection) -> Counter[tuple[Choice, Choice]]:
    """How often the first moderator chose this and the second that, where the first
    decision still stands."""
    rows = conn.execute(
        "SELECT d.choice, o.choice, count(*) FROM second_opinions o"
        f" JOIN decisions d ON d.seq = o.decision WHERE {STANDS} GROUP BY d.choice, o.choice"
    )
    return Counter({(Choice(first), Choice(second)): count for first, second, count in rows})
