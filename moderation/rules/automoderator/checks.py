"""AutoModerator's checks as conditions of this program."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
#: Fields of Reddit's posts: a check on these alone makes a rule one for posts.
_OF_POSTS = {
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
    " post_subreddit_karma combined_subreddit_karma link_karma".split()
)
_AUTHOR_ACTIONS = frozenset(("set_flair", "overwrite_flair"))
_AGE = re.compile(r"\s*([<>]=?|==?)?\s*(\d{1,6})\s*(minute|hour|day|week|month|year)?s?\s*\Z")
#: A month is 30 days here as there.
_UNITS = {"minute": (1, "m"), "hour": (1, "h"), "day": (1, "d"), "week": (1, "w")}
_UNITS |= {"month": (30, "d"), "year": (365, "d")}
#: What parts words, in Unicode's sense; RE2's own `\W` and `\b` know ASCII only.
_PARTING = r"[^\pL\pM\pN_]"
#: The longest pattern that is put together out of several values.
_JOINED = 900

Condition = dict[str, Any]


class Lost(Exception):
    """A check, or with `whole` a document, that cannot be carried over, and why."""

    def __init__(self, why: str, *, whole: bool = False) -> None:
        super().__init__(why)
        self.whole = whole


@dataclass(slots=True)
class Told:
    """What is to be said of a rule that was carried over.

    `missing` checks and what is `wider` than at Reddit make it match more than it did;
    `notes` is the rest.
    """

    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    wider: list[str] = field(default_factory=list)


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


def search_check(key: str, value: Any, told: Told, *, unquoted: bool = False) -> Condition:
    """`~body+url#2 (includes, regex): […]`, as AutoModerator checks a comment by it.

    `unquoted` leaves out what a text quotes.

    Raises:
        Lost: nothing of it can be said here.
    """
    found = _KEY.match(key)
    if found is None:
        raise Lost("not a check that AutoModerator has")
    fields = [name.strip().lower() for name in found["fields"].split("+")]
    modifiers = _modifiers(found)
    negated = bool(found["none"])
    left_out = told.missing if negated else told.notes
    # Of a comment AutoModerator reads the body only, whatever else a check names.
    looked_at = ["body"] if "body" in fields else [f for f in fields if f in ("domain", "url")]
    lost = [
        _OF_POSTS.get(name, "Reddit's ids" if name == "id" else f"the field '{name}'")
        for name in fields
        if name not in ("body", "domain", "url")
    ]
    if not looked_at:
        if set(fields) <= set(_OF_POSTS):
            why = f"it asks for {lost[0]}, and this program judges comments"
            raise Lost(why, whole=True)
        raise Lost(f"there is no counterpart to {lost[0]}")
    parts: list[Condition] = []
    for name in looked_at:
        part = _field(name, entries(value), modifiers, key, left_out, unquoted=unquoted)
        if part not in parts:
            parts.append(part)
    if looked_at != ["body"]:
        told.wider.append(f"`{key}`: Reddit asks it of posts; here it looks at a comment's links")
    told.notes += [f"`{key}`: left out {what}" for what in dict.fromkeys(lost)]
    condition = parts[0] if len(parts) == 1 else {"any": parts}
    return {"not": condition} if negated else condition


def title_check(key: str, value: Any, told: Told) -> Condition:
    """A check on the post above a comment: its title is our thread's."""
    found = _KEY.match(key)
    fields = [name.strip().lower() for name in found["fields"].split("+")] if found else []
    if found is None or "title" not in fields or (found["none"] and len(fields) > 1):
        raise Lost(f"`{key}` of the post above is not known to a comment")
    told.notes += [f"`{key}`: left out the post's {name}" for name in fields if name != "title"]
    left_out = told.missing if found["none"] else told.notes
    condition = _field("title", entries(value), _modifiers(found), key, left_out)
    return {"not": condition} if found["none"] else condition


def _modifiers(found: re.Match[str]) -> list[str]:
    modifiers = [each.strip().lower() for each in (found["modifiers"] or "").split(",")]
    unknown = set(modifiers) - set(_PLACES) - {"regex", "case-sensitive", ""}
    if unknown:
        raise Lost(f"the modifier '{min(unknown)}' is not known")
    return modifiers


def _field(
    field: str,
    values: list[str],
    modifiers: list[str],
    key: str,
    left_out: list[str],
    *,
    unquoted: bool = False,
) -> Condition:
    name = {"body": "text", "domain": "link", "url": "text"}.get(field, field)
    default = {"domain": "full-exact", "url": "includes"}.get(field, "includes-word")
    place = next((each for each in modifiers if each in _PLACES), default)
    operator = _PLACES[place]
    written = values
    if "regex" in modifiers:
        operator, values = "regex", [_regex(each, place) for each in values]
    elif place == "full-text" and name != "link":
        operator = "regex"
        written = values = _full_texts(values)
    else:
        values = [f"\\{each}" if each.startswith("@") else each for each in values]
    known = dict(zip(values, written, strict=True))
    kept = _accepted(name, operator, values, f"`{key}`", left_out, known)
    test: Condition = {operator: kept}
    if "case-sensitive" in modifiers:
        test["case_sensitive"] = True
    if unquoted and name == "text":
        test["quotes"] = "ignore"
    return {name: kept if operator == "words" and len(test) == 1 else test}


