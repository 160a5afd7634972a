"""`moderation rules watch`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from moderation.cli.common import Session, echo, format_problem, pass_session, plural
from moderation.cli.rules.common import paths_argument
from moderation.cli.rules.test import report_lines
from moderation.display import for_log
from moderation.errors import InputError

#: What tells one content from another without reading it: time, size, inode, device.
_Stamp = tuple[int, int, int, int]


@click.command("watch")
@paths_argument
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05, max=60),
    default=0.4,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@pass_session
def watch_command(session: Session, paths: tuple[Path, ...], interval: float) -> None:
    """Check and test the rules whenever one of their files is saved, until Ctrl-C.

    List files and new files in a watched folder are seen as well.
    """
    watched = paths or tuple(session.config.rule_paths)
    session.talk(f"watching {for_log(', '.join(map(str, watched)))}; Ctrl-C ends")
    for _ in _changes(watched, interval):
        now = datetime.now().strftime("%H:%M:%S")
        echo(click.style(f"── {now} ", dim=True) + _look(watched))


def _look(paths: tuple[Path, ...]) -> str:
    """One round: all problems, then the tests, in one text."""
    from moderation.rules import compile_paths, run_tests
    from moderation.rules.authoring.lint import lint

    try:
        compiled = compile_paths(paths)
    except InputError as error:
        where = f"{for_log(error.where)}: " if error.where else ""
        return f"{where}{for_log(error.what)}"
    problems = lint(compiled)
    lines = [format_problem(problem) for problem in problems]
    errors = len(compiled.errors)
    summary = [
        plural(len(compiled.rules), "sound rule"),
        click.style(plural(errors, "error"), fg="red" if errors else "green"),
        plural(len(problems) - errors, "warning"),
    ]
    if not errors:
        report = run_tests(compiled)
        lines += report_lines(report)
        failed = len(report.failures)
        summary.append(
            click.style(
                f"{plural(failed, 'failed test')}" if failed else f"{report.run:,} tests passed",
                fg="red" if failed else "green",
            )
        )
    return "\n".join([", ".join(summary), *lines])


def _changes(paths: tuple[Path, ...], interval: float) -> Iterator[None]:
    """Now, and again after each save.

    A save is seen once it is over: an editor that writes in two goes, or puts a new file
    in the old one's place, is not caught in between. A file that is only touched is none.
    """
    # Stamps before contents, contents before the first look: what is saved in between is
    # seen twice rather than not at all.
    known = _stamps(paths)
    contents = _contents(paths)
    yield
    while True:
        time.sleep(interval)
        stamps = _stamps(paths)
        if stamps == known:
            continue
        # Wait until it has been still for one look; a file that is written to for
        # minutes on end is looked at all the same.
        for _ in range(10):
            time.sleep(min(interval, 0.2))
            again = _stamps(paths)
            if again == stamps:
                break
            stamps = again
        known = stamps
        now = _contents(paths)
        if now != contents:
            contents = now
            yield


def _files(paths: tuple[Path, ...]) -> list[Path]:
    """The rule files and their list files that are there at this moment."""
    from moderation.rules import find_files

    found: list[Path] = []
    for path in paths:
        try:
            found += find_files([path])
        except (InputError, OSError):
            continue  # gone for a moment, or for good: `_look` says so
    return found + [listed for file in found for listed in _list_files(file)]


#: What a file names, as of its stamp: it is read anew only when it was saved.
_named: dict[Path, tuple[_Stamp | None, list[Path]]] = {}


def _list_files(file: Path) -> list[Path]:
    stamp = _stamp(file)
    if file not in _named or _named[file][0] != stamp:
        _named[file] = (stamp, _read_names(file))
    return _named[file][1]


def _read_names(file: Path) -> list[Path]:
    from moderation.rules.language.files import validate_path
    from moderation.rules.language.source import read_source

    try:
        root = read_source(file).root
    except InputError:
        return []
    plain = root.plain() if root else None
    lists = plain.get("lists") if isinstance(plain, dict) else None
    found: list[Path] = []
    for value in lists.values() if isinstance(lists, dict) else ():
        if isinstance(value, dict) and isinstance(value.get("file"), str):
            try:
                found.append(validate_path(str(file), value["file"]))
            except (ValueError, OSError):
                continue
    return found


def _stamp(file: Path) -> _Stamp | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_dev


def _stamps(paths: tuple[Path, ...]) -> dict[Path, _Stamp | None]:
    return {file: _stamp(file) for file in _files(paths)}


def _contents(paths: tuple[Path, ...]) -> dict[Path, str]:
    return {file: _digest(file) for file in _files(paths)}


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "gone"
