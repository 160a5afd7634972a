"""The whole scan against the scripts that people write today, in one run.

    python -m benchmarks.scan [--data FILE] [--count 60] [--jobs 2]

Times `moderation scan` as a process, start-up, reading, rules, model and report included,
over all comments of a csv, in one process and in several; then, on a sample of them, the
script in its place: `detoxify.Detoxify.predict` and a loop of `re`, comment by comment and
in batches of 32, on a checkpoint of BERT base's size with random weights (the same speed as
the real one, without its download); and alt-profanity-check, where it is installed. Then
where our time goes, each part on its own in this process, and how fast a scan without a
model fills a database. Needs the extra [detoxify].
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
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.checkpoints import build
from benchmarks.models import rate, read

_DATA = Path("../shared/data/dev_jigsaw_natural.csv.gz")
_REPEATS = 3
#: What such a script looks for, in the middle of what is usual.
_WORDS = "idiot|moron|stupid|shut up|kill you|loser|trash|clown|pathetic|disgusting"


def seconds(*args: str) -> float:
    """Wall time of one call of the program, the best of a few."""
    best = float("inf")
    for _ in range(_REPEATS):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "moderation", *args],
            check=False,
            capture_output=True,
            # What is kept from one scan to the next would spare the second one its work.
            env={**os.environ, "MODERATION_CACHE": "off"},
        )
        best = min(best, time.perf_counter() - began)
    return best


def took(work: Callable[[], Any]) -> float:
    """Seconds that it takes, the better of two."""
    best = float("inf")
    for _ in range(2):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def scripts(texts: Sequence[str], folder: Path, count: int) -> Iterator[tuple[str, float]]:
    """The scripts of today and how many comments a second they do."""
    from detoxify import Detoxify

    model = Detoxify(checkpoint=os.fspath(build(folder, size="base", texts=list(texts))))
    words = re.compile(rf"\b(?:{_WORDS})\b", re.IGNORECASE)
    sample = random.Random(0).sample(list(texts), min(count, len(texts)))
    model.predict(sample[0])

    def one_by_one() -> None:
        for text in sample:
            words.search(text)
            model.predict(text)

    def in_batches() -> None:
        for start in range(0, len(sample), 32):
            model.predict(sample[start : start + 32])
        for text in sample:
            words.search(text)

    yield "Detoxify.predict one by one, re", rate(one_by_one, len(sample))
    yield "Detoxify.predict in batches of 32, re", rate(in_batches, len(sample))
    if find_spec("profanity_check"):
        from profanity_check import predict_prob

        yield "alt-profanity-check in one batch", rate(lambda: predict_prob(texts), len(texts))


def parts(texts: Sequence[str], folder: Path) -> Iterator[tuple[str, float]]:
    """Seconds that each part of a scan with `builtin` takes, on its own."""
    from tokenizers import Tokenizer

    from moderation import Assessment, Comment, Scanner, models
    from moderation.reports import JsonlReport
    from moderation.sources import ReadOptions
    from moderation.sources import read as read_comments
    from moderation.store import Store
    from moderation.text import View

    path = folder / "comments.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"id": str(number), "text": text}) + "\n")

    def read_all() -> list[Comment]:
        return list(read_comments([os.fspath(path)], ReadOptions(), on_reject=print))

    comments = read_all()
    yield "read", took(read_all)
    yield "views", took(lambda: [View(text) for text in texts])
    rules = Scanner(model="none")
    yield "rules (views among it)", took(lambda: list(rules.scan(comments)))
    model = models.load("builtin")
    tokenizer = Tokenizer.from_file(
        os.fspath(Path(models.__file__).parent / "builtin/tokenizer.json")
    )
    yield "tokenize (all of them)", took(lambda: tokenizer.encode_batch(list(texts)))
    yield "model", took(lambda: model.score(texts))
    found = list(Scanner(model=model).scan(comments))

    def report() -> None:
        with (folder / "report.jsonl").open("w", encoding="utf-8") as file:
            writer = JsonlReport(file.write)
            writer.begin()
            for one in found:
                writer.add(one)

    yield "report", took(report)

    def save(assessed: list[Assessment]) -> None:
        (folder / "q.db").unlink(missing_ok=True)
        store = Store.open(folder / "q.db")
        run = store.begin_run(["x"])
        for start in range(0, len(assessed), 1000):
            store.save(assessed[start : start + 1000], run)
        store.close()

    yield "database", took(lambda: save(found))
    unscored = list(rules.scan(comments))
    yield "database, model none", took(lambda: save(unscored))


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_DATA, help="csv or csv.gz, column text")
    parser.add_argument("--count", type=int, default=60, help="comments for Detoxify")
    parser.add_argument("--jobs", type=int, default=2, help="processes of the scan in several")
    parser.add_argument("--limit", type=int, help="so many comments of the csv only")
    args = parser.parse_args(argv)
    if not args.data.is_file():
        parser.error(f"{args.data} is not there; name a file with --data")
    texts = read(args.data)[: args.limit]
    print(
        f"{args.data.name}: {len(texts):,} comments, "
        f"{sum(map(len, texts)) / len(texts):.0f} characters on average; "
        f"{os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data.jsonl"
        data.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        scan = ("scan", os.fspath(data), "--fail-on", "never", "--format")
        report = f"jsonl={folder / 'report.jsonl'}"
        single = folder / "one.txt"
        single.write_text("Thank you for the article.\n")
        ours = {
            label: len(texts) / seconds(*scan, report, *more)
            for label, more in (
                ("moderation scan", ()),
                ("moderation scan --jobs 1", ("--jobs", "1")),
                (f"moderation scan --jobs {args.jobs}", ("--jobs", str(args.jobs))),
                ("moderation scan --model linear", ("--model", "linear")),
                ("moderation scan --model none", ("--model", "none")),
            )
        }
        version, one = seconds("--version"), seconds("scan", os.fspath(single))
        theirs = dict(scripts(texts, folder, args.count))
        for label, speed in (*ours.items(), *theirs.items()):
            print(f"{label:<40}{speed:>10,.1f} comments/s")
        whole = ours["moderation scan"]
        for label, speed in theirs.items():
            print(f"the whole scan to {label}: {whole / speed:,.1f} times")
        several = ours[f"moderation scan --jobs {args.jobs}"]
        print(f"{args.jobs} jobs to one: {several / ours['moderation scan --jobs 1']:.2f} times")
        print(f"moderation --version: {version:.2f} s; scan of one comment: {one:.2f} s")
        print("where the time goes, each part on its own:")
        spent = dict(parts(texts, folder))
        work = sum(spent[part] for part in ("read", "rules (views among it)", "model", "report"))
        for part, time_taken in spent.items():
            each = 1e6 * time_taken / len(texts)
            print(f"  {part:<24}{each:>9,.0f} µs a comment{time_taken / work:>8.1%}")
        rest = 1 - spent["model"] / work
        print(f"reading, rules and writing together: {rest:.1%} of a scan with builtin")
        saved = len(texts) / spent["database, model none"]
        print(f"saving alone, with model none: {saved:,.0f} comments/s")


if __name__ == "__main__":
    main()
