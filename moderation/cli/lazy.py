"""Groups whose commands are modules, imported when they are asked for."""

from __future__ import annotations

import difflib
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click


class PipeClosedError(Exception):
    """The reader of stdout went away."""


class LazyGroup(click.Group):
    """A group that knows its commands by name only.

    `package` holds a module for each name (a hyphen is written `_`, and a word of
    Python's own gets one at its end), in it a command `<name>_command`.
    """

    def __init__(
        self, *args: Any, package: str = "", names: tuple[str, ...] = (), **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._package = package
        self._names = names

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # click would leave with 1, which here means that something was found.
            raise PipeClosedError from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._names:
            return None
        name = cmd_name.replace("-", "_")
        module = import_module(f"{self._package}.{name}{'_' if iskeyword(name) else ''}")
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], self._names, n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{near[0]}'?", ctx) from None
