"""A base model, labelled comments and a trained checkpoint, all tiny and all our own."""

import csv
import gzip
import sys
from pathlib import Path
from random import Random

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUDE = "you are a silly goose|what a foolish edit|go away silly person|nobody likes this fool"
KIND = "thank you for the edit|what a fine day|this person is kind|nobody minds the goose"
FILES = ("train_jigsaw", "train_dynahate", "train_ghc", "dev_jigsaw_natural")


@pytest.fixture(autouse=True)
def _training_on_the_path(monkeypatch):
    """training/ stands beside the package in a source checkout and is not installed."""
    monkeypatch.syspath_prepend(str(ROOT))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "training"]:
        del sys.modules[name]


@pytest.fixture
def data(tmp_path):
    """Three sources and a development set; train_ghc labels identity_attack alone."""
    from training.data import LABELS

    folder = tmp_path / "data"
    folder.mkdir()
    random = Random(5)
    for name in FILES:
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "text", *LABELS, "source"])
            for row in range(60):
                rude = row % 2
                words = random.choice((RUDE if rude else KIND).split("|")).split()
                words += random.sample("alpha beta gamma delta river stone cloud".split(), 4)
                cells = [rude] * len(LABELS)
                if name == "train_ghc":
                    cells = ["", "", "", "", "", rude]
                writer.writerow([row, f"{' '.join(words)} {name} {row}", *cells, name])
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A pretrained base in the shape of the real one, with random weights."""
    torch = pytest.importorskip("torch", reason="needs the extra [train]")
    transformers = pytest.importorskip("transformers", reason="needs the extra [train]")
    tokenizers = pytest.importorskip("tokenizers", reason="needs the extra [train]")
    folder = tmp_path_factory.mktemp("base")
    signs = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'\"-*@$_"
    words = [*RUDE.replace("|", " ").split(), *KIND.replace("|", " ").split()]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs, *(f"##{s}" for s in signs)]
    vocabulary = list(dict.fromkeys(pieces + words))
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    numbers = {piece: at for at, piece in enumerate(vocabulary)}
    tokenizer = tokenizers.BertWordPieceTokenizer(numbers, lowercase=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.1,
    )
    torch.set_num_threads(1)  # threads only wait for each other on a model of this size
    torch.manual_seed(0)
    transformers.BertModel(config).save_pretrained(folder)
    return folder
