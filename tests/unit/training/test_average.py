"""The mean of checkpoints is a checkpoint."""

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")
pytest.importorskip("transformers", reason="needs the extra [train]")
pytest.importorskip("detoxify", reason="needs the extra [detoxify]")


@pytest.fixture
def written(base, tmp_path):
    """Two checkpoints with other weights in the head."""
    from training import network

    paths = []
    for value in (1.0, 4.0):
        model = network.start(base, dropout=0.0, sha256=None)
        torch.nn.init.constant_(model.classifier.weight, value)
        path = tmp_path / f"{value:g}" / "model.ckpt"
        path.parent.mkdir()
        network.write_checkpoint(path, model, base, {"value": value})
        paths.append(path)
    return paths


def test_detoxify_loads_the_mean(written, tmp_path):
    from detoxify import Detoxify

    from training.average import average

    path = average(written, tmp_path / "mean")
    for old in written:  # it stands by itself
        old.unlink()
    loaded = Detoxify(checkpoint=str(path))
    head = loaded.model.classifier.weight
    assert torch.equal(head, torch.full_like(head, 2.5))
    assert loaded.predict("a fine day").keys() >= {"toxicity", "threat"}
    card = torch.load(path, weights_only=True)["card"]
    assert card == {"mean of": [{"value": 1.0}, {"value": 4.0}]}


def test_other_shapes_have_no_mean(written, tmp_path):
    from training.average import average

    other = torch.load(written[1], weights_only=True)
    other["state_dict"]["classifier.weight"] = torch.zeros(2, 2)
    torch.save(other, written[1])
    with pytest.raises(ValueError, match="not of the same shape"):
        average(written, tmp_path / "mean")
