"""Generated sentences: complete, labelled as their kind says, apart from what judges them."""

import re
from itertools import chain
from random import Random

import pytest


@pytest.fixture
def made():
    from training import groups, probes, templates

    return {"groups": groups, "probes": probes, "templates": templates}


def _bare(text):
    return re.findall(r"[a-z']+", text.lower())


def test_every_template_fills_completely(made):
    templates, groups = made["templates"], made["groups"]
    random = Random(1)
    for kind in templates.KINDS:
        for template in kind.templates:
            for _ in range(5):
                text = templates.fill(template, random, random.choice(groups.GROUPS))
                assert text and not re.search(r"[\[\]{}|]", text), template


def test_targets_are_one_per_label_and_probabilities(made):
    from training.data import LABELS

    for kind in made["templates"].KINDS:
        assert len(kind.targets) == len(LABELS)
        assert all(target is None or 0 <= target <= 1 for target in kind.targets)
        assert kind.targets[0] is not None


def test_a_drawn_sentence_has_the_targets_of_its_kind(made):
    templates = made["templates"]
    threat = next(kind for kind in templates.KINDS if kind.name == "threat")
    random = Random(2)
    drawn = [templates.draw(random, [threat]) for _ in range(50)]
    assert all(targets == threat.targets for _, targets in drawn)
    assert len({text for text, _ in drawn}) > 40
    assert threat.targets[3] == 1


def test_no_judging_sentence_is_taught(made):
    """No probe shares five words in a row with a template, the group's name apart."""
    templates, probes = made["templates"], made["probes"]
    group = made["groups"].Group("zzz", "zzz", "zzz")
    random = Random(3)
    taught = set()
    for kind in templates.KINDS:
        for template in kind.templates:
            for _ in range(40):
                words = _bare(templates.fill(template, random, group))
                taught |= {tuple(words[at : at + 5]) for at in range(len(words) - 4)}
                taught.add(tuple(words))
    sentences = chain(
        probes.HARMLESS,
        *(lines for _, lines in probes.FUNCTIONS.values()),
        *(lines for _, lines in probes.WITHOUT_GROUP.values()),
    )
    for sentence in sentences:
        words = _bare(re.sub(r"\{\w+\}", "zzz", sentence))
        runs = {tuple(words[at : at + 5]) for at in range(len(words) - 4)} | {tuple(words)}
        assert not runs & taught, sentence


def test_unseen_groups_occur_in_no_template(made):
    templates, probes = made["templates"], made["probes"]
    text = " ".join(template for kind in templates.KINDS for template in kind.templates).lower()
    names = " ".join(" ".join(group) for group in made["groups"].GROUPS).lower()
    for group in probes.UNSEEN:
        assert group.many.lower() not in text
        assert group.adjective.lower() not in names


def test_probes_name_their_group_and_meaning(made):
    probes = made["probes"].functional()
    assert {probe.hateful for probe in probes} == {True, False}
    for probe in made["probes"].identities():
        assert not probe.hateful
        assert "{" not in probe.text


def test_hand_collected_spellings_respell_only_what_they_know():
    from training.spellings import BAD, SPELLINGS, as_people_write

    assert as_people_write("a quiet afternoon", Random(0)) is None
    respelt = as_people_write("You IDIOT, said the owl", Random(0))
    assert respelt is not None
    assert "IDIOT" not in respelt
    assert respelt.endswith(" owl")
    for word in BAD:
        assert word not in SPELLINGS[word]
        assert all(other.strip() for other in SPELLINGS[word])
