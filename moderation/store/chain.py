"""The decisions: added at the end only, each chained to the one before it.

Each row holds a hash over the previous row's hash and its own content, and the count
and last hash stand apart in `chain`. So a row that was changed, taken out, put in,
moved or cut off at the end does not go unnoticed. Triggers refuse such changes in the
first place. Neither stops someone who rewrites the whole chain: against that, keep
`head` (or an export, which holds each hash) where they cannot write.

The text that was judged and the moderator's note are personal data that may have to be
removed while the record stays. They stand in `decision_texts`, and the chained row
holds only their seal: a hash over them and a random salt. Removing texts and salt
leaves the chain sound, and the seal of a short text cannot be guessed back.
"""

# ruff: noqa: S608 - what is put into SQL here are names and marks of our own

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from moderation.comments import Assessment, Choice, Decision, Status
from moderation.store.rows import canonical, now, pack, pack_maybe, stamp, unpack

_FORM = "moderation-decision/1"
#: Of rows that say more than the first version could. All others keep the first form, so
#: that chains of every age verify, and nothing can be added to a row or taken from it.
_LONGER = "moderation-decision/2"

_CHAINED = (
    "seq, key, author, choice, moderator, at, before, after, reason, undoes, version, basis,"
    " sealed, bulk, redoes"
)
_EXTRA = 2


@dataclass(frozen=True, slots=True)
class Act:
    """A decision about to be put on record.

    `version` is the comment's at that moment; `basis` what was known of it, without its
    words, which go into `text`. `bulk` is the number of the first decision of those made at
    once, None for one alone; `redoes` the undo that this takes back.
    """

    key: str
    author: int | None
    choice: Choice
    moderator: str
    before: Status
    after: Status
    version: int
    basis: str
    text: str | None = None
    reason: str = ""
    note: str = ""
    undoes: int | None = None
    bulk: int | None = None
    redoes: int | None = None


def basis(assessment: Assessment) -> str:
    """What a decision was made on, as canonical JSON without the comment's words."""
    return canonical(
        {
            "id": assessment.comment.id,
            "verdict": assessment.verdict,
            "severity": assessment.severity,
            "priority": assessment.priority,
            "scores": {label: float(score) for label, score in assessment.scores.items()},
            "rules": [
                {
                    "id": flag.rule,
                    "version": flag.version,
                    "action": flag.action,
                    "severity": flag.severity,
                    "status": flag.status,
                }
                for flag in assessment.flags
            ],
            "model": assessment.model,
            "policy": assessment.policy,
        }
    )


def append(conn: sqlite3.Connection, act: Act) -> Decision:
    """Add `act` to the chain, within the caller's write transaction."""
    count, head = conn.execute("SELECT count, head FROM chain").fetchone()
    decision = Decision(
        seq=count + 1,
        key=act.key,
        choice=act.choice,
        moderator=act.moderator,
        at=now(),
        before=act.before,
        after=act.after,
        reason=act.reason,
        note=act.note,
        undoes=act.undoes,
        bulk=act.bulk,
        redoes=act.redoes,
    )
    salt = secrets.token_hex(16)
    values = (
        decision.seq,
        act.key,
        act.author,
        act.choice.value,
        act.moderator,
        stamp(decision.at),
        act.before.value,
        act.after.value,
        act.reason,
        act.undoes,
        act.version,
        act.basis,
        _seal(salt, act.text, act.note),
        act.bulk,
        act.redoes,
    )
    link = _link(head, values)
    conn.execute(
        f"INSERT INTO decisions ({_CHAINED}, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*(pack(value) if isinstance(value, str) else value for value in values), link],
    )
    conn.execute(
        "INSERT INTO decision_texts (seq, salt, text, note) VALUES (?, ?, ?, ?)",
        [decision.seq, salt, pack_maybe(act.text), pack(act.note)],
    )
    conn.execute("UPDATE chain SET count = ?, head = ?", [decision.seq, link])
    return decision


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(_text(value) if isinstance(value, bytes) else value for value in row)


