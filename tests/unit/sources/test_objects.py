"""jsonl and json: keys, ids, replies, and everything that can be wrong with a record."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.comments import Author, Thread
from moderation.sources import objects

RECORD = {
    "id": 7,
    "body": "Nice weather",
    "author": "Ann",
    "created_utc": 1443420120,
    "parent_id": 5,
    "permalink": "https://example.org/a#c7",
    "title": "Clouds",
}


@pytest.mark.parametrize("kind", ["jsonl", "json"])
def test_a_record(from_bytes, kind):
    data = json.dumps([RECORD] if kind == "json" else RECORD)
    [comment], rejects = from_bytes(data, format=kind)
    assert rejects == []
    assert comment.id == comment.key == "7"
    assert (comment.text, comment.parent, comment.depth) == ("Nice weather", "5", None)
    assert comment.author == Author("Ann")
    assert comment.created == datetime(2015, 9, 28, 6, 2, tzinfo=UTC)
    assert comment.thread == Thread("https://example.org/a", "Clouds", "https://example.org/a")
    assert (comment.source, comment.line) == ("<stdin>", 1)


@pytest.mark.parametrize(
    "key", ["text", "body", "comment", "comment_text", "content", "message", "Body", "Comment Text"]
)
def test_usual_names_of_the_text(from_bytes, key):
    [comment], _ = from_bytes(json.dumps({key: "hello"}))
    assert comment.text == "hello"


def test_a_mapped_key_wins(from_bytes):
    line = json.dumps({"text": "raw", "clean": "tidy", "who": "Ann"})
    [comment], _ = from_bytes(line, columns={"text": "clean", "author": "who"})
    assert (comment.text, comment.author) == ("tidy", Author("Ann"))
    _, [reject] = from_bytes(line, format="jsonl", columns={"text": "other"})
    assert reject.cause == "no key 'other' for the text"


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ann", Author("Ann")),
        ({"name": "Ann", "id": 3}, Author("Ann", "3")),
        ({"username": "ann"}, Author("ann")),
        ({"id": "u3"}, Author("u3", "u3")),
        ([{"name": "Ann"}, {"name": "Bob"}], Author("Ann")),
        (12, Author("12")),
        ("", None),
        (None, None),
        ({}, None),
        (False, None),
    ],
)
def test_authors(from_bytes, author, expected):
    [comment], rejects = from_bytes(json.dumps({"text": "x", "author": author}))
    assert (comment.author, rejects) == (expected, [])


@pytest.mark.parametrize(
    ("own", "parent", "expected", "depth"),
    [
        (7, 5, "5", None),
        (7, 5.0, "5", None),
        ("7", "5", "5", None),
        (7, None, None, 0),
        (7, "", None, 0),
        (7, 0, None, 0),
        ("7", "0", None, 0),
        ("a7", "0", "0", None),  # where ids are no numbers, "0" may be one
        (7, 7, None, 0),  # not its own parent
        (7, False, None, 0),
        (7, {"id": 5}, "5", None),
        (7, [], None, 0),
    ],
)
def test_parents(from_bytes, own, parent, expected, depth):
    line = json.dumps({"id": own, "text": "x", "parent": parent})
    [comment], _ = from_bytes(line)
    assert (comment.parent, comment.depth) == (expected, depth)


@pytest.mark.parametrize(
    ("own", "expected"),
    [(7, "7"), (7.0, "7"), (" 7 ", "7"), (True, "True"), ("a b", "a b"), (1e300, str(int(1e300)))],
)
def test_ids_become_text(from_bytes, own, expected):
    [comment], _ = from_bytes(json.dumps({"id": own, "text": "x"}))
    assert (comment.id, comment.origin) == (expected, "")


@pytest.mark.parametrize("own", [None, "", float("nan"), [], {}])
def test_without_an_id_the_line_is_the_id(from_bytes, own):
    data = "\n" + json.dumps({"id": own, "text": "x"})
    [comment], _ = from_bytes(data, format="jsonl")
    assert (comment.id, comment.origin, comment.line) == ("2", "stdin", 2)


def test_depth_is_taken_where_it_is_one(from_bytes):
    depths = [3, "4", -1, 10**30, True, "x", 2.5]
    lines = "\n".join(json.dumps({"text": "x", "depth": depth}) for depth in depths)
    assert [c.depth for c in from_bytes(lines)[0]] == [3, 4, None, None, None, None, None]


def test_a_thread_as_an_object(from_bytes):
    thread = {"id": 9, "title": "Clouds", "url": "https://example.org/a"}
    [comment], _ = from_bytes(json.dumps({"text": "x", "thread": thread}))
    assert comment.thread == Thread("9", "Clouds", "https://example.org/a")
    [comment], _ = from_bytes(json.dumps({"text": "x", "title": "Über Wölken!"}))
    assert comment.thread == Thread("über-wölken", "Über Wölken!")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("{", "not JSON: Expecting property name"),
        ("oops", "not JSON"),
        ("[]", "not an object"),
        ("12", "not an object"),
        ('"text"', "not an object"),
        ("{}", "no text: an empty object"),
        ('{"id": 1, "score": 2}', "no text among the keys: id, score"),
        ('{"text": null}', "the text is null, not a string"),
        ('{"text": 5}', "the text is a number, not a string"),
        ('{"text": true}', "the text is a yes/no value"),
        ('{"text": ["a"]}', "the text is a list"),
        ('{"text": {"a": 1}}', "the text is an object"),
        ('{"text": "' + "a" * 101 + '"}', "text of 101 characters, over the limit of 100"),
        ('{"text": "a"} {"text": "b"}', "not JSON: Extra data"),
        ("[" * 100_000, "nested too deeply"),
        ('{"text": "a", "b": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    ],
)
def test_bad_lines_of_jsonl(from_bytes, line, cause):
    good = '{"text": "fine"}'
    comments, [reject] = from_bytes(f"{good}\n{line}\n{good}", format="jsonl", max_text=100)
    assert [c.id for c in comments] == ["1", "3"]
    assert cause in reject.cause
    assert (reject.source, reject.line) == ("<stdin>", 2)
    assert reject.raw == line[:2000]


def test_bytes_that_are_no_utf8(from_bytes):
    comments, [reject] = from_bytes(b'{"text": "a\xff"}\n{"text": "b"}', format="jsonl")
    assert [c.text for c in comments] == ["b"]
    assert (reject.line, reject.cause) == (1, "not valid UTF-8 at byte 12")
    assert reject.raw == '{"text": "a\\xff"}'
    comments, [reject] = from_bytes(b'[{"text": "a\xff"},\n{"text": "b"}]', format="json")
    assert [(c.text, c.line) for c in comments] == [("b", 2)]
    assert (reject.line, reject.cause) == (1, "not valid UTF-8 at byte 12 of the record")


def test_odd_but_legal_json(from_bytes):
    digits = "9" * 5000
    line = f'{{"id": {digits}, "text": "\\ud800 \\u0000", "x": NaN, "text2": 1e999}}'
    for kind in ("jsonl", "json"):
        [comment], rejects = from_bytes(line, format=kind)
        assert rejects == []
        assert comment.text == "\ud800 \x00"
        assert comment.id == digits
    [comment], _ = from_bytes('{"text": "first", "text": "last"}')
    assert comment.text == "last"


@pytest.mark.parametrize("kind", ["jsonl", "json"])
def test_thousands_of_digits_and_then_an_error(from_bytes, kind):
    # Python refuses the number before it comes to the error.
    record = f'{{"id": {"9" * 5000}, "text": oops}}'
    data = f'{record}\n{{"text": "b"}}' if kind == "jsonl" else f'[{record},\n{{"text": "b"}}]'
    comments, [reject] = from_bytes(data, format=kind)
    assert [comment.text for comment in comments] == ["b"]
    assert (reject.line, reject.cause.partition(" at ")[0]) == (1, "not JSON: Expecting value")
    assert from_bytes("9" * 5000 + " x", format=kind)[1]


def test_an_empty_text_is_a_text(from_bytes):
    [comment], rejects = from_bytes('{"text": ""}')
    assert (comment.text, rejects) == ("", [])


REPLIES = {
    "id": 1,
    "text": "root",
    "replies": [
        {"id": 2, "text": "one", "children": [{"id": 3, "text": "two", "replies": ""}]},
        {"id": 4, "text": None, "replies": [{"id": 5, "text": "below a deleted one"}]},
        {"id": 6, "text": "last", "replies": []},
    ],
}


@pytest.mark.parametrize("kind", ["jsonl", "json"])
def test_nested_replies(from_bytes, kind):
    data = json.dumps([REPLIES] if kind == "json" else REPLIES)
    comments, [reject] = from_bytes(data, format=kind)
    assert [(c.id, c.parent, c.depth) for c in comments] == [
        ("1", None, 0),
        ("2", "1", 1),
        ("3", "2", 2),
        ("5", "4", 2),
        ("6", "1", 1),
    ]
    assert "null" in reject.cause


def test_nested_replies_without_ids(from_bytes):
    data = [{"text": "a"}, {"text": "b", "replies": [{"text": "c"}, {"text": "d", "id": 9}]}]
    comments, _ = from_bytes(json.dumps(data))
    assert [(c.key, c.parent_key) for c in comments] == [
        ("stdin#1", None),
        ("stdin#2", None),
        ("stdin#2.1", "stdin#2"),
        ("9", None),  # ids of two name spaces cannot point at each other
    ]
    assert comments[3].depth == 1


def test_the_key_comment_holds_a_text_or_replies(from_bytes):
    data = {"text": "a", "comment": {"text": "b", "comment": [{"comment": "c"}]}}
    comments, rejects = from_bytes(json.dumps(data), format="jsonl")
    assert rejects == []
    assert [(c.text, c.parent, c.depth) for c in comments] == [
        ("a", None, 0),
        ("b", "1", 1),
        ("c", "1.1", 2),
    ]


def test_replies_that_are_no_replies(from_bytes):
    lines = [{"text": "a", "replies": value} for value in ("", 3, None, [4, 5], {"n": 1}, [])]
    comments, rejects = from_bytes("\n".join(map(json.dumps, lines)))
    assert (len(comments), rejects) == (6, [])


@pytest.mark.parametrize("key", ["comments", "data", "items", "results"])
def test_an_object_with_a_list(from_bytes, key):
    data = {"count": 2, "meta": {"items": []}, key: [{"text": "a"}, {"text": "b"}], "next": None}
    comments, rejects = from_bytes(json.dumps(data, indent=1))
    assert rejects == []
    assert [(c.id, c.text, c.line) for c in comments] == [("1", "a", 7), ("2", "b", 10)]


def test_of_two_lists_the_likelier(from_bytes):
    data = {"items": [{"text": "no"}], "comments": [{"text": "yes"}]}
    comments, _ = from_bytes(json.dumps(data))
    assert [c.text for c in comments] == ["yes"]


def test_a_document_of_one_comment(from_bytes):
    [comment], rejects = from_bytes('{\n "text": "a"\n}', format="json")
    assert (comment.text, rejects) == ("a", [])


@pytest.mark.parametrize(
    ("data", "texts", "line", "cause"),
    [
        ('[{"text": "a"}, {"text": b}, {"text": "c"}]', ["a", "c"], 1, "not JSON"),
        ('[{"text": "a"},\n5, {"text": "c"}]', ["a", "c"], 2, "not an object"),
        ('[{"text": "a"},\noops, {"text": "c"}]', ["a", "c"], 2, "not JSON"),
        ('[,{"text": "a"}]', ["a"], 1, "not JSON"),
        ('[{"text": "a"}\n{"text": "b"}]', ["a"], 2, "a comma is missing"),
        ('[{"text": "a"},\n', ["a"], 2, "the array does not end"),
        ('[{"text": "a"}\n]\n[{"text": "b"}]', ["a"], 3, "follows the end"),
        ('{"items": [{"text": "a"}]}\n{}', ["a"], 2, "follows the end"),
        (
            '[{"text": "a"}, ' + "[" * 100_000 + "]" * 100_000 + ', {"text": "c"}]',
            ["a", "c"],
            1,
            "deep",
        ),
        ('{"a": 1}', [], None, "no list of comments under comments, data, items, results"),
        ('{"a": ', [], None, "not JSON"),
        ("{" * 9, [], None, "not JSON"),
        ("12", [], None, "neither an array nor an object"),
        ("", [], None, "an empty file"),
    ],
)
def test_bad_documents(from_bytes, data, texts, line, cause):
    comments, [reject] = from_bytes(data, format="json")
    assert [c.text for c in comments] == texts
    assert reject.line == line
    assert cause in reject.cause


def test_a_document_of_nothing_but_errors_is_given_up(from_bytes):
    comments, rejects = from_bytes("[" + "oops," * 5000 + "]", format="json")
    assert (len(comments), len(rejects)) == (0, 1001)
    assert "the rest is not read" in rejects[-1].cause


def test_a_trailing_comma_and_an_empty_array_are_fine(from_bytes):
    assert from_bytes('[{"text": "a"},]')[1] == []
    assert from_bytes("[]") == ([], [])
    assert from_bytes('{"comments": []}') == ([], [])


def test_an_unclosed_record_in_a_document(from_bytes):
    comments, rejects = from_bytes('[{"text": "a"}, {"text": "b', format="json")
    assert [c.text for c in comments] == ["a"]
    assert ["not JSON" in rejects[0].cause, rejects[1].cause] == [True, "the array does not end"]


def test_only_so_many_shapes_are_remembered(from_bytes, monkeypatch):
    monkeypatch.setattr(objects, "_MAX_SHAPES", 3)
    lines = "\n".join(json.dumps({f"k{n}": 1, "text": "x"}) for n in range(20))
    assert len(from_bytes(lines)[0]) == 20


@given(st.lists(st.text(), min_size=1, max_size=5), st.booleans())
@settings(max_examples=50, deadline=None)
def test_round_trip(from_bytes, texts, ascii_only):
    records = [{"id": str(n), "text": text} for n, text in enumerate(texts)]
    lines = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records)
    array = json.dumps(records, ensure_ascii=ascii_only)
    for data, kind in ((lines, "jsonl"), (array, "json")):
        comments, rejects = from_bytes(data.encode("utf-8", "replace"), format=kind)
        assert rejects == []
        expected = texts if ascii_only else [t.encode("utf-8", "replace").decode() for t in texts]
        assert [c.text for c in comments] == expected
