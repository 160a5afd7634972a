"""Comments per second: our models against Detoxify, on the same comments in one run.

    python -m benchmarks.models [--data FILE] [--count 200] [--threads N] [--rounds 2]

Detoxify runs on a checkpoint of BERT base's size with random weights (same speed, no
download) through `detoxify.Detoxify.predict`, one comment at a time and in batches of
32. Against it run the same checkpoint compiled to int8 and to float32, a compiled model
of MiniLM-L6's size, `builtin` with and without its gate, and its linear stage. Each
scores the same comments once a round, and its best round counts. Needs the extra
[detoxify].
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
from functools import partial
from pathlib import Path

from benchmarks.checkpoints import build
from moderation.models.onnx.folder import PRECISIONS

_DATA = Path("../shared/data/dev_jigsaw_natural.csv.gz")
_BATCH = 32
_BASE = "detoxify one by one"


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


def contestants(
    folder: Path, texts: Sequence[str], threads: int | None
) -> dict[str, Callable[[Sequence[str]], object]]:
    """What scores, by name; compiles what must be, in `folder`."""
    from detoxify import Detoxify

    from moderation import models
    from moderation.models.compile.compiler import compile_model

    checkpoints = {}
    for size in ("base", "mini"):
        (folder / size).mkdir()
        checkpoints[size] = str(build(folder / size, size=size, texts=texts))
    reference = Detoxify(checkpoint=checkpoints["base"])

    def one_by_one(sample: Sequence[str]) -> None:
        for text in sample:
            reference.predict(text)

    def batches(sample: Sequence[str]) -> None:
        for at in range(0, len(sample), _BATCH):
            reference.predict(list(sample[at : at + _BATCH]))

    found: dict[str, Callable[[Sequence[str]], object]] = {
        _BASE: one_by_one,
        f"detoxify in batches of {_BATCH}": batches,
    }
    for size, checkpoint in checkpoints.items():
        for precision in PRECISIONS:
            made = compile_model(checkpoint, precision=precision, target=folder / size / precision)
            model = models.load(str(made.path), threads=threads)
            found[f"{size} {precision}, {made.size / 1e6:.0f} MB"] = model.score
    found["builtin --exact"] = models.load("builtin", exact=True, threads=threads).score
    found["builtin"] = models.load("builtin", threads=threads).score
    found["linear"] = models.load("linear").score
    return found


def measure(
    texts: Sequence[str], *, count: int, rounds: int, threads: int | None = None
) -> dict[str, float]:
    """Comments per second of each way, on `count` of the texts, taken by chance."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    sample = random.Random(0).sample(list(texts), min(count, len(texts)))
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        ways = contestants(Path(folder), texts, threads)
        for score in ways.values():
            score(sample[:2])
        for _ in range(rounds):
            for name, score in ways.items():
                found = rate(partial(score, sample), len(sample))
                rates[name] = max(found, rates.get(name, 0))
    return rates


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_DATA, help="csv or csv.gz, column text")
    parser.add_argument("--count", type=int, default=200, help="comments to score")
    parser.add_argument("--rounds", type=int, default=2, help="how often; the best counts")
    parser.add_argument("--threads", type=int, help="threads for all; default: one a core")
    args = parser.parse_args(argv)
    if not args.data.is_file():
        parser.error(f"{args.data} is not there; name a file with --data")
    texts = read(args.data)
    rates = measure(texts, count=args.count, rounds=args.rounds, threads=args.threads)
    one_by_one = rates[_BASE]
    print(
        f"{args.data.name}: {args.count} of {len(texts)} comments, "
        f"{sum(map(len, texts)) / len(texts):.0f} characters on average"
    )
    for name, value in rates.items():
        print(f"{name:<28}{value:>12,.1f} comments/s{value / one_by_one:>10,.1f} x")


if __name__ == "__main__":
    main()
