"""Ids that an input gives twice."""

from __future__ import annotations

import io
import json
import random
import tracemalloc

import pytest

from moderation.sources import ReadOptions, ids, read


@pytest.fixture
def keys():
    def keys(*records, **options):
        """(the key of each comment, notes)"""
        data = "".join(json.dumps(record) + "\n" for record in records).encode()
        notes = []
        comments = read(
            ["-"],
            ReadOptions(format="jsonl", **options),
            on_reject=pytest.fail,
            on_note=notes.append,
            stdin=io.BytesIO(data),
        )
        return [comment.key for comment in comments], [(n.line, n.what) for n in notes]

    return keys


def test_two_texts_under_one_id_are_two_comments(keys):
    found, notes = keys(
        {"id": 7, "text": "first"},
        {"id": "7", "text": "second"},
        {"id": 8, "text": "first"},
        {"id": 7, "text": "third"},
    )
    assert found[0] == "7"
    assert found[2] == "8"
    assert len(set(found)) == 4
    assert all(key.startswith("7~") and len(key) == 14 for key in (found[1], found[3]))
    assert notes == [(2, f"{ids.SHARED}: 2, the first here")]
    # The name hangs on the text alone: the same in the next scan, whatever stands before.
    again, _ = keys({"id": 7, "text": "first"}, {"id": 7, "text": "third"})
    assert again == ["7", found[3]]


def test_a_record_twice_is_one_comment(keys):
    found, notes = keys({"id": 7, "text": "same"}, {"id": 7, "text": "same", "author": "Ann"})
    assert found == ["7", "7"]
    assert notes == [(2, f"{ids.REPEATED}: 1")]


def test_numbers_of_lines_are_no_ids_of_the_source(keys):
    assert keys({"text": "a"}, {"id": 1, "text": "b"}, {"text": "a"}) == (
        ["stdin#1", "1", "stdin#3"],
        [],
    )


def test_every_id_is_known_again(monkeypatch):
    seen = ids._Seen()
    numbers = list(range(30_000))
    random.Random(4).shuffle(numbers)
    assert {seen.add(str(n), f"text {n}") for n in numbers} == {None}
    random.Random(5).shuffle(numbers)
    assert {seen.add(str(n), f"text {n}") for n in numbers} == {True}
    assert {seen.add(str(n), "other") for n in numbers} == {False}


def test_memory_stays_where_it_is(monkeypatch):
    monkeypatch.setattr(ids, "GENERATION", 5_000)
    seen = ids._Seen()
    for n in range(10_000):
        seen.add(str(n), "")
    tracemalloc.start()
    for n in range(10_000, 40_000):
        assert seen.add(str(n), "") is None
        if n % 1000 == 0:
            assert seen.add(str(n - 5_000), "") is True
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 2 * 12 * 3 * 5_000
