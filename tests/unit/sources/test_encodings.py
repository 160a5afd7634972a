"""Files that are not UTF-8: found out, said, and nothing of them lost."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import UsageError
from moderation.sources import FORMATS, ReadOptions, read

TEXT = "Über den Brücken – »schön«, dit-il à Zoë"
CONTENT = {
    "page": f"Site\nTitle\n  1. Zoë\n    Zoë 28 September 2015 06: 02\n    {TEXT}\n",
    "jsonl": json.dumps({"id": "1", "text": TEXT}, ensure_ascii=False) + "\n",
    "json": json.dumps([{"id": "1", "text": TEXT}], ensure_ascii=False),
    "csv": f'id,text\n1,"{TEXT}"\n',
    "tsv": f"id\ttext\n1\t{TEXT}\n",
    "lines": f"{TEXT}\n",
}


@pytest.fixture
def noted():
    def noted(data: bytes, **options):
        """(texts, causes of rejects, notes as (line, what))"""
        rejects, notes = [], []
        comments = list(
            read(
                ["-"],
                ReadOptions(**options),
                on_reject=rejects.append,
                on_note=notes.append,
                stdin=io.BytesIO(data),
            )
        )
        texts = [comment.text for comment in comments]
        return texts, [r.cause for r in rejects], [(n.line, n.what) for n in notes]

    return noted


@pytest.mark.parametrize("kind", FORMATS)
def test_windows_1252_in_every_format(noted, kind):
    texts, rejects, [(line, what)] = noted(CONTENT[kind].encode("cp1252"))
    assert (texts, rejects) == ([TEXT], [])
    before = next(at for at, char in enumerate(CONTENT[kind]) if not char.isascii())
    assert line == 1 + CONTENT[kind].count("\n", 0, before)
    assert what.startswith("not UTF-8: read as Windows-1252 (Latin-1)")
    assert "--encoding" in what


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark(noted, kind, encoding):
    texts, rejects, notes = noted(CONTENT[kind].encode(encoding), format=kind)
    assert (texts, rejects) == ([TEXT], [])
    assert [(line, what.partition(",")[0]) for line, what in notes] == [
        (None, f"read as {encoding.upper()}")
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"plain\n \0 \0",
        b"x\0" * 2000 + b"\nyou donkey\n",
        b"x\0" * 2000 + b"\n\0you donkey\n",
        b"x\0" * 100_000,
        b"id,text\n1," + b"x\0" * 2000 + b"\n2,you donkey\n",
    ],
)
def test_nuls_in_a_comment_make_no_utf16(noted, data):
    """A commenter could hide a whole file from the rules with them."""
    texts, rejects, notes = noted(data, format="lines")
    assert (texts, rejects, notes) == (data.decode().splitlines(), [], [])


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-16", ["read as UTF-16-LE"]), ("utf-32", ["read as UTF-32-LE"]), ("utf-8-sig", [])],
)
def test_a_mark_is_believed(noted, encoding, said):
    texts, rejects, notes = noted(CONTENT["csv"].encode(encoding))
    assert (texts, rejects, [what for _, what in notes]) == ([TEXT], [], said)


def test_the_line_where_it_begins_is_said(noted):
    data = b"plain\n" * 50_000 + "très bien\n".encode("cp1252") + b"plain\n" * 3
    texts, rejects, [(line, _)] = noted(data, format="lines")
    assert (line, len(texts), rejects) == (50_001, 50_004, [])
    assert texts[50_000] == "très bien"


def test_a_line_that_is_utf8_stays_it(noted):
    # One comment in another encoding must not garble all that follow it.
    data = b"caf\xe9\n" + b"plain\n" * 50_000 + "grüß\n".encode() + b"na\xefve\n"
    texts, rejects, [(line, _)] = noted(data)
    assert [text for text in texts if text != "plain"] == ["café", "grüß", "naïve"]
    assert (line, rejects) == (1, [])


def test_a_long_line_is_not_held_whole(noted):
    data = b"x" * 3_000_000 + b"\xe9" + b"y" * 3_000_000 + b"\nlast\xe9"
    texts, [reject], _ = noted(data, format="lines")
    assert (texts, reject) == (
        ["lasté"],
        "text of 6,000,001 characters, over the limit of 1,000,000",
    )


def test_one_damaged_line_does_not_turn_utf8_into_latin(noted):
    data = "grüß\n".encode() * 3 + b"caf\xe9\n" + "grüß\n".encode()
    texts, rejects, notes = noted(data)
    assert texts == ["grüß"] * 4
    assert (rejects, notes) == (["not valid UTF-8 at byte 4"], [])
    # Also where the damage comes first.
    data = b"caf\xe9\n" + "grüß\n".encode() * 3
    texts, rejects, notes = noted(data)
    assert (texts, len(rejects), notes) == (["grüß"] * 3, 1, [])


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "gb18030", "shift_jis"])
def test_other_encodings_are_rejected_until_they_are_named(noted, encoding):
    line = {"gb18030": "这座桥很漂亮", "shift_jis": "橋は美しいです"}.get(encoding, "Красивый мост")
    data = f'{{"text": "{line}"}}\n'.encode(encoding) * 3
    texts, rejects, notes = noted(data, format="jsonl")
    assert (texts, len(rejects), notes) == ([], 3, [])
    assert noted(data, format="jsonl", encoding=encoding) == ([line] * 3, [], [])


def test_a_named_encoding_is_taken_at_its_word(noted):
    # No guess, no note, and what means nothing in it is a reject of its line.
    data = "grüß\n".encode() + b"\x81\n" + b"plain\n"
    assert noted(data, encoding="windows-1252") == (
        ["grÃ¼ÃŸ", "plain"],
        ["not valid UTF-8 at byte 1"],
        [],
    )
    assert noted("\ufeffgrüß\n".encode(), encoding="utf-8")[0] == ["grüß"]
    assert noted(gzip.compress("grüß\n".encode("utf-16")), encoding="utf-16")[0] == ["grüß"]
    _, [reject], _ = noted(b"\x00\xd8\x00", encoding="utf-16-le", format="lines")
    assert reject.startswith("not valid UTF-16-LE")


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "", "a\0b", "undefined"])
def test_an_unknown_encoding_is_told_at_once(name):
    with pytest.raises(UsageError, match="unknown encoding"):
        read([], ReadOptions(encoding=name), on_reject=print)


@pytest.mark.parametrize("cut", range(1, 40))
def test_pieces_of_any_size_are_one_text(cut):
    class Pieces(io.BytesIO):
        def read1(self, size=-1):
            return super().read1(cut)

    for encoding in ("utf-8", "cp1252"):
        data = f"plain\n{TEXT}\n".encode(encoding)
        comments = read(["-"], ReadOptions(), on_reject=pytest.fail, stdin=Pieces(data))
        assert [comment.text for comment in comments] == ["plain", TEXT]


def test_the_last_byte_may_be_the_first_that_is_not_ascii(noted):
    assert noted(b"caf\xe9", format="lines")[:2] == (["café"], [])
    # Half of a character is damage, but never lost.
    assert noted("grüß".encode()[:-1], format="lines")[:2] == ([], ["not valid UTF-8 at byte 5"])


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\ufeff\0"), max_size=60))
def test_utf8_is_never_taken_for_anything_else(text):
    notes = []
    data = f"{text}|\n".encode()
    comments = read(
        ["-"],
        ReadOptions(format="lines"),
        on_reject=pytest.fail,
        on_note=notes.append,
        stdin=io.BytesIO(data),
    )
    assert [comment.text for comment in comments] == [f"{text}|"]
    assert notes == []
