"""The report for people, to the letter."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import timedelta

import pytest

from moderation.comments import Action, Braked, RuleStatus, Severity, Verdict
from moderation.reports import Summary, TextReport, ago, braked_line, unsupported_line


def cells(text):
    """Columns on a terminal, near enough for these tests."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def report(*assessments, **more):
    """What the report says of these, without the summary."""
    said = []
    writer = TextReport(said.append, **{"cells": cells, **more})
    writer.begin()
    for assessment in assessments:
        writer.add(assessment)
    return "".join(said)


def summary(**more):
    said = []
    TextReport(said.append, cells=cells).end(Summary(**more))
    return "".join(said)


def test_a_plain_comment(assess):
    assert report(assess("You old donkey, said the goat", "donkey", "goat")) == (
        "HOLD  medium    #7 · Pat · 2026-03-01 08:05 · page.txt:3\n"
        "    │ You old donkey, said the goat\n"
        "    │         ^^^^^^               ^^^^\n".replace(
            "               ^^^^", "           ^^^^"
        )
        + "    test.words  Found: donkey, goat\n"
        "\n"
    )


def test_several_flags(assess, flag):
    text = "turnip donkey"
    flags = (
        flag("food.root", text, "turnip", action=Action.HIDE, severity=Severity.CRITICAL),
        flag("animals.d", text, "donkey", action=Action.FLAG, severity=Severity.LOW),
        flag("new", text, "donkey", status=RuleStatus.SHADOW, reason="On trial"),
    )
    assert report(assess(text, flags=flags)) == (
        "HIDE  critical  #7 · Pat · 2026-03-01 08:05 · page.txt:3\n"
        "    │ turnip donkey\n"
        "    │ ^^^^^^ ^^^^^^\n"
        "    food.root  Found: turnip\n"
        "    animals.d  Found: donkey\n"
        "    new        On trial  (shadow: recorded only)\n"
        "\n"
    )


def test_what_is_not_known_is_left_out(assess):
    one = assess("a donkey", "donkey", author=None, created=None, line=None, source="<stdin>")
    assert report(one).splitlines()[0] == "HOLD  medium    #7 · <stdin>"


def test_a_flag_without_a_place_shows_the_beginning(assess, flag):
    text = "one\n\n  \ntwo\nthree"
    assert report(assess(text, flags=(flag("score.high", text, reason="The model"),))) == (
        "HOLD  medium    #7 · Pat · 2026-03-01 08:05 · page.txt:3\n"
        "    │ one\n"
        "    │ two\n"
        "    │ three\n"
        "    score.high  The model\n"
        "\n"
    )


def test_an_empty_text(assess, flag):
    lines = report(assess("", flags=(flag("score.high", "", reason="The model"),))).splitlines()
    assert lines[1:] == ["    score.high  The model", ""]


def test_a_place_in_the_author_is_not_marked_in_the_text(assess, flag):
    flags = (flag("spam.author", "Pat", "Pat", field="author", reason="Name: Pat"),)
    assert "^" not in report(assess("Pat writes", flags=flags, author="Pat"))


def test_carets_stand_under_wide_and_combining_characters(assess):
    text = "奶酪 e\u0301 donkey 😀 goat"
    lines = report(assess(text, "donkey", "goat")).splitlines()
    assert lines[1] == f"    │ {text}"
    assert lines[2] == "    │ " + " " * 7 + "^^^^^^" + " " * 4 + "^^^^"


def test_only_lines_with_a_match_and_no_more_than_six(assess):
    text = "\n".join(f"line {n}{' donkey' if n % 2 else ''}" for n in range(40))
    shown = [line for line in report(assess(text, "donkey")).splitlines() if "│" in line]
    assert shown[:2] == ["    │ line 1 donkey", "    │        ^^^^^^"]
    assert shown[-1] == "    │ …"
    assert len(shown) == 13
    assert not any("line 2" in line for line in shown)


def test_a_match_over_several_lines(assess):
    lines = report(assess("one don\n\nkey two", "don\n\nkey")).splitlines()
    assert lines[1:6] == [
        "    │ one don",
        "    │     ^^^",
        "    │ ",
        "    │ key two",
        "    │ ^^^",
    ]


def test_overlapping_and_touching_matches_are_one(assess):
    lines = report(assess("abcdef x", "abc", "cd", "ef")).splitlines()
    assert lines[2] == "    │ ^^^^^^"


@pytest.mark.parametrize("at", [0, 40, 60, 400, 994])
def test_a_long_line_is_cut_around_its_first_match(assess, at):
    text = "x" * at + "donkey" + "y" * (994 - at)
    _, line, carets, *_ = report(assess(text, "donkey")).splitlines()
    assert len(line) <= 6 + 102
    start = carets.index("^")
    assert line[start : start + 6] == "donkey"
    assert line.startswith("    │ …") is (at > 48)
    assert line.endswith("…") is (at < 946)


def test_the_whole_line_with_full(assess):
    text = "x" * 500 + "donkey" + "y" * 500
    assert f"    │ {text}\n" in report(assess(text, "donkey"), show_text="full")
    long = report(assess("z" * 3_000 + "donkey", "donkey"), show_text="full")
    assert max(map(len, long.splitlines())) < 2_020


def test_never_quotes_nothing(assess):
    said = report(assess("a secret donkey", "donkey", author="Quentin"), show_text="never")
    assert said == (
        "HOLD  medium    #7 · 2026-03-01 08:05 · page.txt:3\n    test.words  Something found\n\n"
    )


def test_unflagged_comments_are_not_shown(assess, flag):
    shadow = assess("a donkey", flags=(flag("s", "x", status=RuleStatus.SHADOW),))
    assert report(assess("fine"), shadow) == ""


