"""The statistics' screen on real databases: plots, words for none, hostile names, leaving."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual_plot.plot_widget import BarPlot, LinePlot

from moderation.comments import Choice, Status
from moderation.queue import Queue, View
from moderation.store import Store
from tui.aside import Aside
from tui.screens.statistics import StatisticsScreen
from tui.widgets.chart import Chart, _Counts, _Times

Sample = Any
Opened = Any

EVIL = "[/red]x[@click=app.quit]y[/] \x1b[31m\u202egnirts"
PLOTS = ("waiting", "hours", "scores", "moderators", "rules")


@pytest.fixture
def decided(fill: Callable[..., Path], sample: Sample) -> Path:
    """Four decided comments and one that waits; a moderator and a rule with evil names."""
    flags = [sample.flag("a.b", "")], [sample.flag(EVIL, ""), sample.flag("a.b", "")]
    scores = (0.91, 0.92, 0.12, 0.55, 0.3)
    path = fill(
        sample.assess(str(n), f"You muppet {n}", flags=flags[n % 2], scores=[scores[n]])
        for n in range(5)
    )
    with Store.open(path) as store:
        mira, evil = Queue(store, "Mira"), Queue(store, EVIL)
        for id, who, choice in (
            ("0", mira, Choice.HIDE), ("1", evil, Choice.HIDE), ("2", mira, Choice.APPROVE),
            ("3", mira, Choice.HIDE),
        ):  # fmt: skip
            who.decide(who.item(id), choice)
    return path


async def open_statistics(pilot: Any) -> StatisticsScreen:
    await pilot.type("S")
    await pilot.settle(until=lambda: isinstance(pilot.app.screen, StatisticsScreen))
    await pilot.settle(until=lambda: "pending" in pilot.text_of("#statistics-state"))
    screen = pilot.app.screen
    assert isinstance(screen, StatisticsScreen)
    return screen


def chart(screen: StatisticsScreen, name: str) -> Chart:
    return screen.query_one(f"#plot-{name}", Chart)


def words(screen: StatisticsScreen, name: str) -> str:
    return str(chart(screen, name)._words.content)


async def test_what_is_plotted(opened: Opened, decided: Path) -> None:
    async with opened(decided, size=(160, 50)) as pilot:
        screen = await open_statistics(pilot)
        assert "1 pending · 0 escalated · 3 hidden · 1 approved" in pilot.screen_text
        [line] = chart(screen, "waiting").plot._datasets
        assert isinstance(line, LinePlot)
        assert [*line.y] == [1.0, 1.0], "what waits now, since the hour of the scan"
        assert "1 waiting · 5 came in 24 hours · 4 went" in words(screen, "waiting")
        [bars] = chart(screen, "hours").plot._datasets
        assert isinstance(bars, BarPlot)
        assert [*bars.y] == [4]
        [bars] = chart(screen, "moderators").plot._datasets
        assert [*bars.y] == [3, 1]
        [bars] = chart(screen, "rules").plot._datasets
        assert [*bars.y] == pytest.approx([75.0, 100.0])
        _, up, down = chart(screen, "scores").plot._datasets
        assert [*up.y] == [1, 2]
        assert [*up.x] == pytest.approx([0.575, 0.925])
        assert [*down.y] == [-1]
        assert [*down.x] == pytest.approx([0.125])
        for name in PLOTS:
            assert chart(screen, name).region.area > 0, "all at once"


async def test_one_after_the_other_where_it_is_narrow(opened: Opened, decided: Path) -> None:
    async with opened(decided, size=(80, 24)) as pilot:
        screen = await open_statistics(pilot)
        for name in PLOTS:
            await pilot.settle(until=lambda name=name: chart(screen, name).region.area > 0)
            shown = [each for each in PLOTS if chart(screen, each).region.area]
            assert shown == [name]
            assert chart(screen, name).plot.region.height >= 5
            await pilot.type("right")
        await pilot.click("#to-scores")
        await pilot.settle(until=lambda: chart(screen, "scores").region.area > 0)
        assert "up: hidden" in pilot.screen_text
        await pilot.resize_terminal(160, 50)
        await pilot.settle(until=lambda: all(chart(screen, name).region.area for name in PLOTS))


async def test_hostile_names_are_only_names(opened: Opened, decided: Path) -> None:
    async with opened(decided, size=(160, 50)) as pilot:
        screen = await open_statistics(pilot)
        assert "2 [/red]x[@click=app.…" in words(screen, "moderators")
        assert "2 [/red]x[@click=app.…" in words(screen, "rules")
        assert not {"\x1b", "\u202e"} & {*pilot.screen_text}


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 12)])
async def test_an_empty_database_says_what_will_be_here(
    opened: Opened, fill: Callable[..., Path], size: tuple[int, int]
) -> None:
    async with opened(fill(), size=size) as pilot:
        screen = await open_statistics(pilot)
        for name in PLOTS:
            assert "Here it will show" in words(screen, name)
            assert not chart(screen, name).plot.display
        assert "Here it will show" in pilot.screen_text
        await pilot.press("escape")
        assert pilot.app.screen is pilot.review


async def test_what_was_decided_since_is_shown_anew(opened: Opened, decided: Path) -> None:
    async with opened(decided) as pilot:
        screen = await open_statistics(pilot)
        with Store.open(decided) as store:
            jon = Queue(store, "Jon")
            jon.decide(jon.item("0"), Choice.ESCALATE)
        await pilot.type("f5")
        await pilot.settle(until=lambda: "1 escalated" in pilot.text_of("#statistics-state"))
        assert "Jon" in words(screen, "moderators")


async def test_the_app_works_on_while_it_is_worked_out(
    opened: Opened, decided: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, called_off = threading.Event(), threading.Event()

    def long(view: View) -> None:
        begun.set()
        with view._store.read() as conn:
            try:
                conn.execute(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                    " SELECT count(*) FROM n"
                ).fetchone()
            finally:
                called_off.set()

    monkeypatch.setattr(View, "statistics", long)
    async with opened(decided) as pilot:
        await pilot.type("S")
        await pilot.settle(until=begun.is_set)
        assert "working it out … esc leaves it" in pilot.text_of("#statistics-state")
        await pilot.press("escape")
        assert pilot.app.screen is pilot.review
        assert called_off.wait(10), "nobody waits for it any more"
        await pilot.press("h")
        assert "Hidden" in pilot.text_of("#event")


class TestAside:
    async def test_it_only_reads(self, db: Path) -> None:
        aside = Aside(db, "anna")
        assert await aside.ask(lambda view: view.counts()[Status.PENDING]) == 6
        assert await aside.ask(lambda view: view._store.read_only)
        await aside.close()

    async def test_a_database_that_is_gone(self, tmp_path: Path) -> None:
        from moderation.errors import StoreError

        aside = Aside(tmp_path / "none.db", "anna")
        with pytest.raises(StoreError):
            await aside.ask(lambda view: view.count())
        await aside.close()


class TestAxes:
    @pytest.mark.parametrize("hours", [1, 3, 12, 48, 500, 5_000, 50_000])
    def test_times_are_few_and_within(self, hours: int) -> None:
        end = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
        first, last = (end - timedelta(hours=hours)).timestamp(), end.timestamp()
        ticks = _Times().get_ticks(first, last)
        assert all(first <= tick <= last for tick in ticks)
        assert len(ticks) <= 5
        labels = _Times().get_labels_for_ticks(ticks)
        assert len({*labels}) == len(ticks)

    def test_counts_are_whole_and_positive(self) -> None:
        counts = _Counts()
        assert counts.get_ticks(0, 2) == [0, 1, 2]
        assert counts.get_labels_for_ticks([-20.0, 0.0, 20.0]) == ["20", "0", "20"]
        assert counts.get_labels_for_ticks([25_000.0, 2_000_000.0]) == ["25k", "2M"]
