"""Scores that are kept: exact, bounded in memory, and no reason to fail."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import remembering
from moderation.assessing import Scored
from moderation.errors import InputError
from moderation.remembering import Remembering


def test_the_latest_are_known_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "_LATEST", 100)
    kept = Remembering("m@1")
    for number in range(1000):
        kept.keep({str(number): Scored((number / 1000,))})
    assert kept.known(["999", "950", "0"]).keys() == {"999", "950"}


@given(
    st.dictionaries(
        st.text(),
        st.tuples(st.lists(st.floats(0, 1, width=32), max_size=7).map(tuple), st.text(max_size=9)),
    )
)
def test_what_a_file_gives_is_what_it_got(
    tmp_path_factory: pytest.TempPathFactory, scores: dict[str, tuple[tuple[float, ...], str]]
) -> None:
    file = tmp_path_factory.mktemp("kept") / "x.scores"
    given_ = {text: Scored(*each) for text, each in scores.items()}
    kept = Remembering("m@1", file, on_failure=pytest.fail)
    kept.keep(given_)
    kept.close()
    again = Remembering("m@1", file, on_failure=pytest.fail)
    assert again.known(scores) == given_
    again.close()


def test_scores_of_another_model_are_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "x.scores"
    for fingerprint, expected in [("m@1", {}), ("m@1", {"a"}), ("m@2", {}), ("m@1", {})]:
        kept = Remembering(fingerprint, file)
        assert kept.known(["a"]).keys() == set(expected)
        kept.keep({"a": Scored((float(np.float32(0.1)),))})
        kept.close()


def test_what_was_written_outlives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "_WAITING", 10)
    file = tmp_path / "x.scores"
    kept = Remembering("m@1", file)
    for number in range(25):
        kept.keep({str(number): Scored((0.5,))})
    again = Remembering("m@1", file)  # the first one is never closed
    assert len(again.known(map(str, range(25)))) == 20


def test_a_foreign_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.scores"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE scores (mine)")
    before = file.read_bytes()
    with pytest.raises(InputError, match="another program"):
        Remembering("m@1", file)
    assert file.read_bytes() == before


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.scores"
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(InputError, match="scores cannot be kept here"):
        Remembering("m@1", file)


def test_a_file_that_fails_later_is_done_without(tmp_path: Path) -> None:
    told: list[InputError] = []
    kept = Remembering("m@1", tmp_path / "gone" / "x.scores", on_failure=told.append)
    kept.keep({str(number): Scored((0.5,)) for number in range(2000)})
    assert len(told) == 1
    assert kept.known(["7"]) == {"7": Scored((0.5,))}
    kept.keep({str(number): Scored((0.5,)) for number in range(4000)})
    assert len(told) == 1
