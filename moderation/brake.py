"""The emergency brake: a rule that was changed lately and would hold or hide much of a
scan only flags, until a person has confirmed the change.

MediaWiki's AbuseFilter does the same to a filter that matches more than 5 % of recent
actions within a day of its last edit (`$wgAbuseFilterEmergencyDisable…`). What counts here
is the whole scan, so its assessments wait for its end: the result depends neither on
their order nor on how they are batched.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import IO, TYPE_CHECKING

from moderation.comments import (
    Action,
    Assessment,
    Braked,
    Flag,
    RuleStatus,
    Verdict,
)
from moderation.errors import ModerationError
from moderation.pickling import pickled
from moderation.rules.match import judge

if TYPE_CHECKING:
    from moderation.config import Brake as Settings
    from moderation.rules import Rule
    from moderation.store.rule_versions import RuleVersion

#: Fewer comments than this never brake a rule, whatever their share: in a scan of ten
#: comments a single one is a tenth. AbuseFilter's count is the same.
LEAST = 3
_STRONG = frozenset((Action.HOLD, Action.HIDE))
_STRONG_VERDICTS = frozenset((Verdict.HOLD, Verdict.HIDE))
#: Assessments written together, and the bytes of them that stay in memory.
_CHUNK = 256
_IN_MEMORY = 16 << 20


class Standing(StrEnum):
    """How the brake stands to a changed rule: it may take hold of a young one, and of one
    that it took hold of before however old that change is, but not of a confirmed one."""

    YOUNG = "young"
    BRAKED = "braked"
    CONFIRMED = "confirmed"


def standing(
    rule: Rule, versions: Mapping[str, RuleVersion], settings: Settings, at: datetime
) -> Standing | None:
    """None for a rule that is no concern of the brake at this time: it does not hold or
    hide, or its latest change is older than the settings' hours. `versions` are those
    present in the database; in an empty one no rule counts as changed."""
    window = timedelta(hours=settings.hours)
    if rule.status is not RuleStatus.LIVE or rule.action not in _STRONG:
        return None
    if not (window and versions):
        return None
    version = versions.get(rule.id)
    if version is None or version.version != rule.version:
        version = None  # the next scan will find it changed
    elif not (version.braked or version.young(at, window)):
        return None
    if rule.id in settings.confirmed or (version and version.confirmed_at):
        return Standing.CONFIRMED
    return Standing.BRAKED if version and version.braked else Standing.YOUNG


def watched(
    rules: Iterable[Rule], versions: Mapping[str, RuleVersion], settings: Settings, at: datetime
) -> dict[str, RuleVersion]:
    """By id, the present versions of the rules that the brake may take hold of."""
    return {
        rule.id: versions[rule.id]
        for rule in rules
        if standing(rule, versions, settings, at) in (Standing.YOUNG, Standing.BRAKED)
    }


class Brake:
    """The brake for one scan."""

    def __init__(
        self,
        ages: Mapping[str, timedelta],
        *,
        share: float,
        on_braked: Callable[[Sequence[Braked]], None],
    ) -> None:
        """`ages` are those of the latest changes, by the ids of the `watched` rules;
        `share` from 0 to 1 is the most of a scan that each of them may hold or hide.
        `on_braked` is told which it reduces, before the first assessment comes out."""
        self._ages = ages
        self._share = share
        self._on_braked = on_braked

    def over(self, assessments: Iterable[Assessment]) -> Iterator[Assessment]:
        """The assessments in their order, with the flags of braked rules reduced. Without
        a rule to watch they come through one by one, otherwise when all are there.

        When they end in an error or an interrupt, those before it come out first, the
        brake measured on them, and then the error.

        Raises:
            ModerationError: no room on disk to keep them meanwhile; none then comes out.
        """
        if not self._ages:
            yield from assessments
            return
        counts: Counter[str] = Counter()
        actions: dict[str, Action] = {}
        error: BaseException | None = None
        with _Kept() as kept:
            try:
                for assessment in assessments:
                    kept.add(assessment)
                    for flag in self._strong(assessment):
                        counts[flag.rule] += 1
                        actions[flag.rule] = flag.action
            except _NoRoomError:
                raise
            except BaseException as caught:  # told after what came before it
                error = caught
            # As it is written: 0.07 is a little less as a binary fraction.
            most = Fraction(str(self._share)) * len(kept)
            braked = [
                Braked(rule, actions[rule], count, len(kept), self._share, self._ages[rule])
                for rule, count in sorted(counts.items())
                if count >= LEAST and count > most
            ]
            if braked:
                self._on_braked(braked)
            names = frozenset(each.rule for each in braked)
            for assessment in kept:
                yield _reduced(assessment, names)
        if error is not None:
            raise error

    def _strong(self, assessment: Assessment) -> Iterator[Flag]:
        """The flags of watched rules that hold or hide this comment, were they alone:
        those that an `approve` rule sets aside do not."""
        if assessment.verdict not in _STRONG_VERDICTS:
            return
        approvals = [flag for flag in assessment.flags if flag.action is Action.APPROVE]
        for flag in assessment.flags:
            if flag.rule in self._ages and judge([flag, *approvals])[0] == flag.action.value:
                yield flag


def _reduced(assessment: Assessment, rules: frozenset[str]) -> Assessment:
    """As if these rules had only flagged the comment. The policy says so: the rule files
    alone would not explain the verdict."""
    names = sorted({flag.rule for flag in assessment.flags if flag.rule in rules})
    if not names:
        return assessment
    flags = [_reduced_flag(flag) if flag.rule in rules else flag for flag in assessment.flags]
    flags.sort(key=lambda flag: (-flag.action.rank, -flag.severity.rank, flag.rule))
    verdict, severity, priority = judge(flags)
    return replace(
        assessment,
        verdict=verdict,
        severity=severity,
        priority=priority,
        flags=tuple(flags),
        policy=f"{assessment.policy}+braked({','.join(names)})",
    )


def _reduced_flag(flag: Flag) -> Flag:
    told = f"Braked, would {flag.action.value}: "
    return replace(
        flag,
        action=Action.FLAG,
        reason=told + flag.reason,
        title=told + (flag.title or flag.rule),
    )


class _NoRoomError(ModerationError):
    """The assessments that wait do not fit on the disk."""


class _Kept:
    """Assessments that wait, in order: the first megabytes in memory, more in a file
    without a name that nobody else can open and that ends with this process."""

    def __init__(self) -> None:
        self._last: list[Assessment] = []
        #: Chunks of them: those in memory, then so many in the file.
        self._first: list[bytes] = []
        self._room = _IN_MEMORY
        self._file: IO[bytes] | None = None
        self._written = 0

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            with suppress(OSError):  # what a full disk did not take is not wanted any more
                self._file.close()

    def __len__(self) -> int:
        return (len(self._first) + self._written) * _CHUNK + len(self._last)

    def add(self, assessment: Assessment) -> None:
        self._last.append(assessment)
        if len(self._last) >= _CHUNK:
            self._put_away()

    def _put_away(self) -> None:
        chunk = pickled(self._last)
        # No call stands between the two changes, so that an interrupt finds the chunk in
        # one place.
        if self._room > 0:
            self._room -= len(chunk)
            self._first, self._last = [*self._first, chunk], []
        else:
            self._write(chunk)
            self._written, self._last = self._written + 1, []

    def _write(self, chunk: bytes) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115
            self._file.write(chunk)
            self._file.flush()
        except OSError as error:
            raise _NoRoomError(
                f"cannot keep the comments that wait for the end of the scan: {error.strerror}",
                where=tempfile.gettempdir(),
                hint="name a folder with room in TMPDIR, or confirm the changed rules",
            ) from None

    def __iter__(self) -> Iterator[Assessment]:
        for chunk in self._first:
            yield from pickle.loads(chunk)  # noqa: S301 - our own
        if self._file:
            self._file.seek(0)
            for _ in range(self._written):
                yield from pickle.load(self._file)  # noqa: S301 - nobody else can write to it
        yield from self._last
