"""`model show` of a model's folder, of which anybody may have written every word."""

from dataclasses import replace

import numpy as np
import pytest

from moderation.cli import main
from moderation.comments import LABELS

CARD = {
    "trained_on": {"talk": 52_003, "forum": 1_200_000, "own": 7},
    "licences": {"talk": "Talk page comments: labels CC0, " + "text under a licence " * 4},
    "figures": {"data": "dev", "comments": 9_978, "auc": {"toxicity": 0.97, "threat": None}},
}


@pytest.fixture
def show(capsys):
    def show(folder):
        with pytest.raises(SystemExit) as left:
            main(["model", "show", str(folder)])
        assert left.value.code == 0
        out, err = capsys.readouterr()
        assert err == ""
        # A path is for copying, and in one piece.
        return [line for line in out.splitlines() if str(folder) not in line]

    return show


def test_it_reads_well_on_eighty_columns(show, make_folder):
    source = {"checkpoint": "detoxify:original", "sha256": "c1212f89" * 8}
    lines = show(make_folder(source=source, languages=["en", "fr"], **CARD))
    assert lines == [
        "labels       toxicity, insult, threat",
        "precision    int8",
        "window       16 tokens",
        "languages    en, fr",
        "scripts      not known",
        "checkpoint   detoxify:original",
        f"sha256       {'c1212f89' * 8}",
        "trained on   1,252,010 comments",
        "              52,003  Talk page comments: labels CC0, text under a licence text",
        "                      under a licence text under a licence text under a licence",
        "             1,200,000  forum",
        "                   7  own",
        "AUC          on dev (9,978 comments, not trained on)",
        "              0.9700  toxicity",
        "              0.9700  mean",
    ]


def test_many_labels_are_wrapped(show, make_folder, small):
    classify = small.dense(np.random.default_rng(0), len(LABELS), small.WIDTH)
    model = small.graph.build(replace(small.encoder(), classify=classify), precision="int8")
    assert show(make_folder(model=model, labels=LABELS))[:2] == [
        "labels       toxicity, severe_toxicity, obscene, threat, insult,",
        "             identity_attack, sexual_explicit",
    ]


@pytest.mark.parametrize(
    "card",
    [
        {"trained_on": 7, "licences": [], "figures": "none"},
        {"trained_on": {}, "figures": {"auc": {}}},
        {"trained_on": {"a": "many"}, "figures": {"auc": {"toxicity": "high"}}},
        {"trained_on": {"a": float("nan")}, "figures": {"auc": [0.9]}},
        {"trained_on": {"a": 10**400}, "figures": {"auc": {"toxicity": float("inf")}}},
    ],
)
def test_a_card_that_says_nothing_of_use(show, make_folder, card):
    assert show(make_folder(**card))[-1] == "scripts      not known"


def test_hostile_words_do_not_act(show, make_folder):
    evil = "\x1b[31m\u202e\nname         builtin"
    lines = show(
        make_folder(
            source={evil: evil},
            languages=[evil],
            trained_on={"a": 1},
            licences={"a": evil},
            figures={"data": evil, "comments": 1, "auc": {evil: 0.5}},
        )
    )
    assert not any("\x1b" in line or "\u202e" in line for line in lines)
    assert not any(line.startswith("name") for line in lines)
    assert sum("␛[31m<U+202E>" in line for line in lines) >= 4
