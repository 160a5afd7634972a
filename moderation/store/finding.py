"""Which comments a filter means, in which order: answered from the queue's index alone
wherever the filter allows. Each takes a connection within `Store.read`.
"""

# ruff: noqa: S608 - what is put into SQL here are names and marks of our own

from __future__ import annotations

import re
import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

from moderation.comments import LABELS, Status
from moderation.store.filters import Filter, Sort
from moderation.store.rows import pack, unpack
from moderation.store.words import expression, whole

_QUEUED = (Status.PENDING, Status.ESCALATED, Status.HIDDEN, Status.APPROVED)

_RULE = "(SELECT rule FROM rules r WHERE r.n = CAST(substr(c.rules, 2) AS INTEGER))"
_AUTHOR = "(SELECT name FROM authors u WHERE u.n = c.author)"

#: By the name of each order, (expression, descending) of each part: skipped ones last in
#: all of them, then what it says, then what was seen first. Those without what an order
#: goes by come last.
_ORDERS: dict[Sort, tuple[tuple[str, bool], ...]] = {
    "priority": (
        *(("c.skips", False), ("c.priority", True), ("c.verdict", True), ("c.severity", True)),
        *(("c.top", True), ("c.born", False), ("c.n", False)),
    ),
    "severity": (
        *(("c.skips", False), ("c.severity", True), ("c.verdict", True), ("c.top", True)),
        *(("c.born", False), ("c.n", False)),
    ),
    "oldest": (("c.skips", False), ("c.born", False), ("c.n", False)),
    "newest": (("c.skips", False), ("c.born", True), ("c.n", True)),
    "rule": (
        *(("c.skips", False), ("c.rules = ''", False), (_RULE, False), ("c.priority", True)),
        *(("c.verdict", True), ("c.severity", True), ("c.top", True), ("c.n", False)),
    ),
    "author": (
        *(("c.skips", False), ("c.author IS NULL", False), (_AUTHOR, False)),
        *(("c.born", False), ("c.n", False)),
    ),
}
#: The index with all columns, in the order of priority.
_QUEUE = "comments_queue"
#: Short ones in other orders, for when nothing but the status is asked for.
_ORDERED = {order: f"comments_{order}" for order in ("oldest", "newest", "severity")}
_AUTHORS = "comments_author"
#: Authors of whom each is looked up; with more, all comments are gone through.
_FEW = 200


class _Where(NamedTuple):
    """A filter as SQL. `through` is the index to use, where SQLite is to be told."""

    tables: str
    through: str
    conditions: str
    values: tuple[Any, ...]


def numbers(
    conn: sqlite3.Connection,
    wanted: Filter,
    sort: Sort = "priority",
    offset: int = 0,
    limit: int | None = None,
) -> array[int]:
    """The numbers of these comments in order, eight bytes each."""
    return array("q", _chosen(conn, "c.n", wanted, sort, offset, limit))


def keys(
    conn: sqlite3.Connection,
    wanted: Filter,
    sort: Sort = "priority",
    offset: int = 0,
    limit: int | None = None,
) -> list[str]:
    """The keys of these comments in order."""
    found = _chosen(conn, "c.key", wanted, sort, offset, limit)
    return [key if isinstance(key, str) else unpack(key) for key in found]


def count(conn: sqlite3.Connection, wanted: Filter) -> int:
    total = 0
    for status, where in _by_status(conn, wanted):
        plain = where.through == _QUEUE and not where.conditions
        index = _ORDERED["oldest"] if plain else where.through  # the shortest
        (found,) = conn.execute(
            f"SELECT count(*) FROM {where.tables} {_through(index, status)}"
            f" WHERE {_has(status)}{where.conditions}",
            where.values,
        ).fetchone()
        total += found
    return total


def rules(conn: sqlite3.Connection) -> list[str]:
    """Every rule that a stored comment was flagged by, in order."""
    return sorted(unpack(rule) for (rule,) in conn.execute("SELECT rule FROM rules"))


