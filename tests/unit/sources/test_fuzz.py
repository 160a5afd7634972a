"""Valid samples, broken in the ways that files break: nothing raises, hangs or gets lost.

`MODERATION_FUZZ=20000` tries so many examples in each test, instead of a few hundred.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import time
import tracemalloc
from collections.abc import Callable

import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.comments import Comment
from moderation.sources import FORMATS, Note, ReadOptions, Reject, read

often = settings(
    max_examples=int(os.environ.get("MODERATION_FUZZ", 250)),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
#: A reader's allowance for an input of some KiB, in seconds and bytes: a hundred times what
#: it takes on a machine at rest.
SLOWEST, LARGEST = 3.0, 32 * 1024**2

RECORDS = [
    {"id": 1, "text": "hello", "author": "Ann", "created_at": "2015-09-28T06:02:00Z"},
    {"id": 2, "text": 'a, "b"; c\td', "author": {"name": "Zoë", "id": 7}, "parent": 1},
    {"id": 2, "text": "🥕 über\nzwei", "date": 1443420120, "replies": [{"text": "yes"}, "no"]},
    {"id": 10**30, "text": "", "created_utc": 1e999, "depth": -1, "children": [{"id": 2}]},
    {
        "comment_id": 1.5,
        "Comment Text": "c",
        "user": ["a"],
        "timestamp": "Mon, 28 Sep 2015 06:02:00 EST",
        "thread": {"title": "T", "url": "https://a.example/b#c"},
        "reports": "3",
        "edited": 1443420120,
        "author_created": "28 Sep 2015 1:00 pm",
    },
    {"body": "d", "comment": {"text": "e"}, "name": 4, "parent": False, "edited": "no", "time": []},
]
TABLE = [
    ["id", "text", "author", "date", "parent"],
    ["1", "hello", "Ann", "2015-09-28", ""],
    ["2", 'she said ""no""', "Zoë", "yesterday", "1"],
    ["2", "two\nlines", "", "", "0"],
]
SAMPLES = {
    "jsonl": "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in RECORDS),
    "json": json.dumps({"page": 1, "comments": RECORDS}, indent=1),
    "array": json.dumps(RECORDS),
    "object": json.dumps(RECORDS[0]),
    "csv": "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in TABLE),
    "tsv": "".join("\t".join(row).replace("\n", " ") + "\n" for row in TABLE),
    "lines": "hello\n\n  [removed]\nüber 🥕\r\n",
    "page": (
        "Site\nTitle\nan article\n  1. Ann\n    Ann 28 September 2015 06: 02\n    hello\n"
        "    1. Zoë\n      Zoë 28 September 2015 06: 31\n      a reply\n  2. Cid\n"
        "    Cid 28 September 2015 06: 40\n    last\n"
    ),
}
assert set(SAMPLES) >= set(FORMATS)

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251", "utf-7")
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": lambda data: gzip.compress(data, 1),
    "zstd": lambda data: zstandard.ZstdCompressor(level=1, write_checksum=True).compress(data),
    "twice": lambda data: gzip.compress(data[::2], 1) + gzip.compress(data[1::2], 1),
}
#: What breaks readers where it stands between two bytes of a sample.
TOKENS = [
    *(b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\\", b"{", b"}", b"[", b"]"),
    *(b"\\u", b"\\ud800", b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xe9", b"\xef\xbb\xbf", b"\x1a"),
    *(b"null", b"NaN", b"1e999", b"-0", b"9" * 5000, b"[" * 2000, b'{"a":' * 2000, b'""' * 500),
    *(b"\x1f\x8b", b"(\xb5/\xfd", b"\x50\x2a\x4d\x18", b"\x1b[2J", b"=1+1", b" " * 3000),
    *(b"\n" * 3000, b"\t" * 3000, b",," * 3000, b"  1. A\n    A 28 May 2015 06: 02\n"),
    *('{"text":"'.encode("utf-16-le"), "\u2028\u0085".encode()),
]
TOKENS = [token if isinstance(token, bytes) else bytes([token]) for token in TOKENS]


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, bytes, str]:
    """The format as it is asked for, the bytes, and the encoding that is named ("": none)."""
    name = draw(st.sampled_from(tuple(SAMPLES)))
    kind = name if name in FORMATS else "json"
    encoding = draw(st.sampled_from(ENCODINGS))
    data = SAMPLES[name].encode(encoding, errors="replace")
    data = _mutated(draw, data, draw(st.integers(0, 4)))
    packing = draw(st.sampled_from(tuple(PACKINGS)))
    data = PACKINGS[packing](data)
    if packing:
        data = _mutated(draw, data, draw(st.integers(0, 2)))
    asked = draw(st.sampled_from(("auto", kind, *FORMATS)))
    return asked, data, draw(st.sampled_from(("", "", "", encoding)))


def _mutated(draw: st.DrawFn, data: bytes, times: int) -> bytes:
    for _ in range(times):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 12))
        match draw(st.sampled_from(("put", "cut", "flip", "end", "repeat", "swap", "random"))):
            case "put":
                data = data[:at] + draw(st.sampled_from(TOKENS)) + data[at:]
            case "cut":
                data = data[:at] + data[at + size :]
            case "flip":
                data = data[:at] + bytes(byte ^ 0x80 for byte in data[at : at + 1]) + data[at + 1 :]
            case "end":
                data = data[:at]
            case "repeat":
                data = data[: at + size] + data[at:]
            case "swap":
                other = draw(st.sampled_from(FORMATS))
                data = data[:at] + SAMPLES[other].encode()[at:]
            case _:
                data = data[:at] + draw(st.binary(max_size=8)) + data[at:]
    return data


Found = tuple[list[Comment], list[Reject]]


def checked(data: bytes, kind: str, encoding: str = "", **options: object) -> Found:
    """Read it, and hold against all that a reader promises of any bytes."""
    rejects: list[Reject] = []
    notes: list[Note] = []
    asked = ReadOptions(format=kind, encoding=encoding or None, **options)
    stdin = io.BytesIO(data)
    started = time.monotonic()
    comments = list(read(["-"], asked, on_reject=rejects.append, on_note=notes.append, stdin=stdin))
    assert time.monotonic() - started < SLOWEST
    texts: dict[str, str] = {}
    for comment in comments:
        assert comment.id
        assert len(comment.text) <= asked.max_text
        assert comment.line is None or comment.line >= 1
        assert comment.depth is None or comment.depth >= 0
        assert comment.created is None or 1970 <= comment.created.year <= 2200
        # Two texts never share a key: a store would keep one of them only.
        assert texts.setdefault(comment.key, comment.text) == comment.text
    for reject in rejects:
        assert reject.cause
        assert len(reject.cause) < 2_000
        assert len(reject.raw) <= 2_000
        assert reject.line is None or reject.line >= 1
    for note in notes:
        assert note.what.isprintable()
        assert note.line is None or note.line >= 1
    # No byte makes more than one record; and where there is none it is said why, or the
    # input holds nothing (what is packed may do so).
    unpacked = not data.startswith((b"\x1f\x8b", b"(\xb5/\xfd"))
    if unpacked:
        assert len(comments) + len(rejects) <= 2 + len(data)
    assert stdin.read() == b"" or rejects
    return comments, rejects


@given(broken())
@often
def test_broken_samples(sample):
    kind, data, encoding = sample
    tracemalloc.start()
    try:
        checked(data, kind, encoding)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < LARGEST


PARTS = st.lists(st.binary(max_size=20) | st.sampled_from(TOKENS), max_size=12).map(b"".join)


@given(PARTS, st.sampled_from(("auto", *FORMATS)), st.sampled_from(("", *ENCODINGS)))
@often
def test_any_bytes(data, kind, encoding):
    checked(data, kind, encoding, max_text=50)


@given(PARTS, st.sampled_from(("lines", "jsonl")))
@often
def test_every_line_is_a_comment_or_a_reject(data, kind):
    data = b"plain" + data  # neither packed nor marked
    comments, rejects = checked(data, kind)
    told = {each.line for each in (*comments, *rejects)}
    lines = enumerate(data.split(b"\n"), 1)
    # Every blank that Python knows in a text; NEL and others are two bytes and more.
    filled = {number for number, line in lines if line.strip(b" \t\r\x0b\x0c\x1c\x1d\x1e\x1f")}
    bare = {number for number in filled if _is_blank(data.split(b"\n")[number - 1])}
    assert filled - bare <= told
    assert len(rejects) + len(comments) >= len(filled - bare)


def _is_blank(line: bytes) -> bool:
    return any(
        line.decode(encoding, errors="replace").isspace() for encoding in ("utf-8", "latin-1")
    )


ROWS = {
    "lines": [b"harmless words %d" % n for n in range(9)],
    "jsonl": [b'{"id": "r%d", "text": "harmless words %d"}' % (n, n) for n in range(9)],
    "csv": [b"id,text,author", *(b"r%d,harmless words %d,Ann" % (n, n) for n in range(9))],
    "tsv": [b"id\ttext\tauthor", *(b"r%d\tharmless words %d\tAnn" % (n, n) for n in range(9))],
}


@given(st.data(), st.sampled_from(tuple(ROWS)))
@often
def test_a_broken_record_leaves_its_neighbours_alone(data, kind):
    rows = list(ROWS[kind])
    at = data.draw(st.integers(len(rows) - 8, len(rows) - 1))
    hurt = rows[at]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(hurt)))
        hurt = hurt[:place] + data.draw(st.sampled_from(TOKENS)) + hurt[place:]
    rows[at] = hurt
    comments, _ = checked(b"\n".join(rows) + b"\n", kind)
    texts = [comment.text for comment in comments]
    for number in range(9):
        if number != at - (len(rows) - 9):
            assert texts.count(f"harmless words {number}") == 1
