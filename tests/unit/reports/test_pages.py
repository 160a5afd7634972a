"""The pages for people, `markdown` and `html`: bounded, whole, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from moderation.comments import Action, Severity, Thread, Verdict
from moderation.reports import Summary, report
from moderation.reports.html.plots import percent
from moderation.reports.markdown import LIMIT
from moderation.reports.tally import MAX_THREADS, Tally, Worst


def written(name, found, **more):
    said = []
    summary = Summary()
    writer = report(name, said.append, **more)
    writer.begin()
    for assessment in found:
        summary.add(assessment)
        writer.add(assessment)
    writer.end(summary)
    return "".join(said)


@pytest.fixture
def many(assess, flag):
    def many(count, text="a donkey ", size=1):
        flags = (flag("animals.donkey", text, "donkey"),)
        return (
            assess(f"{text * size}{number}", flags=flags, id=f"c{number}")
            for number in range(count)
        )

    return many


class TestHtml:
    def test_the_policy_allows_its_own_style_and_nothing_else(self, golden):
        page = golden.written("html")
        policy = html.unescape(re.search(r'Policy" content="([^"]*)"', page)[1])
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )

    def test_loads_nothing_and_runs_nothing(self, golden):
        page = golden.written("html")
        assert not re.search(r"<(script|link|img|iframe|object|embed|base|form|a)\b", page)
        # The policy would refuse a style in an attribute.
        assert not re.search(r"<[^>]*\s(style|on\w+|href|src)=", page)
        assert "@import" not in page
        assert "url(" not in page

    def test_counts_everything_and_lists_the_worst(self, assess, flag, many):
        grave = assess(
            "the goat",
            flags=(flag("g", "the goat", "goat", action=Action.HIDE, severity=Severity.CRITICAL),),
            id="worst",
        )
        page = written("html", [*many(500), grave, *many(500)])
        assert "The 100 worst of 1,001" in page
        assert page.count("<article") == 100
        assert page.index("<code>worst</code>") < page.index("<code>c0</code>")
        assert "<dd>1,001 " in page
        assert len(page) < 200_000

    def test_a_hundred_long_texts_stay_a_page(self, many):
        assert len(written("html", many(150, size=10_000))) < 300_000

    def test_of_nothing(self):
        page = written("html", [])
        assert "<dd>0 " in page
        assert "<article" not in page
        assert "No model read these comments." in page

    def test_plots(self, golden):
        page = golden.written("html")
        for title in ("Verdicts", "Flagged over time", "Rules", "Threads with most", "Scores"):
            assert f"<h2>{title}" in page
        assert "toxicity 0.95 to 1.00: 1" in page
        assert "2026-03-03: 1 hide, 1 hold, 0 flag of 2 comments" in page

    def test_columns_over_many_years(self, assess):
        dates = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
        found = [assess("a donkey", "donkey", created=day) for day in dates]
        assert "0001-01-01" in written("html", found)

    def test_says_what_its_plots_leave_out(self, assess):
        said = []
        summary = Summary()
        for _ in range(3):
            summary.add(assess("fine"))
        writer = report("html", said.append)
        writer.add(assess("fine"))
        writer.end(summary)
        assert "2 comments are in no plot and no list" in "".join(said)


class TestMarkdown:
    def test_lists_the_worst_and_says_so(self, many):
        page = written("markdown", many(200))
        assert page.count("```text") == 50
        assert "… and 150 more flagged comments" in page

    def test_is_cut_before_it_is_too_long_for_a_comment(self, many):
        page = written("markdown", many(200, text="donkey " * 30 + "\n", size=20), show_text="full")
        assert len(page) < LIMIT
        listed = page.count("```text")
        assert 5 < listed < 50
        assert f"… and {200 - listed} more flagged comments" in page
        assert page.rstrip().endswith("`rules@0`") or "model `" in page.splitlines()[-1]


class TestTally:
    def test_threads_are_bounded_and_what_is_beyond_is_counted(self, assess):
        tally = Tally()
        one = assess("fine")
        for number in range(MAX_THREADS + 7):
            comment = one.comment
            object.__setattr__(comment, "thread", Thread(f"t{number}"))
            tally.add(one)
        assert len(tally.threads) == MAX_THREADS
        assert tally.beyond == 7

    def test_scores_at_the_edges(self, assess):
        tally = Tally()
        for score in (0.0, 0.0499, 0.05, 0.5, 0.999, 1.0):
            tally.add(assess("x", scores={"toxicity": score}))
        bins = tally.scores["toxicity"]
        assert (bins[0], bins[1], bins[10], bins[19]) == (2, 1, 1, 2)

    def test_worst_keeps_the_gravest_in_order(self, assess, flag):
        def one(name, action, severity, score=0.0):
            flags = (flag("r", "donkey", "donkey", action=action, severity=severity),)
            return assess(f"donkey {name}", flags=flags, id=name, scores={"toxicity": score})

        shown = []
        worst = Worst(4, lambda assessment: shown.append(assessment) or assessment.comment.id)
        given = [
            one("d", Action.HOLD, Severity.LOW),
            one("e", Action.HOLD, Severity.LOW),
            one("f", Action.FLAG, Severity.CRITICAL),
            one("a", Action.HIDE, Severity.LOW),
            one("c", Action.HOLD, Severity.LOW, 0.9),
            one("b", Action.HOLD, Severity.HIGH),
            assess("fine"),
        ]
        for assessment in given:
            worst.add(assessment)
        assert worst.texts() == [(name, 0) for name in "abcd"]
        assert worst.seen == 6

    def test_only_those_that_get_in_are_made_into_text(self, many):
        shown = []
        worst = Worst(10, lambda assessment: shown.append(1) or "x")
        for assessment in many(1_000):
            worst.add(assessment)
        assert len(shown) == 10

    def test_copies_are_counted_and_not_listed(self, assess, many):
        worst = Worst(2, lambda assessment: assessment.comment.text)
        for _ in range(3):
            worst.add(assess("a donkey", "donkey"))
        worst.add(assess("a goat", "goat"))
        assert worst.texts() == [("a donkey", 2), ("a goat", 0)]
        for assessment in (assess("new", "new"), assess("a goat", "goat")):
            worst.add(assessment)
        assert worst.texts() == [("a donkey", 2), ("a goat", 1)]
        assert worst.seen == 6
        for name in ("html", "markdown"):
            page = written(name, [assess("a donkey", "donkey")] * 7)
            assert page.count("and 6 more with the same text") == 1


def test_verdicts_are_counted_by_day(assess):
    tally = Tally()
    day = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    for moment in (day, day, day + timedelta(minutes=2)):
        tally.add(assess("a donkey", "donkey", created=moment))
    assert [counts[Verdict.HOLD] for counts in tally.days.values()] == [2, 1]


@pytest.mark.parametrize(
    ("count", "total", "said"),
    [(0, 10, "0 %"), (1, 10_000, "<0.1 %"), (34, 1_000, "3.4 %"), (52, 100, "52 %"), (0, 0, "0 %")],
)
def test_percent(count, total, said):
    assert percent(count, total) == said
