"""Figures on `training.judging`, whose author saw none of what trains the models.

`python -m training.judge` prints them among its own, each with the word "blind".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training import judging, metrics
from training.data import LABELS

Scores = npt.NDArray[np.float64]
Score = Callable[[Sequence[str]], Scores]

_TOXICITY, _IDENTITY = LABELS.index("toxicity"), LABELS.index("identity_attack")
_LIMIT = 0.5
#: Cases of one functionality that count; those with names have hundreds.
_CASES = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of one model."""

    name: str
    value: float
    detail: str = ""


def lines(score: Score) -> list[Line]:
    """All of them, from a scorer that gives honest probabilities, shape (n, labels)."""
    return [*_functional(score), *_identities(score), *_misspelt(score), *_contrasts(score)]


def _functional(score: Score) -> list[Line]:
    cases = judging.functional()
    names = list(dict.fromkeys(case.functionality for case in cases))
    chosen: list[judging.Case] = []
    for at, name in enumerate(names):
        own = [case for case in cases if case.functionality == name]
        order = np.random.default_rng(at).permutation(len(own))[:_CASES]
        chosen += [own[row] for row in order]
    found = score([case.text for case in chosen])
    hateful = np.array([case.hateful for case in chosen], dtype=float)
    abusive = np.array(
        [np.nan if case.abusive is None else case.abusive for case in chosen], dtype=float
    )
    either = found[:, [_TOXICITY, _IDENTITY]].max(axis=1)
    made = [
        ("hateful by toxicity", hateful, found[:, _TOXICITY]),
        ("hateful by identity_attack", hateful, found[:, _IDENTITY]),
        ("hateful by the higher of the two", hateful, either),
        ("abusive by toxicity", abusive, found[:, _TOXICITY]),
    ]
    result = []
    for name, truth, scores in made:
        area = metrics.auc(truth[:, None], scores[:, None])[0]
        result.append(Line(f"blind functional: AUC, {name}", area or float("nan")))
    for name in names:
        rows = [row for row, case in enumerate(chosen) if case.functionality == name]
        case = chosen[rows[0]]
        shares = (found[rows] >= _LIMIT).mean(axis=0)
        kind = "hate" if case.hateful else "abuse" if case.abusive else "no hate"
        detail = f"{kind}; by identity_attack {shares[_IDENTITY]:.0%}"
        result.append(Line(f"blind flagged: {name}", float(shares[_TOXICITY]), detail))
    return result


def _identities(score: Score) -> list[Line]:
    cases = judging.identities()
    flagged = score([case.text for case in cases]).max(axis=1) >= _LIMIT
    return by_group("blind identity", [case.group for case in cases], flagged)


def by_group(name: str, groups: Sequence[str], flagged: npt.NDArray[np.bool_]) -> list[Line]:
    """How often harmless sentences are flagged, over all and in the worst group; the group
    of each sentence and whether it is flagged, both of shape (n,)."""
    named = np.array(groups)
    rates = {group: float(flagged[named == group].mean()) for group in dict.fromkeys(groups)}
    worst = sorted(rates, key=lambda group: -rates[group])[:6]
    above = sum(rate >= 0.02 for rate in rates.values())
    detail = f"{above} of {len(rates)} groups at 2 % or more; " + ", ".join(
        f"{group} {rates[group]:.1%}" for group in worst
    )
    return [
        Line(f"{name}: flagged, all groups", float(flagged.mean())),
        Line(f"{name}: flagged, worst group", rates[worst[0]], detail),
    ]


def _misspelt(score: Score) -> list[Line]:
    pairs = judging.misspelt()
    clean = score([pair.clean for pair in pairs])
    wrong = score([pair.misspelt for pair in pairs])
    before, after = (found.max(axis=1) >= _LIMIT for found in (clean, wrong))
    kinds = np.array([pair.kind for pair in pairs])
    toxic = kinds != "harmless"
    return [
        Line(
            "blind misspelt: recall kept",
            float(after[toxic].mean() / before[toxic].mean()),
            ", ".join(
                f"{kind} {before[kinds == kind].mean():.0%} → {after[kinds == kind].mean():.0%}"
                for kind in dict.fromkeys(kinds.tolist())
            ),
        )
    ]


def _contrasts(score: Score) -> list[Line]:
    cases = judging.contrasts()
    flagged = score([case.text for case in cases]).max(axis=1) >= _LIMIT
    result = []
    for kind in dict.fromkeys(case.kind for case in cases):
        rows = [row for row, case in enumerate(cases) if case.kind == kind]
        meant = "toxic" if cases[rows[0]].toxic else "harmless"
        result.append(Line(f"blind contrast: {kind}", float(flagged[rows].mean()), f"{meant}"))
    return result
