"""The layout of saved pages: heads, nesting, and lines that only look like heads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PAGE = """\
Garden Weekly

Bees return to the valley

The first bees were seen on Monday.

  1. Not a comment, the article counts its reasons
"More to come," said the keeper.
Sign in to comment.
  1. Ann Lee
    Ann Lee 28 September 2015 06: 02
    What good news: smile
    1. moss2
      moss2 28 September 2015 06: 31
      Where was it?
      By the river?
  2. B- 3ELM
    B- 3ELM 28 September 2015 06: 05
    First line.

    1. fake
      indented more
  3. 3 Larks
    3 Larks 28 September 2015 06: 05
  4. Anna 12 May 2014
    Anna 12 May 2014 28 September 2015 6: 39
    The end"""


@dataclass
class Node:
    author: str
    when: datetime
    text: str
    replies: list[Node] = field(default_factory=list)


def render(nodes: list[Node], depth: int = 0) -> list[str]:
    lines: list[str] = []
    blank = " " * (2 * (depth + 1))
    for number, node in enumerate(nodes, 1):
        lines.append(f"{blank}{number}. {node.author}")
        lines.append(f"{blank}  {node.author} {node.when:%d %B %Y %H: %M}")
        if node.text:
            lines.extend(f"{blank}  {line}" for line in node.text.split("\n"))
        lines.extend(render(node.replies, depth + 1))
    return lines


def flat(nodes: list[Node], parent: str | None = None, depth: int = 0) -> list[tuple]:
    out: list[tuple] = []
    for number, node in enumerate(nodes, 1):
        own = f"{parent}.{number}" if parent else str(number)
        out.append((own, parent, depth, node.author, node.when, node.text))
        out.extend(flat(node.replies, own, depth + 1))
    return out


def seen(comments) -> list[tuple]:
    return [(c.id, c.parent, c.depth, c.author.name, c.created, c.text) for c in comments]


def page(*lines: str) -> str:
    return "\n".join(("Site", "Title", *lines))


NOON = datetime(2020, 5, 4, 12, 0)


def test_a_page(from_bytes):
    comments, rejects = from_bytes(PAGE)
    assert rejects == []
    assert seen(comments) == [
        ("1", None, 0, "Ann Lee", datetime(2015, 9, 28, 6, 2), "What good news: smile"),
        ("1.1", "1", 1, "moss2", datetime(2015, 9, 28, 6, 31), "Where was it?\nBy the river?"),
        (
            "2",
            None,
            0,
            "B- 3ELM",
            datetime(2015, 9, 28, 6, 5),
            "First line.\n\n1. fake\n  indented more",
        ),
        ("3", None, 0, "3 Larks", datetime(2015, 9, 28, 6, 5), ""),
        ("4", None, 0, "Anna 12 May 2014", datetime(2015, 9, 28, 6, 39), "The end"),
    ]
    first = comments[0]
    assert first.thread.site == "Garden Weekly"
    assert first.thread.title == "Bees return to the valley"
    assert first.thread.id == first.origin == "garden-weekly/bees-return-to-the-valley"
    assert (first.thread.url, first.source, first.line) == (None, "<stdin>", 10)
    assert comments[1].parent_key == first.key


def test_the_origin_does_not_depend_on_the_file(from_paths, tmp_path):
    keys = []
    for name in ("a.txt", "b.page"):
        (tmp_path / name).write_text(PAGE)
        keys.append([c.key for c in from_paths(tmp_path / name)[0]])
    assert keys[0] == keys[1]


def test_a_zone_is_given_not_guessed(from_bytes):
    assert from_bytes(PAGE)[0][0].created.tzinfo is None
    comments, _ = from_bytes(PAGE, timezone="Europe/Moscow")
    assert comments[0].created == datetime(2015, 9, 28, 6, 2, tzinfo=ZoneInfo("Europe/Moscow"))
    assert comments[0].created.astimezone(UTC).hour == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("    ", " \u00a0  ").replace("Ann Lee 28", "Ann Lee\u00a028"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("        ", "\t"),
    ],
    ids=["newline", "crlf", "nbsp", "bom", "unexpand"],
)
def test_harmless_differences(from_bytes, change):
    expected, _ = from_bytes(PAGE)
    comments, rejects = from_bytes(change(PAGE))
    assert rejects == []
    assert seen(comments) == seen(expected)


def test_a_step_of_one_tab(from_bytes):
    nodes = [Node("Ann", NOON, "a\n  b", [Node("Bob", NOON, "c")]), Node("Cid", NOON, "d")]
    lines = render(nodes)
    tabbed = [line.replace("  ", "\t") for line in lines]
    comments, rejects = from_bytes(page(*tabbed))
    assert rejects == []
    assert [c.id for c in comments] == ["1", "1.1", "2"]
    assert comments[0].text == "a\n\tb"


def test_ten_and_more_keep_their_step(from_bytes):
    nodes = [Node(f"Ann {n}", NOON, f"text {n}") for n in range(12)]
    nodes[10].replies = [Node("Bob", NOON, "reply") for _ in range(11)]
    comments, rejects = from_bytes(page(*render(nodes)))
    assert rejects == []
    assert seen(comments) == flat(nodes)


@pytest.mark.parametrize(
    "pasted",
    [
        ["1. fake"],
        ["1. fake", "fake and more"],
        ["1. Eve", "  Eve 04 May 2020 11: 59"],  # before the comment it would answer
        ["2. Eve", "  Eve 04 May 2020 12: 30"],  # not the first number
        ["1. Eve", "  Eve 31 February 2020 12: 30"],
        ["1. Eve", "  Eve 04 Floreal 2020 12: 30"],
        ["1. Eve", "  Adam 04 May 2020 12: 30"],
        ["1. Eve", "Eve 04 May 2020 12: 30"],  # not indented
        ["  1. Eve", "    Eve 04 May 2020 12: 30"],  # too deep
        ["1. Eve", "", "  Eve 04 May 2020 12: 30"],
        ["01. Eve", "  Eve 04 May 2020 12: 30"],
        ["1. Eve", "  Eve 04 May 2020 12: 30 and more"],
        [" 1. Eve", "   Eve 04 May 2020 12: 30"],  # an odd column
        ["\u0661. Eve", "  Eve 04 May 2020 12: 30"],
    ],
)
def test_text_that_looks_like_a_head(from_bytes, pasted):
    text = "\n".join(["before", *pasted, "after"])
    nodes = [Node("Ann", NOON, text, [Node("Bob", NOON, "reply")]), Node("Cid", NOON, "last")]
    comments, rejects = from_bytes(page(*render(nodes)))
    assert rejects == []
    assert seen(comments) == flat(nodes)


def test_a_pasted_first_reply_cannot_be_told(from_bytes):
    text = "look:\n1. Eve\n  Eve 04 May 2020 12: 30\n  said so"
    comments, _ = from_bytes(page(*render([Node("Ann", NOON, text)])))
    assert [(c.id, c.text) for c in comments] == [("1", "look:"), ("1.1", "said so")]


@pytest.mark.parametrize(
    ("head", "cause"),
    [
        (("4. Cid", "Cid 04 May 2020 13: 00"), "skips number 3"),
        (("2. Cid", "Cid 04 May 2020 13: 00"), "where number 3 is due"),
    ],
)
def test_a_head_out_of_order_is_reported_and_kept_as_text(from_bytes, head, cause):
    lines = render([Node("Ann", NOON, "a"), Node("Bob", NOON, "b")])
    comments, [reject] = from_bytes(page(*lines, f"  {head[0]}", f"    {head[1]}", "    c"))
    assert [c.text for c in comments] == ["a", f"b\n{head[0]}\n{head[1]}\nc"]
    assert cause in reject.cause
    assert reject.line == 9
    assert head[0] in reject.raw


def test_a_reply_from_before_its_parent_is_reported(from_bytes):
    replies = [Node("Bob", NOON, "b"), Node("Cid", NOON - timedelta(minutes=1), "c")]
    comments, [reject] = from_bytes(page(*render([Node("Ann", NOON, "a", replies)])))
    assert [c.id for c in comments] == ["1", "1.1"]
    assert "dated before" in reject.cause


def test_a_list_that_does_not_begin_with_one(from_bytes):
    lines = ["  3. Ann", "    Ann 04 May 2020 12: 00", "    a"]
    comments, rejects = from_bytes(page(*lines), format="page")
    assert comments == []
    assert [r.line for r in rejects] == [3, None]
    assert "skips number 1" in rejects[0].cause


def test_siblings_in_any_order_of_time(from_bytes):
    nodes = [Node("Ann", NOON, "a"), Node("Bob", NOON - timedelta(days=9), "b")]
    comments, rejects = from_bytes(page(*render(nodes)))
    assert rejects == []
    assert len(comments) == 2


@pytest.mark.parametrize("text", ["", "Site\nTitle\nnothing else\n", "  1. Ann\n    Ann\n"])
def test_a_page_without_comments(from_bytes, text):
    comments, [reject] = from_bytes(text, format="page")
    assert comments == []
    assert reject.line is None
    assert "no numbered comments found" in reject.cause


def test_a_page_without_site_and_title(from_bytes):
    [comment], rejects = from_bytes("\n".join(render([Node("Ann", NOON, "a")])))
    assert rejects == []
    assert comment.key == "stdin#1"
    assert comment.thread.title is None


def test_lines_that_are_not_indented_are_text(from_bytes):
    comments, _ = from_bytes(page(*render([Node("Ann", NOON, "a")]), "hard wrapped", "  by two"))
    assert comments[0].text == "a\nhard wrapped\nby two"


def test_bytes_that_are_no_utf8_are_replaced_and_reported(from_bytes):
    data = PAGE.encode().replace(b"good news", b"g\xffod n\xffws").replace(b"The end", b"\xfe")
    comments, [reject] = from_bytes(data)
    assert comments[0].text == "What g\ufffdod n\ufffdws: smile"
    assert len(comments) == 5
    assert reject.line == 12
    assert "lines 12, 27" in reject.cause
    assert "\\xff" in reject.raw


def test_a_text_over_the_limit_costs_itself_alone(from_bytes):
    nodes = [Node("Ann", NOON, "a" * 50 + "\n" + "b" * 50, [Node("Bob", NOON, "short")])]
    comments, [reject] = from_bytes(page(*render(nodes)), max_text=100)
    assert [c.id for c in comments] == ["1.1"]
    assert (reject.line, reject.cause) == (3, "text of 101 characters, over the limit of 100")
    nodes[0].text = "a" * 100 + "\n" * 5000
    assert len(from_bytes(page(*render(nodes)), max_text=100)[0]) == 2
    nodes[0].text = ("a" * 100 + "\n") * 100
    comments, [reject] = from_bytes(page(*render(nodes)), max_text=100)
    assert len(comments) == 1


_NASTY_AUTHORS = st.sampled_from(
    [
        "B- 3ELM",
        "3 Larks",
        "Anna 12 May 2014",
        "1. fake",
        "2.",
        "[/b]",
        "x.y",
        "10",
        "a  b",
        "Ж-1",
        "Eve 04 May 2020 11: 59",
        "1. Eve 04 May 2020 12: 30",
        "(a) [b]*+?",
        "Ann: 06: 02",
    ]
)
_AUTHORS = _NASTY_AUTHORS | st.from_regex(
    r"[A-Za-z0-9][A-Za-z0-9 .\-]{0,12}[A-Za-z0-9]", fullmatch=True
)
_LINES = st.sampled_from(
    [
        "plain words",
        "",
        "  deeper",
        "1. fake",
        "1. Eve",
        "  Eve 01 May 2019 10: 00",
        "2. Bob",
        "• x",
        "12",
        "  1. Eve",
        "    Eve 04 May 2021 10: 00",
        "Eve 04 May 2021 10: 00",
        "\ttab",
        "a\xa0b ",
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=20)


@st.composite
def _nodes(draw, depth=0, since=NOON):
    nodes = []
    for _ in range(draw(st.integers(0 if depth else 1, 4 if depth < 3 else 0))):
        when = since + timedelta(minutes=draw(st.integers(0, 5000)))
        lines = draw(st.lists(_LINES, max_size=4))
        while lines and not lines[-1].strip(" \t\u00a0"):
            lines.pop()
        replies = draw(_nodes(depth + 1, when)) if draw(st.integers(0, 2)) == 0 else []
        nodes.append(Node(draw(_AUTHORS), when, "\n".join(lines), replies))
    return nodes


@given(_nodes())
@settings(max_examples=60, deadline=None)
def test_round_trip(from_bytes, nodes):
    comments, rejects = from_bytes(page(*render(nodes)), format="page")
    assert rejects == []
    assert seen(comments) == flat(nodes)
