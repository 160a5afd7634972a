"""What others, the database and the window do to a session: it stays calm and correct."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Size
from textual.screen import Screen

import tui
from moderation.comments import Choice
from moderation.queue import Queue
from moderation.store import Store
from tui.app import CANNOT_OPEN, ReviewApp
from tui.screens.help import HelpScreen
from tui.screens.problem import ProblemScreen, TooSmallScreen
from tui.screens.review import ReviewScreen
from tui.screens.steady import Steady

#: The makers of samples, from conftest.
Sample = Any
#: Opens a session: the fixture of the same name.
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]

#: The sample thread's queue in its order.
ORDER = ["2", "1.1.1", "4", "5.1", "5", "3"]


def lapse(path: Path) -> None:
    """Let every claim run out, as on a machine that slept."""
    with sqlite3.connect(path) as conn:
        conn.execute("update claims set expires = 0")


@pytest.mark.parametrize("size", [(160, 50), (120, 40), (100, 30), (80, 24), (60, 14), (40, 12)])
async def test_the_comment_stays_readable_at_every_size(
    opened: Opened, db: Path, size: tuple[int, int]
) -> None:
    async with opened(db, size=size) as pilot:
        await pilot.press("j")
        screen = pilot.screen_text
        for words in ("You are a clown[2].", "I'll smash", "[1] Threat of damage"):
            assert words in screen, words
        assert "a Approve" in screen
        assert pilot.app.screen.query_one("#view").region.height >= 4


async def test_an_empty_queue_is_calm_and_undo_still_works(
    opened: Opened, fill: Callable[..., Path], db: Path, rows: Rows
) -> None:
    async with opened(fill()) as pilot:
        assert "Nothing waits for review" in pilot.text_of("#calm")
        await pilot.press("a", "j", "m", "space")
        await pilot.press("q")
        assert pilot.app.return_code == 0
    async with opened(db) as pilot:
        await pilot.press(*"ahaeaa")
        assert "4 approved · 1 hidden · 1 escalated" in pilot.text_of("#calm")
        assert "6 decided" in pilot.text_of("#calm")
        await pilot.press("u")
        assert pilot.shown == "3"


async def test_new_comments_arrive_in_an_empty_queue(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    path = fill()
    async with opened(path) as pilot:
        sample.make_db(path, sample.thread())
        pilot.review._poll()
        await pilot.settle()
        assert pilot.shown == ORDER[0]


async def test_the_list_follows_others_and_the_cursor_stays(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("j", "j")
        lapse(db)  # what was passed is given back a moment later
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("2"), Choice.HIDE)
            bo.decide(bo.item("3"), Choice.HIDE)
        await pilot.settle(until=lambda: "4 pending" in pilot.text_of("#standing"))
        assert pilot.shown == "4"
        await pilot.press("a")
        assert rows(db)[-1] == ("4", "approve", "anna")
        assert pilot.shown == "5.1"


async def test_an_item_taken_by_others_stays_on_screen_and_cannot_be_decided(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        lapse(db)
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("2"), Choice.HIDE)
        pilot.review._poll()
        await pilot.settle()
        assert pilot.shown == "2"
        assert "Meanwhile hidden by bo" in pilot.text_of("#meanwhile")
        await pilot.press("a")
        assert "bo" in pilot.notices
        assert pilot.shown == ORDER[1]
        assert rows(db) == [("2", "hide", "bo")]


async def test_a_lost_race_says_who_and_moves_on(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        lapse(db)
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("2"), Choice.ESCALATE)
        for _ in range(3):
            pilot.review.action_do("approve")
        await pilot.settle()
        assert "bo" in pilot.notices
        assert pilot.shown == ORDER[1]
        # What was typed ahead of the surprise is not carried out.
        assert rows(db) == [("2", "escalate", "bo")]


async def test_a_changed_comment_is_shown_again_before_it_is_decided(
    opened: Opened, db: Path, rows: Rows, sample: Sample
) -> None:
    async with opened(db) as pilot:
        changed = "Quite other words, fool"
        sample.make_db(db, [sample.assess("2", changed, flags=[sample.flag("x", changed, "fool")])])
        pilot.review.action_do("approve")
        await pilot.settle()
        assert rows(db) == []
        await pilot.press("g", "k")
        while pilot.shown != "2":
            await pilot.press("j")
        assert "Quite other words, fool[1]" in pilot.text_of("#comment")
        await pilot.press("a")
        assert rows(db) == [("2", "approve", "anna")]


async def test_a_locked_database_in_the_middle_of_work(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db, timeout=0.7) as pilot:
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("begin immediate")
        for _ in range(3):
            pilot.review.action_do("hide")
        await pilot.pause(0.55)
        assert "Waiting for the database" in pilot.text_of("#event")
        await pilot.settle()
        assert "locked" in pilot.notices
        assert pilot.shown == "2"
        assert "6 pending · 0 decided" in pilot.text_of("#standing")
        other.execute("rollback")
        other.close()
        assert rows(db) == []
        await pilot.press("a")
        assert rows(db) == [("2", "approve", "anna")]


async def test_a_removed_database_in_the_middle_of_work(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        db.rename(db.with_suffix(".away"))
        await pilot.press("a")
        assert "removed or replaced" in pilot.notices
        assert pilot.shown == "2"


async def test_a_database_overwritten_in_the_middle_of_work(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("j")
        db.write_bytes(b"\xff[@click=app.quit]\x1b[31m" * 20_000)
        for key in ("a", "j", "u", "slash", "escape", "f5", "h"):
            await pilot.type(key)
            await pilot.pause(0.05)
        await pilot.settle()
        assert "The database failed" in pilot.notices
        await pilot.press("q")
        assert pilot.app.return_code == 0


async def test_a_log_overwritten_in_the_middle_of_work(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("a")
        log = db.with_name(db.name + "-wal")
        log.write_bytes(b"\xff" * log.stat().st_size)
        for key in ("h", "j", "u", "f5", "h"):
            await pilot.type(key)
            await pilot.pause(0.05)
        await pilot.settle()
        await pilot.press("q")
        assert pilot.app.return_code == 0
    # Whatever came through is whole.
    with Store.open(db) as store:
        assert store.verify() == []


@pytest.mark.parametrize("kind", ["missing", "garbage", "folder", "other"])
async def test_a_database_that_cannot_be_opened(opened: Opened, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"[@click=app.quit]\x1b[31m{kind}"
    if kind == "garbage":
        path.write_bytes(b"\x00not a database" * 500)
    elif kind == "folder":
        path.mkdir()
    elif kind == "other":
        with sqlite3.connect(path) as conn:
            conn.execute("create table notes (text)")
    async with opened(path, size=(80, 24)) as pilot:
        assert isinstance(pilot.app.screen, ProblemScreen)
        text = pilot.text_of("#problem")
        assert "The review cannot start" in text
        assert f"[@click=app.quit]␛[31m{kind}" in text
        await pilot.press("r")
        assert isinstance(pilot.app.screen, ProblemScreen)
        await pilot.type("q")
        await pilot.pause()
        assert pilot.app.return_code == CANNOT_OPEN


async def test_a_problem_that_is_mended_leads_on(
    opened: Opened, tmp_path: Path, sample: Sample
) -> None:
    path = tmp_path / "late.db"
    async with opened(path) as pilot:
        assert isinstance(pilot.app.screen, ProblemScreen)
        sample.make_db(path, sample.thread())
        await pilot.type("r")
        await pilot.settle(until=lambda: pilot.shown is not None)
        assert pilot.shown == ORDER[0]


async def test_locked_at_the_start(opened: Opened, db: Path) -> None:
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("pragma locking_mode = exclusive")
    other.execute("begin exclusive")
    async with opened(db, timeout=0.05) as pilot:
        assert isinstance(pilot.app.screen, ProblemScreen)
        assert "locked" in pilot.text_of("#problem")
    other.close()


@pytest.mark.parametrize("size", [(20, 5), (39, 12), (40, 11), (1, 1)])
async def test_too_small_says_so_and_takes_the_keys(
    opened: Opened, db: Path, rows: Rows, size: tuple[int, int]
) -> None:
    async with opened(db, size=size) as pilot:
        assert isinstance(pilot.app.screen, TooSmallScreen)
        assert "at least 40×12" in pilot.text_of("#small")
        await pilot.type("a", "h")
        await pilot.pause()
        assert rows(db) == []
        await pilot.resize_terminal(120, 40)
        await pilot.settle()
        assert isinstance(pilot.app.screen, ReviewScreen)
        await pilot.press("a")
        assert len(rows(db)) == 1
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert isinstance(pilot.app.screen, TooSmallScreen)
        await pilot.type("q")
        await pilot.pause()
        assert pilot.app.return_code == 0


async def test_what_opens_while_it_is_too_small_leaves_nothing_behind(
    opened: Opened, db: Path
) -> None:
    async with opened(db) as pilot:
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        pilot.review.action_do("help")  # asked for just before, and done just after
        await pilot.settle(until=lambda: isinstance(pilot.app.screen, HelpScreen))
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.type("escape")
        await pilot.settle(until=lambda: isinstance(pilot.app.screen, ReviewScreen))
        await pilot.press("j")
        assert pilot.shown == ORDER[1]


async def test_resizing_through_every_layout(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        for size in ((200, 60), (80, 24), (20, 5), (50, 15), (10, 40), (110, 20), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("j")
        assert isinstance(pilot.app.screen, ReviewScreen)


@pytest.mark.parametrize("milliseconds", range(0, 120, 10))
async def test_closed_in_the_middle_of_starting(db: Path, milliseconds: int) -> None:
    async with ReviewApp(db, "anna").run_test():  # raises what a worker raised
        await asyncio.sleep(milliseconds / 1000)


async def test_a_size_that_is_no_longer_the_window_s_lays_out_nothing(
    opened: Opened, db: Path
) -> None:
    async with opened(db) as pilot:
        row = pilot.review.query_one("#status")
        before = row.region
        pilot.review._screen_resized(Size(20, 5))
        assert row.region == before


def test_every_screen_is_steady() -> None:
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        importlib.import_module(module.name)
    screens = [cls for cls in _below(Screen) if cls.__module__.startswith("tui.")]
    assert len(screens) > 10
    assert [cls for cls in screens if not issubclass(cls, Steady)] == []


def _below(cls: type) -> Iterator[type]:
    for found in cls.__subclasses__():
        yield found
        yield from _below(found)


async def test_a_screen_closes_itself_and_no_other(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("question_mark")
        shown = pilot.app.screen
        assert isinstance(shown, HelpScreen)
        shown.dismiss()
        shown.dismiss()  # as by two quick keys
        await pilot.settle()
        assert pilot.app.screen is pilot.review
        small = TooSmallScreen()
        pilot.app.push_screen(small)
        pilot.app.pop_screen()
        small.on_screen_resume()  # comes late, when the window has grown
        await pilot.settle()
        assert pilot.app.screen is pilot.review
