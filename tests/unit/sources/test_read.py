"""Opening, unpacking, decoding, recognising; several inputs; options; progress."""

from __future__ import annotations

import gzip
import io
import json
import os
from datetime import datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.errors import ModerationError, UsageError
from moderation.sources import FORMATS, ReadOptions, files, jsonl, lines, read, total_size

CONTENT = {
    "page": "Site\nTitle\n  1. Ann\n    Ann 28 September 2015 06: 02\n    hello\n",
    "jsonl": '{"text": "hello"}\n{"text": "again"}\n',
    "json": '[\n  {"text": "hello"}\n]\n',
    "csv": "id,text\n1,hello\n",
    "tsv": "id\ttext\n1\thello\n",
    "lines": "hello\n\nagain\n",
}
PACK = {
    "": lambda data: data,
    ".gz": lambda data: gzip.compress(data, 1),
    ".zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}


def noise(size: int) -> bytes:
    """JSON lines that do not compress to nothing."""
    out = bytearray()
    while len(out) < size:
        out += json.dumps({"text": os.urandom(40).hex()}).encode() + b"\n"
    return bytes(out)


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_in_every_packing(from_paths, from_bytes, tmp_path, kind, packing):
    data = PACK[packing](CONTENT[kind].encode())
    path = tmp_path / f"old.{kind}{packing}"
    path.write_bytes(data)
    for comments, rejects in (from_paths(path), from_paths(path, format=kind), from_bytes(data)):
        assert rejects == []
        assert comments[0].text == "hello"
    assert from_paths(path)[0][0].source == str(path)


def test_lines(from_bytes):
    comments, rejects = from_bytes(b"one\r\n\n  two  \n \t\nb\xffd\n" + b"x" * 11, max_text=10)
    assert [(c.key, c.text, c.line) for c in comments] == [
        ("stdin#1", "one", 1),
        ("stdin#3", "  two  ", 3),
    ]
    assert [(r.line, r.cause, r.raw) for r in rejects] == [
        (5, "not valid UTF-8 at byte 2", "b\\xffd"),
        (6, "text of 11 characters, over the limit of 10", "x" * 11),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "lines"),
        ("plain words\nand more\n", "lines"),
        ("[removed]\nwhat a day\n", "lines"),
        ("{shrug}\n", "lines"),
        ("Comment, please\nwe do\n", "lines"),
        ("text\nis a word\n", "lines"),
        ("  1. a list\n  2. of things\n", "lines"),
        ('{"a": 1}', "jsonl"),
        ('{"a": 1}\n{"a": 2}', "jsonl"),
        ('{broken}\n{"a": 2}', "lines"),
        ('{"a": \n{"a": 2}\n{"a": 3}', "jsonl"),
        ('{"comments": []}', "json"),
        ('{\n  "comments": []\n}', "json"),
        ('{"comments": [' + '{"text": "x"},' * 30_000, "json"),
        ('{"text": "' + "x" * 300_000, "jsonl"),
        ("[]", "json"),
        ('[{"a": 1}]', "json"),
        ("id,body\n", "csv"),
        ("id;body\n", "csv"),
        ("Author,Comment Text,Date\n", "csv"),
        ("id\tbody\n", "tsv"),
        ("a\tb\nc\td\n", "tsv"),
        ("BODY_TXT,nr\n", "lines"),
    ],
)
def test_recognised_by_content(text, kind):
    from moderation.sources.detect import detect

    assert detect("<stdin>", text.encode()[: files.HEAD], {}) == kind


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.jsonl", "words", "jsonl"),
        ("a.NDJSON.gz", "words", "jsonl"),
        ("a.csv.zst", "words", "csv"),
        ("a.tab", "words", "tsv"),
        ("a.json", "words", "json"),
        ("a.json", '{"text": 1}\n{"text": 2}', "jsonl"),
        ("a.txt", "words", "lines"),
        ("a.txt", '{"text": 1}', "jsonl"),
    ],
)
def test_recognised_by_name(name, text, kind):
    from moderation.sources.detect import detect

    assert detect(name, text.encode(), {}) == kind


def test_a_mapped_column_makes_a_header(from_bytes):
    [comment], _ = from_bytes("BODY_TXT,nr\nhello,1\n", columns={"text": "BODY_TXT"})
    assert comment.text == "hello"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("kind", FORMATS)
def test_byte_order_marks(from_bytes, kind, encoding):
    comments, rejects = from_bytes(CONTENT[kind].replace("hello", "grüß").encode(encoding))
    assert rejects == []
    assert comments[0].text == "grüß"


def test_utf16_that_is_broken(from_bytes):
    comments, [reject] = from_bytes("one\ntwo".encode("utf-16") + b"\x00", format="lines")
    assert [c.text for c in comments] == ["one"]
    assert "not valid UTF-16" in reject.cause
    comments, [reject] = from_bytes(
        b"\xff\xfe" + "a\n\ud800\nb".encode("utf-16-le", "surrogatepass")
    )
    assert [c.text for c in comments] == ["a", "b"]
    assert "not valid UTF-8" in reject.cause


