"""Assessments into the tables: what is new, what changed, what waits for a person.

Everything goes in bulk. A comment that is the same as before costs one look-up.
"""

# ruff: noqa: S608 - what is put into SQL here are names and marks of our own

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from moderation.comments import (
    Assessment,
    Author,
    Comment,
    Severity,
    Status,
    Thread,
    Verdict,
)
from moderation.store.rows import (
    FLAG_COLUMNS,
    canonical,
    flag_values,
    more,
    now,
    pack,
    pack_maybe,
    spelled,
    stamp,
)

#: Values in one `IN (…)`: older builds of SQLite allow 999.
CHUNK = 500
#: Threads and authors remembered between batches.
_REMEMBERED = 100_000
#: Looked up a million times in a scan; the property counts each time.
_RANKS: dict[Verdict | Severity, int] = {each: each.rank for each in (*Verdict, *Severity)}
_REVIEWED = frozenset(verdict for verdict in Verdict if verdict.needs_review)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SaveCounts:
    """What a save did. `new + changed + unchanged` is every comment given.

    `reopened` of the changed ones had been decided by a person on an earlier text.
    `queued` came to wait for a person, who were not waiting before.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    reopened: int = 0
    queued: int = 0

    def __add__(self, other: SaveCounts) -> SaveCounts:
        return SaveCounts(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        )


class Entry(NamedTuple):
    """An assessment made ready outside of the transaction, which others wait for.

    `digest` is over everything that counts as a change; where it was read from does not.
    """

    key: str | bytes
    text: str | bytes
    text_hash: bytes
    digest: bytes
    created: str | None
    scores: str
    assessment: Assessment


class Known(NamedTuple):
    """What the store has of a comment that is saved again."""

    n: int
    status: str
    version: int
    text_version: int
    skips: int
    decided_by: str | bytes | None
    text_hash: bytes
    digest: bytes


def prepare(assessments: Iterable[Assessment]) -> list[list[Entry]]:
    """Entries in order, in groups within which no key comes twice.

    One input can hold the same id twice; the later one must see what the earlier did.
    """
    groups: list[list[Entry]] = []
    group: list[Entry] = []
    keys: set[str | bytes] = set()
    for assessment in assessments:
        entry = _entry(assessment)
        if entry.key in keys or len(group) == CHUNK:
            groups.append(group)
            group, keys = [], set()
        group.append(entry)
        keys.add(entry.key)
    if group:
        groups.append(group)
    return groups


def _entry(assessment: Assessment) -> Entry:
    comment = assessment.comment
    raw = comment.text.encode("utf-8", "surrogatepass")
    text_hash = blake2b(raw, digest_size=16).digest()
    created = None if comment.created is None else comment.created.isoformat()
    scores = spelled({label: float(score) for label, score in assessment.scores.items()})
    author, thread = comment.author, comment.thread
    whole = canonical(
        [
            text_hash.hex(),
            None if author is None else [author.id, author.name],
            None if thread is None else thread.id,
            created,
            comment.parent,
            comment.depth,
            more(comment),
            assessment.verdict,
            assessment.severity,
            assessment.priority,
            scores,
            [
                [
                    *(flag.rule, flag.action, flag.severity, flag.status, flag.reason),
                    *(flag.priority, flag.field, flag.version),
                    [[span.start, span.end, span.text] for span in flag.spans],
                ]
                for flag in assessment.flags
            ],
            assessment.undecided,
            assessment.model,
            assessment.policy,
            # Only where it is so: what older versions stored stays unchanged.
            *(["unsupported"] if assessment.unsupported else []),
            *(["reading", assessment.reading] if assessment.reading else []),
        ]
    )
    digest = blake2b(whole.encode("ascii"), digest_size=16).digest()
    return Entry(
        *(pack(comment.key), pack(comment.text), text_hash, digest, created, scores),
        assessment=assessment,
    )


def identity(author: Author) -> str:
    """What makes two names the same person: the platform's id, else the name itself."""
    return f"id:{author.id}" if author.id else f"name:{author.name}"


