"""The matcher against plain `re`: the same rules match, at the same places."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.comments import Comment
from moderation.rules import RuleSet

ALPHABET = "abAB é1_-+ \nжЖß🙂ñ'"
_WORDS = st.text("abé1_+-ж'🙂", min_size=1, max_size=4).filter(str.strip)
_PHRASES = st.lists(_WORDS, min_size=1, max_size=2).map(" ".join)
_REGEXES = st.sampled_from(
    ["a+b", "(a|b)é", "b[a1]", "a.?b", "ж+", "(ab|ba)+", "1a?_", "ab", r"a\s+b", "[^a ]b"]
)
_TESTS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["words", "contains"]), st.lists(_PHRASES, min_size=1, max_size=3)
        ),
        st.tuples(st.just("regex"), _REGEXES.map(lambda pattern: [pattern])),
    ),
    min_size=1,
    max_size=6,
)
_WORDY = r"\w"


def rules_of(tests) -> RuleSet:
    body = "".join(
        f"  - id: r{number}\n    action: flag\n"
        f"    when: {{text: {{{operator}: {quoted(entries)}, evasion: 'off'}}}}\n"
        for number, (operator, entries) in enumerate(tests)
    )
    return RuleSet.parse("version: 1\nrules:\n" + body)


def quoted(entries) -> str:
    return "[" + ", ".join("'" + entry.replace("'", "''") + "'" for entry in entries) + "]"


def reference(operator: str, entries: list[str], text: str) -> list[tuple[int, int]]:
    """What `re` finds, folding being plain lower case for this alphabet."""
    folded = text.lower()
    if operator == "regex":
        found = re.compile(entries[0]).finditer(folded)
        return sorted({one.span() for one in found})
    parts = []
    for entry in sorted({entry.lower() for entry in entries}, key=lambda one: (-len(one), one)):
        literal = r"\s+".join(re.escape(word) for word in entry.split(" "))
        if operator == "words":
            if re.match(_WORDY, entry[0]):
                literal = rf"(?<!{_WORDY})" + literal
            if re.match(_WORDY, entry[-1]):
                literal += rf"(?!{_WORDY})"
        parts.append(literal)
    return sorted({one.span() for one in re.compile("|".join(parts)).finditer(folded)})


@settings(max_examples=300, deadline=None)
@given(_TESTS, st.lists(st.text(ALPHABET.replace("ß", ""), max_size=30), max_size=4))
def test_ids_and_places_are_those_of_re(tests, texts):
    rules = rules_of(tests)
    for text in texts:
        found = {
            flag.rule: [(span.start, span.end) for span in flag.spans]
            for flag in rules.match(Comment("1", text), {})[0]
        }
        expected = {
            f"r{number}": places
            for number, (operator, entries) in enumerate(tests)
            if (places := reference(operator, entries, text))
        }
        assert found == expected


@settings(max_examples=150, deadline=None)
@given(_TESTS, st.text(max_size=40))
def test_any_unicode_text_and_many_rules_are_as_each_rule_alone(tests, text):
    together = {flag.rule: flag.spans for flag in rules_of(tests).match(Comment("1", text), {})[0]}
    for number, test in enumerate(tests):
        alone, _ = rules_of([test]).match(Comment("1", text), {})
        assert together.get(f"r{number}") == (alone[0].spans if alone else None)
