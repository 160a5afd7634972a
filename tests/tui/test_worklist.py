"""Where the cursor goes: the rules of the worklist, without a screen."""

from __future__ import annotations

from array import array

from tui.worklist import Worklist

A, B, C, D, X, Y = range(10, 16)


def numbers(*them: int) -> array[int]:
    return array("q", them)


def listed(cursor: int = 0) -> Worklist:
    work = Worklist([A, B, C, D])
    work.go(cursor)
    return work


def test_a_decided_item_makes_room_for_the_one_after_it() -> None:
    work = listed(1)
    work.drop()
    assert (work.numbers, work.current) == (numbers(A, C, D), C)
    work.go(2)
    work.drop()
    assert work.current == C
    work.drop()
    work.drop()
    work.drop()
    assert work.current is None


def test_a_skipped_item_goes_to_the_end() -> None:
    work = listed(1)
    work.postpone()
    assert (work.numbers, work.current) == (numbers(A, C, D, B), C)
    work.go(3)
    work.postpone()
    assert work.current == A


def test_moving_stops_at_the_ends() -> None:
    work = listed()
    work.move(-1)
    assert work.current == A
    work.move(99)
    assert work.current == D
    Worklist().move(1)


def test_the_cursor_stays_on_its_item_when_the_list_changes() -> None:
    work = listed(2)
    work.replace(numbers(X, C, Y, D))
    assert (work.current, work.stale) == (C, False)


def test_an_item_that_others_took_stays_until_the_cursor_leaves() -> None:
    for step, after in ((1, D), (-1, B)):
        work = listed(2)
        work.replace(numbers(A, B, D))
        assert (work.numbers, work.current, work.stale) == (numbers(A, B, C, D), C, True)
        work.move(0)
        assert work.stale
        work.move(step)
        assert (work.numbers, work.current, work.stale) == (numbers(A, B, D), after, False)


def test_the_last_item_taken_by_others() -> None:
    work = Worklist()
    work.replace(numbers(A))
    work.replace(numbers())
    assert (work.current, work.stale) == (A, True)
    work.move(1)
    assert work.current is None


def test_finding() -> None:
    work = listed()
    assert work.find(C)
    assert work.current == C
    assert not work.find(X)


def test_what_comes_after_the_current_one_from_the_end_on_from_the_top() -> None:
    assert listed().following(2) == [B, C]
    assert listed(2).following(2) == [D, A]
    assert listed(2).following(9) == [D, A, B]
    assert Worklist([A]).following(9) == []
    assert Worklist().following(9) == []


def test_what_others_have_open_is_passed_over() -> None:
    for cursor, taken, to in ((0, {A, B}, C), (2, {C, D}, A), (1, {A}, B), (1, {A, B, C, D}, B)):
        work = listed(cursor)
        work.pass_over(taken)
        assert work.current == to
