"""`moderation.toml`: found, checked, and each value with where it came from."""

from __future__ import annotations

import difflib
import getpass
import os
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from moderation.errors import ConfigError
from moderation.packs import packs_folder
from moderation.reasons import DEFAULT_REASONS, Reason

_PYPROJECT = "pyproject.toml"
_IN_PYPROJECT = ("tool", "moderation")


if TYPE_CHECKING:
    from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class _Between:
    """A number (no text, no true or false) from `least` to `most`, as pydantic checks it.

    pydantic is imported for a file only: most runs have none.
    """

    least: float
    most: float

    def __get_pydantic_core_schema__(self, *_: object) -> Any:
        from pydantic_core import core_schema

        return core_schema.float_schema(ge=self.least, le=self.most, strict=True)


class _Table:
    __slots__ = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Site(_Table):
    """A live platform. Its password comes from `MODERATION_<NAME>_PASSWORD` alone."""

    kind: Literal["wordpress", "isso"]
    url: str
    user: str = ""
    hide_as: Literal["hold", "spam", "trash"] = "hold"
    database: str | None = None


@dataclass(frozen=True, slots=True)
class View(_Table):
    """Which comments the app shows and in which order, at one key. The app reads the line
    of the `filter` and knows the orders to `sort` by."""

    name: str
    filter: str = ""
    sort: str = "priority"


@dataclass(frozen=True, slots=True)
class Review(_Table):
    """How the review app behaves.

    After `break_minutes` of reading it suggests a break, 0 never. `blur` covers the texts of
    this severity and above until they are asked for. `keys` gives actions other keys.
    `views` are under the keys 1 to 9, in their order.
    """

    sample: Annotated[float, _Between(0, 1)] = 0.0
    break_minutes: Annotated[float, _Between(0, 1440)] = 50.0
    blur: Literal["always", "critical", "high", "medium", "never"] = "critical"
    keys: dict[str, str] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)
    #: The codes to pick from when a comment is hidden.
    reasons: list[Reason] = field(default_factory=lambda: list(DEFAULT_REASONS))


@dataclass(frozen=True, slots=True)
class Brake(_Table):
    """When the emergency brake takes hold of a rule that was changed.

    `share` (0..1) of a scan is the most that such a rule may hold or hide in the `hours`
    after the change, and after it was braked once until it is confirmed. With 0 hours
    nothing is braked; the rules in `confirmed` never are, whatever their version.
    """

    share: Annotated[float, _Between(0, 1)] = 0.05
    hours: Annotated[float, _Between(0, 8760)] = 24.0
    confirmed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Webhook(_Table):
    url: str


@dataclass(frozen=True, slots=True)
class Settings(_Table):
    """All that a configuration file may say."""

    db: str = "moderation.db"
    rules: list[str] = field(default_factory=list)
    model: str = "builtin"
    fail_on: Literal["flag", "hold", "hide", "never"] = "hold"
    moderator: str = ""
    timezone: str = ""
    sites: dict[str, Site] = field(default_factory=dict)
    review: Review = Review()
    brake: Brake = Brake()
    webhooks: list[Webhook] = field(default_factory=list)


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

    def where(self, *place: int | str) -> str:
        """`FILE:LINE` of a setting such as `("review", "keys", "undo")` or `("review",
        "views", 0, "filter")`, for errors about it."""
        return f"{self.file}{_line_of(self.file, place)}" if self.file else ""

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
        return Config(Settings(), dict.fromkeys(_names(Settings), "default"))
    data = _read(path)
    from pydantic import TypeAdapter, ValidationError

    try:
        settings = TypeAdapter(Settings).validate_python(data)
    except ValidationError as error:
        raise _explain(error, path) from None
    sources = {name: str(path) if name in data else "default" for name in _names(Settings)}
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


def _names(table: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(table))


#: The parts of `Settings` that are tables of their own, for hints.
_PARTS: dict[str, type[_Table]] = {
    "sites": Site,
    "review": Review,
    "brake": Brake,
    "webhooks": Webhook,
}


def _explain(error: ValidationError, path: Path) -> ConfigError:
    details = error.errors(include_url=False)
    first = details[0]
    place = first["loc"]
    name = ".".join(str(step) for step in place)
    hint = ""
    if first["type"] == "unexpected_keyword_argument":
        message = f"unknown setting '{name}'"
        known = _names(_around(place))
        near = difflib.get_close_matches(str(place[-1]), known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "known: " + ", ".join(known)
    else:
        message = f"'{name}': {first['msg'][0].lower()}{first['msg'][1:]}"
    if len(details) > 1:
        others = ", ".join(".".join(str(step) for step in other["loc"]) for other in details[1:6])
        hint = f"{hint}; also wrong: {others}".removeprefix("; ")
    return ConfigError(message, where=f"{path}{_line_of(path, place)}", hint=hint)


def _around(place: tuple[int | str, ...]) -> type[Any]:
    """The table that holds this setting."""
    if place[0] == "review" and len(place) > 2:
        return {"reasons": Reason, "views": View}.get(str(place[1]), Review)
    return _PARTS.get(str(place[0]), Settings) if len(place) > 1 else Settings


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
