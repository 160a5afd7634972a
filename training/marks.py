"""Teach an exported transformer to mark the words that make a comment toxic.

    python -m training.marks build/export --data ../shared/data

The folder is one that `training.export` wrote; its graph gets the output `marks` and its
`meta.json` from when on a word is marked. What it gives as scores stays the same to the last
bit, which is checked. A tenth of `spans_train` chooses the thresholds, the rest trains the
head (`training.head`), together with harmless comments: all of `spans_train` are toxic, and a
head that has seen no others finds something in every one. `spans_dev` is only measured on.
Needs the extra [train]; five minutes and 4 GB of memory on one core.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from moderation.models.onnx import folder
from moderation.models.onnx.engine import OnnxModel
from moderation.models.onnx.marks import Reading, log_odds, spans
from moderation.models.onnx.windows import Tokens
from training import data as labelled
from training import head
from training.spans import Marked, character_f1, characters, evaluate, read

_HELD = 10  # one comment in so many
_THRESHOLDS = np.arange(0.1, 0.61, 0.02).round(2)
_TOXICITIES = (0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01)
#: What not marking the least toxic comments may cost in F1 at most.
_COST = 0.002
_PROBED = 100
#: Where harmless comments are taken from, how many of each, and how long at most.
_HARMLESS = ("train_jigsaw", "train_paradetox")
_HARMLESS_COUNT, _HARMLESS_LENGTH = 500, 600


def harmless(data: Path, random: np.random.Generator) -> list[Marked]:
    """Comments with no label at 1, as comments without marks."""
    found = []
    for name in _HARMLESS:
        given = labelled.read(data / f"{name}.csv.gz")
        rows = [
            at
            for at in np.flatnonzero(np.nan_to_num(given.labels, nan=0.0).max(axis=1) == 0)
            if given.labels[at, 0] == 0 and len(given.texts[at]) <= _HARMLESS_LENGTH
        ]
        chosen = random.permutation(rows)[:_HARMLESS_COUNT]
        found += [Marked(given.texts[at], frozenset()) for at in chosen]
    return found


def examples(model: Any, tokens: Tokens, comments: Sequence[Marked]) -> Iterator[head.Example]:
    """Every window of every comment; a token is true if most of its characters are marked."""
    states = head.reader(model)
    for comment in comments:
        places, windows = tokens.places(comment.text)
        truth = np.array(
            [
                2 * len(comment.marks.intersection(range(start, end))) > end - start
                for start, end in places
            ],
            dtype=np.float32,
        )
        for window, starts in windows.items():
            wanted = np.full(len(window), np.nan, dtype=np.float32)
            inside = wanted[tokens.inside]
            if inside.size:
                inside[:] = truth[starts[0] : starts[0] + len(inside)]
                yield head.Example(states(window), wanted)


def choose(comments: Sequence[Marked], readings: Sequence[Reading]) -> folder.Marks:
    """The threshold of the best F1, and the highest toxicity to begin at that costs little."""

    def scores(threshold: float) -> np.ndarray[Any, np.dtype[np.float64]]:
        least = log_odds(threshold)
        return np.array(
            [
                character_f1(one.marks, characters(spans(one.text, reading, least=least)))
                for one, reading in zip(comments, readings, strict=True)
            ]
        )

    reached = {float(threshold): scores(threshold) for threshold in _THRESHOLDS}
    best = max(reached, key=lambda threshold: float(reached[threshold].mean()))
    toxic = np.array([reading.toxicity for reading in readings])
    unmarked = np.array([not one.marks for one in comments], dtype=np.float64)
    for toxicity in _TOXICITIES:
        if np.where(toxic < log_odds(toxicity), unmarked, reached[best]).mean() >= (
            reached[best].mean() - _COST
        ):
            return folder.Marks(best, toxicity)
    return folder.Marks(best, 0.0)


def teach(
    path: Path, comments: Sequence[Marked], others: Sequence[Marked], plan: head.Plan
) -> None:
    """Give the model in a folder its marks.

    Args:
        path: the folder, changed in place.
        comments: toxic ones, for training and thresholds.
        others: harmless ones, for training alone.
        plan: how the head is trained.

    Raises:
        ModelError: this is no folder of a model.
        RuntimeError: the model would score differently.
    """
    found = folder.read(path)
    whole = onnx.load_from_string(found.graph)
    order = np.random.default_rng(plan.seed).permutation(len(comments))
    held = [comments[at] for at in order[: len(order) // _HELD]]
    learnt = [comments[at] for at in order[len(order) // _HELD :]]
    probes = [one.text for one in held[:_PROBED]]
    before = OnnxModel(path, name="before").logits(probes)
    tokens = Tokens(found.tokenizer, window=found.meta.window)
    trained = head.train(list(examples(whole, tokens, [*learnt, *others])), plan)
    made = head.attach(whole, trained)
    (path / folder.GRAPH).write_bytes(made.SerializeToString())
    model = OnnxModel(path, name="after")
    if not np.array_equal(model.logits(probes), before):
        (path / folder.GRAPH).write_bytes(found.graph)
        raise RuntimeError(f"{path}: the scores are no longer the same; nothing was changed")
    marks = choose(held, [model.reading(one.text) for one in held])
    meta = dataclasses.replace(found.meta, marks=marks)
    (path / folder.META).write_text(meta.dump(), encoding="utf-8")
    figure = evaluate(OnnxModel(path, name="marked"), held)
    print(f"{path}: {marks}; character F1 {figure:.4f} on {len(held)} held-out comments")


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    for field in dataclasses.fields(head.Plan):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    args = parser.parse_args(argv)
    plan = head.Plan(
        **{field.name: getattr(args, field.name) for field in dataclasses.fields(head.Plan)}
    )
    began = time.monotonic()
    others = harmless(args.data, np.random.default_rng(plan.seed))
    teach(args.folder, read(args.data / "spans_train.csv.gz"), others, plan)
    figure = evaluate(OnnxModel(args.folder, name="marked"), read(args.data / "spans_dev.csv.gz"))
    print(f"spans_dev: character F1 {figure:.4f}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
