"""The rule files of a session: which to open for a rule, and where one's own rules go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from moderation.display import one_line
from moderation.errors import InputError
from moderation.packs import packs_folder
from moderation.rules.authoring.drafts import Draft, Index, index, read_draft, rule_nodes
from moderation.rules.authoring.starting import rule_copied, rule_of_words, with_rule
from moderation.rules.language.source import parse_source

#: The file for one's own rules in a folder that is in force, and where none is.
_IN_FOLDER = "own.yaml"
_BESIDE_CONFIG = "own-rules.yaml"


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule file as the editor is to open it: with `text`, which may hold more than the
    file does, the cursor on `line` and `column` (from 1).

    `elsewhere` are the ids of the other files in force. `rule` is the one it is about.
    """

    draft: Draft
    text: str
    rule: str
    line: int
    column: int = 1
    elsewhere: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`paths` are the rule files and folders in force, `folder` is the configuration's."""

    paths: Sequence[Path]
    folder: Path

    def open(self, rule: str) -> Opening:
        """The file that holds this rule.

        Raises:
            InputError: no file in force holds it, or the file cannot be edited.
        """
        known = index(self.paths)
        place = known.rules.get(rule)
        if place is None:
            raise _gone(rule, known)
        draft = read_draft(place.file, shipped=packs_folder())
        elsewhere = _elsewhere(known, place.file)
        return Opening(draft, draft.text, rule, place.line, place.column, elsewhere)

    def start(self, words: str) -> Opening:
        """One's own rule file with a new rule for these words at its end.

        Raises:
            InputError: no rule can be made of them, or the file has no place for it.
        """
        known, draft = index(self.paths), self._own_draft()
        made = rule_of_words(words, _taken(known, draft))
        text, line = with_rule(draft.text, made)
        return self._opening(known, draft, text, made["id"], line)

    def copy(self, from_: Opening) -> Opening:
        """One's own rule file with a copy of a rule of another file at its end.

        Raises:
            InputError: the rule cannot be copied, or the file has no place for it.
        """
        known, draft = index(self.paths), self._own_draft()
        source = parse_source(from_.draft.text, str(from_.draft.path))
        rule, lists = rule_copied(source, from_.rule, _taken(known, draft))
        text, line = with_rule(draft.text, rule, lists)
        return self._opening(known, draft, text, rule["id"], line)

    @property
    def own(self) -> Path:
        """The file that one's own rules go into; it need not exist."""
        for path in self.paths:
            if not _shipped(path):
                return path / _IN_FOLDER if path.is_dir() else path
        return self.folder / _BESIDE_CONFIG

    def advice(self, file: Path) -> str:
        """What to write into the configuration so that a file is in force; empty if it is."""
        near = file.resolve()
        if any(near == path.resolve() or path.resolve() in near.parents for path in self.paths):
            return ""
        listed = ", ".join(json.dumps(self._written(path)) for path in (*self.paths, file))
        return f"rules = [{listed}]"

    def _written(self, path: Path) -> str:
        """As the configuration would say it, relative to its folder if it lies below."""
        here = self.folder.resolve()
        full = path.resolve()
        return str(full.relative_to(here) if full.is_relative_to(here) else full)

    def _own_draft(self) -> Draft:
        file = self.own
        draft = read_draft(file) if file.exists() else Draft(file)
        if draft.locked:
            raise InputError(
                f"your rule file cannot be written: {draft.locked}",
                where=str(file),
                hint="name another one under `rules` in the configuration",
            )
        return draft

    @staticmethod
    def _opening(known: Index, draft: Draft, text: str, rule: str, line: int) -> Opening:
        return Opening(draft, text, rule, line, 1, _elsewhere(known, draft.path))


def _shipped(path: Path) -> bool:
    return path.resolve().is_relative_to(packs_folder().resolve())


def _elsewhere(known: Index, file: Path) -> dict[str, Path]:
    return {id: place.file for id, place in known.rules.items() if place.file != file}


def _taken(known: Index, draft: Draft) -> set[str]:
    nodes = rule_nodes(parse_source(draft.text, str(draft.path)))
    return {*known.rules, *(str(node.value["id"].value) for node in nodes)}


def _gone(rule: str, known: Index) -> InputError:
    name = one_line(rule, 60)
    if known.unreadable:
        first = known.unreadable[0]
        return InputError(
            f"the rule '{name}' was not found, and a rule file cannot be read: {first.message}",
            where=f"{first.file}:{first.line}:{first.column}",
            hint="mend that file first",
        )
    return InputError(
        f"the rule '{name}' is no longer in the rule files in force",
        hint="it flagged this comment when that was scanned; rules may have changed since",
    )
