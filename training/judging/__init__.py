"""Test material for judging models, written apart from everything that trains them.

Sentences lie in YAML and names in CSV beside this module. Whoever writes training templates
must not read them, and nothing here may be trained on: it would no longer measure anything.

The abuse is what the tests need and no more. Names of groups are filled into templates, so a
figure can be given per functionality or per group.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_ARROW = " => "
_LEET = str.maketrans("aeios", "43105")


@dataclass(frozen=True, slots=True)
class Case:
    """One text of a functional test.

    hateful: whether it attacks people for belonging to a group, what identity_attack means.
    abusive: whether it is toxic, hate or not; None where moderators differ.
    group: as in `groups()`, another target ("bankers"), or "" where none is named.
    """

    text: str
    functionality: str
    hateful: bool
    abusive: bool | None
    group: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A harmless sentence that names a group; every flag on it is a false alarm."""

    text: str
    register: str
    group: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A comment and the same as somebody types it who misspells or dodges a filter."""

    clean: str
    misspelt: str
    kind: str
    toxic: bool


@dataclass(frozen=True, slots=True)
class Contrast:
    """A short comment that words alone decide wrongly."""

    text: str
    kind: str
    toxic: bool


def groups() -> list[str]:
    """The groups of people that the cases name, as plurals: "trans people"."""
    return [row["plural"] for row in _rows("groups.csv")]


def functional() -> list[Case]:
    """Every template of every functionality with every name it runs over, hateful ones first."""
    return [*_cases("hateful.yaml", hateful=True), *_cases("not_hateful.yaml", hateful=False)]


def identities() -> list[Identity]:
    """Every harmless template with every group."""
    names = [(row["plural"], _forms(row)) for row in _rows("groups.csv")]
    return [
        Identity(template.format_map(forms), register, group)
        for register, templates in _read("identities.yaml").items()
        for template in _lines(templates)
        for group, forms in names
    ]


def misspelt() -> list[Pair]:
    """Toxic pairs of several kinds, and harmless ones misspelt alike."""
    return [
        Pair(clean, wrong, kind, kind != "harmless")
        for kind, lines in _read("misspelt.yaml").items()
        for clean, wrong in (line.split(_ARROW) for line in _lines(lines))
    ]


def contrasts() -> list[Contrast]:
    """Abuse without a swear word, and harmless sentences with words that go with abuse."""
    return [
        Contrast(text, kind, section["toxic"])
        for kind, section in _read("contrasts.yaml").items()
        for text in _lines(section["texts"])
    ]


def _cases(file: str, *, hateful: bool) -> Iterator[Case]:
    for functionality, section in _read(file).items():
        abusive = True if hateful else section["abusive"]
        if "over" not in section:
            for text in _lines(section["texts"]):
                yield Case(text, functionality, hateful, abusive, "")
            continue
        rows = _rows(f"{section['over']}.csv")
        # a slur stands for a group, every other name for itself
        names = [(row.get("group", row["plural"]), _forms(row)) for row in rows]
        for template in _lines(section["texts"]):
            for group, forms in names:
                yield Case(template.format_map(forms), functionality, hateful, abusive, group)


def _forms(row: dict[str, str]) -> dict[str, str]:
    """What may stand in braces in a template.

    The columns of the name's file: plural "gay people", singular "a gay man", and for groups
    attributive "gay" (neighbours), being (I am) "gay", swapped and dropped (two slips in the
    plural). From them: noun "gay man", joined "gaypeople", spaced "g a y p e o p l e", leet
    "g4y p30pl3". Each also as {Plural}, to open a sentence, and as {plural_lower}.
    """
    joined = row["plural"].replace(" ", "")
    forms = row | {
        "noun": row["singular"].partition(" ")[2],
        "joined": joined,
        "spaced": " ".join(joined),
        "leet": row["plural"].lower().translate(_LEET),
    }
    return {
        spelt: shape
        for key, form in forms.items()
        for spelt, shape in (
            (key, form),
            (key.capitalize(), form[:1].upper() + form[1:]),
            (f"{key}_lower", form.lower()),
        )
    }


def _rows(file: str) -> list[dict[str, str]]:
    with (_FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _read(file: str) -> dict[str, Any]:
    result: dict[str, Any] = yaml.safe_load((_FOLDER / file).read_text(encoding="utf-8"))
    return result


def _lines(block: str) -> list[str]:
    return [line.strip() for line in block.splitlines() if line.strip()]
