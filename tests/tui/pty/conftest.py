"""The program on a real pseudo-terminal, every byte of it judged; and texts to attack it with."""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pexpect
import pytest

from moderation.comments import Thread

#: Every form that Textual's driver and its drawing write by themselves.
_OURS = re.compile(
    r"\x1b\[[0-9;]*m"  # colours
    r"|\x1b\[\d+;\d+H"  # to a place
    r"|\x1b\[\?(?P<mode>7|25|1000|1003|1004|1006|1015|1049|2004|2026)(?P<set>[hl])"
    r"|\x1b\[\?(?:2026|2048)\$p"  # what can you do?
    r"|\x1b\[>25u|\x1b\[<u"  # kitty's keyboard, on and off
    r"|\x1b\]22;[a-z-]*\x07"  # the shape of the pointer
)
_COPY = re.compile(r"\x1b\]52;c;[A-Za-z0-9+/=]*\x07")
#: Joiners are ordinary within emoji and some scripts; `moderation.display` sees to where.
_JOINERS = "\u200c\u200d"
_ACTING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
#: Modes as a shell expects them: lines wrap and the cursor is seen, nothing else.
SANE = {"7", "25"}


def stray(data: bytes, *, copies: bool = False) -> str:
    """The first thing in these bytes that neither is plain text nor is written by Textual
    itself, with what stands around it; empty when there is none."""
    text = data.decode("utf-8", "surrogateescape")
    text = _OURS.sub("", text)
    if copies:
        text = _COPY.sub("", text)
    for at, char in enumerate(text):
        if char in "\r\n" or char in _JOINERS or " " <= char <= "~":
            continue
        if unicodedata.category(char) in _ACTING:
            return ascii(text[max(0, at - 40) : at + 40])
    return ""


def modes(data: bytes) -> set[str]:
    """The terminal's modes that are on after these bytes, if it was sane before them."""
    on = set(SANE)
    for found in _OURS.finditer(data.decode("utf-8", "replace")):
        if found["mode"]:
            (on.add if found["set"] == "h" else on.discard)(found["mode"])
    return on