def authors(conn: sqlite3.Connection, part: str, limit: int) -> list[tuple[str, int]]:
    """Names with this in them, and how many comments wait of each that has any."""
    escaped = re.sub(r"([%_\\])", r"\\\1", whole(part))
    rows = conn.execute(
        "SELECT name, sum(waiting) FROM (SELECT u.name, (SELECT count(*) FROM comments c"
        f" INDEXED BY {_AUTHORS} WHERE c.author IS NOT NULL AND c.author = u.n"
        " AND c.status = 'pending') AS waiting"
        " FROM authors u WHERE CAST(u.name AS TEXT) LIKE ? ESCAPE '\\')"
        " GROUP BY name HAVING sum(waiting) > 0 ORDER BY 2 DESC, 1 LIMIT ?",
        [f"%{escaped}%", limit],
    )
    return [(unpack(name), waiting) for name, waiting in rows]


def among(
    conn: sqlite3.Connection, numbers: Sequence[int], wanted: Filter, sort: Sort
) -> array[int]:
    """Those of a few comments (at most some hundreds) that the filter means, in order."""
    return array("q", _chosen(conn, "c.n", wanted, sort, 0, None, few=numbers) if numbers else ())


def before(conn: sqlite3.Connection, n: int, other: int, sort: Sort) -> bool:
    """Whether the first of two comments comes before the second."""
    row = conn.execute(
        f"SELECT c.n FROM comments c NOT INDEXED WHERE c.n IN (?, ?) ORDER BY {_by(sort)} LIMIT 1",
        [n, other],
    ).fetchone()
    return row is not None and row[0] == n


def first_free(conn: sqlite3.Connection, wanted: Filter, sort: Sort, now: float) -> int | None:
    """The number of the first of these comments that nobody has claimed."""
    free = f" AND NOT EXISTS (SELECT 1 FROM claims k WHERE k.comment = c.n AND k.expires > {now!r})"
    found = list(_chosen(conn, "c.n", wanted, sort, 0, 1, free))
    return found[0] if found else None


def _chosen(
    conn: sqlite3.Connection,
    column: str,
    wanted: Filter,
    sort: Sort,
    offset: int,
    limit: int | None,
    also: str = "",
    *,
    few: Sequence[int] = (),
) -> Iterator[Any]:
    if few:
        also += f" AND c.n IN ({','.join(map(str, few))})"
    order = _ORDERS[sort]
    wheres = _by_status(conn, wanted, few=bool(few))
    if not wheres:
        return
    several = len(wheres) > 1
    # Each status comes in order from the index and SQLite merges them: no sorting.
    named = [f"{each} AS o{n}" for n, (each, _) in enumerate(order)] if several else []
    parts: list[str] = []
    values: list[Any] = []
    for status, where in wheres:
        index = where.through
        if index == _QUEUE and not where.conditions:
            index = _ORDERED.get(sort, index)
        parts.append(
            f"SELECT {', '.join([column, *named])} FROM {where.tables}"
            f" {'NOT INDEXED' if few else _through(index, status)}"
            f" WHERE {_has(status)}{where.conditions}{also}"
        )
        values += where.values
    page = f"ORDER BY {_by(sort, several)} LIMIT {-1 if limit is None else limit} OFFSET {offset}"
    for row in conn.execute(f"{' UNION ALL '.join(parts)} {page}", values):
        yield row[0]


def _by(sort: Sort, named: bool = False) -> str:
    """The order; `named`, by what stands in columns of their own."""
    return ", ".join(
        f"{f'o{n}' if named else each}{' DESC' if down else ''}"
        for n, (each, down) in enumerate(_ORDERS[sort])
    )


def _statuses(wanted: Filter) -> tuple[Status, ...]:
    return _QUEUED if wanted.status is None else tuple(dict.fromkeys(wanted.status))


def _by_status(
    conn: sqlite3.Connection, wanted: Filter, *, few: bool = False
) -> list[tuple[Status, _Where]]:
    """The filter as SQL for each of its statuses; none where no comment is meant."""
    statuses = _statuses(wanted)
    wheres = {
        clear: _where(conn, wanted, few=few, clear=clear)
        for clear in {status is Status.CLEAR for status in statuses}
    }
    found = ((status, wheres[status is Status.CLEAR]) for status in statuses)
    return [(status, where) for status, where in found if where is not None]


