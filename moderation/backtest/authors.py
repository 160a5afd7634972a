"""What was known of an author when a comment came, for rules that ask.

The store knows today's counts. A rule that is tried on last month must not see what
became of a comment, nor what its author did later: so the counts grow along the way.
"""

from __future__ import annotations

from datetime import datetime

from moderation.comments import AuthorRecord, Comment, Status
from moderation.store import Store, reading
from moderation.store.numbers import identity


class Authors:
    """Counts by author, some 200 bytes each, kept only while a version asks for them."""

    def __init__(self, store: Store, since: datetime | None) -> None:
        self._counts: dict[str, list[int]] = {}
        if since is not None:
            with store.read() as conn:
                for who, *counts in reading.author_totals(conn, since):
                    self._counts[who] = counts

    def __call__(self, comment: Comment) -> AuthorRecord | None:
        """The record before this comment; None where it has no author."""
        if comment.author is None:
            return None
        return AuthorRecord(*self._counts.get(identity(comment.author), (0, 0, 0)))

    def add(self, comment: Comment, status: Status) -> None:
        if comment.author is None:
            return
        counts = self._counts.setdefault(identity(comment.author), [0, 0, 0])
        counts[0] += 1
        counts[1] += status is Status.APPROVED
        counts[2] += status is Status.HIDDEN
