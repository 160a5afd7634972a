"""Decisions taken back and made again: rows are added, none is changed. Each takes a
connection within `Store.write`.
"""

from __future__ import annotations

from itertools import groupby
from sqlite3 import Connection

from moderation.comments import Choice, Decision
from moderation.errors import ConflictError
from moderation.queue.acting import AFTER, told
from moderation.store import chain, clock, deciding


def undo(conn: Connection, moderator: str, steps: int, *, pass_over: bool) -> list[Decision]:
    """
    Raises:
        ConflictError: another has decided since on what would be taken back.
    """
    found = deciding.undoable(conn, moderator, steps, pass_over=pass_over)
    if found:
        clock.tick(conn)
    undone: list[Decision] = []
    for bulk, deed in groupby(found, key=lambda each: each.decision.bulk):
        # What was made at once is taken back at once, and can be made again at once.
        together = None if bulk is None else chain.next_seq(conn)
        undone += [_undo(conn, moderator, each, together) for each in deed]
    return undone


def _undo(
    conn: Connection, moderator: str, target: deciding.Undoable, bulk: int | None
) -> Decision:
    old = target.decision
    other = deciding.overtaking(conn, old)
    if other is not None:
        raise ConflictError(
            told(other),
            where=old.key,
            hint=f"your decision {old.seq} on it can no longer be taken back",
        )
    state = deciding.state(conn, old.key)
    assert state is not None, "undoable only finds stored comments"
    after, skips = state.status, state.skips
    if target.version >= state.text_version:
        if old.choice is Choice.SKIP:
            skips = max(0, skips - 1)
        elif old.before in AFTER.values():
            after = old.before
        else:
            after = state.undecided
    undone = chain.append(
        conn,
        chain.Act(
            key=old.key,
            author=state.author,
            choice=Choice.UNDO,
            moderator=moderator,
            before=state.status,
            after=after,
            version=state.version,
            basis=target.basis,
            undoes=old.seq,
            bulk=bulk,
        ),
    )
    # After the append: only now does the old decision no longer stand.
    by = deciding.decided_by(conn, old.key, state)
    deciding.move(conn, state, after, skips=skips, by=by)
    return undone


def redo(conn: Connection, moderator: str) -> list[Decision]:
    """
    Raises:
        ConflictError: another has decided since, or the text was changed.
    """
    found = deciding.redoable(conn, moderator)
    if not found:
        return []
    clock.tick(conn)
    bulk = None if found[0].bulk is None else chain.next_seq(conn)
    return [_redo(conn, moderator, undone, bulk) for undone in found]


def _redo(conn: Connection, moderator: str, undone: Decision, bulk: int | None) -> Decision:
    assert undone.undoes is not None, "an undo names what it takes back"
    hint = "decide it anew"
    other = deciding.overtaking(conn, undone)
    if other is not None:
        raise ConflictError(told(other), where=undone.key, hint=hint)
    state = deciding.state(conn, undone.key)
    old = deciding.made(conn, undone.undoes)
    if state is None or old.version < state.text_version:
        raise ConflictError("the comment's text was changed since", where=undone.key, hint=hint)
    if old.decision.choice is Choice.SKIP:
        after, skips = state.status, state.skips + 1
    else:
        after, skips = AFTER[old.decision.choice], state.skips
    again = chain.append(
        conn,
        chain.Act(
            key=undone.key,
            author=state.author,
            choice=old.decision.choice,
            moderator=moderator,
            before=state.status,
            after=after,
            version=state.version,
            basis=old.basis,
            text=deciding.text_of(conn, undone.undoes),
            reason=old.decision.reason,
            note=old.decision.note,
            bulk=bulk,
            redoes=undone.seq,
        ),
    )
    by = deciding.decided_by(conn, undone.key, state)
    deciding.move(conn, state, after, skips=skips, by=by)
    return again
