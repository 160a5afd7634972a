"""Compiled rules, kept between runs in the user's cache folder.

Reading rules as YAML, checking them and taking their regexes apart takes a hundred times
as long as reading what came of it. An entry holds that for one set of files, as columns
of JSON: never code, never a name to import. It counts only if the bytes of every rule file
and of every list file that they name are the same, and the program's own code as well.
Whatever else is found in its place, or an entry that cannot be written, is passed over.

The environment variable `MODERATION_CACHE=off` turns all of it off.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import re2

from moderation import caches
from moderation.comments import LABELS
from moderation.rules.columns import Columns, DamagedError
from moderation.rules.compiled import Compiled
from moderation.rules.language import fields
from moderation.rules.language.files import digest, find_files, read_bytes, read_file, validate_path
from moderation.rules.matching import conditions
from moderation.rules.matching.state import Rate

#: Larger entries are neither written nor read.
MAX_BYTES = 32_000_000
#: What the folder keeps; what was used longest ago goes first.
MAX_ENTRIES = 32
MAX_FOLDER_BYTES = 200_000_000
#: What a writer that was killed has left behind is removed after so many seconds.
_ABANDONED = 3_600

_STARTED = time.time()

_SUFFIX = ".rules"
_PARTIAL = ".partial"

_COLUMNS = Columns(
    kinds={
        conditions.Condition: (
            conditions.TextTest,
            conditions.NumberTest,
            conditions.ScoreTest,
            conditions.YesNoTest,
            conditions.ScriptTest,
            conditions.StateTest,
            conditions.All,
            conditions.Any,
            conditions.Not,
        )
    },
    known={
        (conditions.NumberTest, "name"): frozenset(
            (*fields.MEASURES, *fields.AGES, *fields.COUNTS)
        ),
        (conditions.ScoreTest, "label"): frozenset(LABELS),
        (conditions.YesNoTest, "name"): frozenset(fields.YES_NO),
        (Rate, "by"): frozenset(("author", "thread", "text")),
    },
)

#: A rule file: its path as it is shown, and its bytes.
_File = tuple[str, bytes]


class _UnusableError(Exception):
    """Why there is no use in an entry."""


def load(paths: Iterable[Path], note: Callable[[str], None] = lambda _: None) -> Compiled:
    """As `compile_paths`, from the cache where it can be, without the rules' own tests and
    without the sources. `note` is told why the cache was of no use; texts may quote paths.

    Raises:
        InputError: a file that cannot be read at all.
    """
    files = [(str(path), read_file(path)) for path in find_files(paths)]
    if caches.are_off():
        return _bare(_compile(files))
    entry: Path | None = None
    try:
        key = _key(files)
        entry = _folder() / (key + _SUFFIX)
        return _read(entry, key, files)
    except FileNotFoundError:
        note("rules: not in the cache")
    except (OSError, _UnusableError, DamagedError) as error:
        note(f"rules: no use in the cache: {error}")
    compiled = _compile(files)
    if entry and not compiled.errors:
        try:
            _write(entry, key, compiled, files)
        except (OSError, TypeError, _UnusableError) as error:
            note(f"rules: not kept in the cache: {error}")
    return _bare(compiled)


def _compile(files: Sequence[_File]) -> Compiled:
    # Not at the top: pydantic and yaml are most of what a start with a cache saves.
    from moderation.rules.compile import compile_sources
    from moderation.rules.language.source import source_of

    return compile_sources([source_of(data, name) for name, data in files])


def _bare(compiled: Compiled) -> Compiled:
    rules = tuple(replace(rule, match_tests=(), pass_tests=()) for rule in compiled.rules)
    return replace(compiled, rules=rules, sources=())


def _key(files: Sequence[_File]) -> str:
    """Tells apart all that an entry depends on besides list files, which it names itself."""
    code = b"".join(module.read_bytes() for module in _modules())
    if not code:
        raise _UnusableError("the program's own code cannot be read")
    engine = Path(re2.__file__).stat()
    said = [
        sys.version,
        [engine.st_size, engine.st_mtime_ns],
        digest(code),
        [(name, digest(data)) for name, data in files],
    ]
    return digest(json.dumps(said).encode())


def _modules() -> list[Path]:
    """The program's own code, as far as it can have a say in what rules come to."""
    package = Path(__file__).resolve().parents[1]
    return sorted((*package.glob("*.py"), *package.glob("rules/**/*.py")))


