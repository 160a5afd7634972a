"""How well a model ranks labelled comments, measured through the runtime that ships.

    python -m training.evaluate --model builtin --data ../shared/data/dev_jigsaw_natural.csv.gz

Prints AUC and expected calibration error per label. Needs the extra [train], and
[detoxify] for such a model.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from moderation import models
from training import metrics
from training.data import LABELS, read

_BATCH = 1024


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default=models.DEFAULT, help="any name that load() takes")
    parser.add_argument("--data", type=Path, required=True, help="a labelled csv or csv.gz")
    parser.add_argument("--limit", type=int, help="only the first so many comments")
    args = parser.parse_args(argv)
    model = models.load(args.model)
    data = read(args.data)
    texts, labels = data.texts[: args.limit], data.labels[: args.limit]
    began = time.perf_counter()
    scores = np.concatenate(
        [model.score(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
    )
    seconds = time.perf_counter() - began
    common = [label for label in LABELS if label in model.labels]
    scores = scores[:, [model.labels.index(label) for label in common]]
    truth = labels[:, [LABELS.index(label) for label in common]]
    print(
        f"{model.fingerprint} on {data.name}: {len(texts)} comments, "
        f"{len(texts) / seconds:,.0f} comments/s"
    )
    print(f"{'label':<18}{'AUC':>8}{'ECE':>8}")
    areas = metrics.auc(truth, scores)
    errors = metrics.calibration_error(truth, scores)
    for label, area, error in zip(common, areas, errors, strict=True):
        shown = "-" if area is None else f"{area:.4f}"
        print(f"{label:<18}{shown:>8}{error:>8.4f}")
    known = [area for area in areas if area is not None]
    if known:
        print(f"{'mean':<18}{sum(known) / len(known):>8.4f}")


if __name__ == "__main__":
    main()
