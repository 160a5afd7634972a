"""An encoder as an ONNX graph, written node by node.

The graph is that of one text, or of several with exactly as many tokens: without
padding it needs no attention mask. Its operators are onnxruntime's fused ones, written
down here instead of being found again by an optimiser in a traced graph, whose patterns
change with every version of transformers. And since the head reads nothing but the
first token, the last layer computes nothing but the first token.

Input `input_ids`, int64 (texts, tokens); output `logits`, float32 (texts, classes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.models.compile.encoder import Array, Dense, Encoder, Layer, Norm

_FUSED = "com.microsoft"
_OPSET = 17
_IR_VERSION = 10

# int8: activations are 0..255 with a scale measured in each run, weights are signed with
# a scale for each output. A processor without VNNI adds two products in 16 bits, which
# overflow in silence if the weights have 8 bits and cannot if they have 7
# (2 * 255 * 63 < 2**15). So weights have 7: what is faithful here is so everywhere, and
# the rounding of the activations outweighs the bit that is lost. Blocks of weights with
# scales of their own (MatMulNBits) were closer to float32 but slower than it without VNNI.
_WEIGHT_TOP = 63
_TABLE_TOP = 127

_GELU = "gelu"  # with the error function; the other names are all its tanh approximation


def build(encoder: Encoder, *, precision: str) -> Any:
    """The encoder as an `onnx.ModelProto`.

    Args:
        precision: `float32`; or `int8`, which takes a quarter of the space and keeps
            in float32 what costs little: attention itself, normalisation, the head.
    """
    return _Graph(encoder, int8=precision == "int8").model()


class _Graph:
    """Nodes in the order in which they are needed; each method gives its result's name."""

    def __init__(self, encoder: Encoder, *, int8: bool) -> None:
        from onnx import helper

        self._encoder = encoder
        self._int8 = int8
        self._helper = helper
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        # As long as the text; see `_norm`.
        self._ones = self._zeros = ""
        # ALBERT's layers share their weights: each array is stored once.
        self._stored: dict[int, tuple[object, tuple[str, ...]]] = {}

    def model(self) -> Any:
        from onnx import TensorProto

        encoder, helper = self._encoder, self._helper
        hidden = self._embeddings()
        for layer in encoder.layers[:-1]:
            hidden = self._layer(layer, hidden, hidden)
        hidden = self._layer(encoder.layers[-1], hidden, self._first(hidden))
        summary = self._node("Tanh", self._exactly(encoder.summary, hidden))
        logits = self._exactly(encoder.classify, summary)
        self._nodes.append(
            helper.make_node("Squeeze", [logits, self._constant(np.array([1]))], ["logits"])
        )
        shapes = {"input_ids": ["texts", "tokens"], "logits": ["texts", len(encoder.classify.bias)]}
        graph = helper.make_graph(
            self._nodes,
            "classifier",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, shapes["input_ids"])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, shapes["logits"])],
            self._constants,
        )
        return helper.make_model(
            graph,
            producer_name="moderation",
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)],
        )

    def _embeddings(self) -> str:
        encoder = self._encoder
        zero = self._constant(np.array([0]))
        length = self._node("Shape", "input_ids", start=1, end=2)
        places = self._node("Slice", self._constant(encoder.places), zero, length, zero)
        total = self._node("Add", self._words(), places)
        self._zeros = self._node("ConstantOfShape", length)
        self._ones = self._node("Exp", self._zeros)
        hidden = self._norm(encoder.embedding_norm, total, self._ones, self._zeros)
        return hidden if encoder.projection is None else self._dense(encoder.projection, hidden)

    def _words(self) -> str:
        """The table of words, with a scale for each row where it is int8."""
        table = self._encoder.words
        if not self._int8:
            return self._node("Gather", self._constant(table), "input_ids")
        small, scales = _rounded(table, _TABLE_TOP)
        rows = self._node("Gather", self._constant(small), "input_ids")
        factors = self._node("Gather", self._constant(scales), "input_ids")
        return self._node("Mul", self._node("Cast", rows, to=1), factors)

    def _first(self, hidden: str) -> str:
        zero, one = self._constant(np.array([0])), self._constant(np.array([1]))
        return self._node("Slice", hidden, zero, one, one)

    def _layer(self, layer: Layer, every: str, wanted: str) -> str:
        """The layer's result for the `wanted` ones of `every` token."""
        if wanted == every:
            parts = self._split(self._dense(layer.queries_keys_values, every), 3)
        else:
            queries, keys_values = _parted(layer.queries_keys_values)
            parts = [self._dense(queries, wanted), *self._split(self._dense(keys_values, every), 2)]
        heads = self._encoder.heads
        mixed = self._node("MultiHeadAttention", *parts, domain=_FUSED, num_heads=heads)
        ones, zeros = (self._ones, self._zeros) if wanted == every else self._single()
        mixed = self._node("Add", self._dense(layer.mix, mixed), wanted)
        hidden = self._norm(layer.mix_norm, mixed, ones, zeros)
        gelu = "BiasGelu" if self._encoder.activation == _GELU else "FastGelu"
        (bias,) = self._store(layer.widen.bias, lambda: (layer.widen.bias,))
        wide = self._node(gelu, self._product(layer.widen, hidden), bias, domain=_FUSED)
        narrow = self._node("Add", self._dense(layer.narrow, wide), hidden)
        return self._norm(layer.narrow_norm, narrow, ones, zeros)

    def _norm(self, norm: Norm, values: str, ones: str, zeros: str) -> str:
        """Layer normalisation; `ones` and `zeros` are as long as the text.

        It is written as the instance normalisation of an image whose channels are the
        tokens: onnxruntime has that one vectorised and its LayerNormalization not, which
        is a quarter of the time of a small int8 model.
        """
        scale, shift = self._store(norm, lambda: (norm.scale, norm.shift))
        even = self._node(
            "InstanceNormalization", values, ones, zeros, epsilon=self._encoder.epsilon
        )
        return self._node("Add", self._node("Mul", even, scale), shift)

    def _dense(self, dense: Dense, values: str) -> str:
        (bias,) = self._store(dense.bias, lambda: (dense.bias,))
        return self._product(dense, values, bias)

    def _product(self, dense: Dense, values: str, bias: str = "") -> str:
        if not self._int8:
            return self._float_product(dense, values, bias)
        weight, scales = self._store(dense, lambda: _small(dense))
        return self._node("DynamicQuantizeMatMul", values, weight, scales, "", bias, domain=_FUSED)

    def _float_product(self, dense: Dense, values: str, bias: str = "") -> str:
        (weight,) = self._store(dense, lambda: (dense.weight.T,))
        product = self._node("MatMul", values, weight)
        return self._node("Add", product, bias) if bias else product

    def _exactly(self, dense: Dense, values: str) -> str:
        (bias,) = self._store(dense.bias, lambda: (dense.bias,))
        return self._float_product(dense, values, bias)

    def _single(self) -> tuple[str, str]:
        """Ones and zeros for a single token."""
        one = self._constant(np.ones(1, dtype=np.float32))
        return one, self._constant(np.zeros(1, dtype=np.float32))

    def _split(self, joined: str, count: int) -> list[str]:
        names = [f"{joined}_{part}" for part in range(count)]
        self._nodes.append(self._helper.make_node("Split", [joined], names, axis=-1))
        return names

    def _node(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(
            self._helper.make_node(kind, list(inputs), [name], domain=domain, **attributes)
        )
        return name

    def _store(
        self, owner: object, arrays: Callable[[], tuple[npt.NDArray[Any], ...]]
    ) -> tuple[str, ...]:
        """The names of the arrays that stand for `owner`, stored when first asked for."""
        if id(owner) not in self._stored:
            # The owner is kept as well: an id is free again when its object is gone.
            self._stored[id(owner)] = owner, tuple(self._constant(array) for array in arrays())
        return self._stored[id(owner)][1]

    def _constant(self, value: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name


def _parted(joined: Dense) -> tuple[Dense, Dense]:
    """Queries; keys and values."""
    width = len(joined.bias) // 3
    return (
        Dense(joined.weight[:width], joined.bias[:width]),
        Dense(joined.weight[width:], joined.bias[width:]),
    )


def _small(dense: Dense) -> tuple[npt.NDArray[np.int8], Array]:
    small, scales = _rounded(dense.weight, _WEIGHT_TOP)
    return small.T, scales.ravel()


def _rounded(rows: Array, top: int) -> tuple[npt.NDArray[np.int8], Array]:
    """Whole numbers in -top..top, and for each row what they are multiplied with."""
    scales = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12) / top
    return np.round(rows / scales).astype(np.int8), scales.astype(np.float32)
