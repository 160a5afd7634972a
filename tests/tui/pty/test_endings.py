"""However the program ends or rests, the shell gets its terminal back as it was."""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.store import Store

#: Opens a terminal with the program: the fixture of the same name.
Window = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]

RESTED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[<u")


def test_quit(window: Window, db: Path) -> None:
    terminal = window(db)
    terminal.see("pending")
    assert terminal.settings() != terminal.before
    terminal.send("q")
    assert terminal.end() == 0
    assert terminal.settings() == terminal.before
    terminal.check()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_told_to_end(window: Window, db: Path, rows: Rows, name: str) -> None:
    number = getattr(signal, name)
    terminal = window(db)
    terminal.see("pending")
    terminal.send("a")
    terminal.until(lambda: len(rows(db)) == 1)
    terminal.signal(number)
    assert terminal.end() == 128 + number
    assert terminal.settings() == terminal.before
    terminal.check()
    assert len(rows(db)) == 1


def test_told_to_end_while_it_waits_for_the_database(window: Window, db: Path, rows: Rows) -> None:
    terminal = window(db)
    terminal.see("pending")
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("begin immediate")
    terminal.send("a")
    terminal.see("Waiting for the database")
    started = time.monotonic()
    terminal.signal(signal.SIGTERM)
    # In its own time-out, or when the system has had enough of waiting.
    assert terminal.end() in (128 + signal.SIGTERM, -signal.SIGALRM)
    assert time.monotonic() - started < 12
    other.close()
    assert rows(db) == []


def test_a_window_that_is_closed(window: Window, db: Path, rows: Rows) -> None:
    terminal = window(db)
    terminal.see("pending")
    terminal.send("ah")
    terminal.until(lambda: len(rows(db)) == 2)
    ended = os.pidfd_open(terminal.pid)
    started = time.monotonic()
    os.close(terminal.child.child_fd)
    terminal.child.child_fd = -1
    terminal.child.ptyproc.fd = -1
    terminal.child.closed = terminal.child.ptyproc.closed = True
    assert select.select([ended], [], [], 15)[0], "it goes on without a terminal"
    os.close(ended)
    os.waitpid(terminal.pid, 0)
    terminal.child.terminated = terminal.child.ptyproc.terminated = True
    assert time.monotonic() - started < 10
    assert len(rows(db)) == 2
    with Store.open(db) as store:
        assert store.verify() == []


def test_ctrl_c_says_what_quits(window: Window, db: Path, rows: Rows) -> None:
    terminal = window(db)
    terminal.see("pending")
    terminal.send("\x03")
    terminal.see("quit")
    terminal.send("a")
    terminal.until(lambda: len(rows(db)) == 1)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()


@pytest.mark.parametrize("how", ["key", "SIGTSTP"])
def test_to_the_shell_and_back(window: Window, db: Path, rows: Rows, how: str) -> None:
    terminal = window(db)
    terminal.see("pending")
    at_work = terminal.settings()
    for turn in range(2):
        if how == "key":
            terminal.send("\x1a")
        else:
            terminal.signal(signal.SIGTSTP)
        terminal.until(lambda: terminal.state() == "T")
        terminal.read(0.1)
        assert terminal.settings() == terminal.before
        terminal.left_sane()
        terminal.resize(100 + turn, 30)  # as people do meanwhile
        seen = len(terminal.data)
        terminal.signal(signal.SIGCONT)
        terminal.until(lambda seen=seen: b"pending" in terminal.data[seen:])
        assert terminal.settings() == at_work
        terminal.send("a")
        terminal.until(lambda turn=turn: len(rows(db)) == turn + 1)
    terminal.send("q")
    assert terminal.end() == 0
    assert terminal.settings() == terminal.before
    terminal.check()


def test_stopped_without_being_asked(window: Window, db: Path, rows: Rows) -> None:
    terminal = window(db)
    terminal.see("pending")
    terminal.signal(signal.SIGSTOP)
    terminal.until(lambda: terminal.state() == "T")
    seen = len(terminal.data)
    terminal.signal(signal.SIGCONT)
    terminal.until(lambda: b"pending" in terminal.data[seen:])
    terminal.read(1)  # keys pressed while the terminal is set up again are not read
    # One reader of keys, and not two that take turns.
    threads = Path(f"/proc/{terminal.pid}/task")
    names = [(each / "comm").read_text() for each in threads.iterdir()]
    assert len(names) < 40
    terminal.send("ahs")
    terminal.until(lambda: len(rows(db)) == 3)
    terminal.signal(signal.SIGCONT)  # and while it runs
    terminal.read(1)
    terminal.send("e")
    terminal.until(lambda: len(rows(db)) == 4)
    terminal.send("q")
    assert terminal.end() == 0
    assert [choice for _, choice, _ in rows(db)] == ["approve", "hide", "skip", "escalate"]
    assert terminal.settings() == terminal.before
    terminal.check()


def test_resized_in_the_middle_of_things(window: Window, db: Path, rows: Rows) -> None:
    terminal = window(db)
    terminal.see("pending")
    terminal.send("/")
    terminal.read(0.5)
    terminal.resize(20, 5)
    terminal.see("Too small")
    terminal.send("ahs")  # nothing is decided unseen
    terminal.read(0.5)
    terminal.resize(80, 24)
    terminal.read(0.5)
    terminal.send("\x1b")
    terminal.read(0.5)
    terminal.send("\x1b")
    terminal.read(0.5)
    assert rows(db) == []
    terminal.send("?")
    terminal.resize(20, 5)
    terminal.read(0.3)
    terminal.resize(120, 40)
    terminal.read(0.5)
    terminal.send("\x1b")
    terminal.read(0.5)
    terminal.send("a")
    terminal.until(lambda: len(rows(db)) == 1)
    quick = random.Random(5)
    for _ in range(15):
        for size in ((1, 1), (300, 100), (20, 5), (40, 12), (120, 40), (39, 12), (80, 24)):
            terminal.resize(*size)
            terminal.send("j")
            terminal.read(quick.choice((0, 0.005, 0.02, 0.1)))
    terminal.see("pending")
    terminal.read(1)
    terminal.send("h")
    terminal.until(lambda: len(rows(db)) == 2)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C"},
        {"LANG": None, "LC_ALL": "POSIX"},
        {"LANG": None},
        {"TERM": "linux"},
        {"TERM": "vt100"},
        {"TERM": None},
        {"NO_COLOR": "1"},
    ],
    ids=str,
)
def test_a_plain_environment_still_works(
    window: Window, db: Path, rows: Rows, env: dict[str, str | None]
) -> None:
    terminal = window(db, **env)
    terminal.see("pending")
    terminal.read(0.2)
    assert "▌".encode() in terminal.data or "·".encode() in terminal.data
    assert b"\\u" not in terminal.data
    terminal.send("a")
    terminal.until(lambda: len(rows(db)) == 1)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"TERM": "dumb"}, "TERM is dumb"),
        ({"PYTHONIOENCODING": "latin-1"}, "UTF-8"),
        ({"LANG": None, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "UTF-8"),
    ],
    ids=str,
)
def test_an_unfit_terminal_is_named(
    window: Window, db: Path, env: dict[str, str | None], words: str
) -> None:
    terminal = window(db, **env)
    assert terminal.end() == 2
    said = terminal.data.decode()
    assert words in said
    assert "--plain" in said
    assert "\x1b[?" not in said


