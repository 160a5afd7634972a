"""Train the embedded transformer and write its checkpoint in Detoxify's format.

    python -m training.transformer --data ../shared/data --out build/minilm

Needs the extra [train]. Runs on the first GPU, else on the CPU. Interrupted in any way, the
same command goes on from the last save in `--out`. The order of the rows, their respellings
and the first weights hang on the seed alone; two machines still differ in the last digits.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, Subset

from training import network
from training.data import LABELS
from training.mixture import QUOTAS, Batch, Blocks, load

_STATE = "state.pt"
#: Tokens of a row, about. The loss is the sum over a batch divided by the rows that a batch
#: usually has, so that a row counts the same in a batch of many short rows and of few long ones.
_TYPICAL_TOKENS = 32


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    Attributes:
        tokens: read in all, padding not counted.
        minutes: of work after which training ends as well, interruptions not counted.
            Progress is whichever of the two is nearer its end.
        rate: peak learning rate; the new head learns ten times as fast.
        decay: of weights, times the rate.
        warmup: tokens over which the rate rises.
        cooldown: share of the plan, at its end, over which the rate falls to 0. Until then
            nothing hangs on where the end is, so a plan can be shortened or stretched.
        batch_tokens, max_tokens: see `mixture.Blocks`.
        dropout: in the layers.
        embeddings: whether word embeddings learn, too; frozen, words that training never
            meets stay near those of like meaning.
        seed: of everything.
    """

    tokens: float = 60e6
    minutes: float = float("inf")
    rate: float = 2e-4
    decay: float = 0.01
    warmup: float = 0.2e6
    cooldown: float = 0.4
    batch_tokens: int = 4096
    max_tokens: int = 128
    dropout: float = 0.1
    embeddings: bool = False
    seed: int = 0

    def progress(self, tokens: float, seconds: float) -> float:
        """0 at the start, 1 or more when it is done."""
        return max(tokens / self.tokens, seconds / 60 / self.minutes)

    def share(self, tokens: float, seconds: float) -> float:
        """Learning rate as a share of its peak."""
        left = max(0.0, 1 - self.progress(tokens, seconds))
        return min(1.0, (tokens + 1) / self.warmup, left / self.cooldown)


