"""Assessments as plain data, in the keys that `moderation/1` promises."""

from __future__ import annotations

import json
from typing import Any

from moderation.comments import Assessment, Braked, Flag
from moderation.reports.base import ShowText, Summary, reason

SCHEMA = "moderation/1"
#: Scores keep this many digits; more would be noise.
_DIGITS = 4


def encode(value: Any, *, indent: int | None = None) -> str:
    """JSON that can stand in a terminal or a log: in ASCII, so no control and no override
    comes out raw, and without the `##[` that some CI services obey anywhere in a line."""
    written = json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent)
    # A `#` stands only inside strings.
    return written.replace("##", "#\\u0023") if "##" in written else written


def as_record(assessment: Assessment, show_text: ShowText = "full") -> dict[str, Any]:
    """One comment as a JSON-able mapping. With `never`, no word of it: the spans keep
    their places, their `text` is None, and reasons do not quote."""
    comment = assessment.comment
    return {
        "schema": SCHEMA,
        "id": comment.id,
        "line": comment.line,
        "verdict": assessment.verdict.value,
        "severity": assessment.severity.value if assessment.severity else None,
        "priority": assessment.priority,
        "scores": {label: round(p, _DIGITS) for label, p in assessment.scores.items()},
        "flags": [_flag(flag, show_text) for flag in assessment.flags],
        "undecided": list(assessment.undecided),
        "unsupported": assessment.unsupported,
        "reading": assessment.reading if show_text != "never" else "",
        "model": assessment.model,
        "policy": assessment.policy,
    }


def as_sum(summary: Summary) -> dict[str, Any]:
    """What a scan came to. No time in it: the same scan gives the same report."""
    return {
        "comments": summary.comments,
        "rejected": summary.rejected,
        "known": summary.known,
        "verdicts": {verdict.value: count for verdict, count in summary.verdicts.items()},
        "undecided": dict(summary.undecided),
        "unsupported": summary.unsupported,
        "braked": [as_braked(each) for each in summary.braked],
        "model": summary.model,
        "policy": summary.policy,
    }


def as_braked(braked: Braked) -> dict[str, Any]:
    """A rule that the emergency brake reduced to `flag`; `age` is in seconds."""
    return {
        "rule": braked.rule,
        "action": braked.action.value,
        "count": braked.count,
        "comments": braked.comments,
        "limit": braked.limit,
        "age": round(braked.age.total_seconds()),
    }


def _flag(flag: Flag, show_text: ShowText) -> dict[str, Any]:
    quote = show_text != "never"
    return {
        "rule": flag.rule,
        "action": flag.action.value,
        "severity": flag.severity.value,
        "status": flag.status.value,
        "reason": reason(flag, show_text),
        "field": flag.field,
        "spans": [
            {"start": span.start, "end": span.end, "text": span.text if quote else None}
            for span in flag.spans
        ],
    }
