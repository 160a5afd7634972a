"""From the bytes of an input to UTF-8, whatever they were written in.

A byte order mark decides, then what UTF-16 without one looks like. All else is UTF-8 until
a byte shows that it is not; that the ASCII before it is the same in both saves reading twice.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Final

from moderation.sources.base import BrokenError

#: Told what an input was read as, and the line from which on (None: all of it).
Say = Callable[[int | None, str], None]

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32-LE"),
    (codecs.BOM_UTF32_BE, "UTF-32-BE"),
    (codecs.BOM_UTF16_LE, "UTF-16-LE"),
    (codecs.BOM_UTF16_BE, "UTF-16-BE"),
)
_JUDGED: Final = 128 * 1024
#: A longer line is judged in pieces, in bytes.
_LONGEST_WHOLE: Final = 1024**2
_OTHER: Final = "--encoding names another"

# As browsers read it: the five bytes without a character are control characters.
_WINDOWS_1252: Final = "".join(
    bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in range(256)
)
_ASCII: Final = bytes(range(128))
# What Western European text is made of. Ã and Â, rare there, begin most of UTF-8's pairs.
_USUAL: Final = (
    "€‚„…ŠŒŽ‘’“”•–—™šœžŸ\u00a0¡£§©ª«°²³´·º»½¿ÀÁÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüý"
).encode("cp1252")
_RUN: Final = re.compile(rb"[\x80-\xff]{3,}")
_STRAY: Final = re.compile("[\udc80-\udcff]")


def to_utf8(chunks: Iterator[bytes], encoding: str | None, say: Say) -> Iterator[bytes]:
    """The same text in UTF-8, without a byte order mark.

    With `encoding` (a name that Python knows) nothing is guessed. Bytes that are nothing in
    it stay bytes that are no UTF-8, and so a reject of their record. Raises BrokenError where
    the encoding allows no reading on.
    """
    if encoding is not None:
        yield from _recoded(chunks, codecs.lookup(encoding).name.upper())
        return
    start, chunks = gathered(chunks, 4)
    for mark, name in _MARKS:
        if start.startswith(mark):
            say(None, f"read as {name}")
            yield from _recoded(then(start[len(mark) :], chunks), name)
            return
    if (wide := _unmarked_utf16(start[:_JUDGED])) is not None:
        say(None, f"read as {wide}, by its look: it has no byte order mark ({_OTHER})")
        yield from _recoded(then(start, chunks), wide)
        return
    yield from _guessed(then(start.removeprefix(codecs.BOM_UTF8), chunks), say)


def gathered(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The beginning, of `size` bytes if there are so many, and the chunks after it.

    What breaks while gathering is raised by the chunks after it: the beginning is not lost.
    """
    start = b""
    try:
        for chunk in chunks:
            start += chunk
            if len(start) >= size:
                break
    except BrokenError as error:
        return start, _failing(error)
    return start, chunks


def _failing(error: BrokenError) -> Iterator[bytes]:
    raise error
    yield b""


def then(start: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if start:
        yield start
    yield from chunks


def _recoded(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    # A lone surrogate, or a byte that means nothing, becomes what is no UTF-8: its record is
    # rejected.
    wide = name.startswith(("UTF-16", "UTF-32"))
    decoder = codecs.getincrementaldecoder(name)("surrogatepass" if wide else "surrogateescape")
    first = True
    try:
        for chunk in chunks:
            text = decoder.decode(chunk)
            if first and text:
                text, first = text.removeprefix("\ufeff"), False
            yield text.encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeError as error:
        raise BrokenError(f"not valid {name}: {getattr(error, 'reason', error)}") from None


def _unmarked_utf16(sample: bytes) -> str | None:
    """UTF-16 of mostly ASCII: every second byte is a NUL, and that after each line as well.

    A comment with NULs in it must not decide how a whole file is read.
    """
    ends = sample.count(b"\n")
    half = len(sample) // 2
    sample = sample[: 2 * half]
    if half < 4:
        return None
    for name, high, low in (
        ("UTF-16-LE", sample[1::2], sample[::2]),
        ("UTF-16-BE", sample[::2], sample[1::2]),
    ):
        if high.count(0) >= 0.4 * half and low.count(0) <= 0.05 * half:
            text = sample.decode(name, errors="replace")
            printable = sum(char.isprintable() or char in "\t\r\n" for char in text)
            if printable >= 0.95 * len(text) and text.count("\n") == ends:
                return name if ends or len(sample) < _JUDGED else None
    return None


def _guessed(chunks: Iterator[bytes], say: Say) -> Iterator[bytes]:
    """UTF-8, and Windows-1252 in lines that are not, if the first of these looks like it."""
    line, held = 1, b""
    for chunk in chunks:
        data = held + chunk
        held = b""
        ascii_only = data.isascii()
        if not ascii_only:
            bad, cut = _first_bad(data)
            if bad is not None and cut and data[:bad].isascii():
                data, held, ascii_only = data[:bad], data[bad:], True
            elif bad is not None and not cut and _western(data):
                line += data.count(b"\n", 0, bad)
                yield from _legacy(data, chunks, line, say)
                return
        yield data
        if not ascii_only:  # UTF-8; bytes that are not are damage
            yield from chunks
            return
        line += data.count(b"\n")
    if held and _western(held):
        yield from _legacy(held, chunks, line, say)
    elif held:
        yield held


def _first_bad(data: bytes) -> tuple[int | None, bool]:
    """Where UTF-8 ends to be valid, and whether only because the data end there."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start, error.reason == "unexpected end of data"
    return None, False


def _western(data: bytes) -> bool:
    """Whether data that are no UTF-8 look like text in Windows-1252, of which Latin-1 is a part.

    Not where most of it is UTF-8, nor where whole words are made of such bytes, as in
    Cyrillic or Chinese encodings.
    """
    first = next((at for at, byte in enumerate(data) if byte > 127), 0)
    data = data[first : first + _JUDGED]
    text = data.decode(errors="surrogateescape")
    stray = len(_STRAY.findall(text))
    whole = len(text) - stray - len(text.encode("ascii", "ignore"))
    if not stray or whole >= stray:
        return False
    high = data.translate(None, _ASCII)
    unusual = len(high.translate(None, _USUAL))
    in_runs = sum(len(match[0]) for match in _RUN.finditer(data))
    return unusual <= 0.1 * len(high) and in_runs <= 0.2 * len(high)


def _legacy(data: bytes, chunks: Iterator[bytes], line: int, say: Say) -> Iterator[bytes]:
    """Line by line: one that is UTF-8 stays it, so no comment decides for those after it."""
    say(line, f"not UTF-8: read as Windows-1252 (Latin-1), as are such lines below ({_OTHER})")
    rest = b""
    for chunk in then(data, chunks):
        *lines, rest = (rest + chunk).split(b"\n")
        yield b"".join(_from_1252(each) + b"\n" for each in lines)
        if len(rest) > _LONGEST_WHOLE:
            yield _from_1252(rest)
            rest = b""
    yield _from_1252(rest)


def _from_1252(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        return codecs.charmap_decode(data, "strict", _WINDOWS_1252)[0].encode()
    return data
