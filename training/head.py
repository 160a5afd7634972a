"""A head that tells of each token whether it is part of what makes a text toxic.

It reads the states between the transformer's layers, all of them side by side, for the
words stand in the lower ones and what they mean here in the upper ones. It narrows them,
lets the tokens look at each other once and gives one number for each. The transformer
itself stays as it was measured: the head's nodes are added to the finished graph and
trained on what that graph computes, with the rounding of its 8 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from onnx import TensorProto, helper, numpy_helper, parser
from torch import nn

OUTPUT = "marks"
_OWN = f"{OUTPUT}_"  # what the names of the head's nodes begin with
_SWITCH = f"{_OWN}wanted"
_PRODUCTS = {"DynamicQuantizeMatMul", "MatMul"}
_HEADS = 4

Ids = tuple[int, ...]
Halves = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Example:
    """A window of a text: `states` of shape (tokens, inputs), `truth` (tokens,).

    `truth` is 1 or 0, or NaN for a token that is none of the text's.
    """

    states: Halves
    truth: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the head is trained; the defaults were chosen on a part of `spans_train`."""

    width: int = 64
    epochs: int = 4
    rate: float = 1e-3
    dropout: float = 0.2
    decay: float = 0.01
    tokens: int = 1500  # of a batch, padding included
    seed: int = 0


class Head(nn.Module):
    """States of shape (texts, tokens, inputs) to log-odds of shape (texts, tokens)."""

    def __init__(self, inputs: int, *, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.narrow = nn.Linear(inputs, width)
        self.look = nn.TransformerEncoderLayer(
            width, _HEADS, 2 * width, dropout, activation="gelu", batch_first=True
        )
        self.tell = nn.Linear(width, 1)

    def forward(self, states: torch.Tensor, padding: torch.Tensor | None = None) -> torch.Tensor:
        """`padding` is true where there is no token, shape (texts, tokens)."""
        narrow = self.narrow(self.dropout(states))
        result: torch.Tensor = self.tell(self.look(narrow, src_key_padding_mask=padding))[..., 0]
        return result


def bare(model: Any) -> Any:
    """A copy of an `onnx.ModelProto` without a head that was added earlier."""
    copy = type(model)()
    copy.CopyFrom(model)
    for part, named in (
        (copy.graph.node, lambda node: node.output[0]),
        (copy.graph.initializer, lambda constant: constant.name),
        (copy.graph.input, lambda put: put.name),
        (copy.graph.output, lambda put: put.name),
    ):
        kept = [one for one in part if not f"{named(one)}_".startswith(_OWN)]
        del part[:]
        part.extend(kept)
    return copy


def states(model: Any) -> list[str]:
    """The names of what each layer reads, of shape (texts, tokens, width), the lowest first.

    Found from the attention of each layer upwards, which must be as `compile.graph` writes it.
    """
    makers = {name: node for node in model.graph.node for name in node.output}
    found = []
    for node in model.graph.node:
        if node.op_type == "MultiHeadAttention":
            above = makers[node.input[2]]
            while above.op_type not in _PRODUCTS:
                above = makers[above.input[0]]
            found.append(above.input[0])
    return found


def reader(model: Any) -> Any:
    """A function from a window's token ids to the states of its tokens, (tokens, inputs)."""
    import onnxruntime

    copy = bare(model)
    names = states(copy)
    del copy.graph.output[:]
    copy.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        copy.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )

    def read(ids: Ids) -> Halves:
        found = session.run(names, {"input_ids": np.array([ids])})
        return np.concatenate([one[0] for one in found], axis=-1).astype(np.float16)

    return read


def train(examples: Sequence[Example], plan: Plan) -> Head:
    """A head fitted to the examples, with the same loss for every token."""
    torch.manual_seed(plan.seed)
    random = np.random.default_rng(plan.seed)
    head = Head(examples[0].states.shape[1], width=plan.width, dropout=plan.dropout)
    optimiser = torch.optim.AdamW(head.parameters(), lr=plan.rate, weight_decay=plan.decay)
    rounds = [_batches(examples, plan.tokens, random) for _ in range(plan.epochs)]
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.rate, total_steps=sum(map(len, rounds)) + 1, pct_start=0.1
    )
    for batch in (batch for batches in rounds for batch in batches):
        inputs, truth, padding = _padded([examples[at] for at in batch])
        known = ~torch.isnan(truth)
        odds = head(inputs, padding)[known]
        loss = nn.functional.binary_cross_entropy_with_logits(odds, truth[known])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return head.eval()


