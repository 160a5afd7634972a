"""Which reports a scan writes and where to, before anything is opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from moderation.errors import UsageError
from moderation.reports import FORMATS

#: A report's format, and its file or None for stdout.
Target = tuple[str, Path | None]
#: What GitLab's documentation calls the file of a Code Quality report.
_GITLAB_FILE = Path("gl-code-quality-report.json")


def wanted(
    formats: Iterable[str], output: Path | None, environ: Mapping[str, str] = os.environ
) -> tuple[Target, ...]:
    """The reports asked for as `FORMAT` or `FORMAT=FILE`; `output` takes one without a file.

    `auto` is what the CI service it runs in shows, and `text` elsewhere. UsageError for an
    unknown format and for two reports into one place.
    """
    targets: list[Target] = []
    for asked in formats:
        name, equals, file = asked.partition("=")
        if name != "auto" and name not in FORMATS:
            raise UsageError(
                f"--format {asked}: there is no format '{name}'",
                hint=f"one of {', '.join(('auto', *FORMATS))}",
            )
        if equals and not file:
            raise UsageError(f"--format {asked}: no file after the =")
        place = Path(file) if file else output
        targets += _auto(place, environ) if name == "auto" else [(name, place)]
    files = [file for _, file in targets]
    if len(set(files)) < len(files):
        raise UsageError(
            "two reports would go to the same place",
            hint="give all but one a file: --format jsonl=report.jsonl --format text",
        )
    return tuple(targets)


def _auto(file: Path | None, environ: Mapping[str, str]) -> list[Target]:
    if environ.get("GITHUB_ACTIONS") == "true":
        return [("github", file)]
    if environ.get("GITLAB_CI") == "true":
        # GitLab takes it from an artifact; the log is for people.
        return [("gitlab", file)] if file else [("text", None), ("gitlab", _GITLAB_FILE)]
    return [("text", file)]


def refuse_overlaps(
    inputs: Iterable[str], outputs: Iterable[Path], read: Iterable[Path] = ()
) -> None:
    """No two outputs into one file, and none over what is read: both would destroy it."""
    # Unlike Path's, these answer False where a folder may not be looked into.
    is_file, exists = os.path.isfile, os.path.exists
    seen = {
        path: "read"
        for name in (*inputs, *map(str, read))
        if name != "-" and is_file(path := os.path.realpath(name))
    }
    for target in outputs:
        path = os.path.realpath(target)
        if path in seen:
            raise UsageError(
                "this file would be written over",
                where=str(target),
                hint=f"it is also {seen[path]} by this scan: give another name",
            )
        if is_file(target) or not exists(target):
            seen[path] = "written"
