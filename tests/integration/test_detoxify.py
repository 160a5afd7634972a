"""The real Detoxify library on a real, small checkpoint in its own format."""

import contextlib
import functools
import http.server
import importlib.util
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from moderation import models
from moderation.errors import ModelError, UsageError

pytest.importorskip("detoxify", reason="needs the extra [detoxify]")

ROOT = Path(__file__).resolve().parents[2]
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
TEXTS = [
    "hello friend",
    "you silly goose",
    "",
    "the weather was fine, the bread was not",
    "silly " * 50,
    "Hello\nFRIEND!",
    "goose",
]


def _checkpoints():
    path = ROOT / "benchmarks" / "checkpoints.py"
    spec = importlib.util.spec_from_file_location("checkpoints", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint")
    return _checkpoints().build(folder, size="tiny", texts=TEXTS, spread=0.3)


@pytest.fixture(scope="session")
def reference(checkpoint):
    from detoxify import Detoxify

    return Detoxify(checkpoint=str(checkpoint))


@pytest.fixture(scope="session")
def model(checkpoint):
    return models.load(f"detoxify:{checkpoint}", threads=1)


@pytest.fixture
def offline(monkeypatch):
    """Any attempt to reach a server is recorded, and fails."""
    asked = []

    def refuse(*args, **kwargs):
        asked.append(args)
        raise OSError("no network in this test")

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    return asked


@pytest.fixture
def empty_caches(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return tmp_path


def predicted(reference, texts):
    """Detoxify's own answer, one comment at a time: shape (n, 6)."""
    rows = [reference.predict(text) for text in texts]
    return np.array([[row[label] for label in LABELS] for row in rows])


def resave(source, target, **changes):
    """A copy of a checkpoint with other arch args, classes or weights."""
    import torch

    loaded = torch.load(source, weights_only=True)
    classes = changes.pop("classes", None)
    drop = changes.pop("drop", "")
    if classes:
        loaded["config"]["dataset"]["args"]["classes"] = classes
    if drop:
        loaded["state_dict"] = {
            key: value for key, value in loaded["state_dict"].items() if not key.startswith(drop)
        }
    loaded["config"]["arch"]["args"].update(changes)
    torch.save(loaded, target)
    return target


def test_scores_are_those_of_detoxify(model, reference):
    scores = model.score(TEXTS)
    assert scores.dtype == np.float32
    assert np.abs(scores - predicted(reference, TEXTS)).max() < 1e-6
    assert scores.std(axis=0).min() > 1e-3  # the weights tell texts apart


def test_labels_carry_detoxifys_names(model):
    assert model.labels == LABELS
    assert model.languages == ()  # nobody knows what a checkpoint of one's own learned


def test_the_fingerprint_names_the_file_and_its_content(model, checkpoint):
    assert model.name == f"detoxify:{checkpoint}"
    name, _, digest = model.fingerprint.rpartition("@")
    assert name == model.name
    assert len(digest) == 12


def test_one_text_and_none(model, reference):
    assert model.score([]).shape == (0, 6)
    one = model.score(["hello friend"])
    assert one.shape == (1, 6)
    assert np.abs(one - predicted(reference, ["hello friend"])).max() < 1e-6


def test_many_batches_come_back_in_order(model, reference):
    texts = [f"{'silly ' * (index * 7 % 23)}goose {index}" for index in range(100)]
    scores = model.score(texts)
    assert np.abs(scores[::9] - predicted(reference, texts[::9])).max() < 1e-6
    assert np.abs(scores - model.score(texts[::-1])[::-1]).max() < 1e-6


def test_long_texts_are_cut_at_512_tokens(model, reference):
    long = "silly " * 510
    texts = [long + "goose " * 90, long + "friend " * 90]
    scores = model.score(texts)
    assert np.abs(scores - predicted(reference, texts)).max() < 1e-6
    assert np.allclose(scores[0], scores[1], atol=1e-6)


def test_tokens_are_those_that_are_read(model):
    assert model.tokens("") == 2
    assert 4 <= model.tokens("hello friend \ud800") < 20
    assert model.tokens("silly " * 600) == 512


def test_lone_surrogates_and_megabytes_are_scored(model):
    began = time.perf_counter()
    scores = model.score(["\ud800 hello", "a" * 3_000_000, "\0\x1b[31m", " " * 1000])
    assert np.isfinite(scores).all()
    assert time.perf_counter() - began < 5


def test_loading_a_local_checkpoint_asks_no_server(checkpoint, offline):
    models.load(f"detoxify:{checkpoint}")
    assert offline == []


def test_loading_says_nothing(checkpoint, capfd):
    models.load(f"detoxify:{checkpoint}")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("where", ["relative", "beside", "same folder"])
def test_the_config_is_found_beside_the_checkpoint(checkpoint, reference, tmp_path, offline, where):
    beside = checkpoint.with_suffix("")
    path = tmp_path / "mine.ckpt"
    if where == "relative":
        resave(checkpoint, path, model_type="parts/bert")
        shutil.copytree(beside, tmp_path / "parts" / "bert")
    elif where == "beside":
        resave(checkpoint, path, model_type="bert-base-uncased")
        shutil.copytree(beside, tmp_path / "mine")
    else:
        resave(checkpoint, path, model_type="bert-base-uncased")
        shutil.copytree(beside, tmp_path, dirs_exist_ok=True)
    scores = models.load(f"detoxify:{path}").score(TEXTS)
    assert np.abs(scores - predicted(reference, TEXTS)).max() < 1e-6
    assert offline == []


def test_a_folder_without_a_length_limit_still_cuts(checkpoint, model, tmp_path):
    shutil.copytree(checkpoint.with_suffix(""), tmp_path / "bare")
    (tmp_path / "bare" / "tokenizer_config.json").unlink()
    path = resave(checkpoint, tmp_path / "bare.ckpt", model_type="bare")
    text = "silly " * 600
    assert np.allclose(models.load(f"detoxify:{path}").score([text]), model.score([text]))


def test_no_config_anywhere_names_the_folder_to_fill(checkpoint, tmp_path, offline, empty_caches):
    path = resave(checkpoint, tmp_path / "mine.ckpt", model_type="bert-base-uncased")
    with pytest.raises(ModelError) as caught:
        models.load(f"detoxify:{path}")
    assert "bert-base-uncased" in caught.value.what
    assert str(tmp_path / "mine") in caught.value.hint
    assert offline == []


class Trap:
    """Unpickled by an unsafe reader, this makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_a_checkpoint_that_would_run_code_is_refused_unread(checkpoint, tmp_path):
    path = resave(checkpoint, tmp_path / "trap.ckpt", extra=Trap(tmp_path / "sprung"))
    with pytest.raises(ModelError, match="run code"):
        models.load(f"detoxify:{path}")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"model_name": "pipeline"},
        {"model_name": "AutoModelForCausalLM"},
        {"tokenizer_name": "utils"},
        {"model_name": "NoSuchModelForSequenceClassification"},
        {"num_classes": "many"},
        {"num_classes": 5},
        {"classes": ["male", "female"]},
        {"drop": "classifier"},
        {"drop": ""},
    ],
)
def test_a_checkpoint_that_is_not_detoxifys_is_refused(checkpoint, tmp_path, changes):
    path = tmp_path / "odd.ckpt"
    if changes == {"drop": ""}:
        import torch

        torch.save({"state_dict": {}}, path)
    else:
        resave(checkpoint, path, **changes)
    with pytest.raises(ModelError) as caught:
        models.load(f"detoxify:{path}")
    assert "odd.ckpt" in caught.value.where


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 and no more"])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "not.ckpt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="checkpoint"):
        models.load(f"detoxify:{path}")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError) as caught:
        models.load(f"detoxify:{tmp_path / 'gone.ckpt'}")
    assert "gone.ckpt" in caught.value.where


def test_extra_classes_are_left_out(checkpoint, tmp_path):
    classes = ["toxicity", "male", "insult", "female", "threat", "sexual_explicit"]
    path = resave(checkpoint, tmp_path / "mixed.ckpt", classes=classes)
    mixed = models.load(f"detoxify:{path}")
    assert mixed.labels == ("toxicity", "threat", "insult", "sexual_explicit")
    whole = models.load(f"detoxify:{checkpoint}").score(TEXTS)
    assert np.abs(mixed.score(TEXTS) - whole[:, [0, 4, 2, 5]]).max() < 1e-6


def test_without_network_it_fails_at_once_and_says_what_is_missing(offline, empty_caches):
    began = time.perf_counter()
    with pytest.raises(ModelError) as caught:
        models.load("detoxify:original")
    assert time.perf_counter() - began < 5
    assert "bert-base-uncased" in caught.value.what
    assert "toxic_original-c1212f89.ckpt" in caught.value.what
    assert "builtin" in caught.value.hint
    assert len(offline) == 1  # asked once, not again and again


def test_a_server_that_never_answers_is_not_waited_for(monkeypatch, empty_caches):
    from moderation.models import download

    assert download.CONNECT_TIMEOUT <= 3
    monkeypatch.setattr(download, "CONNECT_TIMEOUT", 0.2)

    def slow(*_):
        time.sleep(3)
        raise TimeoutError("far too late")

    monkeypatch.setattr("socket.create_connection", slow)
    began = time.perf_counter()
    with pytest.raises(ModelError, match="does not answer"):
        models.load("detoxify:unbiased-small")
    assert time.perf_counter() - began < 2


def _cache(folder, checkpoint, content):
    """Put a checkpoint and a base model where torch hub and the hub's client keep them."""
    snapshot = folder / "hub" / "models--bert-base-uncased" / "snapshots" / "0123456789abcdef"
    shutil.copytree(checkpoint.with_suffix(""), snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("0123456789abcdef")
    target = folder / "torch" / "hub" / "checkpoints" / "toxic_original-c1212f89.ckpt"
    target.parent.mkdir(parents=True)
    target.write_bytes(content)


def test_a_cached_checkpoint_with_another_hash_is_refused(checkpoint, offline, empty_caches):
    _cache(empty_caches, checkpoint, checkpoint.read_bytes())
    with pytest.raises(ModelError, match="SHA-256"):
        models.load("detoxify:original")
    assert offline == []


def test_all_cached_works_without_network(checkpoint, reference, offline, empty_caches):
    import detoxify.detoxify as library

    from moderation.models import download

    _cache(empty_caches, checkpoint, b"")
    digest = download.digest(checkpoint)
    cached = empty_caches / "torch" / "hub" / "checkpoints" / f"toxic_original-{digest[:8]}.ckpt"
    shutil.copy(checkpoint, cached)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(library.MODEL_URLS, "original", f"https://example.invalid/{cached.name}")
        model = models.load("detoxify:original")
    assert model.fingerprint == f"detoxify:original@{digest[:12]}"
    assert np.abs(model.score(TEXTS) - predicted(reference, TEXTS)).max() < 1e-6
    assert offline == []


def test_a_name_without_a_hash_is_not_trusted(checkpoint, offline, empty_caches):
    import detoxify.detoxify as library

    _cache(empty_caches, checkpoint, b"")
    home = empty_caches / "torch" / "hub" / "checkpoints"
    shutil.copy(checkpoint, home / "toxic_original.ckpt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(library.MODEL_URLS, "original", "https://example.invalid/toxic_original.ckpt")
        with pytest.raises(ModelError, match="no hash"):
            models.load("detoxify:original")
    assert offline == []


def test_a_download_is_checked_and_lands_where_torch_hub_looks(
    checkpoint, reference, empty_caches, tmp_path, monkeypatch
):
    import detoxify.detoxify as library

    from moderation.models import download

    _cache(empty_caches, checkpoint, b"")
    digest = download.digest(checkpoint)
    home = empty_caches / "torch" / "hub" / "checkpoints"
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    told = []
    site = tmp_path / "site"
    site.mkdir()
    with serving(site) as url, pytest.MonkeyPatch.context() as patch:
        name = "toxic_original-00000000.ckpt"
        shutil.copy(checkpoint, site / name)
        patch.setitem(library.MODEL_URLS, "original", f"{url}/{name}")
        with pytest.raises(ModelError, match="not the one expected"):
            models.load("detoxify:original")
        assert not list(home.glob(f"{name}*"))
        name = f"toxic_original-{digest[:8]}.ckpt"
        shutil.copy(checkpoint, site / name)
        patch.setitem(library.MODEL_URLS, "original", f"{url}/{name}")
        model = models.load("detoxify:original", progress=lambda *at: told.append(at))
    size = checkpoint.stat().st_size
    assert told[-1] == (size, size)
    assert (home / name).read_bytes() == checkpoint.read_bytes()
    assert np.abs(model.score(TEXTS) - predicted(reference, TEXTS)).max() < 1e-6


@contextlib.contextmanager
def serving(folder):
    """The folder's files on a port of this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_bare_word_that_names_nothing_is_a_usage_error():
    with pytest.raises(UsageError, match="orginal"):
        models.load("detoxify:orginal")


def test_threads_are_a_setting_of_torch(checkpoint):
    import torch

    before = torch.get_num_threads()
    try:
        models.load(f"detoxify:{checkpoint}", threads=1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
