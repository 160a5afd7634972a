"""A parsed file against the schema: every error at its place, in words of this language."""

from __future__ import annotations

import difflib
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from moderation.comments import LABELS
from moderation.rules.language.fields import TEXT_FIELDS
from moderation.rules.language.schema import (
    Conditions,
    RateTest,
    RuleFile,
    RuleModel,
    SimilarTest,
    TestCase,
    TextTest,
)
from moderation.rules.language.source import Source
from moderation.rules.language.values import kind_of
from moderation.rules.problems import did_you_mean


def _names(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


_KNOWN_KEYS = {
    "rule": _names(RuleModel),
    "when": (*_names(Conditions), *(f"score.{label}" for label in LABELS)),
    "text": _names(TextTest),
    "score": LABELS,
    "rate": _names(RateTest),
    "similar": _names(SimilarTest),
    "tests": ("match", "pass"),
    "case": _names(TestCase),
    "file": _names(RuleFile),
}


def validate(source: Source) -> RuleFile | None:
    """Check the file's tree; None when it has errors, which are then in `source.problems`."""
    if source.root is None:
        if not source.problems:
            source.problem(
                1, 1, "empty-file", "the file holds no rules", "see `moderation rules check --help`"
            )
        return None
    if not isinstance(source.root.value, dict):
        source.problem(
            1, 1, "wrong-type", "a rule file is a mapping with `version: 1` and `rules:`"
        )
        return None
    try:
        return RuleFile.model_validate(source.root.plain())
    except ValidationError as error:
        details = error.errors(include_url=False)
        misspelt = {
            (*detail["loc"][:-1], near[0])
            for detail in details
            if detail["type"] == "extra_forbidden" and (near := _near(detail["loc"]))
        }
        for detail in details:
            # `acton` is one mistake, not an unknown key and a missing `action`.
            if not (detail["type"] == "missing" and detail["loc"] in misspelt):
                _report(source, detail)
        return None


def _near(loc: tuple[Any, ...]) -> list[str]:
    return difflib.get_close_matches(str(loc[-1]), _KNOWN_KEYS[_place_kind(loc[:-1])], n=1)


def _report(source: Source, detail: Any) -> None:
    loc = tuple(detail["loc"])
    kind = detail["type"]
    value = detail.get("input")
    line, column = source.locate(loc, key=kind == "extra_forbidden")
    name = str(loc[-1]) if loc else ""
    hint = ""
    match kind:
        case "extra_forbidden":
            code, message = "unknown-key", f"unknown key '{name}'"
            hint = did_you_mean(name, _KNOWN_KEYS[_place_kind(loc[:-1])])
        case "missing":
            line, column = source.locate(loc[:-1])
            code, message = "missing-key", f"'{name}' is missing"
            if name == "version":
                hint = "write `version: 1` on the first line"
            elif name == "when":
                hint = "say what the rule looks for, for example `when: {text: [word]}`"
        case "literal_error":
            expected = [word.strip("'") for word in re.split(", | or ", detail["ctx"]["expected"])]
            code, message = "bad-value", f"'{value}' is not one of {', '.join(expected)}"
            if isinstance(value, str):
                hint = did_you_mean(value, expected) if len(expected) > 1 else ""
        case "too_short":
            code, message = "empty-list", "an empty list would match everything or nothing"
            hint = "remove the key, or write at least one entry"
        case "too_long":
            code, message = "list-too-long", f"more than {detail['ctx']['max_length']:,} entries"
        case "value_error":
            mistake = detail["ctx"]["error"]
            message, hint = str(mistake), getattr(mistake, "hint", "")
            code = (
                "no-condition"
                if message == "no condition"
                else getattr(mistake, "code", "bad-value")
            )
        case (
            "none_required" | "string_type" | "list_type" | "bool_type" | "int_type" | "model_type"
        ):
            wanted = {
                "string_type": "text",
                "list_type": "a list",
                "bool_type": "true or false",
                "int_type": "a whole number",
                "model_type": "a mapping (`key: value` lines)",
            }.get(kind, "nothing")
            code, message = "wrong-type", f"'{name}' must be {wanted}, not {kind_of(value)}"
            if kind == "string_type":
                hint = "put it in quotes"
        case _:
            code, message = "bad-value", detail["msg"]
    source.problem(line, column, code, message, hint)


def _place_kind(loc: tuple[Any, ...]) -> str:
    """Which mapping a path leads to, for the list of its known keys."""
    names = [step for step in loc if isinstance(step, str)]
    if not names:
        return "file"
    if "tests" in names:
        if names[-1] == "score":
            return "score"
        return "tests" if names[-1] == "tests" else "case"
    if "when" in names:
        if names[-1] in TEXT_FIELDS:
            return "text"
        return names[-1] if names[-1] in ("score", "rate", "similar") else "when"
    return "rule" if names[0] == "rules" else "file"
