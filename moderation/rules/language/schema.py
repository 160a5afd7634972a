"""What a rule file may say, as typed models.

Short forms (`text: [a, b]` for `text: {words: [a, b]}`) are widened before checking;
`Source.locate` skips the steps that this adds.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from moderation.comments import LABELS
from moderation.rules.language.fields import OPERATORS, SCRIPTS
from moderation.rules.language.values import (
    Mistake,
    kind_of,
    parse_age,
    parse_comparison,
    parse_duration,
    probability,
)
from moderation.rules.problems import did_you_mean

MAX_PATTERN = 1_000
MAX_LITERAL = 1_000
MAX_ENTRIES = 100_000


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


Number = Annotated[Any, BeforeValidator(parse_comparison)]
Age = Annotated[Any, BeforeValidator(parse_age)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
Probability = Annotated[Any, BeforeValidator(parse_comparison), AfterValidator(probability)]


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
    raise Mistake(f"expected text, not {kind_of(value)}", hint)


def _limited(limit: int) -> AfterValidator:
    def check(value: str) -> str:
        if len(value) > limit:
            raise Mistake(
                f"longer than {limit:,} characters ({len(value):,})", "split it", "too-long"
            )
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
    evasion: Literal["off", "normal", "strict"] = "normal"
    quotes: Literal["ignore"] | None = None

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


class RateTest(_Strict):
    """At least `count` comments by the same `by` within `per`, this one among them."""

    by: Literal["author", "thread", "text"]
    count: Annotated[int, Field(ge=2, le=1000)]
    per: Duration


class SimilarTest(_Strict):
    """At least `at_least` comments with about the same text within `per`, this one among
    them, by at least so many `authors`; `likeness` is from 0 to 1."""

    at_least: Annotated[int, Field(ge=2, le=1000)]
    per: Duration
    authors: Annotated[int, Field(ge=1, le=1000)] = 1
    likeness: Annotated[float, Field(ge=0.5, le=1)] = 0.85


def _script(value: Any) -> str:
    name = _entry(value).lower()
    if name not in SCRIPTS:
        raise Mistake(f"unknown script '{value}'", did_you_mean(name, SCRIPTS))
    return name


Scripts = Annotated[
    list[Annotated[str, BeforeValidator(_script)]], BeforeValidator(_to_list), _Listed
]


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
    reports: Number | None = None
    age: Age | None = None
    author_age: Age | None = Field(default=None, alias="author.age")
    author_comments: Number | None = Field(default=None, alias="author.comments")
    author_approved: Number | None = Field(default=None, alias="author.approved")
    author_hidden: Number | None = Field(default=None, alias="author.hidden")
    is_reply: bool | None = None
    is_edited: bool | None = None
    author_is_new: bool | None = Field(default=None, alias="author.is_new")
    model_unsupported: bool | None = Field(default=None, alias="model.unsupported")
    script: Scripts | None = None
    rate: RateTest | None = None
    similar: SimilarTest | None = None
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
    is_edited: bool | None = None
    model_unsupported: bool | None = Field(default=None, alias="model.unsupported")
    depth: Annotated[int, Field(ge=0)] | None = None
    reports: Annotated[int, Field(ge=0)] | None = None
    age: Duration | None = None
    author_age: Duration | None = Field(default=None, alias="author.age")
    author_comments: Annotated[int, Field(ge=0)] | None = Field(
        default=None, alias="author.comments"
    )
    author_approved: Annotated[int, Field(ge=0)] | None = Field(
        default=None, alias="author.approved"
    )
    author_hidden: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="author.hidden")
    rate: Annotated[int, Field(ge=1)] | None = None
    similar: Annotated[int, Field(ge=1)] | None = None

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


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Mistake(f"expected a date such as 2026-12-31, not {kind_of(value)}") from None


class RuleModel(_Strict):
    """One rule; see docs/rules.md."""

    id: Annotated[str, AfterValidator(_rule_id)]
    action: Literal["approve", "flag", "hold", "hide"]
    when: Conditions
    description: str = ""
    severity: Literal["info", "low", "medium", "high", "critical"] = "medium"
    status: Literal["live", "shadow", "off"] = "live"
    expires: Annotated[date, BeforeValidator(_date)] | None = None
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
