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

_SIZES = {
    # BERT base, as in Detoxify's `original`: 110 million parameters, 440 MB
    "base": {
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
    },
    # MiniLM-L6: 22 million parameters
    "mini": {
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
    },
    "tiny": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
}
#: The families of which Detoxify has checkpoints, by their names in transformers.
FAMILIES = ("Bert", "Roberta", "XLMRoberta", "Albert")

_SPECIAL = {
    "Bert": ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    "Roberta": ("<s>", "<pad>", "</s>", "<unk>", "<mask>"),
    "XLMRoberta": ("<s>", "<pad>", "</s>", "<unk>", "<mask>"),
    "Albert": ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"),
}
_VOCABULARY = 30522  # of BERT


def vocabulary(texts: Iterable[str] = (), size: int = _VOCABULARY) -> list[str]:
    """A WordPiece vocabulary: special tokens, single signs, the texts' frequent words.

    With words from the texts to be scored, a text has about as many tokens as with
    BERT's own vocabulary, which is what the speed depends on.
    """
    signs = string.ascii_lowercase + string.digits
    pieces = [*_SPECIAL["Bert"], *string.punctuation, *signs, *(f"##{sign}" for sign in signs)]
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
    family: str = "Bert",
    size: str = "base",
    texts: Sequence[str] = (),
    classes: Sequence[str] = CLASSES,
    spread: float = 0.02,
    seed: int = 0,
) -> Path:
    """Write `folder/random.ckpt` and its config and tokenizer in `folder/random/`.

    Args:
        folder: exists; gets the two.
        family: one of `FAMILIES`.
        size: `base`, `mini` or `tiny`.
        texts: where the frequent words of the vocabulary come from.
        classes: the labels as the checkpoint names them.
        spread: standard deviation of the random weights; a larger one tells texts apart.
        seed: of the weights.

    Returns:
        The checkpoint's path, for `detoxify:PATH` or `detoxify.Detoxify(checkpoint=…)`.
    """
    import torch
    import transformers

    beside = folder / "random"
    beside.mkdir()
    words = _wordpiece(beside, texts) if family == "Bert" else _subwords(beside, family, texts)
    # RoBERTa counts positions from the padding's number on.
    places = 512 if family in ("Bert", "Albert") else 514
    config = getattr(transformers, f"{family}Config")(
        **_SIZES[size],
        vocab_size=words,
        num_labels=len(classes),
        initializer_range=spread,
        max_position_embeddings=places,
        pad_token_id=_SPECIAL[family].index("[PAD]" if family == "Bert" else "<pad>"),
    )
    config.save_pretrained(beside)
    (beside / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": f"{family}Tokenizer", "model_max_length": 512}),
        encoding="utf-8",
    )
    before = torch.random.get_rng_state()
    torch.manual_seed(seed)
    model = getattr(transformers, f"{family}ForSequenceClassification")(config)
    for name, values in model.named_parameters():
        if name.endswith("bias"):  # transformers begins with zeros, which would hide a mistake
            torch.nn.init.normal_(values, std=spread)
    torch.random.set_rng_state(before)
    arch = {
        "model_type": str(beside),
        "model_name": f"{family}ForSequenceClassification",
        "tokenizer_name": f"{family}Tokenizer",
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


def _wordpiece(folder: Path, texts: Iterable[str]) -> int:
    """BERT's kind of tokenizer; the size of its vocabulary."""
    words = vocabulary(texts)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return len(words)


def _subwords(folder: Path, family: str, texts: Sequence[str]) -> int:
    """The kind of tokenizer of the others, made from the texts; its vocabulary's size."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    special = list(_SPECIAL[family])
    if family == "Roberta":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=1000, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        )
        tokenizer.train_from_iterator(texts, trainer)
    else:
        # Written down, not fitted: the trainer of this kind gives another one each time.
        words = [word for word in vocabulary(texts)[len(_SPECIAL["Bert"]) :] if "#" not in word]
        pieces = ["▁", *dict.fromkeys(words), *(f"▁{word}" for word in words if len(word) > 1)]
        odds = [(name, 0.0) for name in special] + [(name, -1.0 / len(name)) for name in pieces]
        tokenizer = Tokenizer(models.Unigram(odds, special.index("<unk>")))
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.decoder = decoders.Metaspace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return int(tokenizer.get_vocab_size())
