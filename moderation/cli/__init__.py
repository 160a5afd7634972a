"""The command line: the only place that prints and that knows exit codes.

Each command is a module of its own, imported when it is run.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from moderation import __version__
from moderation.cli.common import (
    INTERRUPTED,
    PIPE_CLOSED,
    UNREADABLE,
    Session,
    exit_code_of,
    let_go,
    show_crash,
    show_error,
    show_usage_error,
)
from moderation.cli.lazy import LazyGroup, PipeClosedError
from moderation.errors import ModerationError

_COMMANDS = ("demo", "scan", "review", "queue", "stats", "rules", "model", "config")


@click.group(
    cls=LazyGroup,
    package="moderation.cli",
    names=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=str),
    help="Use this configuration file instead of the moderation.toml found upwards.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour in reports for people. [default: auto, on a terminal]",
)
@click.option("-v", "--verbose", count=True, help="Say more on stderr.")
@click.option("-q", "--quiet", is_flag=True, help="Say only errors on stderr.")
@click.version_option(__version__, message="moderation %(version)s")
@click.pass_context
def cli(ctx: click.Context, config_file: str | None, color: str, verbose: int, quiet: bool) -> None:
    """Comment moderation on your own machine.

    A toxicity model and YAML rules score each comment; you review what they flag.

    \b
    moderation demo                             see it work on a sample thread
    moderation scan page.txt                    report on a file of comments
    moderation scan page.txt --db site.db       … and fill the review queue
    moderation review --db site.db              work through the queue

    Exit codes: 0 fine, 1 something at or above --fail-on, 2 wrong usage, config or
    rules, 3 input that could not be read, 130 interrupted.
    """
    session = ctx.ensure_object(Session)
    session.config_file = Path(config_file) if config_file else None
    session.color = color
    session.verbosity = -1 if quiet else verbose
    # Without this click colours whatever is a terminal, NO_COLOR or not.
    ctx.color = session.colored(sys.stdout)


def main(args: list[str] | None = None) -> None:
    """Run the program and leave with its exit code."""
    _safe_streams()
    session = Session()
    code = _run(args, session)
    try:
        # What is still held back may find the pipe closed or the disk full.
        sys.stdout.flush()
    except BrokenPipeError:
        code = PIPE_CLOSED
    except OSError as error:
        show_error(_cannot(error, "<stdout>"), session)
        code = UNREADABLE
    if code in (PIPE_CLOSED, UNREADABLE):
        let_go(sys.stdout)
    sys.exit(code)


def _run(args: list[str] | None, session: Session) -> int:
    try:
        code: Any = cli.main(args=args, prog_name="moderation", standalone_mode=False, obj=session)
    except click.ClickException as error:
        show_usage_error(error, session)
        return error.exit_code
    except ModerationError as error:
        show_error(error, session)
        return exit_code_of(error)
    except (KeyboardInterrupt, click.Abort):
        session.talk("interrupted", level=-1)
        return INTERRUPTED
    except PipeClosedError:
        # The reader has what it wanted (`| head`); there is nobody to say it to.
        return PIPE_CLOSED
    except OSError as error:
        show_error(_cannot(error), session)
        return UNREADABLE
    except Exception as error:
        # Python's own exit code for this is 1, which here means that something was found.
        show_crash(error, session)
        return UNREADABLE
    return code if isinstance(code, int) else 0


def _cannot(error: OSError, where: str = "") -> ModerationError:
    """A full disk, a file that may not be read: whatever no command foresaw."""
    where = error.filename if isinstance(error.filename, str) else where
    return ModerationError(error.strerror or str(error), where=where)


def _safe_streams() -> None:
    """A character that a stream cannot show or read becomes an escape, not a crash."""
    # A stream that was closed by the caller (`>&-`) is None.
    sys.stdin = sys.stdin or Path(os.devnull).open()  # noqa: SIM115
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
