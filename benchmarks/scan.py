"""The whole scan against the script that people write today, in one run.

    python -m benchmarks.scan [--data FILE] [--count 60]

Times `moderation scan --model builtin` as a process, start-up, reading, rules, model
and report included, over all comments of a csv; then `detoxify.Detoxify.predict` on the
same comments one at a time (a sample of them), on a checkpoint of BERT base's size with
random weights: the same speed as the real one, without its download. Prints comments a
second, the ratio, and the wall times of small calls. Needs the extra [detoxify].
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.checkpoints import build
from benchmarks.models import rate, read

_DATA = Path("../shared/data/dev_jigsaw_natural.csv.gz")
_REPEATS = 3


def seconds(*args: str) -> float:
    """Wall time of one call of the program, the best of a few."""
    best = float("inf")
    for _ in range(_REPEATS):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "moderation", *args], check=False, capture_output=True
        )
        best = min(best, time.perf_counter() - began)
    return best


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_DATA, help="csv or csv.gz, column text")
    parser.add_argument("--count", type=int, default=60, help="comments for Detoxify")
    args = parser.parse_args(argv)
    if not args.data.is_file():
        parser.error(f"{args.data} is not there; name a file with --data")
    texts = read(args.data)
    print(
        f"{args.data.name}: {len(texts):,} comments, "
        f"{sum(map(len, texts)) / len(texts):.0f} characters on average; "
        f"{os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        report = f"jsonl={path / 'report.jsonl'}"
        scan = ("scan", os.fspath(args.data), "--fail-on", "never", "--format", report)
        ours = len(texts) / seconds(*scan)
        without = len(texts) / seconds(*scan, "--model", "none")
        single = path / "one.txt"
        single.write_text("Thank you for the article.\n")
        version, one = seconds("--version"), seconds("scan", os.fspath(single))

        from detoxify import Detoxify

        reference = Detoxify(checkpoint=os.fspath(build(path, size="base", texts=texts)))
        sample = random.Random(0).sample(texts, min(args.count, len(texts)))
        reference.predict(sample[0])
        theirs = rate(lambda: [reference.predict(text) for text in sample], len(sample))
    print(f"{'moderation scan --model builtin':<36}{ours:>10,.1f} comments/s")
    print(f"{'moderation scan --model none':<36}{without:>10,.1f} comments/s")
    print(f"{'Detoxify.predict one by one':<36}{theirs:>10,.1f} comments/s")
    print(f"ratio of the whole scan to Detoxify.predict: {ours / theirs:,.0f}")
    print(f"moderation --version: {version:.2f} s; scan of one comment: {one:.2f} s")


if __name__ == "__main__":
    main()
