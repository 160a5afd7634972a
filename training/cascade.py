"""Join the linear model and the transformer into the folder that ships as `builtin`.

    python -m training.cascade build/export --linear build/linear.npz --data ../shared/data \\
        --out moderation/models/builtin

`build/export` is what `training.export` and `training.marks` wrote. Here the weights of
the two are fixed and calibrated on comments as they come, a gate is taught to foretell the
outcome from n-grams alone, and its limit is set. About ten minutes on two cores, most of
them for the transformer's reading of what the gate learns from.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls
from sklearn.linear_model import Ridge

from moderation.models import cascade
from moderation.models.linear import LinearModel
from moderation.models.onnx import folder
from moderation.models.onnx.engine import OnnxModel
from training import linear, metrics, mixture, templates
from training.data import LABELS, Labelled, read
from training.export import best_threshold

Floats = npt.NDArray[np.float64]

#: Rows that the gate learns from. Wikipedia's is what it must be quick on; the others and
#: the templates teach it what else deserves a reading.
_GATE_FIRST = "train_jigsaw"
_GATE_ROWS, _GATE_OTHERS, _GATE_MADE = 30_000, 2_000, 4_000
#: Log-odds beyond which it does not matter to the gate how far.
_FLOOR, _CEILING = -7.0, 2.0
_DAMPING = 1.0  # of the ridge
#: The gate's share of the linear model's own highest log-odds, beside what it foretells.
#: Alone neither is as good: of 877 comments at 0.5 or more, 3 and 1 were missed where 30 %
#: are read on, and 0 together; of hateful sentences from probes 1 %, 8 % and 1 %.
_OWN = 0.5
_FOLDS = 5


@dataclass(frozen=True)
class Read:
    """Texts as both models read them, in pieces.

    Attributes:
        pieces: of all texts, in a row.
        starts: the first piece of each text, shape (n,).
        linear: log-odds, shape (pieces, labels).
        transformer: the same.
    """

    pieces: list[str]
    starts: npt.NDArray[np.intp]
    linear: Floats
    transformer: Floats

    def worst(self, odds: Floats) -> Floats:
        """Of each text's pieces the highest value, shape (n, ...)."""
        found: Floats = np.maximum.reduceat(odds, self.starts)
        return found


def read_all(texts: Sequence[str], first: LinearModel, second: OnnxModel) -> Read:
    """Both models' log-odds of every piece."""
    flat, starts = cascade.in_pieces(texts)
    seen = []
    for start in range(0, len(flat), 2_000):
        seen.append(second.logits(flat[start : start + 2_000]))
        print(f"\r{start + len(seen[-1]):,} of {len(flat):,} pieces", end="", flush=True)
    print()
    return Read(flat, starts, first.log_odds(flat), np.concatenate(seen))


def blend(dev: Read, labels: Floats, share: float) -> Floats:
    """Per label the weights of linear and transformer, and the offset: shape (labels, 3).

    The two are added in fixed shares, then a Platt line makes the sum a probability. To fit
    the shares as well was tried: on the comments that they are fitted on the linear model
    gets half, and away from Wikipedia, where it knows less, that costs more than it brings.
    """
    rows = []
    raw = dev.worst(share * dev.linear + (1 - share) * dev.transformer)
    for label in range(labels.shape[1]):
        slope, offset = metrics.platt(labels[:, label], raw[:, label])
        rows.append((slope * share, slope * (1 - share), offset))
    return np.array(rows)


def passed_line(dev: Read, outcome: Floats, gate: Floats, limit: float) -> Floats:
    """How the linear log-odds and the gate's become the outcome's where the gate passes a
    text: least squares without negative weights, shape (labels, 3)."""
    under = gate < limit
    rows = []
    for label in range(outcome.shape[1]):
        known = np.stack([dev.linear[under, label], gate[under]], axis=1)
        wanted = outcome[under, label]
        weights, _ = nnls(known - known.mean(axis=0), wanted - wanted.mean())
        rows.append((*weights, float(wanted.mean() - known.mean(axis=0) @ weights)))
    return np.array(rows)


def teach_gate(texts: Sequence[str], odds: Floats) -> tuple[npt.NDArray[np.int8], float, float]:
    """Weights per n-gram, the scale of their sum, and the offset.

    Ridge regression on the highest log-odds of each text, shape (n,), on the linear model's
    own features, so that reading them once serves both.
    """
    features = linear.matrix([cascade.pieces(text)[0] for text in texts])
    idf = linear.inverse_frequency(features)
    linear.weigh(features, idf)
    wanted = np.clip(odds, _FLOOR, _CEILING)
    model = Ridge(alpha=_DAMPING, solver="sparse_cg", max_iter=100, tol=1e-4)
    model.fit(features, wanted)
    weights, steps = linear.quantise(linear.in_sum(model.coef_[:, None], idf))
    return weights[0], float(steps[0]), float(model.intercept_)


def with_gate(
    source: Path, target: Path, gate: npt.NDArray[np.int8], line: Sequence[float]
) -> LinearModel:
    """Write the linear model's file once more, with the gate in it."""
    with np.load(source) as file:
        parts = {name: file[name] for name in file.files}
    np.savez_compressed(target, **{**parts, "gate": gate, "gate_line": np.array(line)})
    return LinearModel(target, name="gated")


