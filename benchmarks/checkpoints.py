"""Checkpoints in Detoxify's format with random weights: right in shape, speed and size.

Detoxify's own checkpoints are hundreds of megabytes and must be downloaded. For
measuring speed, and for testing the way through the real library, a model of the same
architecture serves as well; only its scores mean nothing. Needs the extra [detoxify].
"""

from __future__ import annotations

import json
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

#: Class names as the checkpoint of Detoxify's `original` spells them.
CLASSES = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_SIZES = {
    # BERT base, as in Detoxify's `original`: 110 million parameters, 440 MB
    "base": {
        "vocab_size": 30522,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
    },
    "tiny": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
}


def vocabulary(texts: Iterable[str] = (), size: int = 30522) -> list[str]:
    """A WordPiece vocabulary: special tokens, single signs, the texts' frequent words.

    With words from the texts to be scored, a text has about as many tokens as with
    BERT's own vocabulary, which is what the speed depends on.
    """
    signs = string.ascii_lowercase + string.digits
    pieces = [*_SPECIAL, *string.punctuation, *signs, *(f"##{sign}" for sign in signs)]
    words = Counter(
        word
        for text in texts
        for word in text.lower().split()
        if word.isascii() and word.isalnum() and len(word) > 1
    )
    return (pieces + [word for word, _ in words.most_common(size)])[:size]


def build(
    folder: Path,
    *,
    size: str = "base",
    texts: Iterable[str] = (),
    classes: Sequence[str] = CLASSES,
    spread: float = 0.02,
    seed: int = 0,
) -> Path:
    """Write `folder/random.ckpt` and its config and tokenizer in `folder/random/`.

    Args:
        folder: exists; gets the two.
        size: `base` or `tiny`.
        texts: where frequent words of the vocabulary come from.
        classes: the labels as the checkpoint names them.
        spread: standard deviation of the random weights; a larger one tells texts apart.
        seed: of the weights.

    Returns:
        The checkpoint's path, for `detoxify:PATH` or `detoxify.Detoxify(checkpoint=…)`.
    """
    import torch
    import transformers

    words = vocabulary(texts)
    beside = folder / "random"
    beside.mkdir()
    shape = {"vocab_size": len(words), **_SIZES[size]}
    config = transformers.BertConfig(
        **shape, num_labels=len(classes), initializer_range=spread, max_position_embeddings=512
    )
    config.save_pretrained(beside)
    (beside / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    (beside / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "model_max_length": 512}),
        encoding="utf-8",
    )
    before = torch.random.get_rng_state()
    torch.manual_seed(seed)
    model = transformers.BertForSequenceClassification(config)
    torch.random.set_rng_state(before)
    arch = {
        "model_type": str(beside),
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(classes),
    }
    path = folder / "random.ckpt"
    torch.save(
        {
            "config": {"arch": {"args": arch}, "dataset": {"args": {"classes": list(classes)}}},
            "state_dict": model.state_dict(),
        },
        path,
    )
    return path