def test_what_is_no_text(from_bytes):
    _, [reject] = from_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert "not a text file" in reject.cause
    for magic in (b"BZh91AY", b"\xfd7zXZ\x00", b"PK\x03\x04"):
        _, [reject] = from_bytes(magic + b"\0" * 20)
        assert reject.line is None
        assert "files are not read (unpack it first)" in reject.cause


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_stream_that_breaks_off(from_paths, from_bytes, tmp_path, suffix):
    data = noise(600_000)
    packed = PACK[suffix](data)
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(packed[: len(packed) // 2])
    comments, [reject] = from_paths(path)
    assert 1000 < len(comments) < data.count(b"\n")
    assert reject.line == len(comments) + 1
    assert "ends too early" in reject.cause
    assert reject.raw == "" or reject.raw.startswith('{"')
    path.write_bytes(packed[:3])
    comments, [reject] = from_paths(path)
    assert (comments, reject.line) == ([], None)
    damaged = bytearray(packed)
    damaged[len(packed) // 2 : len(packed) // 2 + 400] = b"\xff" * 400
    path.write_bytes(damaged)
    comments, rejects = from_paths(path)
    assert len(comments) > 500
    assert "broken" in rejects[-1].cause


@pytest.mark.parametrize("kind", FORMATS)
def test_a_break_in_any_format_is_reported(from_bytes, kind):
    packed = gzip.compress(CONTENT[kind].encode() + b"\n" * 3)
    _, rejects = from_bytes(packed[:-9], format=kind)
    assert any("gzip" in reject.cause for reject in rejects)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_several_members_in_one_file(from_bytes, suffix):
    pack = PACK[suffix]
    data = pack(b"one\n") + pack(b"") + pack(b"two\nth") + pack(b"ree")
    comments, rejects = from_bytes(data)
    assert rejects == []
    assert [c.text for c in comments] == ["one", "two", "three"]
    _, [reject] = from_bytes(data + b"junk")
    assert "broken" in reject.cause or "too early" in reject.cause


def test_zeros_after_gzip_and_frames_to_skip_in_zstd(from_bytes):
    assert from_bytes(gzip.compress(b"one") + b"\0" * 600)[1] == []
    skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    comments, rejects = from_bytes(skipped + zstandard.compress(b"one"))
    assert ([c.text for c in comments], rejects) == (["one"], [])


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_name_that_promises_too_much(from_paths, tmp_path, suffix):
    path = tmp_path / f"a.txt{suffix}"
    for data in (b"plain", b""):
        path.write_bytes(data)
        comments, [reject] = from_paths(path)
        assert comments == []
        assert f"its name ends in {suffix}" in reject.cause


def test_lines_over_the_limit_are_skipped_without_being_held(from_bytes, monkeypatch):
    for module in (files, jsonl, lines):
        monkeypatch.setattr(module, "MAX_LINE", 1000)
    data = b'{"text": "a"}\n{"text": "' + b"x" * 500_000 + b'"}\n{"text": "b"}\n'
    comments, [reject] = from_bytes(data, format="jsonl")
    assert [c.text for c in comments] == ["a", "b"]
    assert (reject.line, reject.cause) == (2, files.LINE_TOO_LONG)
    comments, [reject] = from_bytes(b"a\n" + b"x" * 500_000, format="lines")
    assert (len(comments), reject.line) == (1, 2)


def test_a_document_over_the_limit(from_bytes, monkeypatch):
    monkeypatch.setattr("moderation.sources.json_array.MAX_DOCUMENT", 1024**2)
    _, [reject] = from_bytes(b"[" + b" " * 1024**2 + b"]", format="json")
    assert reject.cause == "larger than 1 MiB (convert it to jsonl)"


def test_an_unreadable_input_does_not_stop_the_others(from_paths, tmp_path):
    good, other = tmp_path / "a.txt", tmp_path / "b.txt"
    good.write_text("one\n")
    other.write_text("two\n")
    missing = tmp_path / "missing.txt"
    comments, rejects = from_paths(good, missing, tmp_path, "a\0b", "", other)
    assert [(c.source, c.text) for c in comments] == [(str(good), "one"), (str(other), "two")]
    assert [(r.source, r.line) for r in rejects] == [
        (str(missing), None),
        (str(tmp_path), None),
        ("a\0b", None),
        ("", None),
    ]
    assert rejects[0].cause == "No such file or directory"


def test_a_device_that_fails(from_bytes):
    class Failing(io.BytesIO):
        def read1(self, size=-1):
            block = super().read1(4)
            if not block:
                raise OSError(5, "Input/output error")
            return block

    rejects = []
    options = ReadOptions(format="lines")
    comments = list(read(["-"], options, on_reject=rejects.append, stdin=Failing(b"one\ntwo\nth")))
    assert [c.text for c in comments] == ["one", "two"]
    assert [(r.line, r.cause) for r in rejects] == [(3, "cannot be read: Input/output error")]
    rejects.clear()
    assert list(read(["-"], options, on_reject=rejects.append, stdin=Failing(b""))) == []
    assert rejects[0].line is None


def test_origins(from_paths, tmp_path):
    (tmp_path / "x").mkdir()
    names = ["a.b.txt", "x/a.b.txt.gz", "c#d.txt"]
    for name in names:
        (tmp_path / name).write_bytes(PACK[".gz" if name.endswith("gz") else ""](b"one"))
    assert [c.origin for c in from_paths(tmp_path / names[0])[0]] == ["a.b"]
    assert [c.origin for c in from_paths(tmp_path / names[1])[0]] == ["a.b"]
    # Two files of one name are two name spaces.
    comments, _ = from_paths(*(tmp_path / name for name in names))
    assert [c.origin for c in comments] == [str(tmp_path / n) for n in names[:2]] + ["c-d"]
    # One file twice is one.
    assert len({c.key for c in from_paths(tmp_path / names[0], tmp_path / names[0])[0]}) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"format": "xml"},
        {"columns": {"txt": "a"}},
        {"timezone": "Mars/Olympus"},
        {"timezone": ""},
        {"timezone": "Europe"},
        {"timezone": "../etc/passwd"},
        {"timezone": "/etc/passwd"},
        {"max_text": 0},
    ],
)
def test_wrong_options_are_told_at_once(options):
    with pytest.raises(UsageError):
        read([], ReadOptions(**options), on_reject=print)


