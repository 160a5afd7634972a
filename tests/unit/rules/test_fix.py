"""Repairs: the exact places, nothing else, and nothing twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import ConflictError
from moderation.rules import compile_text
from moderation.rules.authoring.fix import fix_file, fix_text, write_fixed

HEAD = "version: 1\nrules:\n  - id: a.b\n    action: flag\n    when: "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{text: [“hello, world”]}", None),  # two entries, or one? Nobody can tell
        ("{text: [“hello world”, x]}", '{text: ["hello world", x]}'),
        ("{text: [„hallo Welt“]}", '{text: ["hallo Welt"]}'),
        ("{text: [‘it’]}", "{text: ['it']}"),
        ("{text: [«mot»]}", "{text: ['mot']}"),
        ('{text: [“a "b" c”]}', "{text: ['a \"b\" c']}"),
        ("{text: [no, On, y]}", "{text: ['no', 'On', 'y']}"),
        ("{text: [012]}", "{text: ['012']}"),
        ("{text: [12, 1.5, true]}", "{text: ['12', '1.5', 'true']}"),
        ("{is_reply: yes}", "{is_reply: true}"),
        ("{model.unsupported: yes}", "{model.unsupported: true}"),
        (
            "{text: {words: [x], case_sensitive: off}}",
            "{text: {words: [x], case_sensitive: false}}",
        ),
        ("{text: [“one” and “two”]}", None),
    ],
)
def test_values(before, after):
    mended, count = fix_text(HEAD + before + "  # “a comment” no\n")
    if after is None:
        assert count == 0
        after = before
    assert mended == HEAD + after + "  # “a comment” no\n"
    assert fix_text(mended) == (mended, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Threat Personal", "threat-personal"),
        ("Threat.Personal", "threat.personal"),
        ("'A b'", "a-b"),
        ("a..b", "a.b"),
        ("ÄÖ", None),
        ("!!", None),
        ("Other", None),  # taken
    ],
)
def test_ids(before, after):
    more = "  - id: other\n    action: flag\n    when: {text: [z]}\n"
    text = HEAD.replace("a.b", before) + "{text: [x]}\n" + more
    mended, _ = fix_text(text)
    assert mended == (text if after is None else text.replace(before, after))
    assert bool(compile_text(mended).errors) is (after is None)


def test_tabs_become_blanks_where_yaml_refuses_them():
    text = (
        "version: 1\nrules:\n\t- id: a.b\n\t  action: flag\n\t  when:\n\t\t  text: [x]\n"
        "\t  description: |\n\t\t  a block\n"
    )
    mended, count = fix_text(text)
    assert count
    assert not compile_text(mended).errors
    assert "\t" not in mended


def test_tabs_inside_texts_stay():
    text = HEAD + "{text: ['a\tb']}\n    description: |\n      one\ttwo\n"
    assert fix_text(text) == (text, 0)


def test_a_sound_file_and_a_hopeless_one_stay():
    for text in (HEAD + "{text: [x]}\n", "", "{{{", "a: [\t", "\ufeff", "just words"):
        assert fix_text(text) == (text, 0)


def test_line_ends_and_the_byte_order_mark_stay(tmp_path):
    path = tmp_path / "a.yaml"
    text = "\ufeff" + (HEAD + "{text: [no]}\n").replace("\n", "\r\n")
    path.write_bytes(text.encode())
    path.chmod(0o640)
    fixed = fix_file(path)
    write_fixed(fixed)
    assert path.read_bytes() == text.replace("[no]", "['no']").encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["a.yaml"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(HEAD + "{text: [no]}\n")
    fixed = fix_file(path)
    path.write_text("# mine\n")
    with pytest.raises(ConflictError, match="changed meanwhile"):
        write_fixed(fixed)
    assert path.read_text() == "# mine\n"
    assert [file.name for file in tmp_path.iterdir()] == ["a.yaml"]


def test_through_a_link_the_file_is_written(tmp_path):
    (tmp_path / "real.yaml").write_text(HEAD + "{text: [no]}\n")
    link = tmp_path / "link.yaml"
    link.symlink_to("real.yaml")
    write_fixed(fix_file(link))
    assert link.is_symlink()
    assert "['no']" in (tmp_path / "real.yaml").read_text()


def test_the_diff_shows_the_lines(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(HEAD + "{text: [no]}\n")
    diff = fix_file(path).diff()
    assert diff[0] == f"--- {path}"
    assert diff[-2:] == ["-    when: {text: [no]}", "+    when: {text: ['no']}"]


PIECES = st.sampled_from(
    [
        *("version: 1\n", "rules:\n", "  - id: A b\n", "    action: flag\n", "    when: "),
        *("{text: [no, “x”]}\n", "\t", " ", "“", "”", "on", ": ", "- ", "'", '"', "\n", "012"),
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_repairs_never_make_it_worse_and_are_done_once(text):
    mended, count = fix_text(text)
    assert (mended != text) == bool(count)
    errors = compile_text(text).errors
    if not any(error.code == "yaml-syntax" for error in errors):
        # A file that can be read at last may show more than one that cannot.
        assert len(compile_text(mended).errors) <= len(errors)
    assert fix_text(mended) == (mended, 0)
