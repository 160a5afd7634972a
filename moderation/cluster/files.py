"""Files by any address that fsspec knows: `s3://bucket/dump/`, `gs://…`, `/data/*.parquet`.

A plain path is a local one, which every machine of the cluster must see.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import fsspec
from fsspec.core import url_to_fs

from moderation.cluster.plan import Place
from moderation.comments import Comment
from moderation.errors import InputError, UsageError
from moderation.sources import Note, ReadOptions, Reject, parquet
from moderation.sources import read as read_text
from moderation.sources.base import Settings
from moderation.sources.files import Source
from moderation.sources.ids import distinct

#: Written last, when all parts are whole; it holds the summary.
DONE = "_SUCCESS"
_GLOB = frozenset("*?[")
_T = TypeVar("_T")


def places(inputs: Sequence[str]) -> list[Place]:
    """The files meant by names, patterns and folders, in order. Of a folder all files
    below it count but hidden ones and those that begin with `_`, as data lakes have it.

    Raises UsageError for standard input, an address that nothing here can open, a pattern
    that nothing matches and an empty folder.
    """
    found: list[Place] = []
    for name in inputs:
        if name == "-":
            raise UsageError(
                "standard input cannot be read by other machines", hint="name files or addresses"
            )
        found += _meant(name)
    return found


def _meant(name: str) -> list[Place]:
    fs, path = _system(name)
    with _told(name):
        if fs.isfile(path):
            return [Place(name, _address(name))]
        if fs.isdir(path):
            files = [file for file in sorted(fs.find(path)) if _is_data(file[len(path) :])]
        elif _GLOB & set(name):
            files = sorted(fs.glob(path))
        else:
            return [Place(name, _address(name))]  # missing: a reject, as elsewhere
    if not files:
        raise UsageError("there is no such file", where=name)
    if not _is_local(name):
        return [Place(address, address) for address in map(fs.unstrip_protocol, files)]
    here = os.getcwd() + os.sep  # noqa: PTH109
    relative = not Path(name).is_absolute()
    return [Place(file.removeprefix(here) if relative else file, file) for file in files]


def _is_data(path: str) -> bool:
    return not any(part.startswith(("_", ".")) for part in path.split("/"))


def comments(
    place: Place,
    options: ReadOptions,
    *,
    on_reject: Callable[[Reject], None],
    on_note: Callable[[Note], None],
) -> Iterator[Comment]:
    """The comments of one file, whatever its format, as `moderation.sources.read` has it."""
    try:
        stream = _open(place)
        beginning = stream.read(len(parquet.MAGIC))
        stream.seek(0)
    except (InputError, OSError) as error:
        what = error.what if isinstance(error, InputError) else _cause(error)
        on_reject(Reject(place.name, None, what, ""))
        return
    with stream:
        if beginning != parquet.MAGIC:
            # The reader closes what it opens; closing twice is no harm.
            yield from read_text(
                [place.name],
                options,
                on_reject=on_reject,
                on_note=on_note,
                opener=lambda _: stream,
            )
            return
        source = Source(place.name, "", on_reject=on_reject, on_note=on_note)
        try:
            yield from distinct(parquet.read(stream, source, Settings.of(options)), source)
        except InputError as error:
            source.reject(None, f"{error.what} ({error.hint})" if error.hint else error.what)
        source.finish()


@dataclass(frozen=True)
class Output:
    """A folder for parts, new or empty."""

    address: str

    @classmethod
    def prepare(cls, name: str) -> Output:
        """Make it; a local one is for its owner only, since parts quote comments.

        Raises:
            UsageError: it is not empty, or the address is none.
            InputError: it cannot be made.
        """
        fs, path = _system(name)
        with _told(name):
            if fs.exists(path) and (not fs.isdir(path) or fs.ls(path)):
                raise UsageError(
                    "the output is not an empty folder",
                    where=name,
                    hint="name a new one: parts of two scans would be taken for one",
                )
            if _is_local(name):
                os.makedirs(path, mode=0o700, exist_ok=True)  # noqa: PTH103
            else:
                fs.makedirs(path, exist_ok=True)
        return cls(_address(name))

    def write(self, name: str, data: bytes) -> None:
        """A file in it; one that a machine which died has left there is replaced.

        Raises OSError.
        """
        fs, path = url_to_fs(self.address)
        fs.pipe_file(f"{path.rstrip('/')}/{name}", data)

    def parts(self) -> int:
        """How many parts can be seen from here."""
        fs, path = url_to_fs(self.address)
        return sum(file.endswith(".parquet") for file in fs.find(path))


class _Stream(io.RawIOBase):
    """A file of any system, whose every failure is an OSError."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        done: bytes = self._tried(self._file.read, size)
        return done

    def seek(self, offset: int, whence: int = 0) -> int:
        done: int = self._tried(self._file.seek, offset, whence)
        return done

    def tell(self) -> int:
        done: int = self._tried(self._file.tell)
        return done

    def close(self) -> None:
        super().close()
        self._file.close()

    def _tried(self, work: Callable[..., _T], *args: int) -> _T:
        try:
            return work(*args)
        except OSError:
            raise
        except Exception as error:  # each system has its own
            raise OSError(_cause(error)) from error


def _open(place: Place) -> BinaryIO:
    try:
        return _Stream(fsspec.open(place.address, "rb").open())  # type: ignore[return-value]
    except Exception as error:
        raise InputError(_cause(error), where=place.name) from None


def _system(name: str) -> tuple[Any, str]:
    try:
        fs, path = url_to_fs(_address(name))
    except (ImportError, ValueError) as error:
        raise UsageError(
            f"this address cannot be opened: {_cause(error)}",
            where=name,
            hint="for example s3:// needs pip install s3fs, on every machine",
        ) from None
    return fs, path


def _is_local(name: str) -> bool:
    return "://" not in name


def _address(name: str) -> str:
    """Machines have working directories of their own."""
    return f"file://{os.path.abspath(name)}" if _is_local(name) else name  # noqa: PTH100


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What a system raises while it is asked, as an error of ours."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:  # each system has its own
        raise InputError(_cause(error), where=name) from error


def _cause(error: Exception) -> str:
    own = error.strerror if isinstance(error, OSError) else None
    return own or str(error).partition("\n")[0][:300] or type(error).__name__
