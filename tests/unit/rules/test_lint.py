"""Each warning, where it belongs and where it does not."""

from datetime import date

import pytest

from moderation.comments import Author, Comment, Thread
from moderation.rules import compile_paths, compile_text
from moderation.rules.authoring.lint import lint

TESTS = "    tests: {match: [%s], pass: [nothing]}\n"


def rule(name: str, when: str, *, match: str = "", more: str = "") -> str:
    lines = f"  - id: {name}\n    action: flag\n    when: {when}\n"
    return lines + (f"    {more}\n" if more else "") + TESTS % (match or f"'{name} x'")


def file(*rules: str, lists: str = "") -> str:
    return "version: 1\n" + (f"lists: {lists}\n" if lists else "") + "rules:\n" + "".join(rules)


def warnings(text: str, code: str, **more):
    compiled = compile_text(text)
    assert not compiled.errors, compiled.errors
    return [problem for problem in lint(compiled, **more) if problem.code == code]


# ── A rule that another always covers ───────────────────────────────────────────────

WIDE = rule("a.wide", "{text: [donkey, goat, mule]}")


@pytest.mark.parametrize(
    "when",
    [
        "{text: [goat]}",
        "{text: {words: [goat], case_sensitive: true}}",
        "{text: {words: [GOAT, Mule]}}",
        "{text: [old goat]}",
        "{text: {equals: goat}}",
        "{text: [goat], links: '> 3'}",
        "{text: [goat], not: {text: [nice]}}",
        "{all: [{text: [mule]}, {depth: '> 1'}]}",
        "{any: [{text: [mule]}, {text: [goat], depth: '> 1'}]}",
        "{text: {words: [goat], evasion: 'off'}}",
    ],
)
def test_a_narrower_rule_is_covered(when):
    (found,) = warnings(file(WIDE, rule("b.narrow", when)), "covered")
    assert "'b.narrow' adds nothing: 'a.wide'" in found.message
    assert (found.line, found.column, found.level) == (7, 5, "warning")


@pytest.mark.parametrize(
    "when",
    [
        "{text: [goat, horse]}",
        "{title: [goat]}",
        "{text: {contains: [goat]}}",
        "{text: {words: [goat], evasion: strict}}",
        "{any: [{text: [mule]}, {depth: '> 1'}]}",
        "{not: {text: [goat]}}",
        "{text: {regex: goat}}",
    ],
)
def test_a_rule_that_finds_more_is_not(when):
    assert not warnings(file(WIDE, rule("b.other", when)), "covered")


@pytest.mark.parametrize("more", ["severity: high", "priority: 5"])
def test_a_rule_that_asks_for_more_is_not(more):
    assert not warnings(file(WIDE, rule("b.narrow", "{text: [goat]}", more=more)), "covered")


def test_a_stronger_action_is_not_covered_but_a_weaker_one_is():
    strong = rule("b.strong", "{text: [goat]}").replace("action: flag", "action: hide")
    assert not warnings(file(WIDE, strong), "covered")
    weak = file(WIDE.replace("action: flag", "action: hide"), rule("b.weak", "{text: [goat]}"))
    assert warnings(weak, "covered")


def test_shadow_off_and_approving_rules_cover_nothing():
    narrow = rule("b.narrow", "{text: [goat]}")
    for status in ("shadow", "'off'"):
        wide = rule("a.wide", "{text: [donkey, goat]}", more=f"status: {status}")
        assert not warnings(file(wide, narrow), "covered")
    assert not warnings(file(WIDE.replace("flag", "approve"), narrow), "covered")


@pytest.mark.parametrize(
    ("wide", "narrow", "told"),
    [
        ("'>= 0.5'", "'>= 0.8'", True),
        ("'>= 0.5'", "'0.6..0.7'", True),
        ("'>= 0.5'", "'> 0.5'", True),
        ("'> 0.5'", "'>= 0.5'", False),
        ("'>= 0.8'", "'>= 0.5'", False),
        ("'!= 0.5'", "'>= 0.8'", False),
    ],
)
def test_comparisons(wide, narrow, told):
    text = file(
        rule("a.wide", f"{{score: {{threat: {wide}}}}}"),
        rule("b.narrow", f"{{score.threat: {narrow}}}"),
    )
    found = [problem.message.split("'")[1] for problem in warnings(text, "covered")]
    assert ("b.narrow" in found) is told


