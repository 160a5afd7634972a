"""A result as plain data, `moderation-backtest/1`."""

from __future__ import annotations

from typing import Any

from moderation.backtest.replay import Changes, Result
from moderation.backtest.tally import RuleTally, Verdicts
from moderation.backtest.versions import Version
from moderation.comments import Status
from moderation.reports import ShowText
from moderation.shares import Share

SCHEMA = "moderation-backtest/1"


def as_json(result: Result, show_text: ShowText = "snippet") -> dict[str, Any]:
    hidden = result.statuses[Status.HIDDEN]
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "since": result.since.isoformat() if result.since else None,
        "comments": result.comments,
        "statuses": {status.value: result.statuses[status] for status in Status},
        "queue": {
            "now": result.waiting,
            "against": result.against.waiting if result.against else None,
            "rules": result.version.waiting,
        },
        **_version(result.version, hidden),
        "rules": [_rule(tally, hidden) for tally in result.version.rules],
    }
    if result.against:
        record["against"] = _version(result.against, hidden)
        record["changes"] = {
            "newly_flagged": _changes(result.newly, show_text),
            "no_longer_flagged": _changes(result.no_longer, show_text),
            "verdict_changed": _changes(result.altered, show_text),
        }
    return record


def _version(version: Version, hidden: int) -> dict[str, Any]:
    found = version.flagged
    return {
        "policy": version.policy,
        "flagged": _counts(found) | _share("precision", found.precision),
        "recall": _rounded(Share(found.hidden, hidden).value),
    }


def _rule(tally: RuleTally, hidden: int) -> dict[str, Any]:
    recall = None if tally.approves else _rounded(Share(tally.found.hidden, hidden).value)
    return {
        "id": tally.rule.id,
        "version": tally.rule.version,
        "action": tally.rule.action.value,
        "severity": tally.rule.severity.value,
        "status": tally.rule.status.value,
        **_counts(tally.found),
        **_share("precision", tally.precision),
        "recall": recall,
        "alone": _counts(tally.alone),
        "undecided": tally.undecided,
        "micros": None if tally.micros is None else round(tally.micros, 2),
    }


def _counts(found: Verdicts) -> dict[str, int]:
    return {
        "hits": found.hits,
        "decided": found.decided,
        "hidden": found.hidden,
        "approved": found.approved,
        "escalated": found.escalated,
    }


def _share(name: str, share: Share) -> dict[str, Any]:
    interval = share.interval
    return {
        name: _rounded(share.value),
        f"{name}_95": [round(end, 4) for end in interval] if interval else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _changes(changes: Changes, show_text: ShowText) -> dict[str, Any]:
    return {
        **_counts(changes.total),
        "comments": [
            {
                "id": change.ref,
                "before": change.before.value,
                "after": change.after.value,
                "status": change.status.value,
                "rules": list(change.rules),
                "text": None if show_text == "never" else change.excerpt,
            }
            for change in changes.kept
        ],
    }