def test_windows_line_ends_leave_no_sign(assess):
    lines = report(assess("a donkey\r\na goat\r\n", "donkey", "goat")).splitlines()
    assert lines[1:5] == [
        *("    │ a donkey", "    │   ^^^^^^"),
        *("    │ a goat", "    │   ^^^^"),
    ]


HOSTILE = {
    "\x1b[31mred\x1b]0;title\x07 donkey": "␛[31mred␛]0;title␇ donkey",
    "\x9b2J donkey": "<U+009B>2J donkey",
    "\u202edonkey\u202c": "<U+202E>donkey<U+202C>",
    "don\u200bkey donkey": "don<U+200B>key donkey",
    "[/foo] [@click=app.quit]x[/] [not a tag] donkey": (
        "[/foo] [@click=app.quit]x[/] [not a tag] donkey"
    ),
    "::add-mask::donkey": "::add-mask::donkey",  # behind a bar it is none
    "std::vector<donkey>::x": "std::vector<donkey>::x",
    "##[group]donkey": "#\\#\\[group]donkey",
    "\x00 \r donkey": "␀ ␍ donkey",
    "\ud800 donkey": "<U+D800> donkey",
}


@pytest.mark.parametrize("styled", [False, True])
@pytest.mark.parametrize(("text", "shown"), HOSTILE.items(), ids=range(len(HOSTILE)))
def test_hostile_texts(assess, text, shown, styled):
    def style(piece, **_):
        return piece

    said = report(assess(text, "donkey"), style=style if styled else None)
    assert said.splitlines()[1] == f"    │ {shown}"


@pytest.mark.parametrize("words", ["##", "group", "[", "#", "##[", "]x"])
def test_pieces_form_no_command(assess, words):
    said = report(assess("a ##[group]x ##vso[task]x", words))
    assert not re.search(r"##[a-z]{0,12}\[", said)
    assert said.replace("\\", "").splitlines()[1] == "    │ a ##[group]x ##vso[task]x"


def test_hostile_everything_else(assess, flag):
    evil = "\x1b[31m\u202e\n::add-mask::x ##[group]"
    one = assess(
        "a donkey",
        flags=(flag("r", "a donkey", "donkey", reason=evil),),
        author=evil,
        id=evil,
        source=evil,
    )
    said = report(one)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said)
    assert "##[" not in said
    assert not any(line.strip().startswith("::") for line in said.splitlines())
    assert said.count("\n") == 5


def test_five_megabytes_of_one_letter_are_quick(assess):
    said = report(assess("a" * 5_000_000 + " donkey", "donkey"))
    assert "donkey" in said
    assert len(said) < 500
    assert len(report(assess("\n" * 1_000_000 + "donkey", "donkey"))) < 500


class TestSummary:
    def test_counts(self):
        counts = {Verdict.PASS: 1_200, Verdict.FLAG: 3, Verdict.HIDE: 1}
        said = summary(verdicts=Counter(counts), seconds=2.0, model="m@1", policy="rules@2")
        assert said == (
            "1,204 comments: 1 hide, 0 hold, 3 flag, 1,200 pass (2.0 s, 602/s)\n"
            "model m@1 · rules@2\n"
        )

    def test_one_of_each(self):
        said = summary(verdicts=Counter({Verdict.APPROVE: 1}), rejected=1)
        assert said.splitlines()[0] == (
            "1 comment: 0 hide, 0 hold, 0 flag, 1 approved by rule, 0 pass; "
            "1 record rejected (0.0 s)"
        )

    def test_undecided(self):
        said = summary(undecided=Counter({f"r{n}": 1 for n in range(9)}))
        assert said.splitlines()[1] == (
            "Not decidable for this source or model: r0, r1, r2, r3, r4, r5, r6, r7 and 1 more"
        )


@pytest.mark.parametrize(("count", "are"), [(1, "1 comment is"), (1_200, "1,200 comments are")])
def test_comments_in_a_language_that_the_model_does_not_know(count, are):
    said = f"{are} in a language that the model does not know: scores mean nothing there"
    assert unsupported_line(count) == said
    assert summary(unsupported=count).splitlines()[1] == said
    assert "language" not in summary()


BRAKED = Braked("food.gravy", Action.HIDE, 412, 1_000, 0.05, timedelta(hours=3))


def test_a_braked_rule_is_told_before_the_sum():
    line = (
        "rule 'food.gravy' was changed 3 h ago and would hide 412 of 1,000 comments"
        " (41.2 %, limit 5 %): its matches are only flagged."
        " If that is right: --confirm-rule food.gravy"
    )
    assert braked_line(BRAKED) == line
    said = summary(braked=(BRAKED,), verdicts=Counter({Verdict.FLAG: 1_000}))
    assert said.startswith(f"BRAKE: {line}\n\n1,000 comments: ")
    marked = []
    TextReport(marked.append, style=lambda text, **how: f"{text}{sorted(how)}").end(
        Summary(braked=(BRAKED,))
    )
    assert marked[0].startswith("BRAKE['bold', 'fg', 'reverse']: rule 'food.gravy'")


def test_a_change_that_this_scan_came_upon():
    fresh = Braked("a\x1b[2J", Action.HOLD, 3, 59, 0.05, timedelta())
    assert braked_line(fresh).startswith(
        "rule 'a␛[2J' is new or changed since the last scan and would hold 3 of 59 comments"
        " (5.08 %, limit 5 %)"
    )


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=47, minutes=59), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_how_long_ago(age, said):
    assert ago(age) == said