def _text(value: bytes) -> str:
    try:
        return unpack(value)
    except UnicodeDecodeError:  # nothing that this program wrote
        return repr(value)


def _seal(salt: str | None, text: str | None, note: str | None) -> str:
    return sha256(canonical([salt, text, note]).encode("ascii")).hexdigest()


def _link(previous: str, values: tuple[Any, ...]) -> str:
    form, told = _LONGER, values
    if values[-_EXTRA:] == (None,) * _EXTRA:
        form, told = _FORM, values[:-_EXTRA]
    return sha256(canonical([form, previous, *told]).encode("ascii")).hexdigest()


def next_seq(conn: sqlite3.Connection) -> int:
    """The number that the next decision gets."""
    (count,) = conn.execute("SELECT count FROM chain").fetchone()
    return int(count) + 1


def head(conn: sqlite3.Connection) -> tuple[int, str]:
    """How many decisions there are, and the hash of the last."""
    count, link = conn.execute("SELECT count, head FROM chain").fetchone()
    return count, link


def verify(conn: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with the chain, in the order of the decisions.

    After a break it goes on from what the file says, so that one wrong row is one
    problem and not one for each row after it.
    """
    start = conn.execute("SELECT value FROM meta WHERE name = 'store'").fetchone()
    end = conn.execute("SELECT count, head FROM chain").fetchone()
    if start is None or end is None:
        yield "the record of where the decisions begin and end is missing"
        return
    (previous,) = start
    last = 0
    rows = conn.execute(
        f"SELECT {_CHAINED}, hash, x.salt, x.text, x.note, x.purged, x.seq IS NOT NULL"
        " FROM decisions d LEFT JOIN decision_texts x USING (seq) ORDER BY seq"
    )
    for row in rows:
        values = _plain(row[:15])
        link, salt, text, note, purged, kept = _plain(row[15:])
        seq = values[0]
        if seq < 1:
            yield f"decision {seq} does not belong here"
            continue
        if seq != last + 1:
            yield _missing(last + 1, seq - 1)
        # After a gap, whether the row fits what stood before it cannot be known.
        elif link != _link(previous, values):
            yield f"decision {seq} was changed, or what stood before it was"
        if not kept:
            yield f"the text of decision {seq} is missing"
        elif purged is None and values[12] != _seal(salt, text, note):
            yield f"the text or note of decision {seq} was changed"
        previous, last = link, seq
    count, link = end
    if last < count:
        yield _missing(last + 1, count)
    elif last > count or previous != link:
        yield "the decisions do not end where the record says that they end"


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"decision {first} is missing"
    return f"decisions {first} to {last} are missing"


def export(conn: sqlite3.Connection, after: int, limit: int) -> list[dict[str, Any]]:
    """The next decisions after the `after`-th, as JSON-able objects."""
    rows = conn.execute(
        f"SELECT {_CHAINED}, hash, x.text, x.note"
        " FROM decisions d LEFT JOIN decision_texts x USING (seq)"
        " WHERE seq > ? ORDER BY seq LIMIT ?",
        [after, limit],
    )
    return [_exported(row) for row in rows]


def _exported(row: tuple[Any, ...]) -> dict[str, Any]:
    (seq, key, _, choice, moderator, at, before, after, reason, undoes, _, known, *rest) = _plain(
        row
    )
    _, bulk, redoes, link, text, note = rest
    known = json.loads(known)
    return {
        "seq": seq,
        "id": known["id"],
        "key": key,
        "decision": choice,
        "moderator": moderator,
        "at": at,
        "before": before,
        "after": after,
        "reason": reason,
        "note": note or "",
        "undoes": undoes,
        "bulk": bulk,
        "redoes": redoes,
        "verdict": known["verdict"],
        "severity": known["severity"],
        "rules": known["rules"],
        "scores": known["scores"],
        "model": known["model"],
        "policy": known["policy"],
        "text": text,
        "hash": link,
    }
