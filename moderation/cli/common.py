"""What all commands share: exit codes, talk on stderr, untrusted text made safe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from moderation import errors
from moderation.display import for_log

if TYPE_CHECKING:
    from moderation.config import Config
    from moderation.rules import Problem

#: Exit codes, the same for every command.
FINE = 0
FOUND = 1
WRONG_USE = 2
UNREADABLE = 3
INTERRUPTED = 130
#: As a shell reports a writer whose reader went away.
PIPE_CLOSED = 141

_EXIT_CODES: tuple[tuple[type[errors.ModerationError], int], ...] = (
    (errors.NotFoundError, WRONG_USE),
    (errors.UsageError, WRONG_USE),
    (errors.ConfigError, WRONG_USE),
    (errors.RuleError, WRONG_USE),
    (errors.MissingExtraError, WRONG_USE),
)


def exit_code_of(error: errors.ModerationError) -> int:
    for kind, code in _EXIT_CODES:
        if isinstance(error, kind):
            return code
    return UNREADABLE


@contextmanager
def reading_rules() -> Iterator[None]:
    """Rules that cannot be read are wrong usage, not an unreadable input."""
    try:
        yield
    except errors.InputError as error:
        raise errors.UsageError(error.what, where=error.where, hint=error.hint) from None


@dataclass
class Session:
    """The global options of one invocation. The configuration is read when asked for."""

    config_file: Path | None = None
    color: str = "auto"
    verbosity: int = 0
    _config: Config | None = field(default=None, repr=False)

    @property
    def config(self) -> Config:
        if self._config is None:
            from moderation.config import load_config

            self._config = load_config(self.config_file, Path.cwd())
        return self._config

    def colored(self, stream: Any) -> bool:
        if self.color != "auto":
            return self.color == "always"
        import os

        return bool(stream.isatty()) and "NO_COLOR" not in os.environ

    def talk(self, message: str, *, level: int = 0) -> None:
        """A line on stderr; `level` 1 only with -v, -1 even with -q."""
        if level <= self.verbosity:
            # Nobody reads stderr any more: nothing to be done about it.
            with suppress(OSError):
                click.echo(message, err=True, color=self.colored(sys.stderr))


pass_session = click.make_pass_decorator(Session)


def show_error(error: errors.ModerationError, session: Session) -> None:
    """What, where and how to mend it, on stderr."""
    for problem in getattr(error, "problems", ()):
        session.talk(format_problem(problem), level=-1)
    where = f"{for_log(error.where)}: " if error.where else ""
    label = click.style("error", fg="red", bold=True)
    session.talk(f"{where}{label}: {for_log(error.what)}", level=-1)
    if error.hint:
        session.talk(f"  {click.style('hint', bold=True)}: {for_log(error.hint)}", level=-1)


def show_usage_error(error: click.ClickException, session: Session) -> None:
    """A wrong option or argument. The message quotes it: a file name can be hostile."""
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        error.show()  # the help itself, for a command without arguments
        return
    context = getattr(error, "ctx", None)
    if context is not None:
        session.talk(context.get_usage(), level=-1)
    label = click.style("error", fg="red", bold=True)
    session.talk(f"{label}: {for_log(error.format_message())}", level=-1)
    if context is not None and context.command.get_help_option(context) is not None:
        session.talk(f"  hint: `{context.command_path} --help` says more", level=-1)


def show_crash(error: Exception, session: Session) -> None:
    """A bug of ours: where it is, for a report, printed as safely as anything else."""
    import traceback

    session.talk(for_log("".join(traceback.format_exception(error)), newlines=True), level=-1)
    label = click.style("error", fg="red", bold=True)
    session.talk(f"{label}: this is a bug in moderation; the lines above tell where", level=-1)


def format_problem(problem: Problem) -> str:
    """`file:line:col: error[code]: what`, the source line with a caret, the hint."""
    color = "red" if problem.level == "error" else "yellow"
    label = click.style(f"{problem.level}[{problem.code}]", fg=color, bold=True)
    place = f"{for_log(problem.file)}:{problem.line}:{problem.column}"
    lines = [f"{place}: {label}: {for_log(problem.message)}"]
    if problem.source_line.strip():
        number = str(problem.line)
        # A long line is shown around the column that matters.
        start = max(0, problem.column - 60) if len(problem.source_line) > 110 else 0
        shown = for_log(problem.source_line[start : start + 110])
        before = for_log(problem.source_line[start : problem.column - 1])
        gutter = " " * len(number)
        lines.append(f" {number} | {shown}")
        lines.append(f" {gutter} | {' ' * cells(before)}{click.style('^', fg=color, bold=True)}")
    if problem.hint:
        lines.append(f"   hint: {for_log(problem.hint)}")
    return "\n".join(lines)


def let_go(stream: TextIO) -> None:
    """What cannot be written is dropped: the interpreter would complain at its end."""
    import os

    try:
        stream.flush()
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())


def cells(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def plural(count: int, noun: str, many: str = "") -> str:
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def echo(text: str) -> None:
    """Data, on stdout."""
    click.echo(text)


def echo_json(value: Any) -> None:
    """JSON of which no byte can act on a terminal or a log."""
    from moderation.reports import encode

    click.echo(encode(value, indent=2))


def echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
