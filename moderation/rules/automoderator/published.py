"""The text of an AutoModerator configuration: its documents, and the YAML of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from moderation.rules.automoderator.checks import Lost
from moderation.rules.language.values import kind_of

_SMART = str.maketrans({"\u201c": '"', "\u201d": '"'})
#: A value that begins with a curly quote: its author meant a straight one.
_CURLY = re.compile(r"(?m)(?:[\[,:]|^\s*-)[ \t]*[\u201c\u201d]")
_DEEPEST = 20
_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_BROKEN = (yaml.YAMLError, ValueError, RecursionError)
_SEPARATOR = re.compile(r"(?m)^---[ \t]*(?:#.*)?$")


def documents(text: str) -> Iterator[tuple[int, str]]:
    """Each document that says something, with the line on which it begins."""
    line, start = 1, 0
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    ends = [(found.start(), found.end()) for found in _SEPARATOR.finditer(text)]
    for end, following in (*ends, (len(text), len(text))):
        document = text[start:end]
        said = [number for number, each in enumerate(document.split("\n")) if _says(each)]
        if said:
            yield line + said[0], document
        line += text.count("\n", start, following)
        start = following


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def title(document: str) -> str:
    """The last comment line above the first key: how people name their rules."""
    found_title = ""
    for line in document.split("\n"):
        if _says(line):
            break
        if found := re.search(r"\w.*", line):
            found_title = found[0].strip().rstrip("-#= ")
    return found_title[:100]


def parsed(document: str) -> tuple[dict[str, Any], bool]:
    """The document's keys, and whether curly quotes were straightened. A key that comes
    twice is an error, where Reddit keeps the last."""
    curly = _CURLY.search(document) is not None
    try:
        read = _load(document.translate(_SMART) if curly else document)
    except _BROKEN as first:
        try:
            read, curly = _load(document if curly else document.translate(_SMART)), not curly
        except _BROKEN:
            mark = getattr(first, "problem_mark", None)
            where = f" (line {mark.line + 1} of it)" if mark else ""
            problem = getattr(first, "problem", None) or str(first).split("\n")[0]
            raise Lost(f"not YAML: {problem}{where}") from None
    if not isinstance(read, dict):
        raise Lost(f"not a rule but {kind_of(read)}")
    return read, curly


class _Loader(yaml.BaseLoader):
    """Every scalar is text: `no`, `012` and `2020-01-01` are what was written."""


def _mapping(loader: yaml.BaseLoader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True)).strip()
        if key.lower() in {each.lower() for each in found}:
            raise ValueError(f"the key '{key}' is here twice: add #2 to one of them")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _load(document: str) -> Any:
    depth = 0
    for token in yaml.scan(document):
        if isinstance(token, yaml.AliasToken):
            raise ValueError("aliases (*name) are not supported")
        depth += isinstance(token, _OPENING)
        depth -= isinstance(token, _CLOSING)
        if depth > _DEEPEST:
            raise ValueError(f"nested deeper than {_DEEPEST} levels")
    return yaml.load(document, Loader=_Loader)  # noqa: S506 - it makes texts only