def test_progress_adds_up(tmp_path):
    paths = []
    for number, suffix in enumerate(("", ".gz", ".zst")):
        path = tmp_path / f"a{number}.jsonl{suffix}"
        path.write_bytes(PACK[suffix](noise(400_000)))
        paths.append(str(path))
    told: list[int] = []
    list(read(paths, ReadOptions(), on_reject=print, on_progress=told.append))
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == total_size(paths) == sum(Path(path).stat().st_size for path in paths)
    assert total_size([*paths, "-"]) is None
    assert total_size([*paths, "/nowhere", str(tmp_path)]) == told[-1]
    assert total_size(["/dev/null"]) is None


def test_files_are_read_as_they_come_and_closed(tmp_path):
    class Slow(io.BytesIO):
        """A pipe that gives one line at a time."""

        def read1(self, size=-1):
            return self.readline()

    stdin = Slow(b"one\ntwo\nthree\n")
    comments = read(["-"], ReadOptions(format="lines"), on_reject=print, stdin=stdin)
    assert next(comments).text == "one"
    assert stdin.tell() < 14
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n")
    comments = read([str(path)], ReadOptions(), on_reject=print)
    next(comments)
    comments.close()  # an open file would warn, and a warning fails the test


def test_a_time_zone_reaches_every_reader(from_bytes):
    for data in ('{"text": "a", "date": "2015-09-28 06:02"}', "text,date\na,2015-09-28 06:02\n"):
        naive = from_bytes(data)[0][0].created
        aware = from_bytes(data, timezone="UTC")[0][0].created
        assert naive == datetime(2015, 9, 28, 6, 2)
        assert aware.isoformat() == "2015-09-28T06:02:00+00:00"


def test_the_raw_form_is_cut(from_bytes):
    _, [reject] = from_bytes("oops " * 10_000, format="jsonl")
    assert len(reject.raw) == 2000


_START = st.sampled_from(
    [
        b"",
        b"\x1f\x8b\x08\x00",
        b"(\xb5/\xfd",
        b"\xff\xfe",
        b"[",
        b'{"text":',
        b"id,text\n",
        b"id\ttext\n",
        b'[{"text": "a"},',
        b"S\nT\n  1. A\n    A 28 May 2015 06: 02\n",
        b'{"data":[',
    ]
)
_PIECES = st.lists(
    st.binary(max_size=12)
    | st.sampled_from([b'"', b",", b"\n", b"\r\n", b"{}", b"[", b"\\u", b"\t"]),
    max_size=30,
).map(b"".join)


@given(_START, _PIECES, st.sampled_from(["auto", *FORMATS]))
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise(from_bytes, start, rest, kind):
    try:
        comments, rejects = from_bytes(start + rest, format=kind, max_text=50)
    except ModerationError:
        pytest.fail("only an option may raise")
    for comment in comments:
        assert isinstance(comment.text, str)
        assert len(comment.text) <= 50
        assert comment.id
    for reject in rejects:
        assert reject.cause
        assert len(reject.raw) <= 2000
