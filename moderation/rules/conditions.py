"""Conditions as a tree, evaluated in three values: True, False, None for unknown.

Kleene's logic: `all` with a False is False whatever is unknown, `any` with a True is
True, and `not unknown` stays unknown. So a missing field never makes a rule match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from moderation.rules.facts import Facts
from moderation.rules.schema import Comparison


class Condition(Protocol):
    def evaluate(self, facts: Facts) -> bool | None: ...

    def places(self, facts: Facts) -> Iterator[TextTest]:
        """The text tests that made this condition True, for the spans."""
        ...

    @property
    def gate(self) -> frozenset[int] | None:
        """Numbers of text tests of which one must be hit (or unknown) for the condition
        to be anything but False; None when there is no such set."""
        ...


@dataclass(frozen=True, slots=True)
class TextTest:
    """One operator on one field; `number` is its place in the rule set's patterns."""

    number: int
    field: str
    keep_case: bool

    @property
    def gate(self) -> frozenset[int] | None:
        return frozenset((self.number,))

    def evaluate(self, facts: Facts) -> bool | None:
        if self.number in facts.hits:
            return True
        # `text` and `link` are always there; the others may be unknown.
        if self.field in ("text", "link") or facts.field(self.field) is not None:
            return False
        return None

    def places(self, facts: Facts) -> Iterator[TextTest]:
        yield self


@dataclass(frozen=True, slots=True)
class NumberTest:
    name: str
    comparison: Comparison

    gate = None

    def evaluate(self, facts: Facts) -> bool | None:
        value = facts.number(self.name)
        return None if value is None else self.comparison.holds(value)

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


@dataclass(frozen=True, slots=True)
class ReplyTest:
    wanted: bool

    gate = None

    def evaluate(self, facts: Facts) -> bool | None:
        value = facts.is_reply()
        return None if value is None else value is self.wanted

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...]

    @property
    def gate(self) -> frozenset[int] | None:
        gates = [part.gate for part in self.parts if part.gate is not None]
        return min(gates, key=len) if gates else None

    def evaluate(self, facts: Facts) -> bool | None:
        result: bool | None = True
        for part in self.parts:
            value = part.evaluate(facts)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    def places(self, facts: Facts) -> Iterator[TextTest]:
        for part in self.parts:
            yield from part.places(facts)


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple[Condition, ...]

    @property
    def gate(self) -> frozenset[int] | None:
        gates = [part.gate for part in self.parts]
        if any(gate is None for gate in gates):
            return None
        return frozenset().union(*(gate for gate in gates if gate is not None))

    def evaluate(self, facts: Facts) -> bool | None:
        result: bool | None = False
        for part in self.parts:
            value = part.evaluate(facts)
            if value:
                return True
            if value is None:
                result = None
        return result

    def places(self, facts: Facts) -> Iterator[TextTest]:
        for part in self.parts:
            if part.evaluate(facts):
                yield from part.places(facts)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    gate = None

    def evaluate(self, facts: Facts) -> bool | None:
        value = self.part.evaluate(facts)
        return None if value is None else not value

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())
