"""What the command palette offers: every action, the saved views, the orders, and what a
search over comments and authors finds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from moderation.display import one_line
from moderation.errors import StoreError
from moderation.plain import author_name
from moderation.queue import SORTS, Filter, Item, View
from tui.actions import VIEW_ACTIONS
from tui.keys import key_name
from tui.render import QUIET
from tui.screens.steady import Steady

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen

#: Letters from which on comments and authors are searched for, and how long after the last.
_LEAST = 3
_PAUSE_SECONDS = 0.2
#: Comments and authors that are offered.
_OFFERED = 8
#: Behind every action that fits, and authors before comments.
_AUTHOR_SCORE, _COMMENT_SCORE = 0.02, 0.01

_ORDERS = {
    "priority": "the most pressing first",
    "severity": "the gravest first",
    "oldest": "the oldest first",
    "newest": "the newest first",
    "rule": "by the rule that flagged it",
    "author": "by the author's name",
}


class Palette(Steady, CommandPalette):
    """Textual's palette over the two providers below."""


class _Command(NamedTuple):
    name: str
    words: str
    keys: str
    do: Callable[[], None]


class ReviewProvider(Provider):
    """What the review screen can do."""

    @property
    def _review(self) -> ReviewScreen | None:
        from tui.screens.review import ReviewScreen

        return self.screen if isinstance(self.screen, ReviewScreen) else None


class ActionProvider(ReviewProvider):
    """Every action of the registry, every saved view, every order."""

    async def discover(self) -> Hits:
        for each in self._commands():
            yield DiscoveryHit(_shown(Content(each.name), each), each.do, text=each.name)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for each in self._commands():
            words = f"{each.name}: {each.words}"
            score = matcher.match(words)
            if score > 0:
                shown = Content.assemble(_highlit(words, matcher), (f"  {each.keys}", QUIET))
                yield Hit(score, shown, each.do, text=each.name)

    def _commands(self) -> Iterator[_Command]:
        review = self._review
        if review is None:
            return
        finding = review.finding
        for action in review.session.setup.actions:
            if action.id != "palette" and action.id not in VIEW_ACTIONS:
                keys = " ".join(map(key_name, action.keys))
                do = partial(review.action_do, action.id)
                yield _Command(action.label, action.description, keys, do)
        for place, view in finding.views:
            keys = review.session.setup.actions.keys(f"view_{place}")
            do = partial(finding.look_at, place)
            yield _Command(f"View {place}", f"{view.title} · {view.what}", keys, do)
        for sort in SORTS:
            yield _Command(f"Order: {sort}", _ORDERS[sort], "", partial(finding.look, sort=sort))


def _highlit(words: str, matcher: Matcher) -> Content:
    """As `Matcher.highlight`, which would read the words as markup."""
    _, offsets = matcher.fuzzy_search.match(matcher.query, words)
    content = Content(words)
    for at in offsets:
        content = content.stylize(matcher.match_style, at, at + 1)
    return content


def _shown(name: Content, command: _Command) -> Content:
    keys = f" · {command.keys}" if command.keys else ""
    return Content.assemble(name, "\n", (f"{command.words}{keys}", QUIET))


class SearchProvider(ReviewProvider):
    """Comments that wait and have these words, and authors of whom comments wait. They are
    looked for beside the app; the next letter calls that off."""

    async def search(self, query: str) -> Hits:
        review = self._review
        if review is None or len(query.strip()) < _LEAST:
            return
        await asyncio.sleep(_PAUSE_SECONDS)
        try:
            for name, waiting in await review.aside.ask(lambda view: view.authors(query, _OFFERED)):
                shown = one_line(name, 40)
                said = Content.assemble("Author ", (shown, "bold"), f": {waiting:,} waiting")
                do = partial(review.finding.look, Filter(author=name))
                yield Hit(_AUTHOR_SCORE, said, do, text=shown)
            for item in await review.aside.ask(partial(_comments, query)):
                line = review.session.setup.veil.line(item, 60) or "(empty)"
                said = Content.assemble(
                    ("Go to comment ", ""), (one_line(author_name(item.comment, 24), 24), "bold"),
                    (f"  #{one_line(item.ref, 20)}\n", QUIET), (line, QUIET),
                )  # fmt: skip
                do = partial(review.finding.go_to, item)
                yield Hit(_COMMENT_SCORE, said, do, text=line)
        except StoreError as error:
            review.warn(error, "The search failed")


def _comments(query: str, view: View) -> list[Item]:
    """The most pressing of those that have all of these words, the last one perhaps unfinished."""
    words = tuple(word for word in query.split() if any(map(str.isalnum, word)))
    if not words:
        return []
    return view.window(Filter(text=(*words[:-1], f"{words[-1].rstrip('*')}*")), limit=_OFFERED)