def test_a_rule_under_fewer_exceptions_covers():
    wide = rule("a.wide", "{text: [goat], not: {text: [nice goat]}}")
    narrow = rule("b.narrow", "{text: [goat], not: {text: [nice]}}")
    (found,) = warnings(file(wide, narrow), "covered")
    assert found.message.startswith("'b.narrow'")


def test_of_two_equal_rules_the_later_is_told_and_lists_count_as_their_entries():
    text = file(
        rule("a.first", "{text: ['@pets']}"),
        rule("b.second", "{text: [dog, cat]}"),
        lists="{pets: [cat, dog]}",
    )
    (found,) = warnings(text, "covered")
    assert found.message.startswith("'b.second'")


def test_lists_of_one_name_in_two_files_are_two(tmp_path):
    for name, entries in (("a", "[cat]"), ("b", "[dog]")):
        text = file(rule(f"{name}.x", "{text: {regex: '(@w) y'}}"), lists=f"{{w: {entries}}}")
        (tmp_path / f"{name}.yaml").write_text(text)
    assert "covered" not in {problem.code for problem in lint(compile_paths([tmp_path]))}


def test_many_rules_are_compared_all_the_same():
    rules = [rule(f"r.n{number}", f"{{text: [word{number}]}}") for number in range(500)]
    found = warnings(file(*rules, rule("z.z", "{text: [word7], length: '> 3'}")), "covered")
    assert [problem.message.split("'")[1] for problem in found] == ["z.z"]


# ── Two rules that match the same tests ─────────────────────────────────────────────


def test_rules_that_no_test_tells_apart():
    first = rule("a.first", "{text: {regex: 'go+d'}}", match="good goat")
    second = rule("b.second", "{text: [goat]}", match="good goat")
    (found,) = warnings(file(first, second), "same-tests")
    assert "'b.second' and 'a.first' match exactly the same tests" in found.message
    assert found.line == 7
    apart = rule("b.second", "{text: [goat]}", match="'good goat', a goat")
    assert not warnings(file(first, apart), "same-tests")


def test_covered_rules_are_told_once():
    text = file(rule("a.a", "{text: [goat]}", match="goat"), rule("b.b", "{text: [goat]}"))
    text = text.replace("'b.b x'", "goat")
    assert warnings(text, "covered")
    assert not warnings(text, "same-tests")


# ── Words ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", ["𝒕𝒉𝒆", "ｔｈｅ", "t\u200bhe"])
def test_a_word_that_is_read_as_an_everyday_one(word):
    when = f'{{text: {{words: [donkey, "{word}"]}}}}'
    (found,) = warnings(file(rule("a.b", when, match="donkey")), "common-word")
    assert "is read as 'the'" in found.message
    assert (found.line, found.column) == (5, 35)


def test_an_everyday_word_in_a_list():
    text = file(rule("a.b", "{text: ['@w']}", match="donkey"), lists="{w: [donkey, 𝒕𝒉𝒆]}")
    assert [(found.line, found.column) for found in warnings(text, "common-word")] == [(2, 21)]


@pytest.mark.parametrize("word", ["𝒅𝒐𝒏𝒌𝒆𝒚", "the", "The", "theft"])
def test_other_words_and_everyday_ones_written_as_such(word):
    text = file(rule("a.b", f"{{text: {{words: ['{word}']}}}}", match=word))
    assert not warnings(text, "common-word")


# ── Time ────────────────────────────────────────────────────────────────────────────


def test_a_rule_that_has_run_out():
    text = file(rule("a.b", "{text: [x]}", more="expires: 2026-01-31"))
    assert not warnings(text, "expired", today=date(2026, 1, 31))
    (found,) = warnings(text, "expired", today=date(2026, 2, 1))
    assert "has not run since 2026-01-31" in found.message


# ── Patterns ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (r"\bshut up([.!?])\b", "never-matches"),
        (r"go home(now|[.!?])\b", "never-matches"),
        (r"word!\b", "never-matches"),
        (r"\b\@everyone", "never-matches"),
        (r"\b(#one|#two)", "never-matches"),
        (r"end$ of", "never-matches"),
        (r"more ^start", "never-matches"),
        (r"(one$) two", "never-matches"),
        (r"\bхуй", "ascii-boundary"),
        (r"größe\b|ü\b", "ascii-boundary"),
        (r"^> quoted", "multi-line"),
        (r"^\s*> quoted", "multi-line"),
    ],
)
def test_patterns_that_hardly_find_what_was_meant(pattern, code):
    text = file(rule("a.b", f"{{text: {{regex: '{pattern}'}}}}"))
    found = [problem for problem in lint(compile_text(text)) if problem.code == code]
    assert [(problem.line, problem.column) for problem in found] == [(5, 26)]
    assert found[0].hint


