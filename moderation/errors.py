"""One family of errors.

Each says what went wrong, where, and how to mend it. None of them knows about exit
codes: which code an error becomes is the command line's business.
"""

from __future__ import annotations

from typing import Any


class ModerationError(Exception):
    """Something the user can act on.

    `what` is one sentence, `where` a file, line or address (may be empty), `hint`
    what to do about it (may be empty). The parts may quote untrusted text: print
    them through `display` only.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled by a worker; each kind is made of arguments of its own.
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[ModerationError], args: tuple[object, ...]) -> ModerationError:
    return kind.__new__(kind, *args)


class UsageError(ModerationError):
    """A wrong option, argument or unknown name."""


class ConfigError(ModerationError):
    """A configuration file that cannot be used."""


class RuleError(ModerationError):
    """A rule file with errors; `problems` holds each with its place."""

    def __init__(self, what: str, problems: tuple[object, ...] = (), **more: str) -> None:
        super().__init__(what, **more)
        self.problems = problems


class InputError(ModerationError):
    """An input that cannot be read at all (a single bad record is a reject instead)."""


class TooLongError(InputError):
    """A comment whose `field` (`text`, `title` or `author`) has more characters than are
    matched: `length` of them, at most `limit`."""

    def __init__(self, field: str, length: int, limit: int, **more: str) -> None:
        super().__init__(
            f"the comment's {field} has {length:,} characters, over the limit of {limit:,}",
            hint=f"leave the comment out, or cut its {field}",
            **more,
        )
        self.field, self.length, self.limit = field, length, limit


class ModelError(ModerationError):
    """A model that cannot be loaded, or could not score."""


class StoreError(ModerationError):
    """The database cannot be opened, read or written."""


class NotFoundError(StoreError):
    """No stored comment has this id, or more than one has."""


class ConflictError(StoreError):
    """Someone else decided first; the message says who decided what."""


class CancelledError(StoreError):
    """A question to the database was called off before its answer."""


class MissingExtraError(ModerationError):
    """An optional package is not installed; the hint is the exact pip command."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the extra [{extra}], which is not installed",
            hint=f"pip install 'moderation[{extra}]'",
        )
