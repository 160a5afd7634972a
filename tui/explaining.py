"""The actions that say why: the reason and the note of the next decision on a comment."""

from __future__ import annotations

from dataclasses import replace

from tui.screens.note import NoteScreen
from tui.screens.reason import ReasonScreen
from tui.session import Session


class Explaining:
    """One `do_<id>` for each action of the registry that says why."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def do_reason(self) -> None:
        session = self._session
        item = session.item
        if item is None:
            session.tell("Nothing to give a reason for")
            return
        remark = session.remark(item)

        def given(code: str | None) -> None:
            if code is not None:
                session.say_why(item, replace(remark, reason=code))

        session.face.put_in_front(ReasonScreen(session.setup.reasons, remark.reason), given)

    async def do_note(self) -> None:
        session = self._session
        item = session.item
        if item is None:
            session.tell("Nothing to make a note of")
            return
        remark = session.remark(item)

        def given(note: str | None) -> None:
            if note is not None:
                session.say_why(item, replace(remark, note=note))

        session.face.put_in_front(NoteScreen(remark.note), given)
