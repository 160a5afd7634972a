"""`rules backtest` on a store of 100,000 comments with 1,000 rules, two versions at once.

    python -m benchmarks.backtest [--data FILE] [--comments 100000] [--rules 1000]

Fills a database with comments of a csv (repeated with a number where there are too few),
decides some of what the rules flag at random, and times the command as a process: once
for the rules alone, once against another version, with its peak of memory beside that
for a tenth of the comments. The processor's time is that of all its processes: it says
more than the clock on a machine that does other things, too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from benchmarks.models import read
from moderation.comments import Choice, Comment
from moderation.queue import Queue
from moderation.rules import RuleSet
from moderation.store import Store

_DATA = Path("../shared/data/dev_jigsaw_natural.csv.gz")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_DECIDED = 500


def write_rules(path: Path, texts: Sequence[str], count: int, seed: int) -> None:
    """Words, phrases and regexes (60, 25 and 15 %) out of the comments themselves."""
    pick = random.Random(seed)
    words = sorted({word for text in texts for word in re.findall(r"[a-z]{4,}", text.lower())})
    said = [line for text in texts if len(line := re.findall(r"[a-z]+", text.lower())) > 3]
    rules = []
    for number in range(count):
        kind = pick.random()
        if kind < 0.6:
            test: dict[str, object] = {"words": pick.sample(words, 3)}
        elif kind < 0.85:
            line = pick.choice(said)
            start = pick.randrange(len(line) - 2)
            test = {"words": [" ".join(line[start : start + 3])]}
        else:
            one, other = pick.sample(words, 2)
            test = {"regex": [rf"\b{one}(s|ed|ing)?\W+\w*{other[:4]}"]}
        action = pick.choice(["flag", "hold", "hide"])
        rules.append({"id": f"r{seed}.{number}", "action": action, "when": {"text": test}})
    path.write_text(json.dumps({"version": 1, "rules": rules}))


def fill(path: Path, texts: Sequence[str], count: int, rules: Path) -> None:
    """A store as scans leave it, with decisions on some of what is flagged."""
    engine = RuleSet.load([rules])
    pick = random.Random(1)
    comments = (
        Comment(str(n), text, created=_START + timedelta(seconds=30 * n))
        for n, text in enumerate(islice(cycle(texts), count))
    )
    with Store.open(path) as store:
        run = store.begin_run(["benchmark"])
        while batch := list(islice(comments, 1_000)):
            store.save([engine.assess(each, {"toxicity": pick.random()}) for each in batch], run)
        queue = Queue(store, "benchmark")
        for item in queue.items(limit=_DECIDED):
            queue.decide(item, pick.choice([Choice.HIDE, Choice.APPROVE]))


def measure(*args: object) -> str:
    """Seconds by the clock and of the processor, and megabytes at the peak of one call."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "moderation", "rules", "backtest", *map(str, args)],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the command failed with {os.waitstatus_to_exitcode(status)}")
    elapsed, worked = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return f"{elapsed:>7.1f} s {worked:>7.1f} s of processors {usage.ru_maxrss / 1024:>5.0f} MB"


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_DATA, help="csv or csv.gz, column text")
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=1_000)
    args = parser.parse_args(argv)
    if not args.data.is_file():
        parser.error(f"{args.data} is not there; name a file with --data")
    texts = read(args.data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        new, old = folder / "new.yaml", folder / "old.yaml"
        write_rules(new, texts, args.rules, 1)
        write_rules(old, texts, args.rules, 2)
        whole, tenth = folder / "whole.db", folder / "tenth.db"
        fill(whole, texts, args.comments, old)
        fill(tenth, texts, args.comments // 10, old)
        one = measure("--db", whole, "--rules", new)
        two = measure("--db", whole, "--rules", new, "--against", old)
        small = measure("--db", tenth, "--rules", new)
    print(f"{args.comments:,} comments, {args.rules:,} rules")
    print(f"{'rules backtest':<28}{one} at the peak")
    print(f"{'… --against another version':<28}{two}")
    print(f"{'a tenth of the comments':<28}{small}")


if __name__ == "__main__":
    main()