class Terminal:
    """A window with one process in it."""

    def __init__(
        self, command: list[str], env: dict[str, str], cwd: Path, size: tuple[int, int]
    ) -> None:
        self.data = b""
        self.child = pexpect.spawn(
            command[0], command[1:], dimensions=(size[1], size[0]), timeout=90, env=env,
            cwd=str(cwd),
        )  # fmt: skip
        self.child.delaybeforesend = None
        self.child.logfile_read = self
        self.pid = self.child.pid
        self._answered = False
        # As a shell has it, before the program is there to change it.
        self.before = self.settings()

    def write(self, data: bytes) -> None:
        self.data += data
        if not self._answered and b"\x1b[?2026$p" in self.data:
            # As most terminals do, so that what they are then sent is judged too.
            self._answered = True
            self.child.send("\x1b[?2026;2$y")

    def flush(self) -> None:
        pass

    def send(self, keys: str) -> None:
        self.child.send(keys)

    def see(self, words: str) -> None:
        """Read on until these words come."""
        self.child.expect_exact(words)

    def read(self, seconds: float) -> None:
        """Read whatever comes in this time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self.child.read_nonblocking(1 << 16, timeout=0.02)
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                return

    def until(self, holds: Callable[[], bool], seconds: float = 90) -> None:
        """Read on until this holds; fails when it does not in that time."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, self.data[-500:]
            self.read(0.02)

    def settings(self) -> list[Any]:
        return termios.tcgetattr(self.child.child_fd)

    def resize(self, columns: int, rows: int) -> None:
        self.child.setwinsize(rows, columns)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def state(self) -> str:
        """The process as the system has it: R and S run, T is stopped, Z has ended."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def end(self) -> int:
        """Read to the end: the exit code, negative for a signal."""
        self.child.expect(pexpect.EOF)
        self.child.wait()
        return self.child.exitstatus if self.child.exitstatus is not None else -signal_of(self)

    def left_sane(self) -> None:
        assert modes(self.data) == SANE
        assert b"Traceback" not in self.data

    def check(self) -> None:
        """That the bytes are ours, and the terminal as it was."""
        assert not (found := stray(self.data)), found
        self.left_sane()

    def close(self) -> None:
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        self.child.close(force=True)


def signal_of(terminal: Terminal) -> int:
    return int(terminal.child.signalstatus or 0)


def environment(home: Path, **more: str | None) -> dict[str, str]:
    env: dict[str, str | None] = {
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(home),
        "PYTHONPATH": os.environ.get("PYTHONPATH"),
        "MODERATION_CACHE": "off",
        **more,
    }
    return {name: value for name, value in env.items() if value is not None}


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """`window(path)`: `moderation review` on this database. `before` is put in front of the
    command, and further names are variables of the environment (None: without it)."""
    opened: list[Terminal] = []

    def open_window(
        path: Path,
        *options: str,
        size: tuple[int, int] = (80, 24),
        before: tuple[str, ...] = (),
        **env: str | None,
    ) -> Terminal:
        review = ("-m", "moderation", "review", "--db", str(path), "--as", "anna", *options)
        command = [*before, sys.executable, *review]
        terminal = Terminal(command, environment(tmp_path, **env), tmp_path, size)
        opened.append(terminal)
        return terminal

    yield open_window
    for terminal in opened:
        terminal.close()


@pytest.fixture
def judge() -> Callable[..., str]:
    """`stray`, for tests: a conftest cannot be imported."""
    return stray


_ATOMS = (
    # What terminals obey: colours, titles, clipboards, links, questions, resets, sixels.
    "\x1b[31m", "\x1b[0m", "\x1b[2J", "\x1b[6n", "\x1b[c", "\x1b[?1049l", "\x1b[?25l", "\x1bc",
    "\x1b(0", "\x1b[5;53m", "\x1b]0;owned\x07", "\x1b]52;c;b3duZWQ=\x07", "\x1b]52;c;?\x1b\\",
    "\x1bPq#0~\x1b\\", "\x1b_x\x1b\\", "\x1b[99999999999999999999A", "\x1b[;;;;;;m",
    "\x1b]8;;https://evil.example\x07here\x1b]8;;\x07", "\x1b[200~", "\x1b[201~", "\x1b[<0;1;1M",
    "\x9b31m", "\x9d0;owned\x9c", "\x90q\x9c", "\x85", "\x8e", "\x00", "\x07", "\x08\x08", "\x7f",
    "\r", "\r\n", "\n", "\t", "\v", "\f", "\x1a", "\x1b",
    # What turns, hides, covers.
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u2028\u2029",
    *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u3164\u115f\uffa0\u2800\u00a0\u3000\ufe0f",
    "z" + "\u0301\u0316\u0334" * 30, "\u0e49" * 20, "\u20dd", "\ufdfa", "\ufdfd", "\U00012031",
    # What a reader of markup, YAML, CSS or a CI service would obey.
    "[@click=app.quit]x[/]", "[/foo]", "[/]", "[", "]", "\\[", "[[", "[bold red]", "[link=file:///]",
    "[$text-error on $panel]", "[not a tag]", "[on #ff0000 50%]", "[b i u]", "$text", ":smile:",
    "{match}", "%s%n", "&amp;<b>", "- id: x\n  when: {text: !!python/object:os.system [id]}",
    "::add-mask::x", "##[group]y", "---\n...\n", "'\"`;--", "text:\"unclosed", "../../etc/passwd",
    # Ordinary, and not Latin.
    "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇩", "❤️", "漢字かな", "한글", "ᄒ",
    "שלום", "مرحبا بالعالم", "नमस्ते", "ไทย", "e\u0301",
    "\ud800", "\udfff", "\ud83d", "\ue000", "\U0010ffff", "\U000e0041", "\ufffe", "\ufffd",
)  # fmt: skip
_WORDS = "fool clown the a of and again muppet never park".split()


class Hostile:
    """Comments as the worst of strangers would write them, the same ones for a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, longest: int = 40) -> str:
        rng = self.random
        parts = []
        for _ in range(rng.choice((1, 2, 5, longest))):
            kind = rng.random()
            if kind < 0.5:
                parts.append(rng.choice(_ATOMS))
            elif kind < 0.9:
                parts.append(rng.choice(_WORDS) + " ")
            else:
                parts.append(chr(rng.randrange(0x110000)))
        if longest > 20 and rng.random() < 0.01:
            parts.append(rng.choice("aW漢 \u0301\u202e\n\t\x1b") * 100_000)
        return "".join(parts)

    def queue(self, sample: Any, count: int) -> list[Any]:
        """`count` flagged comments, every place that a stranger can write to attacked."""
        rng = self.random
        found = []
        for n in range(count):
            text = self.text() + rng.choice(("", " fool"))
            title = self.text(5)
            author = rng.choice((self.text(5), "A" * 100_000 if n == 7 else "Pat", f"p{n % 9}"))
            flags = [
                sample.flag(rng.choice(("a.b", "insult.x", self.text(3) or "r")), text,
                            text[a : a + rng.randrange(1, 9)] or "x", reason=self.text(8))
                for a in rng.choices(range(max(1, len(text))), k=rng.randrange(1, 4))
            ]  # fmt: skip
            parent = rng.randrange(n) if n and rng.random() < 0.3 else None
            thread = Thread(id=f"t{n % 50}", title=title or None, url=self.text(4) or None,
                            site=self.text(3) or None)  # fmt: skip
            found.append(
                sample.assess(
                    f"{n}{self.text(2)}", text, author=author or "a", flags=flags, thread=thread,
                    parent=None if parent is None else found[parent].comment.id,
                    scores=[rng.random() for _ in range(rng.randrange(7))], minutes=n,
                    undecided=(self.text(2) or "x",),
                )
            )  # fmt: skip
        return found


@pytest.fixture
def hostile() -> type[Hostile]:
    """`hostile(seed)`: the maker of texts."""
    return Hostile
