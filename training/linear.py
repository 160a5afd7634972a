"""Train the embedded linear model and write its file.

    python -m training.linear --data ../shared/data --out build/linear.npz

Needs the extra [train]. About three minutes and 8 GB of memory on one core. The same data,
seed and library versions give the same file.

One masked objective for all labels: the logistic loss of every labelled cell plus an L2
penalty, minimised with L-BFGS. Cells that a data set does not label take no part.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
import scipy.sparse as sp
from scipy.optimize import minimize

from moderation.models import grams
from moderation.models.linear import LinearModel
from training import metrics, mixture, templates
from training.data import LABELS, Labelled, read

Floats = npt.NDArray[np.float32]

#: What the shipped file was trained on, and under which terms.
LICENCES = {
    "train_jigsaw": "Jigsaw 2018, Wikipedia talk comments: labels CC0, text CC BY-SA 3.0",
    "train_paradetox": "ParaDetox: CC0",
    "train_ghc": "Gab Hate Corpus: CC BY 4.0",
    "train_cad": "Contextual Abuse Dataset: CC BY 4.0",
    "train_hatemoji": "HatemojiBuild: CC BY 4.0",
    "train_edos": "EDOS: CC0",
    "train_dynahate": "Dynamically Generated Hate Speech Dataset: CC BY 4.0",
    "train_sbic": "Social Bias Frames: CC BY 4.0",
    "train_toxigen": "ToxiGen: MIT",
    "train_implicit_hate": "Implicit Hate Corpus: CC BY 4.0",
    "train_hatexplain": "HateXplain: MIT",
    "train_civil_toxic": "Civil Comments: CC0",
    "spans_train": "SemEval-2021 task 5, on Civil Comments: CC0",
}
#: The first set is of the kind that is calibrated on and counts in full. The others, at a
#: twentieth each, cost 0.001 of mean AUC there (0.9856 without them) and win 0.01 to 0.04
#: on sets that were never trained on; see the README.
TRAIN = (
    "train_jigsaw",
    "train_paradetox",
    "train_toxigen",
    "train_dynahate",
    "train_hatemoji",
    "train_cad",
    "train_ghc",
    "train_sbic",
    "train_edos",
)
_MIN_TEXTS = 2  # a feature of a single training text says nothing about other texts
_SPREAD = 3.0  # brings tf-idf rows to about unit length, so that C means what it usually does
_FOLDS = 5
#: Added to a text's number of features where the root is taken; 0, 60 gave 0.9853, 0.9856.
DAMPING = 60.0


def matrix(texts: Sequence[str]) -> sp.csr_matrix:
    """Presence of each feature in each text: shape (n, 2**BITS), ones.

    Of a text longer than the window only the beginning is used.
    """
    columns: list[npt.NDArray[np.int32]] = []
    bounds = np.zeros(len(texts) + 1, dtype=np.int64)
    for index, rows in enumerate(grams.features(text[: grams.WINDOW] for text in texts)):
        columns.append(rows.astype(np.int32))
        bounds[index + 1] = bounds[index] + len(rows)
    ones = np.ones(int(bounds[-1]), dtype=np.float32)
    return sp.csr_matrix(
        (ones, np.concatenate(columns), bounds), shape=(len(texts), 1 << grams.BITS)
    )


def inverse_frequency(features: sp.csr_matrix) -> Floats:
    """The idf factor of each feature: shape (2**BITS,), 0 for the too rare ones."""
    frequency = np.bincount(features.indices, minlength=features.shape[1])
    idf = np.log((1 + features.shape[0]) / (1 + frequency)) + 1
    idf[frequency < _MIN_TEXTS] = 0
    return idf.astype(np.float32)


def weigh(features: sp.csr_matrix, idf: Floats) -> None:
    """Turn presence into idf / sqrt(number of features of the text + damping), in place."""
    sizes = np.diff(features.indptr)
    shares = (1 / (_SPREAD * np.sqrt(sizes + DAMPING))).astype(np.float32)
    features.data = idf[features.indices] * np.repeat(shares, sizes)


def in_sum(weights: npt.NDArray[np.float64], idf: Floats) -> npt.NDArray[np.float64]:
    """Weights of weighed features as weights of present ones, of which the model takes
    the sum: shape (features, k)."""
    return weights * (idf / _SPREAD)[:, None]


def fit(
    features: sp.csr_matrix,
    labels: Floats,
    groups: npt.NDArray[np.int64],
    worth: Sequence[float],
    *,
    strength: float,
    iterations: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Weights (features, labels) and offsets (sets, labels) of the masked regression.

    Each data set has offsets of its own: how often its comments are abusive says how
    they were chosen, not what abuse looks like.

    Args:
        features: shape (n, d).
        labels: shape (n, k), 1, 0 or NaN.
        groups: shape (n,), the number of the data set of each row, from 0.
        worth: how much a comment of each data set counts.
        strength: the inverse of the L2 penalty's weight, scikit-learn's C.
        iterations: at most so many steps of L-BFGS; an early stop regularises, too.
    """
    width, count = features.shape[1], labels.shape[1]
    sets = len(worth)
    shares = np.array(worth)[groups]
    mask = (~np.isnan(labels) * shares[:, None]).astype(np.float32)
    truth = np.nan_to_num(labels)
    turned = features.T.tocsr()
    members = sp.csr_matrix(
        (np.ones(groups.size, dtype=np.float32), (groups, np.arange(groups.size))),
        shape=(sets, groups.size),
    )

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights, offsets = point[: width * count], point[width * count :].reshape(sets, count)
        odds = features @ weights.reshape(width, count).astype(np.float32) + offsets[groups]
        value = float(np.sum(mask * (np.logaddexp(0, odds) - truth * odds)))
        slope = (mask * (1 / (1 + np.exp(-odds)) - truth)).astype(np.float32)
        gradient = np.concatenate(
            [(turned @ slope).ravel() + weights / strength, (members @ slope).ravel()]
        )
        return value + 0.5 / strength * float(weights @ weights), gradient

    start = np.zeros((width + sets) * count)
    ones = (truth * mask).sum(axis=0) + 1
    start[width * count :] = np.tile(np.log(ones / (mask.sum(axis=0) - ones + 2)), sets)
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 6, "maxfun": 2 * iterations},
    )
    weights, offsets = np.split(found.x, [width * count])
    return weights.reshape(width, count), offsets.reshape(sets, count)


