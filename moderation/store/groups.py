"""Comments that belong together: by a filter, an author, a text. Each takes a connection
within `Store.read` and gives (number, version) of each comment, so that what was counted
can be decided, and nothing else.
"""

# ruff: noqa: S608 - what is put into SQL here are names and marks of our own

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from moderation.comments import Author, Status
from moderation.store import finding
from moderation.store.filters import Filter
from moderation.store.numbers import identity
from moderation.store.rows import pack, unpack
from moderation.store.saving import chunks
from moderation.traits import SHORTEST, letters_of, sketch

#: Comments compared letter by letter at the most.
_COMPARED = 1_000

Versions = list[tuple[int, int]]


def filtered(conn: sqlite3.Connection, wanted: Filter) -> Versions:
    numbers = finding.numbers(conn, wanted)
    return versions(conn, numbers)


def versions(conn: sqlite3.Connection, numbers: Iterable[int]) -> Versions:
    """In the order given; what is gone is left out."""
    wanted = list(numbers)
    found: dict[int, int] = {}
    for part in chunks(wanted):
        marks = ",".join("?" * len(part))
        found.update(
            conn.execute(f"SELECT n, version FROM comments WHERE n IN ({marks})", list(part))
        )
    return [(n, found[n]) for n in wanted if n in found]


def of_author(conn: sqlite3.Connection, author: Author, status: Status) -> Versions:
    return conn.execute(
        "SELECT n, version FROM comments INDEXED BY comments_author WHERE author IS NOT NULL"
        " AND author IN (SELECT n FROM authors WHERE ident = ?) AND status = ? ORDER BY n",
        [pack(identity(author)), status.value],
    ).fetchall()


def same_text(conn: sqlite3.Connection, n: int, status: Status | None) -> Versions:
    """Letter for letter; of comments that were flagged."""
    return conn.execute(
        "SELECT n, version FROM comments INDEXED BY comments_text"
        " WHERE text_hash = (SELECT text_hash FROM comments WHERE n = ?)"
        f" AND status <> 'clear' {'' if status is None else 'AND status = ?'} ORDER BY n",
        [n] if status is None else [n, status.value],
    ).fetchall()


def same_standing(conn: sqlite3.Connection, n: int) -> Counter[Status]:
    """The others of `same_text`, counted by status."""
    rows = conn.execute(
        "SELECT status, count(*) - sum(n = ?1) FROM comments INDEXED BY comments_text"
        " WHERE text_hash = (SELECT text_hash FROM comments WHERE n = ?1)"
        " AND status <> 'clear' GROUP BY status",
        [n],
    )
    return Counter({Status(status): count for status, count in rows if count})


def other_standing(conn: sqlite3.Connection, n: int, numbers: Sequence[int]) -> Counter[Status]:
    """Those of these comments whose text is not that of comment `n`, counted by status."""
    found: Counter[Status] = Counter()
    for part in chunks(numbers):
        rows = conn.execute(
            "SELECT status, count(*) FROM comments"
            f" WHERE n IN ({','.join('?' * len(part))})"
            " AND text_hash <> (SELECT text_hash FROM comments WHERE n = ?) GROUP BY status",
            [*part, n],
        )
        found.update({Status(status): count for status, count in rows})
    return found


def alike(
    conn: sqlite3.Connection, n: int, status: Status | None, likeness: float
) -> tuple[Versions, bool]:
    """Comments whose letters are at least so much alike (0..1, rapidfuzz's ratio), the most
    alike first, and whether there were more candidates than are compared.

    A text too short to be compared has only its equals. Of flagged comments only.
    """
    from rapidfuzz import fuzz

    (text,) = conn.execute("SELECT text FROM comments WHERE n = ?", [n]).fetchone() or ("",)
    letters = letters_of(unpack(text))
    if len(letters) < SHORTEST:
        return same_text(conn, n, status), False
    values = sketch(letters)
    rows = conn.execute(
        "SELECT c.n, c.version, c.text, c.status FROM ("
        f" SELECT comment FROM sketches WHERE value IN ({','.join('?' * len(values))})"
        " GROUP BY comment ORDER BY count(*) DESC, comment DESC LIMIT ?) s"
        " CROSS JOIN comments c ON c.n = s.comment",
        [*values, _COMPARED],
    ).fetchall()
    found = []
    for other, version, said, standing in rows:
        if standing == Status.CLEAR or (status is not None and standing != status):
            continue
        ratio = fuzz.ratio(letters, letters_of(unpack(said)), score_cutoff=likeness * 100)
        if ratio:
            found.append((-ratio, other, version))
    return [(other, version) for _, other, version in sorted(found)], len(rows) == _COMPARED
