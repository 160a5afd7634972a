"""The exported folder is a model of the program's own, and its probabilities are honest."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("transformers", reason="needs the extra [train]")
pytest.importorskip("sklearn", reason="needs the extra [train]")
pytest.importorskip("onnx", reason="needs the extra [train]")
pytest.importorskip("detoxify", reason="needs the extra [detoxify]")


@pytest.fixture
def checkpoint(base, data, tmp_path):
    """One that has learnt the rude words of the data."""
    from training import transformer

    plan = transformer.Plan(
        tokens=60_000, batch_tokens=256, max_tokens=40, dropout=0.0, warmup=500, rate=3e-3
    )
    device = torch.device("cpu")
    return transformer.train(
        data, tmp_path / "run", plan, base=base, sha256=None, device=device, scale=0.02
    )


def test_a_model_that_knows_nothing_is_not_calibrated(base, data, tmp_path):
    from training import export, network
    from training.data import Labelled, read

    torch.manual_seed(4)
    model = network.start(base, dropout=0.0, sha256=None)
    network.write_checkpoint(tmp_path / "model.ckpt", model, base, {})
    out = tmp_path / "folder"
    export.compiler.compile_model(str(tmp_path / "model.ckpt"), precision="float32", target=out)
    dev = read(data / "dev_jigsaw_natural.csv.gz")
    odds = export.OnnxModel(out, name="raw").logits(dev.texts)
    against = (odds < np.median(odds, axis=0)).astype(np.float32)
    with pytest.raises(ValueError, match="chance"):
        export.calibrate(out, Labelled("dev", dev.texts, against))


def test_the_folder_is_loaded_by_its_path_and_says_what_it_is(checkpoint, data, tmp_path, capsys):
    from moderation import models
    from training import export, metrics
    from training.data import LABELS, read

    out = tmp_path / "folder"
    arguments = ["--data", str(data), "--out", str(out), "--precision", "float32"]
    export.main([str(checkpoint), *arguments])
    assert "off Detoxify" in capsys.readouterr().out
    dev = read(data / "dev_jigsaw_natural.csv.gz")
    before = models.load(f"detoxify:{checkpoint}").score(dev.texts)
    model = models.load(str(out))
    after, odds = model.score(dev.texts), model.logits(dev.texts)
    assert set(model.labels) == set(LABELS)
    assert model.meta.window == 192
    for column, label in enumerate(model.labels):
        raw = odds[:, column]
        np.testing.assert_allclose(1 / (1 + np.exp(-raw)), before[:, column], atol=1e-4)
        assert (np.diff(after[np.argsort(raw), column]) >= 0).all()  # the order is kept
        truth = dev.labels[:, LABELS.index(label)]
        assert metrics.calibration_error(truth[:, None], after[:, column, None])[0] < 0.15
        assert after[:, column].mean() == pytest.approx(truth.mean(), abs=0.01)
    meta = json.loads((out / "meta.json").read_text())
    assert meta["trained"]["rows"]["train_ghc"] > 0
    assert meta["figures"]["comments"] == len(dev.texts)
    assert all(0 < meta["thresholds"][label] < 1 for label in LABELS)


def test_the_best_threshold_is_that_of_the_best_f1():
    from training.export import best_threshold

    labels = np.array([1, 1, 0, 1, 0, 0])
    assert best_threshold(labels, np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1])) == 0.6
    assert best_threshold(labels, np.array([0.9, 0.8, 0.2, 0.1, 0.3, 0.4])) == 0.8
