"""Texts as tokens, in windows of the length that the model reads.

A text of more tokens than fit is cut into windows that overlap by a quarter, so that
what stands across a cut is read whole in one of them. Time and memory are linear in a
text's length; how many windows of one text are read is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moderation.errors import ModelError

#: Windows of one text that are read at most, some 10,000 English words at 256 tokens.
MOST_WINDOWS = 64

# Code points given to the tokenizer at once; a longer text is cut, before a blank if
# there is one among the last of them.
_PIECE = 1 << 14
_LOOK_BACK = 256
_OVERLAP = 4  # windows share a 4th of their tokens
_SURROGATE = re.compile("[\ud800-\udfff]")
_LAST_BLANK = re.compile(r"\s(?=\S*\Z)")

Window = tuple[int, ...]


class Tokens:
    """A `tokenizer.json`, read as the model needs it."""

    def __init__(self, content: str, *, window: int) -> None:
        """Raises ModelError if it is not a tokenizer, or leaves no room in the window."""
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_str(content)
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
            # A comment that spells a control token gets its letters, not the control.
            self._tokenizer.encode_special_tokens = True
            around = self._tokenizer.encode("a")
        except Exception as error:  # tokenizers raises plain Exception
            raise ModelError(f"the model's tokenizer cannot be used ({error})") from error
        mask = around.special_tokens_mask
        inside = mask.index(0) if 0 in mask else len(mask)
        self._before: Window = tuple(around.ids[:inside])
        self._after: Window = tuple(around.ids[inside:][mask[inside:].count(0) :])
        self._room = window - len(self._before) - len(self._after)
        if self._room < _OVERLAP:
            raise ModelError("the model's window has no room beside the special tokens")

    def windows(self, text: str) -> list[Window]:
        """The text's windows, no two the same, at least one, special tokens included.

        Of a text with more than `MOST_WINDOWS` different ones so many are taken, evenly
        from its beginning to its end.
        """
        ids: list[int] = []
        for _, encoding in self._encodings(text):
            ids.extend(encoding.ids)
        return self._windows(ids)

    def places(self, text: str) -> tuple[list[tuple[int, int]], dict[Window, list[int]]]:
        """Where the text's tokens stand, and the text's windows with theirs.

        Returns:
            For each token the code points of the text at which it starts and ends; and
            the windows of `windows`, with the number of the first token of each place
            where it stands. A window's own special tokens count in neither; see `inside`.
        """
        ids: list[int] = []
        places: list[tuple[int, int]] = []
        for begin, encoding in self._encodings(text):
            ids.extend(encoding.ids)
            places.extend((begin + start, begin + end) for start, end in encoding.offsets)
        starts: dict[Window, list[int]] = {window: [] for window in self._windows(ids)}
        for start, window in self._cut(ids):
            if (framed := self._framed(window)) in starts:
                starts[framed].append(start)
        return places, starts

    @property
    def inside(self) -> slice:
        """A window without the special tokens around it."""
        return slice(len(self._before), -len(self._after) or None)

    def _encodings(self, text: str) -> Iterator[tuple[int, Any]]:
        """Where each piece begins, and its tokens."""
        begin = 0
        # A lone surrogate is no character, and tokenizers refuse it.
        for piece in _pieces(_SURROGATE.sub("\ufffd", text)):
            yield begin, self._tokenizer.encode(piece, add_special_tokens=False)
            begin += len(piece)

    def _windows(self, ids: list[int]) -> list[Window]:
        found = list(dict.fromkeys(window for _, window in self._cut(ids)))
        if len(found) > MOST_WINDOWS:
            found = [
                found[number * (len(found) - 1) // (MOST_WINDOWS - 1)]
                for number in range(MOST_WINDOWS)
            ]
        return [self._framed(window) for window in found]

    def _cut(self, ids: list[int]) -> Iterator[tuple[int, Window]]:
        step = self._room - self._room // _OVERLAP
        # The last window ends with the text and is as long as the others.
        last = max(0, len(ids) - self._room)
        for start in (*range(0, last, step), last):
            yield start, tuple(ids[start : start + self._room])

    def _framed(self, window: Window) -> Window:
        return (*self._before, *window, *self._after)


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _PIECE:
        end = start + _PIECE
        blank = _LAST_BLANK.search(text, end - _LOOK_BACK, end)
        if blank:
            end = blank.start()
        yield text[start:end]
        start = end
    yield text[start:]
