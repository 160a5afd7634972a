"""`moderation rules list`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moderation.cli.common import Session, echo, echo_json, pass_session
from moderation.cli.rules.common import compiled as compile_rules
from moderation.cli.rules.common import paths_argument
from moderation.display import log_line
from moderation.reports import ago

if TYPE_CHECKING:
    from moderation.backtest import Share
    from moderation.brake import Standing
    from moderation.rules import Rule
    from moderation.store.reading import RuleUse
    from moderation.store.rule_versions import RuleVersion


@click.command("list")
@paths_argument
@click.option(
    "--db",
    type=click.Path(path_type=Path),
    help="A database: how often each rule hit, how often rightly, when last.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array instead of a table.")
@pass_session
def list_command(session: Session, paths: tuple[Path, ...], db: Path | None, as_json: bool) -> None:
    """The rules in force: id, action, severity, status, description.

    With --db also the stored comments that each rule flags, the share of the decided
    ones on which people agreed (its precision), and the time of the latest; and which
    rules were changed lately, so that the emergency brake may take hold of them.
    """
    from moderation.rules.compiled import require_sound

    compiled = compile_rules(session, paths)
    require_sound(compiled)
    known = None if db is None else _known(session, db, compiled.rules)
    if as_json:
        echo_json([_record(rule, known) for rule in compiled.rules])
        return
    width = max((len(rule.id) for rule in compiled.rules), default=0)
    if known is not None:
        heads = f"{'hits':>7}  {'precision':<20}  {'last hit':<10}"
        echo(f"{'rule':<{width}}  {'action':<7} {'severity':<8}  {heads}  description")
    for rule in compiled.rules:
        status = "" if rule.status == "live" else f" ({rule.status.value})"
        used = ""
        if known is not None:
            used = f" {_used(rule, known.uses.get(rule.id))}  "
            status += _changed(rule, known)
        echo(
            f"{rule.id:<{width}}  {rule.action.value:<7} {rule.severity.value:<8} {used}"
            f"{log_line(rule.description, 70)}{status}".rstrip()
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What a database knows of rules at a time, by their ids."""

    uses: dict[str, RuleUse]
    versions: dict[str, RuleVersion]
    #: How the emergency brake stands to those that are its concern.
    standings: dict[str, Standing]
    at: datetime


def _known(session: Session, db: Path, rules: Iterable[Rule]) -> _Known:
    from moderation.brake import standing
    from moderation.store import Store
    from moderation.store.reading import rule_use
    from moderation.store.rows import now
    from moderation.store.rule_versions import present

    with Store.open(db, create=False, read_only=True) as store, store.read() as conn:
        uses, versions = rule_use(conn), present(conn)
    at, settings = now(), session.config.settings.brake
    stands = {rule.id: standing(rule, versions, settings, at) for rule in rules}
    return _Known(uses, versions, {id: each for id, each in stands.items() if each}, at)


def _changed(rule: Rule, known: _Known) -> str:
    """How the brake stands to the rule, for people."""
    version = _version(rule, known)
    match known.standings.get(rule.id):
        case None:
            return ""
        case "confirmed":
            by = version.confirmed_by if version else None
            return f" (confirmed by {log_line(by, 40)})" if by else " (confirmed by configuration)"
        case "braked":
            return " (braked until confirmed)"
        case _:
            seen = version.changed if version else None
            return (
                f" (changed {ago(known.at - seen)})" if seen else " (changed since the last scan)"
            )


def _version(rule: Rule, known: _Known) -> RuleVersion | None:
    """What the database knows of this very version."""
    version = known.versions.get(rule.id)
    return version if version and version.version == rule.version else None


def _precision(rule: Rule, use: RuleUse) -> Share:
    from moderation.backtest import Share

    right = use.approved if rule.action == "approve" else use.hidden
    return Share(right, use.hidden + use.approved)


def _used(rule: Rule, use: RuleUse | None) -> str:
    if use is None:
        return f"{0:>7}  {'-':<20}  {'-':<10}"
    share = _precision(rule, use)
    told = "-" if share.value is None else f"{share.value:.0%} of {share.whole:,} decided"
    return f"{use.hits:>7,}  {told:<20}  {use.last:%Y-%m-%d}"


def _record(rule: Rule, known: _Known | None) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": rule.id,
        "action": rule.action.value,
        "severity": rule.severity.value,
        "status": rule.status.value,
        "priority": rule.priority,
        "description": rule.description,
        "version": rule.version,
        "file": rule.file,
        "line": rule.line,
    }
    if known is None:
        return record
    use = known.uses.get(rule.id)
    version = _version(rule, known)
    share = _precision(rule, use) if use else None
    interval = share.interval if share else None
    return record | {
        "hits": use.hits if use else 0,
        "decided": share.whole if share else 0,
        "precision": None if share is None or share.value is None else round(share.value, 4),
        "precision_95": [round(end, 4) for end in interval] if interval else None,
        "last_hit": use.last.isoformat() if use else None,
        "changed": version.changed.isoformat() if version and version.changed else None,
        "brake": known.standings.get(rule.id),
        "confirmed_by": version.confirmed_by if version else None,
    }
