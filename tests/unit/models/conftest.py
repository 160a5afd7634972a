"""Small models with random weights, in the form that the program runs."""

import json
import sys

import numpy as np
import pytest

from moderation.models.compile import graph
from moderation.models.compile.encoder import Dense, Encoder, Layer, Norm
from moderation.models.onnx import folder

WORDS = "the weather was fine you silly goose hello friend bread , . ! ?".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LABELS = ("toxicity", "insult", "threat")
WINDOW = 16
WIDTH = 32


def dense(random, outputs, inputs):
    return Dense(
        random.normal(0, inputs**-0.5, (outputs, inputs)).astype(np.float32),
        random.normal(0, 0.1, outputs).astype(np.float32),
    )


def norm(random, width):
    return Norm(
        random.normal(1, 0.1, width).astype(np.float32),
        random.normal(0, 0.1, width).astype(np.float32),
    )


def encoder(*, activation="gelu", narrow=None, shared=False, seed=0):
    """An encoder of three layers; `narrow` embeddings are widened, ALBERT's way."""
    random = np.random.default_rng(seed)
    width = narrow or WIDTH

    def layer():
        return Layer(
            queries_keys_values=dense(random, 3 * WIDTH, WIDTH),
            mix=dense(random, WIDTH, WIDTH),
            mix_norm=norm(random, WIDTH),
            widen=dense(random, 2 * WIDTH, WIDTH),
            narrow=dense(random, WIDTH, 2 * WIDTH),
            narrow_norm=norm(random, WIDTH),
        )

    return Encoder(
        words=random.normal(0, 1, (len(SPECIAL) + len(WORDS), width)).astype(np.float32),
        places=random.normal(0, 0.3, (WINDOW, width)).astype(np.float32),
        embedding_norm=norm(random, width),
        projection=dense(random, WIDTH, width) if narrow else None,
        layers=(layer(),) * 3 if shared else (layer(), layer(), layer()),
        summary=dense(random, WIDTH, WIDTH),
        classify=dense(random, len(LABELS), WIDTH),
        heads=4,
        activation=activation,
        epsilon=1e-12,
    )


def tokenizer():
    """One token a word or sign, [CLS] before and [SEP] behind."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    names = [*SPECIAL, *WORDS]
    made = Tokenizer(models.WordLevel({name: at for at, name in enumerate(names)}, "[UNK]"))
    made.add_special_tokens(SPECIAL)
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(name, names.index(name)) for name in ("[CLS]", "[SEP]")],
    )
    return made.to_str()


@pytest.fixture(scope="session")
def small():
    """What stands above: encoders, their words, the tokenizer."""
    return sys.modules[__name__]


@pytest.fixture
def make_folder(tmp_path):
    """Writes a model's folder; keywords change `meta.json` (None leaves a key out)."""

    def make(precision="int8", model=None, **changes):
        path = tmp_path / f"model{len(list(tmp_path.iterdir()))}"
        path.mkdir()
        proto = model or graph.build(encoder(), precision=precision)
        (path / folder.GRAPH).write_bytes(proto.SerializeToString())
        (path / folder.TOKENIZER).write_text(tokenizer(), encoding="utf-8")
        meta = {
            "format": folder.FORMAT,
            "name": "small",
            "labels": LABELS,
            "window": WINDOW,
            "activation": "sigmoid",
            "precision": precision,
            **changes,
        }
        kept = {key: value for key, value in meta.items() if value is not None}
        (path / folder.META).write_text(json.dumps(kept), encoding="utf-8")
        return path

    return make
