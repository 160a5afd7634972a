"""The queue with a million flagged comments: opening it, filters, counts, bulks.

    python -m benchmarks.queue [--items 1000000] [--db FILE]

Makes the database from words of its own (kept with --db, and used again), then asks each
question twice in a fresh process and says the second time, and the process's peak of
memory at the end of the first questions.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from moderation.comments import (
    LABELS,
    Action,
    Assessment,
    Author,
    Choice,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Status,
    Thread,
    Verdict,
)
from moderation.queue import Filter, Queue
from moderation.store import Store

_START = datetime(2026, 1, 1, tzinfo=UTC)
_RULES = [f"pack{n % 8}.rule{n}" for n in range(60)]
_BULK = 20_000


def _words(pick: random.Random) -> list[str]:
    letters = "etaoinshrdlucmfw"
    return ["".join(pick.choices(letters, k=pick.randint(2, 9))) for _ in range(30_000)]


def assessments(count: int) -> Any:
    """Flagged comments, their words as unevenly frequent as those of a language."""
    pick = random.Random(1)
    words = _words(pick)
    weights = [1 / (rank + 10) for rank in range(len(words))]
    said = pick.choices(words, weights, k=2_000_000)
    for n in range(count):
        at = pick.randrange(len(said) - 60)
        text = " ".join(said[at : at + pick.randint(4, 50)])
        if n % 20 == 0:
            text = "Привет " + text.translate(str.maketrans("etaoins", "етаоинс")) + " мир " * 20
        severity = pick.choice(list(Severity))
        flags = tuple(
            Flag(rule, Action.HOLD, severity, RuleStatus.LIVE, "Because", version="v1")
            for rule in pick.sample(_RULES, pick.choice([1, 1, 2]))
        )
        author = f"user {int(pick.paretovariate(0.7)) % 200_000}"
        thread = f"https://example.org/{n % 5_000}"
        yield Assessment(
            Comment(
                f"c{n}",
                text,
                Author(author, author[5:]),
                created=_START + timedelta(seconds=n // 2),
                thread=Thread(thread, f"Article {n % 5_000}", thread),
                source=f"dump{n % 4}.jsonl",
            ),
            pick.choice([Verdict.FLAG, Verdict.HOLD, Verdict.HIDE]),
            severity,
            0,
            {label: pick.random() ** 2 for label in LABELS[:6]},
            flags,
            (),
            "m",
            "p",
        )


def fill(path: Path, count: int) -> None:
    began = time.perf_counter()
    with Store.open(path) as store:
        run = store.begin_run(["benchmark"])
        made = assessments(count)
        while batch := list(islice(made, 5_000)):
            store.save(batch, run)
        store.finish_run(run)
    size = path.stat().st_size / 1e6
    print(f"filled with {count:,} in {time.perf_counter() - began:.0f} s, {size:,.0f} MB")


def _said(what: str, ask: Callable[[], Any]) -> None:
    times = []
    for _ in range(2):
        began = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - began)
    count = answer if isinstance(answer, int) else len(answer)
    print(f"{what:<58} {count:>9,} {times[0] * 1e3:8,.0f} ms {times[1] * 1e3:8,.0f} ms")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ask(path: Path) -> None:
    """Every question, in this process."""
    began = time.perf_counter()
    store = Store.open(path, create=False)
    queue = Queue(store, "benchmark")
    queue.window(limit=50)
    print(f"open to the first 50 items: {(time.perf_counter() - began) * 1e3:.0f} ms")
    began = time.perf_counter()
    numbers = queue.numbers()
    print(f"all {len(numbers):,} numbers: {(time.perf_counter() - began) * 1e3:.0f} ms")
    last = numbers[-1]
    began = time.perf_counter()
    place = numbers.index(last)
    print(f"place of the last ({place:,}): {(time.perf_counter() - began) * 1e3:.0f} ms")
    print(f"peak of memory: {_peak():.0f} MB")
    print(f"{'':<58} {'found':>9} {'first':>11} {'again':>11}")
    for sort in ("priority", "oldest", "newest", "severity", "rule", "author"):
        _said(f"first 50 by {sort}", lambda s=sort: queue.window(sort=s, limit=50))
    _said("items 500,000 to 500,050", lambda: queue.window(offset=500_000, limit=50))
    _said("counts()", queue.counts)
    _said("keys()", queue.keys)
    for line in (
        "",
        "status:all",
        "rule:pack3.rule3",
        "rule:pack3.*",
        "label:threat>=0.5",
        "label:threat>=0.99 label:insult>=0.9",
        'author:"user 1"',
        'author:"user 77777"',
        "thread:https://example.org/77",
        "source:dump2.jsonl",
        "severity:high",
        "script:cyrillic",
        "verdict:hide severity:critical script:latin label:insult>=0.5",
        "status:hidden by:benchmark",
        _COMMON,
        f"{_COMMON} {_RARE}",
        _RARE,
    ):
        found = Filter.parse(line)
        _said(f"count {line or 'pending'}", lambda f=found: queue.count(f))
        _said(f"  first 50 of {line or 'pending'}", lambda f=found: queue.window(f, limit=50))
    item = queue.window(Filter.parse(_RARE), limit=1)[0]
    _said("near duplicates of one", lambda: queue.near_duplicates(item))
    _said("all of its author", lambda: queue.pending_of_author(item))
    marker = queue.marker()
    chosen = queue.select(Filter.parse("rule:pack3.rule3 label:insult>=0.1"))
    rest = type(chosen)(chosen.numbers[:_BULK], chosen.versions[:_BULK])
    for what, act in (
        ("decided in one bulk", lambda: queue.decide_many(rest, Choice.HIDE).decisions),
        ("taken back by one undo", queue.undo),
        ("made again by one redo", queue.redo),
        ("taken back again", queue.undo),
        ("changed since", lambda: queue.changes_since(marker).keys),
    ):
        began = time.perf_counter()
        print(f"{len(act()):,} {what}: {time.perf_counter() - began:.2f} s")
    began = time.perf_counter()
    assert queue.next() is not None
    print(f"next(): {(time.perf_counter() - began) * 1e3:.1f} ms")
    queue.release()
    assert queue.counts()[Status.PENDING]
    print(f"peak of memory: {_peak():.0f} MB")
    store.close()


_WORDS = _words(random.Random(1))
#: In about one in five and one in ten thousand texts.
_COMMON, _RARE = _WORDS[5], _WORDS[29_000]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--db", type=Path)
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ask:
        ask(asked.db)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.db or Path(folder) / "queue.db"
        if not path.exists():
            fill(path, asked.items)
        command = [sys.executable, "-m", "benchmarks.queue", "--ask", "--db", str(path)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
