"""Several moderators at one queue: what one has open is seen, and left alone, by others."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.queue import Claim, Item, Queue
from moderation.store import Store

#: Opens a session: the fixture of the same name.
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]

#: The sample thread's queue in its order.
ORDER = ["2", "1.1.1", "4", "5.1", "5", "3"]


def held(path: Path) -> dict[str, str]:
    """Who has which comment."""
    with Store.open(path) as store:
        return {key: claim.moderator for key, claim in Queue(store, "reader").claims().items()}


async def test_what_is_open_is_claimed_and_let_go_of(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        await pilot.settle(until=lambda: held(db) == {"2": "anna"})
        await pilot.press("j")
        await pilot.settle(until=lambda: held(db) == {"1.1.1": "anna"})
        await pilot.press("a")
        assert "1.1.1" not in held(db)
        await pilot.settle(until=lambda: held(db) == {"4": "anna"})
    assert held(db) == {}


async def test_nothing_is_claimed_that_is_only_passed(
    opened: Opened, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed: list[str] = []
    claim = Queue.claim

    def noted(queue: Queue, item: Item, *more: Any) -> Claim:
        claimed.append(item.key)
        return claim(queue, item, *more)

    monkeypatch.setattr(Queue, "claim", noted)
    async with opened(db) as pilot:
        await pilot.settle(until=lambda: held(db) == {"2": "anna"})
        for _ in range(5):
            pilot.review.action_do("next")
        await pilot.settle(until=lambda: held(db) == {"3": "anna"})
    assert claimed == ["2", "3"]


async def test_what_others_have_open_is_shown_and_passed_over(
    opened: Opened, db: Path, rows: Rows
) -> None:
    with Store.open(db) as store:
        bo = Queue(store, "bo[b]\x1b")
        bo.claim(bo.item("2"))
        bo.claim(bo.item("4"))
        async with opened(db) as pilot:
            assert pilot.shown == "1.1.1"
            assert pilot.screen_text.count("bo[b]␛ has it") == 2
            await pilot.press("h")
            assert pilot.shown == "5.1"
            await pilot.press("k")
            assert pilot.shown == "4"
            assert "bo[b]␛ has had this open since" in pilot.text_of("#meanwhile")
            await pilot.press("h")
            assert "[b]␛ has had it open since" in pilot.notices
            assert pilot.shown == "5.1"
            assert rows(db) == [("1.1.1", "hide", "anna")]


async def test_a_claim_that_ends_frees_the_comment(opened: Opened, db: Path, rows: Rows) -> None:
    with Store.open(db) as store:
        bo = Queue(store, "bo")
        bo.claim(bo.item("2"))
        async with opened(db) as pilot:
            await pilot.press("k")
            assert pilot.shown == "2"
            assert "has had this open" in pilot.text_of("#meanwhile")
            # It is not renewed, as that of a program that died.
            bo.renew(0.5)
            await pilot.settle(until=lambda: not pilot.text_of("#meanwhile"))
            await pilot.settle(until=lambda: held(db) == {"2": "anna"})
            await pilot.press("a")
            assert rows(db) == [("2", "approve", "anna")]


async def test_a_claim_is_renewed_while_the_app_lives(
    opened: Opened, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.claiming.LEASE", 0.0)
    async with opened(db) as pilot:
        await pilot.settle(until=lambda: held(db) == {"2": "anna"})
        with Store.open(db) as store:
            first = Queue(store, "reader").claims()["2"]
            # A second later it has been prolonged, and is still the same claim.
            await pilot.settle(
                until=lambda: Queue(store, "reader").claims()["2"].until > first.until
            )
            assert Queue(store, "reader").claims()["2"].since == first.since


async def test_when_all_is_open_elsewhere_it_is_shown_as_taken(
    opened: Opened, db: Path, rows: Rows
) -> None:
    with Store.open(db) as store:
        bo = Queue(store, "bo")
        for item in bo.items():
            bo.claim(item)
        async with opened(db) as pilot:
            assert "bo has had this open" in pilot.text_of("#meanwhile")
            for key in "haha":
                await pilot.press(key)
            assert rows(db) == []
            bo.release()
            await pilot.settle(until=lambda: not pilot.text_of("#meanwhile"))
            await pilot.press("h")
            assert len(rows(db)) == 1


async def test_two_apps_at_one_queue_share_it(opened: Opened, db: Path, rows: Rows) -> None:
    async with opened(db) as anna:
        await anna.settle(until=lambda: held(db) == {"2": "anna"})
        async with opened(db, moderator="bo") as bo:
            assert bo.shown == "1.1.1"
            await bo.settle(until=lambda: held(db) == {"2": "anna", "1.1.1": "bo"})
            await anna.settle(until=lambda: "bo has it" in anna.screen_text)
            await anna.press("a")
            assert anna.shown == "4"
            await bo.press("a")
            await bo.settle(until=lambda: bo.shown in ("4", "5.1"))
            assert rows(db) == [("2", "approve", "anna"), ("1.1.1", "approve", "bo")]


async def test_the_same_moderator_elsewhere_is_no_other(
    opened: Opened, db: Path, rows: Rows
) -> None:
    with Store.open(db) as store:
        anna = Queue(store, "anna")
        anna.claim(anna.item("2"))
        async with opened(db) as pilot:
            assert pilot.shown == "2"
            await pilot.press("a")
            assert rows(db) == [("2", "approve", "anna")]


async def test_a_claim_waits_for_nobody(opened: Opened, db: Path) -> None:
    async with opened(db, timeout=30) as pilot:
        await pilot.settle(until=lambda: held(db) == {"2": "anna"})
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("begin immediate")
        for _ in range(4):
            await pilot.press("j")
            await pilot.pause(0.2)
        await pilot.press("k")  # would wait for half a minute behind a claim that waits
        assert pilot.shown == "5.1"
        other.execute("rollback")
        other.close()
        await pilot.settle(until=lambda: held(db) == {"5.1": "anna"})
