"""What each key does, on a real database, read back through a second connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from moderation.comments import Choice, Status
from moderation.queue import Queue
from moderation.store import Store
from tui.actions import ACTIONS, VIEW_ACTIONS, Actions
from tui.screens.help import HelpScreen, help_text
from tui.screens.review import ReviewScreen
from tui.widgets.queue_list import QueueList

#: The makers of samples, from conftest.
Sample = Any
#: Opens a session: the fixture of the same name.
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]

#: The sample thread's queue in its order.
ORDER = ["2", "1.1.1", "4", "5.1", "5", "3"]


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
    opened: Opened, db: Path, rows: Rows, key: str, choice: str, status: Status
) -> None:
    async with opened(db) as pilot:
        assert pilot.shown == ORDER[0]
        await pilot.press(key)
        assert rows(db) == [(ORDER[0], choice, "anna")]
        assert pilot.shown == ORDER[1]
    with Store.open(db) as store:
        assert Queue(store, "x").item(ORDER[0]).status is status


async def test_fast_keys_decide_one_item_each_in_order(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        for action in ("approve", "hide", "approve", "next", "escalate", "approve"):
            pilot.review.action_do(action)
        await pilot.settle()
        assert rows(db) == [
            ("2", "approve", "anna"),
            ("1.1.1", "hide", "anna"),
            ("4", "approve", "anna"),
            ("5", "escalate", "anna"),
            ("3", "approve", "anna"),
        ]
        assert pilot.shown == "5.1"


async def test_a_decision_is_made_on_what_has_been_painted(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        seen: list[str] = []
        screen = pilot.review
        original = screen.doer("approve")

        async def watched() -> None:
            strips = "\n".join(
                strip.text for strip in screen._compositor.render_strips(screen.size)
            )
            assert screen.item is not None
            assert f"#{screen.item.ref}" in strips
            seen.append(screen.item.ref)
            await original()

        screen.do_approve = watched  # type: ignore[attr-defined]
        for _ in range(6):
            screen.action_do("approve")
        await pilot.settle()
        assert seen == ORDER


async def test_undo_any_number_of_steps_and_back_to_the_item(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("a", "h", "s")
        assert pilot.text_of("#standing") == "4 pending · 3 decided · anna"
        await pilot.press("u")
        assert pilot.shown == "4"
        await pilot.press("u")
        assert pilot.shown == "1.1.1"
        await pilot.press("u")
        assert pilot.shown == "2"
        assert pilot.text_of("#standing") == "6 pending · 0 decided · anna"
        await pilot.press("u")
        assert "no decision to take back" in pilot.text_of("#event")
        await pilot.press("h")
    assert [choice for _, choice, _ in rows(db)] == [
        "approve", "hide", "skip", "undo", "undo", "undo", "hide",
    ]  # fmt: skip


async def test_undo_reaches_back_to_an_earlier_session(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("a")
    async with opened(db) as pilot:
        await pilot.press("u")
        assert pilot.shown == "2"


async def test_redo_makes_again_what_was_taken_back(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await pilot.press("a", "h", "u", "u")
        assert pilot.shown == "2"
        await pilot.press("ctrl+r")
        assert "Approved again" in pilot.text_of("#event")
        await pilot.press("ctrl+r")
        assert "Hidden again" in pilot.text_of("#event")
        assert pilot.text_of("#standing") == "4 pending · 2 decided · anna"
        await pilot.press("ctrl+r")
        assert "Nothing was taken back" in pilot.text_of("#event")
    assert [choice for _, choice, _ in rows(db)] == [
        "approve", "hide", "undo", "undo", "approve", "hide",
    ]  # fmt: skip


async def test_a_new_decision_ends_redo(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await pilot.press("a", "u", "h", "ctrl+r")
        assert "Nothing was taken back" in pilot.text_of("#event")
    assert len(rows(db)) == 3


async def test_all_of_an_author_is_hidden_at_the_second_press_and_undone_by_one(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("j", "b")
        assert pilot.shown == "1.1.1"
        assert "2 comments by DrivenMad wait" in pilot.text_of("#event")
        assert rows(db) == []
        await pilot.press("b")
        assert "Hidden 2 by DrivenMad" in pilot.text_of("#event")
        assert pilot.text_of("#standing") == "4 pending · 2 decided · anna"
        await pilot.press("u")
        assert "2 decisions made at once" in pilot.text_of("#event")
        assert pilot.text_of("#standing") == "6 pending · 0 decided · anna"
        await pilot.press("ctrl+r")
        assert "Hidden again 2 decisions" in pilot.text_of("#event")
    assert [choice for _, choice, _ in rows(db)] == [
        "hide", "hide", "undo", "undo", "hide", "hide",
    ]  # fmt: skip


async def test_the_count_is_told_anew_for_another_comment(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("j", "b", "k", "j", "j", "j")
        assert pilot.shown == "5.1"
        await pilot.press("b")
        assert "2 comments by DrivenMad wait" in pilot.text_of("#event")
        assert rows(db) == []
        await pilot.press("k", "k", "k", "b")  # the only one of its author is hidden at once
        assert "Hidden" in pilot.text_of("#event")
    assert [choice for _, choice, _ in rows(db)] == ["hide"]


async def test_a_filter_narrows_the_queue_until_its_last_one(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("slash", *"author:DrivenMad", "enter")
        assert pilot.shown == "1.1.1"
        assert pilot.text_of("#standing").endswith("anna · author:DrivenMad")
        await pilot.press("h")
        assert pilot.shown == "5.1"
        await pilot.press("a")
        assert "all are seen again" in pilot.text_of("#event")
        assert pilot.shown == "2"
        assert pilot.text_of("#standing") == "4 pending · 2 decided · anna"
    assert [choice for _, choice, _ in rows(db)] == ["hide", "approve"]


async def test_a_filter_that_is_wrong_fits_nothing_or_is_left(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        await pilot.press("slash", *"rul:x", "enter")
        assert "rul" in pilot.app.screen.query_one("#filter-count", Static).render().plain
        await pilot.press("escape")
        assert pilot.shown == "2"
        await pilot.press("slash", *"author:Nobody", "enter")
        assert "Nothing that waits fits" in pilot.text_of("#event")
        assert pilot.shown == "2"
        await pilot.press("slash", *"status:hidden", "enter")  # only what waits is reviewed
        assert pilot.shown == "2"
    assert rows(db) == []


async def test_other_orders(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.press("o", "o")
        assert pilot.text_of("#standing").endswith("order: oldest")
        await pilot.press("g")
        assert pilot.shown == "1.1.1"
        await pilot.press("o", "g")
        assert pilot.text_of("#standing").endswith("order: newest")
        assert pilot.shown == "5.1"


async def test_an_undo_that_others_overtook_is_told_once_and_passed_over(
    opened: Opened, db: Path
) -> None:
    async with opened(db) as pilot:
        await pilot.press("a", "a")
        with Store.open(db) as store:
            bo = Queue(store, "bo")
            bo.decide(bo.item("1.1.1"), Choice.HIDE)
        await pilot.press("u")
        assert "bo" in pilot.notices
        await pilot.press("u")
        assert pilot.shown == "2"


async def test_moving(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        places = []
        for key in ("j", "down", "k", "up", "up", "G", "j", "g", "end", "home"):
            await pilot.press(key)
            places.append(ORDER.index(pilot.shown or ""))
        assert places == [1, 2, 1, 0, 0, 5, 5, 0, 5, 0]


async def test_a_click_chooses_a_row(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db, size=(160, 50)) as pilot:
        await pilot.click(QueueList, offset=(5, 10))
        await pilot.settle()
        assert pilot.shown == ORDER[3]
        await pilot.press("h")
        assert rows(db) == [(ORDER[3], "hide", "anna")]


async def test_skipped_items_come_round_again(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    path = fill([a for a in sample.thread() if a.comment.id in ("2", "4")])
    async with opened(path) as pilot:
        await pilot.press("j", "s")
        assert pilot.shown == "2"
        await pilot.press("s")
        assert pilot.shown == "4"


async def test_everything_about_an_item_is_on_the_screen(opened: Opened, db: Path) -> None:
    async with opened(db, size=(160, 50)) as pilot:
        await pilot.press("j")
        screen = pilot.screen_text
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


async def test_scores_that_mean_nothing_are_told(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    texts = {"1": "You camel, move over", "2": "Du Kamel, rutsch rüber"}
    path = fill(
        sample.assess(
            id, text, flags=[sample.flag("animals.camel", text, "amel")], scores=(0.02,) * 6,
            unsupported=id == "2",
        )
        for id, text in texts.items()
    )  # fmt: skip
    async with opened(path, size=(160, 50)) as pilot:
        assert (pilot.shown, "In a language" in pilot.screen_text) == ("1", False)
        await pilot.press("j")
        assert (pilot.shown, "In a language" in pilot.screen_text) == ("2", True)
        assert "toxicity" in pilot.screen_text


async def test_the_palette_reaches_every_action(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await pilot.press("ctrl+p")
        await pilot.type(*"escal")
        await pilot.pause(0.3)
        await pilot.type("enter")
        await pilot.settle(until=lambda: bool(rows(db)))
        assert rows(db) == [(ORDER[0], "escalate", "anna")]


async def test_help_lists_every_action_and_takes_the_keys(
    opened: Opened, db: Path, rows: Rows
) -> None:
    text = help_text(Actions()).plain
    for action in ACTIONS:
        if action.id in VIEW_ACTIONS:
            assert action.label not in text, "none is saved"
            continue
        assert action.label in text
        assert action.description in text
    assert max(map(len, text.split("\n"))) <= 75, "it would wrap at 80 columns"
    async with opened(db) as pilot:
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("a", "escape")
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert rows(db) == []


async def test_every_action_has_a_handler_and_a_key_of_its_own(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        for action in ACTIONS:
            assert callable(pilot.review.doer(action.id))
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))


async def test_keys_typed_ahead_are_dropped_when_something_covers_the_item(
    opened: Opened, db: Path, rows: Rows
) -> None:
    async with opened(db) as pilot:
        screen = pilot.review
        for action in ("approve", "help", "approve"):
            screen.action_do(action)
        await pilot.settle()
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("escape")
        assert rows(db) == [(ORDER[0], "approve", "anna")]


async def test_tab_lets_the_reasons_scroll(opened: Opened, db: Path) -> None:
    async with opened(db, size=(80, 24)) as pilot:
        await pilot.press("j", "tab", "space")
        assert pilot.app.screen.query_one("#why").scroll_y > 0
        await pilot.press("pageup")
        assert pilot.app.screen.query_one("#why").scroll_y == 0


async def test_q_comes_after_the_keys_before_it(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as pilot:
        await pilot.type("a", "h", "q")
        await asyncio.wait_for(_exited(pilot), 5)
        assert len(rows(db)) == 2


async def _exited(pilot: Pilot[None]) -> None:
    while not pilot.app._exit:
        await asyncio.sleep(0.01)
