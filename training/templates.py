"""Sentences made from templates: the same words, meant and not meant as an offence.

Each kind of sentence has its targets in the order of `training.data.LABELS`, None where
the kind does not decide the label. Targets between 0 and 1 stand for what readers would
be divided on. `{many}`, `{one}`, `{adj}` are a group, other names in braces a filler, and
`[this|that|]` one of the alternatives. None of these sentences is taken from a test suite
or a data set, and none may occur in `training.probes`, which judges what they teach.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from training.groups import GROUPS, Group
from training.sentences import harmless, hateful, rude
from training.sentences.fillers import FILLERS

Targets = tuple[float | None, ...]

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Kind:
    """Templates of one meaning.

    Attributes:
        name: of the kind.
        targets: one per label, 0 to 1, or None where it is open.
        share: how often, beside the other kinds.
        templates: one a line of the source.
    """

    name: str
    targets: Targets
    share: float
    templates: tuple[str, ...]


def _kind(name: str, share: float, targets: Targets, block: str) -> Kind:
    return Kind(name, targets, share, tuple(block.strip().splitlines()))


_NONE: Targets = (0, 0, 0, 0, 0, 0)
_HATE: Targets = (1, None, None, 0, None, 1)
_SLURRED: Targets = (1, None, None, 0, 1, 1)

KINDS = (
    # toxicity, severe_toxicity, obscene, threat, insult, identity_attack
    _kind("harmless", 5.0, _NONE, harmless.HARMLESS),
    _kind("terse", 3.0, _NONE, harmless.TERSE),
    _kind("proud", 2.0, _NONE, harmless.PROUD),
    _kind("asking", 1.0, _NONE, harmless.ASKING),
    _kind("negated", 3.2, _NONE, harmless.NEGATED),
    _kind("counter", 3.2, (0.05, 0, 0, 0, 0, 0.05), harmless.COUNTER),
    _kind("quoted", 2.5, (0.1, 0, 0, 0, 0, 0.1), harmless.QUOTED),
    _kind("reclaimed", 1.2, (0.3, 0, None, 0, 0.05, 0.05), harmless.RECLAIMED),
    _kind("harmless reference", 1.5, _NONE, harmless.REFERENCE),
    _kind("homonym", 0.6, _NONE, harmless.HOMONYM),
    _kind("hate", 4.0, _HATE, hateful.HATE),
    _kind("dehumanising", 2.5, (1, None, None, 0, 1, 1), hateful.DEHUMANISING),
    _kind("threat", 2.0, (1, None, None, 1, None, 1), hateful.THREAT),
    _kind("exclusion", 2.5, _HATE, hateful.EXCLUSION),
    _kind("implied", 2.0, _HATE, hateful.IMPLIED),
    _kind("hateful reference", 1.5, (1, None, None, None, None, 1), hateful.REFERENCE),
    _kind("insult of one", 1.2, _SLURRED, hateful.PERSON_HATE),
    _kind("profane hate", 1.5, (1, None, 1, 0, 1, 1), hateful.PROFANE_HATE),
    _kind("insult", 1.2, (1, None, None, 0, 1, 0), rude.INSULT),
    _kind("other targets", 1.5, (0.8, 0, 0, 0, 0.7, 0.02), rude.OTHER_TARGETS),
    _kind("things", 1.2, (0.15, 0, 0, 0, 0.05, 0), rude.THINGS),
    _kind("profane praise", 1.5, (0.75, 0, 1, 0, 0.02, 0), rude.PROFANE),
    _kind("mild oaths", 0.5, (0.2, 0, 0.3, 0, 0, 0), rude.MILD),
    _kind("personal threat", 0.8, (1, None, None, 1, None, 0), rude.PERSONAL_THREAT),
    _kind("play violence", 0.8, (0.05, 0, 0, 0.02, 0, 0), rude.PLAY_VIOLENCE),
    _kind("plain talk", 1.0, _NONE, harmless.PLAIN),
)


def fill(template: str, random: Random, group: Group) -> str:
    """One sentence: a choice made of each alternative, names replaced by fillers.

    Raises:
        KeyError: a name in braces that is no filler.
    """
    while True:
        text = _CHOICE.sub(lambda found: random.choice(found.group(1).split("|")), template)
        if text == template:
            break
        template = text
    own = {"many": group.many, "one": group.one, "adj": group.adjective}
    while _NAME.search(text):
        text = _NAME.sub(
            lambda found: own.get(found.group(1)) or random.choice(FILLERS[found.group(1)]),
            text,
        )
    return " ".join(text.split())


_BEFORE = (
    "in my opinion|I think|honestly|tbh|let's be honest|well|so|look|I say|by the way|imho|"
    "seriously|as I said before|just to be clear|guys|lol|oh|you know|for the record|again"
).split("|")
_AFTER = (
    "lol|just saying|I think|in my opinion|honestly|to be fair|you know|mate|and that's that|"
    "haha|as everyone knows|period|no doubt about it|imo|I swear"
).split("|")


def _dress(text: str, random: Random) -> str:
    """Turns of speech, case and full stop, as comments have them or not."""
    chance = random.random()
    if chance < 0.1:
        text = f"{random.choice(_BEFORE)}{random.choice((',', ''))} {text}"
    elif chance < 0.2 and text[-1].isalnum():
        text = f"{text}{random.choice((',', ''))} {random.choice(_AFTER)}"
    chance = random.random()
    if chance < 0.35:
        text = text[0].upper() + text[1:]
    elif chance < 0.4:
        text = text.upper()
    if text[-1].isalnum() and random.random() < 0.6:
        text += random.choice((".", ".", "!", "!!", "..."))
    return text


def draw(random: Random, kinds: Sequence[Kind] = KINDS) -> tuple[str, Targets]:
    """A random sentence and its targets.

    One time in six a harmless sentence stands before or after it: an offence stays one
    in harmless company, and harmless sentences about a group stay harmless.
    """
    kind = random.choices(kinds, [kind.share for kind in kinds])[0]
    text = _dress(fill(random.choice(kind.templates), random, random.choice(GROUPS)), random)
    if random.random() < 1 / 6:
        company = random.choice((harmless.PLAIN, harmless.PLAIN, harmless.HARMLESS))
        other = _dress(
            fill(random.choice(company.strip().splitlines()), random, random.choice(GROUPS)), random
        )
        text = f"{text} {other}" if random.random() < 0.5 else f"{other} {text}"
    return text, kind.targets
