"""The first draft of a rule: from words that somebody picked, or from a rule of another file.

Words come from comments and may hold anything: they go into the file through YAML's own
writer, in double quotes, with whatever could act or hide written as an escape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

import yaml

from moderation.errors import InputError
from moderation.rules.authoring.drafts import rule_nodes
from moderation.rules.authoring.written import names_in
from moderation.rules.language.schema import MAX_LITERAL
from moderation.rules.language.source import Node, Source, parse_source

#: What a rule file without rules begins with.
HEAD = "version: 1\nrules:\n"
#: Rules of one's own are called `own.…`.
_OWN = "own"
_LONGEST_ID = 60
#: Characters of these categories act, hide, or mean nothing.
_ODD = frozenset(("Cc", "Cf", "Cn", "Co", "Zl", "Zp"))
#: Rule ids, list names and other words that YAML can only read as words.
_PLAIN = re.compile(r"[a-z][a-z_-]{3,}\Z|[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+\Z")
_DASH = re.compile(r" *(?=- )")


def rule_of_words(words: str, taken: Collection[str]) -> dict[str, Any]:
    """A whole rule that flags comments with these words, on trial: `status: shadow`.

    `taken` are the ids that exist.

    Raises:
        InputError: no rule can be made of these words.
    """
    phrase = " ".join(words.split())
    if not phrase or any(unicodedata.category(char) == "Cs" for char in phrase):
        raise InputError("no rule can be made of these words", hint="choose others")
    # At the beginning of an entry these two would name a list.
    entry = "\\" + phrase if phrase.startswith("@") else phrase
    if len(entry) > MAX_LITERAL:
        raise InputError(
            f"more than {MAX_LITERAL:,} characters are no entry of a rule", hint="choose fewer"
        )
    return {
        "id": _free(f"{_OWN}.{_slug(phrase) or 'words'}", taken),
        "description": "Words picked from a comment",
        "severity": "medium",
        "action": "flag",
        "status": "shadow",
        "reason": "On trial: {match}",
        "when": {"text": {"words": [entry]}},
        "tests": {"match": [phrase]},
    }


def rule_copied(
    source: Source, id: str, taken: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A rule of another file under an id of one's own, on trial: `status: shadow`; and the
    lists that it uses, by name.

    Raises:
        InputError: the file has no such rule, or a list of it lies in another file.
    """
    node = next((each for each in rule_nodes(source) if each.value["id"].value == id), None)
    if node is None or source.root is None:
        raise InputError(f"there is no rule '{id}' in it", where=source.path)
    declared: dict[str, Node] = source.root.value["lists"].value if _has_lists(source) else {}
    used = names_in(node)
    lists = {name: each.plain() for name, each in declared.items() if name in used}
    apart = [name for name, entries in lists.items() if isinstance(entries, dict)]
    if apart:
        raise InputError(
            f"its list '{apart[0]}' lies in a file beside it",
            where=source.path,
            hint="copy both files",
        )
    rule = node.plain()
    rule = {"id": _free(f"{_OWN}.{id}", taken), **{k: v for k, v in rule.items() if k != "id"}}
    return {**rule, "status": "shadow"}, lists


def _has_lists(source: Source) -> bool:
    return source.root is not None and "lists" in source.root.value


def with_rule(
    text: str, rule: Mapping[str, Any], lists: Mapping[str, Any] | None = None
) -> tuple[str, int]:
    """A rule file's text with one more rule, and the line of its id. Nothing else changes.

    Raises:
        InputError: the text is no rule file, or it is written in a way that has no place
            for another line.
    """
    text = text if text.strip() else HEAD
    lines = text.removesuffix("\n").split("\n")
    source = parse_source(text, "")
    at, indent = (len(lines), "  ") if text == HEAD else _end_of_rules(source, lines)
    new = [f"{indent}{line}" if line else line for line in _dump([dict(rule)]).splitlines()]
    gap = [""] if lines[at - 1].strip() not in ("", "rules:") else []
    changed = "\n".join([*lines[:at], *gap, *new, *lines[at:]]) + "\n"
    if lists:
        changed = _with_lists(changed, lists)
    made = rule_nodes(parse_source(changed, ""))
    if [each.plain() for each in made] != [*map(Node.plain, rule_nodes(source)), dict(rule)]:
        raise _no_place()
    return changed, made[-1].value["id"].line


def _end_of_rules(source: Source, lines: list[str]) -> tuple[int, str]:
    """How many lines come before the place for another rule, and how far it is set in."""
    rules = rule_nodes(source)
    if source.root is None or not rules:
        raise _no_place()
    indent = _DASH.match(lines[rules[0].line - 1])
    after = [line - 1 for line, _ in source.root.keys.values() if line > rules[-1].line]
    if indent is None:
        raise _no_place()
    at = min(after, default=len(lines))
    # What stands above the next part, or at the end, belongs to that.
    while at and (not lines[at - 1].strip() or (after and lines[at - 1].startswith("#"))):
        at -= 1
    return at, indent[0]


def _with_lists(text: str, lists: Mapping[str, Any]) -> str:
    """The text with these lists declared, but for those that it has just so."""
    root = parse_source(text, "").root
    known = root.value.get("lists") if root is not None and isinstance(root.value, dict) else None
    has = known.plain() if known is not None else {}
    for name, entries in lists.items():
        if has.get(name, entries) != entries:
            raise InputError(
                f"the rule's list '{name}' is another one in your file",
                hint="rename yours, then copy again",
            )
    new = {name: entries for name, entries in lists.items() if name not in has}
    if not new:
        return text
    if known is None:
        block = ["lists:", *(f"  {line}" for line in _dump(new).splitlines())]
        place = re.search(r"(?m)^rules:", text)
    else:
        indent = " " * (next(iter(known.keys.values()))[1] - 1)
        block = [f"{indent}{line}" for line in _dump(new).splitlines()]
        place = re.search(r"(?m)(?<=^lists:\n)", text)
    if place is None:
        raise _no_place()
    return text[: place.start()] + "\n".join(block) + "\n" + text[place.start() :]


def _no_place() -> InputError:
    return InputError(
        "your rule file has no place for another rule",
        hint="it needs `rules:` with a rule on a line of its own: `- id: …`",
    )


def _slug(phrase: str) -> str:
    plain = unicodedata.normalize("NFKD", phrase).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", plain))[: _LONGEST_ID - 20].strip("-")


def _free(id: str, taken: Collection[str]) -> str:
    number = 1
    while (name := id if number == 1 else f"{id}-{number}") in taken:
        number += 1
    return name


class _Quoted(str):
    """A text that is written in double quotes."""


class _Dumper(yaml.SafeDumper):
    """Sets in the entries of a list below its key, and never writes an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    _Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def _dump(value: Any) -> str:
    """As YAML; every text in it that is not plainly a word, in quotes."""
    # Where all letters are ordinary they stay as they are, else none but ASCII does.
    odd = any(unicodedata.category(char) in _ODD for text in _texts(value) for char in text)
    return yaml.dump(
        _quoted(value), Dumper=_Dumper, sort_keys=False, allow_unicode=not odd, width=10_000
    )


def _quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _quoted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_quoted(each) for each in value]
    if isinstance(value, str) and not _PLAIN.match(value):
        return _Quoted(value)
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