def masked_loss(odds: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The logistic loss summed over the labelled cells.

    Args:
        odds: log-odds, shape (n, labels).
        targets: same shape, 0 to 1, NaN for a cell without a label.
    """
    known = ~torch.isnan(targets)
    losses = functional.binary_cross_entropy_with_logits(
        odds, torch.nan_to_num(targets), reduction="none"
    )
    return (losses * known).sum()


class Trainer:
    """A model in training, with all that is needed to go on after an interruption."""

    def __init__(self, model: Any, plan: Plan, *, sources: int, device: torch.device) -> None:
        self.plan, self.device = plan, device
        self.model = model.to(device)
        for name, value in model.bert.embeddings.named_parameters():
            value.requires_grad = plan.embeddings or "LayerNorm" in name
        self.offsets = torch.zeros(sources + 1, len(LABELS), device=device, requires_grad=True)
        body = [value for value in model.bert.parameters() if value.requires_grad]
        head = [*model.classifier.parameters()]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": body, "scale": 1.0},
                {"params": head, "scale": 10.0},
                {"params": [self.offsets], "scale": 50.0, "weight_decay": 0.0},
            ],
            betas=(0.9, 0.98),
            weight_decay=plan.decay,
            fused=True,
        )
        self.block, self.batch, self.steps = 0, 0, 0
        self.tokens, self.seconds, self.loss = 0.0, 0.0, 0.0

    @property
    def progress(self) -> float:
        """Share of the plan that is done."""
        return self.plan.progress(self.tokens, self.seconds)

    def step(self, batch: Batch) -> None:
        """Learn from one batch."""
        began = time.perf_counter()
        share = self.plan.share(self.tokens, self.seconds)
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * share * group["scale"]
        ids = torch.from_numpy(batch.ids).to(self.device, non_blocking=True)
        lengths = torch.from_numpy(batch.lengths).to(self.device)
        mask = torch.arange(ids.shape[1], device=self.device) < lengths[:, None]
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            odds = self.model(input_ids=ids, attention_mask=mask.long()).logits
        rows = torch.from_numpy(batch.offsets).to(self.device)
        # row 0 of the table is the standard that the model keeps: always 0
        shift = self.offsets[rows] * (rows > 0)[:, None]
        targets = torch.from_numpy(batch.targets).to(self.device)
        usual = self.plan.batch_tokens / _TYPICAL_TOKENS * len(LABELS)
        loss = masked_loss(odds.float() + shift, targets) / usual
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        trained = [one for group in self.optimiser.param_groups for one in group["params"]]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        self.optimiser.step()
        if self.steps % 10 == 0:  # reading it waits for the device
            cells = max(1, int(np.count_nonzero(~np.isnan(batch.targets))))
            value = float(loss.detach()) * usual / cells
            self.loss = value if self.steps == 0 else 0.95 * self.loss + 0.05 * value
        self.steps += 1
        self.tokens += float(batch.lengths.sum())
        self.seconds += time.perf_counter() - began

    def save(self, path: Path) -> None:
        """Write everything in one go: a kill leaves the old file or the new one."""
        trained = {k: v for k, v in self.model.named_parameters() if v.requires_grad}
        state = {
            "plan": asdict(self.plan),
            "model": {name: value.detach().cpu() for name, value in trained.items()},
            "offsets": self.offsets.detach().cpu(),
            "optimiser": self.optimiser.state_dict(),
            "random": torch.random.get_rng_state(),
            "random_gpu": torch.cuda.get_rng_state() if self.device.type == "cuda" else None,
            "place": [self.block, self.batch, self.steps, self.tokens, self.seconds, self.loss],
        }
        unfinished = path.with_suffix(".tmp")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def restore(self, path: Path) -> None:
        """Go on from a file that `save` wrote.

        Raises:
            ValueError: it was written under another seed, or reads texts otherwise.
        """
        state = torch.load(path, map_location="cpu", weights_only=True)
        for name in ("seed", "max_tokens", "batch_tokens", "embeddings"):
            if state["plan"][name] != getattr(self.plan, name):
                raise ValueError(f"{path}: was written with another {name}: use another --out")
        self.model.load_state_dict(state["model"], strict=False)
        self.offsets.data.copy_(state["offsets"])
        self.optimiser.load_state_dict(state["optimiser"])
        torch.random.set_rng_state(state["random"])
        if self.device.type == "cuda" and state["random_gpu"] is not None:
            torch.cuda.set_rng_state(state["random_gpu"])
        self.block, self.batch, self.steps, self.tokens, self.seconds, self.loss = state["place"]


def run(trainer: Trainer, blocks: Blocks, out: Path, *, workers: int, save_minutes: float) -> None:
    """Train until the plan is done, saving every so often."""
    saved = time.perf_counter()
    told, tokens = saved, trainer.tokens
    for block in _stream(blocks, trainer.block, workers):
        while trainer.batch < len(block):
            if trainer.progress >= 1:
                trainer.save(out / _STATE)
                return
            trainer.step(block[trainer.batch])
            trainer.batch += 1
            now = time.perf_counter()
            if now - told >= 20:
                speed = (trainer.tokens - tokens) / (now - told)
                print(
                    f"{time.strftime('%H:%M:%S')} {trainer.progress:6.1%} block {trainer.block} "
                    f"step {trainer.steps} {trainer.tokens / 1e6:.2f} M tokens "
                    f"{speed:,.0f}/s loss {trainer.loss:.4f}",
                    flush=True,
                )
                told, tokens = now, trainer.tokens
            if now - saved >= save_minutes * 60:
                trainer.save(out / _STATE)
                saved = time.perf_counter()
        trainer.block, trainer.batch = trainer.block + 1, 0


def _stream(blocks: Blocks, first: int, workers: int) -> Iterator[list[Batch]]:
    endless: Subset[list[Batch]] = Subset(blocks, range(first, len(blocks)))  # type: ignore[arg-type]
    yield from DataLoader(
        endless,
        batch_size=None,
        num_workers=workers,
        collate_fn=_as_it_is,
        generator=torch.Generator(),  # its own, or each start would move on the global one
    )


def _as_it_is(block: list[Batch]) -> list[Batch]:
    return block


def train(
    data: Path,
    out: Path,
    plan: Plan,
    *,
    base: Path,
    sha256: str | None = network.BASE_SHA256,
    device: torch.device,
    workers: int = 0,
    save_minutes: float = 10.0,
    limit: int | None = None,
    scale: float = 1.0,
) -> Path:
    """From data files to `out/model.ckpt`; the way there is kept in `out/state.pt`.

    Args:
        data: folder of the labelled comments.
        out: folder, made if missing.
        plan: how to train.
        base: folder of the pretrained base, see `network.start`, as is `sha256`.
        device: to train on.
        workers: processes that make blocks ahead; 0 makes them in between.
        save_minutes: between two saves.
        limit, scale: see `mixture.load` and `mixture.Blocks`.
    """
    out.mkdir(parents=True, exist_ok=True)
    corpus = load(data, limit=limit)
    blocks = Blocks(
        corpus,
        base / "tokenizer.json",
        seed=plan.seed,
        batch_tokens=plan.batch_tokens,
        max_tokens=plan.max_tokens,
        scale=scale,
    )
    torch.manual_seed(plan.seed)
    model = network.start(base, dropout=plan.dropout, sha256=sha256)
    model.train()
    trainer = Trainer(model, plan, sources=len(corpus.train), device=device)
    if (out / _STATE).is_file():
        trainer.restore(out / _STATE)
        print(f"going on at {trainer.progress:.1%}", flush=True)
    run(trainer, blocks, out, workers=workers, save_minutes=save_minutes)
    card = {
        "base": "all-MiniLM-L6-v2",
        "plan": {k: str(v) if v == float("inf") else v for k, v in asdict(plan).items()},
        "rows": {name: len(one.texts) for name, one in corpus.train.items()},
        "quotas": {name: QUOTAS[name] for name in corpus.train},
        "steps": trainer.steps,
        "tokens": trainer.tokens,
    }
    path = out / "model.ckpt"
    network.write_checkpoint(path, model, base, card)
    print(json.dumps(card), flush=True)
    return path


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    plan = Plan()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("build/minilm"))
    parser.add_argument(
        "--base", type=Path, help="folder of all-MiniLM-L6-v2; default: its package"
    )
    parser.add_argument("--tokens", type=float, default=plan.tokens, help="to read in all")
    parser.add_argument("--minutes", type=float, default=plan.minutes, help="end by then")
    parser.add_argument("--cooldown", type=float, default=plan.cooldown, help="share of the plan")
    parser.add_argument("--rate", type=float, default=plan.rate)
    parser.add_argument("--batch-tokens", type=int, default=plan.batch_tokens)
    parser.add_argument("--max-tokens", type=int, default=plan.max_tokens)
    parser.add_argument("--dropout", type=float, default=plan.dropout)
    parser.add_argument("--embeddings", action="store_true", help="train word embeddings, too")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--workers", type=int, default=0, help="processes that prepare rows")
    parser.add_argument("--save-minutes", type=float, default=10.0)
    parser.add_argument("--threads", type=int, help="of torch, on the CPU")
    args = parser.parse_args(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    chosen = {name: getattr(args, name) for name in asdict(plan) if hasattr(args, name)}
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train(
        args.data,
        args.out,
        Plan(**chosen),
        base=args.base or network.base_folder(),
        device=device,
        workers=args.workers,
        save_minutes=args.save_minutes,
    )


if __name__ == "__main__":
    main()
