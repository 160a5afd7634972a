"""Marks on made-up comments: the measure, the data, and a head that learns them."""

import csv
import gzip
import importlib.util
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")
onnx = pytest.importorskip("onnx", reason="needs the extra [train]")

TINY = Path(__file__).resolve().parents[1] / "models" / "conftest.py"


def offsets(text, word):
    start = text.index(word)
    return list(range(start, start + len(word)))


@pytest.fixture
def rows():
    """`silly` is the reason behind `you`, and no reason elsewhere."""
    random = Random(3)
    made = []
    for number in range(120):
        filler = random.sample(["hello", "friend", "bread", "weather", "fine"], 3)
        if number % 4 == 3:
            made.append((" ".join(filler), []))
            continue
        word = random.choice(["silly", "goose"])
        text = " ".join([*filler, "you", word])
        made.append((text, offsets(text, word)))
    return made


@pytest.fixture
def data(tmp_path, rows):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("spans_train", "spans_dev"):
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["spans", "text"])
            writer.writerows((json.dumps(marks), text) for text, marks in rows)
    for name in ("train_jigsaw", "train_paradetox"):
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["text", "toxicity", "insult"])
            writer.writerows(
                [("hello bread", 0, 0), ("you goose", 0, 1), ("fine", "", ""), ("x " * 400, 0, 0)]
            )
    return folder


@pytest.fixture
def exported(tmp_path):
    """A transformer with random weights, as `training.export` leaves it."""
    from moderation.models.compile import graph
    from moderation.models.onnx import folder

    spec = importlib.util.spec_from_file_location("tiny", TINY)
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    path = tmp_path / "export"
    path.mkdir()
    proto = graph.build(tiny.encoder(), precision="int8")
    (path / folder.GRAPH).write_bytes(proto.SerializeToString())
    (path / folder.TOKENIZER).write_text(tiny.tokenizer(), encoding="utf-8")
    meta = folder.Meta(name="tiny", labels=tiny.LABELS, window=tiny.WINDOW, precision="int8")
    (path / folder.META).write_text(meta.dump(), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("wanted", "found", "f1"),
    [
        ((), (), 1.0),
        ((1, 2), (), 0.0),
        ((), (1,), 0.0),
        ((1, 2, 3, 4), (3, 4), 2 / 3),
        ((1, 2), (1, 2), 1.0),
    ],
)
def test_the_measure_of_the_task(wanted, found, f1):
    from training.spans import character_f1

    assert character_f1(frozenset(wanted), frozenset(found)) == pytest.approx(f1)


def test_comments_count_alike_however_long_they_are():
    from moderation.comments import Span
    from training.spans import Marked, evaluate

    class First:
        def marks(self, text):
            return (Span(0, 1, text[0]),)

    comments = [Marked("a" * 100, frozenset(range(100))), Marked("b", frozenset([0]))]
    assert evaluate(First(), comments) == pytest.approx((2 / 101 + 1) / 2)


def test_harmless_comments_have_no_label_and_are_short(data):
    from training.marks import harmless

    found = harmless(data, np.random.default_rng(0))
    assert [(one.text, one.marks) for one in found] == [("hello bread", frozenset())] * 2


def test_the_head_learns_the_words_and_leaves_the_scores(data, exported, rows):
    from moderation.models.onnx.engine import OnnxModel
    from training import head, marks
    from training.spans import evaluate, read

    texts = [text for text, _ in rows]
    before = OnnxModel(exported, name="before").logits(texts)
    comments = read(data / "spans_train.csv.gz")
    torch.set_num_threads(1)
    plan = head.Plan(width=16, epochs=25, rate=1e-2, dropout=0.0, tokens=128)
    marks.teach(exported, comments, marks.harmless(data, np.random.default_rng(0)), plan)
    model = OnnxModel(exported, name="after")
    assert np.array_equal(model.logits(texts), before)
    assert 0 < model.meta.marks.threshold < 1
    assert evaluate(model, comments) > 0.95


def test_the_graph_computes_what_was_trained_and_takes_one_head_only(exported, rows):
    from moderation.models.onnx import folder
    from moderation.models.onnx.engine import OnnxModel
    from moderation.models.onnx.windows import Tokens
    from training import head

    found = folder.read(exported)
    proto = onnx.load_from_string(found.graph)
    width = proto.graph.output[0].type.tensor_type.shape.dim[-1].dim_value
    assert (len(head.states(proto)), width) == (3, 3)
    torch.manual_seed(0)
    for _ in range(2):
        made = head.Head(3 * 32, width=16, dropout=0.3).eval()
        nodes = len(head.bare(proto).graph.node)
        proto = head.attach(proto, made)
    assert len(head.bare(proto).graph.node) == nodes
    onnx.checker.check_model(head.bare(proto).graph.node and proto)
    (exported / folder.GRAPH).write_bytes(proto.SerializeToString())
    text = rows[0][0]
    (window,) = Tokens(found.tokenizer, window=found.meta.window).windows(text)
    states = torch.from_numpy(head.reader(proto)(window).astype(np.float32))
    with torch.no_grad():
        wanted = made(states[None])[0].numpy()[1:-1]
    odds = OnnxModel(exported, name="made").reading(text).odds
    assert odds == pytest.approx(wanted, abs=2e-2)  # the states were rounded to 16 bits


def test_the_same_seed_gives_the_same_head(rows):
    from training import head

    random = np.random.default_rng(0)
    examples = [
        head.Example(
            random.normal(size=(size, 8)).astype(np.float16),
            (random.random(size) < 0.5).astype(np.float32),
        )
        for size in random.integers(2, 9, 30)
    ]
    plan = head.Plan(width=8, epochs=2, tokens=40)
    torch.set_num_threads(1)
    first, second = (head.train(examples, plan).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
