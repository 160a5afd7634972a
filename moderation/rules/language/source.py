"""YAML with positions: a tree of nodes that remember where they were written.

The tree is built from libyaml's events with an explicit stack, so that neither depth
nor aliases can exhaust anything. Scalars follow YAML 1.2; what YAML 1.1 would have
read as something else (`no`, `012`) is reported, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from moderation.rules.language.files import MAX_FILE_BYTES, read_file
from moderation.rules.problems import Problem

MAX_DEPTH = 40
#: Nodes after every alias is written out, so that a few lines cannot mean billions.
MAX_NODES = 500_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})?\.[0-9]{1,18}\Z|[-+]?[0-9]{1,18}\.\Z")
_OCTAL = re.compile(r"[-+]?0[0-9]+\Z")
_YAML11_BOOL = frozenset(("yes", "no", "on", "off", "y", "n"))
#: Keys under which `off` is a word of the rule language and needs no quotes.
_OFF_KEYS = frozenset(("status", "evasion"))
_SMART_QUOTES = "\u2018\u2019\u201c\u201d\u201e\u00ab"


@dataclass(slots=True)
class Node:
    """A value and its place. `line` and `column` count from 1.

    `value` is a str, int, float, bool or None for a scalar, `list[Node]` for a
    sequence, `dict[str, Node]` for a mapping, whose keys' places are in `keys`.
    """

    value: Any
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1
    height: int = 1

    def plain(self) -> Any:
        """The value without positions."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


@dataclass(slots=True)
class Source:
    """One rule file: its text, its tree (None when it could not be read), its problems.

    `lists` are the list files read for it: by the name that it has for each, the digest of
    its content.
    """

    path: str
    lines: list[str]
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    lists: dict[str, str] = field(default_factory=dict)

    def problem(self, line: int, column: int, code: str, message: str, hint: str = "") -> None:
        self.problems.append(self.at(line, column, code, message, hint))

    def at(self, line: int, column: int, code: str, message: str, hint: str = "") -> Problem:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Problem(self.path, line, column, code, message, hint, source_line=text)

    def locate(self, loc: tuple[Any, ...], *, key: bool = False) -> tuple[int, int]:
        """The place of a path through the tree, as deep as it can be followed.

        Steps that do not exist in the file (a default operator that was filled in) are
        skipped. With `key`, the place of the last mapping key itself.
        """
        node = self.root
        if node is None:
            return 1, 1
        place = (node.line, node.column)
        for step in loc:
            if isinstance(node.value, dict) and isinstance(step, str) and step in node.value:
                place = node.keys[step]
                node = node.value[step]
                if not key or step != loc[-1]:
                    place = (node.line, node.column)
            elif isinstance(node.value, list) and isinstance(step, int):
                if step >= len(node.value):
                    continue
                node = node.value[step]
                place = (node.line, node.column)
        return place


def read_source(path: Path, *, shown_as: str | None = None) -> Source:
    """Read and parse a rule file; what is wrong in it is in `.problems`.

    Raises:
        InputError: the file cannot be read at all.
    """
    return source_of(read_file(path, shown_as=shown_as), shown_as or str(path))


def source_of(data: bytes, name: str) -> Source:
    """Parse the bytes of a rule file; what is wrong in them is in `.problems`."""
    if len(data) > MAX_FILE_BYTES:
        source = Source(name, [])
        source.problem(
            1,
            1,
            "file-too-large",
            f"the file is larger than {MAX_FILE_BYTES:,} bytes",
            "split it, or move long lists into list files",
        )
        return source
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        source = Source(name, [])
        line = data.count(b"\n", 0, error.start) + 1
        source.problem(
            line, 1, "encoding", f"not UTF-8 at byte {error.start}", "save the file as UTF-8"
        )
        return source
    return parse_source(text, name)


def parse_source(text: str, name: str) -> Source:
    """Parse rule text; never raises for what is in it."""
    source = Source(name, text.splitlines())
    try:
        _Builder(source).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        source.root = None
        if line > len(source.lines) > 0:  # libyaml points behind the end of the file
            line, column = len(source.lines), len(source.lines[-1]) + 1
        source.problem(
            line, column, "yaml-syntax", _sentence(error), _syntax_hint(source, line, column)
        )
    except yaml.YAMLError as error:
        source.root = None
        # Reader errors (control characters) have a position in characters only.
        position = getattr(error, "position", 0) or 0
        head = text[:position] if isinstance(position, int) else ""
        source.problem(
            head.count("\n") + 1,
            len(head) - head.rfind("\n"),
            "yaml-character",
            "a character that YAML does not allow",
            'write it as an escape in double quotes, such as "\\u200b"',
        )
    except _TooMuchError as error:
        source.root = None
        source.problem(error.line, error.column, "yaml-limit", str(error))
    return source


def _sentence(error: yaml.MarkedYAMLError) -> str:
    return (error.problem or error.context or "not valid YAML").strip()


