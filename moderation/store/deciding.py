"""A decision's effect on its comment. Each takes a connection within `Store.write`."""

# ruff: noqa: S608 - what is put into SQL here are names of our own

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from moderation.comments import Decision, Status, Verdict
from moderation.store.reading import SETTLING, STANDS
from moderation.store.rows import (
    DECISION_COLUMNS,
    DECISION_TABLES,
    decision,
    pack,
    pack_maybe,
    unpack_maybe,
)

# Another moderator has since settled what `d` is about.
_OVERTAKEN = f"""EXISTS (
  SELECT 1 FROM decisions e
  WHERE e.key = d.key AND e.seq > d.seq AND e.moderator <> d.moderator
    AND e.choice IN {SETTLING} AND {STANDS.replace("d.seq", "e.seq")})"""


class State(NamedTuple):
    """Where a comment stands, as far as deciding needs it.

    `text_version` is the version at which its text last changed.
    """

    n: int
    author: int | None
    status: Status
    version: int
    text_version: int
    skips: int
    needs_review: bool

    @property
    def undecided(self) -> Status:
        """The status it has when no person has decided."""
        return Status.PENDING if self.needs_review else Status.CLEAR


class Undoable(NamedTuple):
    decision: Decision
    version: int
    basis: str


def state(conn: sqlite3.Connection, key: str) -> State | None:
    row = conn.execute(
        "SELECT c.n, c.author, c.status, c.version, c.text_version, c.skips, a.verdict"
        " FROM comments c JOIN assessments a ON a.comment = c.n WHERE c.key = ?",
        [pack(key)],
    ).fetchone()
    if row is None:
        return None
    n, author, status, version, text_version, skips, verdict = row
    return State(
        *(n, author, Status(status), version, text_version, skips),
        needs_review=Verdict(verdict).needs_review,
    )


def move(
    conn: sqlite3.Connection, at: State, status: Status, *, skips: int, by: str | None
) -> bool:
    """Give the comment a new standing if it is still as it was; False if it is not."""
    cursor = conn.execute(
        "UPDATE comments SET status = ?, skips = ?, decided_by = ?, version = version + 1"
        " WHERE n = ? AND version = ?",
        [status.value, skips, pack_maybe(by), at.n, at.version],
    )
    return cursor.rowcount == 1


def decided_by(conn: sqlite3.Connection, key: str, at: State) -> str | None:
    """Who last settled the comment as its text is now."""
    row = conn.execute(
        "SELECT d.moderator FROM decisions d WHERE d.key = ? AND d.version >= ?"
        f" AND d.choice IN {SETTLING} AND {STANDS} ORDER BY d.seq DESC LIMIT 1",
        [pack(key), at.text_version],
    ).fetchone()
    return None if row is None else unpack_maybe(row[0])


def last_since(conn: sqlite3.Connection, key: str, version: int) -> Decision | None:
    """The last thing anyone did to the comment at this version or a later one."""
    row = conn.execute(
        f"SELECT {DECISION_COLUMNS} FROM {DECISION_TABLES}"
        " WHERE d.key = ? AND d.version >= ? ORDER BY d.seq DESC LIMIT 1",
        [pack(key), version],
    ).fetchone()
    return None if row is None else decision(row)


def undoable(
    conn: sqlite3.Connection, moderator: str, steps: int, *, pass_over: bool
) -> list[Undoable]:
    """This moderator's last decisions that stand, latest first.

    A skip on what another has settled since is left out: there is nothing to take back.
    With `pass_over`, so is everything else that another has settled since.
    """
    overtaken = f"NOT {_OVERTAKEN}" if pass_over else f"(d.choice <> 'skip' OR NOT {_OVERTAKEN})"
    rows = conn.execute(
        f"SELECT {DECISION_COLUMNS}, d.version, d.basis FROM {DECISION_TABLES}"
        " JOIN comments c ON c.key = d.key"
        f" WHERE d.moderator = ? AND d.choice <> 'undo' AND {STANDS} AND {overtaken}"
        " ORDER BY d.seq DESC LIMIT ?",
        [pack(moderator), steps],
    )
    return [Undoable(decision(row[:-2]), row[-2], row[-1]) for row in rows]


def overtaking(conn: sqlite3.Connection, old: Decision) -> Decision | None:
    """What another moderator has settled on the same comment since, if it stands."""
    row = conn.execute(
        f"SELECT {DECISION_COLUMNS} FROM {DECISION_TABLES}"
        " WHERE d.key = ? AND d.seq > ? AND d.moderator <> ?"
        f" AND d.choice IN {SETTLING} AND {STANDS} ORDER BY d.seq DESC LIMIT 1",
        [pack(old.key), old.seq, pack(old.moderator)],
    ).fetchone()
    return None if row is None else decision(row)
