"""Readers: comments from files and standard input, one module for each input format.

`read` is all that the rest of the program needs. It prints nothing and stops for no
bad record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final

from moderation.comments import Comment
from moderation.errors import InputError
from moderation.sources import delimited, json_array, jsonl, lines, objects, page
from moderation.sources.base import FORMATS, Note, ReadOptions, Reject, Settings
from moderation.sources.detect import detect
from moderation.sources.files import HEAD, Input, bare_name, open_path, stdin_stream, total_size
from moderation.sources.ids import distinct

__all__ = ["FILLS", "FORMATS", "Note", "ReadOptions", "Reject", "read", "total_size"]

#: What each of `FORMATS` can say of a comment, as its reader declares; the names are
#: those of `ReadOptions.columns`.
FILLS: Final[Mapping[str, frozenset[str]]] = {
    "page": page.FILLS,
    "jsonl": objects.FILLS,
    "json": objects.FILLS,
    "csv": delimited.FILLS,
    "tsv": delimited.FILLS,
    "lines": lines.FILLS,
}

_STDIN = "-"


def read(
    inputs: Sequence[str],
    options: ReadOptions,
    *,
    on_reject: Callable[[Reject], None],
    on_note: Callable[[Note], None] | None = None,
    stdin: BinaryIO | None = None,
    on_progress: Callable[[int], None] | None = None,
    opener: Callable[[str], BinaryIO] = open_path,
) -> Iterator[Comment]:
    """The comments of all inputs, in order; `-` is standard input (`stdin` where given).

    Raises UsageError at once for a wrong option, and while reading when `columns` names
    a column that a table does not have. Nothing else raises: each record that cannot be
    read goes to `on_reject`, and so does a whole input (with `line` None), before the
    reading goes on. `on_note` is told what was guessed or changed. `on_progress` is told
    the bytes read so far, over all inputs and before decompression, as `total_size`
    counts them. `opener` opens an input by its name, or raises InputError.

    A comment has its own id where the source gives one. Else its id is its number (of
    the line; in json of the record; in a page the path `2.1`), and `Comment.origin`
    names the page, or the file (`comments` for `old/comments.csv.gz`; the path as given
    where two inputs have one name; `stdin`). Where one input gives two texts one id, the
    later becomes `ID~DIGEST`, so that both are kept.
    """
    settings = Settings.of(options)
    tell = on_note or (lambda note: None)
    count = on_progress or (lambda done: None)
    return _read(tuple(inputs), settings, on_reject, tell, stdin, count, opener)


def _read(
    inputs: tuple[str, ...],
    settings: Settings,
    on_reject: Callable[[Reject], None],
    on_note: Callable[[Note], None],
    stdin: BinaryIO | None,
    on_progress: Callable[[int], None],
    opener: Callable[[str], BinaryIO],
) -> Iterator[Comment]:
    done = 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        on_progress(done)

    origins = _origins(inputs)
    for path in inputs:
        name = "<stdin>" if path == _STDIN else path
        source: Input | None = None
        with ExitStack() as stack:
            try:
                if path == _STDIN:
                    stream = stdin or stdin_stream()
                else:
                    stream = stack.enter_context(opener(path))
                source = Input(
                    stream,
                    name,
                    origins[path],
                    on_reject=on_reject,
                    on_bytes=count,
                    on_note=on_note,
                    encoding=settings.encoding,
                )
                yield from distinct(_comments(source, settings), source)
            except InputError as error:
                if source is None or source.broken is None:
                    cause = f"{error.what} ({error.hint})" if error.hint else error.what
                    on_reject(Reject(name, None, cause, ""))
            if source is not None:
                source.finish()


def _comments(source: Input, settings: Settings) -> Iterator[Comment]:
    kind = settings.format
    if kind == "auto":
        kind = detect(source.name, source.peek(HEAD), settings.columns)
    match kind:
        case "page":
            return page.read(source, settings)
        case "jsonl":
            return jsonl.read(source, settings)
        case "json":
            return json_array.read(source, settings)
        case "csv":
            return delimited.read(source, settings, delimited.COMMA)
        case "tsv":
            return delimited.read(source, settings, delimited.TAB)
        case _:
            return lines.read(source, settings)


def _origins(inputs: tuple[str, ...]) -> dict[str, str]:
    """The name space of each input: its bare name, or its path where names are alike."""
    paths = dict.fromkeys(inputs)
    stems = {
        path: "stdin" if path == _STDIN else Path(bare_name(path)).stem or "input" for path in paths
    }
    alike = Counter(stems.values())
    # `#` separates the name space from the id (`Comment.key`).
    return {
        path: (stem if alike[stem] == 1 or path == _STDIN else path).replace("#", "-")
        for path, stem in stems.items()
    }
