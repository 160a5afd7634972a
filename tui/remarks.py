"""Why a comment is decided as it is: what goes on record with the next decision on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from moderation.display import one_line
from moderation.reasons import Reason

#: How much of a note is shown; all of it is kept.
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Remark:
    """`reason` is a code of the configured list; either may be empty."""

    reason: str = ""
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.reason or self.note)

    def chips(self, reasons: Sequence[Reason]) -> Content:
        """As it stands on the comment: the reason by its label, the note's first words."""
        parts = []
        if self.reason:
            labels = {each.code: each.label for each in reasons}
            label = one_line(labels.get(self.reason, self.reason), 40)
            parts.append(Content.styled(f" Reason: {label} ", "bold $text-accent on $accent-muted"))
        if self.note:
            words = one_line(self.note, _SHOWN)
            parts.append(Content.styled(f" Note: {words} ", "$text-secondary on $secondary-muted"))
        return Content(" ").join(parts)

    def words(self) -> str:
        """As it is told after the decision: ` as spam, with a note`."""
        reason = f" as {one_line(self.reason, 30)}" if self.reason else ""
        return reason + (", with a note" if self.note else "")


#: Nothing to say.
SILENT = Remark()
