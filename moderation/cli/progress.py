"""How far a long piece of work is, on stderr while it is a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from moderation.cli.common import Session
from moderation.display import for_log

if TYPE_CHECKING:
    from moderation.comments import Assessment
    from moderation.models.base import Model

#: Seconds between two drawings of a line.
_EVERY = 0.2
_MEGABYTE = 1_000_000


class StatusLine:
    """One line that is drawn over and in the end gone; nothing at all with -q or where
    stderr is no terminal."""

    def __init__(self, session: Session, *, delay: float = 0.0) -> None:
        """Nothing is drawn in the first `delay` seconds."""
        self.shown = sys.stderr.isatty() and session.verbosity >= 0
        self._next = time.monotonic() + delay
        self._drawn = False

    @property
    def due(self) -> bool:
        """Whether it is time to draw again; for work of many small steps."""
        return self.shown and time.monotonic() >= self._next

    def draw(self, text: str, share: float | None = None) -> None:
        """Show this from now on, with a bar in front where a share (0..1) is known."""
        if not self.shown:
            return
        self._next = time.monotonic() + _EVERY
        if share is not None:
            text = f"{'█' * int(share * 20):<20} {share:4.0%}  {text}"
        # A line that wraps could not be drawn over.
        room = shutil.get_terminal_size().columns - 1
        self._drawn = True  # before it is: an interrupt may come between
        sys.stderr.write(f"\r\x1b[K{text[:room]}")
        sys.stderr.flush()

    def close(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False
        self.shown = False


class Progress:
    """A bar by what is done of a known total: bytes read (`counted` then counts the
    comments), or the comments themselves (`reached`)."""

    def __init__(self, session: Session, total: int | None) -> None:
        self._line = StatusLine(session, delay=0.5)  # a quick scan shows no bar at all
        self._total = total
        self._count = 0
        self._bytes = 0
        self._started = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def bytes_read(self, count: int) -> None:
        self._bytes = count

    def reached(self, count: int) -> None:
        self._count = self._bytes = count
        if self._line.due:
            self._draw()

    def counted(self, assessments: Iterable[Assessment]) -> Iterator[Assessment]:
        """The same assessments, counted as they pass."""
        for assessment in assessments:
            self._count += 1
            if self._count % 64 == 0 and self._line.due:
                self._draw()
            yield assessment

    def close(self) -> None:
        self._line.close()

    def _draw(self) -> None:
        elapsed = time.monotonic() - self._started
        line = f"{self._count:,} comments, {self._count / elapsed:,.0f}/s"
        if self._total and 0 < self._bytes <= self._total:
            done = self._bytes / self._total
            self._line.draw(f"{line}, {elapsed / done - elapsed:,.0f} s left", done)
        else:
            self._line.draw(line)


class Download:
    """A line while a model is downloaded. Where none is shown, one stays that says what is
    downloaded, and how large it is."""

    def __init__(self, session: Session, model: str) -> None:
        self._session = session
        self._model = for_log(model)
        self._line = StatusLine(session)
        self._started: tuple[float, int] | None = None

    def __enter__(self) -> Download:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def reached(self, count: int, total: int | None) -> None:
        """As `moderation.models.load` tells it: bytes that are there, and in all."""
        now = time.monotonic()
        if self._started is None:
            self._started = now, count  # some of it may be from an earlier try
            if not self._line.shown:
                size = f" ({total / _MEGABYTE:,.0f} MB)" if total else ""
                self._session.talk(f"downloading {self._model}{size}")
        if not self._line.due:
            return
        done = f"downloading {self._model}: {count / _MEGABYTE:,.0f}"
        if not total:
            self._line.draw(f"{done} MB")
            return
        began, had = self._started
        done += f" of {total / _MEGABYTE:,.0f} MB ({count / total:.0%})"
        if count > had:
            done += f", {(total - count) * (now - began) / (count - had):,.0f} s left"
        self._line.draw(done)


def load_model(session: Session, name: str, *, exact: bool = False) -> Model:
    """The model of that name, as `moderation.models.load`; a download is shown."""
    from moderation import models

    with Download(session, name) as download:
        return models.load(name, exact=exact, progress=download.reached)
