"""The weights of a text classifier, told apart by what they do.

BERT, RoBERTa, XLM-RoBERTa and ALBERT are one architecture: embeddings, layers of
attention and feed-forward with the normalisation after each, and a head that reads the
first token. They differ in the names of their tensors, in where positions begin, and
in that ALBERT shares layers and widens its embeddings. Past this module they are alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.errors import ModelError

Array = npt.NDArray[np.float32]

#: The activations of the feed-forward part, by transformers' names.
ACTIVATIONS = ("gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast")


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """y = x @ weight.T + bias; weight of shape (outputs, inputs)."""

    weight: Array
    bias: Array


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """Layer normalisation."""

    scale: Array
    shift: Array


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer; `queries_keys_values` is the three projections, one under the other."""

    queries_keys_values: Dense
    mix: Dense
    mix_norm: Norm
    widen: Dense
    narrow: Dense
    narrow_norm: Norm


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """A classifier. A layer that is shared stands in `layers` more than once.

    Attributes:
        words: shape (vocabulary, width of embeddings).
        places: what the n-th token gets added, shape (longest text, width of embeddings).
        projection: from the width of embeddings to that of the layers, if they differ.
        summary: applied to the first token, before tanh.
        classify: from there to one logit a class.
    """

    words: Array
    places: Array
    embedding_norm: Norm
    projection: Dense | None
    layers: tuple[Layer, ...]
    summary: Dense
    classify: Dense
    heads: int
    activation: str
    epsilon: float


def read(config: Any, state: Mapping[str, Any]) -> Encoder:
    """The encoder in the state dict of a `…ForSequenceClassification`.

    Args:
        config: its configuration, as transformers makes it.
        state: its tensors by name.

    Raises:
        ModelError: it is of another family, or does something that these do not.
    """
    family = str(config.model_type)
    reader = {"bert": _Bert, "roberta": _Roberta, "xlm-roberta": _Roberta, "albert": _Albert}
    if family not in reader:
        raise ModelError(
            f"a model of the type '{family}' cannot be compiled",
            hint="these can: BERT, RoBERTa, XLM-RoBERTa, ALBERT",
        )
    if str(config.hidden_act) not in ACTIVATIONS:
        raise ModelError(f"a model with the activation '{config.hidden_act}' cannot be compiled")
    if str(getattr(config, "position_embedding_type", None) or "absolute") != "absolute":
        raise ModelError("a model with relative positions cannot be compiled")
    try:
        return reader[family](config, state).encoder()
    except KeyError as error:
        raise ModelError(f"the model lacks the tensor {error}") from error


class _Bert:
    """The names of BERT; what the others do otherwise they override."""

    prefix = "bert."
    first_place = 0

    def __init__(self, config: Any, state: Mapping[str, Any]) -> None:
        self.config = config
        self._state = state

    def tensor(self, name: str) -> Array:
        found = self._state[name]
        return np.ascontiguousarray(found.detach().float().cpu().numpy())

    def dense(self, name: str) -> Dense:
        return Dense(self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"))

    def norm(self, name: str) -> Norm:
        return Norm(self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"))

    def encoder(self) -> Encoder:
        names = f"{self.prefix}embeddings."
        # All tokens of one text are of type 0: its row is part of every position's.
        places = self.tensor(f"{names}position_embeddings.weight")[self.first_place :]
        kinds = self.tensor(f"{names}token_type_embeddings.weight")
        return Encoder(
            words=self.tensor(f"{names}word_embeddings.weight"),
            places=places + kinds[0],
            embedding_norm=self.norm(f"{names}LayerNorm"),
            projection=self.projection(),
            layers=self.layers(),
            summary=self.summary(),
            classify=self.classify(),
            heads=int(self.config.num_attention_heads),
            activation=str(self.config.hidden_act),
            epsilon=float(self.config.layer_norm_eps),
        )

    def projection(self) -> Dense | None:
        return None

    def layers(self) -> tuple[Layer, ...]:
        return tuple(self.layer(number) for number in range(int(self.config.num_hidden_layers)))

    def layer(self, number: int) -> Layer:
        name = f"{self.prefix}encoder.layer.{number}."
        return Layer(
            queries_keys_values=self.stacked(f"{name}attention.self."),
            mix=self.dense(f"{name}attention.output.dense"),
            mix_norm=self.norm(f"{name}attention.output.LayerNorm"),
            widen=self.dense(f"{name}intermediate.dense"),
            narrow=self.dense(f"{name}output.dense"),
            narrow_norm=self.norm(f"{name}output.LayerNorm"),
        )

    def stacked(self, name: str) -> Dense:
        parts = [self.dense(f"{name}{part}") for part in ("query", "key", "value")]
        return Dense(
            np.concatenate([part.weight for part in parts]),
            np.concatenate([part.bias for part in parts]),
        )

    def summary(self) -> Dense:
        return self.dense(f"{self.prefix}pooler.dense")

    def classify(self) -> Dense:
        return self.dense("classifier")


class _Roberta(_Bert):
    prefix = "roberta."

    def __init__(self, config: Any, state: Mapping[str, Any]) -> None:
        super().__init__(config, state)
        # Positions are counted from the padding's number on, which itself has one.
        self.first_place = int(config.pad_token_id) + 1

    def summary(self) -> Dense:
        return self.dense("classifier.dense")

    def classify(self) -> Dense:
        return self.dense("classifier.out_proj")


class _Albert(_Bert):
    prefix = "albert."

    def projection(self) -> Dense | None:
        return self.dense("albert.encoder.embedding_hidden_mapping_in")

    def layers(self) -> tuple[Layer, ...]:
        count, groups = int(self.config.num_hidden_layers), int(self.config.num_hidden_groups)
        shared = [
            [self._shared(group, inner) for inner in range(int(self.config.inner_group_num))]
            for group in range(groups)
        ]
        return tuple(layer for number in range(count) for layer in shared[number * groups // count])

    def _shared(self, group: int, inner: int) -> Layer:
        name = f"albert.encoder.albert_layer_groups.{group}.albert_layers.{inner}."
        return Layer(
            queries_keys_values=self.stacked(f"{name}attention."),
            mix=self.dense(f"{name}attention.dense"),
            mix_norm=self.norm(f"{name}attention.LayerNorm"),
            widen=self.dense(f"{name}ffn"),
            narrow=self.dense(f"{name}ffn_output"),
            narrow_norm=self.norm(f"{name}full_layer_layer_norm"),
        )

    def summary(self) -> Dense:
        return self.dense("albert.pooler")
