"""The rule matcher against the two ways that others match, in one run.

    python -m benchmarks.rules [--data FOLDER] [--sizes 100 1000 10000] [--comments 8000]

Rules are made of the words of one corpus (60 % words, 25 % phrases, 15 % regexes) and run
on comments of others that they have not seen: Wikipedia's talk pages, which are long, and
an equal share of each of the other files, from news sites and social networks. The others:
a loop of `re.search` with IGNORECASE over the same rules, and alternations of 50 literals
at a time, as AutoModerator-like tools build them; both on a sample, for its characters,
counted as so many comments of the mean length. All take turns in rounds, each on comments
that none has seen before; a figure is the median of the rounds. Last, the shipped packs.
Prints microseconds (of the processor) a comment, ratios, the time of the build, without
and with the cache, and the memory of Python's objects.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import random
import re
import statistics
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from moderation.comments import LABELS, Comment
from moderation.packs import packs_folder
from moderation.rules.compile import compile_paths, compile_text
from moderation.rules.match import RuleSet

_FOLDER = Path("../shared/data")
#: What rules are made of, and the first of the corpora that they run on.
_SEEN, _UNSEEN = "train_jigsaw.csv.gz", "dev_jigsaw_natural.csv.gz"
_ROUNDS = 3
#: What others match a round: so many rules times comments.
_SAMPLE = 300_000
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


def build(text: str) -> tuple[RuleSet, float, float, float, float]:
    """The rules; seconds to read them as YAML, to build the matcher, and for both from a
    warm cache; MB of all that the cache gives."""
    began = time.process_time()
    compiled = compile_text(text)
    read_in = time.process_time() - began
    began = time.process_time()
    RuleSet(compiled)
    built_in = time.process_time() - began
    del compiled
    with TemporaryDirectory() as folder:
        os.environ.update(HOME=folder, XDG_CACHE_HOME=folder, MODERATION_CACHE="on")
        path = Path(folder) / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        RuleSet.load([path])
        began = time.process_time()
        RuleSet.load([path], _refuse)
        warm_in = time.process_time() - began
        tracemalloc.start()
        rules = RuleSet.load([path], _refuse)
        size = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
    return rules, read_in, built_in, warm_in, size


def _refuse(note: str) -> None:
    raise SystemExit(note)  # the figures would be those of something else


def corpora(folder: Path, count: int) -> dict[str, list[str]]:
    """About `count` comments each: of talk pages, and of every other source in equal parts."""
    others = sorted(set(folder.glob("train_*.csv.gz")) - {folder / _SEEN})
    mixed = [text for path in others for text in read(path, -(-count // len(others)))]
    random.Random(0).shuffle(mixed)
    return {"talk pages": read(folder / _UNSEEN, count), f"{len(others)} other sources": mixed}


def rounds(texts: Sequence[str]) -> list[list[str]]:
    """One part to warm up on, and one for each round."""
    return [list(texts[part :: _ROUNDS + 1]) for part in range(_ROUNDS + 1)]


def by_length(work: Callable[[str], object], texts: Sequence[str], characters: float) -> float:
    """Microseconds a comment of so many characters, from these."""
    return microseconds(work, texts) * characters * len(texts) / sum(map(len, texts))


def matcher(ruleset: RuleSet) -> Callable[[str], object]:
    scores = dict.fromkeys(LABELS, 0.1)
    return lambda text: ruleset.match(Comment("1", text), scores)


def compare(
    rules: Sequence[tuple[str, str]],
    views: dict[str, RuleSet],
    unseen: dict[str, list[str]],
) -> None:
    one_by_one, reddit = loop(rules), alternations(rules)
    ours = {name: matcher(ruleset) for name, ruleset in views.items()}
    some = max(20, _SAMPLE // len(rules))
    for corpus, texts in unseen.items():
        mean = sum(map(len, texts)) / len(texts)
        times: dict[str, list[float]] = {}
        for number, part in enumerate(rounds(texts)):
            taken = {
                "loop": by_length(one_by_one, part[:some], mean),
                "alternations": by_length(reddit, part[:some], mean),
            } | {name: microseconds(work, part) for name, work in ours.items()}
            for name, value in taken.items() if number else ():
                times.setdefault(name, []).append(value)
        median = {name: statistics.median(values) for name, values in times.items()}
        print(
            f"  {corpus}, {mean:.0f} characters on average:"
            f" re.search loop {median['loop']:,.0f}, alternations {median['alternations']:,.0f}"
        )
        for name in ours:
            print(
                f"    {name}: {median[name]:,.1f};"
                f" {median['loop'] / median[name]:,.0f} times the loop,"
                f" {median['alternations'] / median[name]:,.0f} times the alternations"
            )


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=_FOLDER, help="folder of csv.gz, column text")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--comments", type=int, default=8_000)
    args = parser.parse_args(argv)
    for path in (args.data / _SEEN, args.data / _UNSEEN):
        if not path.is_file():
            parser.error(f"{path} is not there; name its folder with --data")
    seen, unseen = read(args.data / _SEEN, 20_000), corpora(args.data, args.comments)
    print("microseconds a comment")
    for count in args.sizes:
        rules = make_rules(seen, count, random.Random(count))
        print(f"{len(rules):,} rules")
        views: dict[str, RuleSet] = {}
        for name, evasion in (("folded view alone", "off"), ("all evasion views", "normal")):
            views[name], read_in, built_in, warm_in, memory = build(as_yaml(rules, evasion))
            print(
                f"  {name}: read {read_in:.2f} s, build {built_in:.2f} s,"
                f" both from the cache {warm_in:.2f} s; {memory:.0f} MB"
            )
        compare(rules, views, unseen)
    packs = RuleSet(compile_paths([packs_folder()]))
    print(f"the shipped packs, {len(packs.rules)} rules")
    for corpus, texts in unseen.items():
        warm, *parts = rounds(texts)
        work = matcher(packs)
        microseconds(work, warm)
        median = statistics.median(microseconds(work, part) for part in parts)
        print(f"  {corpus}: {median:,.1f}")


if __name__ == "__main__":
    main()
