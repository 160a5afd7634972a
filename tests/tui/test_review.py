"""What each key does, on a real database, read back through a second connection."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from moderation.comments import Choice, Status
from moderation.queue import Queue
from moderation.store import Store
from tui.actions import ACTIONS
from tui.app import CANNOT_OPEN, ReviewApp
from tui.screens.help import HelpScreen, help_text
from tui.screens.problem import ProblemScreen, TooSmallScreen
from tui.screens.review import ReviewScreen
from tui.widgets.queue_list import QueueList

#: The makers of samples, from conftest.
Sample = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]

#: The sample thread's queue in its order.
ORDER = ["2", "1.1.1", "4", "5.1", "5", "3"]


@asynccontextmanager
async def opened(
    path: Path, size: tuple[int, int] = (120, 40), **more: float
) -> AsyncIterator[Pilot[None]]:
    app = ReviewApp(path, "anna", **more)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[None], until: Callable[[], bool] | None = None) -> None:
    """Wait until the review has done all that it was asked for."""
    async with asyncio.timeout(10):
        while True:
            await pilot.pause()
            screen = next((s for s in pilot.app.screen_stack if isinstance(s, ReviewScreen)), None)
            if isinstance(pilot.app.screen, ProblemScreen):
                return
            if screen is not None and screen.idle and (until is None or until()):
                await pilot.pause()
                return
            await asyncio.sleep(0.005)


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)


def review(pilot: Pilot[None]) -> ReviewScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, ReviewScreen))


def shown(pilot: Pilot[None]) -> str | None:
    item = review(pilot).item
    return item.comment.id if item is not None else None


def text_of(pilot: Pilot[None], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).content)


def notices(pilot: Pilot[None]) -> str:
    return "\n".join(f"{n.title}: {n.message}" for n in pilot.app._notifications)


@pytest.mark.parametrize(
    ("key", "choice", "status"),
    [
        ("a", "approve", Status.APPROVED),
        ("h", "hide", Status.HIDDEN),
        ("e", "escalate", Status.ESCALATED),
        ("s", "skip", Status.PENDING),
    ],
)
async def test_one_key_is_one_decision_on_disk(
    db: Path, rows: Rows, key: str, choice: str, status: Status
) -> None:
    async with opened(db) as pilot:
        assert shown(pilot) == ORDER[0]
        await press(pilot, key)
        assert rows(db) == [(ORDER[0], choice, "anna")]
        assert shown(pilot) == ORDER[1]
    with Store.open(db) as store:
        assert Queue(store, "x").item(ORDER[0]).status is status


async def test_fast_keys_decide_one_item_each_in_order(db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        for action in ("approve", "hide", "approve", "next", "escalate", "approve"):
            review(pilot).action_do(action)
        await settle(pilot)
        assert rows(db) == [
            ("2", "approve", "anna"),
            ("1.1.1", "hide", "anna"),
            ("4", "approve", "anna"),
            ("5", "escalate", "anna"),
            ("3", "approve", "anna"),
        ]
        assert shown(pilot) == "5.1"


async def test_a_decision_is_made_on_what_has_been_painted(db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        seen: list[str] = []
        screen = review(pilot)
        original = screen.do_decide

        async def watched(choice: Choice) -> None:
            strips = "\n".join(
                strip.text for strip in screen._compositor.render_strips(screen.size)
            )
            assert screen.item is not None
            assert f"#{screen.item.ref}" in strips
            seen.append(screen.item.ref)
            await original(choice)

        screen.do_decide = watched  # type: ignore[method-assign]
        for _ in range(6):
            screen.action_do("approve")
        await settle(pilot)
        assert seen == ORDER


async def test_undo_any_number_of_steps_and_back_to_the_item(db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await press(pilot, "a", "h", "s")
        assert text_of(pilot, "#standing") == "4 pending · 3 decided · anna"
        await press(pilot, "u")
        assert shown(pilot) == "4"
        await press(pilot, "u")
        assert shown(pilot) == "1.1.1"
        await press(pilot, "u")
        assert shown(pilot) == "2"
        assert text_of(pilot, "#standing") == "6 pending · 0 decided · anna"
        await press(pilot, "u")
        assert "no decision to take back" in text_of(pilot, "#event")
        await press(pilot, "h")
    assert [choice for _, choice, _ in rows(db)] == [
        "approve", "hide", "skip", "undo", "undo", "undo", "hide",
    ]  # fmt: skip


async def test_undo_reaches_back_to_an_earlier_session(db: Path) -> None:
    async with opened(db) as pilot:
        await press(pilot, "a")
    async with opened(db) as pilot:
        await press(pilot, "u")
        assert shown(pilot) == "2"


async def test_an_undo_that_others_overtook_is_told_once_and_passed_over(db: Path) -> None:
    async with opened(db) as pilot:
        await press(pilot, "a", "a")
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("1.1.1"), Choice.HIDE)
        await press(pilot, "u")
        assert "bo" in notices(pilot)
        await press(pilot, "u")
        assert shown(pilot) == "2"


async def test_moving(db: Path) -> None:
    async with opened(db) as pilot:
        places = []
        for key in ("j", "down", "k", "up", "up", "G", "j", "g", "end", "home"):
            await press(pilot, key)
            places.append(ORDER.index(shown(pilot) or ""))
        assert places == [1, 2, 1, 0, 0, 5, 5, 0, 5, 0]


async def test_a_click_chooses_a_row(db: Path, rows: Rows) -> None:
    async with opened(db, size=(160, 50)) as pilot:
        await pilot.click(QueueList, offset=(5, 7))
        await settle(pilot)
        assert shown(pilot) == ORDER[3]
        await press(pilot, "h")
        assert rows(db) == [(ORDER[3], "hide", "anna")]


async def test_skipped_items_come_round_again(fill: Callable[..., Path], sample: Sample) -> None:
    path = fill([a for a in sample.thread() if a.comment.id in ("2", "4")])
    async with opened(path) as pilot:
        await press(pilot, "j", "s")
        assert shown(pilot) == "2"
        await press(pilot, "s")
        assert shown(pilot) == "4"


async def test_everything_about_an_item_is_on_the_screen(db: Path) -> None:
    async with opened(db, size=(160, 50)) as pilot:
        await press(pilot, "j")
        strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
        screen = "\n".join(strip.text for strip in strips)
        for words in (
            "6 pending", "0 decided", "anna",
            "Council votes for a cycle lane on Mill Road", "https://news.example/cycle-lane",
            "Ruth Amsel  Good news.", "└ Colin 62  And where are we meant to park?",
            "HOLD", "high", "DrivenMad", "2026-03-14 09:39 UTC", "#1.1.1",
            "clown[2]", "I'll smash your[1]", "muppet[2]",
            "└ Hanneke  Reported.",
            "[1] Threat of damage: I'll smash your", "high · hold · threats.damage",
            "shadow", "Not decidable for this source:",
            "toxicity", "0.91", "identity attack", "━", "2 comments · 2 pending",
            "a Approve", "h Hide", "s Skip", "e Escalate", "u Undo", "? Help", "q Quit",
        ):  # fmt: skip
            assert words in screen, words


@pytest.mark.parametrize("size", [(160, 50), (120, 40), (100, 30), (80, 24), (60, 14), (40, 12)])
async def test_the_comment_stays_readable_at_every_size(db: Path, size: tuple[int, int]) -> None:
    async with opened(db, size=size) as pilot:
        await press(pilot, "j")
        strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
        screen = "\n".join(strip.text for strip in strips)
        assert "I'll smash your[1]" in screen.replace("\n", " ")
        assert "[1] Threat of damage" in screen
        assert "a Approve" in screen
        assert pilot.app.screen.query_one("#view").region.height >= 4


async def test_the_palette_reaches_every_action(db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await press(pilot, "ctrl+p")
        await pilot.press(*"escal")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await settle(pilot, until=lambda: bool(rows(db)))
        assert rows(db) == [(ORDER[0], "escalate", "anna")]


async def test_help_lists_every_action_and_takes_the_keys(db: Path, rows: Rows) -> None:
    text = help_text().plain
    for action in ACTIONS:
        assert action.label in text
        assert action.description in text
    async with opened(db) as pilot:
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        await press(pilot, "a", "escape")
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert rows(db) == []


def test_every_action_has_a_handler_and_a_key_of_its_own() -> None:
    decisions = {"approve", "hide", "skip", "escalate"}
    for action in ACTIONS:
        assert action.id in decisions or hasattr(ReviewScreen, f"do_{action.id}")
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))


async def test_keys_typed_ahead_are_dropped_when_something_covers_the_item(
    db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        screen = review(pilot)
        for action in ("approve", "help", "approve"):
            screen.action_do(action)
        await settle(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)
        await press(pilot, "escape")
        assert rows(db) == [(ORDER[0], "approve", "anna")]


async def test_an_empty_queue_is_calm_and_undo_still_works(
    fill: Callable[..., Path], db: Path, rows: Rows
) -> None:
    async with opened(fill()) as pilot:
        assert "Nothing waits for review" in text_of(pilot, "#calm")
        await press(pilot, "a", "j", "m", "space")
        await press(pilot, "q")
        assert pilot.app.return_code == 0
    async with opened(db) as pilot:
        await press(pilot, *"ahaeaa")
        assert "4 approved · 1 hidden · 1 escalated" in text_of(pilot, "#calm")
        assert "6 decided" in text_of(pilot, "#calm")
        await press(pilot, "u")
        assert shown(pilot) == "3"


async def test_new_comments_arrive_in_an_empty_queue(
    fill: Callable[..., Path], sample: Sample
) -> None:
    path = fill()
    async with opened(path) as pilot:
        sample.make_db(path, sample.thread())
        review(pilot)._poll()
        await settle(pilot)
        assert shown(pilot) == ORDER[0]


async def test_the_list_follows_others_and_the_cursor_stays(db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await press(pilot, "j", "j")
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("2"), Choice.HIDE)
            bo.decide(bo.item("3"), Choice.HIDE)
        await settle(pilot, until=lambda: "4 pending" in text_of(pilot, "#standing"))
        assert shown(pilot) == "4"
        await press(pilot, "a")
        assert rows(db)[-1] == ("4", "approve", "anna")
        assert shown(pilot) == "5.1"


async def test_an_item_taken_by_others_stays_on_screen_and_cannot_be_decided(
    db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("2"), Choice.HIDE)
        review(pilot)._poll()
        await settle(pilot)
        assert shown(pilot) == "2"
        assert "Meanwhile hidden by bo" in text_of(pilot, "#meanwhile")
        await press(pilot, "a")
        assert "bo" in notices(pilot)
        assert shown(pilot) == ORDER[1]
        assert rows(db) == [("2", "hide", "bo")]


async def test_a_lost_race_says_who_and_moves_on(db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("2"), Choice.ESCALATE)
        for _ in range(3):
            review(pilot).action_do("approve")
        await settle(pilot)
        assert "bo" in notices(pilot)
        assert shown(pilot) == ORDER[1]
        # What was typed ahead of the surprise is not carried out.
        assert rows(db) == [("2", "escalate", "bo")]


async def test_a_changed_comment_is_shown_again_before_it_is_decided(
    db: Path, rows: Rows, sample: Sample
) -> None:
    async with opened(db) as pilot:
        changed = "Quite other words, fool"
        sample.make_db(db, [sample.assess("2", changed, flags=[sample.flag("x", changed, "fool")])])
        review(pilot).action_do("approve")
        await settle(pilot)
        assert rows(db) == []
        await press(pilot, "g", "k")
        while shown(pilot) != "2":
            await press(pilot, "j")
        assert "Quite other words, fool[1]" in text_of(pilot, "#comment")
        await press(pilot, "a")
        assert rows(db) == [("2", "approve", "anna")]


async def test_a_locked_database_in_the_middle_of_work(db: Path, rows: Rows) -> None:
    async with opened(db, timeout=0.7) as pilot:
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("begin immediate")
        for _ in range(3):
            review(pilot).action_do("hide")
        await pilot.pause(0.55)
        assert "Waiting for the database" in text_of(pilot, "#event")
        await settle(pilot)
        assert "locked" in notices(pilot)
        assert shown(pilot) == "2"
        assert "6 pending · 0 decided" in text_of(pilot, "#standing")
        other.execute("rollback")
        other.close()
        assert rows(db) == []
        await press(pilot, "a")
        assert rows(db) == [("2", "approve", "anna")]


async def test_a_removed_database_in_the_middle_of_work(db: Path) -> None:
    async with opened(db) as pilot:
        db.rename(db.with_suffix(".away"))
        await press(pilot, "a")
        assert "removed or replaced" in notices(pilot)
        assert shown(pilot) == "2"


@pytest.mark.parametrize("kind", ["missing", "garbage", "folder", "other"])
async def test_a_database_that_cannot_be_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"[/foo]\x1b[31m{kind}"
    if kind == "garbage":
        path.write_bytes(b"\x00not a database" * 500)
    elif kind == "folder":
        path.mkdir()
    elif kind == "other":
        with sqlite3.connect(path) as conn:
            conn.execute("create table notes (text)")
    async with opened(path, size=(80, 24)) as pilot:
        assert isinstance(pilot.app.screen, ProblemScreen)
        text = text_of(pilot, "#problem")
        assert "The review cannot start" in text
        assert f"[/foo]␛[31m{kind}" in text
        await press(pilot, "r")
        assert isinstance(pilot.app.screen, ProblemScreen)
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.return_code == CANNOT_OPEN


async def test_a_problem_that_is_mended_leads_on(tmp_path: Path, sample: Sample) -> None:
    path = tmp_path / "late.db"
    async with opened(path) as pilot:
        assert isinstance(pilot.app.screen, ProblemScreen)
        sample.make_db(path, sample.thread())
        await pilot.press("r")
        await settle(pilot, until=lambda: shown(pilot) is not None)
        assert shown(pilot) == ORDER[0]


async def test_locked_at_the_start(db: Path) -> None:
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("pragma locking_mode = exclusive")
    other.execute("begin exclusive")
    async with opened(db, timeout=0.05) as pilot:
        assert isinstance(pilot.app.screen, ProblemScreen)
        assert "locked" in text_of(pilot, "#problem")
    other.close()


@pytest.mark.parametrize("size", [(20, 5), (39, 12), (40, 11), (1, 1)])
async def test_too_small_says_so_and_takes_the_keys(
    db: Path, rows: Rows, size: tuple[int, int]
) -> None:
    async with opened(db, size=size) as pilot:
        assert isinstance(pilot.app.screen, TooSmallScreen)
        assert "at least 40×12" in text_of(pilot, "#small")
        await pilot.press("a", "h")
        await pilot.pause()
        assert rows(db) == []
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert isinstance(pilot.app.screen, ReviewScreen)
        await press(pilot, "a")
        assert len(rows(db)) == 1
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert isinstance(pilot.app.screen, TooSmallScreen)
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.return_code == 0


async def test_resizing_through_every_layout(db: Path) -> None:
    async with opened(db) as pilot:
        for size in ((200, 60), (80, 24), (20, 5), (50, 15), (10, 40), (110, 20), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await press(pilot, "j")
        assert isinstance(pilot.app.screen, ReviewScreen)


async def test_tab_lets_the_reasons_scroll(db: Path) -> None:
    async with opened(db, size=(80, 24)) as pilot:
        await press(pilot, "j", "tab", "space")
        assert pilot.app.screen.query_one("#why").scroll_y > 0
        await press(pilot, "pageup")
        assert pilot.app.screen.query_one("#why").scroll_y == 0


async def test_q_comes_after_the_keys_before_it(db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await pilot.press("a", "h", "q")
        await asyncio.wait_for(_exited(pilot), 5)
        assert len(rows(db)) == 2


async def _exited(pilot: Pilot[None]) -> None:
    while not pilot.app._exit:
        await asyncio.sleep(0.01)
