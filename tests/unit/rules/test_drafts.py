"""Rule files being edited: read, put back, and rules made of words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moderation.errors import ConflictError, InputError
from moderation.packs import packs_folder
from moderation.rules import compile_text
from moderation.rules.authoring.checking import check
from moderation.rules.authoring.drafts import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_LINES,
    Draft,
    index,
    read_draft,
    rule_nodes,
    write_draft,
)
from moderation.rules.authoring.starting import HEAD, rule_copied, rule_of_words, with_rule
from moderation.rules.language.source import parse_source

ONE = """\
version: 1
rules:
  - id: own.one
    action: flag
    when: {text: [clown]}
    tests: {match: [clown], pass: [cloud]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(ONE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "raw",
    [
        ONE.encode(),
        b"\xef\xbb\xbf" + ONE.encode(),
        ONE.replace("\n", "\r\n").encode(),
        ONE.rstrip().encode(),
    ],
)
def test_line_ends_and_the_mark_stay(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    draft = read_draft(file)
    assert "\r" not in draft.text
    write_draft(draft, draft.text.replace("clown", "muppet"))
    assert file.read_bytes() == raw.replace(b"clown", b"muppet")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"a: b\r\nc: d\n", "several kinds"),
        (b"a: b\rc: d\n", "several kinds"),
        ('a: "b\u2028c"\n'.encode(), "several kinds"),
        (b"a: b\x0cc\n", "several kinds"),
        (b"a: \xff\n", "not UTF-8"),
        (b"#" * (MOST_BYTES + 1), "larger than"),
        (b"#\n" * (MOST_LINES + 1), "more than 10,000 lines"),
        (b"#" * (MOST_COLUMNS + 1), "longer than"),
    ],
)
def test_what_an_editor_would_change_unasked_is_refused(file: Path, raw: bytes, says: str) -> None:
    file.write_bytes(raw)
    with pytest.raises(InputError, match=says) as caught:
        read_draft(file)
    assert caught.value.where == str(file)


