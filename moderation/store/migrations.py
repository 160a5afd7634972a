"""How the tables came to be, one step after the other. A step is never edited once it
has shipped: files of every earlier version exist.

sqlite-utils is imported only when there is a step to take: it takes longer to import
than the rest of an ordinary `queue decide` takes to run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from sqlite_utils.db import Database

#: Written into the file's header ("modq"), so that the file of another program is never
#: taken for ours, nor ours for another's.
APPLICATION_ID = 0x6D6F6471

_SET = "moderation"

# Texts are TEXT, or BLOB where they are not valid Unicode (see `rows.pack`).
#
# `n` is the order in which comments were first seen: it breaks ties in the queue, and
# other tables point to it because it is short. What identifies a comment is its `key`.
# The long text stands last so that reading the columns before it does not walk
# through its pages.
_FIRST = """
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE threads (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT,
  url TEXT,
  site TEXT
);

-- One row for each spelling of a name; `ident` is what makes two rows the same person.
CREATE TABLE authors (
  n INTEGER PRIMARY KEY,
  ident TEXT NOT NULL,
  id TEXT,
  name TEXT NOT NULL,
  UNIQUE (ident, name)
);

CREATE TABLE runs (
  n INTEGER PRIMARY KEY,
  started TEXT NOT NULL,
  finished TEXT,
  inputs TEXT NOT NULL,
  model TEXT NOT NULL,
  policy TEXT NOT NULL,
  new INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  reopened INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE comments (
  n INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  id TEXT NOT NULL,
  origin TEXT NOT NULL,
  parent TEXT,
  parent_key TEXT,
  author INTEGER REFERENCES authors (n),
  thread INTEGER REFERENCES threads (n),
  created TEXT,
  depth INTEGER,
  source TEXT NOT NULL,
  line INTEGER,
  seen TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('clear', 'pending', 'approved', 'hidden', 'escalated')),
  version INTEGER NOT NULL,
  text_version INTEGER NOT NULL,
  skips INTEGER NOT NULL,
  decided_by TEXT,
  priority INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  top REAL NOT NULL,
  born REAL NOT NULL,
  text_hash BLOB NOT NULL,
  digest BLOB NOT NULL,
  -- What few sources say, as JSON: reports, edited, the author's account. NULL for none.
  more TEXT,
  text TEXT NOT NULL
);
CREATE INDEX comments_id ON comments (id);
CREATE INDEX comments_parent ON comments (parent_key) WHERE parent_key IS NOT NULL;
CREATE INDEX comments_author ON comments (author, status) WHERE author IS NOT NULL;
-- The queue in its default order, read from the index alone. Comments that were never
-- flagged, nearly all of them, are not in it and cost it nothing.
CREATE INDEX comments_queue ON comments
  (status, skips, priority DESC, verdict DESC, severity DESC, top DESC, born, n, key)
  WHERE status <> 'clear';

CREATE TABLE assessments (
  comment INTEGER PRIMARY KEY REFERENCES comments (n) ON DELETE CASCADE,
  run INTEGER NOT NULL REFERENCES runs (n),
  verdict TEXT NOT NULL,
  severity TEXT,
  priority INTEGER NOT NULL,
  scores TEXT NOT NULL,
  undecided TEXT NOT NULL,
  model TEXT NOT NULL,
  policy TEXT NOT NULL
);

CREATE TABLE flags (
  comment INTEGER NOT NULL REFERENCES comments (n) ON DELETE CASCADE,
  place INTEGER NOT NULL,
  rule TEXT NOT NULL,
  action TEXT NOT NULL,
  severity TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  priority INTEGER NOT NULL,
  field TEXT NOT NULL,
  spans TEXT NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (comment, place)
) WITHOUT ROWID;

-- `key` refers to a comment without a constraint: history outlives what it is about.
CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  author INTEGER,
  choice TEXT NOT NULL,
  moderator TEXT NOT NULL,
  at TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  reason TEXT NOT NULL,
  undoes INTEGER REFERENCES decisions (seq),
  version INTEGER NOT NULL,
  basis TEXT NOT NULL,
  sealed TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX decisions_key ON decisions (key, seq);
CREATE INDEX decisions_moderator ON decisions (moderator, seq);
CREATE INDEX decisions_author ON decisions (author, seq) WHERE author IS NOT NULL;
CREATE UNIQUE INDEX decisions_undoes ON decisions (undoes) WHERE undoes IS NOT NULL;

-- The personal part of a decision, apart so that it can be removed: see `chain`.
CREATE TABLE decision_texts (
  seq INTEGER PRIMARY KEY REFERENCES decisions (seq),
  salt TEXT,
  text TEXT,
  note TEXT,
  purged TEXT
);

CREATE TABLE chain (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  count INTEGER NOT NULL,
  head TEXT NOT NULL
);

