"""A queue of more than a page: shown at once, read to its end behind that, and followed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.comments import Choice
from moderation.queue import Queue, View
from moderation.store import Store
from tui.standing import PAGE

COUNT = 3 * PAGE

#: The makers of samples, from conftest.
Sample = Any
#: Opens a session: the fixture of the same name.
Opened = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("long") / "queue.db"


@pytest.fixture
def long(filled: Path, tmp_path: Path, sample: Sample) -> Path:
    """Comments c0, c1, … that wait in this order; one in ten has an odd word."""
    if not filled.exists():
        texts = (f"{'teapot' if n % 10 == 0 else 'kettle'} {n}" for n in range(COUNT))
        flagged = (
            sample.assess(f"c{n}", text, flags=[sample.flag("tea.any", text)], minutes=n)
            for n, text in enumerate(texts)
        )
        sample.make_db(filled, flagged)
    return Path(shutil.copy(filled, tmp_path / "queue.db"))


def order(path: Path) -> list[int]:
    with Store.open(path, create=False) as store:
        return list(Queue(store, "reader").numbers())


async def test_the_end_is_the_end_of_all(opened: Opened, long: Path) -> None:
    async with opened(long) as pilot:
        assert pilot.shown == "c0"
        assert pilot.text_of("#standing").startswith(f"{COUNT:,} pending")
        assert list(pilot.review.session.list.numbers) == order(long)
        await pilot.press("G")
        assert pilot.shown == f"c{COUNT - 1}"
        await pilot.press("k")
        assert pilot.shown == f"c{COUNT - 2}"
        assert f"kettle {COUNT - 2}" in pilot.screen_text
        await pilot.press("g")
        assert pilot.shown == "c0"


async def test_the_end_is_waited_for(opened: Opened, long: Path) -> None:
    async with opened(long) as pilot:
        pilot.review.action_do("reload")
        pilot.review.action_do("last")
        pilot.review.action_do("next")
        await pilot.settle()
        assert pilot.shown == f"c{COUNT - 1}"


async def test_others_write_while_one_is_in_the_middle(
    opened: Opened, long: Path, rows: Rows, sample: Sample
) -> None:
    async with opened(long) as pilot:
        session = pilot.review.session
        session.intents.ask("go", 1500)
        await pilot.settle()
        assert pilot.shown == "c1500"
        with Store.open(long) as store:
            bo = Queue(store, "bo")
            for n in (3, 4, 1499, 1501, 2000):
                bo.decide(bo.item(f"c{n}"), Choice.HIDE)
            bo.decide(bo.item("c10"), Choice.SKIP)
            bo.undo()
        grave = [
            sample.assess("new", "an urn", flags=[sample.flag("tea.urn", "an urn")], minutes=-9)
        ]
        sample.make_db(long, grave)
        await pilot.settle(until=lambda: list(session.list.numbers) == order(long))
        assert pilot.shown == "c1500"
        assert session.list.current == session.item.n
        await pilot.press("a")
        assert rows(long)[-1] == ("c1500", "approve", "anna")
        assert pilot.shown == "c1502"
        await pilot.press("k")
        assert pilot.shown == "c1498"
        await pilot.press("u", "g")
        assert pilot.shown == "new"
        assert list(session.list.numbers) == order(long)
        assert pilot.text_of("#standing").startswith(f"{COUNT - 4:,} pending")


async def test_undo_comes_back_to_its_place(opened: Opened, long: Path) -> None:
    async with opened(long) as pilot:
        pilot.review.session.intents.ask("go", 2500)
        await pilot.press("h", "s", "g", "u", "u")
        assert pilot.shown == "c2500"
        assert pilot.review.session.list.cursor == 2500
        assert list(pilot.review.session.list.numbers) == order(long)


async def test_others_decide_most_of_it_at_once(opened: Opened, long: Path, rows: Rows) -> None:
    async with opened(long) as pilot:
        seen = []
        for _ in range(3):
            seen.append(pilot.shown)
            await pilot.press("a")
        with Store.open(long) as store:
            bo = Queue(store, "bo")
            bo.decide_many(bo.load(bo.numbers()[1:2000]), Choice.HIDE)
        # The one on the screen is not among them.
        seen.append(pilot.shown)
        await pilot.press("a")
        await pilot.settle(until=lambda: list(pilot.review.session.list.numbers) == order(long))
        assert pilot.shown == "c2003"
        seen.append(pilot.shown)
        await pilot.press("a")
        made = rows(long)
        assert [id for id, _, who in made if who == "anna"] == seen
        assert len({id for id, _, _ in made}) == len(made)


async def test_a_filter_keeps_the_place_or_begins_at_the_top(opened: Opened, long: Path) -> None:
    async with opened(long) as pilot:
        pilot.review.session.intents.ask("go", 2500)
        await pilot.press("slash", *"teapot", "enter")
        assert pilot.shown == "c2500"
        assert len(pilot.review.session.list) == COUNT // 10
        await pilot.press("j")
        assert pilot.shown == "c2510"
        await pilot.press("slash", *["backspace"] * 6, *"kettle", "enter")
        assert pilot.shown == "c1"
        await pilot.press("G")
        assert pilot.shown == f"c{COUNT - 1}"


async def test_a_search_that_takes_long_says_so_and_is_called_off(
    opened: Opened, long: Path
) -> None:
    def long_one(view: View) -> object:
        counting = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        with view._store.read() as conn:
            return conn.execute(f"{counting} SELECT count(*) FROM n").fetchone()

    async with opened(long) as pilot:
        session = pilot.review.session
        await pilot.press("j")
        long_task = session.standing._ask(long_one)
        await pilot.type("o")
        async with asyncio.timeout(20):
            while "calls it off" not in pilot.text_of("#event"):
                await pilot.pause(0.05)
        await pilot.type("j")  # waits for its turn
        await pilot.type("escape")
        async with asyncio.timeout(20):
            while pilot.shown != "c2":
                await pilot.pause(0.05)
        assert session.sort == "priority"
        long_task.cancel()
        await asyncio.wait([long_task])
