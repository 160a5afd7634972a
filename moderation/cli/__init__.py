"""The command line: the only place that prints and that knows exit codes.

Each command is a module of its own, imported when it is run.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from moderation import __version__
from moderation.cli.common import INTERRUPTED, PIPE_CLOSED, Session, exit_code_of, show_error
from moderation.errors import ModerationError

_COMMANDS = ("demo", "scan", "review", "queue", "rules", "model", "config")


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(f"moderation.cli.{cmd_name}"), f"{cmd_name}_command"
        )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from None


@click.group(
    cls=_LazyGroup,
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
    from pathlib import Path

    session = ctx.ensure_object(Session)
    session.config_file = Path(config_file) if config_file else None
    session.color = color
    session.verbosity = -1 if quiet else verbose
    if color != "auto":
        ctx.color = color == "always"


def main(args: list[str] | None = None) -> None:
    """Run the program and leave with its exit code."""
    _safe_streams()
    session = Session()
    try:
        code: Any = cli.main(args=args, prog_name="moderation", standalone_mode=False, obj=session)
        _flush()
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except ModerationError as error:
        show_error(error, session)
        code = exit_code_of(error)
    except (KeyboardInterrupt, click.Abort):
        session.talk("interrupted", level=-1)
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader has what it wanted (`| head`). Nothing more can be said there;
        # without this the interpreter would complain while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
    sys.exit(code if isinstance(code, int) else 0)


def _flush() -> None:
    sys.stdout.flush()


def _safe_streams() -> None:
    """A terminal that cannot show a character gets an escape for it, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
