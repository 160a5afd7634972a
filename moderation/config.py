"""`moderation.toml`: found, checked, and each value with where it came from."""

from __future__ import annotations

import difflib
import getpass
import os
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moderation.errors import ConfigError
from moderation.packs import packs_folder

_PYPROJECT = "pyproject.toml"
_IN_PYPROJECT = ("tool", "moderation")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Site(_Strict):
    """A live platform. Its password comes from `MODERATION_<NAME>_PASSWORD` alone."""

    kind: Literal["wordpress", "isso"]
    url: str
    user: str = ""
    hide_as: Literal["hold", "spam", "trash"] = "hold"
    database: str | None = None


class Review(_Strict):
    """How the review app behaves."""

    sample: Annotated[float, Field(ge=0, le=1)] = 0.0


class Webhook(_Strict):
    url: str


class Settings(_Strict):
    """All that a configuration file may say."""

    db: str = "moderation.db"
    rules: list[str] = []
    model: str = "builtin"
    fail_on: Literal["flag", "hold", "hide", "never"] = "hold"
    moderator: str = ""
    timezone: str = ""
    sites: dict[str, Site] = {}
    review: Review = Review()
    webhooks: list[Webhook] = []


@dataclass(frozen=True, slots=True)
class Config:
    """Settings in force. `sources` tells for each top-level key where its value is from;
    relative paths are relative to the file that says them."""

    settings: Settings
    sources: dict[str, str]
    file: Path | None = None

    @property
    def folder(self) -> Path:
        return self.file.parent if self.file else Path()

    @property
    def db_path(self) -> Path:
        return self.folder / self.settings.db

    @property
    def rule_paths(self) -> tuple[Path, ...]:
        """The configured rules, or the shipped packs."""
        if self.settings.rules:
            return tuple(self.folder / path for path in self.settings.rules)
        return (packs_folder(),)

    @property
    def moderator(self) -> str:
        """Who decides: the configuration's `moderator`, or the system user."""
        if self.settings.moderator:
            return self.settings.moderator
        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return "unknown"


def load_config(explicit: Path | None, start: Path) -> Config:
    """The given file, or the first `moderation.toml` or `[tool.moderation]` upwards.

    Raises:
        ConfigError: the file is missing, not TOML, or says something unknown.
    """
    path = explicit or _find(start.resolve())
    if path is None:
        return Config(Settings(), dict.fromkeys(Settings.model_fields, "default"))
    data = _read(path)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        raise _explain(error, path) from None
    sources = {
        name: str(path) if name in settings.model_fields_set else "default"
        for name in Settings.model_fields
    }
    return Config(settings, sources, path)


def _find(folder: Path) -> Path | None:
    for parent in (folder, *folder.parents):
        own = parent / "moderation.toml"
        if own.is_file():
            return own
        project = parent / _PYPROJECT
        if project.is_file() and os.access(project, os.R_OK):
            try:
                with project.open("rb") as file:
                    tool = tomllib.load(file).get("tool", {})
                if isinstance(tool, dict) and "moderation" in tool:
                    return project
            except (tomllib.TOMLDecodeError, UnicodeDecodeError):
                continue  # a broken pyproject is another tool's to report
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration: {error.strerror or error}", where=str(path)
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("the configuration is not UTF-8", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        where = f"{path}:{found[1]}:{found[2]}" if found else str(path)
        raise ConfigError(f"not valid TOML: {error}", where=where) from None
    if path.name != _PYPROJECT:
        return data
    for step in _IN_PYPROJECT:
        data = data.get(step, {})
        if not isinstance(data, dict):
            raise ConfigError(f"'{step}' is not a table", where=str(path))
    return data


#: The parts of `Settings` that are tables of their own, for hints.
_PARTS: dict[str, type[_Strict]] = {"sites": Site, "review": Review, "webhooks": Webhook}


def _explain(error: ValidationError, path: Path) -> ConfigError:
    details = error.errors(include_url=False)
    first = details[0]
    place = first["loc"]
    name = ".".join(str(step) for step in place)
    hint = ""
    if first["type"] == "extra_forbidden":
        message = f"unknown setting '{name}'"
        around = _PARTS.get(str(place[0]), Settings) if len(place) > 1 else Settings
        near = difflib.get_close_matches(str(place[-1]), around.model_fields, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "known: " + ", ".join(around.model_fields)
    else:
        message = f"'{name}': {first['msg'][0].lower()}{first['msg'][1:]}"
    if len(details) > 1:
        others = ", ".join(".".join(str(step) for step in other["loc"]) for other in details[1:6])
        hint = f"{hint}; also wrong: {others}".removeprefix("; ")
    return ConfigError(message, where=f"{path}{_line_of(path, place)}", hint=hint)


_WORD = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_NAME = rf"\s*({_WORD}(?:\s*\.\s*{_WORD})*)\s*"
_TABLE = re.compile(rf"\s*\[(\[)?{_NAME}\]")
_ASSIGNMENT = re.compile(rf"{_NAME}=")


def _line_of(path: Path, place: tuple[int | str, ...]) -> str:
    """`:LINE` of this setting, or of the nearest table or key around it that has one."""
    start: tuple[int | str, ...] = _IN_PYPROJECT if path.name == _PYPROJECT else ()
    wanted = (*start, *place)
    table: tuple[int | str, ...] = ()
    entries: Counter[tuple[int | str, ...]] = Counter()
    found, depth = "", 0
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if heading := _TABLE.match(line):
            here = table = _steps(heading[2])
            if heading[1]:
                here = table = (*table, entries[table])
                entries[table[:-1]] += 1
        elif assignment := _ASSIGNMENT.match(line):
            here = (*table, *_steps(assignment[1]))
        else:
            continue
        if len(here) > depth and wanted[: len(here)] == here:
            found, depth = f":{number}", len(here)
    return found


def _steps(name: str) -> tuple[int | str, ...]:
    return tuple(step.strip("\"'") for step in re.findall(_WORD, name))
