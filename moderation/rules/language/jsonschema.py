"""The JSON Schema of rule files, made from the models that check them.

Editors complete and check with it as one types. It allows a little more than the models
do (what a pattern means is not JSON Schema's business) and never less: whatever compiles
is valid. What the short forms are is asked of the models themselves.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from moderation.rules.language import fields, schema, values

ID = "https://json-schema.org/draft/2020-12/schema"

_NUMBER = r"-?\d{1,12}(\.\d{1,12})?"
_DURATION = r"\d{1,9}(\.\d{1,6})?\s*[smhdwy]"
_COMPARISON = rf"^\s*((>=|<=|==|=|!=|>|<)\s*{_NUMBER}|{_NUMBER}\s*\.\.\s*{_NUMBER})\s*$"
_AGE = rf"^\s*((>=|<=|>|<)\s*{_DURATION}|{_DURATION}\s*\.\.\s*{_DURATION})\s*$"

#: The value notations by the function that reads them.
_NOTATIONS: dict[str, JsonSchemaValue] = {
    values.parse_comparison.__name__: {
        "anyOf": [{"type": "number"}, {"type": "string", "pattern": _COMPARISON}]
    },
    values.parse_age.__name__: {"type": "string", "pattern": _AGE},
    values.parse_duration.__name__: {"type": "string", "pattern": rf"^\s*{_DURATION}\s*$"},
    "_date": {"type": "string", "format": "date"},
    "_entry": {"type": "string", "pattern": r"\S"},
    # In any mix of capitals, which a list of names cannot say.
    "_script": {"type": "string", "examples": list(fields.SCRIPTS)},
}

#: What an editor shows beside a key.
_TOLD = {
    "version": "The version of the rule language: 1.",
    "lists": "Words for several rules; `@name` stands for a list.",
    "rules": "The rules, each with an id, an action and conditions.",
    "id": "Stable: history and statistics hang on it. For example threat.personal.",
    "action": "What the rule asks for; the strongest action of all matches wins.",
    "when": "The conditions; all keys of a mapping must hold.",
    "description": "What the rule finds, in a few words.",
    "severity": "How grave the finding is.",
    "status": "live; shadow: recorded, changes nothing; off: does not run.",
    "expires": "The last day on which the rule runs.",
    "priority": "Higher first; an approve rule sets aside the rules of lower priority.",
    "reason": "What the moderator reads; {match} (the first passage of the first text"
    " condition), {author}, {score.threat} are filled in.",
    "tests": "Comments that the rule must match, and comments that it must not.",
    "match": "Comments that the rule must match.",
    "pass": "Comments that the rule must not match.",
    "text": "The comment's text.",
    "title": "The title of the page that the comment stands under.",
    "author": "The author's name.",
    "link": "The domains of the comment's links, subdomains included.",
    "words": "Whole words and phrases; under `when`, the number of words.",
    "contains": "A text anywhere, also inside a word.",
    "starts_with": "A text at the beginning.",
    "ends_with": "A text at the end.",
    "equals": "The whole text.",
    "regex": "A pattern in RE2's syntax, without look-around and back-references; its group"
    " (?P<match>…) is what is marked.",
    "case_sensitive": "Capitals matter.",
    "evasion": "How much disguise is read through: off, normal, strict.",
    "quotes": "ignore: what the comment quotes does not count.",
    "score": "The model's probabilities, such as `threat: '>= 0.3'`.",
    "any": "One of these must hold.",
    "all": "All of these must hold.",
    "not": "None of these may hold.",
    "script": "At least half of the letters are of one of these scripts.",
    "rate": "So many comments by the same author, thread or text lately.",
    "similar": "About the same text again, from so many authors.",
    "is_reply": "Whether the comment answers another.",
    "is_edited": "Whether the comment was changed after it was posted.",
    "author.is_new": "Whether the author wrote nothing before.",
    "model.unsupported": "Whether the text is in a language that the model does not know.",
    "length": "Characters.",
    "links": "How many links.",
    "mentions": "How many @names.",
    "emoji": "How many emoji.",
    "caps_ratio": "The share of capitals, 0 to 1.",
    "repeats": "The longest run of one character.",
    "depth": "0 on the page itself, 1 for an answer, and so on.",
    "reports": "How often readers reported it.",
    "age": "Time since the comment was written.",
    "author.age": "How old the author's account was.",
    "author.comments": "How many comments the author wrote before.",
    "author.approved": "How many of the author's comments were approved.",
    "author.hidden": "How many of the author's comments were hidden.",
    "file": "A text file beside the rule file, one entry a line.",
}


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, told what our own validators accept."""

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        function = schema["function"]["function"]
        name = getattr(function, "__name__", "")
        inner = self.generate_inner(schema["schema"])
        if name == "_to_list":
            # One entry without its list; an empty list stays an error.
            listed = next(each for each in (inner, *inner.get("anyOf", ())) if "items" in each)
            return {"anyOf": [listed["items"], listed]}
        if name in _NOTATIONS:
            return {**inner, **_NOTATIONS[name]} if name == "_entry" else _NOTATIONS[name]
        return inner


