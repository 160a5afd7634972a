"""A decision's effect on its comment. Each takes a connection within `Store.write`."""

# ruff: noqa: S608 - what is put into SQL here are names of our own

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from moderation.comments import Choice, Decision, Status, Verdict
from moderation.store.reading import SETTLING, STANDS
from moderation.store.rows import (
    DECISION_COLUMNS,
    DECISION_TABLES,
    decision,
    pack,
    pack_maybe,
    unpack_maybe,
)
from moderation.store.saving import chunks

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


_STATE = (
    "SELECT c.n, c.author, c.status, c.version, c.text_version, c.skips, a.verdict, c.purged"
    " FROM comments c JOIN assessments a ON a.comment = c.n"
)


def state(conn: sqlite3.Connection, key: str) -> State | None:
    row = conn.execute(f"{_STATE} WHERE c.key = ?", [pack(key)]).fetchone()
    return None if row is None else _state(row)


def states(conn: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, State]:
    """By the comments' numbers; those that are gone are left out."""
    found: dict[int, State] = {}
    for part in chunks(numbers):
        marks = ",".join("?" * len(part))
        rows = conn.execute(f"{_STATE} WHERE c.n IN ({marks})", list(part))
        found |= {row[0]: _state(row) for row in rows}
    return found


def _state(row: Sequence[Any]) -> State:
    n, author, status, version, text_version, skips, verdict, purged = row
    return State(
        *(n, author, Status(status), version, text_version, skips),
        # Nobody can judge a text that is gone.
        needs_review=Verdict(verdict).needs_review and purged is None,
    )


def move(
    conn: sqlite3.Connection, at: State, status: Status, *, skips: int, by: str | None
) -> bool:
    """Give the comment a new standing if it is still as it was; False if it is not.

    The change bears the clock's present number: `clock.tick` before the first.
    """
    cursor = conn.execute(
        "UPDATE comments SET status = ?, skips = ?, decided_by = ?, version = version + 1,"
        " changed = (SELECT n FROM clock) WHERE n = ? AND version = ?",
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
    """What this moderator's last `steps` deeds that stand consist of, latest first: a
    decision, or all of those made at once.

    A skip on what another has settled since is left out: there is nothing to take back.
    With `pass_over`, so is everything else that another has settled since.
    """
    overtaken = f"NOT {_OVERTAKEN}" if pass_over else f"(d.choice <> 'skip' OR NOT {_OVERTAKEN})"
    rows = conn.execute(
        f"SELECT {DECISION_COLUMNS}, d.version, d.basis FROM {DECISION_TABLES}"
        " JOIN comments c ON c.key = d.key"
        f" WHERE d.moderator = ? AND d.choice <> 'undo' AND {STANDS} AND {overtaken}"
        " ORDER BY d.seq DESC",
        [pack(moderator)],
    )
    deeds = groupby(
        (Undoable(decision(row[:-2]), row[-2], row[-1]) for row in rows),
        key=lambda each: each.decision.bulk or each.decision.seq,
    )
    return [each for _, deed in islice(deeds, steps) for each in deed]


def redoable(conn: sqlite3.Connection, moderator: str) -> list[Decision]:
    """This moderator's last undo that nobody has taken back, latest row first: so what was
    decided first comes first. None where they decided anew since: that has made another
    history."""
    rows = conn.execute(
        f"SELECT {DECISION_COLUMNS} FROM {DECISION_TABLES} WHERE d.moderator = ?"
        " ORDER BY d.seq DESC",
        [pack(moderator)],
    )
    redone: set[int] = set()
    found: list[Decision] = []
    for each in map(decision, rows):
        if found and (each.bulk is None or each.bulk != found[0].bulk):
            break
        if each.redoes is not None:
            redone.add(each.redoes)
        elif each.choice is not Choice.UNDO:
            break
        elif each.seq not in redone:
            found.append(each)
    return found


def made(conn: sqlite3.Connection, seq: int) -> Undoable:
    """The decision with this number."""
    row = conn.execute(
        f"SELECT {DECISION_COLUMNS}, d.version, d.basis FROM {DECISION_TABLES} WHERE d.seq = ?",
        [seq],
    ).fetchone()
    return Undoable(decision(row[:-2]), row[-2], row[-1])


def text_of(conn: sqlite3.Connection, seq: int) -> str | None:
    """The text that a decision was made on; None if purged."""
    row = conn.execute("SELECT text FROM decision_texts WHERE seq = ?", [seq]).fetchone()
    return None if row is None else unpack_maybe(row[0])


def overtaking(conn: sqlite3.Connection, old: Decision) -> Decision | None:
    """What another moderator has settled on the same comment since, if it stands."""
    row = conn.execute(
        f"SELECT {DECISION_COLUMNS} FROM {DECISION_TABLES}"
        " WHERE d.key = ? AND d.seq > ? AND d.moderator <> ?"
        f" AND d.choice IN {SETTLING} AND {STANDS} ORDER BY d.seq DESC LIMIT 1",
        [pack(old.key), old.seq, pack(old.moderator)],
    ).fetchone()
    return None if row is None else decision(row)
