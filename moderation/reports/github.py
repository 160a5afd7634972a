"""`github`: workflow commands, which GitHub shows as annotations beside the lines."""

from __future__ import annotations

from moderation.comments import Assessment, Verdict
from moderation.display import for_log, log_line, visible
from moderation.reports.base import ShowText, Summary, Write, findings, reason
from moderation.reports.passages import passage
from moderation.reports.places import is_file, path_of
from moderation.reports.text import braked_line, in_sum, unsupported_line

_LEVELS = {Verdict.HIDE: "error", Verdict.HOLD: "warning", Verdict.FLAG: "notice"}


def command(level: str, message: str, **properties: str) -> str:
    """One workflow command on one line. Neither the message nor a property can end it or
    begin another: what could is escaped as the runner unescapes it."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    # On one line by now; `for_log` still breaks the older commands that work within a line.
    return f"::{for_log(f'{level} {told}'.strip() + '::' + _data(message))}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


class GithubReport:
    """A command for each flagged comment, as it comes: `hide` is an error, `hold` a warning,
    `flag` a notice. GitHub annotates ten of each in a step; the log holds all."""

    def __init__(self, write: Write, *, show_text: ShowText = "snippet") -> None:
        self._write = write
        self._show_text = show_text

    def begin(self) -> None:
        pass

    def add(self, assessment: Assessment) -> None:
        found = findings(assessment)
        if not found:
            return
        comment = assessment.comment
        properties = {}
        if is_file(comment):
            properties["file"] = path_of(comment)
            if comment.line is not None:
                properties["line"] = str(comment.line)
        rules = ", ".join(log_line(flag.rule, 60) for flag in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        properties["title"] = f"{assessment.verdict.value}: {rules}{more}"
        lines = [f"Comment {log_line(comment.id, 60)}"]
        lines += [log_line(reason(flag, self._show_text), 200) for flag in found]
        if self._show_text != "never":
            full = self._show_text == "full"
            lines += [f"│ {line.text}" for line in passage(assessment, full=full)]
        self._write(command(_LEVELS[assessment.verdict], "\n".join(lines), **properties) + "\n")

    def end(self, summary: Summary) -> None:
        for braked in summary.braked:
            self._write(command("warning", braked_line(braked), title="brake") + "\n")
        self._write(in_sum(summary) + "\n")
        if summary.unsupported:
            self._write(unsupported_line(summary.unsupported) + "\n")
