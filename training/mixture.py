"""What the transformer reads: a stream of blocks, each a function of the seed and its number.

A block draws so many rows of each source, in the order of a permutation for each pass
through the source, respells some of them, and cuts the whole into batches of like length
under a token budget. Nothing depends on what was drawn before, so training goes on after
an interruption where it was, and worker processes can make blocks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from training import templates
from training.augment import Respeller, frequent_words, telling_words
from training.data import LABELS, Floats, Labelled, read
from training.groups import swap
from training.split import clusters, held_out

#: Rows of each file in a block. Wikipedia's talk pages, on which the probabilities are
#: calibrated, are the backbone; the others bring hate, its contrasts and other styles.
QUOTAS = {
    "train_jigsaw": 1500,
    "train_paradetox": 280,
    "train_dynahate": 340,
    "train_sbic": 240,
    "train_toxigen": 220,
    "train_implicit_hate": 200,
    "train_hatexplain": 200,
    "train_cad": 200,
    "train_hatemoji": 180,
    "train_ghc": 160,
    "train_edos": 140,
    "train_civil_toxic": 60,
}
TEMPLATE_QUOTA = 1100
#: The sources that are judged by the standard of the model's own labels. Each of the
#: others has an offset per label of its own, which is thrown away after training: how
#: often its rows are abusive, and how severe its raters were, is no matter of language.
ABSOLUTE = ("train_jigsaw", "train_civil_toxic")
#: Never trained on, nor anything nearly the same.
DEVELOPMENT = ("dev_jigsaw_natural", "spans_dev")
HELD_OUT = 0.06
_SPLIT_SEED = 1  # one split for all runs, or models could not be compared

#: Sets about groups of people, in which a group may be swapped for another. Not Wikipedia's:
#: "so gay" is abuse where "so Sikh" is not.
_ABOUT_GROUPS = (
    "train_dynahate",
    "train_sbic",
    "train_toxigen",
    "train_implicit_hate",
    "train_hatemoji",
)

_MISSPELT, _DISGUISED = 0.42, 0.12
_SWAPPED = 0.35
_TELLING_SOURCES = ("train_jigsaw", "train_paradetox", "train_sbic", "train_dynahate")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of like length, padded: what one step of training reads.

    Attributes:
        ids: token numbers, shape (n, longest), 0 where there is none.
        lengths: tokens of each row, shape (n,).
        targets: shape (n, labels), 0 to 1, NaN where the source does not label it.
        offsets: the row of the offset table of each row's source, shape (n,); 0 is none.
    """

    ids: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    targets: Floats
    offsets: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The training part of each source, and what was held out, by name."""

    train: dict[str, Labelled]
    held: dict[str, Labelled]


def load(folder: Path, *, limit: int | None = None) -> Corpus:
    """Every source of `QUOTAS` that lies in the folder, split by clusters of near duplicates.

    Args:
        folder: with `NAME.csv.gz` of each source.
        limit: at most so many rows of each file, for trying things out.

    Raises:
        FileNotFoundError: none of the sources is there.
    """
    sets = {
        name: read(folder / f"{name}.csv.gz")
        for name in (*QUOTAS, *DEVELOPMENT)
        if (folder / f"{name}.csv.gz").is_file()
    }
    if not sets.keys() & QUOTAS.keys():
        raise FileNotFoundError(f"{folder}: none of {', '.join(QUOTAS)}")
    sets = {
        name: Labelled(name, one.texts[:limit], one.labels[:limit]) for name, one in sets.items()
    }
    groups = clusters([text for one in sets.values() for text in one.texts])
    names = np.repeat(list(sets), [len(one.texts) for one in sets.values()])
    known = np.isin(groups, groups[np.isin(names, DEVELOPMENT)])
    held = held_out(groups, share=HELD_OUT, seed=_SPLIT_SEED)
    train, kept = {}, {}
    for name in QUOTAS.keys() & sets.keys():
        rows = np.flatnonzero(names == name)
        train[name] = _rows(sets[name], ~held[rows] & ~known[rows])
        kept[name] = _rows(sets[name], held[rows] & ~known[rows])
    order = [name for name in QUOTAS if name in train]
    return Corpus({name: train[name] for name in order}, {name: kept[name] for name in order})


def _rows(one: Labelled, chosen: npt.NDArray[np.bool_]) -> Labelled:
    rows = np.flatnonzero(chosen)
    return Labelled(one.name, [one.texts[row] for row in rows], one.labels[rows])


def respeller(corpus: Corpus) -> Respeller:
    """A respeller that knows which words of the training part tell toxic texts."""
    toxic: list[str] = []
    harmless: list[str] = []
    for name in _TELLING_SOURCES:
        if name in corpus.train:
            one = corpus.train[name]
            for text, label in zip(one.texts, one.labels[:, 0], strict=True):
                (toxic if label == 1 else harmless).append(text)
    known = frequent_words((*toxic, *harmless), at_least=25)
    return Respeller(known, telling_words(toxic, harmless))


class Blocks:
    """The stream: `len` is only the end that a loader needs; any number may be asked for."""

    def __init__(
        self,
        corpus: Corpus,
        tokenizer: Path,
        *,
        seed: int,
        batch_tokens: int,
        max_tokens: int,
        scale: float = 1.0,
    ) -> None:
        """
        Args:
            corpus: whose training part is read.
            tokenizer: a `tokenizer.json`.
            seed: of every choice.
            batch_tokens: at most so many tokens in a batch, padding included.
            max_tokens: of one text; longer ones lose their end.
            scale: of the quotas; smaller blocks for small data.
        """
        self._corpus = corpus
        self._seed = seed
        self._batch_tokens, self._max_tokens = batch_tokens, max_tokens
        self._quotas = {name: max(1, round(QUOTAS[name] * scale)) for name in corpus.train}
        self._templates = round(TEMPLATE_QUOTA * scale)
        self._respeller = respeller(corpus)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self._permutations: dict[tuple[str, int], npt.NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return 1 << 30

    def __getitem__(self, number: int) -> list[Batch]:
        """The batches of one block, in random order."""
        texts, targets, offsets = self.rows(number)
        encoded = self._tokenizer.encode_batch(texts)
        random = np.random.default_rng((self._seed, number))
        lengths = np.array([len(one.ids) for one in encoded])
        # like lengths together, but not the same neighbours in each pass
        order = np.argsort(lengths * random.uniform(0.93, 1.07, lengths.size), kind="stable")
        batches, start, longest = [], 0, 0
        for at in range(order.size + 1):
            if at < order.size:
                new = max(longest, int(lengths[order[at]]))
                if (at - start + 1) * new <= self._batch_tokens or at == start:
                    longest = new
                    continue
            chosen = order[start:at]
            ids = np.zeros((chosen.size, longest), dtype=np.int64)
            for row, index in enumerate(chosen):
                ids[row, : lengths[index]] = encoded[index].ids
            batches.append(Batch(ids, lengths[chosen], targets[chosen], offsets[chosen]))
            if at < order.size:
                start, longest = at, int(lengths[order[at]])
        return [batches[at] for at in random.permutation(len(batches))]

    def rows(self, number: int) -> tuple[list[str], Floats, npt.NDArray[np.int64]]:
        """The texts of one block as they are read, their targets and offsets."""
        random = Random(f"{self._seed}/{number}")
        texts: list[str] = []
        targets: list[Floats] = []
        offsets: list[int] = []
        for place, (name, quota) in enumerate(self._quotas.items(), start=1):
            source = self._corpus.train[name]
            for turn in range(number * quota, (number + 1) * quota):
                epoch, at = divmod(turn, len(source.texts))
                row = self._permutation(name, epoch)[at]
                text = source.texts[row]
                if name in _ABOUT_GROUPS and random.random() < _SWAPPED:
                    text = swap(text, random)
                texts.append(self._respelt(text, random))
                targets.append(source.labels[row])
            offsets += [0 if name in ABSOLUTE else place] * quota
        for _ in range(self._templates):
            text, wanted = templates.draw(random)
            texts.append(self._respelt(text, random))
            targets.append(np.array([np.nan if one is None else one for one in wanted], np.float32))
            offsets.append(0)
        return texts, np.stack(targets).reshape(-1, len(LABELS)), np.array(offsets)

    def _respelt(self, text: str, random: Random) -> str:
        chance = random.random()
        if chance < _MISSPELT:
            return self._respeller.misspell(text, random)
        if chance < _MISSPELT + _DISGUISED:
            return self._respeller.disguise(text, random)
        return text

    def _permutation(self, name: str, epoch: int) -> npt.NDArray[np.int64]:
        if (name, epoch) not in self._permutations:
            place = list(QUOTAS).index(name)
            random = np.random.default_rng((self._seed, place, epoch))
            self._permutations = {
                key: value for key, value in self._permutations.items() if key[0] != name
            }
            self._permutations[name, epoch] = random.permutation(
                len(self._corpus.train[name].texts)
            )
        return self._permutations[name, epoch]
