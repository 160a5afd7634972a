"""The words of texts, found as FTS5 finds them.

The index holds what waits or waited for a person. To index what was never flagged, nearly all of
a store, would take longer than everything else that is done to save it; the few who search
there wait for each text to be looked at.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import category, normalize

from moderation.store.rows import unpack

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
    line = f" {_plain(unpack(text))} "
    return all(needle and needle in line for needle in map(_needle, words))


@lru_cache(maxsize=64)  # asked anew for each of a million texts
def _needle(word: str) -> str:
    """As which it stands in a line of words; empty for one without a word in it, which FTS5
    finds nowhere."""
    wanted = _plain(whole(word.rstrip("*")))
    return wanted and f" {wanted}{'' if word.endswith('*') else ' '}"


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
