"""How alike the closest earlier text is: what `similar` found, or narrowly did not."""

from __future__ import annotations

from datetime import UTC, datetime

from rapidfuzz import fuzz

from moderation.comments import Comment
from moderation.traits import SHORTEST, letters_of


class Closest:
    """Holds one comment against others, one by one and without the shortcuts of a scan."""

    def __init__(self, comment: Comment, per: float) -> None:
        """Only comments of the `per` seconds before this one count."""
        self._per = per
        self._created = comment.created
        self._letters = letters_of(comment.text)
        #: From 0 to 1, 1 for the same letters; None while there is no other comment.
        self.likeness: float | None = None

    def add(self, other: Comment) -> None:
        if self._created is None or other.created is None:
            return
        before = (_zoned(self._created) - _zoned(other.created)).total_seconds()
        if not 0 <= before <= self._per:
            return
        letters = letters_of(other.text)
        if letters == self._letters:
            self.likeness = 1.0
        elif min(len(letters), len(self._letters)) >= SHORTEST:
            found = fuzz.ratio(self._letters, letters) / 100
            self.likeness = max(found, self.likeness or 0.0)


def _zoned(moment: datetime) -> datetime:
    # Only differences count, so a time without a zone does as well as one with.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
