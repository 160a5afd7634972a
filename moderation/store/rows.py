"""Between the dataclasses and the rows of the tables."""

# ruff: noqa: S608 - what is put into SQL here are names of our own

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from moderation.comments import (
    Action,
    Assessment,
    Author,
    Choice,
    Comment,
    Decision,
    Flag,
    RuleStatus,
    Severity,
    Span,
    Status,
    Thread,
    Verdict,
)


def pack(text: str) -> str | bytes:
    """`text` as SQLite can hold it, reversibly.

    Almost always the text itself. One with lone surrogates, which no UTF-8 column may
    hold, becomes a BLOB of its UTF-8 bytes with the surrogates passed through: rare,
    still unique and comparable, and visibly not text to any other reader of the file.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def pack_maybe(text: str | None) -> str | bytes | None:
    return None if text is None else pack(text)


def unpack(value: str | bytes) -> str:
    """What `pack` was given."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def unpack_maybe(value: str | bytes | None) -> str | None:
    return None if value is None else unpack(value)


#: JSON in ASCII, which holds lone surrogates as escapes; the order of keys is kept.
spelled = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False).encode

_canonical = json.JSONEncoder(
    ensure_ascii=True, separators=(",", ":"), sort_keys=True, check_circular=False
).encode


def canonical(value: object) -> str:
    """`value` as JSON with one spelling only, in ASCII: for hashing."""
    return _canonical(value)


def now() -> datetime:
    """The present in UTC, to the millisecond: as precise as it is stored."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


class Stored(NamedTuple):
    """A comment as it stands in the store, in the order of `queue.Item`'s fields."""

    ref: str
    assessment: Assessment
    status: Status
    version: int
    decided_by: str | None
    skips: int
    n: int
    purged: bool


#: What `comment_of` reads, from comments `c` with their author `u` and thread `t`.
COMMENT_COLUMNS = """
  c.n, c.key, c.id, c.origin, c.parent, c.created, c.depth, c.source, c.line, c.text,
  c.status, c.version, c.decided_by, c.skips, c.more,
  u.id, u.name, t.id, t.title, t.url, t.site"""

#: What `stored` reads, their assessment `a` besides. The id alone is a safe name only
#: where no other comment has it as id or as key.
STORED_COLUMNS = f"""{COMMENT_COLUMNS},
  a.verdict, a.severity, a.priority, a.scores, a.undecided, a.model, a.policy, a.unsupported,
  a.reading,
  EXISTS (SELECT 1 FROM comments o WHERE o.id = c.id AND o.n <> c.n)
    OR EXISTS (SELECT 1 FROM comments o WHERE o.key = c.id AND o.n <> c.n),
  c.purged IS NOT NULL
"""

STORED_TABLES = """
  comments c JOIN assessments a ON a.comment = c.n
  LEFT JOIN authors u ON u.n = c.author LEFT JOIN threads t ON t.n = c.thread
"""


def comment_of(row: Sequence[Any]) -> Comment:
    """The comment of a row that begins with `COMMENT_COLUMNS`."""
    (_, _, id_, origin, parent, created, depth, source, line, text) = row[:10]
    extra = row[14]
    (author_id, author, thread, title, url, site) = row[15:21]
    said = json.loads(extra) if extra else {}
    return Comment(
        id=unpack(id_),
        text=unpack(text),
        author=None
        if author is None
        else Author(
            unpack(author),
            unpack_maybe(author_id),
            datetime.fromisoformat(said["joined"]) if "joined" in said else None,
            said.get("comments"),
        ),
        created=None if created is None else datetime.fromisoformat(created),
        thread=None
        if thread is None
        else Thread(unpack(thread), unpack_maybe(title), unpack_maybe(url), unpack_maybe(site)),
        parent=unpack_maybe(parent),
        depth=depth,
        origin=unpack(origin),
        source=unpack(source),
        line=line,
        reports=said.get("reports"),
        edited=said.get("edited"),
    )


def stored(row: Sequence[Any], flags: Iterable[Flag]) -> Stored:
    """The comment of a row of `STORED_COLUMNS`."""
    (status, version, decided_by, skips) = row[10:14]
    (verdict, severity, priority, scores, undecided, model, policy) = row[21:28]
    (unsupported, reading, shared_id, purged) = row[28:]
    found = comment_of(row)
    assessment = Assessment(
        comment=found,
        verdict=Verdict(verdict),
        severity=None if severity is None else Severity(severity),
        priority=priority,
        scores=json.loads(scores),
        flags=tuple(flags),
        undecided=tuple(json.loads(undecided)),
        model=unpack(model),
        policy=unpack(policy),
        unsupported=bool(unsupported),
        reading=unpack(reading),
    )
    return Stored(
        ref=unpack(row[1]) if shared_id else found.id,
        assessment=assessment,
        status=Status(status),
        version=version,
        decided_by=unpack_maybe(decided_by),
        skips=skips,
        n=row[0],
        purged=bool(purged),
    )


def more(comment: Comment) -> str | None:
    """What few sources say of a comment, as JSON; `stored` reads it back."""
    author = comment.author
    said = {
        "reports": comment.reports,
        "edited": comment.edited,
        "joined": author.created.isoformat() if author and author.created else None,
        "comments": author.comments if author else None,
    }
    known = {name: value for name, value in said.items() if value is not None}
    return canonical(known) if known else None


FLAG_COLUMNS = "rule, action, severity, status, reason, priority, field, spans, version"


def flag_values(flag: Flag) -> tuple[object, ...]:
    """The values of `FLAG_COLUMNS`. A span keeps its words: the title that it points
    into may be edited before the comment is scanned again."""
    return (
        pack(flag.rule),
        flag.action.value,
        flag.severity.value,
        flag.status.value,
        pack(flag.reason),
        flag.priority,
        flag.field,
        spelled([[span.start, span.end, span.text] for span in flag.spans]),
        pack(flag.version),
    )


def flag(row: Sequence[Any]) -> Flag:
    (rule, action, severity, status, reason, priority, field, spans, version) = row
    return Flag(
        rule=unpack(rule),
        action=Action(action),
        severity=Severity(severity),
        status=RuleStatus(status),
        reason=unpack(reason),
        priority=priority,
        field=field,
        spans=tuple(Span(start, end, text) for start, end, text in json.loads(spans)),
        version=unpack(version),
    )


#: What `decision` reads, from decisions `d` with their texts `x`.
DECISION_COLUMNS = """
  d.seq, d.key, d.choice, d.moderator, d.at, d.before, d.after, d.reason, x.note, d.undoes,
  d.bulk, d.redoes
"""
DECISION_TABLES = "decisions d LEFT JOIN decision_texts x ON x.seq = d.seq"


def decision(row: Sequence[Any]) -> Decision:
    """The decision of a row of `DECISION_COLUMNS`; a purged note reads as empty."""
    (seq, key, choice, moderator, at, before, after, reason, note, undoes, bulk, redoes) = row
    return Decision(
        seq=seq,
        key=unpack(key),
        choice=Choice(choice),
        moderator=unpack(moderator),
        at=datetime.fromisoformat(at),
        before=Status(before),
        after=Status(after),
        reason=unpack(reason),
        note=unpack(note) if note is not None else "",
        undoes=undoes,
        bulk=bulk,
        redoes=redoes,
    )
