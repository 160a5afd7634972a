"""The emergency brake as `scan` works it: what a person confirms, what it is told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from moderation.cli.common import Session
from moderation.cli.outputs import StoreSink
from moderation.display import for_log
from moderation.errors import UsageError

if TYPE_CHECKING:
    from moderation.brake import Brake
    from moderation.cli.scan import ScanOptions
    from moderation.comments import Braked
    from moderation.rules import RuleSet


def check_confirmed(options: ScanOptions, rules: RuleSet) -> None:
    """Raises UsageError unless all that is to be confirmed can be."""
    from moderation.rules.problems import did_you_mean

    if options.confirm and options.db is None:
        raise UsageError(
            f"--confirm-rule {options.confirm[0]}: there is no database to keep it in",
            hint="name one with --db; without one no rule is ever braked",
        )
    if options.confirm and not options.moderator.strip():
        raise UsageError("whoever confirms needs a name", hint="give one with --as NAME")
    ids = [rule.id for rule in rules.all_rules]
    for asked in options.confirm:
        if asked not in ids:
            raise UsageError(
                f"--confirm-rule {asked}: no rule of this scan has this id",
                hint=did_you_mean(asked, ids),
            )


def brake_of(
    session: Session,
    options: ScanOptions,
    rules: RuleSet,
    sink: StoreSink,
    tell: Callable[[Sequence[Braked]], None],
    at: datetime,
) -> Brake:
    """The emergency brake for these rules at this time, by what the database knows of them."""
    from moderation.brake import Brake, watched
    from moderation.config import Brake as BrakeSettings

    settings = options.brake or BrakeSettings()
    # Those that are off as well: off and on again is a change.
    versions = sink.take_note(rules.all_rules, at, confirmed=options.confirm, by=options.moderator)
    for rule in options.confirm:
        session.talk(f"rule '{rule}' as it is now is confirmed by {for_log(options.moderator)}")
    young = watched(rules.rules, versions, settings, at)

    def braked(found: Sequence[Braked]) -> None:
        sink.brake(young[each.rule] for each in found)
        tell(found)

    ages = {rule: at - version.changed for rule, version in young.items() if version.changed}
    return Brake(ages, share=settings.share, on_braked=braked)
