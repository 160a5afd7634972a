"""Which words weighed most in a comment's score, worked out beside the app.

They are not stored: the embedded model is asked again when the comment is shown, on a
thread of its own, so that no key waits for it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, cast

from textual.cache import LRUCache

from moderation import models
from moderation.comments import Assessment, Span
from moderation.errors import ModerationError

#: Characters that are read again: more than one page of the app shows.
MOST_CHARACTERS = 8_000
_EXACT = "+exact"
_REMEMBERED = 500


class _Marking(Protocol):
    fingerprint: str

    def marks(self, text: str) -> tuple[Span, ...]: ...


class Weigher:
    """Asks the embedded model, if it is the one that scored a comment."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="weigh")
        self._model: _Marking | None = None
        self._tried = False
        self._found: LRUCache[tuple[str, str], tuple[Span, ...]] = LRUCache(_REMEMBERED)

    async def words(self, assessment: Assessment) -> tuple[Span, ...]:
        """Spans of the text, in order; none where another model (or another version of
        this one) scored it, or the model does not tell."""
        if not assessment.model.startswith(f"{models.DEFAULT}@") or assessment.unsupported:
            return ()
        text = assessment.comment.text[:MOST_CHARACTERS]
        key = (assessment.model, text)
        known = self._found.get(key)
        if known is None:
            known = await asyncio.wrap_future(
                self._thread.submit(self._weigh, text, assessment.model)
            )
            self._found[key] = known
        return known

    def close(self) -> None:
        """Start nothing new. What is under way ends by itself, with nobody waiting."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _weigh(self, text: str, fingerprint: str) -> tuple[Span, ...]:
        try:
            model = self._load()
            # Whether the transformer read every text makes no other model of it.
            if model is None or (
                model.fingerprint.removesuffix(_EXACT) != fingerprint.removesuffix(_EXACT)
            ):
                return ()
            return model.marks(text)
        except ModerationError:
            return ()  # the scan that comes will say so; here it is an extra

    def _load(self) -> _Marking | None:
        if not self._tried:
            self._tried = True
            # One thread: the app draws on the other cores, and one text needs no more.
            model = models.load(models.DEFAULT, threads=1)
            if hasattr(model, "marks"):
                self._model = cast("_Marking", model)
        return self._model
