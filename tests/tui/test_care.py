"""What spares the person who reads: covered words, a break, themes that are easy on the eyes."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.color import Color

from moderation.comments import Severity, Thread
from tui.app import ReviewApp
from tui.pace import AWAY_SECONDS, Pace, clock_words
from tui.setup import Setup
from tui.themes import CONTRAST, DARK, LIGHT, THEMES, remember, remembered
from tui.veil import Veil, covered, masked_line, matches

Sample = Any
Opened = Any

TEXT = "Move out of this street, Quibblewort,\nor the Zanderfluke will find you.\n\nYours, Ed"
SECRET = ("quibblewort", "zanderfluke")


@pytest.fixture
def grave(fill: Callable[..., Path], sample: Sample) -> Path:
    """A critical comment, quoted by its reason, its title and its author's name; and one in
    the same thread that is not."""
    page = Thread("t", title="Zanderfluke spotted", url="https://news.example/fish")
    flags = [
        sample.flag("threats.veiled", TEXT, "Zanderfluke will find you", "Quibblewort",
                    severity=Severity.CRITICAL, reason="A threat: Zanderfluke will find you"),
        sample.flag("on.title", page.title, "Zanderfluke", field="title", reason="Zanderfluke"),
        sample.flag("on.author", "Quibblewort", "Quibblewort", field="author"),
    ]  # fmt: skip
    mild = "A silly remark"
    return fill([
        sample.assess("1", TEXT, author="Quibblewort", thread=page, flags=flags, scores=(0.9,)),
        sample.assess("1.1", mild, parent="1", flags=[sample.flag("r.s", mild, "silly")]),
    ])  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (50, 30)])
async def test_a_critical_comment_is_covered_until_it_is_asked_for(
    opened: Opened, grave: Path, size: tuple[int, int]
) -> None:
    async with opened(grave, size=size) as pilot:
        assert pilot.shown == "1"
        for hidden in SECRET:
            assert hidden not in pilot.screen_text.lower()
            assert hidden not in pilot.app.export_screenshot().lower()
        assert "Covered · ctrl+b shows the words" in pilot.screen_text
        await pilot.press("ctrl+b")
        assert "Zanderfluke will find you[1]" in pilot.text_of("#comment").replace("\n", " ")
        assert "A threat: Zanderfluke" in pilot.screen_text
        await pilot.press("ctrl+b")
        assert "zanderfluke" not in pilot.text_of("#comment").lower()
        # Shown once is not shown for ever: the next look begins covered.
        await pilot.press("ctrl+b", "j")
        assert "A silly[1] remark" in pilot.text_of("#comment")
        assert SECRET[1] not in pilot.screen_text.lower()
        await pilot.press("k")
        assert SECRET[1] not in pilot.screen_text.lower()


async def test_covering_keeps_the_lines_and_the_marks(opened: Opened, grave: Path) -> None:
    async with opened(grave) as pilot:
        blocks = pilot.text_of("#comment")
        await pilot.press("ctrl+b")
        words = pilot.text_of("#comment")
        assert len(blocks.split("\n")) == len(words.split("\n")) == 4
        assert [len(line.split()) for line in blocks.split("\n")] == [
            len(line.split()) for line in words.split("\n")
        ]
        assert blocks.count("[1]") == words.count("[1]") == 2


async def test_a_covered_comment_can_be_decided(opened: Opened, grave: Path) -> None:
    async with opened(grave) as pilot:
        await pilot.press("h")
        assert pilot.shown == "1.1"
        assert "1 decided" in pilot.text_of("#standing")


async def test_a_click_shows_the_words(opened: Opened, grave: Path) -> None:
    async with opened(grave) as pilot:
        await pilot.click("#comment", offset=(4, 1))
        await pilot.settle(until=lambda: "Zanderfluke" in pilot.text_of("#comment"))


@pytest.mark.parametrize(
    ("blur", "shown"),
    [
        ("always", {None: True, "low": True, "high": True, "critical": True}),
        ("medium", {None: False, "low": False, "medium": True, "critical": True}),
        ("critical", {None: False, "high": False, "critical": True}),
        ("never", {None: False, "critical": False}),
    ],
)
async def test_which_comments_are_covered(
    opened: Opened, fill: Callable[..., Path], sample: Sample, blur: str,
    shown: dict[str | None, bool],
) -> None:  # fmt: skip
    for severity, expected in shown.items():
        flags = (
            [sample.flag("r", "words", "words", severity=Severity(severity))] if severity else []
        )
        item = sample.item(sample.assess("1", "words", flags=flags))
        assert Veil(blur).covers(item) is expected


def test_blocks_take_the_room_of_the_words() -> None:
    assert covered("ab c\n漢 d") == "▒▒ ▒\n▒▒ ▒"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("you muppet", ["muppet"], "you m•••••"),
        ("I'll smash your car", ["smash your"], "I'll s•••• y••• car"),
        ("m.u.p.p.e.t", ["m.u.p.p.e.t"], "m••••••••••"),
        ("plain", [], "plain"),
        ("x" * 100 + "muppet", ["muppet"], "x" * 19 + "…"),
        ("a\u202eb\nc muppet", ["muppet"], "a<U+202E>b␊c m•••••"),
    ],
)
def test_matches_are_masked_but_for_their_first_letter(
    sample: Sample, text: str, words: list[str], expected: str
) -> None:
    item = sample.item(sample.assess("1", text, flags=[sample.flag("r", text, *words)]))
    assert masked_line(text, matches(item, "text"), 20) == expected


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_break_is_due_once_each_time_so_much_was_read() -> None:
    clock = Clock()
    pace = Pace(30, clock)
    said = []
    for minute in range(100):
        clock.now += 60
        pace.touch()
        if pace.reminder_due():
            said.append(minute + 1)
    assert said == [30, 60, 90]
    assert (pace.minutes, pace.unbroken, pace.overdue) == (100, 100, True)


def test_being_away_is_a_break() -> None:
    clock = Clock()
    pace = Pace(30, clock)
    clock.now += 29 * 60
    pace.touch()
    clock.now += AWAY_SECONDS
    assert not pace.reminder_due(), "nobody is there to be told"
    pace.touch()
    assert (pace.unbroken, pace.overdue, pace.reminder_due()) == (0, False, False)
    assert pace.minutes == 34


def test_no_break_where_none_is_wanted() -> None:
    clock = Clock()
    pace = Pace(0, clock)
    for _ in range(600):
        clock.now += 60
        pace.touch()
        assert not pace.reminder_due()
    assert not pace.overdue


def test_a_comment_seen_again_counts_once() -> None:
    pace = Pace(0)
    for key in "aba":
        pace.saw(key)
    assert pace.seen == 2


@pytest.mark.parametrize(("minutes", "words"), [(0, "0 min"), (59, "59 min"), (65, "1 h 05")])
def test_minutes_in_words(minutes: int, words: str) -> None:
    assert clock_words(minutes) == words


async def test_the_reminder_takes_no_key(opened: Opened, db: Path) -> None:
    async with opened(db, setup=Setup(break_minutes=0.001)) as pilot:
        await pilot.press("j", "k")
        await pilot.settle(until=lambda: "Time for a break" in pilot.notices)
        assert "2 seen · 0 min · time for a break" in pilot.text_of("#session")
        await pilot.press("a")
        assert "1 decided" in pilot.text_of("#standing")


MARKS = ("warning", "accent", "success", "primary", "error")
GROUNDS = ("background", "surface", "panel", "cursor")
TEXTS = ("foreground", "quiet", "accent", "text-secondary", *(f"text-{mark}" for mark in MARKS))
MUTED = tuple(f"{mark}-muted" for mark in MARKS)


def luminance(colour: Color) -> float:
    parts = [part / 255 for part in colour.rgb]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "least"), [(DARK, 4.5), (LIGHT, 4.5), (CONTRAST, 7.0)])
async def test_every_text_of_a_theme_can_be_read(db: Path, theme: Any, least: float) -> None:
    app = ReviewApp(db, "anna")
    async with app.run_test():
        app.theme = theme.name
        variables = app.get_css_variables()
    colours = {name: Color.parse(variables[name]) for name in (*GROUNDS, *TEXTS, *MUTED)}
    for ground in GROUNDS:
        for text in TEXTS:
            assert contrast(colours[ground], colours[text]) >= least, (ground, text)
    for mark in MARKS:
        marked = colours["surface"] + colours[f"{mark}-muted"]
        assert contrast(marked, colours[f"text-{mark}"]) >= least, mark


async def test_the_theme_is_remembered(opened: Opened, db: Path, tmp_path: Path) -> None:
    state = tmp_path / "state" / "review.json"
    async with opened(db, setup=Setup(state=state)) as pilot:
        assert pilot.app.theme == DARK.name
        assert not state.exists(), "nothing was chosen"
        pilot.app.theme = LIGHT.name
        await pilot.settle(until=state.exists)
    assert json.loads(state.read_text()) == {"theme": LIGHT.name}
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert [*state.parent.iterdir()] == [state]
    async with opened(db, setup=Setup(state=state)) as pilot:
        assert pilot.app.theme == LIGHT.name


async def test_the_palette_offers_the_three_themes(opened: Opened, db: Path) -> None:
    async with opened(db) as pilot:
        assert set(pilot.app.available_themes) == {theme.name for theme in THEMES}
        pilot.review.action_do("theme")
        await pilot.settle()
        await pilot.type(*"contrast")
        await pilot.pause(0.3)
        await pilot.type("enter")
        await pilot.settle(until=lambda: pilot.app.theme == CONTRAST.name)


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"theme": 3}', b'{"theme": "nope"}',
     b"[" * 9000, b'{"theme": "calm-light"' + b" " * 20_000 + b"}"],
)  # fmt: skip
async def test_a_broken_state_file_is_as_good_as_none(
    opened: Opened, db: Path, tmp_path: Path, broken: bytes
) -> None:
    state = tmp_path / "review.json"
    state.write_bytes(broken)
    async with opened(db, setup=Setup(state=state)) as pilot:
        assert pilot.app.theme == DARK.name


def test_a_state_file_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "review.json").mkdir()
    assert remembered(tmp_path / "review.json") is None
    with pytest.raises(IsADirectoryError):
        remember(tmp_path / "review.json", "calm")
    assert [*tmp_path.iterdir()] == [tmp_path / "review.json"], "no partial file is left"


async def test_a_theme_that_cannot_be_remembered_is_told(
    opened: Opened, db: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    async with opened(db, setup=Setup(state=tmp_path / "file" / "review.json")) as pilot:
        pilot.app.theme = LIGHT.name
        await pilot.settle(until=lambda: "not remembered" in pilot.notices)
        assert pilot.app.theme == LIGHT.name
