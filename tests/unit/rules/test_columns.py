"""Objects as columns: what is read is what was written, and nothing else is taken for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.rules.cache import _COLUMNS
from moderation.rules.columns import Columns, DamagedError, omitted
from moderation.rules.compiled import Compiled
from moderation.rules.matching import conditions


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Leaf:
    name: str
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    inner: tuple[Shape, ...]


class Shape:
    """Leaf or branch."""


@dataclass(frozen=True, slots=True)
class Thing:
    number: int
    flag: bool
    colour: Colour
    day: date | None
    words: frozenset[str]
    pair: tuple[str, int]
    shape: Shape
    aside: str = omitted("nothing")


COLUMNS = Columns(kinds={Shape: (Leaf, Branch)}, known={(Leaf, "name"): frozenset("abcdefghijkl")})
_LEAVES = st.builds(Leaf, st.sampled_from("abcdefghijkl"), st.none() | st.floats(allow_nan=False))
_SHAPES = st.recursive(
    _LEAVES, lambda inner: st.builds(Branch, st.lists(inner, max_size=3).map(tuple)), max_leaves=8
)
_THINGS = st.lists(
    st.builds(
        Thing,
        st.integers(),
        st.booleans(),
        st.sampled_from(Colour),
        st.none() | st.dates(),
        st.frozensets(st.text(max_size=4), max_size=3),
        st.tuples(st.text(max_size=4), st.integers()),
        _SHAPES,
    ),
    max_size=6,
)


@given(_THINGS)
def test_what_is_read_is_what_was_written(things):
    column = json.loads(json.dumps(COLUMNS.write(Thing, things)))
    assert COLUMNS.read(Thing, column, len(things)) == things


def test_an_omitted_field_has_its_default():
    thing = Thing(1, True, Colour.RED, None, frozenset(), ("", 0), Leaf("a"), aside="said")
    (read,) = COLUMNS.read(Thing, COLUMNS.write(Thing, [thing]), 1)
    assert read.aside == "nothing"


def test_what_columns_cannot_hold_is_not_written():
    with pytest.raises(TypeError):
        COLUMNS.write(Shape, [Shape()])


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        (int, [1]),
        (int, [1, True]),
        (int, [1, 2.0]),
        (str, ["a", None]),
        (str, "ab"),
        (float, [1.0, 2]),
        (Colour, ["red", "green"]),
        (Colour, ["red", ["blue"]]),
        (date, ["2026-01-01", "today"]),
        (date, ["2026-01-01", 3]),
        (tuple[int, ...], [[1, 1], [5]]),
        (tuple[int, ...], [[2, -1], [5]]),
        (tuple[int, ...], [[10**30, 1], [5]]),
        (tuple[int, str], [[1, 2]]),
        (int | None, [[0, 2], [[1], None]]),
        (int | None, [[0, -1], [[1], None]]),
        (int | None, [[0, 1], [[1]]]),
        (Leaf, [["a", "z"], [[1, 1], [None, None]]]),
        (Leaf, [["a", "b"]]),
        (Leaf, {"name": ["a", "b"]}),
        (Leaf, None),
        (Leaf, ["Leaf", "os.system"]),
    ],
)
def test_anything_else_is_damaged(kind, column):
    with pytest.raises(DamagedError):
        COLUMNS.read(kind, column, 2)


def test_a_column_nested_without_end_is_damaged():
    column: object = [[0], [[["a"], [[1], [None, None]]], None]]
    for _ in range(3_000):
        column = [[1], [None, [[[1], column]]]]
    with pytest.raises(DamagedError):
        COLUMNS.read(Shape, column, 1)


def test_every_kind_of_condition_can_be_kept():
    made = {
        each
        for each in vars(conditions).values()
        if isinstance(each, type) and hasattr(each, "evaluate")
    } - {conditions.Condition}
    assert made == set(_COLUMNS.kinds[conditions.Condition])
    assert _COLUMNS.read(Compiled, _COLUMNS.write(Compiled, [Compiled((), (), ())]), 1)
