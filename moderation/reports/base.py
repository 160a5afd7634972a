"""The one interface of all report writers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from moderation.comments import Action, Assessment, Braked, Flag, Verdict

#: How much of a comment a report may quote: all of a marked line, the surroundings of
#: a match, or nothing (for logs that strangers can read).
ShowText = Literal["full", "snippet", "never"]


@dataclass
class Summary:
    """What a scan came to. Filled while it runs."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    #: Rule id -> comments for which it could not be decided.
    undecided: Counter[str] = field(default_factory=Counter)
    #: Comments in a language that the model does not know.
    unsupported: int = 0
    #: Rules that only flag in this scan, whatever their action.
    braked: tuple[Braked, ...] = ()
    rejected: int = 0
    #: Comments that no report lists since the baseline knows all that is found in them.
    known: int = 0
    seconds: float = 0.0
    model: str = "none"
    policy: str = ""

    @property
    def comments(self) -> int:
        return self.verdicts.total()

    def add(self, assessment: Assessment) -> None:
        self.verdicts[assessment.verdict] += 1
        self.unsupported += assessment.unsupported
        if assessment.undecided:
            self.undecided.update(assessment.undecided)

    def include(self, part: Summary) -> None:
        """Count what another process came to for a part of the comments."""
        self.verdicts.update(part.verdicts)
        self.undecided.update(part.undecided)
        self.unsupported += part.unsupported
        self.rejected += part.rejected


class Report(Protocol):
    """One output format. Every assessment is added, flagged or not, in order."""

    def begin(self) -> None: ...

    def add(self, assessment: Assessment) -> None: ...

    def end(self, summary: Summary) -> None: ...


Write = Callable[[str], object]


def findings(assessment: Assessment) -> tuple[Flag, ...]:
    """What is to be said against a comment: the live flags of one that needs review, without
    those that speak for it. The strongest first, as the assessment has them."""
    if not assessment.verdict.needs_review:
        return ()
    return tuple(
        flag for flag in assessment.flags if flag.live and flag.action is not Action.APPROVE
    )


def reason(flag: Flag, show_text: ShowText) -> str:
    """Why the rule matched, with `never` in the rule's own words alone. Untrusted."""
    return flag.reason if show_text != "never" else flag.title or flag.rule
