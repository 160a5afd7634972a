"""Comments per second: the embedded model against Detoxify, on the same comments.

    python -m benchmarks.models [--data FILE] [--count 60] [--threads N]

Detoxify runs on a checkpoint of BERT base's size with random weights (same speed, no
download) through `detoxify.Detoxify.predict`, one comment at a time and in batches of
32. The embedded model scores all comments of the file. Needs the extra [detoxify].
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.checkpoints import build

_DATA = Path("../shared/data/dev_jigsaw_natural.csv.gz")
_BATCH = 32


def read(path: Path) -> list[str]:
    """The column `text` of a csv or csv.gz."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def rate(action: Callable[[], object], count: int) -> float:
    """Comments per second of one call that scores `count` comments."""
    began = time.perf_counter()
    action()
    return count / (time.perf_counter() - began)


def measure(texts: Sequence[str], *, count: int, threads: int | None = None) -> dict[str, float]:
    """Comments per second of each way; `count` of the texts, by chance, for Detoxify."""
    import torch
    from detoxify import Detoxify

    from moderation import models

    if threads is not None:
        torch.set_num_threads(threads)
    sample = random.Random(0).sample(list(texts), min(count, len(texts)))
    builtin = models.load("builtin")
    builtin.score(texts[:100])
    rates = {"builtin": max(rate(lambda: builtin.score(texts), len(texts)) for _ in range(3))}
    with tempfile.TemporaryDirectory() as folder:
        reference = Detoxify(checkpoint=str(build(Path(folder), size="base", texts=texts)))
    reference.predict(sample[0])
    rates["detoxify one by one"] = rate(
        lambda: [reference.predict(text) for text in sample], len(sample)
    )
    rates[f"detoxify in batches of {_BATCH}"] = rate(
        lambda: [
            reference.predict(sample[at : at + _BATCH]) for at in range(0, len(sample), _BATCH)
        ],
        len(sample),
    )
    return rates


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_DATA, help="csv or csv.gz, column text")
    parser.add_argument("--count", type=int, default=60, help="comments for Detoxify")
    parser.add_argument("--threads", type=int, help="threads for torch; default: its own choice")
    args = parser.parse_args(argv)
    if not args.data.is_file():
        parser.error(f"{args.data} is not there; name a file with --data")
    texts = read(args.data)
    rates = measure(texts, count=args.count, threads=args.threads)
    fastest = rates["builtin"]
    print(
        f"{args.data.name}: {len(texts)} comments, "
        f"{sum(map(len, texts)) / len(texts):.0f} characters on average"
    )
    for name, value in rates.items():
        print(f"{name:<28}{value:>12,.1f} comments/s{fastest / value:>10,.0f} x")


if __name__ == "__main__":
    main()
