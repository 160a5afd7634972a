"""The actions that decide many at once: the count first, then one transaction and one undo."""

from __future__ import annotations

from moderation.comments import Choice
from moderation.plain import DONE, author_name
from moderation.queue import Item, Selection
from tui.aside import Aside
from tui.deciding import Deciding
from tui.remarks import SILENT
from tui.screens.group import Group, GroupScreen, groups
from tui.session import Session

_DOING = {Choice.APPROVE: "Approving", Choice.HIDE: "Hiding"}


class DecidingMany:
    """One `do_<id>` for each action of the registry that selects, or decides many."""

    def __init__(self, session: Session, deciding: Deciding, aside: Aside) -> None:
        self._session = session
        self._aside = aside
        self._deciding = deciding
        #: The comment and the number that "hide author" was asked about.
        self._told_of: tuple[str, int] | None = None
        #: What was chosen in the list of groups, and is still to be done.
        self._wanted: tuple[Choice, Item, Group, Selection] | None = None

    async def do_select(self) -> None:
        session = self._session
        item = session.item
        if item is None:
            session.tell("Nothing to select")
            return
        if session.chosen.pop(item.n, None) is None:
            session.chosen[item.n] = item
        self._told_selected()

    async def do_deselect(self) -> None:
        if self._session.chosen:
            self._session.chosen.clear()
            self._told_selected()

    def _told_selected(self) -> None:
        session = self._session
        session.face.show_list()
        if not session.chosen:
            session.tell("Nothing is selected")
            return
        session.tell(
            session.hint("hide_all", "hides them"), " · ",
            session.hint("approve_all", "approves"), " · ",
            session.hint("deselect", "drops"),
        )  # fmt: skip

    async def do_approve_all(self) -> None:
        await self._decide_all(Choice.APPROVE)

    async def do_hide_all(self) -> None:
        await self._decide_all(Choice.HIDE)

    async def _decide_all(self, choice: Choice) -> None:
        """The selection, whose count stands at the top; else what is chosen from a list of
        what this comment has in common with others."""
        session = self._session
        if session.chosen:
            # Its count has been said at the top all the time.
            selection = Selection.of_items(list(session.chosen.values()))
            await self._decide(choice, session.item, selection, "that were selected")
            return
        item = session.item
        if item is None:
            session.tell("Nothing to decide")
            return

        def chosen(found: tuple[Group, Selection] | None) -> None:
            if found is not None:
                self._wanted = choice, item, *found
                session.intents.ask("decide_group")

        session.face.put_in_front(
            GroupScreen(self._aside, choice, groups(item), session.remark(item)), chosen
        )

    async def do_decide_group(self) -> None:
        """What was chosen from the list, as many as it said."""
        if self._wanted is not None:
            (choice, item, group, selection), self._wanted = self._wanted, None
            await self._decide(choice, item, selection, f"with {group.words}")

    async def do_hide_author(self) -> None:
        """The count at the first press, the deed at the second."""
        session = self._session
        item = session.item
        if item is None:
            session.tell("Nothing to decide")
            return
        waiting = await session.desk.ask(lambda queue: queue.pending_of_author(item))
        if len(waiting) < 2:
            await self._deciding.do_hide()
            return
        if self._told_of != (item.key, len(waiting)):
            self._told_of = (item.key, len(waiting))
            session.tell(
                f"{len(waiting):,} comments by {author_name(item.comment, 24)} wait · ",
                session.hint("hide_author", "hides them all"),
            )
            return
        await self._decide(Choice.HIDE, item, waiting, f"by {author_name(item.comment, 24)}")

    async def _decide(
        self, choice: Choice, item: Item | None, wanted: Selection, which: str
    ) -> None:
        """All of them or, where the database fails, none. What is on the screen says why."""
        session = self._session
        said = session.remark(item) if item is not None else SILENT
        session.tell((f"{_DOING[choice]} {len(wanted):,} at once …", "bold"))
        bulk = await session.desk.ask(
            lambda queue: queue.decide_many(
                wanted, choice, reason=said.reason, note=said.note, skip_conflicts=True
            )
        )
        session.item, self._told_of = None, None
        self._deciding.pass_over = False
        session.decided.update(each.seq for each in bulk.decisions)
        for n in wanted.numbers:
            session.settled(n)
        await session.refresh()
        lost = f", {len(bulk.lost):,} others had decided or have open" if bulk.lost else ""
        session.tell(
            (f"{DONE[choice].capitalize()} {len(bulk.decisions):,}", "bold"),
            f" {which}{said.words()}{lost} · ",
            session.hint("undo", "undo"),
        )
