"""Several processes of the review app at one file, and one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from moderation.comments import Assessment, Comment, Status, Verdict
from moderation.queue import Queue
from moderation.store import Store

# A moderator who hides what is on the screen until nothing waits. Prints how many of the
# decisions were their own, and what they were told of others.
MODERATOR = """
import asyncio, sys
from pathlib import Path
from tui import ReviewApp
from tui.screens.review import ReviewScreen

async def work(path, name):
    app = ReviewApp(path, name, timeout=60)
    async with app.run_test() as pilot:
        async def until_idle():
            while not isinstance(app.screen, ReviewScreen) or not app.screen.idle:
                await asyncio.sleep(0.002)
        await until_idle()
        session = app.screen.session
        print("ready", flush=True)
        sys.stdin.readline()
        while session.item is not None:
            app.screen.action_do("hide")
            await asyncio.sleep(0)
            await until_idle()
        print(len(session.decided), flush=True)

asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
"""

# Hides all that has the same text, at once.
BULKER = """
import asyncio, sys
from pathlib import Path
from tui import ReviewApp
from tui.screens.group import GroupScreen
from tui.screens.review import ReviewScreen

async def work(path, name):
    app = ReviewApp(path, name)
    async with app.run_test() as pilot:
        while not isinstance(app.screen, ReviewScreen) or not app.screen.idle:
            await asyncio.sleep(0.002)
        app.screen.action_do("hide_all")
        while not isinstance(app.screen, GroupScreen) or app.screen.value(0) is None:
            await asyncio.sleep(0.002)
        print("ready", flush=True)
        sys.stdin.readline()
        await pilot.press("1")
        await asyncio.sleep(60)

asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
"""


def start(script: str, path: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    found = process.stdout.readline()
    assert found, process.communicate()[1]
    return found.strip()


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def fill(path: Path, count: int) -> None:
    with Store.open(path) as store:
        batch = [Assessment(Comment(str(n), "You muppet"), Verdict.HOLD) for n in range(count)]
        store.save(batch, store.begin_run(["x"]))


def test_four_moderators_share_a_queue(tmp_path: Path) -> None:
    path = tmp_path / "q.db"
    fill(path, 80)
    names = ["Ana", "Bo", "Cy", "Di"]
    apps = [start(MODERATOR, path, name) for name in names]
    for app in apps:
        assert line(app) == "ready"
    for app in apps:
        let_go(app)
    decided = []
    for app in apps:
        out, err = app.communicate(timeout=240)
        assert app.returncode == 0, err
        decided.append(int(out))
    assert sum(decided) == 80
    with Store.open(path) as store:
        queue = Queue(store, "reader")
        rows = list(queue.export())
        assert Counter(row["key"] for row in rows) == {str(n): 1 for n in range(80)}
        assert [Counter(row["moderator"] for row in rows)[name] for name in names] == decided
        assert queue.counts()[Status.HIDDEN] == 80
        assert queue.claims() == {}
        assert store.verify() == []


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("after", [0.05, 0.4, 1.0])
def test_killed_in_the_middle_of_a_bulk(tmp_path: Path, after: float) -> None:
    path = tmp_path / "q.db"
    fill(path, 3000)
    app = start(BULKER, path, "Ana")
    assert line(app) == "ready"
    let_go(app)
    time.sleep(after)
    app.send_signal(signal.SIGKILL)
    app.communicate()
    with Store.open(path) as store:
        queue = Queue(store, "Bo")
        assert store.verify() == []
        # All of it or nothing.
        assert queue.counts()[Status.HIDDEN] in (0, 3000)
        # What was open stays claimed until the lease ends, and the rest is free.
        for claim in queue.claims().values():
            assert (claim.until - claim.since).total_seconds() <= 121
        assert len(queue.claims()) <= 1
        if queue.counts()[Status.PENDING]:
            assert queue.next() is not None