@pytest.mark.parametrize(
    "pattern",
    [
        r"\b(shut up\b|[.!?])",
        r"\bword\b",
        r"\b(@pets)\b",
        r"\w+\b@example",
        r"a!\bb",
        r"[a-z.]\b",
        r"^start|end$",
        r"(^|[.!?\n])\s*go",
        r"go(\W*$|\s*[.!?])",
        r"(?m)one$\ntwo",
        r"(?m)^> quoted",
        r"x(y|(\b\+1))",
        r"größe",
    ],
)
def test_sound_patterns(pattern):
    text = file(rule("a.b", f"{{text: {{regex: '{pattern}'}}}}"), lists="{pets: [dog]}")
    codes = {problem.code for problem in lint(compile_text(text)) if problem.level == "warning"}
    assert not codes & {"never-matches", "ascii-boundary", "multi-line"}


def test_a_test_of_several_lines_shows_what_was_meant():
    lines = '"one\\nbuy now"'
    text = file(rule("a.b", "{text: {regex: '^buy now'}}", match=lines))
    assert warnings(text, "multi-line")
    assert not warnings(text.replace("one\\n", ""), "multi-line")


# ── What the comments never have ────────────────────────────────────────────────────

ASKING = file(
    rule("a.b", "{title: [news], not: {score: {threat: '< 0.5'}}, links: '> 3', depth: '> 1'}")
)


def test_conditions_that_no_comment_can_decide():
    sample = [(Comment(id=str(n), text="some text"), {}) for n in range(3)]
    found = warnings(ASKING, "never-known", sample=sample)
    told = [(problem.line, problem.message.split("'")[1]) for problem in found]
    assert sorted(told) == [(5, "depth"), (5, "score.threat"), (5, "title")]
    assert len({problem.column for problem in found}) == 3


def test_one_comment_that_has_it_is_enough():
    empty = (Comment(id="1", text="some text"), {})
    full = Comment(id="2", text="x", author=Author("A"), thread=Thread("t", "news"), depth=0)
    assert not warnings(ASKING, "never-known", sample=[empty, (full, {"threat": 0.1})])
    assert not warnings(ASKING, "never-known")


def test_what_only_a_run_knows_is_not_asked_of_a_sample():
    when = "{author.approved: '> 3', rate: {by: author, count: 3, per: 1h}}"
    sample = [(Comment(id="1", text="x"), {})]
    assert not warnings(file(rule("a.b", when)), "never-known", sample=sample)


def test_what_no_input_format_can_say():
    fills = {"page": frozenset(("text", "author")), "csv": frozenset(("text", "depth", "created"))}
    when = (
        "{text: [x], author: [ann], is_reply: true, reports: '> 1', author.hidden: '> 1',"
        " score: {threat: '> 0.5'}, any: [{age: '< 1d'}, {similar: {at_least: 2, per: 1h}},"
        " {rate: {by: text, count: 2, per: 1h}}, {rate: {by: thread, count: 2, per: 1h}}]}"
    )
    rules = file(rule("a.b", when))
    found = warnings(rules, "no-source", fills=fills)
    assert [each.message for each in found] == [
        "no input format can say a comment's reports, so 'reports' is never decided",
        "no input format can say a comment's time, so 'similar' is never decided",
        "no input format can say a comment's thread, so 'rate' is never decided",
    ]
    assert {each.hint for each in found} == {"leave the condition out"}
    found = warnings(rules, "no-source", fills=fills, source="page")
    assert [(each.message.split("'")[1], each.hint.split(";")[0]) for each in found] == [
        ("s parent, so ", "csv input can"),
        ("s reports, so ", "leave the condition out"),
        ("s time, so ", "csv input can"),
        ("s time, so ", "leave the condition out"),
        ("s time, so ", "csv input can"),
        ("s time and thread, so ", "leave the condition out"),
    ]
