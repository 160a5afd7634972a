"""Judge models on what training never saw, side by side.

    python -m training.judge --data ../shared/data builtin detoxify:build/minilm/model.ckpt

A model is any name that `moderation.models.load` takes; the path of a folder that
`training.export` wrote is one. Each label is calibrated on `dev_jigsaw_natural` first (the
figures on that set itself are cross-fitted), so 0.5 means the same for all. Needs the extra
[train].
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from moderation import models
from training import blind, metrics, probes
from training import spans as marked
from training.blind import Line
from training.data import LABELS, Labelled, read
from training.mixture import load
from training.spellings import as_people_write

Scores = npt.NDArray[np.float64]
Score = Callable[[Sequence[str]], Scores]

_TOXICITY, _IDENTITY = LABELS.index("toxicity"), LABELS.index("identity_attack")
_LIMIT = 0.5


def log_odds(name: str) -> Score:
    """The scorer of a model: texts to log-odds of shape (n, labels).

    Raises:
        ModelError: no such model.
        ValueError: it lacks one of the six labels.
    """
    model = models.load(name)
    columns = [model.labels.index(label) for label in LABELS]

    def score(texts: Sequence[str]) -> Scores:
        chances = np.clip(model.score(texts)[:, columns].astype(np.float64), 1e-7, 1 - 1e-7)
        result: Scores = np.log(chances / (1 - chances))
        return result

    return score


class Calibrated:
    """A scorer whose log-odds were made honest on one set."""

    def __init__(self, score: Score, odds: Scores, labels: npt.NDArray[np.floating]) -> None:
        self._score = score
        self._lines = [metrics.platt(labels[:, at], odds[:, at]) for at in range(len(LABELS))]

    def __call__(self, texts: Sequence[str]) -> Scores:
        """Probabilities of shape (n, labels)."""
        slopes, shifts = np.array(self._lines).T
        result: Scores = 1 / (1 + np.exp(-(self._score(texts) * slopes + shifts)))
        return result


def natural(dev: Labelled, odds: Scores) -> list[Line]:
    """Ranking and honesty where comments are as they come."""
    areas = metrics.auc(dev.labels, odds)
    honest = metrics.cross_fitted(dev.labels, odds, folds=5, seed=0)
    errors = metrics.calibration_error(dev.labels, honest)
    detail = " ".join(f"{area or float('nan'):.4f}" for area in areas)
    return [
        Line("natural: mean AUC", metrics.mean(areas), detail),
        Line("natural: largest ECE", max(errors), " ".join(f"{one:.4f}" for one in errors)),
    ]


def held(sets: dict[str, Labelled], score: Score, limit: int) -> list[Line]:
    """AUC of toxicity and identity_attack on the held-out part of each source."""
    lines = []
    for name, one in sets.items():
        chosen = np.random.default_rng(0).permutation(len(one.texts))[:limit]
        found = score([one.texts[at] for at in chosen])
        areas = metrics.auc(one.labels[chosen], found)
        for at in (_TOXICITY, _IDENTITY):
            area = areas[at]
            if area is not None:
                lines.append(Line(f"held {name}: {LABELS[at]}", area, f"{chosen.size} rows"))
    return lines


def functions(score: Score) -> list[Line]:
    """Own functional hate tests: AUC over all, and the share that is right in each."""
    tests = probes.functional()
    found = score([test.text for test in tests])
    truth = np.array([test.hateful for test in tests], dtype=float)
    # every function counts the same, however many sentences it has
    lines = []
    names = list(dict.fromkeys(test.function for test in tests))
    picked = np.concatenate(
        [
            np.random.default_rng(at).choice(
                [row for row, test in enumerate(tests) if test.function == name], 200
            )
            for at, name in enumerate(names)
        ]
    )
    for label in (_TOXICITY, _IDENTITY):
        area = metrics.auc(truth[picked, None], found[picked, label, None])[0]
        lines.append(Line(f"functional: AUC of {LABELS[label]}", area or float("nan")))
    for name in names:
        rows = [row for row, test in enumerate(tests) if test.function == name]
        flagged = found[rows].max(axis=1) >= _LIMIT
        meant = tests[rows[0]].hateful
        share = float(np.mean(flagged == meant))
        by_label = (found[rows][:, [_TOXICITY, _IDENTITY]] >= _LIMIT).mean(axis=0)
        detail = (
            f"{'hate' if meant else 'no hate'}; flagged by toxicity {by_label[0]:.0%}, "
            f"by identity_attack {by_label[1]:.0%}"
        )
        lines.append(Line(f"functional: {name}", share, detail))
    return lines


def fairness(score: Score) -> list[Line]:
    """How often harmless sentences about a group are flagged, by any label."""
    tests = probes.identities()
    flagged = score([test.text for test in tests]).max(axis=1) >= _LIMIT
    return blind.by_group("identity", [test.group for test in tests], flagged)


def misspelt(sets: dict[str, Labelled], dev: Labelled, score: Score, limit: int) -> list[Line]:
    """Recall on toxic comments as written and as people misspell them, and false alarms."""
    random = Random(7)
    toxic: list[tuple[str, str]] = []
    harmless: list[tuple[str, str]] = []
    for one in (dev, *sets.values()):
        for text, label in zip(one.texts, one.labels[:, _TOXICITY], strict=True):
            if len(text) < 400 and label == label:
                respelt = as_people_write(text, random, abusive=label == 1)
                if respelt not in (None, text):
                    (toxic if label == 1 else harmless).append((text, str(respelt)))
    lines = []
    for name, pairs in (("recall kept", toxic), ("false alarms, times as many", harmless)):
        order = np.random.default_rng(0).permutation(len(pairs))[:limit]
        before, after = (
            float((score([pairs[at][side] for at in order])[:, _TOXICITY] >= _LIMIT).mean())
            for side in (0, 1)
        )
        detail = f"{before:.1%} → {after:.1%} of {order.size}"
        lines.append(Line(f"misspelt: {name}", after / max(before, 1e-9), detail))
    return lines


def spans(folder: Path, score: Score, limit: int) -> list[Line]:
    """Recall on news-site comments that are all toxic."""
    texts = read(folder / "spans_dev.csv.gz").texts[:limit]
    return [Line("spans_dev: recall", float((score(texts)[:, _TOXICITY] >= _LIMIT).mean()))]


def marks(name: str, folder: Path, limit: int) -> list[Line]:
    """How well the model finds the words that made those comments toxic, where it tells."""
    model = models.load(name)
    if not isinstance(model, marked.Marker):
        return [Line("spans_dev: character F1", float("nan"))]
    comments = marked.read(folder / "spans_dev.csv.gz")[:limit]
    return [Line("spans_dev: character F1", marked.evaluate(model, comments))]


def judge(name: str, data: Path, *, limit: int) -> list[Line]:
    """All figures of one model."""
    dev = read(data / "dev_jigsaw_natural.csv.gz")
    sets = load(data).held
    raw = log_odds(name)
    odds = raw(dev.texts)
    score = Calibrated(raw, odds, dev.labels)
    return [
        *natural(dev, odds),
        *held(sets, score, limit),
        *functions(score),
        *fairness(score),
        *misspelt(sets, dev, score, limit),
        *spans(data, score, limit),
        *marks(name, data, limit),
        *blind.lines(score),
    ]


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--limit", type=int, default=1000, help="rows of each held-out part")
    args = parser.parse_args(argv)
    columns = [judge(name, args.data, limit=args.limit) for name in args.models]
    for lines in zip(*columns, strict=True):
        print(f"{lines[0].name:<44}" + "".join(f"{line.value:>9.4f}" for line in lines))
        for line in lines:
            if line.detail:
                print(f"    {line.detail}")


if __name__ == "__main__":
    main()
