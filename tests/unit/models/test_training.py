"""The training script on a few comments of our own: it runs, masks and repeats itself."""

import csv
import gzip
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs the extra [train]")
pytest.importorskip("sklearn", reason="needs the extra [train]")

ROOT = Path(__file__).resolve().parents[3]
RUDE = ["you silly fool", "what a silly goose", "foolish goose, go away", "silly, silly person"]
KIND = ["thank you friend", "what a fine day", "a kind person, go on", "well said, friend"]


@pytest.fixture
def training(monkeypatch):
    """The modules of training/, which stands beside the package in a source checkout."""
    monkeypatch.syspath_prepend(str(ROOT))
    from training import data, evaluate, linear, metrics

    yield {"data": data, "evaluate": evaluate, "linear": linear, "metrics": metrics}
    for name in [name for name in sys.modules if name.split(".")[0] == "training"]:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path, training):
    labels = training["data"].LABELS
    for name, repeat in (("train", 6), ("dev", 3)):
        with gzip.open(tmp_path / f"{name}.csv.gz", "wt", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "text", *labels, "source"])
            for index in range(repeat):
                for text, mark in [*((t, "1") for t in RUDE), *((t, "0") for t in KIND)]:
                    # every third row leaves all labels but the first empty
                    cells = [mark] + [mark if index % 3 else ""] * (len(labels) - 1)
                    writer.writerow([index, f"{text} {index}", *cells, "own words"])
    return tmp_path


def test_trained_twice_it_is_the_same_model_and_ranks(training, folder, capsys):
    common = ["--data", str(folder), "--train", "train", "--dev", "dev", "--iterations", "4"]
    for out in ("a.npz", "b.npz"):
        training["linear"].main([*common, "--out", str(folder / out)])
    assert (folder / "a.npz").read_bytes() == (folder / "b.npz").read_bytes()
    assert "mean" in capsys.readouterr().out
    from moderation.models.linear import LinearModel

    model = LinearModel(folder / "a.npz", name="mine")
    assert model.card["figures"]["mean_auc"] > 0.9
    rude, kind = model.score(["silly goose", "fine friend"])
    assert (rude > kind).all()


def test_empty_cells_are_masked(training, folder):
    read = training["data"].read(folder / "train.csv.gz")
    assert read.labels.shape == (48, 6)
    assert np.isnan(read.labels[0, 1:]).all()
    assert not np.isnan(read.labels[:, 0]).any()


def test_evaluate_prints_every_label(training, folder, capsys):
    training["evaluate"].main(["--model", "builtin", "--data", str(folder / "dev.csv.gz")])
    shown = capsys.readouterr().out
    assert shown.startswith("builtin@")
    for label in training["data"].LABELS:
        assert label in shown


def test_calibration_error(training):
    error = training["metrics"].calibration_error
    truth = np.array([[1.0], [0.0], [0.0], [1.0], [np.nan]])
    assert error(truth, np.full((5, 1), 0.5)) == [0.0]
    assert error(truth, np.full((5, 1), 0.9)) == [pytest.approx(0.4)]


def test_auc_leaves_unknown_cells_out(training):
    area = training["metrics"].auc
    truth = np.array([[1.0, 1.0], [0.0, 1.0], [np.nan, 1.0]])
    assert area(truth, np.array([[0.9, 0], [0.1, 0], [1.0, 0]])) == [1.0, None]
