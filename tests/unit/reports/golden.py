"""Writes what each format says of a few comments anew: python tests/unit/reports/golden.py"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from moderation import __version__
from moderation.comments import (
    Action,
    Assessment,
    Author,
    Braked,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Span,
    Thread,
    Verdict,
)
from moderation.reports import Summary, report

FOLDER = Path(__file__).with_name("golden")
#: Format -> its golden file.
FILES = {
    "text": "report.txt",
    "json": "report.json",
    "jsonl": "report.jsonl",
    "sarif": "report.sarif",
    "junit": "report.xml",
    "github": "report.github",
    "gitlab": "report.gitlab.json",
    "markdown": "report.md",
    "html": "report.html",
}

_BRIDGE = Thread("bridge", "The bridge & the <b>mill</b>", "https://example.org/bridge")
_FERRY = Thread("ferry", "The ferry")
#: What a comment may try on each of the formats.
HOSTILE = (
    "::error file=x::forged 100%\r\n::stop-commands::z\n##[group]`` ``` <script>alert(1)</script> "
    "[donkey](https://evil.example) |]]>&amp;\"'--> \x1b[31m\u202edonkey\u202c @maintainers #1"
)


def _flag(rule: str, text: str, word: str, action: Action, severity: Severity, **more: str) -> Flag:
    at = text.find(word) if word else -1
    spans = (Span(at, at + len(word), word),) if at >= 0 else ()
    return Flag(
        rule,
        action,
        severity,
        RuleStatus(more.pop("status", "live")),
        more.pop("reason", f"Animal: {word}"),
        spans=spans,
        title=more.pop("title", "An animal is named"),
    )


def assessments() -> list[Assessment]:
    """One of each verdict, with and without file, line, author, thread and scores."""
    fine = "The donkey path opens in May"
    rude = "Only a donkey would vote for it"
    odd = "goat"
    day = datetime(2026, 3, 1, 8, 5, tzinfo=UTC)
    made_by = {"model": "none", "policy": "rules@0"}
    return [
        Assessment(
            Comment("c1", "A fine morning", Author("Ann"), day, _FERRY, source="a.jsonl", line=1),
            Verdict.PASS,
            scores={"toxicity": 0.01, "insult": 0.02},
            **made_by,
        ),
        Assessment(
            Comment(
                "c2",
                rude,
                Author("Bob"),
                day + timedelta(days=2),
                _BRIDGE,
                source="a.jsonl",
                line=2,
            ),
            Verdict.HOLD,
            Severity.MEDIUM,
            scores={"toxicity": 0.71, "insult": 0.8},
            flags=(
                _flag("animals.donkey", rude, "donkey", Action.HOLD, Severity.MEDIUM),
                _flag(
                    "votes", rude, "vote", Action.FLAG, Severity.LOW, reason="Voting", title="Votes"
                ),
                _flag("trial", rude, "Only", Action.HIDE, Severity.HIGH, status="shadow"),
            ),
            undecided=("author.new",),
            **made_by,
        ),
        Assessment(
            Comment(
                "c,3:%",
                HOSTILE,
                Author("<i>`Eve`</i>\n::error::"),
                day + timedelta(days=2),
                _BRIDGE,
                source="b, c:d%.jsonl",
                line=7,
            ),
            Verdict.HIDE,
            Severity.CRITICAL,
            scores={"toxicity": 0.99, "insult": 0.5},
            flags=(
                _flag(
                    "animals.donkey",
                    HOSTILE,
                    "donkey",
                    Action.HIDE,
                    Severity.CRITICAL,
                    reason=f"Animal: {HOSTILE[:30]}",
                ),
            ),
            **made_by,
        ),
        Assessment(
            Comment("1", odd, origin="stdin", source="<stdin>"),
            Verdict.FLAG,
            Severity.INFO,
            flags=(_flag("animals.goat", odd, "", Action.FLAG, Severity.INFO, reason="A goat"),),
            unsupported=True,
            **made_by,
        ),
        Assessment(
            Comment("2", fine, Author("Cyd"), origin="stdin", source="<stdin>", line=3),
            Verdict.APPROVE,
            flags=(_flag("paths", fine, "donkey path", Action.APPROVE, Severity.INFO),),
            **made_by,
        ),
    ]


def written(name: str, found: list[Assessment] | None = None, **more: object) -> str:
    """What the format says of these, without what changes with version or style."""
    said: list[str] = []
    writer = report(name, said.append, **more)  # type: ignore[arg-type]
    braked = Braked("animals.cat", Action.HIDE, 412, 1_000, 0.05, timedelta(hours=3))
    summary = Summary(
        braked=(braked,), rejected=2, known=1, seconds=2.0, model="none", policy="rules@0"
    )
    writer.begin()
    for assessment in assessments() if found is None else found:
        summary.add(assessment)
        writer.add(assessment)
    writer.end(summary)
    return "".join(said)


def stable(text: str) -> str:
    """Without what changes with a version or a colour."""
    text = re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)
    text = re.sub(r"sha256-[\w+/=]+", "sha256-…", text)
    return text.replace(__version__, "VERSION")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, file in FILES.items():
        (FOLDER / file).write_text(stable(written(name)), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
