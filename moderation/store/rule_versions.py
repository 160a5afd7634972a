"""When each rule last changed, as the scans into this database found it, and who confirmed
that change: what the emergency brake goes by.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from moderation.store.rows import now, pack, stamp, unpack, unpack_maybe


class RuleVersion(NamedTuple):
    """The present version of a rule, since its latest change.

    `changed` is when a scan first came upon it, None where that was the first scan that
    took note of rules here: those were in force before anybody looked. `braked` is when
    the brake first took hold of it. A version that comes back after another is a change
    like any other: no confirmation of its earlier time counts.
    """

    n: int
    rule: str
    version: str
    changed: datetime | None
    braked: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str | None

    def young(self, at: datetime, window: timedelta) -> bool:
        """Whether the change is less than `window` old; nothing is when that is zero."""
        return self.changed is not None and at - self.changed < window


def present(conn: sqlite3.Connection) -> dict[str, RuleVersion]:
    """By rule id; empty where no scan has recorded rules yet."""
    rows = conn.execute(
        "SELECT n, rule, version, first_seen, braked, confirmed_at, confirmed_by,"
        " run = (SELECT min(run) FROM rule_versions) FROM rule_versions"
        " WHERE n IN (SELECT max(n) FROM rule_versions GROUP BY rule)"
    )
    return {
        unpack(rule): RuleVersion(
            *(n, unpack(rule), unpack(version)),
            changed=None if baseline else datetime.fromisoformat(seen),
            braked=_moment(braked),
            confirmed_at=_moment(at),
            confirmed_by=unpack_maybe(by),
        )
        for n, rule, version, seen, braked, at, by, baseline in rows
    }


def record(
    conn: sqlite3.Connection, rules: Iterable[tuple[str, str]], run: int, at: datetime
) -> dict[str, RuleVersion]:
    """Take note of the (rule id, version) pairs that a run beginning at this time has,
    once a run; returns what is then `present`.

    A rule that is missing is left as it was: a scan with other rule files edits nothing.
    """
    known = present(conn)
    changed = [
        (pack(rule), pack(version), run, stamp(at))
        for rule, version in rules
        if rule not in known or known[rule].version != version
    ]
    if not changed:
        return known
    conn.executemany(
        "INSERT INTO rule_versions (rule, version, run, first_seen) VALUES (?, ?, ?, ?)", changed
    )
    return present(conn)


def confirm(conn: sqlite3.Connection, versions: Iterable[RuleVersion], by: str) -> None:
    """Note that a person means these versions; the first to say so is remembered."""
    conn.executemany(
        "UPDATE rule_versions SET confirmed_at = ?, confirmed_by = ?"
        " WHERE n = ? AND confirmed_at IS NULL",
        [(stamp(now()), pack(by), version.n) for version in versions],
    )


def brake(conn: sqlite3.Connection, versions: Iterable[RuleVersion]) -> None:
    """Note that the brake took hold of these versions."""
    conn.executemany(
        "UPDATE rule_versions SET braked = ? WHERE n = ? AND braked IS NULL",
        [(stamp(now()), version.n) for version in versions],
    )


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
