"""The reason and the note that go on record with a decision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.widgets import Input, OptionList

from moderation.config import load_config
from moderation.queue import Queue
from moderation.store import Store
from tui.screens.note import NoteScreen
from tui.screens.reason import ReasonScreen
from tui.screens.review import ReviewScreen
from tui.setup import Setup

#: Opens a session: the fixture of the same name.
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]


def recorded(path: Path) -> list[tuple[str, str, str, str]]:
    """(id, choice, reason, note) of every decision."""
    with Store.open(path) as store:
        return [
            (row["id"], row["decision"], row["reason"], row["note"])
            for row in Queue(store, "reader").export()
        ]


async def test_a_reason_is_two_keys_and_goes_with_the_decision(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("r")
        assert isinstance(pilot.app.screen, ReasonScreen)
        await pilot.press("4")
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert "Reason: Threat or call for violence" in pilot.text_of("#remark")
        await pilot.press("h")
        assert "Hidden BikeDeals4U as threat" in pilot.text_of("#event")
        assert not pilot.text_of("#remark")
        await pilot.press("a")
    assert recorded(db) == [("2", "hide", "threat", ""), ("1.1.1", "approve", "", "")]


async def test_a_reason_stays_with_its_comment_and_can_be_taken_away(
    opened: Opened, db: Path
) -> None:
    async with opened(db) as pilot:
        await pilot.press("r", "1", "j")
        assert not pilot.text_of("#remark")
        await pilot.press("k")
        assert "Insult" in pilot.text_of("#remark")
        await pilot.press("r")
        lines = [str(each.prompt) for each in pilot.app.screen.query_one(OptionList).options]
        assert "✓" in lines[0]
        assert "No reason" in lines[-1]
        await pilot.press("escape")
        assert "Insult" in pilot.text_of("#remark")
        await pilot.press("r", "c")
        assert not pilot.text_of("#remark")
        await pilot.press("h")
    assert recorded(db) == [("2", "hide", "", "")]


async def test_keys_of_decisions_decide_nothing_in_the_list(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("r", "h", "s", "u")
        assert isinstance(pilot.app.screen, ReasonScreen)
        assert rows(db) == []
        await pilot.press("down", "enter")
        assert "Hatred" in pilot.text_of("#remark")


async def test_a_note_is_kept_as_it_was_written(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("n")
        assert isinstance(pilot.app.screen, NoteScreen)
        await pilot.press(*"seen [b]before", "enter")
        assert "Note: seen [b]before" in pilot.text_of("#remark")
        await pilot.press("n")
        assert pilot.app.screen.query_one(Input).value == "seen [b]before"
        await pilot.press("escape", "e")
        assert "with a note" in pilot.text_of("#event")
    assert recorded(db) == [("2", "escalate", "", "seen [b]before")]


async def test_a_note_takes_no_character_that_acts(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("n")
        line = pilot.app.screen.query_one(Input)
        for hostile in ("\x1b[31mred", "a\x00b", "\u202eback", "\x9b2J"):
            line.insert_text_at_cursor(hostile)
        assert line.value == ""
        line.insert_text_at_cursor("Grüße, 日本 \u200c ok")
        await pilot.press("enter", "h")
    assert recorded(db)[0][3] == "Grüße, 日本 \u200c ok"


async def test_the_configured_reasons_are_shown_safely(
    opened: Opened, db: Path, tmp_path: Path
) -> None:
    (tmp_path / "moderation.toml").write_text(
        '[review]\n[[review.reasons]]\ncode = "rude"\nlabel = "[red]Rude\\u001b[2J"\n',
        encoding="utf-8",
    )
    setup = Setup.of(load_config(None, tmp_path))
    async with opened(db, setup=setup) as pilot:
        await pilot.press("r")
        assert "[red]Rude␛[2J" in pilot.screen_text
        await pilot.press("1")
        assert "Reason: [red]Rude␛[2J" in pilot.text_of("#remark")
        await pilot.press("h")
    assert recorded(db) == [("2", "hide", "rude", "")]


async def test_without_a_comment_there_is_nothing_to_say(
    opened: Opened, fill: Callable[..., Path]
) -> None:
    async with opened(fill()) as pilot:
        await pilot.press("r", "n", "x", "H", "A", "escape")
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert "Nothing" in pilot.text_of("#event")
