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
    LABELS,
    Assessment,
    Comment,
    Severity,
    Status,
    Verdict,
)
from moderation.store.clock import tick
from moderation.store.numbers import Numbers
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
    unpack,
)
from moderation.traits import letters_of, script_of, sketch

#: Values in one `IN (…)`: older builds of SQLite allow 999.
CHUNK = 500
#: Looked up a million times in a scan; the property counts each time.
_RANKS: dict[Verdict | Severity, int] = {each: each.rank for each in (*Verdict, *Severity)}
_REVIEWED = frozenset(verdict for verdict in Verdict if verdict.needs_review)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_SCORES = (None,) * len(LABELS)


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
    script: str | None
    thousandths: tuple[int | None, ...]
    sketch: tuple[int, ...]
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
    given = assessment.scores
    scores = spelled({label: float(score) for label, score in given.items()}) if given else "{}"
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
    waits = assessment.verdict in _REVIEWED
    return Entry(
        *(pack(comment.key), pack(comment.text), text_hash, digest, created, scores),
        script=script_of(comment.text),
        thousandths=tuple(map(_thousandths, map(given.get, LABELS))) if given else _NO_SCORES,
        sketch=sketch(letters_of(comment.text)) if waits else (),
        assessment=assessment,
    )


def _thousandths(score: float | None) -> int | None:
    """Rounded down, so that a score is at least 0.5 when this is at least 500."""
    return None if score is None or score != score else int(score * 1000 + 1e-6)


class Saver:
    """Writes entries within the caller's transaction. One per connection."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._numbers = Numbers(conn)
        self._data_version = 0

    def forget(self) -> None:
        """After a rollback: rows remembered from it may not exist."""
        self._numbers.forget()

    def save(self, groups: Sequence[Sequence[Entry]], run: int) -> SaveCounts:
        (version,) = self._conn.execute("PRAGMA data_version").fetchone()
        if version != self._data_version:
            # Another process has written; a purge may have emptied an author's row.
            self.forget()
            self._data_version = version
        counts = SaveCounts()
        for group in groups:
            self._numbers.remember(entry.assessment.comment for entry in group)
            counts += self._save(group, run)
        return counts

    def _save(self, group: Sequence[Entry], run: int) -> SaveCounts:
        known = self._known(group)
        (last,) = self._conn.execute("SELECT coalesce(max(n), 0) FROM comments").fetchone()
        seen = now()
        seen_at = stamp(seen)
        moment = tick(self._conn) if any(_differs(known.get(e.key), e) for e in group) else 0
        inserts: list[tuple[object, ...]] = []
        updates: list[tuple[object, ...]] = []
        replaced: list[tuple[int]] = []
        assessed: list[tuple[int, Entry]] = []
        reworded: list[int] = []
        reopened = queued = 0
        for entry in group:
            assessment = entry.assessment
            waits = Status.PENDING if assessment.verdict in _REVIEWED else Status.CLEAR
            old = known.get(entry.key)
            if old is None:
                last += 1
                inserts.append((last, *self._values(entry, seen, moment), seen_at, waits.value))
                assessed.append((last, entry))
                queued += waits is Status.PENDING
                continue
            if not _differs(old, entry):
                continue
            version = old.version + 1
            state: tuple[str, int, int, int, str | bytes | None]
            if old.text_hash != entry.text_hash:
                reworded.append(old.n)
                # Nobody has judged these words: earlier decisions are history only.
                state = (waits.value, version, version, 0, None)
                reopened += old.status not in (Status.PENDING, Status.CLEAR)
            elif old.status in (Status.PENDING, Status.CLEAR):
                state = (waits.value, version, old.text_version, old.skips, old.decided_by)
            else:
                state = (old.status, version, old.text_version, old.skips, old.decided_by)
            queued += state[0] == Status.PENDING and old.status != Status.PENDING
            updates.append((*self._values(entry, seen, moment)[3:], *state, old.n))
            replaced.append((old.n,))
            assessed.append((old.n, entry))
        forget_sketches(self._conn, reworded)
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

    def _values(self, entry: Entry, seen: datetime, moment: int) -> tuple[Any, ...]:
        """The columns of `comments` that come from the input, in `_INSERT`'s order."""
        assessment = entry.assessment
        comment = assessment.comment
        return (
            entry.key,
            pack(comment.id),
            pack(comment.origin),
            pack_maybe(comment.parent),
            pack_maybe(comment.parent_key),
            None if comment.author is None else self._numbers.authors[comment.author],
            None if comment.thread is None else self._numbers.threads[comment.thread],
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
            moment,
            self._numbers.sources[comment.source],
            entry.script,
            self._rule_numbers(assessment),
            *entry.thousandths,
            None,
        )

    def _rule_numbers(self, assessment: Assessment) -> str:
        if not assessment.flags:
            return ""
        live_first = sorted(assessment.flags, key=lambda flag: not flag.live)
        return f",{','.join(str(self._numbers.rules[flag.rule]) for flag in live_first)},"

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
        self._conn.executemany(
            "INSERT OR IGNORE INTO sketches VALUES (?, ?)",
            ((value, n) for n, entry in assessed for value in entry.sketch),
        )


def forget_sketches(conn: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Before the texts of these comments change."""
    for part in chunks(numbers):
        rows = conn.execute(
            f"SELECT n, text FROM comments WHERE n IN ({_marks(part)})", list(part)
        ).fetchall()
        conn.executemany(
            "DELETE FROM sketches WHERE value = ? AND comment = ?",
            ((value, n) for n, text in rows for value in sketch(letters_of(unpack(text)))),
        )


def _differs(old: Known | None, entry: Entry) -> bool:
    return old is None or old.digest != entry.digest


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
    *("text_hash", "digest", "more", "text", "changed", "source_n", "script", "rules"),
    *LABELS,
    "purged",
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
