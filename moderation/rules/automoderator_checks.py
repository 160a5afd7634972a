"""AutoModerator's checks as conditions of this program."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from moderation.rules.compile import compile_text

#: Modifiers that say where in a field a value must stand, as our operators.
_PLACES = {
    "includes-word": "words",
    "includes": "contains",
    "starts-with": "starts_with",
    "ends-with": "ends_with",
    "full-exact": "equals",
    "full-text": "equals",
}
_KEY = re.compile(
    r"(?P<none>~?)\s*(?P<fields>[\w ]+(?:\s*\+\s*[\w ]+)*?)\s*(?:#\s*[^()]*)?"
    r"(?:\((?P<modifiers>[^()]*)\))?\s*\Z"
)
#: Fields of Reddit's posts and accounts that a comment elsewhere does not have.
_FOREIGN = {
    "id": "Reddit's ids",
    "title": "a title, which belongs to a post",
    "flair_text": "flair",
    "flair_css_class": "flair",
    "flair_template_id": "flair",
    "crosspost_title": "cross-posts",
    "crosspost_id": "cross-posts",
    "media_title": "embedded media",
    "media_author": "embedded media",
    "media_author_url": "embedded media",
    "media_description": "embedded media",
    "poll_option_text": "polls",
}
_THRESHOLDS = frozenset(
    "account_age comment_karma post_karma combined_karma comment_subreddit_karma"
    " post_subreddit_karma combined_subreddit_karma".split()
)
_AGE = re.compile(r"\s*([<>]=?|=)?\s*(\d{1,6})\s*(minute|hour|day|week|month|year)?s?\s*\Z")
#: A month is 30 days here as there.
_UNITS = {"minute": (1, "m"), "hour": (1, "h"), "day": (1, "d"), "week": (1, "w")}
_UNITS |= {"month": (30, "d"), "year": (365, "d")}
#: AutoModerator's edge of a word, which holds before a pattern that begins with none.
_BEFORE_WORD = r"(?:^|\W|\b)"

Condition = dict[str, Any]


class Lost(Exception):
    """A check, or with `whole` a document, that cannot be carried over, and why."""

    def __init__(self, why: str, *, whole: bool = False) -> None:
        super().__init__(why)
        self.whole = whole


def yes_no(value: Any) -> bool:
    said = str(value).strip().lower()
    if said in ("true", "yes", "on"):
        return True
    if said in ("false", "no", "off"):
        return False
    raise Lost(f"'{value}' is neither true nor false")


def entries(value: Any) -> list[str]:
    """A value or a list of values as texts; empty ones match nothing there."""
    listed = value if isinstance(value, list) else [value]
    if any(isinstance(each, (list, dict)) for each in listed):
        raise Lost("it holds more than texts")
    found = [each for each in map(str, listed) if each.strip()]
    if not found:
        raise Lost("its list is empty")
    return found


def search_check(key: str, value: Any, notes: list[str], missing: list[str]) -> Condition:
    """`~body+url#2 (includes, regex): […]`. What is left out goes to `notes` when the
    rule then matches less, to `missing` when it matches more.

    Raises:
        Lost: nothing of it can be said here.
    """
    found = _KEY.match(key)
    if found is None:
        raise Lost("not a check that AutoModerator has")
    fields = [name.strip().lower() for name in found["fields"].split("+")]
    modifiers = [each.strip().lower() for each in (found["modifiers"] or "").split(",")]
    negated = bool(found["none"])
    parts: list[Condition] = []
    lost: list[str] = []
    for field in fields:
        if field in ("body", "domain", "url"):
            left_out = missing if negated else notes
            for part in _field(field, entries(value), modifiers, key, left_out):
                if part not in parts:
                    parts.append(part)
        else:
            lost.append(_FOREIGN.get(field, f"the field '{field}'"))
    if not parts:
        only_title = set(fields) <= {"title", "flair_text", "flair_css_class", "flair_template_id"}
        raise Lost(
            f"it asks for {lost[0]}, and this program judges comments"
            if only_title
            else f"there is no counterpart to {lost[0]}",
            whole="title" in fields and only_title and not negated,
        )
    # On a comment AutoModerator finds no title either.
    notes += [f"`{key}`: left out {what}" for what in dict.fromkeys(lost)]
    condition = parts[0] if len(parts) == 1 else {"any": parts}
    return {"not": condition} if negated else condition


def title_check(key: str, value: Any, left_out: list[str]) -> Condition:
    """A check on the post above a comment: its title is our thread's."""
    found = _KEY.match(key)
    if found is None or found["fields"].strip().lower() != "title":
        raise Lost(f"`{key}` of the post above is not known to a comment")
    modifiers = [each.strip().lower() for each in (found["modifiers"] or "").split(",")]
    (condition,) = _field("title", entries(value), modifiers, key, left_out)
    return {"not": condition} if found["none"] else condition


