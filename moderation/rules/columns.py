"""Immutable objects as columns of plain data, and back: what JSON can hold and no more.

All values of one field lie in one list, so ten thousand objects are checked and made by a
few calls that loop in C, as columnar formats do it. The shape follows the annotations of
the classes: a new field needs no line here. Reading trusts nothing. A column of another
length or of other types than the annotation says is `DamagedError`; no name in the data
ever says what to call or to import.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from itertools import chain, islice, repeat
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")
_OMITTED = "omitted"
_PLAIN = (str, int, float, bool)
_MANY = (tuple, frozenset, Iterable)


class DamagedError(ValueError):
    """Data that is not what the annotations say."""


def omitted(default: Any) -> Any:
    """A dataclass field that is not written, and has its default when read."""
    return field(default=default, metadata={_OMITTED: True})


@dataclass(frozen=True, slots=True)
class Columns:
    """How to write and read objects.

    `kinds` are the classes that stand for an abstract one. `known` are the only values
    that a field, named by class and name, may have when read.
    """

    kinds: Mapping[Any, tuple[type, ...]] = field(default_factory=dict)
    known: Mapping[tuple[type, str], frozenset[Any]] = field(default_factory=dict)

    def write(self, kind: Any, values: Sequence[Any]) -> Any:
        """`values`, each of the annotated `kind`, as one column.

        Raises:
            TypeError: a value or an annotation that columns cannot hold.
        """
        if not values:
            return None
        if options := self._options(kind):
            chosen = [_place(options, value) for value in values]
            return [
                chosen,
                [
                    self.write(
                        option,
                        [value for at, value in zip(chosen, values, strict=True) if at == place],
                    )
                    for place, option in enumerate(options)
                ],
            ]
        if kind in _PLAIN:
            return [*values]
        if kind is NoneType:
            return None
        if kind is date:
            return [value.isoformat() for value in values]
        origin, inner = get_origin(kind), get_args(kind)
        if origin is tuple and inner[-1] is not Ellipsis:
            parts = zip(*values, strict=True)
            return [self.write(one, part) for one, part in zip(inner, parts, strict=True)]
        if origin in _MANY:
            listed = [sorted(value) if origin is frozenset else value for value in values]
            whole = list(chain.from_iterable(listed))
            return [[len(value) for value in listed], self.write(inner[0], whole)]
        if issubclass(kind, Enum):
            return [value.value for value in values]
        return [
            self.write(hint, [getattr(value, name) for value in values])
            for name, hint in _fields(kind).items()
        ]

    def read(self, kind: type[_T], column: Any, count: int) -> list[_T]:
        """The `count` values of a column.

        Raises:
            DamagedError: this is no such column.
        """
        try:
            return self._read(kind, column, count)
        except (TypeError, ValueError, KeyError, RecursionError, OverflowError) as error:
            raise DamagedError(f"no column of {kind}: {error!r:.200}") from None

    def _read(self, kind: Any, column: Any, count: int) -> list[Any]:
        if not count:
            _require(column is None)
            return []
        if options := self._options(kind):
            chosen, parts = _listed(column, 2)
            _require(len(_listed(chosen, count)) == count and _types(chosen) == {int})
            _require(set(chosen) <= set(range(len(options))))
            columns = zip(options, _listed(parts, len(options)), strict=True)
            sources = [
                iter(self._read(option, part, chosen.count(place)))
                for place, (option, part) in enumerate(columns)
            ]
            return [next(sources[place]) for place in chosen]
        if kind in _PLAIN:
            _require(_types(_listed(column, count)) == {kind})
            return [*map(sys.intern, column)] if kind is str else column
        if kind is NoneType:
            _require(column is None)
            return [None] * count
        if kind is date:
            return [date.fromisoformat(text) for text in _listed(column, count)]
        origin, inner = get_origin(kind), get_args(kind)
        if origin is tuple and inner[-1] is not Ellipsis:
            pairs = zip(inner, _listed(column, len(inner)), strict=True)
            return [*zip(*(self._read(one, part, count) for one, part in pairs), strict=True)]
        if origin in _MANY:
            lengths, flat = _listed(column, 2)
            _require(_types(_listed(lengths, count)) == {int} and min(lengths) >= 0)
            values = iter(self._read(inner[0], flat, sum(lengths)))
            make: Any = frozenset if origin is frozenset else tuple
            empty = make()
            return [make(islice(values, length)) if length else empty for length in lengths]
        if issubclass(kind, Enum):
            members = {member.value: member for member in kind}
            return [*map(members.__getitem__, _listed(column, count))]
        hints = _fields(kind)
        parts = {
            name: self._field(kind, name, hint, part, count)
            for (name, hint), part in zip(hints.items(), _listed(column, len(hints)), strict=True)
        }
        return _made(kind, parts, count)

    def _field(self, kind: Any, name: str, hint: Any, column: Any, count: int) -> list[Any]:
        values = self._read(hint, column, count)
        known = self.known.get((kind, name))
        _require(known is None or known.issuperset(values))
        return values

    def _options(self, kind: Any) -> tuple[Any, ...]:
        if get_origin(kind) in (Union, UnionType):
            return get_args(kind)
        return self.kinds.get(kind, ())


def _made(kind: Any, parts: Mapping[str, list[Any]], count: int) -> list[Any]:
    """Objects of a class from the columns of its arguments."""
    if not is_dataclass(kind) or "__slots__" not in vars(kind) or hasattr(kind, "__post_init__"):
        return [*map(kind, *parts.values())]
    # One column after the other into its slot takes half the time of calling the class.
    new: Any = object.__new__
    made = [*map(new, repeat(kind, count))]
    for each in fields(kind):
        column = parts.get(each.name) or repeat(each.default)
        deque(map(getattr(kind, each.name).__set__, made, column), maxlen=0)
    return made


def _place(options: Sequence[Any], value: Any) -> int:
    for place, option in enumerate(options):
        if type(value) is (get_origin(option) or option):
            return place
    raise TypeError(f"a {type(value).__name__} is none of {options}")


def _require(so: bool) -> None:
    if not so:
        raise DamagedError


def _listed(column: Any, count: int) -> list[Any]:
    _require(type(column) is list and len(column) == count)
    return column  # type: ignore[no-any-return]


def _types(column: Iterable[Any]) -> set[type]:
    return set(map(type, column))


@lru_cache
def _fields(kind: type) -> dict[str, Any]:
    """Names and types of what makes an object of a class, in the order of its arguments."""
    if is_dataclass(kind):
        said = {each.name: each.type for each in fields(kind) if _OMITTED not in each.metadata}
    else:
        made = vars(kind)["__init__"].__annotations__
        said = {name: hint for name, hint in made.items() if name != "return"}
    if not said:
        raise TypeError(f"{kind.__name__} has no annotated fields")
    # A name in an omitted field's annotation need not exist while the program runs.
    return get_type_hints(SimpleNamespace(__annotations__=said), vars(sys.modules[kind.__module__]))
