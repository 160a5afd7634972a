"""Timestamps as sources write them. Nothing here raises: what is no time is None.

Only years 1970 to 2200 count. Zero and earlier, which dumps write for "not known", is
unknown as well.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_FIRST_YEAR, _LAST_YEAR = 1970, 2200

# A number from here on counts milliseconds, then microseconds, then nanoseconds: as
# seconds it would be
# past the year 5138.
_MILLISECONDS = 1e11
_MICROSECONDS = 1e14
_NANOSECONDS = 1e17

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        1,
    )
    for name in names
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))

_NUMBER = re.compile(r"[0-9]{9,19}(?:\.[0-9]{0,9})?", re.ASCII)
# Mail's names of zones (RFC 2822), in hours from UTC.
_ZONES = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT"), 0),
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("MST", "PDT"), -7),
    "EDT": -4,
    "PST": -8,
}
_ZONE = rf"(?P<zone>{'|'.join(sorted(_ZONES, key=len, reverse=True))}|[+-][0-9]{{2}}:?[0-9]{{2}})"
_CLOCK = (
    r"(?:,? +(?:at +)?(?P<hour>[0-9]{1,2}): ?(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    rf"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?{_ZONE}(?: \([a-z ]{{1,32}}\))?)?)?"
)
_SPELLED = tuple(
    re.compile(
        rf"(?:[a-z]{{3,9}},? +)?{day_and_month},? +(?P<year>[0-9]{{4}}){_CLOCK}", re.I | re.A
    )
    for day_and_month in (
        rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)? +(?P<month>{_MONTH})\.?",
        rf"(?P<month>{_MONTH})\.? +(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?",
    )
)
# ISO 8601 as it is often bent: slashes, a blank before the zone, the zone's name.
_BENT = re.compile(
    r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})"
    r"(?:[T ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?)?"
    rf"(?P<half>(?!))?(?: ?{_ZONE})?",
    re.I | re.A,
)
# C's ctime, also with the zone before the year (Twitter).
_CTIME = re.compile(
    rf"[a-z]{{3}} (?P<month>{_MONTH}) (?P<day>[0-9]{{1,2}}) (?P<hour>[0-9]{{2}}):"
    rf"(?P<minute>[0-9]{{2}}):(?P<second>[0-9]{{2}})(?P<half>(?!))?(?: {_ZONE})?"
    r" (?P<year>[0-9]{4})",
    re.I | re.A,
)
# What dumps write where they know no time; and the zero dates of MySQL and .NET.
_UNKNOWN = frozenset(("", "0", "null", "none", "nil", "nan", "nat", "n/a", "-", "unknown", "false"))
_NEVER = ("0000-00-00", "0001-01-01")
_LONGEST = 64


def parse(value: object, zone: tzinfo | None = None) -> datetime | None:
    """The moment that a value names, or None.

    A number (or a text of 9 digits and more) counts seconds, milliseconds, microseconds
    or nanoseconds since 1970 in UTC. A text is ISO 8601, that of a mail (RFC 2822), or
    spelled with an English month (`28 September 2015 06: 02`, `Sep 28, 2015 at 6:02 pm`,
    `Mon Sep 28 06:02:00 +0000 2015`). Of `3/4/2020` nobody knows the month: it is not
    read. The result is aware where the value names its zone; else it is in `zone`, and
    naive without one. A local time that the clock skipped or had twice is taken as its
    first reading.
    """
    if isinstance(value, str):
        found = _of_text(value.strip())
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        found = _of_number(value)
    else:
        return None
    if found is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    if found.tzinfo is None and zone is not None:
        return found.replace(tzinfo=zone)
    return found


def is_stated(value: object) -> bool:
    """Whether a value means to name a moment, so that one that `parse` cannot read is worth
    a word: not blank, and none of the usual signs for "not known"."""
    if isinstance(value, str):
        value = value.strip().casefold()
        return value not in _UNKNOWN and not value.startswith(_NEVER)
    if isinstance(value, (int, float)):
        return not isinstance(value, bool) and value == value and value > 0
    return value is not None


def _of_number(value: float) -> datetime | None:
    try:
        seconds = float(value)
    except OverflowError:
        return None
    if not math.isfinite(seconds) or seconds <= 0:
        return None
    if seconds >= _NANOSECONDS:
        seconds /= 1e9
    elif seconds >= _MICROSECONDS:
        seconds /= 1e6
    elif seconds >= _MILLISECONDS:
        seconds /= 1e3
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _of_text(text: str) -> datetime | None:
    if not text or len(text) > _LONGEST:
        return None
    if len(text) == 14 and text.isascii() and text.isdigit():
        # 20150928060200: as milliseconds it would be past the year 2500.
        with suppress(ValueError):
            return datetime.strptime(text, "%Y%m%d%H%M%S")
    if _NUMBER.fullmatch(text):
        return _of_number(float(text))
    try:
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        pass
    text = " ".join(text.split())
    for pattern in (_BENT, *_SPELLED, _CTIME):
        match = pattern.fullmatch(text)
        if match is not None:
            return _of_match(match)
    return None


def _of_match(match: re.Match[str]) -> datetime | None:
    month = match["month"]
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    try:
        return datetime(
            int(match["year"]),
            int(month) if month.isdecimal() else _MONTHS[month.lower()],
            int(match["day"]),
            hour,
            int(match["minute"] or 0),
            int(match["second"] or 0),
            tzinfo=_zone(match["zone"]),
        )
    except ValueError:
        return None


def _zone(name: str | None) -> tzinfo | None:
    """The zone of one of `_ZONES` or an offset; ValueError for an offset over a day."""
    if not name:
        return None
    if name[0] not in "+-":
        return timezone(timedelta(hours=_ZONES[name.upper()])) if _ZONES[name.upper()] else UTC
    away = timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))
    return timezone(-away if name[0] == "-" else away)
