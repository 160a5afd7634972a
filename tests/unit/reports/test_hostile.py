"""Whatever a comment, a name, an id, a rule or a file is called: it is text and nothing else."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml
from markdown_it import MarkdownIt

from moderation.comments import (
    Action,
    Assessment,
    Author,
    Comment,
    Flag,
    RuleStatus,
    Severity,
    Span,
    Thread,
    Verdict,
)
from moderation.reports import FORMATS, Summary, report

PIECES = [
    *("::error::x", "::add-mask::", "##[group]", "%0A", "%25", "\r", "\n", "\r\n", ":", ",", "::"),
    *("`", "``", "```", "````", "~~~", "|", "\\", "#", "*", "_", "[a](b)", "](", "<!--", "-->"),
    *(
        "<script>",
        "</script>",
        "<img src=x onerror=y>",
        "</style>",
        "]]>",
        "<![CDATA[",
        "&lt;",
        "&",
    ),
    *('"', "'", ">", "<", "\x00", "\x1b[31m", "\u202e", "\u200b", "\ud800", "\ufffe", "{0}", "@me"),
    *(" ", "a", "donkey", "https://evil.example", "javascript:x", "e\u0301", "😀"),
]
hostile = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def made(text, other, start=0, end=3):
    """A flagged comment with this text, and the other wherever else a text may stand."""
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    spans = (Span(start, end, text[start:end]),) if end > start else ()
    flag = Flag(
        f"r{other}",
        Action.HIDE,
        Severity.HIGH,
        RuleStatus.LIVE,
        other,
        spans=spans,
        title=other,
    )
    return Assessment(
        Comment(
            id=other or "1",
            text=text,
            author=Author(other),
            thread=Thread(other, other, other),
            # A file's name has bytes that are no UTF-8, but no other half characters.
            source=other.replace("\ud800", "\udcff") or "x",
            line=2,
        ),
        Verdict.HIDE,
        Severity.HIGH,
        scores={"toxicity": 0.5},
        flags=(flag,),
        undecided=(other,),
    )


def written(name, *found, **more):
    said = []
    writer = report(name, said.append, **more)
    writer.begin()
    summary = Summary()
    for assessment in found:
        summary.add(assessment)
        writer.add(assessment)
    writer.end(summary)
    return "".join(said)


CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("name", [name for name in FORMATS if "-v" not in name])
@settings(deadline=None)
@given(text=hostile, other=hostile)
def test_nothing_acts_on_a_terminal_or_a_log(name, text, other):
    said = written(name, made(text, other), show_text="full")
    assert not CONTROLS.search(said)
    assert not re.search(r"##[A-Za-z]{0,12}\[", said)
    commands = [line for line in said.splitlines() if line.lstrip().startswith("::")]
    if name == "github":
        assert len(commands) == 1
        assert len(said.splitlines()) == 2
    else:
        assert commands == []


@settings(deadline=None)
@given(text=hostile, other=hostile, start=st.integers(0, 20), end=st.integers(0, 20))
def test_github_reads_one_command_of_ours(text, other, start, end):
    """Read as the runner does: properties split at commas and `=`, then unescaped."""
    line = written("github", made(text, other, start, end)).splitlines()[0]
    command = re.fullmatch(r"::(error) ([^:]*)::(.*)", line)
    assert command
    keys = [each.partition("=")[0] for each in command[2].split(",")]
    assert keys == ["file", "line", "title"]
    assert not re.search("%(?!25|0A|0D)", command[3])


class Tags(HTMLParser):
    """What a browser takes for markup. Comments are an error: none are written."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_pi = unknown_decl = handle_comment


def tags(page):
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser.seen


@settings(deadline=None)
@given(text=hostile, other=hostile)
def test_html_has_no_tag_that_a_harmless_comment_has_not(text, other):
    found = set(tags(written("html", made(text, other), made("donkey", "x"))))
    plain = set(tags(written("html", made("donkey", "x"), made("donkey", "y"))))
    assert found <= plain


@settings(deadline=None)
@given(text=hostile, other=hostile)
def test_markdown_has_it_in_code_only(text, other):
    """As a reader of GitHub's dialect takes it, bare links and tables included."""
    page = written("markdown", made(f"secret{text}", f"secret{other}"))
    tokens = MarkdownIt("gfm-like").parse(page)
    inner = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inner)}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "blockquote_open"}
    for token in (*tokens, *inner):
        if token.type not in ("code_inline", "fence", "inline"):
            assert "secret" not in token.content
    assert sum(token.type == "tr_open" for token in tokens) == 2
    assert sum(token.type == "td_open" for token in tokens) == 4
    assert sum(token.type == "fence" for token in tokens) == 1


@settings(deadline=None)
@given(text=hostile, other=hostile)
def test_junit_is_read_back(text, other):
    (suite,) = JUnitXml.fromstring(written("junit", made(text, other)).encode())
    assert len(list(suite)) == 2


@settings(deadline=None)
@given(text=hostile, other=hostile)
def test_json_is_read_back(text, other):
    for name in ("json", "sarif", "gitlab"):
        json.loads(written(name, made(text, other)))


@pytest.mark.parametrize("name", [name for name in FORMATS if "-v" not in name])
def test_never_a_word_of_a_comment_an_author_or_a_thread(name, assess, flag):
    text = "a secret donkey"
    one = Assessment(
        Comment(
            "7",
            text,
            Author("Quentin"),
            thread=Thread("secret", "secret", "secret"),
            source="a.txt",
        ),
        Verdict.HOLD,
        Severity.HIGH,
        flags=(flag("r", text, "donkey"),),
        reading="d0nkey read as donkey",
    )
    said = written(name, one, one, show_text="never")
    for word in ("secret", "donkey", "Quentin"):
        assert word not in said
    assert "Something found" in said or name == "text"
