"""YAML with positions: every trap is told at its place, nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.rules.language.source import parse_source


def told(text: str) -> list[tuple[int, int, str]]:
    source = parse_source(text, "x.yaml")
    return [(problem.line, problem.column, problem.code) for problem in source.problems]


def test_values_follow_yaml_1_2():
    source = parse_source(
        "a: 1\nb: 1.5\nc: true\nd: 2026-12-31\ne: 12:30\nf: '012'\ng: ~\nh: 1e3", "x"
    )
    assert source.root is not None
    assert source.root.plain() == {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": "2026-12-31",
        "e": "12:30",
        "f": "012",
        "g": None,
        "h": "1e3",
    }
    assert not source.problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: no", (1, 4, "yaml-boolean")),
        ("a:\n  - On", (2, 5, "yaml-boolean")),
        ("no: 1", (1, 1, "yaml-boolean")),
        ("a: 012", (1, 4, "yaml-octal")),
        ("a: “quoted”", (1, 4, "smart-quotes")),
        ("a: 1\na: 2", (2, 1, "duplicate-key")),
        ("a: !!python/object:os.system x", (1, 4, "yaml-tag")),
        ("a: 1\n---\nb: 2", (2, 1, "yaml-documents")),
        ("a: [1, 2", (1, 9, "yaml-syntax")),
        ("a:\n\t- b", (2, 1, "yaml-syntax")),
        ("a: @b", (1, 4, "yaml-syntax")),
        ("<<: {a: 1}", (1, 1, "yaml-merge")),
        ("a: *nobody", (1, 4, "yaml-limit")),
        ("a: &x [*x]", (1, 8, "yaml-limit")),
        ("? [a]\n: b", (1, 3, "key-not-text")),
    ],
)
def test_traps_are_told_where_they_are(text, problem):
    assert problem in told(text)


def test_a_few_lines_cannot_mean_billions():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)
    )
    assert [code for _, _, code in told(bomb)] == ["yaml-limit"]


def test_depth_is_limited_also_through_aliases():
    assert told("[" * 100_000)[0][2] == "yaml-limit"
    chain = "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))
    assert told(chain)[0][2] == "yaml-limit"


def test_control_characters_have_a_place():
    assert told("a: b\nc: \x07d") == [(2, 4, "yaml-character")]


@given(st.text(max_size=200))
def test_no_text_raises(text):
    parse_source(text, "x.yaml")


@given(
    st.recursive(
        st.integers(-1000, 1000) | st.booleans() | st.text("abc xyz", max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_positions_lead_to_values(value):
    """A path through plain JSON (which is YAML) finds the place of each value."""
    import json

    text = json.dumps({"top": value}, indent=1)
    source = parse_source(text, "x")
    assert source.root is not None
    assert source.root.plain() == {"top": value}
    line, column = source.locate(("top",))
    assert source.lines[line - 1][column - 1 :].strip() != ""
