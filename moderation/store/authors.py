"""What the store knows of authors, for rules that ask."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from moderation.comments import AuthorRecord, Comment
from moderation.store.numbers import identity
from moderation.store.rows import pack

if TYPE_CHECKING:
    from moderation.store.store import Store


class AuthorRecords:
    """Records for the comments of one scan, asked for in the order of the scan.

    An author's earlier comments are those stored before this one, or read before it in
    this scan: so a second scan of the same file is told the same.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        #: By author: comments stored when this scan first met them, new ones read since.
        self._first: dict[str | bytes, int] = {}
        self._new: Counter[str | bytes] = Counter()

    def __call__(self, comment: Comment) -> AuthorRecord | None:
        """None for a comment without an author. Raises StoreError."""
        if comment.author is None:
            return None
        who = pack(identity(comment.author))
        with self._store.read() as conn:
            (known,) = conn.execute(
                "SELECT (SELECT n FROM comments WHERE key = ?)", [pack(comment.key)]
            ).fetchone()
            stored, approved, hidden = conn.execute(
                "SELECT count(*) FILTER (WHERE ?1 IS NULL OR n < ?1),"
                " count(*) FILTER (WHERE status = 'approved'),"
                " count(*) FILTER (WHERE status = 'hidden')"
                " FROM comments WHERE author IN (SELECT n FROM authors WHERE ident = ?2)",
                [known, who],
            ).fetchone()
        if known is None:
            # What this scan has read before is not stored yet, or not all of it.
            stored = self._first.setdefault(who, stored) + self._new[who]
            self._new[who] += 1
        return AuthorRecord(stored, approved, hidden)
