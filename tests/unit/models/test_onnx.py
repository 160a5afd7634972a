"""Models that run in onnxruntime: what they read, and that nothing depends on neighbours."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation import models
from moderation.errors import ModelError, UsageError
from moderation.models.compile import graph
from moderation.models.onnx import folder, windows
from moderation.models.onnx.engine import OnnxModel
from moderation.models.onnx.windows import Tokens

onnx = pytest.importorskip("onnx", reason="needs the extra [detoxify]")

LABELS = ("toxicity", "insult", "threat")
WINDOW = 16
WORDS = "the weather was fine you silly goose hello friend bread , . ! ?".split()
TEXTS = [
    "hello friend",
    "you silly goose!",
    "",
    "the weather was fine, the bread was not",
    "silly " * 9 + "goose",
    " \t\n\u00a0\u3000",
    "😀 👍🏽 \u200b",
    "\0\x1b[31m\ud800",
    "Hello\nFRIEND!",
    "goose",
]


def counting(model, monkeypatch):
    """The windows that the model is run on from now on."""
    seen = []
    real = model._window

    def window(ids):
        seen.append(ids)
        return real(ids)

    monkeypatch.setattr(model, "_window", window)
    return seen


@pytest.mark.parametrize("precision", folder.PRECISIONS)
class TestScores:
    def test_shape_range_and_labels(self, make_folder, precision):
        model = OnnxModel(make_folder(precision), name="small")
        scores = model.score(TEXTS)
        assert (scores.shape, scores.dtype) == ((len(TEXTS), len(LABELS)), np.float32)
        assert ((scores > 0) & (scores < 1)).all()
        assert scores.std(axis=0).min() > 0.01
        assert model.labels == LABELS
        assert model.score([]).shape == (0, len(LABELS))

    def test_no_score_depends_on_another_text(self, make_folder, precision):
        model = OnnxModel(make_folder(precision), name="small", threads=2)
        alone = np.concatenate([model.score([text]) for text in TEXTS])
        assert np.array_equal(model.score(TEXTS), alone)
        assert np.array_equal(model.score(TEXTS[::-1]), alone[::-1])
        assert np.array_equal(model.score(TEXTS * 7), np.concatenate([alone] * 7))

    def test_nor_on_the_number_of_threads(self, make_folder, precision):
        path = make_folder(precision)
        one, four = (OnnxModel(path, name="small", threads=count) for count in (1, 4))
        assert np.array_equal(one.score(TEXTS), four.score(TEXTS))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
        ),
        min_size=1,
        max_size=6,
    ),
    st.randoms(),
)
def test_any_texts_in_any_order(shared_model, texts, random):
    scores = shared_model.score(texts)
    assert np.isfinite(scores).all()
    order = random.sample(range(len(texts)), len(texts))
    assert np.array_equal(shared_model.score([texts[index] for index in order]), scores[order])


@pytest.fixture(scope="module")
def shared_model(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("shared")
    made = graph.build(small.encoder(), precision="int8")
    (path / folder.GRAPH).write_bytes(made.SerializeToString())
    (path / folder.TOKENIZER).write_text(small.tokenizer(), encoding="utf-8")
    meta = folder.Meta(name="small", labels=LABELS, window=WINDOW, precision="int8")
    (path / folder.META).write_text(meta.dump(), encoding="utf-8")
    return OnnxModel(path, name="small", threads=2)


def test_equal_texts_and_equal_tokens_are_run_once(make_folder, monkeypatch):
    model = OnnxModel(make_folder(), name="small")
    seen, read = counting(model, monkeypatch), []
    cut = model._tokens.windows
    monkeypatch.setattr(model._tokens, "windows", lambda text: read.append(text) or cut(text))
    scores = model.score(["you goose", "friend", "you goose", "YOU  Goose", "you goose"])
    assert len(seen) == 2
    assert read == ["you goose", "friend", "YOU  Goose"]
    assert np.array_equal(scores[[0, 0, 0, 0]], scores[[0, 2, 3, 4]])


class TestLongTexts:
    def test_the_worst_part_counts_for_each_label(self, small, make_folder):
        model = OnnxModel(make_folder("float32"), name="small")
        long = "hello friend , " * 20 + "you silly goose ! ! ! ? ? ?" + " the bread was fine" * 20
        parts = Tokens(small.tokenizer(), window=WINDOW).windows(long)
        assert len(parts) > 5
        names = ["", "", "", "", "", *WORDS]
        each = model.score([" ".join(names[token] for token in part[1:-1]) for part in parts])
        assert np.array_equal(model.score([long])[0], each.max(axis=0))

    def test_an_ending_is_read_wherever_it_stands(self, make_folder):
        model = OnnxModel(make_folder("float32"), name="small")
        for length in range(5, 60):
            plain, ended = "bread " * length, "bread " * length + "goose"
            assert not np.array_equal(model.score([plain]), model.score([ended]))

    def test_windows_overlap_by_a_quarter_and_cover_all(self, small):
        reader = Tokens(small.tokenizer(), window=WINDOW)
        random = np.random.default_rng(0)
        for length in range(80):
            words = [int(word) for word in random.integers(5, 5 + len(WORDS), length)]
            found = reader.windows(" ".join(WORDS[word - 5] for word in words))
            assert all((part[0], part[-1]) == (2, 3) for part in found)
            assert max(map(len, found)) == min(length, WINDOW - 2) + 2
            inside = [part[1:-1] for part in found]
            covered = set()
            for part in inside:
                at = next(
                    start
                    for start in range(length + 1)
                    if tuple(words[start : start + len(part)]) == part
                )
                covered |= set(range(at, at + len(part)))
            assert covered == set(range(length))

    def test_how_many_windows_are_read_is_bounded(self, small):
        reader = Tokens(small.tokenizer(), window=WINDOW)
        random = np.random.default_rng(0)
        many = " ".join(random.choice(WORDS, 20_000))
        found = reader.windows(f"goose goose goose {many} friend friend friend")
        assert len(found) == len(set(found)) == windows.MOST_WINDOWS
        goose, friend = (5 + WORDS.index(word) for word in ("goose", "friend"))
        assert found[0][1:4] == (goose,) * 3
        assert found[-1][-4:-1] == (friend,) * 3

    @pytest.mark.parametrize("sign", ["a", "silly ", " ", "😀", "\u0301", "\n", "\ud800", "!"])
    def test_a_million_of_anything_takes_seconds(self, make_folder, sign):
        model = OnnxModel(make_folder(), name="small")
        began = time.process_time()
        scores = model.score([sign * (1_000_000 // len(sign))])
        assert np.isfinite(scores).all()
        assert time.process_time() - began < 10

    def test_pieces_are_cut_between_words(self, small):
        reader = Tokens(small.tokenizer(), window=windows._PIECE)
        text = "the weather was fine " * 5000
        (only,) = {len(part) for part in reader.windows(text)}
        tokens = {token for part in reader.windows(text) for token in part}
        assert only == windows._PIECE
        assert 1 not in tokens  # no word was broken


def test_control_tokens_in_a_comment_are_letters(small):
    reader = Tokens(small.tokenizer(), window=WINDOW)
    (found,) = reader.windows("you [SEP] goose [PAD]")
    assert (found.count(3), found.count(0)) == (1, 0)


class TestCalibration:
    LINE = ((0.5, -3.0), (0.6, -1.0), (0.7, 5.0))

    def test_logits_follow_the_line_and_slope_one_past_it(self, make_folder):
        plain = OnnxModel(make_folder("float32"), name="small")
        tuned = OnnxModel(make_folder("float32", calibration={"insult": self.LINE}), name="small")
        texts = [" ".join(WORDS[: count % 14 + 1]) * (count % 3 + 1) for count in range(60)]
        logits = plain.logits(texts)
        found = tuned.score(texts)
        assert np.array_equal(found[:, [0, 2]], plain.score(texts)[:, [0, 2]])
        given = logits[:, 1]
        wanted = np.piecewise(
            given,
            [given < 0.5, (given >= 0.5) & (given < 0.6), (given >= 0.6) & (given < 0.7)],
            [
                lambda logit: logit - 3.5,
                lambda logit: -3 + 20 * (logit - 0.5),
                lambda logit: -1 + 60 * (logit - 0.6),
                lambda logit: logit + 4.3,
            ],
        )
        assert given.min() < 0.5
        assert given.max() > 0.7
        assert np.allclose(found[:, 1], 1 / (1 + np.exp(-wanted)), atol=1e-6)


@pytest.mark.parametrize(("told", "known"), [(["en", "fr"], ("en", "fr")), (None, ())])
def test_the_languages_are_those_of_the_folder(make_folder, told, known):
    assert OnnxModel(make_folder(languages=told), name="small").languages == known


class TestFolder:
    def test_what_is_written_is_read(self):
        meta = folder.Meta(
            name="a",
            labels=("toxicity", "threat"),
            window=128,
            precision="float32",
            calibration={"threat": ((-1.0, -2.0), (1.5, 0.5))},
            languages=("en",),
            scripts=("latin",),
            source={"checkpoint": "detoxify:original"},
            card={"figures": {"auc": 0.5}},
        )
        assert folder.parse(json.loads(meta.dump())) == meta

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"format": "moderation-model/2"}, "moderation-model/1"),
            ({"labels": []}, "labels"),
            ({"labels": "toxicity"}, "labels"),
            ({"labels": ["toxicity", "toxicity"]}, "labels"),
            ({"labels": ["toxicity", "rudeness"]}, "labels"),
            ({"labels": None}, "labels"),
            ({"window": 3}, "window"),
            ({"window": "many"}, "window"),
            ({"activation": "softmax"}, "activation"),
            ({"activation": None}, "activation"),
            ({"precision": "int4"}, "precision"),
            ({"calibration": {"obscene": [[0, 0]]}}, "calibration"),
            ({"calibration": {"insult": []}}, "insult"),
            ({"calibration": {"insult": [[0, 0], [1, 0]]}}, "insult"),
            ({"calibration": {"insult": [[0, 0], [float("nan"), 1]]}}, "insult"),
            ({"calibration": {"insult": [[0, float("inf")]]}}, "insult"),
            ({"languages": "en"}, "languages"),
        ],
    )
    def test_a_wrong_description_is_refused(self, make_folder, changes, told):
        path = make_folder(**changes)
        with pytest.raises(ModelError) as caught:
            OnnxModel(path, name="small")
        assert told in caught.value.what
        assert caught.value.where == str(path / folder.META)

    @pytest.mark.parametrize("name", [folder.GRAPH, folder.TOKENIZER, folder.META])
    @pytest.mark.parametrize("content", [None, b"", b"\xff\xfe nonsense", b"[" * 100_000])
    def test_a_damaged_file_is_refused(self, make_folder, name, content):
        path = make_folder()
        if content is None:
            (path / name).unlink()
        else:
            (path / name).write_bytes(content)
        with pytest.raises(ModelError):
            OnnxModel(path, name="small")

    def test_the_fingerprint_changes_with_every_file(self, make_folder):
        found = {OnnxModel(make_folder(), name="small").fingerprint}
        assert found == {OnnxModel(make_folder(), name="small").fingerprint}
        found.add(OnnxModel(make_folder("float32"), name="small").fingerprint)
        found.add(OnnxModel(make_folder(window=12), name="small").fingerprint)
        path = make_folder()
        with (path / folder.TOKENIZER).open("a") as stream:
            stream.write("\n")
        found.add(OnnxModel(path, name="small").fingerprint)
        assert len(found) == 4
        assert all(name.startswith("small@") and len(name) == 18 for name in found)


def foreign(inputs, kind=onnx.TensorProto.INT64, outputs=3):
    """A graph of someone else's: each logit is the number of tokens."""
    nodes = [
        onnx.helper.make_node("Cast", [inputs[-1]], ["cast"], to=onnx.TensorProto.FLOAT),
        onnx.helper.make_node("ReduceSum", ["cast", "axis"], ["sum"], keepdims=1),
        onnx.helper.make_node("Tile", ["sum", "times"], ["logits"]),
    ]
    value = onnx.helper.make_tensor_value_info
    made = onnx.helper.make_graph(
        nodes,
        "foreign",
        [value(name, kind, ["batch", "length"]) for name in inputs],
        [value("logits", onnx.TensorProto.FLOAT, ["batch", outputs])],
        [
            onnx.numpy_helper.from_array(np.array([1]), "axis"),
            onnx.numpy_helper.from_array(np.array([1, outputs]), "times"),
        ],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(made, ir_version=10, opset_imports=opset)


class TestForeignGraphs:
    @pytest.mark.parametrize("kind", [onnx.TensorProto.INT64, onnx.TensorProto.INT32])
    def test_a_mask_and_types_are_given_where_they_are_asked_for(self, make_folder, kind):
        made = foreign(["input_ids", "token_type_ids", "attention_mask"], kind)
        scores = OnnxModel(make_folder("float32", made), name="small").score(["you silly goose"])
        assert np.allclose(scores, 1 / (1 + np.exp(-5.0)))

    @pytest.mark.parametrize(
        "graph", [foreign(["pixels"]), foreign(["input_ids"], outputs=len(LABELS) + 1)]
    )
    def test_one_that_does_not_fit_is_refused(self, make_folder, graph):
        with pytest.raises(ModelError, match="does not fit"):
            OnnxModel(make_folder("float32", graph), name="small")

    def test_a_run_that_fails_is_an_error_of_the_model(self, make_folder):
        path = make_folder(window=WINDOW * 4)  # more than the graph has places for
        with pytest.raises(ModelError, match="could not score"):
            OnnxModel(path, name="small").score(["bread " * 60])


class TestNames:
    def test_a_folder_is_a_name(self, make_folder, monkeypatch):
        path = make_folder()
        model = models.load(str(path), threads=1)
        assert model.name == str(path)
        assert model.fingerprint.startswith(f"{path}@")
        monkeypatch.chdir(path.parent)
        assert models.load(path.name).score(["hello"]).shape == (1, len(LABELS))

    def test_a_model_in_the_cache_is_listed_and_loaded(self, make_folder, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        home = tmp_path / "cache" / "moderation" / "models"
        home.mkdir(parents=True)
        make_folder().rename(home / "mine-int8")
        assert "compiled:mine-int8" in dict(models.available())
        assert models.load("compiled:mine-int8").name == "compiled:mine-int8"
        for name in ("compiled:other", "compiled:", "compiled:../models/mine-int8"):
            with pytest.raises(UsageError, match="no model is called"):
                models.load(name)

    def test_a_folder_without_a_model_says_what_is_missing(self, tmp_path):
        with pytest.raises(UsageError, match="no model is called"):
            models.load(f"{tmp_path}/nothing")
        (tmp_path / "nothing").mkdir()
        with pytest.raises(ModelError, match=r"meta\.json"):
            models.load(f"{tmp_path}/nothing")


def test_scoring_imports_neither_torch_nor_onnx(make_folder):
    code = (
        "import sys; from moderation import models\n"
        f"models.load({str(make_folder())!r}).score(['hello'])\n"
        "print(sorted({'torch', 'transformers', 'onnx', 'detoxify'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
