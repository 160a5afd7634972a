"""The review app on a million pending comments, beside Textual's own DataTable.

    python -m benchmarks.review [--items 1000000] [--rows 100000] [--db FILE]

Both run in a real terminal (a pty, 120 by 40), each in a process of its own. Time to first
content is from the program's start, and from the moment when Python and Textual have been
loaded, until the first row stands in what the terminal was sent. Key-to-paint is from the
key's byte until the item that it goes to stands there. The DataTable is given cells that
were made beforehand: what it costs to read a database is not counted against it.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median, quantiles
from threading import Event, Thread

from benchmarks.queue import assessments, fill
from moderation.comments import Choice, Status
from moderation.queue import Queue
from moderation.store import Store

_SIZE = struct.pack("HHHH", 40, 120, 0, 0)
_COLUMNS = ("severity", "author", "words", "rules")
#: Seconds without which nothing comes any more.
_GIVEN_UP = 120.0
_MOVES = 150


class Terminal:
    """A program in a pty of its own, and all that it has written to it."""

    def __init__(self, *arguments: str) -> None:
        self.started = time.monotonic()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
            os.execv(sys.executable, [sys.executable, "-m", "benchmarks.review", *arguments])
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, _SIZE)
        self._said = b""

    def until(self, words: str) -> float:
        """Seconds until this stands in what came since the last key."""
        began = time.monotonic()
        wanted = re.compile(words.encode())
        while not wanted.search(self._said):
            if not select.select([self._file], [], [], _GIVEN_UP)[0]:
                raise SystemExit(f"{words!r} did not come: {self._said[-2000:]!r}")
            self._said += os.read(self._file, 1 << 16)
        return time.monotonic() - began

    def press(self, key: str, words: str) -> float:
        self._drain()
        self._said = b""
        os.write(self._file, key.encode())
        return self.until(words)

    def _drain(self, pause: float = 0.02) -> None:
        """Let what still follows from the last key come."""
        while select.select([self._file], [], [], pause)[0]:
            os.read(self._file, 1 << 16)

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._drain(0.1)

    def end(self) -> float:
        """End it; its peak of memory in MB."""
        os.kill(self.pid, signal.SIGKILL)
        _, _, usage = os.wait4(self.pid, 0)
        os.close(self._file)
        return usage.ru_maxrss / 1024

    def worked(self) -> float:
        """Seconds of processor that it has used: what another program takes is not in it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _loaded() -> None:
    """Tell the other side that everything has been imported."""
    os.write(1, b"\x1b]0;loaded\x07")


def app(path: Path) -> None:
    import tui.app

    _loaded()
    tui.run(path, "benchmark")


def table(rows: int) -> None:
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    cells = [
        (each.severity, each.comment.author.name, each.comment.text[:60], each.flags[0].rule)
        for each in assessments(rows)
    ]

    class TableApp(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable(cursor_type="row")

        def on_mount(self) -> None:
            shown = self.query_one(DataTable)
            shown.add_columns("id", *_COLUMNS)
            for n, row in enumerate(cells):
                shown.add_row(f"c{n}.", *map(str, row))

    _loaded()
    TableApp().run()


def _times(terminal: Terminal, what: str, move: Callable[[], list[float]]) -> None:
    before = terminal.worked()
    seconds = move()
    worked = (terminal.worked() - before) / len(seconds)
    at_95 = quantiles(seconds, n=20)[-1]
    print(
        f"  {what:<44} median {median(seconds) * 1e3:4.0f} ms, 95 % under {at_95 * 1e3:4.0f} ms,"
        f" longest {max(seconds) * 1e3:4.0f} ms, processor {worked * 1e3:3.0f} ms a key"
    )


def _opened(terminal: Terminal, first: str) -> float:
    """Seconds from the imports to the first row; says both times."""
    loaded = terminal.until("loaded")
    shown = terminal.until(first)
    print(f"  first content: {loaded + shown:.2f} s from the start, {shown:.2f} s from the imports")
    return shown


def _moved(terminal: Terminal, ids: list[str], down: str, up: str) -> list[float]:
    """Down the first rows and half way up again."""
    at, times = 0, []
    for step in range(_MOVES):
        at += 1 if step % 3 < 2 else -1
        times.append(terminal.press(down if step % 3 < 2 else up, ids[at]))
    return times


class Others:
    """Somebody else who decides five comments a second, all over the queue."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ended = Event()
        self._thread = Thread(target=self._decide)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _decide(self) -> None:
        with Store.open(self._path, create=False) as store:
            queue = Queue(store, "somebody else")
            numbers = queue.numbers()
            pick = Random(time.time())
            while not self._ended.wait(0.2):
                for item in queue.load([pick.choice(numbers[1000:])]):
                    if item.status is Status.PENDING:
                        queue.decide(item, Choice.APPROVE)


def measure(path: Path, rows: int) -> None:
    with Store.open(path, create=False) as store:
        queue = Queue(store, "benchmark")
        count = queue.count()
        ids = [f"#{re.escape(item.ref)}[^0-9]" for item in queue.window(limit=_MOVES)]
        (last,) = queue.load(queue.numbers()[-1:])
    print(f"moderation review, {count:,} pending")
    terminal = Terminal("--app", "--db", str(path))
    ours = _opened(terminal, ids[0])
    waiting = terminal.until(f"{count:,}".replace(",", "[^0-9]*"))
    print(f"  their number, {waiting:.2f} s later")
    terminal.wait(5)
    _times(terminal, "to the next or the one before", lambda: _moved(terminal, ids, "j", "k"))
    ends = [("G", f"#{last.ref}[^0-9]"), ("g", ids[0])] * 15
    terminal.press("g", ids[0])
    _times(terminal, "to the end or the top", lambda: [terminal.press(*each) for each in ends])
    with Others(path):
        _times(terminal, "the same while others decide", lambda: _moved(terminal, ids, "j", "k"))
    print(f"  peak of memory: {terminal.end():.0f} MB")

    print(f"DataTable, {rows:,} rows")
    terminal = Terminal("--table", "--rows", str(rows))
    ids = [rf"c{n}\." for n in range(_MOVES)]
    theirs = _opened(terminal, ids[1])
    _times(
        terminal, "to the next or the one before", lambda: _moved(terminal, ids, "\x1b[B", "\x1b[A")
    )
    print(f"  peak of memory: {terminal.end():.0f} MB")
    print(f"opens {theirs / ours:.0f} times as fast with {count / rows:.0f} times as many")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--db", type=Path)
    parser.add_argument("--app", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--table", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.app:
        app(asked.db)
        return
    if asked.table:
        table(asked.rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.db or Path(folder) / "queue.db"
        if not path.exists():
            fill(path, asked.items)
        measure(path, asked.rows)


if __name__ == "__main__":
    main()
