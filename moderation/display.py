"""The only way that untrusted text becomes printable.

Everything that a commenter, a platform or a rule file wrote goes through here before
it reaches a screen, a log, a report for people, or an error message. What could act
(terminal escapes, bidi overrides, CI commands) or hide (zero-width, controls) is shown
as a visible sign in its place; nothing is dropped, so what a moderator reads is what
was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from moderation.comments import Span

# Anything but letters, marks, numbers, punctuation, symbols and the plain space is
# suspect. One compiled class finds the first suspect quickly; most texts have none.
_SUSPECT = re.compile(
    "[^\x20-\x7e\n"
    "\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u0482\u048a-\u0590"
    "\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u209c\u20a0-\u20cf\u2100-\u218b"
    "\u2190-\u23ff\u2460-\u2604\u2606-\u27ff\u3001-\u3029\u3030-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\U0001f300-\U0001faff]"
)

# Joiners and selectors are part of ordinary emoji and of ordinary Persian or Hindi
# words; they are shown raw only where they stand in such company.
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_SELECTORS = frozenset("\ufe0e\ufe0f")
_JOINING_SCRIPTS = (
    ("\u0600", "\u08ff"),  # Arabic, Syriac, Thaana, N'Ko, Samaritan, Mandaic
    ("\u0900", "\u0dff"),  # the Brahmic scripts of India
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u1800", "\u18af"),  # Mongolian
)
#: Categories of what acts or hides: controls, format characters, lone surrogates, breaks.
_ACTING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
#: Marks on one letter beyond this many are counted, not drawn: they would cover
#: neighbouring lines.
_MAX_MARKS = 4


@lru_cache(maxsize=4096)
def _sign(char: str) -> str:
    """The visible form of one character that is never shown raw, else the character."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    category = unicodedata.category(char)
    # Blanks other than the plain space look like it or like nothing; unassigned and
    # private code points can be drawn as anything, Hangul fillers as nothing.
    if (
        category in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")
        or (category == "Zs" and char not in " \u00a0\u3000")
        or char in "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or 0x180B <= code <= 0x180F
    ):
        return f"<U+{code:04X}>"
    return char


def _joins(before: str, char: str, after: str) -> bool:
    """Whether a joiner or selector does ordinary work between these neighbours."""
    if char in _SELECTORS:
        return bool(before) and (
            unicodedata.category(before) in ("So", "Sm") or before in "#*0123456789\u203c\u2049"
        )
    if char == _ZWJ and before and after:
        symbols = ("So", "Sk")  # Sk: skin tones
        if unicodedata.category(after) == "So" and (
            before in _SELECTORS or unicodedata.category(before) in symbols
        ):
            return True
    if char in (_ZWNJ, _ZWJ) and before and after:
        return any(low <= before <= high and low <= after <= high for low, high in _JOINING_SCRIPTS)
    return False


def visible(text: str, *, newlines: bool = True) -> str:
    """`text` with everything that could act or hide made visible.

    Line feeds are kept (a CR LF pair counts as one); with `newlines=False` they become
    `␊`, for places that hold one line. Tabs become `␉`. Linear in the length.
    """
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    first = _SUSPECT.search(text)
    if first is not None:
        text = text[: first.start()] + "".join(_visible_from(text, first.start()))
    return text if newlines else text.replace("\n", "\u240a")


def _visible_from(text: str, start: int) -> Iterator[str]:
    marks = 0
    hidden = 0
    last = len(text) - 1
    for index in range(start, len(text)):
        char = text[index]
        if unicodedata.category(char) in ("Mn", "Me") and not 0xFE00 <= ord(char) <= 0xFE0F:
            marks += 1
            if marks > _MAX_MARKS:
                hidden += 1
                continue
        else:
            if hidden:
                yield f"<+{hidden} marks>"
            marks = hidden = 0
        if char == "\n":
            yield char
            continue
        sign = _sign(char)
        if sign is not char and (char in _SELECTORS or char in (_ZWJ, _ZWNJ)):
            before = text[index - 1] if index else ""
            after = text[index + 1] if index < last else ""
            if _joins(before, char, after):
                yield char
                continue
        yield sign
    if hidden:
        yield f"<+{hidden} marks>"


def aligned(text: str) -> str:
    """One line of a text for an editor: what could act or hide is a sign, and every
    character has one character in its place (tabs are left to the editor)."""
    if _SUSPECT.search(text) is None:
        return text
    shown: list[str] = []
    marks = 0
    for char in text:
        sign = char if char == "\t" else _sign(char)
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        shown.append(sign if len(sign) == 1 and marks <= _MAX_MARKS else "\ufffd")
    return "".join(shown)


def one_line(text: str, width: int = 80) -> str:
    """The first `width` columns or fewer of a text, on one line, cut with `…`.

    Only as much of the text is read as can be shown.
    """
    head = " ".join(text[: width * 4].split(" "))
    shown = visible(head.strip(), newlines=False)
    if len(shown) <= width and len(text) <= width * 4:
        return shown
    return shown[: max(0, width - 1)].rstrip() + "\u2026"


def pasteable(text: str) -> str:
    """`text` for a clipboard: nothing that acts where it is pasted, on one line.

    Here, and nowhere else, what could act is left out: a sign in its place would be
    pasted for what was written. Controls and turners of direction go, a line end becomes a
    blank (a shell would run the line before it), joiners stay.
    """
    kept = (
        char
        for char in " ".join(text.split())
        if char in (_ZWNJ, _ZWJ) or unicodedata.category(char) not in _ACTING
    )
    return "".join(kept)


# A CI service obeys lines of a log: GitHub `::command::` after leading blanks and
# `##[command]` anywhere, Azure `##vso[`, TeamCity `##teamcity[`.
_CI_LINE = re.compile(r"(?m)^([ \t\u00a0\u3000]*):(?=:)")
_CI_ANYWHERE = re.compile(r"##(?=[A-Za-z]{0,12}\[)")


def for_log(text: str, *, newlines: bool = False) -> str:
    """`visible`, and so that no line of it is a command to a CI service.

    A backslash breaks the command: `\\::add-mask::`, `##\\[group]`.
    """
    return _disarm(visible(text, newlines=newlines))


def log_line(text: str, width: int = 80) -> str:
    """`one_line`, and no command to a CI service."""
    return _disarm(one_line(text, width))


def _disarm(shown: str) -> str:
    if ":" in shown:
        shown = _CI_LINE.sub(r"\1\\:", shown)
    if "##" in shown:
        shown = _CI_ANYWHERE.sub(r"##\\", shown)
    return shown


def pieces(text: str, spans: Sequence[Iterable[Span]]) -> Iterator[tuple[str, frozenset[int]]]:
    """Cut `text` where any span begins or ends; each piece is `visible`.

    `spans[i]` are the places of the i-th flag. Yields (piece, indexes of the flags that
    cover it), in order, without empty pieces. Spans outside the text are clipped.
    """
    size = len(text)
    opens: dict[int, list[int]] = {}
    closes: dict[int, list[int]] = {}
    for index, places in enumerate(spans):
        for span in places:
            start, end = max(0, span.start), min(size, span.end)
            if start < end:
                opens.setdefault(start, []).append(index)
                closes.setdefault(end, []).append(index)
    depth: dict[int, int] = {}
    cuts = sorted({0, size, *opens, *closes})
    for cut, following in pairwise(cuts):
        for index in closes.get(cut, ()):
            depth[index] -= 1
        for index in opens.get(cut, ()):
            depth[index] = depth.get(index, 0) + 1
        yield (
            visible(text[cut:following]),
            frozenset(index for index, count in depth.items() if count > 0),
        )
