"""The store's own clock: a number that grows with every transaction that changes comments.

A row bears the number of its last change. Writers take turns, so whoever has seen all up
to a number needs to read only what bears a higher one.
"""

from __future__ import annotations

import sqlite3


def tick(conn: sqlite3.Connection) -> int:
    """The number for changes made now, within the caller's write transaction."""
    conn.execute("UPDATE clock SET n = n + 1")
    return present(conn)


def present(conn: sqlite3.Connection) -> int:
    (number,) = conn.execute("SELECT n FROM clock").fetchone()
    return int(number)