def test_a_link_is_written_through_and_its_mode_stays(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    file.chmod(0o604)
    write_draft(read_draft(link), ONE + "# more\n")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8").endswith("# more\n")
    assert file.stat().st_mode & 0o777 == 0o604
    assert _names(tmp_path) == ["link.yaml", "own.yaml"]


def test_what_changed_meanwhile_stays(file: Path) -> None:
    draft = read_draft(file)
    file.write_text("version: 1\n", encoding="utf-8")
    with pytest.raises(ConflictError):
        write_draft(draft, ONE)
    assert file.read_text(encoding="utf-8") == "version: 1\n"
    file.unlink()
    with pytest.raises(ConflictError):
        write_draft(draft, ONE)
    assert not file.exists()
    assert write_draft(draft, ONE, over=True).raw == ONE.encode()
    assert _names(file.parent) == ["own.yaml"]


def test_a_new_file_is_made_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "rules" / "own.yaml"
    draft = Draft(path)
    saved = write_draft(draft, ONE)
    assert path.read_text(encoding="utf-8") == ONE
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()
    with pytest.raises(ConflictError):
        write_draft(draft, "version: 1\n")
    assert write_draft(saved, ONE + "\n").raw == (ONE + "\n").encode()
    assert _names(path.parent) == ["own.yaml"]


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_the_packs_are_locked() -> None:
    path = packs_folder() / "spam.yaml"
    before = path.read_bytes()
    draft = read_draft(path, shipped=packs_folder())
    assert draft.locked == "it ships with the program"
    with pytest.raises(InputError, match="ships with"):
        write_draft(draft, draft.text, over=True)
    assert path.read_bytes() == before


def test_rules_are_found_where_they_are_sound_or_not(file: Path, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "version: 1\nrules:\n  - action: nonsense\n    id: own.bad\n", encoding="utf-8"
    )
    (tmp_path / "q.yaml").write_text("version: [\n", encoding="utf-8")
    found = index([tmp_path])
    places = {id: (each.file.name, each.line, each.column) for id, each in found.rules.items()}
    assert places == {"own.one": ("own.yaml", 3, 9), "own.bad": ("p.yaml", 4, 9)}
    assert [(Path(each.file).name, each.line) for each in found.unreadable] == [("q.yaml", 1)]


WORDS = st.text(min_size=1, max_size=40)


@given(WORDS)
@example("@everyone: now")
@example("\\@x")
@example("- no # 012 \x1b[31m\u202e\x07")
@example("\ufeff\x85\u2028\x00 null {match} *a &b")
@example("y")
@example("💩 ☃ ты")
def test_any_words_make_a_rule_that_holds_them(words: str) -> None:
    try:
        rule = rule_of_words(words, ["own.one"])
    except InputError:
        return
    text, line = with_rule(ONE, rule)
    assert text.startswith(ONE)
    assert all(char.isprintable() or char == "\n" for char in text)
    made = rule_nodes(parse_source(text, ""))[-1]
    assert made.plain() == rule
    assert made.line == line
    (phrase,) = rule["tests"]["match"]
    assert phrase == " ".join(words.split())


@pytest.mark.parametrize(
    "words",
    ["you clown", "@everyone: now", "\\@x y", "- no # 012 \x1b[31m\u202ered\x07", "m.u.p.p.e.t",
     "\ufeff\x85\u2028\x00 null {match} *a &b", "y", "💩 ☃ ты", "C++", "!!!", "x\u200by"],
)  # fmt: skip
def test_the_rule_finds_its_words(words: str) -> None:
    text, _ = with_rule(ONE, rule_of_words(words, []))
    checked = check(text, Path("own.yaml"), {}, tests=True)
    assert (checked.errors, checked.run, checked.failures) == (0, 3, ())


def test_ids_are_free_and_speak() -> None:
    assert rule_of_words("You Clown!", [])["id"] == "own.you-clown"
    assert rule_of_words("you clown", ["own.you-clown"])["id"] == "own.you-clown-2"
    assert rule_of_words("дурак", [])["id"] == "own.words"
    assert with_rule("", rule_of_words("clown", []))[0].startswith(HEAD + "  - id: own.clown\n")


@pytest.mark.parametrize(
    ("text", "line", "head"),
    [
        (ONE, 8, "  - id"),
        (ONE.replace("\n  ", "\n"), 8, "- id"),
        (ONE + "# the end\n\n\n", 9, "  - id"),
        (ONE + "\n# lists\nlists:\n  a: [b]\n", 8, "  - id"),
    ],
)
def test_a_rule_is_put_after_the_last(text: str, line: int, head: str) -> None:
    rule = rule_of_words("muppet", [])
    made, at = with_rule(text, rule)
    assert at == line
    assert made.split("\n")[at - 1].startswith(head)
    assert set(text.split("\n")) <= set(made.split("\n"))
    assert [node.value["id"].value for node in rule_nodes(parse_source(made, ""))] == [
        "own.one",
        "own.muppet",
    ]


@pytest.mark.parametrize(
    "text", ["- a", "version: 1\nrules: [{id: a, action: flag, when: {links: 1}}]\n", "a: ["]
)
def test_a_file_without_a_place_for_it_is_told(text: str) -> None:
    with pytest.raises(InputError, match="no place"):
        with_rule(text, rule_of_words("muppet", []))


def test_every_shipped_rule_can_be_copied() -> None:
    for path in sorted(packs_folder().glob("*.yaml")):
        source = parse_source(path.read_text(encoding="utf-8"), str(path))
        own = ""
        nodes = rule_nodes(source)
        for node in nodes:
            rule, lists = rule_copied(source, node.value["id"].value, ())
            own, line = with_rule(own, rule, lists)
            assert own.split("\n")[line - 1] == f"  - id: {rule['id']}"
        compiled = compile_text(own)
        assert not compiled.errors
        assert len(compiled.rules) == len(nodes)
        assert {rule.status.value for rule in compiled.rules} == {"shadow"}


def test_an_id_of_another_file_is_an_error() -> None:
    checked = check(ONE, Path("own.yaml"), {"own.one": Path("other.yaml")}, tests=True)
    (problem,) = checked.problems
    assert (problem.line, problem.column, problem.code) == (3, 9, "duplicate-id")
    assert "other.yaml" in problem.message
    assert (checked.errors, checked.run) == (1, 0)
    assert check(ONE, Path("own.yaml"), {}, tests=True).run == 2
