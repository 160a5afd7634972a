"""Fingerprints of findings, and the baselines made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from moderation.baseline import Baseline
from moderation.comments import Action, Assessment, Author, Severity
from moderation.errors import UsageError
from moderation.reports.fingerprints import Fingerprints, fingerprint


def with_comment(assessment: Assessment, **changes: object) -> Assessment:
    return replace(assessment, comment=replace(assessment.comment, **changes))


def print_of(assessment: Assessment) -> str:
    return fingerprint(assessment, assessment.flags[0])


@pytest.fixture
def posted(assess) -> Assessment:
    """A comment with an id of its platform."""
    return assess("a donkey", "donkey", id="c7", line=3)


@pytest.fixture
def counted(posted) -> Assessment:
    """One that was only counted in its file."""
    return with_comment(posted, id="3", origin="page")


SAME: list[tuple[str, dict[str, object]]] = [
    ("posted", {"line": 9, "source": "elsewhere.jsonl"}),
    ("posted", {"author": Author("Renamed")}),
    ("counted", {"line": 9, "id": "9", "source": "elsewhere.txt"}),
]
OTHER: list[tuple[str, dict[str, object]]] = [
    ("posted", {"text": "a donkey!"}),
    ("posted", {"id": "c8"}),
    ("counted", {"text": "a donkey!"}),
    ("counted", {"author": Author("Renamed")}),
    ("counted", {"origin": "another"}),
]


@pytest.mark.parametrize(("kind", "changes"), SAME, ids=str)
def test_what_moves_keeps_its_fingerprint(request, kind, changes):
    one = request.getfixturevalue(kind)
    assert print_of(with_comment(one, **changes)) == print_of(one)


@pytest.mark.parametrize(("kind", "changes"), OTHER, ids=str)
def test_what_is_another_comment_has_another(request, kind, changes):
    one = request.getfixturevalue(kind)
    assert print_of(with_comment(one, **changes)) != print_of(one)


def test_each_rule_has_its_own(posted, flag):
    other = flag("other.rule", "a donkey", "donkey")
    assert fingerprint(posted, other) != print_of(posted)


def test_parts_cannot_run_into_each_other(assess):
    one = with_comment(assess("bc", "bc"), id="a")
    other = with_comment(assess("c", "c"), id="ab")
    assert print_of(one) != print_of(other)


def test_the_same_again_is_told_apart_where_ids_are_counted(posted, counted):
    prints = Fingerprints()
    flag = counted.flags[0]
    assert len({prints.of(counted, flag) for _ in range(3)}) == 3
    assert prints.of(posted, flag) == prints.of(posted, flag)


class TestBaseline:
    @pytest.fixture
    def kept(self, tmp_path) -> Callable[..., Baseline]:
        """A baseline of these, written and read again."""

        def kept(*assessments: Assessment) -> Baseline:
            baseline = Baseline()
            for assessment in assessments:
                baseline.add(assessment)
            (tmp_path / "known.json").write_text(baseline.written())
            return Baseline.read(tmp_path / "known.json")

        return kept

    def test_knows_what_it_was_made_of_and_no_more(self, kept, posted, assess):
        baseline = kept(posted)
        assert baseline.knows(posted)
        assert not baseline.knows(assess("another donkey", "donkey", id="c7"))
        assert not baseline.knows(assess("nothing"))

    def test_a_rule_that_is_new_makes_the_comment_new(self, kept, posted, flag):
        graver = flag("new", "a donkey", "donkey", action=Action.HIDE, severity=Severity.HIGH)
        assert not kept(posted).knows(replace(posted, flags=(graver, *posted.flags)))
        both = replace(posted, flags=(graver, *posted.flags))
        assert kept(both).knows(posted)

    def test_the_same_words_once_more_are_new_where_ids_are_counted(self, kept, counted):
        baseline = kept(counted, counted)
        assert [baseline.knows(counted) for _ in range(3)] == [True, True, False]

    def test_the_same_id_in_a_second_dump_is_known(self, kept, posted):
        baseline = kept(posted)
        assert [baseline.knows(posted) for _ in range(3)] == [True] * 3

    def test_holds_hashes_and_nothing_else(self, posted, counted):
        baseline = Baseline()
        for each in (posted, counted, counted):
            baseline.add(each)
        found = json.loads(baseline.written())
        assert list(found) == ["schema", "findings"]
        assert sorted(found["findings"].values()) == [1, 2]
        assert all(len(each) == 32 and int(each, 16) >= 0 for each in found["findings"])
        assert list(found["findings"]) == sorted(found["findings"])

    @pytest.mark.parametrize(
        "text",
        [
            *("", "[]", "{}", "\x00", "[" * 100_000, '{"schema": "moderation-baseline/1"}'),
            '{"schema": "moderation-baseline/2", "findings": {}}',
            '{"schema": "moderation-baseline/1", "findings": {"a": "1"}}',
            '{"schema": "moderation-baseline/1", "findings": {"a": true}}',
        ],
        ids=lambda text: text[:40],
    )
    def test_a_file_that_is_none(self, tmp_path, text):
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(UsageError, match="no baseline"):
            Baseline.read(tmp_path / "x.json")

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(UsageError, match="cannot read the baseline: No such file"):
            Baseline.read(tmp_path / "x.json")
