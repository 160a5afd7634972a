"""The lists of a rule file: written in it, or in text files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from moderation.rules.language import schema
from moderation.rules.language.files import MAX_FILE_BYTES, digest, read_bytes, validate_path
from moderation.rules.language.schema import RuleFile
from moderation.rules.language.source import Source
from moderation.rules.matching.patterns import PatternError
from moderation.rules.problems import Level, did_you_mean

MAX_LIST_FILE_ENTRIES = schema.MAX_ENTRIES


class Lists:
    """The lists of one file, their entries read when first used."""

    def __init__(self, source: Source, model: RuleFile) -> None:
        self._source = source
        self._models = model.lists
        self._cache: dict[str, list[str]] = {}
        self.used: dict[str, list[str]] = {}

    def entries(self, name: str) -> list[str] | None:
        if name not in self._models:
            return None
        if name not in self._cache:
            model = self._models[name]
            self._cache[name] = model.entries or self._read(name, model.file or "")
        self.used[name] = self._cache[name]
        return self._cache[name]

    def expand(self, entries: Sequence[str], place: tuple[Any, ...]) -> list[str]:
        """Entries with `@name` replaced by the list's; `\\@name` is the text itself."""
        wide: list[str] = []
        for entry in entries:
            if entry.startswith("\\@"):
                wide.append(entry[1:])
            elif entry.startswith("@"):
                listed = self.entries(entry[1:])
                if listed is None:
                    raise PatternError(
                        f"there is no list '{entry[1:]}'",
                        did_you_mean(entry[1:], self._models)
                        or f"declare it under `lists:`, or write '\\{entry}' for the text",
                    )
                wide += listed
            else:
                wide.append(entry)
        return wide

    def warn_unused(self) -> None:
        for name in self._models:
            if name not in self.used:
                problem = self._source.at(
                    *self._source.locate(("lists", name), key=True),
                    "unused-list",
                    f"no rule uses the list '{name}'",
                    f"write @{name} in a rule, or remove it",
                )
                self._source.problems.append(replace(problem, level=Level.WARNING))

    def _read(self, name: str, file: str) -> list[str]:
        """A list file: UTF-8, one entry a line, `#` begins a comment line."""
        try:
            path = validate_path(self._source.path, file)
            data = read_bytes(path)
            if len(data) > MAX_FILE_BYTES:
                raise PatternError(
                    f"the list file '{file}' is larger than {MAX_FILE_BYTES:,} bytes"
                )
            self._source.lists[file] = digest(data)
            lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
        except OSError as error:
            raise PatternError(
                f"cannot read the list file '{file}': {error.strerror or error}",
                "the path is relative to the rule file",
            ) from None
        except UnicodeDecodeError as error:
            raise PatternError(
                f"the list file '{file}' is not UTF-8 at byte {error.start}"
            ) from None
        except ValueError as error:
            raise PatternError(str(error), "keep list files below the rule file's folder") from None
        entries = [line for line in lines if line and not line.startswith("#")]
        if not entries:
            raise PatternError(f"the list file '{file}' of list '{name}' has no entries")
        if len(entries) > MAX_LIST_FILE_ENTRIES:
            raise PatternError(
                f"the list file '{file}' has more than {MAX_LIST_FILE_ENTRIES:,} entries"
            )
        longest = max(map(len, entries))
        if longest > schema.MAX_LITERAL:
            raise PatternError(
                f"the list file '{file}' has an entry longer than {schema.MAX_LITERAL:,} "
                f"characters ({longest:,})"
            )
        return entries
