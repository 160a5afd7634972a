"""Compile a trained transformer into the folder that ships, and make its scores honest.

    python -m training.export build/minilm/model.ckpt --data ../shared/data --out build/export

`moderation.models.compile` writes the graph and holds it against Detoxify; here the folder's
`meta.json` gets a calibration fitted on comments as they come, thresholds and the figures.
Needs the extras [train] and [detoxify].
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from moderation.models.compile import compiler
from moderation.models.onnx import folder
from moderation.models.onnx.engine import OnnxModel
from training import metrics
from training.data import LABELS, Labelled, read

_FOLDS = 5
#: Log-odds far outside what texts get: the calibration is one straight line between them.
_FAR = 25.0


def calibrate(path: Path, dev: Labelled) -> dict[str, Any]:
    """Put calibration, thresholds and figures into a model folder; the figures.

    Each label gets a Platt line, so rankings stay as they are. The calibration error is
    cross-fitted: no comment is judged with a line fitted on itself.

    Args:
        path: a folder without calibration.
        dev: comments as they come, all labels known.

    Raises:
        ValueError: the model ranks a label no better than chance.
    """
    odds = OnnxModel(path, name="raw").logits(dev.texts)
    found = folder.read(path).meta
    labels = dev.labels[:, [LABELS.index(label) for label in found.labels]]
    honest = metrics.cross_fitted(labels, odds, folds=_FOLDS, seed=0)
    areas = metrics.auc(labels, odds)
    errors = metrics.calibration_error(labels, honest)
    lines = {}
    for at, label in enumerate(found.labels):
        slope, shift = metrics.platt(labels[:, at], odds[:, at])
        if slope <= 0:
            raise ValueError(f"{path}: {label} is ranked no better than by chance")
        lines[label] = tuple((end, slope * end + shift) for end in (-_FAR, _FAR))
    figures = {
        "data": dev.name,
        "comments": len(dev.texts),
        "auc": dict(zip(found.labels, areas, strict=True)),
        "ece": dict(zip(found.labels, errors, strict=True)),
    }
    thresholds = {
        label: best_threshold(labels[:, at], honest[:, at]) for at, label in enumerate(found.labels)
    }
    card = {**found.card, "figures": figures, "thresholds": thresholds}
    meta = dataclasses.replace(found, calibration=lines, languages=("en",), card=card)
    (path / folder.META).write_text(meta.dump(), encoding="utf-8")
    return figures


def best_threshold(labels: npt.NDArray[Any], chances: npt.NDArray[Any]) -> float:
    """The probability from which on flagging gives the best F1. Both of shape (n,)."""
    order = np.argsort(-chances)
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, order.size + 1) + labels.sum())
    return round(float(chances[order][int(np.argmax(f1))]), 4)


def trained_on(path: Path, checkpoint: Path) -> None:
    """Put what the checkpoint says of its training into the folder's card."""
    card = torch.load(checkpoint, map_location="cpu", weights_only=True).get("card", {})
    meta = folder.read(path).meta
    meta = dataclasses.replace(meta, card={**meta.card, "trained": card})
    (path / folder.META).write_text(meta.dump(), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--dev", default="dev_jigsaw_natural", metavar="NAME")
    parser.add_argument("--out", type=Path, default=Path("build/export"))
    parser.add_argument("--precision", choices=folder.PRECISIONS, default="int8")
    args = parser.parse_args(argv)
    made = compiler.compile_model(str(args.checkpoint), precision=args.precision, target=args.out)
    trained_on(args.out, args.checkpoint)
    for row in made.parity.labels:
        print(f"{row.label:<18} largest {row.largest:.4f}, mean {row.mean:.4f} off Detoxify")
    figures = calibrate(args.out, read(args.data / f"{args.dev}.csv.gz"))
    print(f"{args.out}: {made.size / 1e6:.1f} MB")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
