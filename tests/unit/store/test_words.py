"""The words of texts: the index, and the look at each text where there is none."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from moderation.comments import (
    Action,
    Assessment,
    Choice,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Status,
    Verdict,
)
from moderation.queue import Filter, Queue
from moderation.store import Store
from moderation.store.words import expression, has_words

_SIGNS = "aAbB cÇ éE ñ _-'\"*.,12٣ßİıж Ж"
_TEXTS = st.text(st.sampled_from(_SIGNS), max_size=20) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0", max_codepoint=0x24F), max_size=12
)


def indexed(text: str, words: list[str]) -> bool:
    conn = sqlite3.connect(":memory:")
    conn.execute(
        'CREATE VIRTUAL TABLE w USING fts5 (t, tokenize = "unicode61 remove_diacritics 2")'
    )
    conn.execute("INSERT INTO w VALUES (?)", [text])
    found = conn.execute("SELECT count(*) FROM w WHERE w MATCH ?", [expression(words)]).fetchone()
    conn.close()
    return bool(found[0])


@given(text=_TEXTS, words=st.lists(_TEXTS, min_size=1, max_size=2))
def test_a_text_is_found_as_by_the_index(text: str, words: list[str]) -> None:
    assert has_words(text, words) == indexed(text, words)


@given(text=_TEXTS, start=st.integers(0, 10), length=st.integers(1, 10), star=st.booleans())
def test_a_part_of_a_text_is_found_as_by_the_index(
    text: str, start: int, length: int, star: bool
) -> None:
    word = text[start : start + length] + "*" * star
    assert has_words(text, [word]) == indexed(text, [word])


def assessed(name: str, text: str, verdict: Verdict) -> Assessment:
    flag = Flag("a.rule", Action.HOLD, Severity.LOW, RuleStatus.LIVE, "Because")
    flags = () if verdict is Verdict.PASS else (flag,)
    severity = Severity.LOW if flags else None
    return Assessment(Comment(name, text), verdict, severity, 0, {}, flags)


def in_index(store: Store) -> list[int]:
    with store.read() as conn:
        return [n for (n,) in conn.execute("SELECT id FROM words_docsize ORDER BY id")]


def found(store: Store, word: str, *status: Status) -> list[str]:
    wanted = Filter(status=status or None, text=(word,))
    queue = Queue(store, "ann")
    keys = queue.keys(filter=wanted)
    assert queue.count(wanted) == len(keys)
    return keys


def test_the_index_follows_what_waits(store: Store) -> None:
    run = store.begin_run(["x"])
    hold, clear = Verdict.HOLD, Verdict.PASS
    store.save([assessed("1", "a red goat", hold), assessed("2", "a blue goat", clear)], run)
    assert in_index(store) == [1]
    assert found(store, "goat") == ["1"]
    assert found(store, "goat", Status.CLEAR) == ["2"]
    assert found(store, "goat", Status.CLEAR, Status.PENDING) == ["1", "2"]

    store.save([assessed("1", "a red goat", clear), assessed("2", "a blue goat", hold)], run)
    assert in_index(store) == [2]
    assert found(store, "red", Status.CLEAR) == ["1"]
    assert (found(store, "red"), found(store, "blue")) == ([], ["2"])

    store.save([assessed("2", "a green sheep", hold)], run)
    assert (found(store, "blue"), found(store, "sheep")) == ([], ["2"])
    (item,) = Queue(store, "ann").window()
    Queue(store, "ann").decide(item, Choice.HIDE)
    assert in_index(store) == [2]
    assert found(store, "sheep", Status.HIDDEN) == ["2"]

    store.save([assessed("2", "a yellow hen", clear)], run)  # other words: opened again
    assert in_index(store) == []
    assert found(store, "hen", Status.CLEAR) == ["2"]
    with store.write() as conn:
        conn.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 0)")
