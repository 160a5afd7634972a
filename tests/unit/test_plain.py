"""The reviewer by line, on a real store: what it says, does and never lets through."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from moderation.comments import (
    Action,
    Assessment,
    Author,
    Choice,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Span,
    Status,
    Thread,
    Verdict,
)
from moderation.plain import (
    PAGE_CHARACTERS,
    PAGE_LINES,
    UNSUPPORTED,
    excerpt,
    reasons,
    review_plain,
    runs,
    stamp,
)
from moderation.queue import Queue
from moderation.store import Store

HOSTILE = "a\x1b[31mEVIL\x1b[0m\x9b31m\u202edlrow\u200bx [/foo] \ud800\n::add-mask::x\n##[group]y"


def span(text: str, words: str) -> Span:
    at = text.index(words)
    return Span(at, at + len(words), words)


def flagged(id: str, text: str, words: str = "", **more: object) -> Assessment:
    spans = (span(text, words),) if words else ()
    flag = Flag(
        "harassment.insult", Action.HOLD, Severity.HIGH, RuleStatus.LIVE, f"Insult: {words}",
        spans=spans,
    )  # fmt: skip
    return Assessment(
        Comment(
            id=id,
            text=text,
            author=Author(str(more.get("author", "Pat"))),
            thread=Thread("t", title=str(more.get("title", "A page"))),
            parent=more.get("parent"),  # type: ignore[arg-type]
        ),
        Verdict.HOLD,
        Severity.HIGH,
        scores={"toxicity": 0.91},
        flags=(flag,),
        undecided=("trust.new",),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "queue.db") as opened:
        yield opened


def save(store: Store, *assessments: Assessment) -> None:
    run = store.begin_run(["test"])
    store.save(assessments, run)
    store.finish_run(run)


class Person:
    """Answers given one after the other, then the end of input; keeps what was said."""

    def __init__(self, *answers: str | Callable[[], str]) -> None:
        self._answers = iter(answers)
        self.lines: list[str] = []

    def read(self, prompt: str) -> str:
        self.lines.append(prompt)
        try:
            answer = next(self._answers)
        except StopIteration:
            raise EOFError from None
        return answer if isinstance(answer, str) else answer()

    @property
    def heard(self) -> str:
        return "\n".join(self.lines)


def review(store: Store, *answers: str | Callable[[], str]) -> Person:
    person = Person(*answers)
    review_plain(Queue(store, "anna"), read=person.read, write=person.lines.append)
    return person


def decided(store: Store) -> list[tuple[str, str]]:
    with sqlite3.connect(store.path) as conn:
        return conn.execute("select key, choice from decisions order by seq").fetchall()


def test_an_item_is_read_out_with_everything_that_explains_it(store: Store) -> None:
    save(
        store,
        flagged("1", "You fool, go away", "fool", title="A page"),
        flagged("2", "No, you fool", "fool", parent="1"),
    )
    heard = review(store, "a", "q").heard
    assert "2 comments wait for review." in heard
    assert "HOLD, severity high." in heard
    assert "In: A page" in heard
    assert "| You [1>fool<1], go away" in heard
    assert "  1. Insult: fool (harassment.insult, high, hold)" in heard
    assert "Scores: toxicity 0.91" in heard
    assert "Reply to Pat: You fool, go away" in heard
    assert "Answered by Pat: No, you fool" in heard
    assert "Author: 2 comments · 2 pending" in heard
    assert "Could not be decided for this source: trust.new" in heard


def test_scores_that_mean_nothing_are_told(store: Store) -> None:
    save(store, flagged("1", "You camel"))
    assert UNSUPPORTED not in review(store, "q").heard
    save(store, replace(flagged("1", "Du Kamel"), unsupported=True))
    assert UNSUPPORTED in review(store, "q").heard


def test_each_answer_is_a_decision_on_disk(store: Store) -> None:
    save(store, *(flagged(str(n), f"text {n}") for n in range(5)))
    person = review(store, "a", "h", "e", "s", "A", "q")
    assert [choice for _, choice in decided(store)] == [
        "approve", "hide", "escalate", "skip", "approve",
    ]  # fmt: skip
    assert len({key for key, _ in decided(store)}) == 5
    assert "Only what you skipped is left: 1." in person.heard
    assert person.lines[-1] == "This session: 2 approved, 1 hidden, 1 escalated, 1 skipped."


def test_undo_any_number_of_steps_and_decide_anew(store: Store) -> None:
    save(store, flagged("1", "one"), flagged("2", "two"))
    review(store, "a", "u", "h", "h", "q")
    queue = Queue(store, "anna")
    assert {item.status for item in queue.items(status=None)} == {Status.HIDDEN}
    save(store, flagged("3", "three"))
    person = review(store, "u", "u", "u", "q")
    assert person.lines.count("Taken back. The comment again:") == 2
    assert "You have no decision to take back." in person.heard
    assert queue.counts()[Status.PENDING] == 3


def test_the_end_of_input_is_polite_and_keeps_what_was_decided(store: Store) -> None:
    save(store, flagged("1", "one"), flagged("2", "two"))
    person = review(store, "a")
    assert person.lines[-2:] == ["End of input.", "This session: 1 approved."]
    assert len(decided(store)) == 1


def test_an_empty_queue_asks_nothing(store: Store) -> None:
    assert review(store).lines == [
        "Nothing waits for review.",
        "This session: nothing decided.",
    ]


def test_help_and_nonsense(store: Store) -> None:
    save(store, flagged("1", "one"))
    person = review(store, "?", "x", "", "r", "q")
    assert "escalate: someone else should decide" in person.heard
    assert person.heard.count("Please answer a, h, s, e, u, m, r or q") == 2
    assert person.lines.count("| one") == 2
    assert decided(store) == []


def test_a_lost_race_says_who_and_goes_on(store: Store) -> None:
    save(store, flagged("1", "one"), flagged("2", "two"))

    def meanwhile() -> str:
        with store.clone() as other:
            with other.write() as conn:
                conn.execute("update claims set expires = 0")  # as after a long lunch
            bo = Queue(other, "bo")
            bo.decide(bo.items()[0], Choice.HIDE)
        return "a"

    person = review(store, meanwhile, "a", "q")
    assert "Not decided:" in person.heard
    assert "bo" in person.heard
    assert [choice for _, choice in decided(store)] == ["hide", "approve"]
    assert len({key for key, _ in decided(store)}) == 2


def test_what_others_have_open_is_passed_over(store: Store) -> None:
    save(store, flagged("1", "one"), flagged("2", "two"), flagged("3", "three"))
    with store.clone() as other:
        bo = Queue(other, "bo")
        bo.claim(bo.item("1"))
        seen = []

        def look() -> str:
            seen.append({key: claim.moderator for key, claim in bo.claims().items()})
            return "a"

        person = review(store, look, "h")
        assert seen == [{"1": "bo", "2": "anna"}]
        assert decided(store) == [("2", "approve"), ("3", "hide")]
        assert "Only what others have open is left." in person.heard
        # What was still before the person when they went is free at once.
        bo.release()
        review(store, "q")
        assert bo.claims() == {}
        review(store, "a")
    assert decided(store)[-1] == ("1", "approve")


def test_a_failing_write_loses_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "queue.db", timeout=0.05) as store:
        save(store, flagged("1", "one"))
        blocker = sqlite3.connect(store.path, isolation_level=None)

        def lock() -> str:
            blocker.execute("begin immediate")
            return "a"

        def unlock() -> str:
            blocker.execute("rollback")
            return "h"

        person = review(store, lock, unlock, "q")
        blocker.close()
        assert "locked" in person.heard
        assert "Nothing was decided." in person.heard
        assert [choice for _, choice in decided(store)] == ["hide"]


def test_hostile_text_is_shown_and_does_nothing(store: Store) -> None:
    save(
        store,
        flagged("1", HOSTILE, "EVIL", author=HOSTILE, title=HOSTILE),
        flagged("2", HOSTILE, parent="1", author=HOSTILE),
    )
    heard = review(store, "a", "q").heard
    for raw in ("\x1b", "\x9b", "\u202e", "\u200b", "\ud800"):
        assert raw not in heard
    assert "␛[31m[1>EVIL<1]␛[0m<U+009B>31m<U+202E>dlrow<U+200B>x [/foo] <U+D800>" in heard
    for line in heard.split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    assert "| ::add-mask::x" in heard


def test_a_text_cannot_pose_as_the_program(store: Store) -> None:
    save(store, flagged("1", "hm\nReasons: none\n\nApproved: 1 by Pat."))
    heard = review(store, "q").heard
    assert "\n| Reasons: none\n| \n| Approved: 1 by Pat.\n" in heard


def test_a_huge_text_comes_in_parts(store: Store) -> None:
    text = "x" * 1_000_000 + " fool"
    save(store, flagged("1", text, "fool"))
    person = review(store, "m", "q")
    assert max(len(line) for line in person.lines) <= PAGE_CHARACTERS + 10
    assert "Characters 1 to 4000 of 1000005. 1 more matches follow." in person.heard
    assert "Characters 4001 to 8000 of 1000005." in person.heard


def test_excerpts_cover_the_whole_text_once() -> None:
    text = "\n".join("word " * (n % 40) for n in range(1000))
    spans = [[span(text, "word")], [Span(len(text) - 5, len(text), text[-5:])]]
    start, seen = 0, ""
    while True:
        part = excerpt(text, spans, start)
        assert part.text.count("\n") <= PAGE_LINES
        seen += part.text
        if part.end == part.total:
            break
        start = part.end
    assert seen == text
    assert part.spans[0] == ()
    assert [part.text[s.start : s.end] for s in part.spans[1]] == [text[-5:]]


def test_a_match_across_the_end_of_a_part_is_marked_in_both() -> None:
    text = "y" * 10_000
    spans = [[Span(3990, 4010, text[3990:4010])]]
    first = excerpt(text, spans)
    second = excerpt(text, spans, first.end)
    assert [(s.start, s.end) for s in first.spans[0]] == [(3990, 4000)]
    assert [(s.start, s.end) for s in second.spans[0]] == [(0, 10)]


def test_brackets_of_overlapping_matches() -> None:
    cut = list(runs("abcd", [[Span(0, 3, "abc")], [Span(1, 4, "bcd")]]))
    assert cut == [
        ("a", [0], [0], []),
        ("bc", [0, 1], [1], [0]),
        ("d", [1], [], [1]),
    ]


def test_shadow_rules_come_last() -> None:
    live = Flag("b", Action.FLAG, Severity.LOW, RuleStatus.LIVE, "")
    shadow = Flag("a", Action.HIDE, Severity.HIGH, RuleStatus.SHADOW, "")
    found = reasons(Assessment(Comment("1", ""), Verdict.FLAG, flags=(shadow, live)))
    assert found == (live, shadow)


def test_unknown_times_and_zones_stay_unknown() -> None:
    naive = datetime(2019, 3, 4, 10, 22)
    assert stamp(None) == ""
    assert stamp(naive) == "2019-03-04 10:22"
    assert stamp(naive.replace(tzinfo=UTC)) == "2019-03-04 10:22 UTC"
    assert stamp(naive.replace(tzinfo=timezone(timedelta(hours=2)))) == "2019-03-04 10:22 +0200"
