"""What a rule file may say, as typed models.

`validate` turns a parsed file into a `RuleFile` and reports every error at its place.
Short forms (`text: [a, b]` for `text: {words: [a, b]}`) are widened before checking;
`Source.locate` skips the steps that this adds.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from moderation.comments import LABELS
from moderation.rules.problems import did_you_mean
from moderation.rules.source import Source

MAX_PATTERN = 1_000
MAX_LITERAL = 1_000
MAX_ENTRIES = 100_000

OPERATORS = ("words", "contains", "starts_with", "ends_with", "equals", "regex")
TEXT_FIELDS = ("text", "title", "author", "link")
MEASURES = ("length", "words", "links", "mentions", "emoji", "caps_ratio", "repeats", "depth")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A closed or open interval: `low <= x`, `x <= high`, with either end left out.

    `negated` is for `!=`.
    """

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    negated: bool = False

    def holds(self, value: float) -> bool:
        inside = True
        if self.low is not None:
            inside = value > self.low if self.low_open else value >= self.low
        if inside and self.high is not None:
            inside = value < self.high if self.high_open else value <= self.high
        return inside is not self.negated


_NUMBER = r"(-?\d{1,12}(?:\.\d{1,12})?)"
_COMPARE = re.compile(rf"\s*(>=|<=|==|=|!=|>|<)\s*{_NUMBER}\s*\Z")
_RANGE = re.compile(rf"\s*{_NUMBER}\s*\.\.\s*{_NUMBER}\s*\Z")


class Mistake(ValueError):
    """What is wrong with a value, and what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def parse_comparison(value: Any) -> Comparison:
    """`'> 3'`, `'0.4..0.8'` or a bare number; ValueError says what to write."""
    if isinstance(value, bool):
        raise Mistake("expected a number or a comparison such as '>= 0.8'")
    if isinstance(value, (int, float)):
        return Comparison(low=float(value), high=float(value))
    if isinstance(value, str):
        if found := _RANGE.match(value):
            low, high = float(found[1]), float(found[2])
            if low > high:
                raise Mistake(f"the range {value} is empty", "the smaller number comes first")
            return Comparison(low=low, high=high)
        if found := _COMPARE.match(value):
            number = float(found[2])
            match found[1]:
                case ">":
                    return Comparison(low=number, low_open=True)
                case ">=":
                    return Comparison(low=number)
                case "<":
                    return Comparison(high=number, high_open=True)
                case "<=":
                    return Comparison(high=number)
                case "!=":
                    return Comparison(low=number, high=number, negated=True)
                case _:
                    return Comparison(low=number, high=number)
    raise Mistake("expected a comparison such as '> 3', '>= 0.8', '< 7' or '0.4..0.8'")


def _probability(value: Comparison) -> Comparison:
    for end in (value.low, value.high):
        if end is not None and not 0 <= end <= 1:
            raise Mistake(f"a score lies between 0 and 1, so {end:g} can never decide anything")
    return value


Number = Annotated[Any, BeforeValidator(parse_comparison)]
Probability = Annotated[Any, BeforeValidator(parse_comparison), AfterValidator(_probability)]


def _to_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _entry(value: Any) -> str:
    if isinstance(value, str):
        if not value.strip():
            raise Mistake("an empty text would match everything")
        return value
    if value is None:
        raise Mistake("an empty value", "write a text, or remove the key")
    hint = "put it in quotes" if not isinstance(value, (dict, list)) else ""
    raise Mistake(f"expected text, not {_kind_of(value)}", hint)


def _limited(limit: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > limit:
            raise Mistake(f"longer than {limit:,} characters ({len(value):,})")
        return value

    return AfterValidator(check)


_Listed = Field(min_length=1, max_length=MAX_ENTRIES)
Literals = Annotated[
    list[Annotated[str, BeforeValidator(_entry), _limited(MAX_LITERAL)]],
    BeforeValidator(_to_list),
    _Listed,
]
Patterns = Annotated[
    list[Annotated[str, BeforeValidator(_entry), _limited(MAX_PATTERN)]],
    BeforeValidator(_to_list),
    _Listed,
]


class TextTest(_Strict):
    """Operators on one text field; all that are given must hold."""

    words: Literals | None = None
    contains: Literals | None = None
    starts_with: Literals | None = None
    ends_with: Literals | None = None
    equals: Literals | None = None
    regex: Patterns | None = None
    case_sensitive: bool = False

    @model_validator(mode="before")
    @classmethod
    def _widen(cls, value: Any) -> Any:
        if isinstance(value, (str, list)):
            return {"words": value}
        return value

    @model_validator(mode="after")
    def _some_operator(self) -> TextTest:
        if not any(getattr(self, operator) for operator in OPERATORS):
            raise Mistake("no operator", "write one of " + ", ".join(OPERATORS))
        return self


class ScoreTest(_Strict):
    """Conditions on the model's probabilities, one a label; all must hold."""

    toxicity: Probability | None = None
    severe_toxicity: Probability | None = None
    obscene: Probability | None = None
    threat: Probability | None = None
    insult: Probability | None = None
    identity_attack: Probability | None = None
    sexual_explicit: Probability | None = None

    @model_validator(mode="after")
    def _some_label(self) -> ScoreTest:
        if not self.model_fields_set:
            raise Mistake("no label", "write one of " + ", ".join(LABELS))
        return self


