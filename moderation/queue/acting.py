"""A moderator's decisions put on record. Each takes a connection within `Store.write`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from sqlite3 import Connection

from moderation.comments import Choice, Decision, Status
from moderation.errors import ConflictError, NotFoundError
from moderation.queue.items import Bulk, Item, Lost, Selection
from moderation.store import chain, claims, clock, deciding, reading
from moderation.store.saving import chunks

AFTER = {
    Choice.APPROVE: Status.APPROVED,
    Choice.HIDE: Status.HIDDEN,
    Choice.ESCALATE: Status.ESCALATED,
}
_DONE = {
    Choice.APPROVE: "approved",
    Choice.HIDE: "hidden",
    Choice.ESCALATE: "escalated",
    Choice.SKIP: "skipped",
}
#: Comments that the error about a whole bulk tells of.
_TOLD = 3
_AGAIN = "look at it again before deciding"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator says of one comment or of many, at this time (seconds since 1970)."""

    moderator: str
    choice: Choice
    reason: str
    note: str
    at: float


def decide(conn: Connection, item: Item, said: Verdict) -> Decision:
    """
    Raises:
        ConflictError: the row changed, or another moderator holds it.
        NotFoundError: the comment is gone.
    """
    state = deciding.state(conn, item.key)
    if state is None:
        raise NotFoundError("this comment is no longer stored", where=item.ref)
    holder = claims.holding(conn, [state.n], said.at).get(state.n)
    lost = _lost(conn, state.n, item.key, item.version, state, holder, said)
    if lost is not None:
        raise ConflictError(lost.why, where=item.ref, hint=_AGAIN)
    clock.tick(conn)
    decision = chain.append(conn, _act(conn, item, state, said))
    claims.end(conn, [state.n])
    return decision


def decide_many(
    conn: Connection, wanted: Selection, said: Verdict, *, skip_conflicts: bool
) -> Bulk:
    """
    Raises:
        ConflictError: some changed, are held or are gone, and none is to be passed over.
    """
    decisions: list[Decision] = []
    lost: list[Lost] = []
    decided: list[int] = []
    clock.tick(conn)
    bulk = chain.next_seq(conn)
    for part in chunks(list(dict(wanted).items())):
        numbers = [n for n, _ in part]
        states = deciding.states(conn, numbers)
        held = claims.holding(conn, numbers, said.at)
        items = {each.n: Item(*each) for each in reading.by_number(conn, numbers)}
        for n, version in part:
            state, item = states.get(n), items.get(n)
            if state is None or item is None:
                lost.append(Lost(n, "", "this comment is no longer stored"))
                continue
            other = _lost(conn, n, item.key, version, state, held.get(n), said)
            if other is not None:
                lost.append(other)
            elif not lost or skip_conflicts:
                act = _act(conn, item, state, said)
                decisions.append(chain.append(conn, replace(act, bulk=bulk)))
                decided.append(n)
    claims.end(conn, decided)
    if lost and not skip_conflicts:
        raise _refusal(len(wanted), lost)
    return Bulk(tuple(decisions), tuple(lost))


def _act(conn: Connection, item: Item, state: deciding.State, said: Verdict) -> chain.Act:
    """Move the comment, whose version was just compared; what is to be put on record."""
    if said.choice is Choice.SKIP:
        after, skips, by = state.status, state.skips + 1, item.decided_by
    else:
        after, skips, by = AFTER[said.choice], state.skips, said.moderator
    moved = deciding.move(conn, state, after, skips=skips, by=by)
    assert moved, "the version was read within this transaction"
    return chain.Act(
        key=item.key,
        author=state.author,
        choice=said.choice,
        moderator=said.moderator,
        before=state.status,
        after=after,
        version=state.version,
        # The version is the same, so this is what was on the screen.
        basis=chain.basis(item.assessment),
        text=item.comment.text,
        reason=said.reason,
        note=said.note,
    )


def _lost(
    conn: Connection,
    n: int,
    key: str,
    version: int,
    state: deciding.State,
    holder: claims.Held | None,
    said: Verdict,
) -> Lost | None:
    """Why this comment is not this moderator's to decide, if so."""
    if state.version != version:
        last = deciding.last_since(conn, key, version)
        why = told(last) if last else "the comment was changed by a new scan"
        return Lost(n, key, why, last)
    if holder is not None and holder.moderator != said.moderator:
        return Lost(n, key, held_by(holder))
    return None


def _refusal(count: int, lost: list[Lost]) -> ConflictError:
    some = "; ".join(f"{each.key}: {each.why}" for each in lost[:_TOLD])
    more = "; …" if len(lost) > _TOLD else ""
    verb = "is" if len(lost) == 1 else "are"
    return ConflictError(
        f"{len(lost):,} of {count:,} {verb} not as you saw them: {some}{more}",
        hint="nothing was decided; select again, or leave those out",
    )


def told(decision: Decision) -> str:
    """Who did what and when, in the reader's own time."""
    when = clock_time(decision.at)
    if decision.choice is Choice.UNDO:
        return f"{decision.moderator} took back a decision at {when}"
    return f"already {_DONE[decision.choice]} by {decision.moderator} at {when}"


def held_by(claim: claims.Held) -> str:
    return f"{claim.moderator} has had it open since {clock_time(claim.since)}"


def clock_time(moment: datetime) -> str:
    """Hours and minutes, with the day unless it is today."""
    at = moment.astimezone()
    today = at.date() == datetime.now(at.tzinfo).date()
    return f"{at:%H:%M}" if today else f"{at:%Y-%m-%d %H:%M}"
