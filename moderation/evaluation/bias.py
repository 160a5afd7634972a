"""Whether a model is worse about some groups of people than about others."""

from __future__ import annotations

from typing import NamedTuple

from moderation.evaluation.metrics import Bools, Floats, Ranking


class GroupBias(NamedTuple):
    """One group's figures for one label; NaN where the comments do not tell.

    The three areas are those of Borkan et al. (2019), "Nuanced metrics for measuring
    unintended bias", each 0.5 (chance) to 1: among comments about the group (`subgroup`);
    its harmless comments against all others' toxic ones (`bpsn`: low means that naming
    the group raises the score); its toxic comments against all others' harmless ones
    (`bnsp`: low means that naming it lowers the score).
    """

    group: str
    comments: int
    positives: int
    subgroup: float
    bpsn: float
    bnsp: float
    #: Share of its harmless comments that score 0.5 or more.
    false_positives: float


def of_group(name: str, member: Bools, truth: Bools, scores: Floats) -> GroupBias:
    """All arrays have shape (n,); `member` says which comments are about the group."""

    def area(chosen: Bools) -> float:
        return float(Ranking(truth[chosen], scores[chosen]).auc()) if chosen.any() else float("nan")

    harmless = member & ~truth
    return GroupBias(
        group=name,
        comments=int(member.sum()),
        positives=int((member & truth).sum()),
        subgroup=area(member),
        bpsn=area(harmless | (~member & truth)),
        bnsp=area((member & truth) | (~member & ~truth)),
        false_positives=float((scores[harmless] >= 0.5).mean()) if harmless.any() else float("nan"),
    )