CREATE TRIGGER decisions_keep_order BEFORE INSERT ON decisions
WHEN NEW.seq IS NOT (SELECT count + 1 FROM chain)
BEGIN SELECT RAISE(ABORT, 'decisions are only ever added at the end'); END;
CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decisions_never_go BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision is never removed'); END;

CREATE TABLE claims (
  comment INTEGER PRIMARY KEY REFERENCES comments (n) ON DELETE CASCADE,
  moderator TEXT NOT NULL,
  session TEXT NOT NULL,
  taken TEXT NOT NULL,
  expires REAL NOT NULL
);

CREATE TABLE outbox (
  n INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  key TEXT NOT NULL,
  decision INTEGER NOT NULL REFERENCES decisions (seq),
  action TEXT NOT NULL,
  made TEXT NOT NULL,
  due REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  sent TEXT
);
CREATE INDEX outbox_due ON outbox (due) WHERE sent IS NULL;
"""


def _first(db: Database) -> None:
    db.executescript(_FIRST)
    # Each store's chain starts from its own value, so that one cannot stand in for another.
    identity = uuid4().hex
    db.execute("INSERT INTO meta VALUES ('store', ?)", [identity])
    db.execute("INSERT INTO chain VALUES (1, 0, ?)", [identity])
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")


# A row for each change of a rule that a scan came upon: a rule's last row is its present
# version. `braked` is when the emergency brake first took hold of that version.
_RULE_VERSIONS = """
CREATE TABLE rule_versions (
  n INTEGER PRIMARY KEY,
  rule TEXT NOT NULL,
  version TEXT NOT NULL,
  run INTEGER NOT NULL REFERENCES runs (n),
  first_seen TEXT NOT NULL,
  braked TEXT,
  confirmed_at TEXT,
  confirmed_by TEXT
)
"""


def _rule_versions(db: Database) -> None:
    db.execute(_RULE_VERSIONS)
    db.execute("CREATE INDEX rule_versions_rule ON rule_versions (rule, n)")


def _model_notes(db: Database) -> None:
    """Whether a comment is in a language that the model does not know (0 or 1), and how
    the model read its disguised words."""
    db.execute("ALTER TABLE assessments ADD COLUMN unsupported INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE assessments ADD COLUMN reading TEXT NOT NULL DEFAULT ''")


def _queue(db: Database) -> None:
    # Most processes have no step to take and need not read what it would do.
    from moderation.store.queue_tables import queue_tables

    queue_tables(db)


# A row is in the index while its comment is not clear.
_WORDS_OF_THE_QUEUE = (
    "CREATE TRIGGER words_come AFTER INSERT ON comments WHEN NEW.status <> 'clear'"
    " BEGIN INSERT INTO words (rowid, text) VALUES (NEW.n, NEW.text); END",
    "CREATE TRIGGER words_go AFTER DELETE ON comments WHEN OLD.status <> 'clear'"
    " BEGIN INSERT INTO words (words, rowid, text) VALUES ('delete', OLD.n, OLD.text); END",
    "CREATE TRIGGER words_change AFTER UPDATE OF text, status ON comments"
    " WHEN OLD.text IS NOT NEW.text OR (OLD.status = 'clear') <> (NEW.status = 'clear') BEGIN"
    " INSERT INTO words (words, rowid, text)"
    " SELECT 'delete', OLD.n, OLD.text WHERE OLD.status <> 'clear';"
    " INSERT INTO words (rowid, text) SELECT NEW.n, NEW.text WHERE NEW.status <> 'clear'; END",
)


def _words_of_the_queue(db: Database) -> None:
    """The index of words without the comments that were never flagged."""
    for name in ("words_come", "words_go", "words_change"):
        db.execute(f"DROP TRIGGER {name}")
    db.execute("INSERT INTO words (words) VALUES ('delete-all')")
    db.execute(
        "INSERT INTO words (rowid, text) SELECT n, text FROM comments WHERE status <> 'clear'"
    )
    for trigger in _WORDS_OF_THE_QUEUE:
        db.execute(trigger)


#: Every step in order, by the name under which a file remembers it.
STEPS: dict[str, Callable[[Database], None]] = {
    "001_first": _first,
    "002_rule_versions": _rule_versions,
    "003_model_notes": _model_notes,
    "004_queue": _queue,
    "005_words_of_the_queue": _words_of_the_queue,
}


def applied(conn: sqlite3.Connection) -> list[str]:
    """The names of the steps that this file has taken, none for an empty file."""
    table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlite_migrations'"
    if conn.execute(table).fetchone() is None:
        return []
    names = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id"
    return [name for (name,) in conn.execute(names, [_SET])]


def pending(conn: sqlite3.Connection) -> bool:
    return bool(STEPS.keys() - set(applied(conn)))


def apply(conn: sqlite3.Connection) -> None:
    """Take every step that the file lacks, within the caller's transaction."""
    from sqlite_utils import Database, Migrations

    steps = Migrations(_SET)
    for name, step in STEPS.items():
        steps(name=name)(step)
    steps.apply(Database(conn, execute_plugins=False))
