"""Names of files that attack a terminal, and how a hostile comment arrives on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Sample = Any
Window = Any


def test_a_hostile_path(window: Window, tmp_path: Path) -> None:
    terminal = window(tmp_path / "[@click=app.quit]\x1b[31mEVIL\u202e\u009b.db")
    terminal.see("cannot start")
    terminal.send("q")
    assert terminal.end() == 3
    assert "␛[31mEVIL".encode() in terminal.data
    terminal.check()


def test_every_sign_arrives(fill: Callable[..., Path], sample: Sample, window: Window) -> None:
    text = "fool \x1b]0;pwned\x07 \x9b31m a\u202eb \ud83d ::add-mask::x [@click=app.quit]y[/]"
    flags = [sample.flag("x", text, "fool")]
    path = fill([sample.assess("1", text, author="A\x1b[2J", flags=flags)])
    terminal = window(path, size=(120, 40))
    terminal.see("pending")
    terminal.read(1)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()
    for words in ("␛]0;pwned␇", "<U+009B>31m", "<U+202E>", "<U+D83D>", "[@click=app.quit]y[/]"):
        assert words.encode() in terminal.data, words
