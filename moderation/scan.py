"""Comments in, assessments out: a generator that prints nothing and stores nothing.

>>> from moderation import Scanner
>>> with Scanner(model="none") as scanner:
...     for found in scanner.scan(["Thank you!", "I will kill you"]):
...         print(found.verdict, [flag.rule for flag in found.flags])
pass []
hold ['threat.personal']
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from moderation.assessing import Assessed, Assessor, Batch
from moderation.comments import Assessment, AuthorRecord, Comment

if TYPE_CHECKING:
    from moderation.models.base import Model
    from moderation.remembering import Remembering
    from moderation.rules import RuleSet
    from moderation.rules.matching.state import Around, History

#: Comments scored together: enough to spread numpy's fixed cost, small enough that a
#: report flows and an interrupt is quick.
BATCH = 256
#: Seconds after which a batch goes on although it is not full: a pipe that trickles
#: shows its results.
PATIENCE = 0.3
#: Batches that are read ahead for each process, so that none waits for the reader.
_AHEAD = 2


class Scanner:
    """A rule set and a model, ready to assess any number of comments, any number of times.

    Safe to share between threads; each scan has a memory of its own for rules about what
    came before. Use it as a context manager, or `close` it, where it has processes or keeps
    scores.
    """

    def __init__(
        self,
        rules: RuleSet | Path | str | Iterable[Path | str] | None = None,
        model: Model | str = "builtin",
        *,
        jobs: int | None = None,
        remembering: Remembering | None = None,
        batch: int = BATCH,
        authors: Callable[[Comment], AuthorRecord | None] | None = None,
        now: datetime | None = None,
    ) -> None:
        """
        Args:
            rules: rules that are loaded, or rule files and folders; None: the shipped packs.
            model: a model, or a name for `moderation.models.load`.
            jobs: so many processes, on a core each, instead of this one with all cores. The
                model must be one that `models.load` knows by its name.
            remembering: what the model made of texts before, and will be told of new ones.
                None: the texts of this scanner, as far as a bounded memory goes.
            batch: comments assessed together; no result depends on it.
            authors: tells what the store knows of a comment's author, where there is a store.
            now: when comments and accounts are so old as rules ask; None: when a scan begins.

        Raises:
            RuleError: the rule files have errors.
            UsageError: no model has this name.
            ModelError, MissingExtraError: the model cannot be loaded.
        """
        from moderation.remembering import Remembering

        self.rules = _rules(rules)
        self.model = _model(model)
        self._assessor = Assessor(self.rules, self.model)
        self._remembering = remembering or Remembering(self.model.fingerprint)
        self._batch = batch
        self._authors = authors
        self._now = now
        self._pool = None
        if jobs is not None:
            from moderation.pool import Pool

            self._pool = Pool(self._assessor, jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes, and write the scores that are kept."""
        if self._pool is not None:
            self._pool.close()
        self._remembering.close()

    def assess(self, comment: Comment | str) -> Assessment:
        """One comment on its own.

        Raises:
            ModelError: the model could not score.
        """
        (found,) = self.scan([comment])
        return found

    def scan(self, comments: Iterable[Comment | str]) -> Iterator[Assessment]:
        """Assess comments lazily and in order; a bare text is a comment with its place as
        id, from 1. The result for a comment depends on others only where a rule asks about
        them, and then on those before it. When reading is interrupted or fails, what was
        read before comes out first, and then the error.

        Raises:
            ModelError: the model could not score.
        """
        stream = _comments(comments)
        history = self._history()
        under_way: deque[Callable[[], Assessed]] = deque()
        ahead = self._pool.jobs * _AHEAD if self._pool else 0
        while True:
            batch, error = self._fill(stream)
            if batch:
                under_way.append(self._begin(batch, history))
            # A slow source is not waited for with results at hand.
            most = ahead if len(batch) == self._batch else 0
            while len(under_way) > most:
                yield from self._end(under_way.popleft())
            if error is not None:
                raise error
            if not batch:
                return

    async def ascan(
        self, comments: Iterable[Comment | str] | AsyncIterable[Comment | str]
    ) -> AsyncIterator[Assessment]:
        """As `scan`, without blocking the event loop: batches are assessed in a thread.

        Raises:
            ModelError: the model could not score.
        """
        import asyncio  # only here: it takes as long to import as all the rest

        history = self._history()
        batch: list[Comment] = []
        began = time.monotonic()
        async for comment in _numbered(comments):
            batch.append(comment)
            if len(batch) == self._batch or time.monotonic() - began > PATIENCE:
                for found in await asyncio.to_thread(self._at_once, batch, history):
                    yield found
                batch, began = [], time.monotonic()
        for found in await asyncio.to_thread(self._at_once, batch, history):
            yield found

    def _history(self) -> History:
        return self.rules.history(self._authors, now=self._now)

    def _at_once(self, batch: list[Comment], history: History) -> list[Assessment]:
        return self._end(self._begin(batch, history)) if batch else []

    def assess_batch(
        self, comments: Sequence[Comment], around: Sequence[Around]
    ) -> list[Assessment]:
        """Comments with what is known around each, which a history told elsewhere.

        Raises:
            ModelError: the model could not score.
        """
        return self._end(self._submit(comments, around))

    def _begin(self, comments: list[Comment], history: History) -> Callable[[], Assessed]:
        return self._submit(comments, [history.around(comment) for comment in comments])

    def _submit(
        self, comments: Sequence[Comment], around: Sequence[Around]
    ) -> Callable[[], Assessed]:
        scores = bool(self.model.labels)
        known = self._remembering.known([each.text for each in comments]) if scores else {}
        batch = Batch(comments, around, known)
        if self._pool is not None:
            return self._pool.submit(batch)
        found = self._assessor.assess(batch)
        return lambda: found

    def _end(self, result: Callable[[], Assessed]) -> list[Assessment]:
        found = result()
        if self.model.labels:
            self._remembering.keep(found.scored)
        return found.assessments

    def _fill(self, stream: Iterator[Comment]) -> tuple[list[Comment], BaseException | None]:
        """The next batch: full, or what came within `PATIENCE` from a slow source."""
        batch: list[Comment] = []
        started = time.monotonic()
        try:
            for comment in stream:
                batch.append(comment)
                if len(batch) >= self._batch or time.monotonic() - started > PATIENCE:
                    break
        except BaseException as error:  # told after what was read before it
            return batch, error
        return batch, None


def _rules(given: RuleSet | Path | str | Iterable[Path | str] | None) -> RuleSet:
    from moderation.packs import packs_folder
    from moderation.rules import RuleSet

    if isinstance(given, RuleSet):
        return given
    if given is None:
        given = packs_folder()
    paths = [given] if isinstance(given, (str, Path)) else given
    return RuleSet.load([Path(path) for path in paths])


def _model(given: Model | str) -> Model:
    if not isinstance(given, str):
        return given
    from moderation import models

    return models.load(given)


def _comments(given: Iterable[Comment | str]) -> Iterator[Comment]:
    for place, one in enumerate(given, start=1):
        yield Comment(id=str(place), text=one) if isinstance(one, str) else one


async def _numbered(
    given: Iterable[Comment | str] | AsyncIterable[Comment | str],
) -> AsyncIterator[Comment]:
    if not isinstance(given, AsyncIterable):
        for one in _comments(given):
            yield one
        return
    place = 0
    async for each in given:
        place += 1
        yield Comment(id=str(place), text=each) if isinstance(each, str) else each