def _folder() -> Path:
    folder = caches.folder("rules")
    if folder is None:
        raise _UnusableError("there is no cache folder")
    return folder


def _read(entry: Path, key: str, files: Sequence[_File]) -> Compiled:
    """Raises OSError, _UnusableError or DamagedError."""
    head, _, body = _own_bytes(entry).partition(b"\n")
    try:
        told = json.loads(head)
        if told["key"] != key or told["digest"] != digest(body):
            raise _UnusableError("damaged")
        for index, named, content in told["lists"]:
            # Anew from the rule file: a link may lead elsewhere by now.
            if digest(read_bytes(validate_path(files[index][0], named))) != content:
                raise _UnusableError("a list file has changed")
        column = json.loads(body)
    except OSError:
        raise _UnusableError("a list file cannot be read") from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise _UnusableError("damaged") from None
    (compiled,) = _COLUMNS.read(Compiled, column, 1)
    _check(compiled)
    with suppress(OSError):
        os.utime(entry)  # used just now
    return compiled


def _own_bytes(entry: Path) -> bytes:
    """The bytes of a file that nobody else can have written."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(entry, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise _UnusableError("not a file")
        if hasattr(os, "geteuid") and (
            status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        ):
            raise _UnusableError("others can write it")
        data = file.read(min(status.st_size, MAX_BYTES) + 1)
    if len(data) > MAX_BYTES:
        raise _UnusableError("too large")
    return data


def _check(compiled: Compiled) -> None:
    """What annotations cannot say. Raises DamagedError."""
    nodes = [rule.condition for rule in compiled.rules]
    for condition in nodes[:]:
        if type(condition) is not conditions.TextTest:  # most rules are no more than that
            nodes += conditions.inside(condition)
    asked = {
        (node.number, node.field, node.keep_case)
        for node in nodes
        if type(node) is conditions.TextTest
    }
    stated = {
        (number, field, pattern.keep_case) for number, (field, pattern) in enumerate(compiled.tests)
    }
    scripts = {
        name for node in nodes if type(node) is conditions.ScriptTest for name in node.scripts
    }
    quoted = {name for rule in compiled.rules for name in fields.PLACEHOLDER.findall(rule.reason)}
    if not (
        asked <= stated
        and {field for _, field, _ in stated} <= {*fields.TEXT_FIELDS, "unquoted"}
        and scripts <= {*fields.SCRIPTS}
        and quoted <= {*fields.PLACEHOLDERS}
        and not compiled.errors
    ):
        raise DamagedError("rules that no file can have said")


def _write(entry: Path, key: str, compiled: Compiled, files: Sequence[_File]) -> None:
    """Raises OSError or _UnusableError; TypeError is a mistake of ours."""
    import tempfile

    from moderation.rules.matching.vocabulary import spell_out

    if any(module.stat().st_mtime >= _STARTED for module in _modules()):
        # The key is that of the new code, the rules were made by the old.
        raise _UnusableError("the program has changed since it was started")
    tests = tuple((field, spell_out(pattern)) for field, pattern in compiled.tests)
    names = [name for name, _ in files]
    lists = [
        (names.index(source.path), named, content)
        for source in compiled.sources
        for named, content in source.lists.items()
    ]
    column = _COLUMNS.write(Compiled, [replace(compiled, tests=tests)])
    body = json.dumps(column, separators=(",", ":")).encode()
    head = json.dumps({"key": key, "digest": digest(body), "lists": lists}).encode()
    if len(head) + len(body) >= MAX_BYTES:
        raise _UnusableError("too large")
    folder = entry.parent
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(_PARTIAL, "", folder)  # for its owner only
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head + b"\n" + body)
        partial.replace(entry)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
    _prune(folder)


def _prune(folder: Path) -> None:
    kept: list[tuple[float, int, Path]] = []
    for path in folder.iterdir():
        with suppress(OSError):  # another process may be first
            status = path.stat(follow_symlinks=False)
            if path.suffix == _SUFFIX:
                kept.append((status.st_mtime, status.st_size, path))
            elif path.suffix == _PARTIAL and time.time() - status.st_mtime > _ABANDONED:
                path.unlink()
    total = 0
    for place, (_, size, path) in enumerate(sorted(kept, reverse=True)):
        total += size
        if place >= MAX_ENTRIES or total > MAX_FOLDER_BYTES:
            with suppress(OSError):
                path.unlink()
