"""The main screens as they are drawn, held against golden files that people can read.

After a change that is meant: GOLDEN=new python -m pytest tests/tui/test_snapshots.py
and look at the difference (and at tests/tui/screenshots.py for pictures) before it is kept.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from textual.strip import Strip

from tui.app import ReviewApp
from tui.screens.problem import ProblemScreen, TooSmallScreen

Opened = Any

GOLDEN = Path(__file__).with_name("golden")

#: name -> size, keys pressed before
SCENES = {
    "review-80x24": ((80, 24), ()),
    "review-120x40": ((120, 40), ("j",)),
    "review-200x60": ((200, 60), ("j",)),
    "decided-80x24": ((80, 24), ("h",)),
    "covered-120x40": ((120, 40), ("j", "ctrl+b")),
    "folded-80x24": ((80, 24), ("j", "t")),
    "empty-80x24": ((80, 24), ("a",) * 6),
}
#: The letters that stand for styles, in the order in which they are met.
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class _Later(datetime):
    """Two hours after the sample thread began, on every day on which this runs."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2026, 3, 14, 9, 30, tzinfo=tz) + timedelta(hours=2)


def drawn(app: ReviewApp) -> str:
    """The screen as text; then the same with a letter for each cell's style; then what the
    letters mean."""
    strips = app.screen._compositor.render_strips(app.size)
    styles: dict[str, str] = {}
    rows = [_letters(strip, styles) for strip in strips]
    meant = [f"{letter} {name}" for name, letter in styles.items()]
    parts = (["\n".join(strip.text.rstrip() for strip in strips)], rows, meant)
    return "\n".join("\n".join(part) + "\n" + "─" * 20 for part in parts) + "\n"


def _letters(strip: Strip, styles: dict[str, str]) -> str:
    """A letter for each cell, but none for the row's last run, which ends at the edge."""
    row = ""
    for segment in strip:
        name = _name(segment.style or Style.null())
        letter = styles.setdefault(name, _LETTERS[len(styles) % len(_LETTERS)])
        row += letter * segment.cell_length
    return row.rstrip(row[-1:]) + row[-1:]


def _name(style: Style) -> str:
    """The style without what is not seen: links, clicks, and where it comes from."""
    seen = Style(
        color=style.color,
        bgcolor=style.bgcolor,
        bold=style.bold,
        dim=style.dim,
        italic=style.italic,
        underline=style.underline,
        reverse=style.reverse,
        strike=style.strike,
    )
    return str(seen)


async def _held(name: str, app: ReviewApp) -> None:
    """Compare with the golden file, as soon as all is painted; or write it anew."""
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "new":
        await asyncio.sleep(1)
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn(app), encoding="utf-8")
    wanted = file.read_text(encoding="utf-8")
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while drawn(app) != wanted:
                await asyncio.sleep(0.05)
    assert drawn(app) == wanted, f"{name}: GOLDEN=new writes it anew"


@pytest.fixture(autouse=True)
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not the app's own: the clock."""
    monkeypatch.setattr("tui.render.datetime", _Later)


@pytest.mark.parametrize("name", SCENES)
async def test_as_it_was(opened: Opened, db: Path, name: str) -> None:
    size, keys = SCENES[name]
    async with opened(db, size=size) as pilot:
        for key in keys:
            await pilot.press(key)
        await _held(name, pilot.app)


async def test_too_small(opened: Opened, db: Path) -> None:
    async with opened(db, size=(20, 5)) as pilot:
        assert isinstance(pilot.app.screen, TooSmallScreen)
        await _held("small-20x5", pilot.app)


async def test_a_problem(opened: Opened) -> None:
    async with opened(Path("/no/such/folder/queue.db"), size=(80, 24)) as pilot:
        assert isinstance(pilot.app.screen, ProblemScreen)
        await _held("problem-80x24", pilot.app)
