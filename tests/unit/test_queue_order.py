"""A list that is kept up to date is the list that would be read anew."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
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
    Verdict,
)
from moderation.queue import SORTS, Filter, Queue, Sort
from moderation.queue.order import place, without
from moderation.store import Store

COUNT = 120
FILTERS = ("", "teapot", "rule:two.b", 'author:"Author 3"', "severity:high kettle*")


def assessed(n: int, pick: random.Random) -> Assessment:
    severity = pick.choice(list(Severity))
    rule = pick.choice(["one.a", "two.b", "two.c"])
    return Assessment(
        Comment(f"c{n}", f"{pick.choice(['teapot', 'kettles'])} {n}", Author(f"Author {n % 5}")),
        verdict=pick.choice([Verdict.FLAG, Verdict.HOLD]),
        severity=severity,
        scores={"toxicity": pick.random()},
        flags=(Flag(rule, Action.HOLD, severity, RuleStatus.LIVE, "Because"),),
        model="m",
        policy="p",
    )


def save(store: Store, numbers: range, pick: random.Random) -> None:
    run = store.begin_run(["test"])
    store.save([assessed(n, pick) for n in numbers], run)
    store.finish_run(run)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "queue.db") as opened:
        save(opened, range(COUNT), random.Random(1))
        yield opened


@pytest.mark.parametrize("line", FILTERS)
@pytest.mark.parametrize("sort", SORTS)
def test_what_follows_is_what_is_read(store: Store, line: str, sort: Sort) -> None:
    pick = random.Random(f"{line} {sort}")
    queue = Queue(store, "Mira")
    wanted = Filter.parse(line)
    listed, marker = queue.numbers(wanted, sort), queue.marker()
    assert len(listed) > 5
    for turn in range(4):
        for item in queue.load(pick.sample(range(1, COUNT + 1), 12)):
            queue.decide(item, pick.choice([Choice.APPROVE, Choice.SKIP, Choice.ESCALATE]))
        for _ in range(4):
            queue.undo()
        # Others are said anew, with another severity, and some are new.
        save(store, range(turn * 9, turn * 9 + 7), pick)
        save(store, range(COUNT + turn * 3, COUNT + turn * 3 + 3), pick)
        found = queue.follow(listed, marker, wanted, sort)
        assert found is not None
        assert found.numbers == queue.numbers(wanted, sort)
        assert found.changed
        listed, marker = found.numbers, found.marker
    again = queue.follow(listed, marker, wanted, sort)
    assert again is not None
    assert (again.numbers, again.changed, again.marker) == (listed, (), marker)


def test_many_changes_are_left_to_reading_anew(store: Store) -> None:
    queue = Queue(store, "Mira")
    listed, marker = queue.numbers(), queue.marker()
    queue.decide_many(queue.load(listed[:20]), Choice.HIDE)
    assert queue.follow(listed, marker, most=19) is None
    found = queue.follow(listed, marker, most=20)
    assert found is not None
    assert found.numbers == listed[20:]


def test_whether_a_filter_means_one(store: Store) -> None:
    queue = Queue(store, "Mira")
    for line in FILTERS:
        wanted = Filter.parse(line)
        meant = set(queue.numbers(wanted))
        assert meant == {n for n in range(1, COUNT + 1) if queue.means(wanted, n)}


def test_a_page_of_the_order(store: Store) -> None:
    queue = Queue(store, "Mira")
    assert queue.numbers(limit=7) == queue.numbers()[:7]


def test_the_counts_of_an_author_end_where_asked(store: Store) -> None:
    queue = Queue(store, "Mira")
    item = queue.window(limit=1)[0]
    whole, some = queue.context(item).author, queue.context(item, most=10).author
    assert (whole.pending, some.pending) == (COUNT // 5, 10)
    assert (whole.least(whole.pending), some.least(some.pending)) == (False, True)


def test_an_item_is_found_wherever_it_stands() -> None:
    # Numbers of which one's bytes stand within two others' as well.
    them = array("q", [0, 1, 256, 1 << 40, 1 << 56, 0x0101010101010101, 255, 2])
    them.extend(range(3000, 9000))
    random.Random(3).shuffle(them)
    for at, number in enumerate(them):
        assert place(them, number) == at
        assert place(them, number, near=at) == at
    assert place(them, 257) is None
    assert place(array("q"), 1) is None


@pytest.mark.parametrize("count", [0, 1, 5, 50])
def test_taking_out(count: int) -> None:
    listed = array("q", range(0, 400, 2))
    gone = random.Random(count).sample(range(400), count)
    assert list(without(listed, gone)) == [n for n in range(0, 400, 2) if n not in gone]
    assert len(listed) == 200