def _has(status: Status) -> str:
    clear = "" if status is Status.CLEAR else " AND c.status <> 'clear'"
    return f"c.status = '{status.value}'{clear}"


def _through(index: str, status: Status) -> str:
    # Only that of authors has the comments that were never flagged.
    if not index or (status is Status.CLEAR and index != _AUTHORS):
        return ""
    return f"INDEXED BY {index}"


def _where(
    conn: sqlite3.Connection, wanted: Filter, *, few: bool = False, clear: bool = False
) -> _Where | None:
    """None where it is plain that no comment is meant. With `few`, a few comments are
    looked up by their numbers, not found through an index; with `clear`, those that were
    never flagged are meant, and no others."""
    tables, index = "comments c", _QUEUE
    conditions: list[str] = []
    values: list[Any] = []
    for column, table, names, value in (
        ("c.author", "authors", ("name", "'id:' || {} = ident"), wanted.author),
        ("c.thread", "threads", ("id", "url", "title"), wanted.thread),
        ("c.source_n", "sources", ("name",), wanted.source),
        ("", "rules", ("rule",), wanted.rule),
    ):
        if not value:
            continue
        found = _named(conn, table, names, value)
        if not found:
            return None
        if column:
            conditions.append(f"{column} IN ({','.join(map(str, found))})")
        else:
            marks = (f"instr(c.rules, ',{n},')" for n in found)
            conditions.append(f"({' OR '.join(marks)})")
        if column == "c.author" and len(found) <= _FEW:
            index = _AUTHORS
            conditions.append("c.author IS NOT NULL")
    for label, least in wanted.labels:
        assert label in LABELS
        conditions.append(f"c.{label} >= {ceil(least * 1000 - 1e-6)}")
    if wanted.severity:
        conditions.append(f"c.severity >= {wanted.severity.rank}")
    if wanted.verdict:
        conditions.append(f"c.verdict = {wanted.verdict.rank}")
    if wanted.script:
        conditions.append("c.script = ?")
        values.append(wanted.script)
    if wanted.by:
        condition, bound = _is("c.decided_by", wanted.by)
        conditions.append(condition)
        values += bound
    if wanted.text and clear:
        conditions.append(f"has_words(c.text, {', '.join('?' * len(wanted.text))})")
        values += map(whole, wanted.text)
    elif wanted.text and few:
        found_in = "EXISTS (SELECT 1 FROM words w WHERE w.rowid = c.n AND w.words MATCH ?)"
        conditions.append(found_in)
        values.append(expression(wanted.text))
    elif wanted.text:
        # From the words to their comments: the other way round every comment is asked.
        tables, index = "words w CROSS JOIN comments c ON c.n = w.rowid", ""
        conditions.append("w.words MATCH ?")
        values.append(expression(wanted.text))
    return _Where(tables, index, "".join(f" AND {each}" for each in conditions), tuple(values))


def _is(column: str, value: str) -> tuple[str, list[str | bytes]]:
    """That a column is this value, or begins with it where it ends in `*`."""
    if not value.endswith("*"):
        return f"{column} = ?", [pack(value)]
    start = pack(whole(value[:-1]))
    return f"{column} >= ? AND {column} < ?", [start, f"{start!s}\U0010ffff"]


def _named(conn: sqlite3.Connection, table: str, columns: tuple[str, ...], value: str) -> list[int]:
    """The numbers of the rows that bear this name in any of these columns."""
    tests, bound = [], []
    for column in columns:
        if "{}" in column:
            if not value.endswith("*"):
                tests.append(column.format("?"))
                bound.append(pack(value))
            continue
        test, values = _is(column, value)
        tests.append(f"({test})")
        bound += values
    rows = conn.execute(f"SELECT n FROM {table} WHERE {' OR '.join(tests)}", bound)
    return [n for (n,) in rows]
