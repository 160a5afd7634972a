"""Several real processes at one file, and one that is killed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from moderation.comments import Assessment, Comment, Status, Verdict
from moderation.queue import Queue
from moderation.store import Store

# A minute to wait for each other: a busy disk can hold one commit up for seconds.

# Decides the first item that it sees, again and again, until the queue is empty. All
# see the same order, so they are after the same item nearly every time.
WORKER = """
import sys
from moderation.comments import Choice
from moderation.errors import ConflictError
from moderation.queue import Queue
from moderation.store import Store

path, name = sys.argv[1:]
decided = lost = 0
with Store.open(path, create=False, timeout=60) as store:
    queue = Queue(store, name)
    print("ready", flush=True)
    sys.stdin.readline()
    while items := queue.items(limit=5):
        for item in items:
            try:
                queue.decide(item, Choice.HIDE)
                decided += 1
            except ConflictError:
                lost += 1
print(decided, lost)
"""

# Takes the next item that nobody has and decides it, skipping now and then.
TAKER = """
import sys
from moderation.comments import Choice
from moderation.queue import Queue
from moderation.store import Store

path, name = sys.argv[1:]
decided = 0
with Store.open(path, create=False, timeout=60) as store:
    queue = Queue(store, name)
    print("ready", flush=True)
    sys.stdin.readline()
    while item := queue.next():
        if item.skips == 0 and item.n % 50 == 0:
            queue.decide(item, Choice.SKIP)
            continue
        queue.decide(item, Choice.HIDE)
        decided += 1
print(decided, 0)
"""

# Decides everything at once and takes it back at once, again and again.
BULKER = """
import sys
from moderation.comments import Choice
from moderation.queue import Queue
from moderation.store import Store

path, name = sys.argv[1:]
with Store.open(path, create=False) as store:
    queue = Queue(store, name)
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        queue.decide_many(queue.select(), Choice.HIDE)
        queue.undo()
"""

OPENER = """
import sys
from moderation.comments import Assessment, Comment, Verdict
from moderation.store import Store

path, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
with Store.open(path) as store:
    store.save([Assessment(Comment(name, "You muppet"), Verdict.HOLD)], store.begin_run([name]))
"""


def start(script, path, name):
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def let_go(processes):
    """All at once; their outputs when they are done."""
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert err == ""
        outputs.append(out)
    return outputs


def fill(path, count):
    with Store.open(path) as store:
        batch = [Assessment(Comment(str(n), "You muppet"), Verdict.HOLD) for n in range(count)]
        store.save(batch, store.begin_run(["x"]))


def test_four_processes_decide_a_thousand_items(tmp_path):
    path = tmp_path / "q.db"
    fill(path, 1000)
    names = ["Ana", "Bo", "Cy", "Di"]
    outputs = let_go([start(WORKER, path, name) for name in names])
    decided = [int(out.split()[0]) for out in outputs]
    with Store.open(path) as store:
        rows = list(Queue(store, "reader").export())
        assert Counter(row["key"] for row in rows) == {str(n): 1 for n in range(1000)}
        assert [Counter(row["moderator"] for row in rows)[name] for name in names] == decided
        assert sum(decided) == 1000
        assert Queue(store, "reader").counts()[Status.HIDDEN] == 1000
        assert store.verify() == []


def test_four_processes_take_four_thousand_items_and_never_the_same(tmp_path):
    path = tmp_path / "q.db"
    fill(path, 4000)
    names = ["Ana", "Bo", "Cy", "Di"]
    outputs = let_go([start(TAKER, path, name) for name in names])
    decided = {name: int(out.split()[0]) for name, out in zip(names, outputs, strict=True)}
    with Store.open(path) as store:
        queue = Queue(store, "reader")
        rows = [row for row in queue.export() if row["decision"] == "hide"]
        assert Counter(row["key"] for row in rows) == {str(n): 1 for n in range(4000)}
        assert Counter(row["moderator"] for row in rows) == decided
        # Nobody is kept from work by the others.
        assert min(decided.values()) > 0
        assert queue.counts()[Status.HIDDEN] == 4000
        assert queue.claims() == {}
        assert store.verify() == []


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("after", [0.1, 0.25, 0.4, 0.7])
def test_killed_in_the_middle_of_a_bulk(tmp_path, after):
    path = tmp_path / "q.db"
    fill(path, 1500)
    process = start(BULKER, path, "Ana")
    process.stdin.write("\n")
    process.stdin.flush()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with Store.open(path) as store:
        queue = Queue(store, "Ana")
        assert store.verify() == []
        count, _ = store.head()
        # Every bulk is there whole, or not at all, and so is every undo.
        assert count % 1500 == 0
        hidden = queue.counts()[Status.HIDDEN]
        assert hidden == (1500 if count // 1500 % 2 else 0)
        assert len(queue.undo()) == hidden
        assert queue.counts()[Status.PENDING] == 1500


def test_many_processes_open_a_new_file_at_once(tmp_path):
    path = tmp_path / "q.db"
    names = [str(n) for n in range(8)]
    let_go([start(OPENER, path, name) for name in names])
    with Store.open(path) as store:
        assert sorted(Queue(store, "reader").keys()) == names
        assert store.verify() == []


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("after", [0.02, 0.11, 0.23])
def test_killed_while_deciding(tmp_path, after):
    path = tmp_path / "q.db"
    fill(path, 2000)
    process = start(WORKER, path, "Ana")
    process.stdin.write("\n")
    process.stdin.flush()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with Store.open(path) as store:
        queue = Queue(store, "Ana")
        assert store.verify() == []
        count, _ = store.head()
        # Each comment and its decision are there together or not at all.
        assert queue.counts()[Status.HIDDEN] == count < 2000
        with store.read() as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
        assert len(queue.undo(count)) == count
        assert queue.counts()[Status.PENDING] == 2000
