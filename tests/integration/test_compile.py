"""Checkpoints of all four families compiled, and held against the real Detoxify."""

import importlib.util
import io
import json
from pathlib import Path

import numpy as np
import pytest

from moderation import models
from moderation.cli import main
from moderation.errors import ModelError, UsageError

pytest.importorskip("detoxify", reason="needs the extra [detoxify]")

ROOT = Path(__file__).resolve().parents[2]
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
#: None of them among the samples that the compiler itself compares.
TEXTS = [
    "hello friend, have you seen the silly goose?",
    "You SILLY goose!!!",
    "",
    "the weather was fine, the bread was not",
    "naïve café — “quoted” …",
    "あなた и ты 😀",
    "goose " * 100,
    " leading and trailing \n",
    "<b>bold</b> &amp; http://example.org/?q=1",
]


def _checkpoints():
    path = ROOT / "benchmarks" / "checkpoints.py"
    spec = importlib.util.spec_from_file_location("checkpoints", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECKPOINTS = _checkpoints()


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """On busy cores torch's threads wait for one another longer than they work."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "moderation" / "models"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Builds the checkpoint of a family, once."""
    built = {}

    def of(family="Bert"):
        if family not in built:
            folder = tmp_path_factory.mktemp(family)
            built[family] = CHECKPOINTS.build(
                folder, family=family, size="tiny", texts=TEXTS * 3, spread=0.2
            )
        return built[family]

    return of


def predicted(path, texts, labels=LABELS):
    """The answers of `Detoxify.predict`, one comment at a time."""
    from detoxify import Detoxify

    reference = Detoxify(checkpoint=str(path))
    rows = [reference.predict(text) for text in texts]
    return np.array([[row[label] for label in labels] for row in rows])


def compiled(source, target, **options):
    from moderation.models.compile.compiler import compile_model

    return compile_model(str(source), target=target, **options)


def run(capsys, *args):
    with pytest.raises(SystemExit) as left:
        main(["model", "compile", *map(str, args)])
    return left.value.code, *capsys.readouterr()


def resave(source, target, **extra):
    import torch

    loaded = torch.load(source, weights_only=True)
    torch.save({**loaded, **extra}, target)
    return target


@pytest.mark.parametrize("family", CHECKPOINTS.FAMILIES)
class TestFamilies:
    def test_float32_is_detoxify_to_four_digits(self, checkpoint, family, tmp_path):
        made = compiled(checkpoint(family), tmp_path / "made", precision="float32")
        wanted = predicted(checkpoint(family), TEXTS)
        assert wanted.std(axis=0).min() > 0.01  # the weights tell the texts apart
        assert np.abs(models.load(str(made.path)).score(TEXTS) - wanted).max() < 1e-5
        assert max(label.largest for label in made.parity.labels) < 1e-5
        assert min(label.rank for label in made.parity.labels) > 0.9999

    def test_int8_is_close_and_smaller(self, checkpoint, family, tmp_path):
        small = compiled(checkpoint(family), tmp_path / "int8", precision="int8")
        exact = compiled(checkpoint(family), tmp_path / "float32", precision="float32")
        assert small.size < 0.85 * exact.size
        found, wanted = (models.load(str(made.path)).score(TEXTS) for made in (small, exact))
        assert np.abs(found - wanted).mean() < 0.03
        assert 0 < max(label.mean for label in small.parity.labels) <= 0.03

    def test_the_end_of_a_long_comment_is_read(self, checkpoint, family, tmp_path):
        made = compiled(checkpoint(family), tmp_path / "made", precision="float32")
        model = models.load(str(made.path))
        long = "the bread was fine " * 600
        endings = ["you silly goose!", "SILLY SILLY", "hello friend " * 90, "? " * 300, "naïve “x”"]
        texts = [long, *(long + ending for ending in endings)]
        assert np.ptp(predicted(checkpoint(family), texts), axis=0).max() < 1e-6
        scores = model.score(texts)
        assert (scores > scores[0] + 0.01).any()


def test_albert_with_several_groups_of_layers():
    import onnxruntime
    import torch
    import transformers

    from moderation.models.compile import encoder, graph

    torch.manual_seed(0)
    config = transformers.AlbertConfig(
        vocab_size=50,
        embedding_size=16,
        hidden_size=32,
        num_hidden_layers=6,
        num_hidden_groups=2,
        inner_group_num=2,
        num_attention_heads=4,
        intermediate_size=64,
        num_labels=3,
        initializer_range=0.2,
    )
    model = transformers.AlbertForSequenceClassification(config).eval()
    ids = torch.arange(2, 40)[None]
    with torch.inference_mode():
        wanted = model(ids).logits.numpy()
    made = graph.build(encoder.read(config, model.state_dict()), precision="float32")
    session = onnxruntime.InferenceSession(
        made.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    assert np.abs(session.run(None, {"input_ids": ids.numpy()})[0] - wanted).max() < 1e-5


def test_only_toxicity_labels_are_kept_in_our_order(tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    classes = ["male", "insult", "toxic", "female", "sexual_explicit"]
    path = CHECKPOINTS.build(folder, size="tiny", texts=TEXTS, classes=classes, spread=0.2)
    made = compiled(path, tmp_path / "made", precision="float32")
    model = models.load(str(made.path))
    assert model.labels == ("toxicity", "insult", "sexual_explicit")
    assert np.abs(model.score(TEXTS) - predicted(path, TEXTS, model.labels)).max() < 1e-5


def test_the_folder_tells_where_it_comes_from_and_no_path(checkpoint, tmp_path):
    from moderation.models.download import digest

    made = compiled(checkpoint(), tmp_path / "made")
    raw = (made.path / "meta.json").read_text(encoding="utf-8")
    assert json.loads(raw)["source"] == {
        "checkpoint": checkpoint().name,
        "sha256": digest(checkpoint()),
    }
    assert str(tmp_path) not in raw
    assert sorted(file.name for file in made.path.iterdir()) == [
        *("meta.json", "model.onnx", "tokenizer.json")
    ]


class TestWhereItLands:
    def test_in_the_cache_under_a_name_that_loads_it(self, checkpoint, cache, capsys):
        code, out, err = run(capsys, f"detoxify:{checkpoint()}")
        assert (code, err) == (0, "")
        assert "compiled:random-int8" in out
        assert [path.name for path in cache.iterdir()] == ["random-int8"]
        assert models.load("compiled:random-int8").labels == LABELS
        with pytest.raises(SystemExit) as left:
            main(["model", "show", "compiled:random-int8"])
        out, _ = capsys.readouterr()
        assert left.value.code == 0
        assert "precision    int8\nwindow       512 tokens\nlanguages    not known\n" in out
        assert "checkpoint   random.ckpt\n" in out

    def test_again_replaces_it(self, checkpoint, tmp_path):
        first = compiled(checkpoint(), tmp_path / "made", precision="float32")
        second = compiled(checkpoint(), tmp_path / "made", precision="int8")
        assert second.path == first.path
        assert second.size < first.size
        assert [path.name for path in tmp_path.iterdir()] == ["made"]

    def test_another_checkpoint_or_other_files_are_left_alone(self, checkpoint, tmp_path):
        compiled(checkpoint(), tmp_path / "made")
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "thesis.txt").write_text("years of work")
        for name in ("made", "mine"):
            before = sorted((tmp_path / name).iterdir())
            with pytest.raises(UsageError, match="something else"):
                compiled(checkpoint("Roberta"), tmp_path / name)
            assert sorted((tmp_path / name).iterdir()) == before


class TestRefusals:
    @pytest.mark.parametrize("precision", ["int8", "float32"])
    def test_a_result_unlike_detoxify_is_reported_and_not_kept(
        self, checkpoint, tmp_path, capsys, monkeypatch, precision
    ):
        """The graph is spoiled on its way: the norms shrink what they give by a third."""
        from moderation.models.compile import encoder

        def spoiled(self, name):
            found = plain(self, name)
            return encoder.Norm(found.scale * np.float32(0.66), found.shift)

        plain = encoder._Bert.norm
        monkeypatch.setattr(encoder._Bert, "norm", spoiled)
        target = tmp_path / "made"
        code, out, err = run(
            capsys, f"detoxify:{checkpoint()}", "--precision", precision, "-o", target
        )
        assert code == 3
        assert "does not score as Detoxify does" in err
        assert out.startswith("against Detoxify.predict")
        assert list(tmp_path.iterdir()) == []

    def test_a_checkpoint_with_code_needs_trust_and_says_so(self, checkpoint, tmp_path, capsys):
        sprung = tmp_path / "sprung"
        path = resave(checkpoint(), tmp_path / "trap.ckpt", extra=Trap(sprung))
        code, out, err = run(capsys, f"detoxify:{path}", "-o", tmp_path / "made")
        assert (code, out) == (3, "")
        assert "run code" in err
        assert "--trust" in err
        assert not sprung.exists()
        code, _, err = run(capsys, f"detoxify:{path}", "-o", tmp_path / "made", "--trust")
        assert code == 0
        assert "whatever code it holds" in err
        assert sprung.exists()
        assert models.load(str(tmp_path / "made")).labels == LABELS

    def test_a_family_that_is_not_known_is_named(self, checkpoint, tmp_path):
        import torch

        path = resave(checkpoint(), tmp_path / "other.ckpt")
        loaded = torch.load(path, weights_only=True)
        loaded["config"]["arch"]["args"].update(
            model_name="DistilBertForSequenceClassification", model_type=str(tmp_path / "other")
        )
        import transformers

        config = transformers.DistilBertConfig(
            vocab_size=200, dim=32, n_layers=1, n_heads=2, hidden_dim=64, num_labels=6
        )
        model = transformers.DistilBertForSequenceClassification(config)
        config.save_pretrained(tmp_path / "other")
        (tmp_path / "other" / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
        torch.save({**loaded, "state_dict": model.state_dict()}, path)
        with pytest.raises(ModelError, match="distilbert"):
            compiled(path, tmp_path / "made")

    def test_a_missing_file_and_a_misspelt_name(self, tmp_path, capsys):
        code, _, err = run(capsys, f"detoxify:{tmp_path / 'gone.ckpt'}")
        assert (code, "no such checkpoint" in err) == (3, True)
        for name in ("detoxify:orginal", "builtin", "detoxify:PATH", str(tmp_path)):
            code, _, err = run(capsys, name)
            assert (code, "no model is called" in err) == (2, True)


class Trap:
    """Unpickled by an unsafe reader, this makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (io.open, (self.path, "w"))
