"""Opening inputs: plain, gzip or zstd, a file or standard input, always in bounded memory.

An `Input` hands out UTF-8 bytes. A stream that breaks off does not raise: what came
before is handed out, and `Input.broken` then says why it ended.
"""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import zstandard

from moderation.errors import InputError
from moderation.sources.base import RAW_LIMIT, BrokenError, Note, Reject
from moderation.sources.encodings import gathered, then, to_utf8

#: The longest line in bytes.
MAX_LINE: Final = 16 * 1024 * 1024
LINE_TOO_LONG: Final = f"line longer than {MAX_LINE // 1024**2} MiB"

#: How much of an input is looked at to find out its format, in bytes.
HEAD: Final = 256 * 1024

_BLOCK: Final = 128 * 1024
# zstd turns 4 bytes into up to 128 KiB and hands out all that one piece yields: small
# pieces keep a hostile file from filling the memory (64 MiB at the worst).
_ZSTD_PIECE: Final = 2 * 1024
# Dumps made with `zstd --long=31` need it; memory is taken only as a file uses it.
_ZSTD_WINDOW: Final = 2**31

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # after 0x50 to 0x5f; pzstd begins with such a frame
_FOREIGN: Final = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
}
_BINARY: Final = {
    b"PAR1": "Parquet",
    b"SQLite f": "SQLite",
    b"%PDF-": "PDF",
    b"\xd0\xcf\x11\xe0": "Excel",
}
_COMPRESSED: Final = (".gz", ".zst")


class Source:
    """Something that is read: what messages call it, and what is told of it.

    `name` is what messages call it, `origin` the name space for counted ids.
    """

    def __init__(
        self,
        name: str,
        origin: str,
        *,
        on_reject: Callable[[Reject], None],
        on_note: Callable[[Note], None] = lambda note: None,
    ) -> None:
        self.name = name
        self.origin = origin
        self._on_reject = on_reject
        self._on_note = on_note
        #: What was counted: how often, and the first line.
        self._counts: dict[str, tuple[int, int | None]] = {}

    def reject(self, line: int | None, cause: str, raw: str | bytes = "") -> None:
        """Hand a reject to the caller, with its raw form cut and escaped."""
        if isinstance(raw, bytes):
            raw = raw[:RAW_LIMIT].decode("utf-8", "backslashreplace")
        self._on_reject(Reject(self.name, line, cause, raw[:RAW_LIMIT]))

    def note(self, line: int | None, what: str) -> None:
        """Tell the caller what a user should know."""
        self._on_note(Note(self.name, line, what))

    def count(self, what: str, line: int | None) -> None:
        """A note on many records: one at the end, with their number and the first line."""
        number, first = self._counts.get(what, (0, line))
        self._counts[what] = number + 1, first

    def finish(self) -> None:
        """Tell what was counted."""
        for what, (number, first) in self._counts.items():
            self.note(first, f"{what}: {number:,}{', the first here' * (number > 1)}")


class Input(Source):
    """One open input: a stream of bytes."""

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        origin: str,
        *,
        on_reject: Callable[[Reject], None],
        on_bytes: Callable[[int], None],
        on_note: Callable[[Note], None] = lambda note: None,
        encoding: str | None = None,
    ) -> None:
        """Raises InputError when the beginning shows that nothing can be read."""
        super().__init__(name, origin, on_reject=on_reject, on_note=on_note)
        self.broken: str | None = None
        self._broken_at: int | None = None
        self._broken_raw: bytes = b""
        self._ahead: list[bytes] = []
        self._ended = False
        unpacked = _decompressed(_blocks(stream, on_bytes), name)
        self._chunks = to_utf8(unpacked, encoding, self.note)
        # A file that is broken from its first byte on is not an input with a bad end.
        if not self.peek(1) and self.broken is not None:
            raise InputError(self.broken, where=name)

    def finish(self) -> None:
        """Tell what was counted, and the break of the stream, where it had one."""
        super().finish()
        if self.broken is not None:
            self.reject(self._broken_at, self.broken, self._broken_raw)

    def peek(self, size: int) -> bytes:
        """The first `size` bytes or more, fewer only at the end; they are still to be read."""
        while not self._ended and sum(map(len, self._ahead)) < size:
            chunk = self._next()
            if chunk is not None:
                self._ahead.append(chunk)
        return b"".join(self._ahead)

    def chunks(self) -> Iterator[bytes]:
        """All of it, once."""
        while self._ahead:
            yield self._ahead.pop(0)
        while (chunk := self._next()) is not None:
            yield chunk

    def _next(self) -> bytes | None:
        if self._ended:
            return None
        try:
            return next(self._chunks)
        except StopIteration:
            pass
        except BrokenError as error:
            self.broken = str(error)
        self._ended = True
        return None

    def whole(self, limit: int) -> bytearray:
        """All of it in one piece; InputError beyond `limit` bytes."""
        parts = bytearray()
        for chunk in self.chunks():
            parts += chunk
            if len(parts) > limit:
                raise InputError(
                    f"larger than {limit // 1024**2} MiB",
                    where=self.name,
                    hint="convert it to jsonl",
                )
        return parts

    def lines(self, end: bytes = b"\n") -> Iterator[tuple[int, bytes]]:
        """Each line without its `end`, with its number from 1.

        A line over `MAX_LINE` bytes is not held as a whole: what comes of it is longer
        than `MAX_LINE`, and only its beginning. The unfinished last line of a broken
        stream is left to the reject.
        """
        number = 1
        parts: list[bytes] = []
        size = 0
        for chunk in self.chunks():
            first, *others = chunk.split(end)
            if size <= MAX_LINE:
                parts.append(first[: MAX_LINE + 1 - size])
                size += len(first)
            if not others:
                continue
            last = others.pop()
            yield number, b"".join(parts)
            number += 1
            for line in others:
                yield number, line
                number += 1
            parts, size = [last[: MAX_LINE + 1]], len(last)
        rest = b"".join(parts)
        if self.broken is not None:
            self._broken_at, self._broken_raw = number, rest
        elif rest:
            yield number, rest


