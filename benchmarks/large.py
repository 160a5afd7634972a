"""Memory and speed of a scan as its input grows.

    python -m benchmarks.large [--counts 100000 1000000] [--model builtin] [--different 20000]

Makes that many comments of some 400 bytes as JSON lines, scans them as a process, with a
report and (`--db`) a database, and prints comments a second and the peak of its memory, its
processes together. Of the texts so many are different: with a model, the rest is known from
before, or a million comments would take the better part of an hour. What a scan holds on to
for each comment, and not for each text, is the same.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_WORDS = (
    "the council voted for a lane on the old road and nobody asked those who live there why "
    "it took so long to say what it costs or who pays you are an idiot if you believe them "
    "thank you for this report I have lived here for years see you at the meeting stupid"
).split()


def write(path: Path, count: int, different: int) -> None:
    """Comments of a few hundred authors, most of the length that comments have."""
    choice = random.Random(1)
    texts = [" ".join(choice.choices(_WORDS, k=choice.randint(20, 75))) for _ in range(different)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(
                json.dumps(
                    {
                        "id": f"c{number}",
                        "text": texts[number % different],
                        "author": f"author {choice.randrange(700)}",
                        "created_at": 1_700_000_000 + number * 30,
                        "url": f"https://news.example/{number // 5000}",
                    }
                )
                + "\n"
            )


def measure(command: Sequence[str]) -> tuple[float, int]:
    """Seconds and the peak of resident memory in bytes, child processes included."""
    began = time.perf_counter()
    environment = {**os.environ, "MODERATION_CACHE": "off"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(resident, family(process.pid))))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"the scan ended with {process.returncode}")
    return time.perf_counter() - began, peak


def family(pid: int) -> list[int]:
    """A process and those that it has started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def resident(pid: int) -> int:
    """Bytes of memory of its own that a process holds at this moment."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--counts", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--different", type=int, default=20_000, help="texts")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--db", action="store_true", help="fill a database, too")
    parser.add_argument("--format", default="jsonl")
    args = parser.parse_args(argv)
    first = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in args.counts:
            data, report = folder / "data.jsonl", folder / f"report.{count}"
            write(data, count, args.different)
            command = [
                *(sys.executable, "-m", "moderation", "scan", os.fspath(data)),
                *("--model", args.model, "--fail-on", "never"),
                *("--format", f"{args.format}={report}"),
                *(("--jobs", str(args.jobs)) if args.jobs else ()),
                *(("--db", os.fspath(folder / f"{count}.db")) if args.db else ()),
            ]
            seconds, peak = measure(command)
            first = first or peak
            print(
                f"{count:>10,} comments, {data.stat().st_size / 1e6:,.0f} MB: {seconds:,.1f} s, "
                f"{count / seconds:,.0f}/s, peak {peak / 1e6:,.0f} MB ({peak / first:.2f} times)",
                flush=True,
            )


if __name__ == "__main__":
    main()
