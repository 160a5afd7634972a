"""Where the cursor goes: the rules of the worklist, without a screen."""

from __future__ import annotations

from tui.worklist import Worklist


def listed(cursor: int = 0) -> Worklist:
    work = Worklist()
    work.replace(list("abcd"))
    work.go(cursor)
    return work


def test_a_decided_item_makes_room_for_the_one_after_it() -> None:
    work = listed(1)
    work.drop()
    assert (work.keys, work.current) == (list("acd"), "c")
    work.go(2)
    work.drop()
    assert work.current == "c"
    work.drop()
    work.drop()
    work.drop()
    assert work.current is None


def test_a_skipped_item_goes_to_the_end() -> None:
    work = listed(1)
    work.postpone()
    assert (work.keys, work.current) == (list("acdb"), "c")
    work.go(3)
    work.postpone()
    assert work.current == "a"


def test_moving_stops_at_the_ends() -> None:
    work = listed()
    work.move(-1)
    assert work.current == "a"
    work.move(99)
    assert work.current == "d"
    Worklist().move(1)


def test_the_cursor_stays_on_its_item_when_the_list_changes() -> None:
    work = listed(2)
    work.replace(list("xcyd"))
    assert (work.current, work.stale) == ("c", False)


def test_an_item_that_others_took_stays_until_the_cursor_leaves() -> None:
    for step, after in ((1, "d"), (-1, "b")):
        work = listed(2)
        work.replace(list("abd"))
        assert (work.keys, work.current, work.stale) == (list("abcd"), "c", True)
        work.move(0)
        assert work.stale
        work.move(step)
        assert (work.keys, work.current, work.stale) == (list("abd"), after, False)


def test_the_last_item_taken_by_others() -> None:
    work = Worklist()
    work.replace(["a"])
    work.replace([])
    assert (work.current, work.stale) == ("a", True)
    work.move(1)
    assert work.current is None


def test_finding() -> None:
    work = listed()
    assert work.find("c")
    assert work.current == "c"
    assert not work.find("z")