@pytest.mark.parametrize(
    ("redirected", "named"), [("< /dev/null", "input"), ("> out", "output"), ("2> err", "error")]
)
def test_streams_that_are_no_terminal(
    window: Window, db: Path, redirected: str, named: str, tmp_path: Path
) -> None:
    terminal = window(db, before=("/bin/sh", "-c", f'exec "$0" "$@" {redirected}'))
    assert terminal.end() == 2
    said = terminal.data.decode()
    if named == "error":
        said += (tmp_path / "err").read_text()
    assert f"the {named}" in said
    assert "\x1b[?" not in said
    assert "--plain" in said


def test_a_bug_ends_the_app_and_shows_no_comment(
    window: Window, judge: Callable[..., str], db: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import tui.actions, tui.deciding\n"
        "async def broken(self):\n"
        "    text = 'words of a \\x1b[31mcomment'\n"
        "    raise RuntimeError(f'no \\x1b]0;title\\x07 {len(text)}')\n"
        "tui.deciding.Deciding.do_approve = broken\n"
    )
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    terminal = window(db, PYTHONPATH=path)
    terminal.see("pending")
    terminal.send("a")
    assert terminal.end() != 0
    assert terminal.settings() == terminal.before
    said = terminal.data.rpartition(b"\x1b[?1049l")[2]
    assert b"a bug in moderation" in said
    assert b"RuntimeError" in said
    assert b"words of a" not in said
    assert not judge(said)
