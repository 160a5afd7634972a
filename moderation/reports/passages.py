"""Marked passages of a comment as lines for people: the text, and carets beneath it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from moderation.comments import Assessment, Span
from moderation.display import for_log, visible

#: Characters of surroundings in a snippet, on each side of a match.
_AROUND = 48
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A printable line: pieces, each with whether a match covers it.

    Print it after a bar or the like: at the beginning of a line `::` is a command to
    some CI services.
    """

    pieces: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        return "".join(piece for piece, _ in self.pieces)


def passage(assessment: Assessment, *, full: bool, limit: int = 6) -> Iterator[Line]:
    """`marked_lines` of a comment, with what its flags point at in the text."""
    spans = [
        span for flag in assessment.flags if flag.field in ("text", "link") for span in flag.spans
    ]
    return marked_lines(assessment.comment.text, spans, full=full, limit=limit)


def marked_lines(text: str, spans: list[Span], *, full: bool, limit: int = 6) -> Iterator[Line]:
    """The lines of `text` that hold a match, with the matches told apart.

    Without matches the beginning of the text. At most `limit` lines; the last then says
    that there is more. With `full` a line is shown whole, up to 2,000 characters.
    """
    merged = _merge(spans)
    for shown, (start, end) in enumerate(_lines(text, merged, full=full)):
        if shown == limit:
            yield Line((("…", False),))
            return
        yield _cut(text, start, end, merged, full=full)


def _merge(spans: list[Span]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for span in sorted(spans):
        if span.end <= span.start:
            continue
        if merged and span.start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span.end))
        else:
            merged.append((span.start, span.end))
    return merged


def _lines(text: str, spans: list[tuple[int, int]], *, full: bool) -> Iterator[tuple[int, int]]:
    """Start and end of the lines to show."""
    if full or not spans:
        start = 0
        while start <= len(text):
            stop = text.find("\n", start)
            stop = len(text) if stop < 0 else stop
            if text[start : min(stop, start + 400)].strip():
                yield start, stop
            start = stop + 1
        return
    last = -1
    for begin, end in spans:
        while begin < end:
            start = text.rfind("\n", 0, begin) + 1
            stop = text.find("\n", begin)
            stop = len(text) if stop < 0 else stop
            if start > last:
                yield start, stop
                last = start
            begin = stop + 1


def _cut(text: str, start: int, end: int, spans: list[tuple[int, int]], *, full: bool) -> Line:
    if end > start and text[end - 1] == "\r":
        end -= 1  # the first half of a line end, as `display` sees it
    inside = [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]
    width = 2_000 if full else _WIDTH
    first, last = start, end
    if end - start > width:
        first = max(start, inside[0][0] - _AROUND) if inside else start
        last = min(end, first + width)
    pieces: list[tuple[str, bool]] = []
    position = first
    if first > start:
        pieces.append(("…", False))
    for a, b in inside:
        if a >= last:
            break
        stop = min(b, last)
        if a > position:
            pieces.append((visible(text[position:a]), False))
        pieces.append((visible(text[a:stop]), True))
        position = stop
    if position < last:
        pieces.append((visible(text[position:last]), False))
    if last < end:
        pieces.append(("…", False))
    return Line(tuple(_disarmed(pieces)))


def _disarmed(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """No command to a CI service, not even one that only the joined pieces spell."""
    whole = "│" + "".join(piece for piece, _ in pieces)
    if for_log(whole) == whole:
        return pieces
    return [(piece.replace("#", "#\\"), marked) for piece, marked in pieces]
