"""Many at once: the count first, then one transaction and one undo."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.widgets import OptionList

from moderation.comments import Status
from moderation.queue import Queue
from moderation.store import Store
from tui.screens.group import GroupScreen
from tui.screens.review import ReviewScreen

#: The makers of samples, from conftest.
Sample = Any
#: Opens a session: the fixture of the same name.
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]


def records(path: Path) -> list[tuple[str, int | None, str, str]]:
    """(choice, bulk, reason, note) of every decision."""
    with Store.open(path) as store:
        return [
            (row["decision"], row["bulk"], row["reason"], row["note"])
            for row in Queue(store, "reader").export()
        ]


def choices(pilot: Any) -> list[str]:
    """What the list offers, once all is counted."""
    picks = pilot.app.screen.query_one(OptionList)
    return [str(option.prompt) for option in picks.options]


async def counted(pilot: Any) -> list[str]:
    async with asyncio.timeout(20):
        while not isinstance(pilot.app.screen, GroupScreen) or "…" in " ".join(choices(pilot)):
            await pilot.pause(0.02)
    return choices(pilot)


async def test_a_selection_is_decided_as_one(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await pilot.press("x", "j", "x", "j", "j", "x", "x")
        assert "2 selected" in pilot.text_of("#standing")
        assert pilot.screen_text.count("✓") == 2
        await pilot.press("x", "H")
        assert "Hidden 3 that were selected · u undo" in pilot.text_of("#event")
        assert "selected" not in pilot.text_of("#standing")
        assert "✓" not in pilot.screen_text
        assert sorted(rows(db)) == [(id, "hide", "anna") for id in ("1.1.1", "2", "5.1")]
        assert {bulk for _, bulk, _, _ in records(db)} == {1}
        await pilot.press("u")
        assert "3 decisions made at once" in pilot.text_of("#event")
        assert pilot.text_of("#standing") == "6 pending · 0 decided · anna"
        await pilot.press("ctrl+r")
        assert "Hidden again 3 decisions" in pilot.text_of("#event")


async def test_a_selection_is_dropped(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await pilot.press("x", "j", "x", "escape")
        assert "selected" not in pilot.text_of("#standing")
        await pilot.press("x", "a")  # decided alone: it leaves the selection
        assert "selected" not in pilot.text_of("#standing")
        assert len(rows(db)) == 1


async def test_what_others_took_of_a_selection_is_told(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("x", "j", "x", "j", "x")
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.claim(bo.item("2"))
        await pilot.press("A")
        said = pilot.text_of("#event")
        assert "Approved 2 that were selected, 1 others had decided or have open" in said
        assert "2" not in [id for id, _, _ in rows(db)]


async def test_all_that_share_something_with_their_counts(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("G", "k", "k")
        assert pilot.shown == "5.1"
        await pilot.type("H")
        offered = await counted(pilot)
        assert [" ".join(line.split()) for line in offered] == [
            "1 1 this very text",
            "2 1 a text much like it",
            "3 2 the author DrivenMad",
            "4 2 the rule harassment.insult",
        ]
        assert rows(db) == []
        await pilot.press("4")
        assert isinstance(pilot.app.screen, ReviewScreen)
        await pilot.settle(until=lambda: len(rows(db)) == 2)
        assert "Hidden 2 with the rule harassment.insult" in pilot.text_of("#event")
        assert sorted(id for id, _, _ in rows(db)) == ["5", "5.1"]
        assert len({bulk for _, bulk, _, _ in records(db)}) == 1
        await pilot.press("u")
        assert pilot.text_of("#standing") == "6 pending · 0 decided · anna"


async def test_the_list_is_left_and_keys_of_decisions_mean_nothing_in_it(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.type("A")
        await counted(pilot)
        await pilot.press("a", "h", "9")
        assert isinstance(pilot.app.screen, GroupScreen)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert rows(db) == []


async def test_what_was_counted_is_decided_and_nothing_else(
    opened: Opened, db: Path, rows: Rows, sample: Sample
) -> None:
    async with opened(db) as pilot:
        await pilot.press("j")
        await pilot.type("H")
        assert "2  the author DrivenMad" in (await counted(pilot))[2]
        late = "Another one, you clown"
        sample.make_db(
            db,
            [sample.assess("9", late, author="DrivenMad", flags=[sample.flag("x", late, "clown")])],
        )
        await pilot.press("3")
        await pilot.settle(until=lambda: bool(rows(db)))
        assert sorted(id for id, _, _ in rows(db)) == ["1.1.1", "5.1"]


async def test_reason_and_note_go_on_record_with_all_of_them(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("r", "b")  # the eleventh
        await pilot.press("n", *"again", "enter")
        await pilot.press("x", "j", "x", "k")
        await pilot.press("H")
        assert "Hidden 2 that were selected as spam, with a note" in pilot.text_of("#event")
    assert records(db) == [("hide", 1, "spam", "again")] * 2


async def test_hundreds_at_once_while_the_app_draws(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    text = "You muppet"
    path = fill(
        sample.assess(str(n), text, flags=[sample.flag("x", text, "muppet")]) for n in range(800)
    )
    async with opened(path) as pilot:
        await pilot.type("H")
        assert "800" in (await counted(pilot))[0]
        said = Counter[str]()

        async def listen() -> None:
            while True:
                if isinstance(pilot.app.screen, ReviewScreen):
                    said[pilot.text_of("#event")] += 1
                await asyncio.sleep(0.002)

        listening = asyncio.create_task(listen())
        await pilot.type("1")
        async with asyncio.timeout(120):
            while not any(words.startswith("Hidden") for words in said):
                await pilot.pause(0.01)
        listening.cancel()
        assert said["Hiding 800 at once …"] >= 1
        with sqlite3.connect(path) as conn:
            assert conn.execute(
                "select count(*), count(distinct bulk) from decisions"
            ).fetchone() == (800, 1)
        await pilot.press("u")
        assert "800 decisions made at once" in pilot.text_of("#event")
        with Store.open(path) as store:
            assert Queue(store, "reader").counts()[Status.PENDING] == 800
            assert store.verify() == []
