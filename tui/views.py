"""Saved views: which comments in which order, at the keys 1 to 9.

The configuration has some; what a person saves in the app comes in their place and is
remembered in the file that remembers the theme.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moderation import config
from moderation.display import one_line
from moderation.errors import ConfigError, UsageError
from moderation.queue import SORTS, Filter, Sort
from tui.state import keep, recall

#: The numbers under which a view can be saved.
PLACES = range(1, 10)
_KEY = "views"


@dataclass(frozen=True, slots=True)
class SavedView:
    """Of what waits. A view without a name is known by what it shows."""

    filter: Filter
    sort: Sort = SORTS[0]
    name: str = ""

    @property
    def title(self) -> str:
        """Its name, or else what it shows: for a screen."""
        return one_line(self.name, 60) if self.name else self.what

    @property
    def what(self) -> str:
        """Its filter and its order: for a screen."""
        parts = [str(self.filter) or "all that waits"]
        if self.sort != SORTS[0]:
            parts.append(f"by {self.sort}")
        return one_line(" · ".join(parts), 120)


class Views:
    """The views of one session, by number."""

    def __init__(
        self, configured: Mapping[int, SavedView] | None = None, state: Path | None = None
    ) -> None:
        self._state = state
        self._own = _recalled(state) if state is not None else {}
        self._views = {**(configured or {}), **self._own}

    def get(self, place: int) -> SavedView | None:
        return self._views.get(place)

    def __iter__(self) -> Iterator[tuple[int, SavedView]]:
        yield from sorted(self._views.items())

    def save(self, place: int, view: SavedView) -> None:
        """Have this view under this number, for the next time as well.

        Raises:
            OSError: it holds for this session only, as it cannot be written.
        """
        self._views[place] = self._own[place] = view
        if self._state is not None:
            keep(self._state, _KEY, {str(n): _record(each) for n, each in self._own.items()})


def configured(
    views: Sequence[config.View], where: Callable[[int, str], str]
) -> dict[int, SavedView]:
    """The views of `[[review.views]]`, by number.

    Args:
        where: tells for a view, counted from 0, and the name of a setting of it where the
            configuration says that.

    Raises:
        ConfigError: a filter that cannot be read, an order that there is not, too many.
    """
    if len(views) > len(PLACES):
        raise ConfigError(
            f"there are {len(views)} views for the keys 1 to {PLACES[-1]}",
            where=where(len(PLACES), "name"),
        )
    return {place: _configured(place - 1, view, where) for place, view in enumerate(views, 1)}


def _configured(index: int, view: config.View, where: Callable[[int, str], str]) -> SavedView:
    if not view.name.strip():
        raise ConfigError("a view needs a name", where=where(index, "name"))
    try:
        filter = Filter.parse(view.filter)
    except UsageError as error:
        what = f"view '{view.name}': {error.what} ({error.where})"
        raise ConfigError(what, where=where(index, "filter"), hint=error.hint) from None
    if filter.status != Filter().status:
        raise ConfigError(
            f"view '{view.name}': a view shows what waits",
            where=where(index, "filter"),
            hint="leave 'status:' out",
        )
    if view.sort not in SORTS:
        near = difflib.get_close_matches(view.sort, SORTS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(SORTS)}"
        what = f"view '{view.name}': there is no order '{view.sort}'"
        raise ConfigError(what, where=where(index, "sort"), hint=hint)
    return SavedView(filter, view.sort, view.name)


def _record(view: SavedView) -> dict[str, str]:
    return {"name": view.name, "filter": str(view.filter), "sort": view.sort}


def _recalled(state: Path) -> dict[int, SavedView]:
    """What was saved; entries that make no sense any more are passed over."""
    said = recall(state).get(_KEY)
    found = {}
    for place in PLACES:
        view = _read(said.get(str(place))) if isinstance(said, dict) else None
        if view is not None:
            found[place] = view
    return found


def _read(said: Any) -> SavedView | None:
    if not isinstance(said, dict):
        return None
    name, line, sort = said.get("name", ""), said.get("filter", ""), said.get("sort")
    if not isinstance(name, str) or not isinstance(line, str) or sort not in SORTS:
        return None
    try:
        filter = Filter.parse(line)
    except UsageError:
        return None
    return SavedView(replace(filter, status=Filter().status), sort, name)
