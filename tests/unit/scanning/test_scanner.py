"""The scanner as a library: lazily, in order, from threads, from asyncio, with processes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moderation import Author, Comment, Scanner, models
from moderation.errors import ModelError, UsageError
from moderation.models.base import ScoreArray
from moderation.models.linear import LinearModel
from moderation.remembering import Remembering

TEXTS = [
    "Thank you for the article, it was a pleasure to read.",
    "You are a stupid idiot and everyone knows it",
    "I will kill you",
    "The soup needs more salt.",
    "Thank you for the article, it was a pleasure to read.",
    "phuck you all",
    "",
    "Das ist ein ganz gewöhnlicher deutscher Satz über das Wetter in Hamburg.",
] * 40


class Counting:
    """The linear model, with a count of what it was asked."""

    def __init__(self) -> None:
        self._model = LinearModel.builtin()
        self.asked: list[str] = []
        self.name = "linear"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def score(self, texts: Sequence[str]) -> ScoreArray:
        self.asked += texts
        return self._model.score(texts)


@pytest.fixture(scope="module")
def linear() -> Iterator[Scanner]:
    with Scanner(model="linear") as scanner:
        yield scanner


def test_bare_texts_are_comments_with_their_place_as_id(linear: Scanner) -> None:
    found = list(linear.scan(TEXTS[:3]))
    assert [each.comment.id for each in found] == ["1", "2", "3"]
    assert found[2].verdict == "hold"
    assert linear.assess("I will kill you").flags == found[2].flags
    assert linear.assess(Comment(id="x", text="Hello")).comment.id == "x"


def test_a_scan_reads_no_further_than_it_must(linear: Scanner) -> None:
    read: list[int] = []

    def endless() -> Iterator[str]:
        for number in range(1_000_000):
            read.append(number)
            yield f"Comment {number}"

    next(linear.scan(endless()))
    assert len(read) <= 256


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_results_do_not_depend_on_the_batch(linear: Scanner, batch: int) -> None:
    with Scanner(model="linear", batch=batch) as other:
        assert list(other.scan(TEXTS)) == list(linear.scan(TEXTS))


def test_results_do_not_depend_on_the_processes() -> None:
    model = models.load("builtin")
    with Scanner(model=model) as one, Scanner(model=model, jobs=2, batch=16) as two:
        expected = list(one.scan(TEXTS))
        assert list(two.scan(TEXTS)) == expected
        assert list(two.scan(TEXTS)) == expected  # the processes are there for any number
    assert any(each.reading for each in expected)
    assert any(each.unsupported for each in expected)


def test_rules_about_what_came_before_hold_with_processes(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "version: 1\nrules:\n"
        "- {id: often, action: flag, when: {rate: {by: author, count: 3, per: 1h}}}\n"
    )
    comments = [
        Comment(
            id=str(number),
            text=f"Number {number}",
            author=Author("Ann" if number % 3 else "Bob"),
            created=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 7),
        )
        for number in range(60)
    ]
    with Scanner(rules, "none") as one, Scanner(rules, "none", jobs=2, batch=4) as two:
        expected = list(one.scan(comments))
        assert list(two.scan(comments)) == expected
    assert 10 < sum(bool(each.flags) for each in expected) < 60


def test_threads_share_a_scanner(linear: Scanner) -> None:
    expected = list(linear.scan(TEXTS))
    found: list[list[Any]] = []

    def work() -> None:
        found.append(list(linear.scan(TEXTS)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_asyncio_gets_the_same(linear: Scanner) -> None:
    async def trickle() -> Any:
        for text in TEXTS:
            yield text
            await asyncio.sleep(0)

    async def collect(comments: Any) -> list[Any]:
        return [each async for each in linear.ascan(comments)]

    expected = list(linear.scan(TEXTS))
    assert asyncio.run(collect(TEXTS)) == expected
    assert asyncio.run(collect(trickle())) == expected


def test_a_text_is_scored_once() -> None:
    model = Counting()
    with Scanner(model=model, batch=16) as scanner:  # type: ignore[arg-type]
        first = list(scanner.scan(TEXTS))
        list(scanner.scan(reversed(TEXTS)))
    assert sorted(model.asked) == sorted(set(TEXTS))
    with Scanner(model="linear") as plain:
        assert list(plain.scan(TEXTS)) == first


def test_what_was_read_before_an_error_comes_out_first(linear: Scanner) -> None:
    def broken() -> Iterator[str]:
        yield from TEXTS[:5]
        raise OSError("the disk is gone")

    found = []
    with pytest.raises(OSError, match="the disk is gone"):
        for each in linear.scan(broken()):
            found.append(each)
    assert len(found) == 5


def test_a_process_that_dies_is_told() -> None:
    with Scanner(model="linear", jobs=2, batch=8) as scanner:
        stream = scanner.scan(f"Number {n}" for n in range(100_000))
        next(stream)
        assert scanner._pool is not None
        for process in scanner._pool._processes:
            process.kill()
        with pytest.raises(ModelError, match="a process of the scan died"):
            list(stream)


def test_a_model_that_cannot_be_loaded_by_its_name_is_told_of_with_processes() -> None:
    own = Counting()
    own.name = "mine"
    with (
        Scanner(model=own, jobs=1) as scanner,  # type: ignore[arg-type]
        pytest.raises(UsageError, match="no model is called 'mine'"),
    ):
        list(scanner.scan(TEXTS[:2]))


def test_scores_are_kept_from_one_scan_to_the_next(tmp_path: Path) -> None:
    def remembering() -> Remembering:
        fingerprint = LinearModel.builtin().fingerprint
        return Remembering.in_folder(tmp_path / "kept", fingerprint, on_failure=pytest.fail)

    first, second = Counting(), Counting()
    with Scanner(model=first, remembering=remembering()) as scanner:  # type: ignore[arg-type]
        expected = list(scanner.scan(TEXTS))
    with Scanner(model=second, remembering=remembering()) as scanner:  # type: ignore[arg-type]
        assert list(scanner.scan(TEXTS)) == expected
    assert first.asked
    assert not second.asked
    (file,) = (tmp_path / "kept").glob("*.scores")
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"soup" not in file.read_bytes()
