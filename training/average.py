"""One checkpoint of several: the mean of their weights.

    python -m training.average build/one/model.ckpt build/other/model.ckpt --out build/mean

Models that were trained on from the same state, on other rows or with another end, lie close
together, and the mean of them generalises better than each (Wortsman et al. 2022, "Model
soups", arXiv 2203.05482). It costs nothing to run. Of models that began apart it is noise.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch


def average(paths: Sequence[Path], out: Path) -> Path:
    """Write `out/model.ckpt` with its tokenizer folder beside it; where that is.

    Args:
        paths: checkpoints that `training.transformer` wrote, of one shape.

    Raises:
        ValueError: their weights are not of the same names and shapes.
    """
    checkpoints = [torch.load(path, map_location="cpu", weights_only=True) for path in paths]
    states = [each["state_dict"] for each in checkpoints]
    shapes = [{name: value.shape for name, value in state.items()} for state in states]
    for path, found in zip(paths, shapes, strict=True):
        if found != shapes[0]:
            raise ValueError(f"{path}: not of the same shape as {paths[0]}")
    made = checkpoints[0]
    made["state_dict"] = {
        name: torch.stack([state[name].double() for state in states]).mean(dim=0).to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }
    made["card"] = {"mean of": [each["card"] for each in checkpoints]}
    path = out / "model.ckpt"
    shutil.copytree(paths[0].with_suffix(""), path.with_suffix(""), dirs_exist_ok=True)
    made["config"]["arch"]["args"]["model_type"] = str(path.with_suffix("").resolve())
    torch.save(made, path)
    return path


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("build/mean"))
    args = parser.parse_args(argv)
    print(average(args.checkpoints, args.out))


if __name__ == "__main__":
    main()
