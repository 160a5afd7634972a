"""Rules as they were written: the tree of a rule file, taken apart and put together anew.

`explain`, `mutate` and `lint` ask what a part of a rule does. They cut that part out of
the file's tree and compile it as a rule of its own: so every condition that the language
has, or will have, is understood by the one place that compiles rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.rules.compile import compile_sources
from moderation.rules.compiled import Compiled, Rule
from moderation.rules.language.fields import TEXT_FIELDS
from moderation.rules.language.source import Node, Source

#: Keys that hold conditions, not values.
NESTING = ("any", "all", "not")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A rule's node in the tree of its file."""

    source: Source
    node: Node

    @property
    def when(self) -> Node:
        when: Node = self.node.value["when"]
        return when

    @property
    def id(self) -> str:
        name: str = self.node.value["id"].value
        return name


def written(compiled: Compiled) -> dict[str, Written]:
    """The nodes of all sound rules, by id."""
    sound = {rule.id for rule in compiled.rules}
    found: dict[str, Written] = {}
    for source in compiled.sources:
        root = source.root
        if root is None or not isinstance(root.value, dict) or "rules" not in root.value:
            continue
        rules = root.value["rules"].value
        for node in rules if isinstance(rules, list) else ():
            if isinstance(node.value, dict) and "id" in node.value:
                name = node.value["id"].value
                if isinstance(name, str) and name in sound:
                    found.setdefault(name, Written(source, node))
    return found


def node_of(value: Any, *, at: Node | None = None) -> Node:
    """A node for a plain value; every part of it stands where `at` does."""
    line, column = (at.line, at.column) if at else (1, 1)
    if isinstance(value, Node):
        return value
    if isinstance(value, Mapping):
        children = {key: node_of(child, at=at) for key, child in value.items()}
        return Node(children, line, column, dict.fromkeys(children, (line, column)))
    if isinstance(value, (list, tuple)):
        return Node([node_of(child, at=at) for child in value], line, column)
    return Node(value, line, column)


def replaced(node: Node, path: Sequence[str | int], new: Node | None) -> Node:
    """The tree with the node at `path` exchanged, or removed where `new` is None.

    Only the nodes on the way are copied.
    """
    if not path:
        assert new is not None
        return new
    step, *rest = path
    value: Any = dict(node.value) if isinstance(node.value, dict) else list(node.value)
    if not rest and new is None:
        del value[step]
    else:
        value[step] = replaced(value[step], rest, new)
    return Node(value, node.line, node.column, node.keys)


def at_path(node: Node, path: Sequence[str | int]) -> Node:
    for step in path:
        node = node.value[step]
    return node


def compile_nodes(source: Source, rules: Iterable[Node], *, lists: Node | None = None) -> Compiled:
    """Compile these rule nodes as if they were all that the file holds.

    `lists` replaces the file's own; those that no rule names are left out, since their
    entries would be read in vain.
    """
    assert source.root is not None
    nodes = list(rules)
    root = dict(source.root.value)
    root["rules"] = Node(nodes, 1, 1)
    declared = lists or root.get("lists")
    root.pop("lists", None)
    if declared is not None:
        used = set().union(*(names_in(node) for node in nodes))
        kept = {name: node for name, node in declared.value.items() if name in used}
        if kept:
            root["lists"] = Node(kept, declared.line, declared.column, declared.keys)
    whole = Node(root, source.root.line, source.root.column, source.root.keys)
    return compile_sources([Source(source.path, source.lines, whole)])


def names_in(node: Node) -> set[str]:
    """Whatever may be a list's name (`@name`) below a node; rather too many than too few."""
    found: set[str] = set()
    stack = [node]
    while stack:
        value = stack.pop().value
        if isinstance(value, dict):
            stack += value.values()
        elif isinstance(value, list):
            stack += value
        elif isinstance(value, str) and "@" in value:
            for piece in value.split("@")[1:]:
                end = next(
                    (i for i, char in enumerate(piece) if not (char.isalnum() or char == "_")),
                    len(piece),
                )
                found.add(piece[:end])
    return found


def bare_rule(rule: Rule | str, when: Node) -> Node:
    """A rule node with these conditions and nothing that could keep it from running."""
    name = rule if isinstance(rule, str) else rule.id
    return node_of({"id": name, "action": "flag", "when": when}, at=when)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition that holds no others: a key of a mapping with its value.

    `path` leads to it from `when`; `key` is the name as written (`score.threat` for a
    label under `score:`), `when` the condition alone, as a `when` of its own.
    """

    path: Path
    key: str
    node: Node
    when: Node
    negated: bool
    place: tuple[int, int]


def leaves(when: Node) -> Iterator[Leaf]:
    """All conditions below a `when` that hold no others."""
    yield from _leaves(when, (), negated=False)


def _leaves(node: Node, path: Path, *, negated: bool) -> Iterator[Leaf]:
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _leaves(child, (*path, index), negated=negated)
        return
    if not isinstance(node.value, dict):
        return
    for key, child in node.value.items():
        here = (*path, key)
        if key in NESTING:
            yield from _leaves(child, here, negated=negated or key == "not")
        elif key == "score" and isinstance(child.value, dict):
            for label, comparison in child.value.items():
                name = f"score.{label}"
                alone = node_of({"score": {label: comparison}}, at=comparison)
                place = child.keys.get(label, (child.line, child.column))
                yield Leaf((*here, label), name, comparison, alone, negated, place)
        else:
            alone = node_of({key: child}, at=child)
            place = node.keys.get(key, (child.line, child.column))
            yield Leaf(here, key, child, alone, negated, place)


def entries_of(leaf: Leaf) -> Iterator[tuple[str, Path, Node]]:
    """(operator, path from the leaf, entry) of each literal or pattern of a text leaf."""
    if leaf.key not in TEXT_FIELDS:
        return
    value = leaf.node.value
    if isinstance(value, (str, list)):
        yield from _listed("words", (), leaf.node)
    elif isinstance(value, dict):
        for operator, child in value.items():
            if isinstance(child.value, list) or (
                isinstance(child.value, str) and operator not in ("evasion", "quotes")
            ):
                yield from _listed(operator, (operator,), child)


def _listed(operator: str, path: Path, node: Node) -> Iterator[tuple[str, Path, Node]]:
    if isinstance(node.value, list):
        for index, child in enumerate(node.value):
            if isinstance(child.value, str):
                yield operator, (*path, index), child
    elif isinstance(node.value, str):
        yield operator, path, node


def brief(value: object) -> str:
    """A value as rule files write it, long lists and texts cut."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {brief(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        first = ", ".join(brief(inner) for inner in value[:4])
        return f"[{first}, … {len(value):,} in all]" if len(value) > 4 else f"[{first}]"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 70 else text[:69] + "…"