class Conditions(_Strict):
    """The keys of a `when`: all must hold."""

    text: TextTest | None = None
    title: TextTest | None = None
    author: TextTest | None = None
    link: TextTest | None = None
    score: ScoreTest | None = None
    length: Number | None = None
    words: Number | None = None
    links: Number | None = None
    mentions: Number | None = None
    emoji: Number | None = None
    caps_ratio: Number | None = None
    repeats: Number | None = None
    depth: Number | None = None
    is_reply: bool | None = None
    any: list[Conditions] | None = Field(default=None, min_length=1)
    all: list[Conditions] | None = Field(default=None, min_length=1)
    not_: Annotated[
        list[Conditions] | None, BeforeValidator(_to_list), Field(alias="not", min_length=1)
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _dotted(cls, value: Any) -> Any:
        """`score.threat: …` is the same as `score: {threat: …}`."""
        if not isinstance(value, dict):
            return value
        dotted = [key for key in value if key.startswith("score.")]
        if not dotted:
            return value
        if "score" in value:
            raise Mistake(f"both 'score' and '{dotted[0]}'", "write them under one 'score:'")
        wide = {key: entry for key, entry in value.items() if key not in dotted}
        wide["score"] = {key.removeprefix("score."): value[key] for key in dotted}
        return wide

    @model_validator(mode="after")
    def _some_condition(self) -> Conditions:
        if not self.model_fields_set:
            raise Mistake("no condition", "a rule without one would match every comment")
        return self


class TestCase(_Strict):
    """One comment to try a rule on; what it leaves out is unknown."""

    __test__: ClassVar[bool] = False  # not for pytest, whatever the name suggests

    text: str = ""
    title: str | None = None
    author: str | None = None
    score: dict[Literal[LABELS], Annotated[float, Field(ge=0, le=1)]] = {}  # type: ignore[valid-type]
    is_reply: bool | None = None
    depth: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _widen(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"text": value}
        if isinstance(value, dict) and isinstance(value.get("score"), dict):
            # Strict floats do not take 1 for 1.0; a rule author may.
            scores = {
                key: float(number) if type(number) is int else number
                for key, number in value["score"].items()
            }
            return {**value, "score": scores}
        return value


class Tests(_Strict):
    __test__: ClassVar[bool] = False

    match: list[TestCase] = []
    pass_: list[TestCase] = Field(default=[], alias="pass")


_ID = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9][a-z0-9_-]*)*\Z")


def _rule_id(value: str) -> str:
    if not _ID.match(value) or len(value) > 100:
        raise Mistake(
            "an id is lower-case words of a-z, 0-9, '-' and '_', joined by dots",
            "for example threat.personal",
        )
    return value


class RuleModel(_Strict):
    id: Annotated[str, AfterValidator(_rule_id)]
    action: Literal["approve", "flag", "hold", "hide"]
    when: Conditions
    description: str = ""
    severity: Literal["info", "low", "medium", "high", "critical"] = "medium"
    status: Literal["live", "shadow", "off"] = "live"
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    reason: Annotated[str, _limited(MAX_LITERAL)] = ""
    tests: Tests = Tests()


class ListModel(_Strict):
    """`[entry, …]`, or `{file: path}` for a text file with one entry a line."""

    file: Annotated[str, BeforeValidator(_entry)] | None = None
    entries: Literals | None = None

    @model_validator(mode="before")
    @classmethod
    def _widen(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"entries": _to_list(value)}

    @model_validator(mode="after")
    def _one_source(self) -> ListModel:
        if (self.file is None) == (self.entries is None):
            raise Mistake("a list is either [entry, …] or {file: path}")
        return self


_LIST_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _list_name(value: str) -> str:
    if not _LIST_NAME.match(value):
        raise Mistake("a list's name is letters, digits and '_', beginning with a letter")
    return value


class RuleFile(_Strict):
    version: Literal[1]
    lists: dict[Annotated[str, AfterValidator(_list_name)], ListModel] = {}
    rules: list[RuleModel] = Field(min_length=1)


_KNOWN_KEYS = {
    "rule": tuple(RuleModel.model_fields),
    "when": tuple(f.alias or name for name, f in Conditions.model_fields.items()),
    "text": tuple(TextTest.model_fields),
    "score": LABELS,
    "tests": ("match", "pass"),
    "case": tuple(TestCase.model_fields),
    "file": ("version", "lists", "rules"),
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
            code = "no-condition" if message == "no condition" else "bad-value"
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
            code, message = "wrong-type", f"'{name}' must be {wanted}, not {_kind_of(value)}"
            if kind == "string_type":
                hint = "put it in quotes"
        case _:
            code, message = "bad-value", detail["msg"]
    source.problem(line, column, code, message, hint)


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case int() | float():
            return f"the number {value}"
        case _:
            return f"the text '{value}'"


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
        return "score" if names[-1] == "score" else "when"
    return "rule" if names[0] == "rules" else "file"
