"""Texts that attack the screen: shown visibly. That no byte of them reaches a terminal
is held in `pty/`."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
        with sqlite3.connect(db) as conn:
            conn.execute("update claims set expires = 0")  # ours, as after a sleep
        with Store.open(db) as store:
            other = Queue(store, "[/b][@click=app.quit]\x1b[31m")
            other.decide(other.item("2"), Choice.HIDE)
        screen.action_do("approve")
        await idle(app)
        await pilot.pause(0.2)
        assert "[/b][@click=app.quit]␛[31m" in screen_text(app)


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
