"""Which format an input has, by its name and by its beginning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from moderation.errors import InputError
from moderation.sources import columns
from moderation.sources.delimited import COMMA, split_header
from moderation.sources.files import bare_name
from moderation.sources.json_array import LISTS
from moderation.sources.page import SIGN

_SUFFIXES: Final = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
}
_LOOKED_AT: Final = 10
_KEY: Final = re.compile(r'\{\s*("|\}|$)')
_LIST_KEY: Final = re.compile(rf'\{{\s*"(?:{"|".join(LISTS)})"\s*:\s*\[')


def detect(name: str, head: bytes, mapping: Mapping[str, str]) -> str:
    """One of `FORMATS`; InputError for what is no text at all.

    `head` is the beginning of the input as UTF-8, or all of it. The name decides where
    it says enough; `.json` is also written on JSON lines, and `.txt` on anything.
    """
    suffix = Path(bare_name(name)).suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    text = head.decode(errors="replace")
    if suffix == ".json":
        return _json(text) or "json"
    found = _json(text) or ("page" if SIGN.search(text) else None) or _table(text, mapping)
    if found is not None:
        return found
    if "\x00" in text:
        raise InputError(
            "not a text file (or UTF-16 without its mark)",
            where=name,
            hint="name its --encoding, or its --input-format",
        )
    return "lines"


def _json(text: str) -> str | None:
    start = text.lstrip()
    if start.startswith("["):
        # `[removed]` begins a line of text as well.
        return "json" if re.match(r"\[\s*(\{|\]\s*$|$)", start) else None
    if not _KEY.match(start):
        return None
    lines = [line for line in start.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    objects = [value for line in lines if isinstance(value := _decoded(line), dict)]
    if len(lines) == 1:
        if objects:
            return (
                "json" if any(isinstance(objects[0].get(key), list) for key in LISTS) else "jsonl"
            )
        # One line that is cut off or broken: it says no more than its beginning.
        return "json" if _LIST_KEY.match(start) else "jsonl"
    if objects:
        # Other lines that begin as objects may be broken ones.
        return "jsonl"
    if all(line.startswith("{") for line in lines):
        return "jsonl"
    return "json"


def _decoded(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _table(text: str, mapping: Mapping[str, str]) -> str | None:
    lines = [line for line in re.split(r"\r\n|\n|\r", text, maxsplit=8)[:8] if line.strip()]
    if not lines or len(lines[0]) > 10_000:
        return None
    for delimiter in COMMA:
        names = split_header(lines[0], delimiter)
        if len(names) < 2 or columns.find(names, mapping).text is None:
            continue
        # "Comment, please" is no header: one needs two known names, or short plain ones.
        usual = sum(columns.known(name) for name in names) + len(set(mapping.values()) & set(names))
        if usual > 1 or all(re.fullmatch(r"\w{1,40}", name) for name in names):
            return "tsv" if delimiter == "\t" else "csv"
    tabs = {line.count("\t") for line in lines[:5]}
    return "tsv" if len(lines) > 1 and len(tabs) == 1 and tabs != {0} else None