def choose_limit(gate: Floats, outcome: Floats, *, most_read: float) -> float:
    """The gate's limit: below the worst text that counts, and no lower than it pays.

    Args:
        gate: of each text's most feared piece, shape (n,).
        outcome: highest log-odds of each text, shape (n,).
        most_read: share of the texts that may be read on. As much of it is used as there
            is: a lower limit misses less of what these texts do not show.
    """
    feared = np.sort(gate[outcome >= 0])
    safe = float(feared[int(0.001 * feared.size)]) if feared.size else float("inf")
    return min(safe, float(np.quantile(gate, 1 - most_read)))


def _gate_texts(data: Path, seed: int, scale: float) -> list[str]:
    corpus = mixture.load(data)
    random = Random(f"gate/{seed}")
    texts = []
    for name, one in corpus.train.items():
        count = round(scale * (_GATE_ROWS if name == _GATE_FIRST else _GATE_OTHERS))
        texts += random.sample(one.texts, min(count, len(one.texts)))
    return texts + [templates.draw(random)[0] for _ in range(round(scale * _GATE_MADE))]


def figures(labels: Floats, exact: Floats, quick: Floats, name: str) -> dict[str, Any]:
    """What the folder's card says; log-odds of both ways, shape (n, labels)."""
    honest = metrics.cross_fitted(labels, exact, folds=_FOLDS, seed=0)
    areas, quicker = metrics.auc(labels, exact), metrics.auc(labels, quick)
    strong = exact.max(axis=1) >= 0
    missed = int((quick.max(axis=1)[strong] < 0).sum())
    return {
        "data": name,
        "comments": len(labels),
        "auc": dict(zip(LABELS, areas, strict=True)),
        "mean_auc": metrics.mean(areas),
        "mean_auc_cascade": metrics.mean(quicker),
        "missed_by_cascade": [missed, int(strong.sum())],
        "ece": dict(zip(LABELS, metrics.calibration_error(labels, honest), strict=True)),
        "thresholds": {
            label: best_threshold(labels[:, at], honest[:, at]) for at, label in enumerate(LABELS)
        },
    }


def join(args: argparse.Namespace) -> dict[str, Any]:
    """Everything, from the two models to the folder; the figures on the dev set."""
    first = LinearModel(args.linear, name="linear")
    second = OnnxModel(args.export, name="transformer", threads=args.threads)
    dev: Labelled = read(args.data / f"{args.dev}.csv.gz")
    seen = read_all(dev.texts, first, second)
    recipe = cascade.Recipe(0.0, blend(seen, dev.labels, args.share), np.zeros((len(LABELS), 3)))
    if args.gate is None:
        texts = _gate_texts(args.data, args.seed, args.scale)
        taught = read_all(texts, first, second)
        outcome = taught.worst(recipe.of_both(taught.linear, taught.transformer)).max(axis=1)
        gate_parts = teach_gate(texts, outcome)
    else:
        with np.load(args.gate) as file:
            gate_parts = (file["gate"], *file["gate_line"][:2].tolist())
    weights, scale, offset = gate_parts

    with tempfile.TemporaryDirectory(dir=args.out.parent) as made:
        target = Path(made)
        gated = with_gate(args.linear, target / cascade.LINEAR, weights, (scale, offset, _OWN))
        _, gate = gated.read(seen.pieces)
        exact = recipe.of_both(seen.linear, seen.transformer)
        worst = seen.worst(exact)
        limit = choose_limit(seen.worst(gate), worst.max(axis=1), most_read=args.most_read)
        recipe = cascade.Recipe(limit, recipe.blend, passed_line(seen, exact, gate, limit))
        quick = np.where((gate >= limit)[:, None], exact, recipe.of_passed(seen.linear, gate))
        told = figures(dev.labels, worst, seen.worst(quick), dev.name)
        told["read_by_transformer"] = float((seen.worst(gate) >= limit).mean())
        for name in (folder.GRAPH, folder.TOKENIZER):
            shutil.copyfile(args.export / name, target / name)
        _describe(target, args.export, gated, recipe, told, share=args.share)
        args.out.mkdir(parents=True, exist_ok=True)
        for path in target.iterdir():
            shutil.copyfile(path, args.out / path.name)
    return told


def _describe(
    target: Path,
    export: Path,
    first: LinearModel,
    recipe: cascade.Recipe,
    told: dict[str, Any],
    *,
    share: float,
) -> None:
    meta = folder.read(export).meta
    digests = {
        name: hashlib.sha256((target / name).read_bytes()).hexdigest()
        for name in (folder.GRAPH, folder.TOKENIZER, cascade.LINEAR)
    }
    trained = meta.card.get("trained", {})
    rows: dict[str, int] = {**first.card["trained_on"], **trained.get("rows", {})}
    terms = {**first.card["licences"], **linear.LICENCES}
    card = {
        **meta.card,
        "trained_on": rows,
        "licences": {name: terms.get(name, "see the data's README") for name in rows},
        "figures": told,
        "share_of_linear": share,
        cascade.KEY: recipe.dump(LABELS),
        "files": digests,
    }
    meta = dataclasses.replace(meta, name="builtin", calibration={}, languages=("en",), card=card)
    (target / folder.META).write_text(meta.dump(), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("export", type=Path)
    parser.add_argument("--linear", type=Path, default=Path("build/linear.npz"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--dev", default="dev_jigsaw_natural", metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("moderation/models/builtin"))
    parser.add_argument("--share", type=float, default=0.25, help="of the linear model")
    parser.add_argument("--most-read", type=float, default=0.27, help="by the transformer")
    parser.add_argument(
        "--gate", type=Path, help="a linear.npz whose gate is taken, in place of teaching one"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="of what the gate learns from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args(argv)
    print(json.dumps(join(args), indent=1))


if __name__ == "__main__":
    main()
