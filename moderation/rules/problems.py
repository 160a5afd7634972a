"""What is wrong with a rule file, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One error or warning. `line` and `column` count from 1, columns in code points.

    `source_line` is the text of that line, for the caret; all texts may quote the
    rule file, so print them through `display` only.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    level: Level = Level.ERROR
    source_line: str = ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the nearest known name, or the list of all."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return "known: " + ", ".join(names) if names else ""
