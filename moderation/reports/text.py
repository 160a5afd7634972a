"""`text`: a report to be read. Flagged comments one by one, then the sum of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from moderation.comments import Assessment, Braked, Comment, Verdict
from moderation.display import log_line
from moderation.reports.base import ShowText, Summary, Write, reason
from moderation.reports.passages import Line, passage

Style = Callable[..., str]
Cells = Callable[[str], int]

_COLORS = {Verdict.FLAG: "yellow", Verdict.HOLD: "magenta", Verdict.HIDE: "red"}


def _plain(text: str, **_: Any) -> str:
    return text


def in_sum(summary: Summary) -> str:
    """`40 comments: 2 hide, 7 hold, 6 flag, 25 pass; 1 record rejected`."""
    counts = summary.verdicts
    parts = [f"{counts[each]:,} {each.value}" for each in reversed(Verdict) if each.needs_review]
    if counts[Verdict.APPROVE]:
        parts.append(f"{counts[Verdict.APPROVE]:,} approved by rule")
    parts.append(f"{counts[Verdict.PASS]:,} pass")
    line = f"{_many(summary.comments, 'comment')}: {', '.join(parts)}"
    if summary.known:
        line += f"; {summary.known:,} known from the baseline"
    return f"{line}; {_many(summary.rejected, 'record')} rejected" if summary.rejected else line


def unsupported_line(count: int) -> str:
    """`12 comments are in a language that the model does not know: …`"""
    are = "is" if count == 1 else "are"
    return (
        f"{_many(count, 'comment')} {are} in a language that the model does not know:"
        " scores mean nothing there"
    )


def braked_line(braked: Braked) -> str:
    """`rule 'a.b' was changed 3 h ago and would hide 412 of 1,000 comments …`"""
    rule = log_line(braked.rule, 120)
    fresh = "is new or changed since the last scan"
    when = f"was changed {ago(braked.age)}" if braked.age else fresh
    return (
        f"rule '{rule}' {when} and would {braked.action.value} {braked.count:,} of"
        f" {_many(braked.comments, 'comment')} ({braked.share * 100:.3g} %, limit"
        f" {braked.limit * 100:.3g} %): its matches are only flagged."
        f" If that is right: --confirm-rule {rule}"
    )


def ago(age: timedelta) -> str:
    """`just now`, `12 min ago`, `3 h ago`, `4 days ago`."""
    minutes = int(age.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} min ago" if minutes > 0 else "just now"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days ago"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class TextReport:
    """Verdict, severity, who, where, the passage with its matches, the reasons.

    `style` colours a text (`click.style`), `cells` measures it in columns; both are
    given, since this package knows neither terminal nor command line.
    """

    def __init__(
        self,
        write: Write,
        *,
        show_text: ShowText = "snippet",
        style: Style | None = None,
        cells: Cells = len,
    ) -> None:
        self._write = write
        self._show_text = show_text
        self._style = style or _plain
        self._carets = style is None
        self._cells = cells

    def begin(self) -> None:
        pass

    def add(self, assessment: Assessment) -> None:
        if not assessment.verdict.needs_review:
            return
        lines = [self._head(assessment)]
        if self._show_text != "never":
            lines += self._passage(assessment)
        rules = [log_line(flag.rule, 120) for flag in assessment.flags]
        width = max(map(len, rules))
        for rule, flag in zip(rules, assessment.flags, strict=True):
            note = "" if flag.live else f"  ({flag.status.value}: recorded only)"
            why = log_line(reason(flag, self._show_text), 120)
            lines.append(f"    {rule:<{width}}  {self._style(why, dim=not flag.live)}{note}")
        self._write("\n".join(lines) + "\n\n")

    def end(self, summary: Summary) -> None:
        for braked in summary.braked:
            label = self._style("BRAKE", fg="red", bold=True, reverse=True)
            self._write(f"{label}: {self._style(braked_line(braked), bold=True)}\n\n")
        count, seconds = summary.comments, summary.seconds
        rate = f", {count / seconds:,.0f}/s" if seconds > 0.5 and count else ""
        self._write(self._style(in_sum(summary), bold=True) + f" ({seconds:.1f} s{rate})\n")
        if summary.unsupported:
            self._write(f"{unsupported_line(summary.unsupported)}\n")
        if summary.undecided:
            names = ", ".join(log_line(rule, 120) for rule in sorted(summary.undecided)[:8])
            more = len(summary.undecided) - 8
            self._write(
                f"Not decidable for this source or model: {names}"
                f"{f' and {more} more' if more > 0 else ''}\n"
            )
        self._write(f"model {summary.model} · {summary.policy}\n")

    def _head(self, assessment: Assessment) -> str:
        verdict = assessment.verdict
        severity = assessment.severity.value if assessment.severity else ""
        label = self._style(f"{verdict.value.upper():<4}", fg=_COLORS.get(verdict), bold=True)
        return f"{label}  {severity:<8}  {self._who(assessment.comment)}"

    def _who(self, comment: Comment) -> str:
        parts = [f"#{log_line(comment.id, 40)}"]
        if comment.author and self._show_text != "never":
            parts.append(log_line(comment.author.name, 40))
        if comment.created:
            parts.append(comment.created.strftime("%Y-%m-%d %H:%M"))
        place = log_line(comment.source, 60)
        parts.append(f"{place}:{comment.line}" if comment.line else place)
        return " · ".join(parts)

    def _passage(self, assessment: Assessment) -> list[str]:
        lines = []
        for line in passage(assessment, full=self._show_text == "full"):
            lines += self._line(line)
        return lines

    def _line(self, line: Line) -> list[str]:
        text = "".join(
            self._style(piece, bold=True, underline=True) if marked else piece
            for piece, marked in line.pieces
        )
        lines = [f"    │ {text}"]
        if self._carets and any(marked for _, marked in line.pieces):
            carets = "".join(
                ("^" if marked else " ") * self._cells(piece) for piece, marked in line.pieces
            )
            lines.append(f"    │ {carets.rstrip()}")
        return lines