def quantise(weights: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int8], Floats]:
    """8-bit weights, shape (labels, features), and each label's step: the weight of 1.

    The largest weight becomes 127. Cutting off the largest few for a finer step was
    tried and costs AUC: they are the words that matter.
    """
    steps = np.abs(weights).max(axis=0) / 127
    whole = np.rint(weights / steps).astype(np.int8)
    return np.ascontiguousarray(whole.T), steps.astype(np.float32)


def write(
    path: Path,
    weights: npt.NDArray[np.int8],
    scale: Iterable[float],
    offset: Iterable[float],
    card: dict[str, Any],
) -> None:
    """One compressed .npz without pickles; `card` is kept as JSON.

    `weights` has shape (labels, features): a label's weights lie side by side, which
    compresses better and is faster to read.
    """
    np.savez_compressed(
        path,
        weights=weights,
        scale=np.array(list(scale), dtype=np.float64),
        offset=np.array(list(offset), dtype=np.float64),
        damping=np.array(DAMPING),
        labels=np.array(LABELS),
        features=np.array(grams.VERSION),
        card=np.array(json.dumps(card, indent=1)),
    )


def calibrate(path: Path, dev: Labelled, *, seed: int) -> dict[str, Any]:
    """Put calibrated probabilities into the file; the figures of the result.

    AUC and calibration are measured through the runtime that ships. The calibration
    error is cross-fitted: no comment is judged with a line fitted on itself.
    """
    odds = LinearModel(path, name="raw").log_odds(dev.texts)
    known = ~np.isnan(dev.labels)
    lines = [
        metrics.platt(dev.labels[known[:, i], i], odds[known[:, i], i]) for i in range(len(LABELS))
    ]
    honest = metrics.cross_fitted(dev.labels, odds, folds=_FOLDS, seed=seed)
    with np.load(path) as file:
        slopes, shifts = np.array(lines).T
        scale, offset = file["scale"] * slopes, file["offset"] * slopes + shifts
        weights, card = file["weights"], json.loads(str(file["card"]))
    areas = metrics.auc(dev.labels, odds)
    raw = 1 / (1 + np.exp(-odds))
    figures = {
        "data": dev.name,
        "comments": len(dev.texts),
        "auc": dict(zip(LABELS, areas, strict=True)),
        "mean_auc": metrics.mean(areas),
        "ece_before": dict(zip(LABELS, metrics.calibration_error(dev.labels, raw), strict=True)),
        "ece": dict(zip(LABELS, metrics.calibration_error(dev.labels, honest), strict=True)),
    }
    write(path, weights, scale, offset, {**card, "figures": figures})
    return figures