def _field(
    field: str, values: list[str], modifiers: list[str], key: str, left_out: list[str]
) -> list[Condition]:
    unknown = set(modifiers) - set(_PLACES) - {"regex", "case-sensitive", ""}
    if unknown:
        raise Lost(f"the modifier '{min(unknown)}' is not known")
    name = {"body": "text", "domain": "link", "url": "text", "title": "title"}[field]
    default = {"domain": "full-exact", "url": "includes"}.get(field, "includes-word")
    place = next((each for each in modifiers if each in _PLACES), default)
    operator = _PLACES[place]
    if "regex" in modifiers:
        operator, values = "regex", [_regex(each, place) for each in values]
    else:
        values = [f"\\{each}" if each.startswith("@") else each for each in values]
    kept = _accepted(name, operator, values, f"`{key}`", left_out)
    test: Condition = {operator: kept}
    if "case-sensitive" in modifiers:
        test["case_sensitive"] = True
    return [{name: kept if operator == "words" and len(test) == 1 else test}]


def _regex(source: str, place: str) -> str:
    """Python's pattern as one of RE2, put where the modifier wants it."""
    source = re.sub(r"(\\.)|\(\?#[^)]*\)", lambda found: found[1] or "", source)
    # A bare @name would be one of our lists.
    source = re.sub(r"(\\.)|@", lambda found: found[1] or r"\@", source)
    # RE2 writes a character by its number in braces.
    source = re.sub(r"\\(\\)|\\u([0-9a-fA-F]{4})", _numbered, source)
    shape = {
        "includes": "{}",
        "starts-with": r"\A(?:{})",
        "ends-with": r"(?:{})\z",
        "full-exact": r"\A(?:{})\z",
        "full-text": r"\A\W*(?:{})\W*\z",
    }.get(place)
    if shape is not None:
        return shape.replace("{}", source)
    before, after = _BEFORE_WORD, r"(?:$|\W|\b)"
    if "|" not in source:
        before = r"\b" if source[0].isalnum() else before
        after = r"\b" if source[-1].isalpha() and source[-2:-1] != "\\" else after
    return f"{before}(?:{source}){after}"


def _numbered(found: re.Match[str]) -> str:
    return found[0] if found[1] else rf"\x{{{found[2]}}}"


def _accepted(
    field: str, operator: str, values: list[str], where: str, left_out: list[str]
) -> list[str]:
    """The values that our own compiler takes; what is wrong with the others is told.

    Raises:
        Lost: it takes none.
    """
    if not _error(field, operator, values):
        return values
    kept: list[str] = []
    refused: list[str] = []
    for value in values:
        error = _error(field, operator, [value])
        if error:
            shown = value.removeprefix(_BEFORE_WORD + "(?:")
            shown = shown if len(shown) <= 60 else shown[:59] + "…"
            refused.append(f"'{shown}': {error}")
        else:
            kept.append(value)
    if not kept:
        raise Lost("; ".join(refused[:3]))
    left_out += [f"{where}: {each}" for each in refused]
    return kept


def _error(field: str, operator: str, values: list[str]) -> str:
    # JSON is YAML.
    listed = json.dumps(values, ensure_ascii=False)
    rule = f"{{id: try, action: flag, when: {{{field}: {{{operator}: {listed}}}}}}}"
    errors = compile_text(f"version: 1\nrules: [{rule}]\n").errors
    return errors[0].message if errors else ""


def author_checks(
    value: Any, notes: list[str], missing: list[str], *, negated: bool
) -> list[Condition]:
    """`author: [name, …]`, or a group of checks on the account."""
    if not isinstance(value, Mapping):
        value = {"~name" if negated else "name": value}
    elif negated:
        raise Lost("only a list of names can be excluded")
    conditions: list[Condition] = []
    thresholds: list[Condition] = []
    lost: list[str] = []
    for key, said in value.items():
        name = key.lower()
        found = _KEY.match(key)
        if name == "satisfy_any_threshold":
            continue
        if name == "account_age":
            thresholds.append({"author.age": _age(said)})
        elif name in _THRESHOLDS:
            lost.append(f"`author: {name}` (karma is Reddit's own)")
        elif found and found["fields"].strip().lower() == "name":
            conditions.append(_name(found, said))
        else:
            missing.append(f"`author: {name}` is not known of an author here")
    any_of = str(value.get("satisfy_any_threshold", "")).lower() in ("true", "yes", "on")
    if lost:
        # One of several that suffice: without it the rule finds less, not more.
        (notes if any_of and thresholds else missing).extend(
            [f"left out {each}" for each in lost] if any_of and thresholds else lost
        )
    return conditions + thresholds


def _name(found: re.Match[str], value: Any) -> Condition:
    modifiers = [each.strip().lower() for each in (found["modifiers"] or "").split(",")]
    place = next((each for each in modifiers if each in _PLACES), "full-exact")
    left_out: list[str] = []
    if "regex" in modifiers:
        operator, values = "regex", [_regex(each, place) for each in entries(value)]
    else:
        operator, values = _PLACES[place], entries(value)
    kept = _accepted("author", operator, values, "`author`", left_out)
    if left_out:
        raise Lost("; ".join(left_out))
    condition = {"author": {operator: kept}}
    return {"not": condition} if found["none"] else condition


def _age(value: Any) -> str:
    found = _AGE.match(str(value).lower())
    if not found or found[1] == "=":
        raise Lost(f"'{value}' is not an age such as '< 7 days'")
    times, unit = _UNITS[found[3] or "day"]
    # Without a sign it means more than.
    return f"{found[1] or '>'} {int(found[2]) * times}{unit}"