def _batches(
    examples: Sequence[Example], most: int, random: np.random.Generator
) -> list[list[int]]:
    """Examples of about the same length together, in any order."""
    sizes = np.array([len(example.truth) for example in examples])
    made: list[list[int]] = []
    batch: list[int] = []
    for at in np.argsort(sizes + random.uniform(0, 20, len(sizes))).tolist():
        if batch and (len(batch) + 1) * max(sizes[at], sizes[batch].max()) > most:
            made.append(batch)
            batch = []
        batch.append(at)
    made.append(batch)
    return [made[at] for at in random.permutation(len(made))]


def _padded(batch: list[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    inputs = [torch.from_numpy(example.states.astype(np.float32)) for example in batch]
    truth = [torch.from_numpy(example.truth) for example in batch]
    lengths = torch.tensor([len(one) for one in truth])
    joined = nn.utils.rnn.pad_sequence(inputs, batch_first=True)
    padding = torch.arange(joined.shape[1])[None] >= lengths[:, None]
    wanted = nn.utils.rnn.pad_sequence(truth, batch_first=True, padding_value=float("nan"))
    return joined, wanted, padding


# The same as `Head.forward`.
_GRAPH = """
wanted () => (float[texts, told] odds) {
    joined = Concat <axis = -1> (STATES)
    narrowed = MatMul (joined, narrow_weight)
    narrow = Add (narrowed, narrow_bias)
    mixed_in = MatMul (narrow, attention_weight)
    asked = Add (mixed_in, attention_bias)
    queries, keys, values = Split <axis = -1> (asked)
    seen = com.microsoft.MultiHeadAttention <num_heads = HEADS> (queries, keys, values)
    mixed_out = MatMul (seen, mix_weight)
    mixed = Add (mixed_out, mix_bias)
    beside = Add (mixed, narrow)
    even = LayerNormalization <axis = -1, epsilon = EPSILON> (beside, even_scale, even_shift)
    widened = MatMul (even, widen_weight)
    wide = com.microsoft.BiasGelu (widened, widen_bias)
    closed = MatMul (wide, close_weight)
    close = Add (closed, close_bias)
    above = Add (close, even)
    last = LayerNormalization <axis = -1, epsilon = EPSILON> (above, last_scale, last_shift)
    told = MatMul (last, tell_weight)
    each = Add (told, tell_bias)
    odds = Squeeze (each, last_axis)
}
"""
_NOTHING = "unwanted () => (float[texts, told] odds) { odds = Identity (nothing) }"


def attach(model: Any, head: Head) -> Any:
    """A copy of the `onnx.ModelProto` with one more output, `marks` of (texts, tokens).

    It is computed where the input `marks_wanted` is true, and else has no tokens: for
    onnxruntime computes what nobody fetches as well. An earlier head gives way. All
    other nodes stay as they are.
    """
    result = bare(model)
    names = states(result)
    text = _GRAPH.replace("STATES", ", ".join(names)).replace("HEADS", str(_HEADS))
    text = text.replace("EPSILON", f"{head.look.norm1.eps:.10f}")
    branches = {"then_branch": _branch(text, names), "else_branch": _branch(_NOTHING, names)}
    graph = result.graph
    graph.input.append(helper.make_tensor_value_info(_SWITCH, TensorProto.BOOL, []))
    graph.node.append(helper.make_node("If", [_SWITCH], [OUTPUT], **branches))
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", "told"]))
    graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(array), f"{_OWN}{name}")
        for name, array in _constants(head)
    )
    return result


def _branch(text: str, outer: Sequence[str]) -> Any:
    """A graph whose names, save those of the outer one, are the head's own."""
    made = parser.parse_graph(text)
    for node in made.node:
        node.input[:] = [name if name in outer else f"{_OWN}{name}" for name in node.input]
        node.output[:] = [f"{_OWN}{name}" for name in node.output]
    made.output[0].name = f"{_OWN}{made.output[0].name}"
    return made


def _constants(head: Head) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    look = head.look
    yield "nothing", np.zeros((1, 0), dtype=np.float32)
    yield "last_axis", np.array([-1])
    yield "attention_weight", _array(look.self_attn.in_proj_weight).T
    yield "attention_bias", _array(look.self_attn.in_proj_bias)
    products = {
        "narrow": head.narrow,
        "mix": look.self_attn.out_proj,
        "widen": look.linear1,
        "close": look.linear2,
        "tell": head.tell,
    }
    for name, dense in products.items():
        yield f"{name}_weight", _array(dense.weight).T
        yield f"{name}_bias", _array(dense.bias)
    for name, norm in (("even", look.norm1), ("last", look.norm2)):
        yield f"{name}_scale", _array(norm.weight)
        yield f"{name}_shift", _array(norm.bias)


def _array(parameter: torch.Tensor) -> npt.NDArray[np.float32]:
    result: npt.NDArray[np.float32] = parameter.detach().numpy()
    return result