def _full_texts(values: list[str]) -> list[str]:
    """The whole text but for signs and blanks at its ends, several values to a pattern."""
    patterns: list[str] = []
    joined = ""
    for value in values:
        literal = re.escape(value).replace("@", r"\@")
        if joined and len(joined) + len(literal) > _JOINED:
            patterns.append(_regex(joined, "full-text"))
            joined = ""
        joined += f"|{literal}" if joined else literal
    return [*patterns, _regex(joined, "full-text")]


def _regex(source: str, place: str) -> str:
    """Python's pattern as one of RE2, put where the modifier wants it."""
    source = re.sub(r"(\\.)|\(\?#[^)]*\)", lambda found: found[1] or "", source)
    # A bare @name would be one of our lists.
    source = re.sub(r"(\\.)|@", lambda found: found[1] or r"\@", source)
    # RE2 writes a character by its number in braces, and wants both ends of a count.
    source = re.sub(r"\\u([0-9a-fA-F]{4})|\\Z|\\.|\{,(?=\d)", _spelled, source)
    if "." in source:
        source = f"(?s:{source})"
    if place == "includes":
        return source
    # Only what its author wrote is marked.
    inner = f"(?:{source})" if _MARKED in source else f"{_MARKED}{source})"
    shape = {
        "starts-with": r"\A\s*{}",
        "ends-with": r"{}\s*\z",
        "full-exact": r"\A\s*{}\s*\z",
        "full-text": rf"\A{_PARTING}*{{}}{_PARTING}*\z",
    }.get(place)
    if shape is None:
        shape = f"{_edge(source, '^')}{{}}{_edge(source, '$')}"
    return shape.replace("{}", inner, 1)


_MARKED = "(?P<match>"


def _edge(source: str, end: str) -> str:
    """AutoModerator's `(?:^|\\W|\\b)`, the edge of a word: it holds anywhere beside a sign."""
    plain = "|" not in source and not source.startswith("(?s:")
    if plain and source.isascii():
        if end == "^" and source[0].isalnum():
            return r"\b"
        if end == "$" and source[-1].isalpha() and source[-2:-1] != "\\":
            return r"\b"
    return rf"(?:{end}|\W|\b)" if source.isascii() else rf"(?:{end}|{_PARTING}|\b)"


def _spelled(found: re.Match[str]) -> str:
    if found[1]:
        return rf"\x{{{found[1]}}}"
    return {r"\Z": r"\z", "{,": "{0,"}.get(found[0], found[0])


def _accepted(
    field: str,
    operator: str,
    values: list[str],
    where: str,
    left_out: list[str],
    written: Mapping[str, str],
) -> list[str]:
    """The values that our own compiler takes; what is wrong with the others is told, as
    they were `written`.

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
            shown = written[value]
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


def author_checks(value: Any, told: Told, *, negated: bool) -> list[Condition]:
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
        if name in _AUTHOR_ACTIONS:
            told.notes.append(f"left out what it does to the author's flair (`{name}`)")
        elif name == "account_age":
            thresholds.append({"author.age": _age(said, told)})
        elif name in _THRESHOLDS:
            lost.append(f"`author: {name}` (karma is Reddit's own)")
        elif found and found["fields"].strip().lower() == "name":
            conditions.append(_name(found, said))
        else:
            told.missing.append(f"`author: {name}` is not known of an author here")
    any_of = str(value.get("satisfy_any_threshold", "")).lower() in ("true", "yes", "on")
    if any_of and thresholds:
        # One of several that suffice: without it the rule finds less, not more.
        told.notes += [f"left out {each}" for each in lost]
    else:
        told.missing += lost
    return conditions + thresholds


def _name(found: re.Match[str], value: Any) -> Condition:
    left_out: list[str] = []
    condition = _field("author", entries(value), _modifiers(found), "author", left_out)
    if left_out:
        raise Lost("; ".join(left_out))
    return {"not": condition} if found["none"] else condition


def _age(value: Any, told: Told) -> str:
    found = _AGE.match(str(value).lower())
    if not found or found[1] in ("=", "=="):
        raise Lost(f"'{value}' is not an age such as '< 7 days'")
    times, unit = _UNITS[found[3] or "day"]
    if not found[1]:
        told.wider.append(f"`account_age: {value}` has no sign: it was read as more than that")
    return f"{found[1] or '>'} {int(found[2]) * times}{unit}"
