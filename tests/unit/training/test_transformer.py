"""Training a tiny transformer: masked cells, saves that survive a kill, Detoxify's format."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("transformers", reason="needs the extra [train]")
pytest.importorskip("scipy", reason="needs the extra [train]")

ROOT = Path(__file__).resolve().parents[3]
_KILLED = """
import os, signal, sys
import torch
torch.set_num_threads(1)
from pathlib import Path
from training import transformer
data, out, base = map(Path, sys.argv[1:])
step = transformer.Trainer.step
def dying(self, batch):
    if self.steps == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    step(self, batch)
transformer.Trainer.step = dying
plan = transformer.Plan(tokens=6000, batch_tokens=256, max_tokens=40, dropout=0.1, warmup=500)
transformer.train(data, out, plan, base=base, sha256=None, device=torch.device("cpu"),
                  save_minutes=SAVE, scale=0.02)
"""


def trained(data, out, base, **changed):
    from training import transformer

    chosen = {
        "tokens": 6000,
        "batch_tokens": 256,
        "max_tokens": 40,
        "dropout": 0.1,
        "warmup": 500,
        **changed,
    }
    return transformer.train(
        data,
        out,
        transformer.Plan(**chosen),
        base=base,
        sha256=None,
        device=torch.device("cpu"),
        scale=0.02,
    )


def weights(path):
    return torch.load(path, weights_only=True)["state_dict"]


def test_cells_without_a_label_take_no_part():
    from training.transformer import masked_loss

    odds = torch.tensor([[0.3, -2.0], [1.5, 4.0]], requires_grad=True)
    targets = torch.tensor([[1.0, float("nan")], [float("nan"), 0.0]])
    loss = masked_loss(odds, targets)
    loss.backward()
    expected = np.log1p(np.exp(-0.3)) + np.log1p(np.exp(4.0))
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    assert odds.grad[0, 1] == odds.grad[1, 0] == 0
    assert odds.grad[0, 0] < 0 < odds.grad[1, 1]


def test_the_rate_rises_stays_and_falls_to_nothing():
    from training.transformer import Plan

    plan = Plan(tokens=100, minutes=2, warmup=10, cooldown=0.5)
    shares = [plan.share(tokens, 0) for tokens in (4, 9, 50, 75, 100, 120)]
    assert shares == pytest.approx([0.5, 1, 1, 0.5, 0, 0])
    assert plan.share(20, 105) == pytest.approx(0.25)
    assert plan.progress(10, 60) == 0.5


def test_a_killed_training_goes_on_to_the_same_weights(data, base, tmp_path):
    whole = trained(data, tmp_path / "whole", base)
    out = tmp_path / "killed"
    script = _KILLED.replace("SAVE", "0")
    done = subprocess.run(
        [sys.executable, "-c", script, str(data), str(out), str(base)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (out / "state.pt").is_file()
    assert not (out / "model.ckpt").exists()
    resumed = trained(data, out, base)
    before, after = weights(whole), weights(resumed)
    assert before.keys() == after.keys()
    for name, value in before.items():
        torch.testing.assert_close(after[name], value, rtol=0, atol=1e-6)


def test_training_learns_and_leaves_word_embeddings_alone(data, base, tmp_path):
    from safetensors.torch import load_file

    from moderation import models
    from training.data import read

    path = trained(data, tmp_path / "out", base, tokens=60_000, rate=3e-3, dropout=0.0)
    start, end = load_file(base / "model.safetensors"), weights(path)
    for name, same in (
        ("embeddings.word_embeddings.weight", True),
        ("encoder.layer.0.output.dense.weight", False),
    ):
        assert torch.equal(end[f"bert.{name}"], start[name]) is same
    pytest.importorskip("detoxify", reason="needs the extra [detoxify]")
    dev = read(data / "dev_jigsaw_natural.csv.gz")
    scores = models.load(f"detoxify:{path}").score(dev.texts)
    rude = dev.labels[:, 0] == 1
    assert scores[rude, 0].mean() > scores[~rude, 0].mean() + 0.3


def test_the_checkpoint_is_one_that_detoxify_loads(data, base, tmp_path):
    detoxify = pytest.importorskip("detoxify", reason="needs the extra [detoxify]")
    from moderation import models

    path = trained(data, tmp_path / "out", base, tokens=600)
    texts = ["you silly goose", "what a fine day"]
    real = detoxify.Detoxify(checkpoint=str(path)).predict(texts)
    model = models.load(f"detoxify:{path}")
    assert model.labels[:2] == ("toxicity", "severe_toxicity")
    found = model.score(texts)
    for column, label in enumerate(model.labels):
        np.testing.assert_allclose(found[:, column], real[label], atol=1e-6)


def test_a_save_of_another_plan_is_refused(data, base, tmp_path):
    trained(data, tmp_path / "out", base, tokens=600)
    with pytest.raises(ValueError, match="another seed"):
        trained(data, tmp_path / "out", base, tokens=600, seed=9)


def test_a_base_with_other_weights_is_refused(base):
    from training import network

    with pytest.raises(ValueError, match="SHA-256"):
        network.start(base, dropout=0.0)
