"""What is read in training: repeatable, labelled as its source, apart from what is held out."""

import re

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs the extra [train]")


@pytest.fixture
def corpus(data):
    from training import mixture

    return mixture.load(data)


def blocks(corpus, base, **changed):
    from training import mixture

    chosen = {"seed": 1, "batch_tokens": 256, "max_tokens": 40, "scale": 0.02, **changed}
    return mixture.Blocks(corpus, base / "tokenizer.json", **chosen)


def test_near_duplicates_fall_on_the_same_side():
    from training.split import clusters, held_out

    long = "the quick brown fox jumps over the lazy dog and runs far away into the dark wood"
    texts = [f"{long} {number}" for number in range(5)]
    texts += [f"{word} {word}s something about number {word}" for word in "abc def ghi jkl".split()]
    found = clusters(texts)
    assert len(set(found[:5])) == 1
    assert len(set(found)) == 5
    groups = np.repeat(np.arange(4000), 3)
    held = held_out(groups, share=0.1, seed=2)
    assert 0.07 < held.mean() < 0.13
    assert (held.reshape(-1, 3).all(axis=1) == held.reshape(-1, 3).any(axis=1)).all()


def test_nothing_held_out_or_for_development_is_trained_on(corpus, data):
    from training.data import read

    trained = {text for one in corpus.train.values() for text in one.texts}
    kept = {text for one in corpus.held.values() for text in one.texts}
    assert kept
    assert trained
    assert not trained & kept
    assert not trained & set(read(data / "dev_jigsaw_natural.csv.gz").texts)


def number_of(text: str) -> str:
    found = re.search(r"\d+$", text)
    assert found is not None, text
    return found.group()


def test_respelling_never_changes_the_labels(corpus, base):
    """A row's number is not respelt, so each row is found again by it."""
    made = blocks(corpus, base)
    labels = {}
    for name, one in corpus.train.items():
        for text, cells in zip(one.texts, one.labels, strict=True):
            labels[name, number_of(text)] = (text, cells)
    respelt = 0
    for number in range(4):
        texts, targets, _ = made.rows(number)
        at = 0
        for name, quota in made._quotas.items():
            for text, cells in zip(texts[at : at + quota], targets[at : at + quota], strict=True):
                original, wanted = labels[name, number_of(text)]
                np.testing.assert_array_equal(cells, wanted)
                respelt += text != original
            at += quota
    assert respelt > 10


def test_a_block_is_the_same_whenever_it_is_made(corpus, base):
    one, other = blocks(corpus, base), blocks(corpus, base)
    other[5], other[0]
    for left, right in zip(one[3], other[3], strict=True):
        np.testing.assert_array_equal(left.ids, right.ids)
        np.testing.assert_array_equal(left.targets, right.targets)
    assert blocks(corpus, base, seed=2).rows(3)[0] != one.rows(3)[0]


def test_batches_hold_every_row_within_the_budget(corpus, base):
    made = blocks(corpus, base)
    texts, targets, _ = made.rows(0)
    batches = made[0]
    assert sum(len(batch.lengths) for batch in batches) == len(texts)
    assert all(batch.ids.size <= 256 for batch in batches)
    for batch in batches:
        assert batch.ids.shape == (len(batch.lengths), batch.lengths.max())
        assert ((batch.ids != 0).sum(axis=1) == batch.lengths).all()
    known = [np.isnan(batch.targets).sum() for batch in batches]
    assert sum(known) == np.isnan(targets).sum() > 0


def test_every_row_of_a_source_is_read_once_in_each_pass(corpus, base):
    made = blocks(corpus, base)
    quota, rows = made._quotas["train_ghc"], len(corpus.train["train_ghc"].texts)
    place = sum(made._quotas[name] for name in ("train_jigsaw", "train_dynahate"))
    seen = []
    for number in range(-(-rows // quota)):
        seen += made.rows(number)[0][place : place + quota]
    assert len({text.split()[-1] for text in seen[:rows]}) == rows


def test_only_foreign_sources_have_offsets(corpus, base):
    made = blocks(corpus, base)
    _, targets, offsets = made.rows(0)
    jigsaw = made._quotas["train_jigsaw"]
    assert (offsets[:jigsaw] == 0).all()
    assert (offsets[jigsaw : jigsaw + made._quotas["train_dynahate"]] > 0).all()
    assert (offsets[-made._templates :] == 0).all()
    assert offsets.max() == len(corpus.train)
    assert targets.shape == (offsets.size, 6)


def test_a_folder_without_sources_is_an_error(tmp_path):
    from training import mixture

    with pytest.raises(FileNotFoundError):
        mixture.load(tmp_path)
