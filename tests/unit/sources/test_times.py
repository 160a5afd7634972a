"""Timestamps as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.sources import times

LOCAL = datetime(2015, 9, 28, 6, 2)
NAN = float("nan")
WORLD = LOCAL.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2015-09-28T06:02:00Z", WORLD),
        ("2015-09-28T06:02:00.000Z", WORLD),
        ("2015-09-28 06:02:00+00:00", WORLD),
        ("2015-09-28 09:02:00 +0300", WORLD),
        ("2015-09-28 06:02:00 UTC", WORLD),
        ("2015-09-28T06:02", LOCAL),
        ("2015-09-28 06:02:00", LOCAL),
        (" 2015-09-28 6:02 ", LOCAL),
        ("2015/09/28 06:02", LOCAL),
        ("20150928T060200", LOCAL),
        ("2015-09-28", datetime(2015, 9, 28)),
        (1443420120, WORLD),
        (1443420120.0, WORLD),
        (1443420120000, WORLD),
        (1443420120000000, WORLD),
        ("1443420120", WORLD),
        ("1443420120.5", WORLD + timedelta(seconds=0.5)),
        ("1443420120000", WORLD),
        ("28 September 2015 06: 02", LOCAL),
        ("28 Sept. 2015, 06:02", LOCAL),
        ("28th sep 2015 6:02", LOCAL),
        ("September 28, 2015 at 6:02 am", LOCAL),
        ("Sep 28, 2015 6:02 p.m.", LOCAL.replace(hour=18)),
        ("May 4, 2020 12:05 am", datetime(2020, 5, 4, 0, 5)),
        ("May 4, 2020", datetime(2020, 5, 4)),
        ("Mon, 28 Sep 2015 06:02:00 GMT", WORLD),
        ("Mon, 28 Sep 2015 08:02:00 +0200", WORLD),
        ("28 Sep 2015 06:02:00 +0000 (UTC)", WORLD),
        ("Mon, 28 Sep 2015 02:02:00 EDT", WORLD),
        ("Mon Sep 28 06:02:00 2015", LOCAL),
        ("Mon Sep 28 06:02:00 +0000 2015", WORLD),
        ("20150928060200", LOCAL),
        (1443420120000000000, WORLD),
        ("1443420120000000000", WORLD),
        ("Mar 3, 2020", datetime(2020, 3, 3)),
    ],
)
def test_known_forms(value, expected):
    found = times.parse(value)
    assert found == expected
    assert (found.tzinfo is None) == (expected.tzinfo is None)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "never",
        "yesterday",
        None,
        True,
        [],
        {},
        0,
        -5,
        "0",
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        "31 February 2015 06: 02",
        "2015-13-01",
        "2015-02-30 10:00",
        "28 Sep 2015 25:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31",
        "2015",
        "9/28/2015",
        "x" * 10000,
        "١٢٣٤٥٦٧٨٩٠",
        "28 Sep 2015 13:00 pm",
        "2015-09-28 10:00 +9900",
        "9" * 5000,
    ],
)
def test_what_is_no_time_is_unknown(value):
    assert times.parse(value) is None


@pytest.mark.parametrize("value", ["yesterday", "31 February 2015", "3/4/2020", 1e300, [2015], "5"])
def test_what_was_meant_as_a_time_is_worth_a_word(value):
    assert times.parse(value) is None
    assert times.is_stated(value)


@pytest.mark.parametrize(
    "value",
    [None, "", " ", "NULL", "n/a", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", 0, False, NAN],
)
def test_what_says_that_there_is_none_is_not(value):
    assert times.parse(value) is None
    assert not times.is_stated(value)


def test_the_zone_is_for_times_without_one():
    berlin = ZoneInfo("Europe/Berlin")
    assert times.parse("2015-09-28 06:02", berlin) == datetime(2015, 9, 28, 4, 2, tzinfo=UTC)
    assert times.parse("2015-09-28 06:02Z", berlin) == WORLD
    assert times.parse(1443420120, berlin) == WORLD
    # The clock skipped this hour, and had that one twice: no error, the first reading.
    assert times.parse("2015-03-29 02:30", berlin).utcoffset() == timedelta(hours=1)
    assert times.parse("2015-10-25 02:30", berlin).utcoffset() == timedelta(hours=2)


@given(st.text() | st.integers() | st.floats() | st.from_regex(r"[0-9]{1,4}[ -][A-Za-z0-9:]{1,9}"))
def test_nothing_raises(value):
    times.parse(value, UTC)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))
def test_round_trips(when):
    minute = when.replace(second=0, microsecond=0)
    assert times.parse(when.isoformat()) == when
    assert times.parse(f"{when:%d %B %Y %H: %M}") == minute
    assert times.parse(f"{when:%b %d, %Y %I:%M %p}") == minute
