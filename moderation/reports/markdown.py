"""`markdown`: a page for job summaries and comments on pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from moderation.comments import Assessment
from moderation.display import log_line
from moderation.reports.base import ShowText, Summary, Write, findings, reason
from moderation.reports.passages import passage
from moderation.reports.places import path_of
from moderation.reports.tally import Tallied
from moderation.reports.text import braked_line, in_sum, unsupported_line

#: Characters of the page at most: GitHub takes 65,536 in a comment.
LIMIT = 60_000
#: Comments that are listed at most, and rules.
_COMMENTS = 50
_RULES = 15


class MarkdownReport(Tallied):
    """Counts, the rules that matched most, and the worst comments; written at the end, for
    the counts come first. Holds the counts and what it will list: at most 50 comments.

    What others wrote stands in code only. There it is no markup, no link, and nobody is
    mentioned by it.
    """

    def __init__(self, write: Write, *, show_text: ShowText = "snippet") -> None:
        super().__init__(write, show_text, _COMMENTS, self._comment)

    def end(self, summary: Summary) -> None:
        page = "\n".join(self._head(summary)) + "\n"
        foot = f"\nmodel {code(summary.model)} · {code(summary.policy)}\n"
        room = LIMIT - len(page) - len(foot) - 200
        listed = 0
        for text, copies in self._worst.texts():
            if copies:
                text += f"\n… and {copies:,} more with the same text\n"
            if len(text) > room:
                break
            room -= len(text)
            page += text
            listed += 1 + copies
        left = self._worst.seen - listed
        if left:
            page += (
                f"\n… and {left:,} more flagged comments: the page lists the worst, at most"
                f" {_COMMENTS} and {LIMIT:,} characters. `jsonl` and `sarif` have all.\n"
            )
        self._write(page + foot)

    def _head(self, summary: Summary) -> Iterator[str]:
        yield "## Comment moderation\n"
        yield f"{in_sum(summary)}\n"
        for braked in summary.braked:
            yield f"> **Brake:** {code(braked_line(braked), 600)}\n"
        if summary.unsupported:
            yield f"{unsupported_line(summary.unsupported)}\n"
        rules = sorted(self._tally.rules.values(), key=lambda each: (-each.comments, each.rule))
        if rules:
            yield "| rule | action | severity | comments |\n| --- | --- | --- | ---: |"
            for each in rules[:_RULES]:
                name, action = code(each.rule, cell=True), each.action.value
                yield f"| {name} | {action} | {each.severity.value} | {each.comments:,} |"
            if len(rules) > _RULES:
                yield f"\n… and {len(rules) - _RULES:,} more rules"
            yield ""

    def _comment(self, assessment: Assessment) -> str:
        comment = assessment.comment
        parts = [f"**{assessment.verdict.value}**"]
        if assessment.severity:
            parts.append(assessment.severity.value)
        parts.append(code(comment.id))
        if comment.author and self._show_text != "never":
            parts.append(code(comment.author.name))
        line = f":{comment.line}" if comment.line is not None else ""
        parts.append(code(path_of(comment) + line, 200))
        lines = []
        if self._show_text != "never":
            full = self._show_text == "full"
            lines += [f"│ {line.text}" for line in passage(assessment, full=full)]
        lines += [
            f"{log_line(flag.rule, 80)}: {log_line(reason(flag, self._show_text), 200)}"
            for flag in findings(assessment)
        ]
        return f"\n{' · '.join(parts)}\n\n{fenced(lines)}\n"


def code(text: str, width: int = 80, *, cell: bool = False) -> str:
    """A code span of one line, whatever the text holds; in a table with `cell`."""
    shown = log_line(text, width) or " "
    if cell:
        shown = shown.replace("|", "\\|")
    ticks = "`" * (_longest_run(shown) + 1)
    # A blank on each side is not shown; it keeps ticks at the ends apart.
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(lines: Iterable[str]) -> str:
    """A block of code that no line of it can end."""
    body = "\n".join(lines)
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}text\n{body}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
