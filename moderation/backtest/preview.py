"""What an edit of one rule file would change in the queue, before it is saved."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from moderation.backtest.replay import Change, replay, select
from moderation.comments import RuleStatus, Status
from moderation.rules.compile import compile_sources
from moderation.rules.compiled import Compiled
from moderation.rules.language.files import find_files
from moderation.rules.language.source import Source, parse_source, read_source
from moderation.store import Store, finding, reading
from moderation.store.filters import Filter

#: Comments that are looked at: so many that wait, and as many that no rule flagged.
NEWEST = 2_000
#: Comments of each kind that are quoted.
_QUOTED = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """How many comments changed in one way, and the latest of them."""

    count: int
    latest: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that the edit adds, changes or takes away: what it matches of the comments
    looked at; None where there is no such rule. With the edit a `shadow` one changes no
    verdict."""

    id: str
    before: int | None
    after: int | None
    shadow: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`waiting` and `clear` are the comments looked at, of `all_waiting` and `all_clear`."""

    waiting: int
    all_waiting: int
    clear: int
    all_clear: int
    newly: Kind
    no_longer: Kind
    otherwise: Kind
    rules: tuple[RuleChange, ...]


def preview(
    db: Path,
    paths: Sequence[Path],
    edited: Path,
    text: str,
    on_progress: Callable[[int, int], object] = lambda done, of: None,
) -> Preview:
    """The rules in force with `edited` reading `text`, held against those on disk, on the
    newest comments that no person has decided.

    `edited` need be none of the files in force, nor exist: it is then added to them.

    Raises:
        RuleError: the edited rules, or those of another file in force, have errors.
        InputError: a rule file cannot be read.
        StoreError: the database cannot be read.
    """
    new, old = _versions(paths, edited, text)
    with Store.open(db, create=False, read_only=True) as store:
        waiting, all_waiting = _newest(store, Status.PENDING)
        clear, all_clear = _newest(store, Status.CLEAR)
        looked_at = frozenset(waiting) | frozenset(clear)
        in_order = array("q", (n for n in select(store) if n in looked_at))
        on_progress(0, len(in_order))
        with store.read() as conn:
            first = reading.numbered(conn, in_order[:1])
        result = replay(
            store,
            in_order,
            new,
            old,
            # What is known of authors is what came before.
            since=first[0].assessment.comment.created if first else None,
            keep=_QUOTED,
            timed=False,
            on_progress=lambda done: on_progress(done, len(in_order)),
        )
    newly, no_longer, otherwise = (
        Kind(changes.total.hits, tuple(reversed(changes.kept)))
        for changes in (result.newly, result.no_longer, result.altered)
    )
    assert result.against is not None
    before = {tally.rule.id: tally for tally in result.against.rules}
    after = {tally.rule.id: tally for tally in result.version.rules}
    changed = [
        RuleChange(
            id,
            before[id].found.hits if id in before else None,
            after[id].found.hits if id in after else None,
            id in after and after[id].rule.status is RuleStatus.SHADOW,
        )
        for id in dict.fromkeys((*before, *after))
        if id not in before or id not in after or before[id].rule.version != after[id].rule.version
    ]
    return Preview(
        len(waiting), all_waiting, len(clear), all_clear,
        newly, no_longer, otherwise, tuple(changed),
    )  # fmt: skip


def _versions(paths: Sequence[Path], edited: Path, text: str) -> tuple[Compiled, Compiled]:
    """The rules with the edit, and as they are on disk."""
    files = find_files(paths)
    same = [_same(file, edited) for file in files]
    draft = parse_source(text, str(edited))
    new: list[Source] = [
        draft if here else read_source(file) for file, here in zip(files, same, strict=True)
    ]
    if not any(same):
        new.append(draft)
    old = compile_sources([read_source(file) for file in files])
    # An edit may be what mends a file: the sound rules are what there is to compare with.
    return compile_sources(new), replace(old, problems=())


def _same(file: Path, edited: Path) -> bool:
    return file.resolve() == edited.resolve()


def _newest(store: Store, status: Status) -> tuple[array[int], int]:
    """The numbers of the newest comments of this status, and how many there are."""
    wanted = Filter(status=(status,))
    with store.read() as conn:
        return finding.numbers(conn, wanted, "newest", 0, NEWEST), finding.count(conn, wanted)
