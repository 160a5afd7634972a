"""Conditions as a tree, evaluated in three values: True, False, None for unknown.

Kleene's logic: `all` with a False is False whatever is unknown, `any` with a True is
True, and `not unknown` stays unknown. So a missing field never makes a rule match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from moderation.rules.language.values import Comparison
from moderation.rules.matching.facts import Facts
from moderation.rules.matching.state import Rate, Similar

#: Numbers of text tests of which one must be worth running for a condition to be
#: anything but False; None where there is no such set.
Gate = frozenset[int] | None


class Condition(Protocol):
    @property
    def gate(self) -> Gate: ...

    def evaluate(self, facts: Facts) -> bool | None: ...

    def places(self, facts: Facts) -> Iterator[TextTest]:
        """The text tests that made this condition True, for the spans."""
        ...


@dataclass(frozen=True, slots=True)
class TextTest:
    """One operator on one field; `number` is its place in the rule set's patterns."""

    number: int
    field: str
    keep_case: bool

    @property
    def gate(self) -> Gate:
        return frozenset((self.number,))

    def evaluate(self, facts: Facts) -> bool | None:
        if facts.holds(self.number, self.field, self.keep_case):
            return True
        return None if self.number in facts.unknown else False

    def places(self, facts: Facts) -> Iterator[TextTest]:
        yield self


@dataclass(frozen=True, slots=True)
class NumberTest:
    """A measure, compared."""

    name: str
    comparison: Comparison

    gate = None

    def evaluate(self, facts: Facts) -> bool | None:
        value = facts.number(self.name)
        return None if value is None else self.comparison.holds(value)

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


@dataclass(frozen=True, slots=True)
class ScoreTest:
    """A probability of the model, compared; `name` is `score.<label>`."""

    label: str
    comparison: Comparison

    gate = None

    @property
    def name(self) -> str:
        return f"score.{self.label}"

    def evaluate(self, facts: Facts) -> bool | None:
        value = facts.scores.get(self.label)
        return None if value is None else self.comparison.holds(value)

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


@dataclass(frozen=True, slots=True)
class YesNoTest:
    """Something that is so or not: `is_reply`, `model.unsupported`, …"""

    name: str
    wanted: bool

    gate = None

    def evaluate(self, facts: Facts) -> bool | None:
        value = facts.yes_no(self.name)
        return None if value is None else value is self.wanted

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


@dataclass(frozen=True, slots=True)
class ScriptTest:
    """Whether at least half of the letters are of one of these scripts."""

    scripts: tuple[str, ...]

    gate = None
    name = "script"

    def evaluate(self, facts: Facts) -> bool | None:
        return facts.written_in(self.scripts)

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


@dataclass(frozen=True, slots=True)
class StateTest:
    """`rate` and `similar`: what came before."""

    test: Rate | Similar

    gate = None

    @property
    def name(self) -> str:
        return "rate" if isinstance(self.test, Rate) else "similar"

    def evaluate(self, facts: Facts) -> bool | None:
        seen = facts.seen(self.test)
        if seen is None:
            return None
        if isinstance(self.test, Rate):
            return seen[0] >= self.test.count
        return seen[0] >= self.test.at_least and seen[1] >= self.test.authors

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


class All:
    """True when all parts are, False when one is."""

    __slots__ = ("gate", "parts")

    def __init__(self, parts: Iterable[Condition]) -> None:
        self.parts = tuple(parts)
        gates = [part.gate for part in self.parts if part.gate is not None]
        self.gate: Gate = min(gates, key=len) if gates else None

    def evaluate(self, facts: Facts) -> bool | None:
        if self.gate is not None and facts.closed(self.gate):
            return False
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


class Any:
    """True when one part is, False when all are."""

    __slots__ = ("_tests", "gate", "parts")

    def __init__(self, parts: Iterable[Condition]) -> None:
        self.parts = tuple(parts)
        gates = [part.gate for part in self.parts]
        known = [gate for gate in gates if gate is not None]
        self.gate: Gate = frozenset().union(*known) if len(known) == len(gates) else None
        # Long lists of patterns are common, and few of them are worth running at a time.
        tests = [part for part in self.parts if isinstance(part, TextTest)]
        self._tests = {test.number: test for test in tests} if tests == [*self.parts] else None

    def evaluate(self, facts: Facts) -> bool | None:
        if self._tests is not None:
            assert self.gate is not None
            if any(self._tests[number].evaluate(facts) for number in self.gate & facts.worth):
                return True
            return False if facts.unknown.isdisjoint(self.gate) else None
        if self.gate is not None and facts.closed(self.gate):
            return False
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


class Not:
    """True when its part is False, and the other way round."""

    __slots__ = ("part",)

    gate = None

    def __init__(self, part: Condition) -> None:
        self.part = part

    def evaluate(self, facts: Facts) -> bool | None:
        value = self.part.evaluate(facts)
        return None if value is None else not value

    def places(self, facts: Facts) -> Iterator[TextTest]:
        return iter(())


def inside(condition: Condition, *, negated: bool = True) -> Iterator[Condition]:
    """The condition and all below it; without `negated`, nothing below a `Not`."""
    yield condition
    if isinstance(condition, (All, Any)):
        for part in condition.parts:
            yield from inside(part, negated=negated)
    elif isinstance(condition, Not) and negated:
        yield from inside(condition.part)
