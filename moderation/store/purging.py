"""Personal data removed for good: texts and authors go, the record of decisions stays.

Each takes a connection within `Store.write`. What remains of a comment is its id, place,
scores and rules, with its status if a person decided: statistics hang on those.
"""

# ruff: noqa: S608 - what is put into SQL here are marks of our own

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from moderation.store import clock
from moderation.store.rows import now, pack, stamp
from moderation.store.saving import chunks, forget_sketches


def due(conn: sqlite3.Connection, before: float | None, author: str | None) -> list[int]:
    """The numbers of the comments that came before this time, and that this author (a name
    or the platform's id) wrote. Unless an author is named, what waits for a person stays."""
    conditions = ["purged IS NULL"]
    values: list[str | bytes | float] = []
    if before is not None:
        conditions.append("born < ?")
        values.append(before)
    if author is None:
        conditions.append("status NOT IN ('pending', 'escalated')")
    else:
        conditions.append("author IN (SELECT n FROM authors WHERE name = ? OR ident = ?)")
        values += [pack(author), pack(f"id:{author}")]
    rows = conn.execute(f"SELECT n FROM comments WHERE {' AND '.join(conditions)}", values)
    return [n for (n,) in rows]


def purge(conn: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Remove text, author and whatever quotes them, from every table and index."""
    # Also where SQLite was built to leave what it deletes in the file.
    conn.execute("PRAGMA secure_delete = ON")
    at = stamp(now())
    clock.tick(conn)
    authors: set[int] = set()
    for part in chunks(numbers):
        marks = ",".join("?" * len(part))
        wanted = list(part)
        authors |= {
            n
            for (n,) in conn.execute(
                f"SELECT DISTINCT author FROM comments WHERE n IN ({marks})", wanted
            )
            if n is not None
        }
        forget_sketches(conn, wanted)
        decisions = (
            "IN (SELECT d.seq FROM decisions d JOIN comments c ON c.key = d.key"
            f" WHERE c.n IN ({marks}))"
        )
        conn.execute(
            "UPDATE decision_texts SET salt = NULL, text = NULL, note = NULL, purged = ?"
            f" WHERE purged IS NULL AND seq {decisions}",
            [at, *wanted],
        )
        conn.execute(f"UPDATE second_opinions SET note = NULL WHERE decision {decisions}", wanted)
        conn.execute(
            f"UPDATE flags SET reason = '', spans = '[]' WHERE comment IN ({marks})", wanted
        )
        conn.execute(f"UPDATE assessments SET reading = '' WHERE comment IN ({marks})", wanted)
        conn.execute(f"DELETE FROM claims WHERE comment IN ({marks})", wanted)
        # A hash of a short text can be guessed back, so it goes too.
        conn.execute(
            "UPDATE comments SET text = '', author = NULL, more = NULL, script = NULL,"
            " text_hash = randomblob(16), digest = randomblob(16), purged = ?,"
            " version = version + 1, text_version = version + 1,"
            " changed = (SELECT n FROM clock), status ="
            " CASE WHEN status IN ('approved', 'hidden') THEN status ELSE 'clear' END"
            f" WHERE n IN ({marks})",
            [at, *wanted],
        )
    # The row stays empty: decisions point to its number, which nobody else may get.
    conn.executemany(
        "UPDATE authors SET ident = 'purged:' || n, id = NULL, name = ''"
        " WHERE n = ? AND NOT EXISTS (SELECT 1 FROM comments WHERE author = authors.n)",
        ((n,) for n in authors),
    )
    # Words that were deleted stand in the index until its parts are merged.
    conn.execute("INSERT INTO words (words) VALUES ('optimize')")
