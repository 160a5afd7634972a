"""Words that a person need not read to know that they are there: covered, or masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from rich.cells import cell_len

from moderation.comments import Severity, Span
from moderation.display import one_line
from moderation.queue import Item

_COVER = "▒"
_MASK = "•"

#: Which items are covered until a person asks: from a severity on, all, or none.
LEVELS = {
    "always": None,
    "medium": Severity.MEDIUM,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Veil:
    """Which texts are covered at first: a word of `[review] blur`."""

    blur: str = "critical"

    def covers(self, item: Item) -> bool:
        if self.blur not in LEVELS:
            return False
        least = LEVELS[self.blur]
        severity = item.assessment.severity
        return least is None or (severity is not None and severity.rank >= least.rank)

    def line(self, item: Item, width: int) -> str:
        """The first words of an item for a list: covered, or with their matches masked."""
        text = masked_line(item.comment.text, matches(item, "text"), width)
        return covered(text) if self.covers(item) else text


def matches(item: Item, field: str) -> tuple[Span, ...]:
    """What the rules matched in that field of an item."""
    flags = item.assessment.flags
    return tuple(chain.from_iterable(flag.spans for flag in flags if flag.field == field))


def covered(shown: str) -> str:
    """Printable text with a block in each place; blanks and line ends stay where they are."""
    return "".join(char if char.isspace() else _COVER * cell_len(char) for char in shown)


def masked_line(text: str, spans: Sequence[Span], width: int) -> str:
    """`one_line` with every word inside the spans reduced to its first letter."""
    # `one_line` reads no more than this, and looks one further to know whether it cut.
    head = list(text[: width * 4 + 1])
    for span in spans:
        first = True
        for at in range(max(0, span.start), min(span.end, len(head))):
            if head[at].isspace():
                first = True
            elif first:
                first = False
            else:
                head[at] = _MASK
    return one_line("".join(head), width)
