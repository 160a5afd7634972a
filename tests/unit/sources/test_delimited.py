"""csv and tsv: headers, quotes, lines, and records that are broken."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.comments import Author, Thread
from moderation.errors import UsageError
from moderation.sources import delimited, files

CSV = '''\
id,author,date,comment,parent,url,extra
1,Ann,2015-09-28T06:02:00Z,"Nice, really ""nice""",,https://example.org/a,
2,Bob,28 Sep 2015,"two
lines",1,https://example.org/a,x

,,,,,,
4,Cid,never,,0,,
'''


def test_a_table(from_bytes):
    comments, rejects = from_bytes(CSV)
    assert rejects == []
    first, second, third, fourth = comments
    assert (first.id, first.text, first.origin) == ("1", 'Nice, really "nice"', "")
    assert first.author == Author("Ann")
    assert first.created == datetime(2015, 9, 28, 6, 2, tzinfo=UTC)
    assert first.thread == Thread("https://example.org/a", None, "https://example.org/a")
    assert (first.parent, first.depth, first.line) == (None, 0, 2)
    assert (second.text, second.parent, second.depth, second.line) == ("two\nlines", "1", None, 3)
    assert second.created == datetime(2015, 9, 28)
    assert (third.key, third.text, third.author, third.thread) == ("stdin#6", "", None, None)
    assert (fourth.id, fourth.created, fourth.parent, fourth.line) == ("4", None, None, 7)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiters_of_csv(from_bytes, sign):
    comments, rejects = from_bytes(f"id{sign}text\n1{sign}a\n2{sign}b\n")
    assert rejects == []
    assert [(c.id, c.text) for c in comments] == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(from_bytes, end):
    data = end.join(["id,text", "1,a", '2,"b', 'c"', "3,d"])
    comments, rejects = from_bytes(data, format="csv")
    assert rejects == []
    inner = "\n" if end == "\r" else end
    assert [(c.text, c.line) for c in comments] == [("a", 2), (f"b{inner}c", 3), ("d", 5)]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("5", "1 fields, where the header has 2"),
        ("5,a,b", "3 fields, where the header has 2"),
        ('5,"a" b', "text after a closing quote"),
        ('5,"a', "text after a closing quote"),
        ("5,a\rb", "a carriage return outside quotes"),
        ("5," + "a" * 101, "text of 101 characters"),
    ],
)
def test_a_broken_row_costs_itself_alone(from_bytes, row, cause):
    data = f'id,text\n1,a\n{row}\n3,"b"\n4,c\n'
    comments, [reject] = from_bytes(data, format="csv", max_text=100)
    assert [(c.id, c.line) for c in comments] == [("1", 2), ("3", 4), ("4", 5)]
    assert cause in reject.cause
    assert reject.line == 3
    assert reject.raw.startswith("5")


def test_a_quote_that_is_never_closed(from_bytes):
    data = 'id,text\n1,a\n2,"b\n' + "".join(f"{n},c\n" for n in range(3, 200))
    comments, [reject] = from_bytes(data, format="csv")
    assert [c.id for c in comments] == ["1", *(str(n) for n in range(3, 200))]
    assert (reject.line, reject.cause, reject.raw) == (3, "a quote is not closed", '2,"b\n')


def test_a_quote_that_is_not_closed_for_very_many_lines(from_bytes, monkeypatch):
    monkeypatch.setattr(delimited, "_MOST_LINES", 50)
    data = 'id,text\n1,"a\n' + "2,b\n" * 60 + "3,c\n"
    comments, [reject] = from_bytes(data, format="csv")
    assert [comment.text for comment in comments] == ["b"] * 60 + ["c"]
    assert (reject.line, reject.raw) == (2, '1,"a\n')
    assert reject.cause == "a record of more than 50 lines, or a quote is not closed"


def test_each_row_with_an_unclosed_quote(from_bytes):
    data = "id,text\n" + "".join(f'{n},"c\n' for n in range(2000))
    comments, rejects = from_bytes(data, format="csv")
    assert comments == []
    assert [r.line for r in rejects] == list(range(2, 2002))


def test_huge_fields_and_records(from_bytes, monkeypatch):
    monkeypatch.setattr(delimited, "MAX_FIELD", 1000)
    monkeypatch.setattr(delimited, "_MAX_RECORD", 3000)
    before = csv.field_size_limit(1000)
    try:
        long = "a" * 1001
        comments, [reject] = from_bytes(f"id,text\n1,{long}\n2,b\n", format="csv")
        assert "a field of more than 1,000 characters" in reject.cause
        assert [c.id for c in comments] == ["2"]
        wide = ",".join(['"' + "a\n" * 400 + '"'] * 9)
        comments, rejects = from_bytes(f"id,text\n1,{wide}\n2,b\n", format="csv")
        assert "a record of more than" in rejects[0].cause
        assert comments[-1].id == "2"
    finally:
        csv.field_size_limit(before)


def test_a_line_over_the_limit(from_bytes, monkeypatch):
    monkeypatch.setattr(files, "MAX_LINE", 100)
    monkeypatch.setattr(delimited, "MAX_LINE", 100)
    comments, [reject] = from_bytes(f"id,text\n1,{'a' * 200}\n2,b\n", format="csv")
    assert [(c.id, c.line) for c in comments] == [("2", 3)]
    assert (reject.line, reject.cause) == (2, files.LINE_TOO_LONG)
    _, [reject] = from_bytes(f"id,text,{'a' * 200}\n1,b,\n", format="csv")
    assert reject.cause == f"the header line: {files.LINE_TOO_LONG}"


def test_bytes_that_are_no_utf8(from_bytes):
    data = b'id,text\n1,a\xff\n2,"b\nc\xfe\nd"\n3,e\n'
    comments, rejects = from_bytes(data, format="csv")
    assert [c.id for c in comments] == ["3"]
    assert [(r.line, r.cause) for r in rejects] == [
        (2, "not valid UTF-8 at byte 4"),
        (3, "not valid UTF-8 at byte 2"),
    ]
    assert rejects[0].raw == "1,a\\xff"


def test_nul_is_a_character(from_bytes):
    [comment], rejects = from_bytes("id,text\n1,a\0b\n", format="csv")
    assert (comment.text, rejects) == ("a\0b", [])


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("a,b\n1,2\n", "no text column among: a, b (name it with --map text=COL)"),
        ("", "an empty file, without a header line"),
        ("\n \n", "an empty file, without a header line"),
        ('"id,text\n1,a\n', "the header line cannot be read"),
        (b"id,\xff\n", "the header line: not valid UTF-8 at byte 4"),
    ],
)
def test_files_without_a_usable_header(from_bytes, data, cause):
    comments, [reject] = from_bytes(data, format="csv")
    assert comments == []
    assert (reject.line, reject.cause) == (None, cause)


def test_a_million_columns(from_bytes):
    wide = ",".join(f"c{n}" for n in range(10**6))
    comments, [reject] = from_bytes(f"text,{wide}\nhello\n", format="csv")
    assert (comments, reject.line) == ([], None)
    assert "the header line has 1,000,001 columns, over the limit of 16,384" in reject.cause
    # In a row they cost that row alone.
    comments, [reject] = from_bytes(f"id,text\n{wide}\n1,hello\n", format="csv")
    assert [comment.text for comment in comments] == ["hello"]
    assert (reject.line, reject.cause) == (2, "1,000,000 fields, where the header has 2")


def test_mapped_columns(from_bytes):
    data = "no,what,text\n1,first,second\n"
    [comment], _ = from_bytes(data, format="csv", columns={"text": "WHAT", "id": "no"})
    assert (comment.id, comment.text) == ("1", "first")
    with pytest.raises(UsageError, match="no column 'where' for author among: no, what, text"):
        from_bytes(data, format="csv", columns={"author": "where"})


def test_of_columns_with_one_name_the_first_counts(from_bytes):
    [comment], _ = from_bytes("text,id,text\na,1,b\n", format="csv")
    assert comment.text == "a"


def test_tsv_without_quoting(from_bytes):
    rows = ['1\t"yes" he said', '2\t"open', '3\tclosed"', '4\tplain "x"', '5\t"whole"']
    comments, rejects = from_bytes("id\ttext\n" + "\n".join(rows), format="tsv")
    assert rejects == []
    assert [c.text for c in comments] == ['"yes" he said', '"open', 'closed"', 'plain "x"', "whole"]


def test_tsv_with_quoting(from_bytes):
    comments, rejects = from_bytes('id\ttext\n1\t"two\nlines"\n2\t"a\tb"\n', format="tsv")
    assert rejects == []
    assert [(c.text, c.line) for c in comments] == [("two\nlines", 2), ("a\tb", 4)]


def test_one_column(from_bytes):
    comments, rejects = from_bytes('text\na\n""\n"b\nc"\n', format="csv")
    assert rejects == []
    assert [c.text for c in comments] == ["a", "", "b\nc"]


_TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6)


@given(_TEXTS, st.sampled_from([("csv", ","), ("tsv", "\t"), ("csv", ";")]))
@settings(max_examples=60, deadline=None)
def test_round_trip(from_bytes, texts, dialect):
    kind, delimiter = dialect
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "text"])
    writer.writerows(enumerate(texts))
    comments, rejects = from_bytes(out.getvalue(), format=kind)
    assert rejects == []
    assert [c.text for c in comments] == texts