def made(count: int, *, seed: int) -> Labelled:
    """Sentences from templates: identity words in harmless ones and in hateful ones."""
    random = Random(f"linear/{seed}")
    rows = [templates.draw(random) for _ in range(count)]
    targets = [[np.nan if one is None else one for one in wanted] for _, wanted in rows]
    labels = np.array(targets, dtype=np.float32).reshape(-1, len(LABELS))
    return Labelled("sentences from templates", [text for text, _ in rows], labels)


def _sets(data: Path, names: Sequence[str]) -> list[Labelled]:
    """The sets; of those that the transformer learns from, too, the part that it learns from."""
    if not set(names) <= mixture.QUOTAS.keys():
        return [read(data / f"{name}.csv.gz") for name in names]
    known = mixture.load(data).train
    return [known[name] for name in names]


def train(args: argparse.Namespace) -> dict[str, Any]:
    """The whole way from data files to a model file; the figures on the dev set."""
    began = time.perf_counter()
    sets = [*_sets(args.data, args.train), made(args.made, seed=args.seed)]
    features = sp.vstack([matrix(one.texts) for one in sets], format="csr")
    labels = np.concatenate([one.labels for one in sets])
    print(
        f"{features.shape[0]} comments, {features.nnz / 1e6:.0f} M features, "
        f"{time.perf_counter() - began:.0f} s",
        flush=True,
    )
    idf = inverse_frequency(features)
    weigh(features, idf)
    used = np.flatnonzero(idf)
    features = features[:, used]
    weights = np.zeros((idf.size, len(LABELS)))
    groups = np.repeat(np.arange(len(sets)), [len(one.texts) for one in sets])
    weights[used], offsets = fit(
        features,
        labels,
        groups,
        [1.0, *[args.others] * (len(sets) - 2), args.made_worth],
        strength=args.strength,
        iterations=args.iterations,
    )
    print(f"fitted after {time.perf_counter() - began:.0f} s", flush=True)
    whole, steps = quantise(in_sum(weights, idf))
    card = {
        "model": "logistic regression on hashed word 1-2-grams and character 3-5-grams",
        "trained_on": {one.name: len(one.texts) for one in sets},
        "licences": {one.name: LICENCES.get(one.name, "see the data's README") for one in sets[:-1]}
        | {sets[-1].name: "this project's own"},
        "calibrated_on": f"{args.dev} (Wikipedia talk, natural prevalence)",
        "settings": {
            "strength": args.strength,
            "iterations": args.iterations,
            "others": args.others,
            "made_worth": args.made_worth,
            "seed": args.seed,
        },
        "libraries": {"numpy": np.__version__, "scipy": scipy.__version__},
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write(args.out, whole, steps.tolist(), offsets[0].tolist(), card)
    return calibrate(args.out, read(args.data / f"{args.dev}.csv.gz"), seed=args.seed)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("build/linear.npz"))
    parser.add_argument("--train", nargs="+", default=TRAIN, metavar="NAME")
    parser.add_argument("--dev", default="dev_jigsaw_natural", metavar="NAME")
    parser.add_argument(
        "--others", type=float, default=0.05, help="worth of a comment of any set but the first"
    )
    parser.add_argument("--made", type=int, default=10_000, help="sentences from templates")
    parser.add_argument("--made-worth", type=float, default=0.15, help="worth of one of them")
    parser.add_argument("--strength", type=float, default=3.0, help="C of the L2 penalty")
    parser.add_argument("--iterations", type=int, default=45)
    parser.add_argument("--seed", type=int, default=0, help="of the cross-fitting folds")
    args = parser.parse_args(argv)
    figures = train(args)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB")
    print(f"{'label':<18}{'AUC':>8}{'ECE raw':>10}{'ECE':>8}")
    for label in LABELS:
        print(
            f"{label:<18}{figures['auc'][label]:>8.4f}"
            f"{figures['ece_before'][label]:>10.4f}{figures['ece'][label]:>8.4f}"
        )
    print(f"{'mean':<18}{figures['mean_auc']:>8.4f}")


if __name__ == "__main__":
    main()
