"""`jsonl` and `json`: exact objects, in ASCII whatever the comment holds."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.comments import (
    Action,
    Assessment,
    Braked,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Span,
)
from moderation.comments import Verdict as V
from moderation.reports import JsonlReport, JsonReport, Summary, as_record


def written(kind, *assessments, **more):
    said = []
    report = kind(said.append, **more)
    report.begin()
    summary = Summary(model="none", policy="rules@0")
    for assessment in assessments:
        summary.add(assessment)
        report.add(assessment)
    report.end(summary)
    return "".join(said)


def test_a_flagged_comment(assess):
    one = assess("a donkey", "donkey", id="x", line=4, scores={"toxicity": 0.123456})
    assert json.loads(written(JsonlReport, one)) == {
        "schema": "moderation/1",
        "id": "x",
        "line": 4,
        "verdict": "hold",
        "severity": "medium",
        "priority": 0,
        "scores": {"toxicity": 0.1235},
        "flags": [
            {
                "rule": "test.words",
                "action": "hold",
                "severity": "medium",
                "status": "live",
                "reason": "Found: donkey",
                "field": "text",
                "spans": [{"start": 2, "end": 8, "text": "donkey"}],
            }
        ],
        "undecided": [],
        "unsupported": False,
        "reading": "",
        "model": "none",
        "policy": "rules@0",
    }


def test_a_comment_in_a_language_that_the_model_does_not_know(assess):
    one = assess("ein Esel", unsupported=True, scores={"toxicity": 0.02})
    record = json.loads(written(JsonlReport, one))
    assert (record["unsupported"], record["scores"]) == (True, {"toxicity": 0.02})
    wrapped = json.loads(written(JsonReport, one, assess("a donkey"), one))
    assert wrapped["summary"]["unsupported"] == 2


def test_never_leaves_places_and_the_rules_own_words(assess):
    record = as_record(assess("a donkey", "donkey"), "never")
    assert record["flags"][0]["spans"] == [{"start": 2, "end": 8, "text": None}]
    assert record["flags"][0]["reason"] == "Something found"
    assert "donkey" not in json.dumps(record)


def test_never_names_the_rule_where_it_has_no_words(assess, flag):
    one = assess("x", flags=(flag("a.b", "x", "x", title=""),))
    assert as_record(one, "never")["flags"][0]["reason"] == "a.b"


def test_json_wraps_the_same(assess):
    several = [assess("a donkey", "donkey"), assess("fine", undecided=("r",))]
    wrapped = json.loads(written(JsonReport, *several))
    lines = [json.loads(line) for line in written(JsonlReport, *several).splitlines()]
    assert wrapped["comments"] == lines
    assert wrapped["schema"] == "moderation/1"
    assert wrapped["summary"] == {
        "comments": 2,
        "rejected": 0,
        "known": 0,
        "verdicts": {"hold": 1, "pass": 1},
        "undecided": {"r": 1},
        "unsupported": 0,
        "braked": [],
        "model": "none",
        "policy": "rules@0",
    }


def test_json_names_the_rules_that_were_braked():
    said = []
    braked = Braked("food.gravy", Action.HIDE, 412, 1_000, 0.05, timedelta(hours=3))
    report = JsonReport(said.append)
    report.begin()
    report.end(Summary(braked=(braked,)))
    assert json.loads("".join(said))["summary"]["braked"] == [
        {
            "rule": "food.gravy",
            "action": "hide",
            "count": 412,
            "comments": 1_000,
            "limit": 0.05,
            "age": 10_800,
        }
    ]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_valid_for_any_number(assess, count):
    assert len(json.loads(written(JsonReport, *[assess("x")] * count))["comments"]) == count


@given(st.text(alphabet=st.characters(), max_size=50))
def test_any_text_is_one_ascii_line_that_reads_back(text):
    flags = (
        Flag(
            "r", Action.HOLD, Severity.LOW, RuleStatus.LIVE, text, spans=(Span(0, len(text), text),)
        ),
    )
    one = Assessment(Comment(id=text, text=text), V.HOLD, Severity.LOW, flags=flags)
    line = written(JsonlReport, one)
    assert line.isascii()
    assert line.isprintable() or line[:-1].isprintable()
    assert line.count("\n") == 1
    record = json.loads(line)
    assert record["id"] == record["flags"][0]["reason"] == text
    assert record["flags"][0]["spans"][0]["text"] == text
