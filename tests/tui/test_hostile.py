"""Texts that attack the screen: shown visibly, and no byte of them reaches a terminal."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from moderation.comments import Choice, Thread
from moderation.queue import Queue
from moderation.store import Store
from tui.app import ReviewApp
from tui.screens.review import ReviewScreen

Sample = Any

HOSTILE = {
    "closing markup": "[/foo] [/] [/b]",
    "action markup": "[@click=app.quit]x[/] [link=https://evil.example]y[/link]",
    "not a tag": "[not a tag] [red]r[/red] \\[esc] [[x]] $text-error",
    "escapes": "\x1b[31mEVIL\x1b[0m \x1b]0;pwned\x07 \x1b]52;c;ZXZpbA==\x07 \x1b[2J",
    "c1": "\x9b31mEVIL\x9b0m \x90q\x9c \x85",
    "bidi": "a\u202egnp.exe\u202c \u2066x\u2069 \u200f \u061c",
    "zero width": "f\u200bu\u200cn\u200dn\u2060y\ufeff\u00ad",
    "surrogate": "\ud83d alone \udc00",
    "ci": "::add-mask::x\n##[group]y",
    "controls": "a\rb\x00c\x08\x08d\x7fe\tf\vg",
    "zalgo": "z" + "\u0301\u0316\u0334" * 200 + "a",
    "wide": "漢字かな交じり 👩‍👩‍👧‍👦 👍🏽 🇩🇪 한글 e\u0301",
    "rtl": "שלום עולם مرحبا بالعالم",
    "tags": "x\U000e0041\U000e0042 \ue000 \U0010ffff",
    "newlines": "\n" * 300 + "end",
    "empty": "",
}
RAW = [
    *"\x00\x07\x08\x0b\x7f\x85\x90\x9b\x9c\u061c\u200b\u200f\u202c\u202e\u2060\u2066\u2069\ufeff\u00ad",
    *"\ud83d\udc00\ue000\U0010ffff\U000e0041",
]


def hostile_queue(sample: Sample) -> list[Any]:
    """Every hostile text in every place that a stranger can write to."""
    found = []
    for n, text in enumerate(HOSTILE.values()):
        flags = [
            sample.flag(text[:80] or "r", text, text[3:9] or "x", reason=f"{text} matched"),
            sample.flag("on.title", text, text[:5] or "x", field="title", reason=text),
            sample.flag("on.author", text, text[1:4] or "x", field="author", reason=text),
        ]
        more = {
            "author": text or "a",
            "thread": Thread(id=f"t{n}", title=text or None, url=text or None, site=text or None),
            "flags": flags,
            "scores": (0.9, 0.1),
            "undecided": (text[:40] or "x",),
        }
        found.append(sample.assess(f"{n}", text, **more))
        found.append(sample.assess(f"{n}.1", text, parent=f"{n}", **more))
    return found


def screen_text(app: ReviewApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips(app.size))


async def idle(app: ReviewApp) -> ReviewScreen:
    async with asyncio.timeout(15):
        while not (isinstance(app.screen, ReviewScreen) and app.screen.idle):
            await asyncio.sleep(0.005)
    return app.screen


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_every_hostile_text_is_shown_and_none_acts(
    fill: Callable[..., Path], sample: Sample, size: tuple[int, int]
) -> None:
    queue = hostile_queue(sample)
    path = fill(queue)
    app = ReviewApp(path, "[/moderator]\x1b[31m\u202e")
    async with app.run_test(size=size) as pilot:
        screen = await idle(app)
        seen = ""
        for n in range(len(queue)):
            text = screen_text(app)
            for raw in RAW:
                assert raw not in text
            seen += text
            # A decision of each kind puts names into notices and into the history.
            screen.action_do(("next", "approve", "hide", "skip")[n % 4])
            await idle(app)
        screen.action_do("undo")
        await idle(app)
        await pilot.click("#view", offset=(4, 4))
        await pilot.hover("#why", offset=(4, 2))
        await pilot.pause()
        assert not app._exit
    for words in (
        "[/foo] [/] [/b]", "[@click=app.quit]x[/]", "[not a tag] [red]r[/red] \\[esc] [[x]]",
        "␛[31mEVIL␛[0m", "<U+009B>31mEVIL", "a<U+202E>", "<U+200B>", "<U+D83D>", "##[group]y",
        "marks>", "漢字", "שלום", "<U+E0041>",
    ):  # fmt: skip
        assert words in seen.replace("[1]", "").replace("[2]", "").replace("[3]", ""), words


async def test_five_megabytes_of_one_letter(fill: Callable[..., Path], sample: Sample) -> None:
    text = "a" * 5_000_000 + " fool"
    spans = [sample.flag("harassment.insult", text, "fool")]
    path = fill([sample.assess("1", text, author="b" * 1_000_000, flags=spans,
                               thread=Thread("t", title="c" * 1_000_000))])  # fmt: skip
    app = ReviewApp(path, "anna")
    async with app.run_test(size=(80, 24)):
        started = time.perf_counter()
        screen = await idle(app)
        note = str(screen.query_one("#part").content)  # type: ignore[attr-defined]
        assert note == (
            "Characters 1–4,000 of 5,000,005 · 1 match further on · m shows the next part"
        )
        screen.action_do("more")
        screen.action_do("scroll_down")
        await idle(app)
        note = str(screen.query_one("#part").content)  # type: ignore[attr-defined]
        assert note.startswith("Characters 4,001–8,000 of 5,000,005")
        screen.action_do("approve")
        await idle(app)
        assert time.perf_counter() - started < 5


async def test_a_hostile_name_in_a_notice(db: Path) -> None:
    app = ReviewApp(db, "anna")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        screen = await idle(app)
        with Store.open(db) as store:
            other = Queue(store, "[/b][@click=app.quit]\x1b[31m")
            other.decide(other.item("2"), Choice.HIDE)
        screen.action_do("approve")
        await idle(app)
        await pilot.pause(0.2)
        assert "[/b][@click=app.quit]␛[31m" in screen_text(app)


@pytest.fixture
def terminal(tmp_path: Path) -> Callable[[Path], pexpect.spawn]:
    def opened(path: Path, moderator: str = "anna") -> pexpect.spawn:
        program = "import sys, tui, pathlib; sys.exit(tui.run(pathlib.Path(sys.argv[1]), 'anna'))"
        return pexpect.spawn(
            sys.executable,
            ["-c", program, str(path)],
            dimensions=(24, 80),
            timeout=15,
            env={"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            cwd=Path(__file__).parents[2],
        )

    return opened


def test_no_hostile_byte_reaches_a_real_terminal(
    fill: Callable[..., Path],
    sample: Sample,
    rows: Callable[[Path], list[Any]],
    terminal: Callable[[Path], pexpect.spawn],
) -> None:
    queue = hostile_queue(sample)
    path = fill(queue)
    child = terminal(path)
    log = _Log()
    child.logfile_read = log
    child.expect("pending")
    total = len(queue)
    for n in range(total):
        child.send("ahse"[n % 4])
        deadline = time.monotonic() + 10
        while len(rows(path)) < n + 1 and time.monotonic() < deadline:
            child.expect([pexpect.TIMEOUT, pexpect.EOF], timeout=0.02)  # drains what it paints
    child.send("u?")
    child.expect("Decide")
    child.send("\x1b")
    time.sleep(0.3)
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert len(rows(path)) == total + 1
    for raw in RAW:
        encoded = raw.encode("utf-8", "surrogatepass")
        if len(encoded) > 1:
            assert encoded not in log.data, f"U+{ord(raw):04X}"
    for sequence in (b"\x1b[31mEVIL", b"\x1b]0;", b"\x1b]52", b"\n::add-mask::"):
        assert sequence not in log.data, sequence
    # Once Textual's own sequences are taken out, no control byte of any kind is left.
    rest = re.sub(rb"\x1b\]22;[a-z]*\x07|\x1b\[[0-9;?<>=$]*[A-Za-z]", b"", log.data)
    assert set(rest) & ({*range(32), 127} - {10, 13}) == set()
    assert b"pwned" in rest


class _Log:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def flush(self) -> None:
        pass


def test_a_hostile_path_on_a_real_terminal(
    tmp_path: Path, terminal: Callable[[Path], pexpect.spawn]
) -> None:
    child = terminal(tmp_path / "[@click=app.quit]\x1b[31mEVIL\u202e\u009b.db")
    log = _Log()
    child.logfile_read = log
    child.expect("cannot start")
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 3
    assert b"\x1b[31mEVIL" not in log.data
    assert "\u202e".encode() not in log.data
    assert "\u009b".encode() not in log.data


def test_the_terminal_is_left_sane(db: Path, terminal: Callable[[Path], pexpect.spawn]) -> None:
    child = terminal(db)
    log = _Log()
    child.logfile_read = log
    child.expect("pending")
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    # The alternate screen is left, and the cursor is shown again.
    assert log.data.rindex(b"\x1b[?1049l") > log.data.rindex(b"\x1b[?1049h")
    assert log.data.rindex(b"\x1b[?25h") > log.data.rindex(b"\x1b[?25l")


def test_a_hostile_author_can_be_undone(fill: Callable[..., Path], sample: Sample) -> None:
    # The author's name goes into the line that tells what was done.
    text = HOSTILE["action markup"]
    path = fill([sample.assess("1", "x", author=text, flags=[sample.flag("r", "x", "x")])])

    async def scenario() -> str:
        app = ReviewApp(path, "anna")
        async with app.run_test(size=(120, 40)):
            screen = await idle(app)
            screen.action_do("hide")
            await idle(app)
            return str(screen.query_one("#event").content)  # type: ignore[attr-defined]

    assert "[@click=app.quit]x[/]" in asyncio.run(scenario())
