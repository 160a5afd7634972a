"""Others that say the same, in the panel that explains: worked out after the comment shows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.comments import Choice
from moderation.queue import Alike, Item, Queue, View
from moderation.store import Store

Sample = Any
Opened = Any

LONG = "Everybody who comes to this village fair is a great big walking turnip, says the mayor"


@pytest.fixture
def repeated(fill: Callable[..., Path], sample: Sample) -> Path:
    """One text four times and nearly so twice; some of them decided."""
    near = LONG.replace("turnip", "turnips")
    texts = {f"same{n}": LONG for n in range(4)} | {"near0": near, "near1": near}
    texts["other"] = "Nothing like it at all, this is about the weather on Sunday"
    path = fill(
        sample.assess(id, text, flags=[sample.flag("a.b", text, "the")])
        for id, text in texts.items()
    )
    with Store.open(path) as store:
        jon = Queue(store, "Jon")
        for id, choice in (
            ("same1", Choice.HIDE),
            ("same2", Choice.APPROVE),
            ("near0", Choice.HIDE),
        ):
            jon.decide(jon.item(id), choice)
    return path


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_what_became_of_others_that_say_the_same(
    opened: Opened, repeated: Path, size: tuple[int, int]
) -> None:
    async with opened(repeated, size=size) as pilot:
        assert pilot.shown == "same0"
        await pilot.settle(until=lambda: "more" in pilot.text_of("#alike"))
        assert pilot.text_of("#alike") == (
            "This text: 3 more · 1 hidden · 1 approved · 1 pending\n"
            "Nearly it: 2 more · 1 hidden · 1 pending"
        )
        if size[0] == 160:
            assert "This text: 3 more" in pilot.screen_text


async def test_nothing_is_said_of_a_text_that_stands_alone(opened: Opened, repeated: Path) -> None:
    async with opened(repeated) as pilot:
        await pilot.settle(until=lambda: "more" in pilot.text_of("#alike"))
        await pilot.press("G")
        assert pilot.shown == "other"
        assert pilot.text_of("#alike") == "", "not what was said of the one before"
        assert not pilot.app.screen.query_one("#alike").display


async def test_no_key_waits_for_it(
    opened: Opened, repeated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow(view: View, item: Item) -> Alike:
        asked.set()
        go_on.wait(20)
        return Alike()

    monkeypatch.setattr(View, "alike", slow)
    async with opened(repeated) as pilot:
        try:
            await pilot.settle(until=asked.is_set)
            await pilot.press("h", "a")
            assert pilot.shown == "near1"
        finally:
            go_on.set()