def open_path(path: str) -> BinaryIO:
    """Open a file for `Input`; InputError when it cannot be."""
    try:
        return open(path, "rb", buffering=0)  # noqa: PTH123 - `read` closes it
    except IsADirectoryError as error:
        hint = "name the files in it, for example FOLDER/*.jsonl"
        raise InputError(error.strerror or str(error), where=path, hint=hint) from None
    except OSError as error:
        raise InputError(error.strerror or str(error), where=path) from None
    except ValueError as error:  # a NUL in the name
        raise InputError(str(error), where=path) from None


def stdin_stream() -> BinaryIO:
    return sys.stdin.buffer


def total_size(inputs: Sequence[str]) -> int | None:
    """The bytes on disk of all inputs, None when one of them has no known size.

    What `read` counts for `on_progress` adds up to it. An input that does not exist
    counts nothing: it will be a reject.
    """
    total = 0
    for path in inputs:
        if path == "-":
            return None
        try:
            status = os.stat(path)  # noqa: PTH116 - a name is a name, not yet a path
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(status.st_mode):
            total += status.st_size
        elif not stat.S_ISDIR(status.st_mode):
            return None
    return total


def bare_name(path: str) -> str:
    """The file name without `.gz` or `.zst`."""
    name = Path(path).name
    for suffix in _COMPRESSED:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _blocks(stream: BinaryIO, on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    # `read1` gives what is there, so that a slow pipe is read as it comes.
    read: Callable[[int], bytes | None] = getattr(stream, "read1", stream.read)
    while True:
        try:
            block = read(_BLOCK)
        except (OSError, ValueError) as error:
            raise BrokenError(
                f"cannot be read: {getattr(error, 'strerror', None) or error}"
            ) from None
        if not block:
            return
        on_bytes(len(block))
        yield block


def _decompressed(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The content decides; a name that promises compression must keep its promise."""
    start, chunks = gathered(chunks, 8)
    rest = then(start, chunks)
    if start.startswith(_GZIP):
        return _gunzip(rest)
    if start.startswith(_ZSTD) or start[1:4] == _ZSTD_SKIPPABLE:
        return _unzstd(rest)
    for suffix, kind in ((".gz", "gzip"), (".zst", "zstd")):
        if name.lower().endswith(suffix):
            raise InputError(f"not a {kind} file, though its name ends in {suffix}", where=name)
    for magic, kind in _FOREIGN.items():
        if start.startswith(magic):
            raise InputError(f"{kind} files are not read", where=name, hint="unpack it first")
    for magic, kind in _BINARY.items():
        if start.startswith(magic):
            hint = "export its comments as csv or jsonl"
            raise InputError(f"{kind} files are not read", where=name, hint=hint)
    return rest


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    fresh = False  # between two members
    for chunk in chunks:
        data = chunk
        while data:
            if fresh:
                data = data.lstrip(b"\x00")  # tapes pad with zeros
                if not data:
                    break
                member, fresh = zlib.decompressobj(wbits=31), False
            try:
                out = member.decompress(data, _BLOCK)
            except zlib.error as error:
                raise BrokenError(f"broken gzip data: {error}") from None
            if out:
                yield out
            if member.eof:
                data, fresh = member.unused_data, True
            else:
                data = member.unconsumed_tail
    if not fresh:
        # The last call may have stopped at its limit with a few bytes still inside.
        if out := member.flush():
            yield out
        if not member.eof:
            raise BrokenError("the gzip data ends too early")


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unpack = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = unpack.decompressobj(write_size=_BLOCK // 2)
    fresh = False
    for chunk in chunks:
        for start in range(0, len(chunk), _ZSTD_PIECE):
            data = chunk[start : start + _ZSTD_PIECE]
            while data:
                if fresh:
                    frame, fresh = unpack.decompressobj(write_size=_BLOCK // 2), False
                try:
                    out = frame.decompress(data)
                except zstandard.ZstdError as error:
                    raise BrokenError(f"broken zstd data: {error}") from None
                if out:
                    yield out
                if not frame.eof:
                    break
                data, fresh = frame.unused_data, True
    if not fresh:
        raise BrokenError("the zstd data ends too early")