def _syntax_hint(source: Source, line: int, column: int) -> str:
    text = source.lines[line - 1] if 0 < line <= len(source.lines) else ""
    if "\t" in text[: max(column, 1)]:
        return "indent with blanks, YAML does not allow tabs"
    if text.lstrip().lstrip("-").lstrip()[:1] in ("@", "`"):
        return "quote a value that begins with @ or `"
    if re.search(r":\s*[>!*&%@`|]", text) or "'" in text or '"' in text:
        return "quote the value with '…' (a quote inside it is written twice: '')"
    return "check the indentation and the colon of this line and the one above"


class _TooMuchError(Exception):
    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class _Builder:
    """Events to nodes. `stack` holds open collections with the key that waits."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[tuple[Node, str | None, list[str]]] = []
        self.anchors: dict[str, Node] = {}
        self.total = 0

    def build(self, text: str) -> None:
        documents = 0
        pending_key: list[Any] = []  # one entry an open mapping: the key that waits, or None
        for event in yaml.parse(text, Loader=_LOADER):
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.source.problem(
                        line,
                        column,
                        "yaml-documents",
                        "a second document begins here",
                        "put all rules under one `rules:` list, without `---`",
                    )
                    return
            elif isinstance(event, yaml.ScalarEvent):
                waiting = pending_key[-1] if pending_key else None
                key = waiting[0] if waiting else None
                self._add(self._scalar(event, line, column, key), event, pending_key)
            elif isinstance(event, yaml.AliasEvent):
                node = self.anchors.get(event.anchor or "")
                if node is None:
                    raise _TooMuchError(f"unknown alias *{event.anchor}", line, column)
                self._add(
                    Node(node.value, line, column, node.keys, node.size, node.height),
                    event,
                    pending_key,
                )
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                node = Node(value, line, column)
                self.stack.append((node, event.anchor, []))
                pending_key.append(None)
                if len(self.stack) > MAX_DEPTH:
                    raise _TooMuchError(f"nested deeper than {MAX_DEPTH} levels", line, column)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                node, anchor, _ = self.stack.pop()
                pending_key.pop()
                if anchor:
                    self.anchors[anchor] = node
                self._add(node, None, pending_key)

    def _add(self, node: Node, event: Any, pending_key: list[Any]) -> None:
        anchor = getattr(event, "anchor", None)
        if anchor and not isinstance(event, yaml.AliasEvent):
            self.anchors[anchor] = node
        if not self.stack:
            self.source.root = node
            return
        parent = self.stack[-1][0]
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if parent.height > MAX_DEPTH:  # through aliases; the stack knows only what is open
            raise _TooMuchError(f"nested deeper than {MAX_DEPTH} levels", node.line, node.column)
        if parent.size > MAX_NODES:
            raise _TooMuchError(f"more than {MAX_NODES:,} values", node.line, node.column)
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif pending_key[-1] is None:
            pending_key[-1] = (self._key(node), node)
        else:
            key, key_node = pending_key[-1]
            pending_key[-1] = None
            if key in parent.value:
                first = parent.keys[key][0]
                self.source.problem(
                    key_node.line,
                    key_node.column,
                    "duplicate-key",
                    f"the key '{key}' is here twice (first on line {first})",
                    "merge the two, or give one another name",
                )
                return
            parent.value[key] = node
            parent.keys[key] = (key_node.line, key_node.column)

    def _key(self, node: Node) -> str:
        if isinstance(node.value, str):
            if node.value == "<<":
                self.source.problem(
                    node.line,
                    node.column,
                    "yaml-merge",
                    "merge keys (`<<`) are not part of YAML 1.2",
                    "write the keys out",
                )
            return node.value
        if isinstance(node.value, (dict, list)):
            self.source.problem(node.line, node.column, "key-not-text", "a key must be a word")
            return f"?{node.line}:{node.column}"
        return str(node.value)

    def _scalar(self, event: yaml.ScalarEvent, line: int, column: int, key: str | None) -> Node:
        text = event.value
        if event.tag and event.tag not in ("!", "tag:yaml.org,2002:str"):
            self.source.problem(
                line, column, "yaml-tag", f"the tag {event.tag} is not allowed", "remove it"
            )
            return Node(text, line, column)
        if text == "off" and key in _OFF_KEYS:
            return Node(text, line, column)
        if event.style or event.tag:  # quoted or a block: text as it stands
            return Node(text, line, column)
        return Node(self._plain_scalar(text, line, column), line, column)

    def _plain_scalar(self, text: str, line: int, column: int) -> Any:
        if text in ("true", "True", "TRUE"):
            return True
        if text in ("false", "False", "FALSE"):
            return False
        if text in ("", "~", "null", "Null", "NULL"):
            return None
        if text.lower() in _YAML11_BOOL:
            self.source.problem(
                line,
                column,
                "yaml-boolean",
                f"`{text}` is true or false to some YAML readers and a word to others",
                f"write '{text}' in quotes for the word, or true / false",
            )
            return text
        if _INT.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        if _OCTAL.match(text):
            self.source.problem(
                line,
                column,
                "yaml-octal",
                f"`{text}` is octal to some YAML readers",
                f"write '{text}' in quotes for the text, or the number without leading zeros",
            )
            return text
        if text[0] in _SMART_QUOTES:
            self.source.problem(
                line,
                column,
                "smart-quotes",
                "curly quotes do not quote in YAML, they become part of the text",
                "write straight quotes: ' or \"",
            )
        return text
