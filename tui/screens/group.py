"""What a comment has in common with others, to decide all of those at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.content import Content

from moderation.comments import Choice
from moderation.display import one_line
from moderation.errors import StoreError
from moderation.plain import author_name, reasons
from moderation.queue import Item, Selection, View
from tui.aside import Aside
from tui.remarks import Remark
from tui.screens.pick import PickScreen

#: Rules that are offered at the most.
_RULES = 8


@dataclass(frozen=True, slots=True)
class Group:
    """Comments that wait and share something: `words` says what, for people."""

    words: str
    select: Callable[[View], Selection]


def groups(item: Item) -> list[Group]:
    """What this comment may share with others that wait."""
    found = [
        Group("this very text", lambda view: view.same_text(item)),
        Group("a text much like it", lambda view: view.near_duplicates(item)),
    ]
    if item.comment.author is not None:
        name = author_name(item.comment, 30)
        found.append(Group(f"the author {name}", lambda view: view.pending_of_author(item)))
    live = (flag.rule for flag in reasons(item.assessment) if flag.live)
    found += [_of_rule(item, rule) for rule in list(dict.fromkeys(live))[:_RULES]]
    return found


def _of_rule(item: Item, rule: str) -> Group:
    words = f"the rule {one_line(rule, 40)}"
    return Group(words, lambda view: view.same_rule(item, rule))


class GroupScreen(PickScreen[tuple[Group, Selection]]):
    """Each with its count, before anything is done. Gives the group and the comments that
    were counted, so that no other ones are decided."""

    def __init__(self, aside: Aside, choice: Choice, groups: list[Group], said: Remark) -> None:
        self._groups = groups
        self._found: dict[int, Selection] = {}
        self._aside = aside
        title = Content.styled(
            f"{choice.value.capitalize()}{said.words()} all that wait with …", "bold $accent"
        )
        super().__init__(title, [self._line(n) for n in range(len(groups))], "one undo")

    def on_mount(self) -> None:
        self.run_worker(self._count())

    async def _count(self) -> None:
        for index, group in enumerate(self._groups):
            try:
                self._found[index] = await self._aside.ask(group.select)
            except StoreError:
                return  # the review says so; what was counted can be chosen
            self.change(index, self._line(index))

    def value(self, index: int) -> tuple[Group, Selection] | None:
        found = self._found.get(index)
        return None if found is None else (self._groups[index], found)

    def _line(self, index: int) -> Content:
        found = self._found.get(index)
        more = " or more" if found is not None and found.partial else ""
        count = "…" if found is None else f"{len(found):,}{more}"
        return Content.assemble((f"{count:>9}", "bold"), "  ", (self._groups[index].words, ""))
