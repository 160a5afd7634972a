"""The graph that is written down, against the same arithmetic in numpy."""

import math

import numpy as np
import onnxruntime
import pytest

from moderation.models.compile import graph

onnx = pytest.importorskip("onnx", reason="needs the extra [detoxify]")

WINDOW = 16
IDS = [2, 5, 8, 9, 10, 6, 17, 3]


def expected(model, ids):
    """Logits in double precision, every token of every layer computed."""

    def apply(dense, values):
        return values @ dense.weight.T.astype(float) + dense.bias

    def normal(norm, values):
        centred = values - values.mean(axis=-1, keepdims=True)
        return (
            centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True)) * norm.scale + norm.shift
        )

    def gelu(values):
        if model.activation == "gelu":
            return values * 0.5 * (1 + np.vectorize(math.erf)(values / math.sqrt(2)))
        inner = math.sqrt(2 / math.pi) * (values + 0.044715 * values**3)
        return values * 0.5 * (1 + np.tanh(inner))

    hidden = normal(model.embedding_norm, model.words[ids].astype(float) + model.places[: len(ids)])
    if model.projection:
        hidden = apply(model.projection, hidden)
    for layer in model.layers:
        joined = apply(layer.queries_keys_values, hidden)
        queries, keys, values = (
            part.reshape(len(ids), model.heads, -1).transpose(1, 0, 2)
            for part in np.split(joined, 3, axis=-1)
        )
        odds = np.exp(queries @ keys.transpose(0, 2, 1) / math.sqrt(queries.shape[-1]))
        mixed = (odds / odds.sum(axis=-1, keepdims=True)) @ values
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
        hidden = normal(layer.mix_norm, hidden + apply(layer.mix, mixed))
        hidden = normal(
            layer.narrow_norm, hidden + apply(layer.narrow, gelu(apply(layer.widen, hidden)))
        )
    return apply(model.classify, np.tanh(apply(model.summary, hidden[0])))


def session(proto):
    onnx.checker.check_model(proto)
    return onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )


def logits(proto, rows):
    return session(proto).run(["logits"], {"input_ids": np.array(rows, dtype=np.int64)})[0]


@pytest.mark.parametrize(
    "kind", [{}, {"activation": "gelu_new"}, {"narrow": 16}, {"narrow": 16, "shared": True}]
)
@pytest.mark.parametrize("ids", [IDS, IDS[:2], [2, *[5] * (WINDOW - 2), 3]])
def test_float32_is_the_arithmetic_to_six_digits(small, kind, ids):
    model = small.encoder(**kind)
    found = logits(graph.build(model, precision="float32"), [ids])[0]
    assert np.abs(found - expected(model, ids)).max() < 1e-5


@pytest.mark.parametrize("kind", [{}, {"narrow": 16, "shared": True}])
def test_int8_is_close_and_a_third_of_the_size(small, kind):
    model = small.encoder(**kind)
    exact, tight = (graph.build(model, precision=name) for name in ("float32", "int8"))
    random = np.random.default_rng(1)
    rows = [random.integers(5, 5 + len(small.WORDS), 10) for _ in range(30)]
    wanted = np.array([expected(model, row) for row in rows])
    found = np.array([logits(tight, [row])[0] for row in rows])
    assert np.abs(found - wanted).mean() < 0.05 < wanted.std()
    assert tight.ByteSize() < exact.ByteSize() / 2


def test_int8_weights_have_seven_bits(small):
    """With eight a processor without VNNI overflows in silence; see graph.py."""
    proto = graph.build(small.encoder(), precision="int8")
    named = {constant.name: constant for constant in proto.graph.initializer}
    found = [
        onnx.numpy_helper.to_array(named[node.input[1]])
        for node in proto.graph.node
        if node.op_type == "DynamicQuantizeMatMul"
    ]
    # The last layer's queries stand apart from its keys and values.
    assert len(found) == 3 * 4 + 1
    assert all(weights.dtype == np.int8 for weights in found)
    assert max(np.abs(weights.astype(int)).max() for weights in found) == 63


def test_several_texts_of_one_length_at_a_time(small):
    proto = graph.build(small.encoder(), precision="float32")
    rows = [IDS, IDS[::-1], [*IDS[:4], *IDS[:4]]]
    together = logits(proto, rows)
    assert together.shape == (3, len(small.LABELS))
    for row, found in zip(rows, together, strict=True):
        assert np.abs(logits(proto, [row])[0] - found).max() < 1e-6


def test_shared_layers_are_stored_once(small):
    shared = graph.build(small.encoder(shared=True), precision="float32").ByteSize()
    assert shared < 0.6 * graph.build(small.encoder(), precision="float32").ByteSize()


def test_every_constant_is_used(small):
    for precision in ("int8", "float32"):
        proto = graph.build(small.encoder(narrow=16), precision=precision)
        used = {name for node in proto.graph.node for name in node.input}
        assert {constant.name for constant in proto.graph.initializer} <= used
