"""The words of texts, found as FTS5 finds them.

The index holds what waits or waited for a person. To index what was never flagged, nearly all of
a store, would take longer than everything else that is done to save it; the few who search
there wait for each text to be looked at.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from unicodedata import category, normalize

from moderation.store.rows import unpack

#: Follows the table's content: a row is in the index while its comment is not clear.
TRIGGERS = (
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

_SIGNS = re.compile(r"[\W_]+")


def expression(words: Sequence[str]) -> str:
    """What FTS5 is asked: each in quotes, so that nothing in it is taken as an operator."""
    quoted = []
    for word in words:
        begins = "*" if word.endswith("*") else ""
        inside = whole(word.rstrip("*")).replace('"', '""')
        quoted.append(f'"{inside}"{begins}')
    return " AND ".join(quoted)


def whole(text: str) -> str:
    """Without what no UTF-8 holds and what would end the text for SQLite."""
    return re.sub(r"[\x00\ud800-\udfff]", " ", text)


def has_words(text: str | bytes, words: Sequence[str]) -> bool:
    """Whether each of these stands in a text as `expression` has it: in any case, without
    accents; words with blanks in them side by side, one with a `*` as a beginning."""
    stored = unpack(text)
    line = f" {_plain(stored)} "
    for word in words:
        wanted = _plain(whole(word.rstrip("*")))
        # FTS5 finds a phrase without a word nowhere.
        if not wanted or f" {wanted}{'' if word.endswith('*') else ' '}" not in line:
            return False
    return True


def _plain(text: str) -> str:
    """Its words with a blank between them, as the tokenizer of the index has them."""
    if not text.isascii():
        text = "".join(char for char in normalize("NFD", text) if category(char) != "Mn")
    return _SIGNS.sub(" ", text.lower()).strip()


def teach(conn: sqlite3.Connection) -> None:
    """Let this connection call `has_words(text, word, …)`."""
    conn.create_function(
        "has_words", -1, lambda text, *words: has_words(text, words), deterministic=True
    )
