"""The fourth step of the tables: what working through a large queue needs.

Filters, sorts and counts are answered from one index alone, which holds every column that
they ask for. Comments that were never flagged, nearly all of them, are not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moderation.comments import LABELS
from moderation.traits import letters_of, script_of, sketch

if TYPE_CHECKING:
    from sqlite_utils.db import Database

# `changed` is the clock's number at the row's last change. `rules` are the numbers of the
# rules that flag the comment, live ones first, each between commas: ",3,17,". A label's
# column is its score in thousandths, rounded down. `purged` is when text and author went.
_COLUMNS = (
    "changed INTEGER NOT NULL DEFAULT 0",
    "source_n INTEGER REFERENCES sources (n)",
    "script TEXT",
    "rules TEXT NOT NULL DEFAULT ''",
    *(f"{label} INTEGER" for label in LABELS),
    "purged TEXT",
)

_TABLES = (
    "CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), n INTEGER NOT NULL)",
    "INSERT INTO clock VALUES (1, 1)",
    "CREATE TABLE sources (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE rules (n INTEGER PRIMARY KEY, rule TEXT NOT NULL UNIQUE)",
    # What like texts share: see `traits.sketch`. Of comments that wait or waited only.
    "CREATE TABLE sketches (value INTEGER NOT NULL, comment INTEGER NOT NULL"
    " REFERENCES comments (n) ON DELETE CASCADE, PRIMARY KEY (value, comment)) WITHOUT ROWID",
    # Another moderator's judgement of a decided comment. It changes nothing.
    "CREATE TABLE second_opinions (decision INTEGER PRIMARY KEY REFERENCES decisions (seq),"
    " choice TEXT NOT NULL, moderator TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL,"
    " note TEXT)",
    "ALTER TABLE decisions ADD COLUMN bulk INTEGER",
    "ALTER TABLE decisions ADD COLUMN redoes INTEGER REFERENCES decisions (seq)",
    "CREATE UNIQUE INDEX decisions_redoes ON decisions (redoes) WHERE redoes IS NOT NULL",
)

_FILLED = (
    "INSERT INTO sources (name) SELECT DISTINCT source FROM comments",
    "INSERT INTO rules (rule) SELECT DISTINCT rule FROM flags",
    "UPDATE comments SET script = script_of(text),"
    " source_n = (SELECT n FROM sources WHERE name = source),"
    " rules = coalesce((SELECT ',' || group_concat(n, ',') || ',' FROM (SELECT r.n FROM flags f"
    " JOIN rules r ON r.rule = f.rule WHERE f.comment = comments.n"
    " ORDER BY f.status <> 'live', f.place)), '')",
    *(
        f"UPDATE comments SET {label} = (SELECT"  # noqa: S608 - names of our own
        f" CAST(json_extract(a.scores, '$.{label}') * 1000 + 1e-6 AS INTEGER)"
        " FROM assessments a WHERE a.comment = comments.n)"
        for label in LABELS
    ),
)

_INDEXES = (
    "DROP INDEX comments_queue",
    "CREATE INDEX comments_queue ON comments"
    " (status, skips, priority DESC, verdict DESC, severity DESC, top DESC, born, n, key,"
    f" author, thread, source_n, script, rules, decided_by, {', '.join(LABELS)})"
    " WHERE status <> 'clear'",
    # The first of a million in any of these orders without sorting.
    *(
        f"CREATE INDEX comments_{order} ON comments (status, skips, {columns}, n{way})"
        " WHERE status <> 'clear'"
        for order, columns, way in (
            ("oldest", "born", ""),
            ("newest", "born DESC", " DESC"),
            ("severity", "severity DESC, verdict DESC, top DESC, born", ""),
        )
    ),
    "CREATE INDEX comments_text ON comments (text_hash, status) WHERE status <> 'clear'",
    "CREATE INDEX comments_changed ON comments (changed)",
    "CREATE INDEX authors_name ON authors (name)",
)

# The words of every text, kept in step by triggers: nothing can write one without the other.
_WORDS = (
    "CREATE VIRTUAL TABLE words USING fts5 (text, content = 'comments', content_rowid = 'n',"
    ' tokenize = "unicode61 remove_diacritics 2")',
    "INSERT INTO words (words) VALUES ('rebuild')",
    "CREATE TRIGGER words_come AFTER INSERT ON comments"
    " BEGIN INSERT INTO words (rowid, text) VALUES (NEW.n, NEW.text); END",
    "CREATE TRIGGER words_go AFTER DELETE ON comments BEGIN"
    " INSERT INTO words (words, rowid, text) VALUES ('delete', OLD.n, OLD.text); END",
    "CREATE TRIGGER words_change AFTER UPDATE OF text ON comments"
    " WHEN OLD.text IS NOT NEW.text BEGIN"
    " INSERT INTO words (words, rowid, text) VALUES ('delete', OLD.n, OLD.text);"
    " INSERT INTO words (rowid, text) VALUES (NEW.n, NEW.text); END",
)


def queue_tables(db: Database) -> None:
    db.conn.create_function("script_of", 1, lambda text: script_of(_text(text)))
    for column in _COLUMNS:
        db.execute(f"ALTER TABLE comments ADD COLUMN {column}")
    for statement in (*_TABLES, *_FILLED, *_INDEXES, *_WORDS):
        db.execute(statement)
    rows = db.conn.execute("SELECT n, text FROM comments WHERE status <> 'clear'")
    db.conn.executemany(
        "INSERT OR IGNORE INTO sketches VALUES (?, ?)",
        ((value, n) for n, text in rows for value in sketch(letters_of(_text(text)))),
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")
