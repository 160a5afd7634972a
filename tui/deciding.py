"""The actions that decide: each one is on disk before anything else is shown."""

from __future__ import annotations

from moderation.comments import Choice, Status
from moderation.errors import ConflictError, NotFoundError
from moderation.plain import DONE, author_name
from moderation.queue import Item
from tui.session import Session

#: Comments of which the first that nobody has open comes next.
_NEXT = 50


class Deciding:
    """One `do_<id>` for each action of the registry that decides or takes back."""

    def __init__(self, session: Session) -> None:
        self._session = session
        #: Whether the next undo passes over what others have decided since: that was told.
        self.pass_over = False

    async def do_approve(self) -> None:
        await self._decide(Choice.APPROVE)

    async def do_hide(self) -> None:
        await self._decide(Choice.HIDE)

    async def do_skip(self) -> None:
        await self._decide(Choice.SKIP)

    async def do_escalate(self) -> None:
        await self._decide(Choice.ESCALATE)

    async def _decide(self, choice: Choice) -> None:
        session = self._session
        item = session.item
        if item is None:
            session.tell("Nothing to decide")
            return
        said = session.remark(item)
        following = session.list.following(_NEXT)
        try:
            decision, claimed = await session.desk.ask(
                lambda queue: queue.decide_and_claim(
                    item, choice, following, reason=said.reason, note=said.note
                )
            )
        except (ConflictError, NotFoundError) as error:
            session.intents.forget()
            session.face.warn(error, "Not decided")
            await self._after_conflict(item)
            return
        # From here on there is nothing to decide until the next one has been read.
        session.item = None
        session.settled(item.n)
        session.claims.moved(claimed)
        self.pass_over = False
        session.decided.add(decision.seq)
        session.counts[decision.before] -= 1
        session.counts[decision.after] += 1
        if choice is Choice.SKIP:
            session.list.postpone()
        else:
            session.list.drop()
        session.tell(
            (DONE[choice].capitalize(), "bold"),
            f" {author_name(item.comment, 24)}{said.words()} · ",
            session.hint("undo", "undo"),
        )
        if claimed is not None:
            session.list.find(claimed.n)
        else:
            await session.pass_over_taken()
        await session.show_current()

    async def _after_conflict(self, item: Item) -> None:
        """On to the next, unless the comment still waits and only changed: then again."""
        session = self._session
        found = await session.desk.fetch([item.key])
        if not found or found[0].status is not Status.PENDING:
            session.list.drop()
        await session.pass_over_taken()
        await session.refresh()

    async def do_undo(self) -> None:
        session = self._session
        # A decision that someone else has since replaced cannot be taken back. The
        # person is told once; the next press goes on to the one before it.
        pass_over, self.pass_over = self.pass_over, False
        try:
            undone = await session.desk.ask(lambda queue: queue.undo(pass_over=pass_over))
        except ConflictError:
            self.pass_over = True
            raise
        if not undone:
            session.tell("You have no decision to take back")
            return
        decision = undone[0]
        for each in undone:
            if each.undoes is not None:
                session.decided.discard(each.undoes)
        found = await session.desk.fetch([decision.key])
        await session.refresh(found[0].n if found else None)
        # It need not wait again: it may have been decided before, or been changed since.
        if len(undone) > 1:
            what = f"{len(undone):,} decisions made at once"
        elif session.item is not None and session.item.key == decision.key:
            what = author_name(session.item.comment, 24)
        else:
            what = "(it does not wait again)"
        session.tell(("Taken back", "bold"), f" {what}")

    async def do_redo(self) -> None:
        session = self._session
        made = await session.desk.ask(lambda queue: queue.redo())
        if not made:
            session.tell("Nothing was taken back that could be made again")
            return
        session.decided.update(each.seq for each in made)
        await session.refresh()
        what = f" {len(made):,} decisions" if len(made) > 1 else ""
        session.tell((f"{DONE[made[0].choice].capitalize()} again", "bold"), what)
