"""Killed in the middle of deciding many: all of it is on disk, or nothing is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moderation.comments import Choice, Status
from moderation.queue import Queue
from moderation.store import Store

Window = Any
Sample = Any
Rows = Callable[[Path], list[tuple[str, str, str]]]

MANY = 2_000

#: Decides all that waits, and kills itself in that transaction after so many of its steps.
_PROGRAM = """
import os, signal, sys
from moderation.comments import Choice
from moderation.queue import Queue
from moderation.store import Store

steps, last = 0, int(sys.argv[2])

def step():
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), signal.SIGKILL)

with Store.open(sys.argv[1]) as store:
    queue = Queue(store, "anna")
    chosen = queue.select()
    store._conn.set_progress_handler(step, 1000)
    assert store._conn.in_transaction is False
    bulk = queue.decide_many(chosen, Choice.HIDE)
print(len(bulk.decisions), steps)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {"place": tmp_path_factory.mktemp("many")}


@pytest.fixture
def many(filled: dict[str, Path], sample: Sample, tmp_path: Path) -> Path:
    """A queue of thousands by one author, one of them approved already."""
    made = filled["place"] / "many.db"
    if not made.exists():
        text = "You fool"
        sample.make_db(
            made,
            [
                sample.assess(f"{n}", f"{text}, number {n}", author="Flood",
                              flags=[sample.flag("insult.x", text, "fool")])
                for n in range(MANY + 1)
            ],
        )  # fmt: skip
        with Store.open(made) as store:
            Queue(store, "anna").decide(Queue(store, "anna").item("0"), Choice.APPROVE)
    return Path(shutil.copy(made, tmp_path / "many.db"))


def _bulk(path: Path, last: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _PROGRAM, str(path), str(last)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def _standing(path: Path) -> tuple[list[str], int, Counter[Status]]:
    with Store.open(path) as store:
        queue = Queue(store, "anna")
        return store.verify(), store.head()[0], +Counter(queue.counts())


def test_killed_at_any_step_nothing_is_decided(many: Path, tmp_path: Path) -> None:
    whole = shutil.copy(many, tmp_path / "whole.db")
    done = _bulk(whole, 0)
    decided, steps = map(int, done.stdout.split())
    assert decided == MANY
    for share in (0.0, 0.3, 0.7, 1.0):
        killed = _bulk(many, max(1, int(steps * share)))
        assert killed.returncode == -signal.SIGKILL
        assert _standing(many) == ([], 1, {Status.PENDING: MANY, Status.APPROVED: 1})
    with Store.open(many) as store:
        # What can be taken back is what was done before all that.
        assert [each.choice for each in Queue(store, "anna").undo()] == [Choice.UNDO]
        assert Queue(store, "anna").undo() == []
        assert store.verify() == []
    assert int(_bulk(many, 0).stdout.split()[0]) == MANY + 1


def test_the_app_killed_while_it_hides_thousands(
    many: Path, window: Window, tmp_path: Path
) -> None:
    before = _standing(many)
    seen = set()
    for turn, delay in enumerate((0.05, 0.3)):
        terminal = window(many, size=(120, 40))
        terminal.see("pending")
        terminal.send("b")  # says how many there are, the first time
        terminal.read(1)
        terminal.send("b")
        deadline = time.monotonic() + delay
        while time.monotonic() < deadline:
            terminal.read(0.01)
        os.kill(terminal.pid, signal.SIGKILL)
        assert terminal.end() == -signal.SIGKILL
        problems, decisions, counts = _standing(many)
        assert problems == []
        assert decisions in (before[1], before[1] + MANY), f"turn {turn}"
        seen.add(decisions - before[1])
        with Store.open(many) as store:
            if decisions > before[1]:
                assert counts == {Status.HIDDEN: MANY, Status.APPROVED: 1}
                # One step takes all of it back.
                assert len(Queue(store, "anna").undo()) == MANY
                before = _standing(many)
            assert +Counter(Queue(store, "anna").counts()) == before[2]
            Queue(store, "anna").release()
    assert 0 in seen
    # And the next session works.
    terminal = window(many)
    terminal.see("pending")
    terminal.send("h")
    terminal.until(lambda: _standing(many)[1] == before[1] + 1)
    terminal.send("q")
    assert terminal.end() == 0
    terminal.check()