class Saver:
    """Writes entries within the caller's transaction. One per connection."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._threads: dict[Thread, int] = {}
        self._authors: dict[Author, int] = {}

    def forget(self) -> None:
        """After a rollback: rows remembered from it may not exist."""
        self._threads.clear()
        self._authors.clear()

    def save(self, groups: Sequence[Sequence[Entry]], run: int) -> SaveCounts:
        counts = SaveCounts()
        for group in groups:
            self._remember(group)
            counts += self._save(group, run)
        return counts

    def _save(self, group: Sequence[Entry], run: int) -> SaveCounts:
        known = self._known(group)
        (last,) = self._conn.execute("SELECT coalesce(max(n), 0) FROM comments").fetchone()
        seen = now()
        seen_at = stamp(seen)
        inserts: list[tuple[object, ...]] = []
        updates: list[tuple[object, ...]] = []
        replaced: list[tuple[int]] = []
        assessed: list[tuple[int, Entry]] = []
        reopened = queued = 0
        for entry in group:
            assessment = entry.assessment
            waits = Status.PENDING if assessment.verdict in _REVIEWED else Status.CLEAR
            old = known.get(entry.key)
            if old is None:
                last += 1
                inserts.append((last, *self._values(entry, seen), seen_at, waits.value))
                assessed.append((last, entry))
                queued += waits is Status.PENDING
                continue
            if old.digest == entry.digest:
                continue
            version = old.version + 1
            state: tuple[str, int, int, int, str | bytes | None]
            if old.text_hash != entry.text_hash:
                # Nobody has judged these words: earlier decisions are history only.
                state = (waits.value, version, version, 0, None)
                reopened += old.status not in (Status.PENDING, Status.CLEAR)
            elif old.status in (Status.PENDING, Status.CLEAR):
                state = (waits.value, version, old.text_version, old.skips, old.decided_by)
            else:
                state = (old.status, version, old.text_version, old.skips, old.decided_by)
            queued += state[0] == Status.PENDING and old.status != Status.PENDING
            updates.append((*self._values(entry, seen)[3:], *state, old.n))
            replaced.append((old.n,))
            assessed.append((old.n, entry))
        self._conn.executemany(_INSERT, inserts)
        self._conn.executemany(_UPDATE, updates)
        self._conn.executemany("DELETE FROM flags WHERE comment = ?", replaced)
        self._assess(assessed, run)
        return SaveCounts(
            new=len(inserts),
            changed=len(updates),
            unchanged=len(group) - len(inserts) - len(updates),
            reopened=reopened,
            queued=queued,
        )

    def _known(self, group: Sequence[Entry]) -> dict[str | bytes, Known]:
        found = self._conn.execute(
            "SELECT key, n, status, version, text_version, skips, decided_by, text_hash, digest"
            f" FROM comments WHERE key IN ({_marks(group)})",
            [entry.key for entry in group],
        )
        return {row[0]: Known(*row[1:]) for row in found}

    def _values(self, entry: Entry, seen: datetime) -> tuple[Any, ...]:
        """The columns of `comments` that come from the input, in `_INSERT`'s order."""
        assessment = entry.assessment
        comment = assessment.comment
        return (
            entry.key,
            pack(comment.id),
            pack(comment.origin),
            pack_maybe(comment.parent),
            pack_maybe(comment.parent_key),
            None if comment.author is None else self._authors[comment.author],
            None if comment.thread is None else self._threads[comment.thread],
            entry.created,
            comment.depth,
            pack(comment.source),
            comment.line,
            assessment.priority,
            _RANKS[assessment.verdict],
            -1 if assessment.severity is None else _RANKS[assessment.severity],
            _top(assessment),
            _born(comment, seen),
            entry.text_hash,
            entry.digest,
            more(comment),
            entry.text,
        )

    def _assess(self, assessed: Sequence[tuple[int, Entry]], run: int) -> None:
        self._conn.executemany(
            "INSERT OR REPLACE INTO assessments"
            " (comment, run, verdict, severity, priority, scores, undecided, model, policy,"
            " unsupported, reading)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    n,
                    run,
                    each.verdict.value,
                    None if each.severity is None else each.severity.value,
                    each.priority,
                    entry.scores,
                    spelled(each.undecided) if each.undecided else "[]",
                    pack(each.model),
                    pack(each.policy),
                    int(each.unsupported),
                    pack(each.reading),
                )
                for n, entry in assessed
                for each in (entry.assessment,)
            ),
        )
        self._conn.executemany(
            f"INSERT INTO flags (comment, place, {FLAG_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (n, place, *flag_values(flag))
                for n, entry in assessed
                for place, flag in enumerate(entry.assessment.flags)
            ),
        )

    def _remember(self, group: Sequence[Entry]) -> None:
        """Have a row for each thread and author of the group."""
        if len(self._authors) > _REMEMBERED or len(self._threads) > _REMEMBERED:
            self.forget()
        comments = [entry.assessment.comment for entry in group]
        threads = {each.thread for each in comments if each.thread} - self._threads.keys()
        authors = {each.author for each in comments if each.author} - self._authors.keys()
        if threads:
            self._remember_threads(threads)
        if authors:
            self._remember_authors(authors)

    def _remember_threads(self, threads: Iterable[Thread]) -> None:
        values = {
            thread: (
                pack(thread.id),
                pack_maybe(thread.title),
                pack_maybe(thread.url),
                pack_maybe(thread.site),
            )
            for thread in threads
        }
        # What one source leaves out does not wipe what another said.
        self._conn.executemany(
            "INSERT INTO threads (id, title, url, site) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET title = coalesce(excluded.title, title),"
            " url = coalesce(excluded.url, url), site = coalesce(excluded.site, site)",
            values.values(),
        )
        ids = [row[0] for row in values.values()]
        found = dict(
            self._conn.execute(f"SELECT id, n FROM threads WHERE id IN ({_marks(ids)})", ids)
        )
        for thread, row in values.items():
            self._threads[thread] = found[row[0]]

    def _remember_authors(self, authors: Iterable[Author]) -> None:
        values = {
            author: (pack(identity(author)), pack_maybe(author.id), pack(author.name))
            for author in authors
        }
        self._conn.executemany(
            "INSERT INTO authors (ident, id, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            values.values(),
        )
        idents = [row[0] for row in values.values()]
        found = {
            (ident, name): n
            for ident, name, n in self._conn.execute(
                f"SELECT ident, name, n FROM authors WHERE ident IN ({_marks(idents)})", idents
            )
        }
        for author, (ident, _, name) in values.items():
            self._authors[author] = found[ident, name]


def _top(assessment: Assessment) -> float:
    top = float(max(assessment.scores.values(), default=0.0))
    return top if top == top else 0.0  # SQLite has no NaN


def _born(comment: Comment, seen: datetime) -> float:
    """When the comment came, for ordering: as written (an unknown zone counts as UTC),
    else when it was first seen."""
    moment = comment.created or seen
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds()


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


_COLUMNS = (
    *("key", "id", "origin", "parent", "parent_key", "author", "thread", "created", "depth"),
    *("source", "line", "priority", "verdict", "severity", "top", "born"),
    *("text_hash", "digest", "more", "text"),
)
_INSERT = (
    f"INSERT INTO comments (n, {', '.join(_COLUMNS)}, seen, status, version, text_version, skips)"
    f" VALUES (?, {', '.join('?' * len(_COLUMNS))}, ?, ?, 1, 1, 0)"
)
_UPDATE = (
    # key, id and origin are what found the row; `seen` stays the first time.
    f"UPDATE comments SET {', '.join(f'{name} = ?' for name in _COLUMNS[3:])},"
    " status = ?, version = ?, text_version = ?, skips = ?, decided_by = ? WHERE n = ?"
)
