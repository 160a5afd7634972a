"""The rule matcher against the two ways that others match, in one run.

    python -m benchmarks.rules [--data FILE] [--train FILE] [--sizes 100 1000 10000]

Rules are made of the words of one corpus (60 % words, 25 % phrases, 15 % regexes) and run
on comments of another that they have not seen. The others: a loop of `re.search` with
IGNORECASE over the same rules, and alternations of 50 literals at a time, as
AutoModerator-like tools build them; both on a sample of the comments. Prints
microseconds (of the processor) a comment, ratios, the time of the build and the memory it takes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from moderation.comments import Comment
from moderation.rules.compile import compile_text
from moderation.rules.match import RuleSet

_FOLDER = Path("../shared/data")
_REGEXES = (
    r"\b{0}(s|ed|ing)?\b",
    r"\b({0}|{1})\b",
    r"\b{0} (and|or|of) \w+",
    r"\b(very |so )?{0} {1}\b",
    r"{0}\W+{1}",
    r"\b{0}.{{0,20}}\b{1}\b",
)


def read(path: Path, most: int) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = (row["text"] for row in csv.DictReader(file))
        return [text for _, text in zip(range(most), rows, strict=False)]


def make_rules(texts: Sequence[str], count: int, draw: random.Random) -> list[tuple[str, str]]:
    """(operator, pattern) pairs: words that are not in every comment, real phrases."""
    tokens = [re.findall(r"[a-z]{3,}", text.lower()) for text in texts]
    counts = Counter(word for words in tokens for word in set(words))
    usual = len(texts) / 2_000
    words = sorted(word for word, number in counts.items() if 2 <= number <= usual)
    phrases = sorted(
        {
            " ".join(words[at : at + size])
            for words in tokens
            for at in range(0, len(words) - 3, 7)
            for size in (2, 3)
        }
    )
    draw.shuffle(words)
    draw.shuffle(phrases)
    many, some = count * 60 // 100, count * 25 // 100
    rules = [("words", word) for word in words[:many]]
    rules += [("words", phrase) for phrase in phrases[:some]]
    for index in range(count - len(rules)):
        shape = _REGEXES[index % len(_REGEXES)]
        rules.append(("regex", shape.format(draw.choice(words), draw.choice(words))))
    return rules


def as_yaml(rules: Sequence[tuple[str, str]], evasion: str) -> str:
    return "version: 1\nrules:\n" + "".join(
        f"  - {{id: r.{index}, action: flag, when: {{text: {{{operator}: '{pattern}', "
        f"evasion: '{evasion}'}}}}}}\n"
        for index, (operator, pattern) in enumerate(rules)
    )


def microseconds(work: Callable[[str], object], texts: Sequence[str]) -> float:
    began = time.process_time()
    for text in texts:
        work(text)
    return (time.process_time() - began) / len(texts) * 1e6


def loop(rules: Sequence[tuple[str, str]]) -> Callable[[str], object]:
    patterns = [
        re.compile(rf"\b{re.escape(text)}\b" if operator == "words" else text, re.IGNORECASE)
        for operator, text in rules
    ]
    return lambda text: [index for index, one in enumerate(patterns) if one.search(text)]


def alternations(rules: Sequence[tuple[str, str]]) -> Callable[[str], object]:
    literals = [re.escape(text) for operator, text in rules if operator == "words"]
    parts = [
        re.compile(r"\b(?:" + "|".join(literals[at : at + 50]) + r")\b", re.IGNORECASE)
        for at in range(0, len(literals), 50)
    ]
    parts += [re.compile(text, re.IGNORECASE) for operator, text in rules if operator != "words"]
    return lambda text: [index for index, one in enumerate(parts) if one.search(text)]


def build(text: str) -> tuple[RuleSet, float, float, float]:
    """The rules, seconds to read the file, seconds to build the matcher, its MB."""
    began = time.process_time()
    compiled = compile_text(text)
    read_in = time.process_time() - began
    began = time.process_time()
    RuleSet(compiled)
    built_in = time.process_time() - began
    tracemalloc.start()
    rules = RuleSet(compiled)
    size = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return rules, read_in, built_in, size


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_FOLDER / "dev_jigsaw_natural.csv.gz")
    parser.add_argument("--train", type=Path, default=_FOLDER / "train_jigsaw.csv.gz")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--comments", type=int, default=3_000)
    args = parser.parse_args(argv)
    for path in (args.data, args.train):
        if not path.is_file():
            parser.error(f"{path} is not there; name a file with --data and --train")
    seen, unseen = read(args.train, 20_000), read(args.data, args.comments)
    size = sum(map(len, unseen)) / len(unseen)
    print(f"{len(unseen):,} comments, {size:.0f} characters on average; microseconds a comment")
    for count in args.sizes:
        rules = make_rules(seen, count, random.Random(count))
        sample = unseen[: max(20, min(len(unseen), 200_000 // count))]
        others = microseconds(loop(rules), sample)
        reddit = microseconds(alternations(rules), sample)
        print(f"{len(rules):,} rules: re.search loop {others:,.0f}, alternations {reddit:,.0f}")
        for name, evasion in (("folded view alone", "off"), ("all evasion views", "normal")):
            ruleset, read_in, built_in, memory = build(as_yaml(rules, evasion))

            def ours(text: str, ruleset: RuleSet = ruleset) -> object:
                return ruleset.match(Comment("1", text), {})

            first = microseconds(ours, unseen)
            again = microseconds(ours, unseen)
            print(
                f"  {name}: {first:,.1f} first, {again:,.1f} again;"
                f" {others / first:,.0f} and {others / again:,.0f} times the loop,"
                f" {reddit / again:,.0f} times the alternations;"
                f" read {read_in:.2f} s, build {built_in:.2f} s, {memory:.0f} MB"
            )


if __name__ == "__main__":
    main()
