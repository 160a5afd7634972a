"""The formats by name. Each is a module of its own, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from moderation.reports.base import Report, ShowText, Write

#: Name -> module, writer, and how much it quotes unless told.
_WRITERS: dict[str, tuple[str, str, ShowText]] = {
    "text": ("text", "TextReport", "snippet"),
    "json": ("jsonl", "JsonReport", "full"),
    "jsonl": ("jsonl", "JsonlReport", "full"),
    "sarif": ("sarif", "SarifReport", "snippet"),
    "junit": ("junit", "JunitReport", "snippet"),
    "github": ("github", "GithubReport", "snippet"),
    "gitlab": ("gitlab", "GitlabReport", "snippet"),
    "markdown": ("markdown", "MarkdownReport", "snippet"),
    "html": ("html", "HtmlReport", "snippet"),
}
#: A name that stays with one version of a format -> the name of its newest.
_VERSIONED = {"json-v1": "json", "jsonl-v1": "jsonl"}

FORMATS = (*_WRITERS, *_VERSIONED)


def report(name: str, write: Write, *, show_text: ShowText | None = None, **more: Any) -> Report:
    """A writer of one of `FORMATS`. `show_text` None is the format's own way; what else a
    writer takes (`style`, `fails`) goes through `more`."""
    module, kind, shown = _WRITERS[_VERSIONED.get(name, name)]
    writer = getattr(import_module(f"moderation.reports.{module}"), kind)
    made: Report = writer(write, show_text=show_text or shown, **more)
    return made
