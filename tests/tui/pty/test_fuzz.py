"""Random walks through queues of hostile comments: no crash, and no stray byte.

One seed each in the suite. More of them: MODERATION_FUZZ=50 pytest tests/tui/pty/test_fuzz.py
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import OutOfBounds

from moderation.comments import Choice
from moderation.display import visible
from moderation.errors import StoreError
from moderation.queue import Queue
from moderation.store import Store
from tui.actions import Actions
from tui.app import ReviewApp

Sample = Any
Window = Any
#: Maker of hostile comments for a seed: the fixture of the same name.
Hostile = Any

SEEDS = range(int(os.environ.get("MODERATION_FUZZ", "1")))
STEPS = 60

#: What a walk may press: all but what leaves.
KEYS = [
    key
    for action in Actions()
    if action.id not in ("quit", "suspend")
    for key in action.keys
]  # fmt: skip
KEYS += "escape escape escape enter enter tab shift+tab left right backspace delete home".split()
KEYS += "ctrl+a ctrl+c ctrl+s ctrl+u ctrl+w f1 up down pageup pagedown".split()
#: Typed where there is a place to type, and pressed where there is none. Without the q.
WORDS = (
    "rule:a", "author:p1", "fool", "-clown", "script:latin", 'text:"x', "[/b]", "score>0.5",
    "before:2026-03-14", "status:hidden", "\u05e9\u05dc", "((", "hide", "theme", "note it",
)  # fmt: skip
SIZES = ((80, 24), (120, 40), (200, 60), (40, 12), (20, 5), (60, 14))


def _raw(text: str) -> list[str]:
    """What in a text could act on a terminal, or hide."""
    return [
        ascii(char)
        for char in set(text) - set("\n\u200c\u200d")
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    ]


def _meddle(path: Path, rng: random.Random) -> None:
    """What another moderator does meanwhile, whose name is an attack too."""
    with suppress(StoreError), Store.open(path, timeout=0.5) as store:
        other = Queue(store, "[/b][@click=app.quit]\x1b[31m\u202e")
        keys = other.keys()
        if keys:
            item = other.fetch([rng.choice(keys)])[0]
            other.decide(item, rng.choice((Choice.HIDE, Choice.APPROVE)), note="\x1b]0;x\x07[/]")


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_walk_through_the_app(
    fill: Callable[..., Path], sample: Sample, hostile: Hostile, seed: int
) -> None:
    rng = random.Random(seed)
    path = fill(hostile(seed).queue(sample, 150))
    left = STEPS
    while left > 0:  # the palette can quit, too
        app = ReviewApp(path, "anna [/]\x1b[31m")
        done: list[str] = []
        try:
            async with app.run_test(size=rng.choice(SIZES), notifications=True) as pilot:
                while left > 0 and app.is_running and not app._exit:
                    left -= 1
                    done.append(step := await _step(pilot, path, rng))
                    strips = app.screen._compositor.render_strips(app.size)
                    text = "\n".join(strip.text for strip in strips)
                    assert not (raw := _raw(text)), (raw, done[-5:])
                    links = [s.style.link for strip in strips for s in strip if s.style]
                    assert not any(links), (links, step)
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(f"after {done[-12:]}") from error
        assert not app.return_code, done[-12:]
    with Store.open(path) as store:
        assert store.verify() == []


async def _step(pilot: Any, path: Path, rng: random.Random) -> str:
    """Do something; returns what."""
    kind = rng.random()
    if kind < 0.62:
        key = rng.choice(KEYS)
        await pilot.press(key)
        done = key
    elif kind < 0.72:
        done = rng.choice(WORDS)
        await pilot.press(*done)
    elif kind < 0.86:
        width, height = pilot.app.size
        done = f"click {(place := (rng.randrange(width), rng.randrange(height)))}"
        with suppress(OutOfBounds):
            await pilot.click(offset=place, times=rng.choice((1, 1, 2)))
    elif kind < 0.90:
        width, height = pilot.app.size
        with suppress(OutOfBounds):
            await pilot.hover(offset=(rng.randrange(width), rng.randrange(height)))
        done = "hover"
    elif kind < 0.95:
        await pilot.resize_terminal(*(size := rng.choice(SIZES)))
        done = f"resize {size}"
    else:
        await asyncio.to_thread(_meddle, path, rng)
        done = "meddle"
    await pilot.pause(rng.choice((0, 0, 0.01, 0.05)))
    return done


_SENT = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H",
    "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "delete": "\x1b[3~",
    "f1": "\x1bOP", "f5": "\x1b[15~", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ",
    "escape": "\x1b", "enter": "\r", "backspace": "\x7f", "slash": "/", "question_mark": "?",
}  # fmt: skip


def _sent(key: str) -> str:
    """What a terminal sends for a key."""
    if key in _SENT:
        return _SENT[key]
    if key.startswith("ctrl+"):
        return chr(ord(key[-1]) & 31)
    if len(key) == 1:
        return key
    return unicodedata.lookup(key.replace("_", " ").upper())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_on_a_real_terminal(
    fill: Callable[..., Path],
    sample: Sample,
    hostile: Hostile,
    window: Window,
    judge: Callable[..., str],
    tmp_path: Path,
    seed: int,
) -> None:
    rng = random.Random(f"pty {seed}")
    path = fill(hostile(1000 + seed).queue(sample, 150))
    (tmp_path / "moderation.toml").write_text('rules = ["rules.yaml"]\n')
    (tmp_path / "rules.yaml").write_text(
        "version: 1\nrules:\n  - id: a.b\n    action: hold\n    when: {text: {words: [fool]}}\n"
    )
    size = rng.choice(SIZES)
    terminal = window(path, size=size)
    # Until then the terminal itself echoes what is typed.
    terminal.until(lambda: terminal.settings() != terminal.before)
    terminal.read(1)
    sent: list[str] = []
    for _ in range(STEPS // 2):
        kind = rng.random()
        if kind < 0.62:
            keys = _sent(rng.choice(KEYS))
        elif kind < 0.70:
            keys = rng.choice(WORDS)
        elif kind < 0.74:
            # Pasted, by whoever got the moderator to.
            words = "".join(c for c in hostile(rng.random()).text(3) if c not in "\x1bq")
            keys = f"\x1b[200~{words.encode('utf-8', 'replace').decode()}\x1b[201~"
        elif kind < 0.92:
            x, y = rng.randrange(1, size[0] + 1), rng.randrange(1, size[1] + 1)
            button = rng.choice((0, 0, 0, 64, 65))
            keys = f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m"
        else:
            keys = ""
            size = rng.choice(SIZES)
            terminal.resize(*size)
        sent.append(keys)
        if terminal.child.isalive():
            with suppress(OSError):
                terminal.send(keys)
        # A lone escape must not become one key with what comes after.
        terminal.read(0.15 if keys == "\x1b" else rng.choice((0.01, 0.1, 0.3)))
        if terminal.child.flag_eof:
            break  # the palette can quit, too
    if not terminal.child.flag_eof:
        terminal.resize(80, 24)
        for _ in range(6):
            terminal.read(0.3)
            terminal.send("\x1b")
        terminal.read(0.5)
        terminal.send("\x11")
    assert terminal.end() == 0, (sent[-12:], terminal.data[-3000:])
    assert not (found := judge(terminal.data, copies=True)), found
    terminal.left_sane()
    assert terminal.settings() == terminal.before
    for copied in re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", terminal.data):
        assert not _raw(base64.b64decode(copied).decode())
    with Store.open(path) as store:
        assert store.verify() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_one_by_one_on_a_real_terminal(
    fill: Callable[..., Path],
    sample: Sample,
    hostile: Hostile,
    window: Window,
    rows: Callable[[Path], list[Any]],
    seed: int,
) -> None:
    """Every comment of a queue is seen and decided, and nothing is copied unasked."""
    path = fill(hostile(2000 + seed).queue(sample, 40))
    terminal = window(path, size=(100, 30))
    terminal.see("pending")
    for n in range(40):
        terminal.send("ahse"[n % 4])
        terminal.until(lambda n=n: len(rows(path)) > n)
    terminal.send("u")
    terminal.until(lambda: len(rows(path)) > 40)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()


def test_what_is_copied(fill: Callable[..., Path], sample: Sample, window: Window) -> None:
    text = "a\x1b[31mb\x07c\u202ed\r\nrm -rf /\n fool"
    flags = [sample.flag("x", text, "fool")]
    path = fill([sample.assess("1", text, thread=None, flags=flags)])
    terminal = window(path)
    terminal.see("pending")
    terminal.send("\x0f")
    terminal.until(lambda: b"\x1b]52;c;" in terminal.data)
    terminal.read(0.3)
    terminal.send("q")
    assert terminal.end() == 0
    (copied,) = re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", terminal.data)
    assert base64.b64decode(copied).decode() == "a[31mbcd rm -rf / fool"
    assert visible(text) not in base64.b64decode(copied).decode()
