"""Second opinions: asked for after the queue, given without knowing the first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.comments import Choice, Status
from moderation.queue import Queue
from moderation.store import Store
from tui.screens.review import ReviewScreen
from tui.screens.second import SecondScreen
from tui.setup import Setup

#: Opens a session: the fixture of the same name.
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]

#: The sample thread's queue in its order.
ORDER = ["2", "1.1.1", "4", "5.1", "5", "3"]


@pytest.fixture
def decided(db: Path) -> Path:
    """All of the sample's queue, decided by bo: the first and every other one hidden."""
    with Store.open(db) as store:
        bo = Queue(store, "bo")
        for place, id in enumerate(ORDER):
            bo.decide(bo.item(id), (Choice.HIDE, Choice.APPROVE)[place % 2])
    return db


async def seen(pilot: Any, words: str) -> None:
    """Wait until the words are on the screen of second opinions."""
    for _ in range(500):
        await pilot.pause(0.01)
        if isinstance(pilot.app.screen, SecondScreen) and words in pilot.screen_text:
            return
    raise AssertionError(f"{words!r} not in:\n{pilot.screen_text}")


async def test_an_empty_queue_offers_them_and_they_are_given(
    opened: Opened, decided: Path, rows: Rows
) -> None:
    before = rows(decided)
    async with opened(decided, setup=Setup(sample=1)) as pilot:
        assert "6 decisions want your second opinion · O shows them" in pilot.text_of("#calm")
        await pilot.type("O")
        await seen(pilot, "BEST BIKES HERE")
        await pilot.type("h")
        await seen(pilot, "smash your")
        assert "You agree: hidden by bo" in pilot.screen_text
        await pilot.type("h")
        await seen(pilot, "Ring the planner")
        assert "You differ: approved by bo" in pilot.screen_text
        await pilot.type("s", "a")
        await seen(pilot, "3 given")
        await pilot.type("a", "a")
        await pilot.settle(until=lambda: isinstance(pilot.app.screen, ReviewScreen))
        # The one that was passed over is asked about again.
        assert "1 decision wants your second opinion" in pilot.text_of("#calm")
    assert rows(decided) == before, "a second opinion decides nothing"
    with Store.open(decided) as store:
        pairs = Queue(store, "reader").agreement().pairs
    assert pairs == {
        (Choice.HIDE, Choice.HIDE): 1,
        (Choice.APPROVE, Choice.HIDE): 1,
        (Choice.APPROVE, Choice.APPROVE): 2,
        (Choice.HIDE, Choice.APPROVE): 1,
    }


async def test_the_first_decision_is_not_told_before(opened: Opened, decided: Path) -> None:
    async with opened(decided, setup=Setup(sample=1), size=(160, 50)) as pilot:
        await pilot.type("O")
        await seen(pilot, "BEST BIKES HERE")
        screen = pilot.screen_text
        assert "bo" not in screen.replace("Second look", "").split()
        for word in ("hidden", "approved"):
            assert word not in screen, screen


async def test_one_of_an_author_of_many_tells_nothing_either(opened: Opened, decided: Path) -> None:
    async with opened(decided, setup=Setup(sample=1), size=(160, 50)) as pilot:
        await pilot.type("O")
        await seen(pilot, "BEST BIKES HERE")
        await pilot.type("s")
        await seen(pilot, "smash your")
        # Of DrivenMad's two, the other one's fate may be known; both were approved.
        assert "2 comments · 1 approved" in pilot.screen_text


async def test_what_became_of_others_like_it_is_not_told(
    opened: Opened, fill: Callable[..., Path], sample: Any
) -> None:
    text = "A muppet, and nothing but a muppet"
    path = fill(
        sample.assess(str(n), text, flags=[sample.flag("x", text, "muppet")]) for n in range(3)
    )
    async with opened(path, setup=Setup(sample=1), size=(160, 50)) as pilot:
        await pilot.settle(until=lambda: "This text: 2 more" in pilot.screen_text)
        with Store.open(path) as store:
            bo = Queue(store, "bo")
            bo.decide_many(bo.items(), Choice.HIDE, skip_conflicts=True)
        await pilot.type("O")
        await seen(pilot, "Second opinion")
        await pilot.pause(1)
        assert "This text" not in pilot.screen_text


async def test_only_when_the_configuration_asks(opened: Opened, decided: Path) -> None:
    async with opened(decided) as pilot:
        assert "second opinion" not in pilot.text_of("#calm")
        await pilot.press("O")
        assert "sample" in pilot.text_of("#event")
        assert isinstance(pilot.app.screen, ReviewScreen)


async def test_nobody_judges_their_own(opened: Opened, decided: Path) -> None:
    async with opened(decided, moderator="bo", setup=Setup(sample=1)) as pilot:
        assert "second opinion" not in pilot.text_of("#calm")
        await pilot.press("O")
        assert "Nobody's decision asks" in pilot.text_of("#event")


async def test_another_was_faster(opened: Opened, decided: Path) -> None:
    async with opened(decided, setup=Setup(sample=1)) as pilot:
        await pilot.type("O")
        await seen(pilot, "BEST BIKES HERE")
        with Store.open(decided) as store:
            cy = Queue(store, "cy")
            cy.opine(cy.item("2"), Choice.APPROVE)
        await pilot.type("h")
        await seen(pilot, "smash your")
        assert "no longer asks" in pilot.notices
        await pilot.type("escape")
        await pilot.settle(until=lambda: isinstance(pilot.app.screen, ReviewScreen))
    with Store.open(decided) as store:
        assert Queue(store, "reader").agreement().pairs == {(Choice.HIDE, Choice.APPROVE): 1}
        assert Queue(store, "reader").counts()[Status.PENDING] == 0


async def test_in_the_middle_of_a_queue(opened: Opened, db: Path, rows: Rows) -> None:
    with Store.open(db) as store:
        bo = Queue(store, "bo")
        bo.decide(bo.item("2"), Choice.HIDE)
    async with opened(db, setup=Setup(sample=1)) as pilot:
        assert pilot.shown == "1.1.1"
        await pilot.type("O")
        await seen(pilot, "BEST BIKES HERE")
        await pilot.type("h")
        await pilot.settle(until=lambda: isinstance(pilot.app.screen, ReviewScreen))
        assert pilot.shown == "1.1.1"
        await pilot.press("a")
    assert rows(db)[1:] == [("1.1.1", "approve", "anna")]
