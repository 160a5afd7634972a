"""What every reader shares: rejects, options and the checked form of the options."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from zoneinfo import ZoneInfo

from moderation.comments import MAX_TEXT
from moderation.errors import UsageError
from moderation.sources.columns import FIELDS

#: The input formats by name, in the order in which they are listed to people.
FORMATS: tuple[str, ...] = ("page", "jsonl", "json", "csv", "tsv", "lines")

#: A reject keeps at most this many characters of what could not be read.
RAW_LIMIT = 2_000

_SLUG_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that could not be read: one record, or with `line` None a whole input.

    `raw` is the beginning of it (at most `RAW_LIMIT` characters; bytes that are no
    UTF-8 as `\\xNN`). `cause` and `raw` quote untrusted text: print through `display`.
    """

    source: str
    line: int | None
    cause: str
    raw: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a user should know of an input although nothing of it is lost: its encoding was
    guessed, times are unknown, ids repeat. `line` is where that begins. `what` quotes nothing
    of the input."""

    source: str
    line: int | None
    what: str


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: `format` is one of `FORMATS` or "auto".

    `columns` says which column or key holds a field, where it has an unusual name
    (`{"text": "BODY_TXT"}`). `timezone` is the IANA name of the zone of times that
    name none; None leaves them naive. A text of more than `max_text` characters (at
    most `MAX_TEXT`: rules match no longer one) is a reject. `encoding` is one that Python
    knows by this name; None finds it out.
    """

    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    max_text: int = MAX_TEXT
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`ReadOptions` after the check."""

    format: str
    columns: Mapping[str, str]
    zone: ZoneInfo | None
    max_text: int
    encoding: str | None

    @classmethod
    def of(cls, options: ReadOptions) -> Settings:
        """Raises UsageError for an unknown format, field, encoding or time zone."""
        if options.format != "auto" and options.format not in FORMATS:
            raise UsageError(
                f"unknown input format {options.format!r}",
                hint=f"one of: auto, {', '.join(FORMATS)}",
            )
        for name in options.columns:
            if name not in FIELDS:
                raise UsageError(
                    f"cannot map the unknown field {name!r}", hint=f"one of: {', '.join(FIELDS)}"
                )
        if not 1 <= options.max_text <= MAX_TEXT:
            raise UsageError(
                f"the longest text must be from 1 to {MAX_TEXT:,}, not {options.max_text}"
            )
        zone = None
        if options.timezone is not None:
            try:
                zone = ZoneInfo(options.timezone)
            except (KeyError, ValueError, OSError):
                # KeyError: not found; ValueError: not a name; OSError: a folder such as "Europe".
                raise UsageError(
                    f"unknown time zone {options.timezone!r}",
                    hint="an IANA name such as Europe/Berlin, America/New_York or UTC",
                ) from None
        if options.encoding is not None and not _is_encoding(options.encoding):
            raise UsageError(
                f"unknown encoding {options.encoding!r}",
                hint="for example utf-8, utf-16-le, windows-1252, windows-1251, gb18030, shift_jis",
            )
        columns = dict(options.columns)
        return cls(options.format, columns, zone, options.max_text, options.encoding)


def _is_encoding(name: str) -> bool:
    """Whether Python turns text into bytes by this name, and ASCII into something."""
    try:
        return bool("a".encode(name)) and codecs.lookup(name).incrementaldecoder is not None
    except (LookupError, ValueError):
        return False


class BrokenError(Exception):
    """A stream that cannot be read any further; the message says why."""


class BadRecordError(Exception):
    """One record that cannot be read; the message is the cause for its reject."""


def too_long(length: int, limit: int, what: str = "text") -> str:
    """The cause for a text over the limit (both in characters)."""
    return f"{what} of {length:,} characters, over the limit of {limit:,}"


def slug(text: str) -> str:
    """A stable name of lower-case letters, digits and hyphens, in any script.

    Empty when the text has neither letters nor digits. A long one is cut and carries a
    digest of the whole, so two long titles with one beginning stay two.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    name = re.sub(r"[\W_]+", "-", plain).strip("-")
    if len(name) <= _SLUG_LENGTH:
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[:_SLUG_LENGTH].rstrip('-')}-{digest}"
