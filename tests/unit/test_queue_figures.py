"""What the app asks a store for its plots, its palette and its why-panel."""

from datetime import UTC, datetime, timedelta

from moderation.comments import (
    Action,
    Assessment,
    Author,
    Choice,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Status,
    Verdict,
)
from moderation.queue import Alike, Queue, Statistics
from moderation.queue.items import Agreement
from moderation.store.reading import RuleUse

START = datetime(2026, 1, 1, tzinfo=UTC)
LONG = "Everybody who comes to this village fair is a great big walking turnip, says the mayor"


def held(id, text="You muppet", author="Ann", ident=None):
    flags = (Flag("names", Action.HOLD, Severity.LOW, RuleStatus.LIVE, "Says so"),)
    comment = Comment(id, text, Author(author, ident) if author else None, created=START)
    return Assessment(comment, Verdict.HOLD, Severity.LOW, 0, {"insult": 0.5}, flags)


def save(store, *assessments):
    run = store.begin_run(["x"])
    store.save(assessments, run)
    store.finish_run(run)


def figures(pending, queued, settled):
    return Statistics(
        dict.fromkeys(Status, 0) | {Status.PENDING: pending}, {}, queued, settled, {}, {},
        Agreement(),
    )  # fmt: skip


def test_what_waited_is_counted_back_from_now():
    one, two, three = (START + timedelta(hours=n) for n in (0, 5, 6))
    seen = figures(6, {one: 10, three: 2}, {two: 5, three: 1})
    assert seen.waiting() == [(one, 10), (two, 5), (three, 6)]
    assert figures(0, {}, {}).waiting() == []
    assert figures(0, {one: 0}, {two: 0}).waiting() == [], "scans that found nothing"


def test_what_waited_is_never_below_nothing():
    one, two = START, START + timedelta(hours=1)
    seen = figures(2, {one: 1, two: 9}, {})
    assert seen.waiting() == [(one, 0), (two, 2)]


def test_what_waited_of_a_real_store(store, mira):
    save(store, *(held(str(n)) for n in range(5)))
    mira.decide(mira.item("0"), Choice.HIDE)
    mira.decide(mira.item("1"), Choice.APPROVE)
    assert mira.statistics().waiting()[-1][1] == 3


def test_precision_of_a_rule():
    assert RuleUse(9, 3, 1, 5, START).precision == 0.75
    assert RuleUse(9, 0, 0, 5, START).precision is None


def test_alike_counts_the_others_by_what_became_of_them(store, mira):
    near = LONG.replace("turnip", "turnips").replace("mayor", "mayors")
    save(
        store,
        *(held(f"same{n}", LONG) for n in range(4)),
        *(held(f"near{n}", near) for n in range(2)),
        held("other", "Nothing like it at all, this is about the weather on Sunday"),
    )
    mira.decide(mira.item("same1"), Choice.HIDE)
    mira.decide(mira.item("same2"), Choice.APPROVE)
    mira.decide(mira.item("near0"), Choice.HIDE)
    assert mira.alike(mira.item("same0")) == Alike(
        same={Status.HIDDEN: 1, Status.APPROVED: 1, Status.PENDING: 1},
        near={Status.HIDDEN: 1, Status.PENDING: 1},
    )
    assert mira.alike(mira.item("same1")).same == {Status.APPROVED: 1, Status.PENDING: 2}
    assert mira.alike(mira.item("other")) == Alike()


def test_alike_of_a_text_too_short_to_compare(store, mira):
    save(store, held("1", "Meh"), held("2", "Meh"), held("3", "Meh!"))
    assert mira.alike(mira.item("1")) == Alike(same={Status.PENDING: 1})


def test_authors_by_a_part_of_their_name(store, mira):
    save(
        store,
        held("1", author="Ann Droid"), held("2", author="Ann Droid"),
        held("3", author="Joann"), held("4", author="Ben"),
        held("5", author=None), held("6", author="100%_\\sure"),
    )  # fmt: skip
    assert mira.authors("ANN", 9) == [("Ann Droid", 2), ("Joann", 1)]
    assert mira.authors("ann", 1) == [("Ann Droid", 2)]
    assert mira.authors("%_\\", 9) == [("100%_\\sure", 1)]
    assert mira.authors("_", 9) == [("100%_\\sure", 1)]
    assert mira.authors("\ud800\x00", 9) == []
    mira.decide(mira.item("3"), Choice.HIDE)
    assert mira.authors("joann", 9) == [], "nothing of theirs waits"


def test_a_name_that_two_people_bear_is_one_hit(store, mira):
    save(store, held("1", author="Ann", ident="a"), held("2", author="Ann", ident="b"))
    assert mira.authors("ann", 9) == [("Ann", 2)]


def test_a_name_that_no_utf8_holds_is_found(store):
    save(store, held("1", author="Ann\ud800"))
    assert Queue(store, "Mira").authors("Ann", 9) == [("Ann\ud800", 1)]