def rule_schema() -> JsonSchemaValue:
    """The schema of a whole rule file, as plain JSON."""
    made = schema.RuleFile.model_json_schema(
        by_alias=True, mode="validation", schema_generator=_Generator
    )
    models = {model.__name__: model for model in vars(schema).values() if _is_model(model)}
    definitions = made["$defs"]
    for definition in definitions.values():
        _tell(definition)
    for name, definition in definitions.items():
        model = models[name]
        if name == schema.Conditions.__name__:
            _add_dotted(definition, definitions)
        definitions[name] = _with_short_forms(model, definition)
    _tell(made)
    return {
        "$schema": ID,
        "title": "Rule file of moderation",
        **{key: value for key, value in made.items() if key not in ("title", "description")},
    }


def schema_text() -> str:
    """The schema as it is checked in: readable, ending in a line feed."""
    return json.dumps(rule_schema(), indent=2, ensure_ascii=True) + "\n"


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel)


def _tell(definition: JsonSchemaValue) -> None:
    """Descriptions for editors; pydantic's titles and nulls are noise there."""
    definition.pop("title", None)
    definition.pop("description", None)
    for name, told in definition.get("properties", {}).items():
        told.pop("title", None)
        # A key is left out rather than null: the models refuse an explicit null where
        # it would say nothing.
        choices = [each for each in told.get("anyOf", ()) if each != {"type": "null"}]
        if len(choices) < len(told.get("anyOf", ())):
            if len(choices) == 1:
                del told["anyOf"]
                told.update(choices[0])
            else:
                told["anyOf"] = choices
        if told.get("default", 0) is None:
            del told["default"]
        if name in _TOLD:
            told["description"] = _TOLD[name]


def _with_short_forms(model: type[BaseModel], definition: JsonSchemaValue) -> JsonSchemaValue:
    """The mapping, or the bare text or list that the model widens to one."""
    forms: list[JsonSchemaValue] = []
    entry = {"type": "string", "pattern": r"\S"}
    if _accepts(model, "a text"):
        forms.append({"type": "string"} if _accepts(model, "") else entry)
    if _accepts(model, ["a text"]):
        forms.append({"type": "array", "items": entry, "minItems": 1})
    return {"anyOf": [*forms, definition]} if forms else definition


def _add_dotted(definition: JsonSchemaValue, definitions: JsonSchemaValue) -> None:
    """`score.threat: …` for `score: {threat: …}`, for whatever key takes dots so."""
    properties = definition["properties"]
    for name, told in list(properties.items()):
        targets = [each.get("$ref", "") for each in (told, *told.get("anyOf", ()))]
        target = next((ref.rsplit("/", 1)[1] for ref in targets if ref), "")
        inner = definitions.get(target, {}).get("properties", {})
        for key, value in inner.items():
            dotted = f"{name}.{key}"
            if dotted not in properties and _accepts(schema.Conditions, {dotted: "> 0.5"}):
                properties[dotted] = {**value, "description": f"The same as {name}: {{{key}: …}}."}


def _accepts(model: type[BaseModel], value: object) -> bool:
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True
