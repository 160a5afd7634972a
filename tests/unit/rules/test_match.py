"""What matches, where, and what the policy makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.comments import Action, Author, Comment, Flag, RuleStatus, Severity, Thread, Verdict
from moderation.rules import RuleSet, judge
from moderation.rules.matching.state import Around


def ruleset(when: str, more: str = "", head: str = "") -> RuleSet:
    return RuleSet.parse(
        f"version: 1\n{head}\nrules:\n  - id: r\n    action: flag\n    when: {when}\n{more}"
    )


def spans(when: str, text: str, head: str = "") -> list[str] | None:
    """The marked passages, or None when the rule does not match."""
    flags, _ = ruleset(when, head=head).match(Comment("1", text), {})
    if not flags:
        return None
    for span in flags[0].spans:
        assert text[span.start : span.end] == span.text
    return [span.text for span in flags[0].spans]


@pytest.mark.parametrize(
    ("when", "text", "marked"),
    [
        ("{text: [ass]}", "What an ASS!", ["ASS"]),
        ("{text: [ass]}", "first class in Scunthorpe", None),
        ("{text: [shut up]}", "Shut\n  up, SHUT UP", ["Shut\n  up", "SHUT UP"]),
        ("{text: [foo]}", "foo foo,foo", ["foo", "foo", "foo"]),
        ("{text: [кот]}", "Кот и котик", ["Кот"]),
        ("{text: [foo]}", "fooд", None),
        ("{text: ['c++']}", "I like C++.", ["C++"]),
        ("{text: [new, new york]}", "in New York", ["New York"]),
        ("{text: {contains: lol}}", "trololo", ["lol"]),
        ("{text: {contains: ['a.b']}}", "axb", None),
        ("{text: {starts_with: [hi]}}", "  Hi there", ["Hi"]),
        ("{text: {starts_with: [hi]}}", "oh hi", None),
        ("{text: {ends_with: [bye]}}", "good Bye \n", ["Bye"]),
        ("{text: {equals: first}}", " FIRST ", ["FIRST"]),
        ("{text: {equals: first}}", "first!", None),
        (r"{text: {regex: '\bv[i1]llage\b'}}", "the V1llage", ["V1llage"]),
        ("{text: {regex: [abc, xyz]}}", "xyz abc", ["xyz", "abc"]),
        ("{text: {regex: don't}}", "I don’t", ["don’t"]),
        ("{text: {words: [Foo], case_sensitive: true}}", "foo Foo", ["Foo"]),
        ("{text: {words: [foo], contains: [bar]}}", "foo", None),
        ("{text: {words: [foo], contains: [bar]}}", "foo rhubarb", ["foo", "bar"]),
        ("{text: [foo]}", "ｆｏｏ", ["ｆｏｏ"]),
        ("{text: [foo]}", "f\u200boo", ["f\u200boo"]),
        (
            "{link: {equals: example.com}}",
            "see https://www.example.com/x now",
            ["https://www.example.com/x"],
        ),
        ("{link: {equals: example.com}}", "see http://a.b.example.com", ["http://a.b.example.com"]),
        ("{link: {equals: example.com}}", "see http://notexample.com", None),
        ("{link: [example.com]}", "example.com in words", None),
        ("{length: '> 3'}", "abcd", []),
        ("{length: '> 3'}", "abc", None),
        ("{words: '2..3'}", "one two", []),
        ("{links: '>= 2'}", "http://a.example https://b.example", []),
        ("{mentions: 1}", "hi @anna, mail x@example.com", []),
        ("{emoji: '> 1'}", "👍👍", []),
        ("{caps_ratio: '> 0.9'}", "WHY NOT", []),
        ("{caps_ratio: '> 0.9'}", "123", None),
        ("{repeats: '> 4'}", "soooooo", []),
        ("{repeats: '> 4'}", "          ", None),
        ("{not: {text: [foo]}}", "bar", []),
        ("{not: {text: [foo]}}", "foo", None),
        ("{not: [{text: [foo]}, {text: [bar]}]}", "bar", None),
        ("{any: [{text: [foo]}, {text: [bar]}]}", "bar", ["bar"]),
        ("{all: [{text: [foo]}, {text: [bar]}]}", "bar", None),
        ("{text: [foo], not: {text: [bar]}}", "foo bar", None),
    ],
)
def test_conditions(when, text, marked):
    assert spans(when, text) == marked


def test_lists_work_in_literals_and_in_regexes():
    head = "lists: {fruit: [pear, apple pie, a.b]}"
    assert spans("{text: ['@fruit', nut]}", "nut and Apple  Pie", head) == ["nut", "Apple  Pie"]
    assert spans(r"{text: {regex: '\b(@fruit)s\b'}}", "two pears", head) == ["pears"]
    assert spans(r"{text: {regex: '(@fruit)'}}", "axb", head) is None
    assert spans(r"{text: {regex: '\w+\@fruit'}}", "me@fruit", head) == ["me@fruit"]


def test_other_fields():
    comment = Comment("1", "hello", Author("Spam Bot"), thread=Thread("t", "On pears"))
    assert ruleset("{author: [bot]}").match(comment, {})[0][0].field == "author"
    flag = ruleset("{title: [pears], text: [hello]}").match(comment, {})[0][0]
    assert (flag.field, [span.text for span in flag.spans]) == ("text", ["hello"])


def test_unknown_is_neither_true_nor_false():
    comment = Comment("1", "foo")
    for when in (
        "{score: {threat: '> 0.1'}}",
        "{not: {score: {threat: '> 0.1'}}}",
        "{author: [x]}",
        "{not: {author: [x]}}",
        "{is_reply: true}",
        "{depth: 0}",
        "{model.unsupported: true}",
        "{not: {model.unsupported: true}}",
        "{text: [foo], title: [x]}",
        "{any: [{text: [no-such-word]}, {title: [x]}]}",
    ):
        assert ruleset(when).match(comment, {}) == ((), ("r",)), when
    # A false part decides, whatever is unknown; so does a true alternative.
    assert ruleset("{text: [bar], score: {threat: '> 0.1'}}").match(comment, {}) == ((), ())
    assert ruleset("{any: [{text: [foo]}, {title: [x]}]}").match(comment, {})[0]


def test_scores_and_replies():
    rules = ruleset("{score: {threat: '>= 0.3', toxicity: '< 0.9'}}")
    assert rules.match(Comment("1", ""), {"threat": 0.3, "toxicity": 0.1})[0]
    assert not rules.match(Comment("1", ""), {"threat": 0.29, "toxicity": 0.1})[0]
    assert ruleset("{is_reply: true}").match(Comment("1", "", parent="0"), {})[0]
    assert not ruleset("{is_reply: true}").match(Comment("1", "", depth=0), {})[0]


def test_a_language_that_the_model_does_not_know():
    comment, scores = Comment("1", "ein Esel"), {"toxicity": 0.9}
    rules = ruleset("{score: {toxicity: '> 0.5'}, model.unsupported: false}")
    found = rules.assess(comment, scores, around=Around(unsupported=True))
    assert (found.verdict, found.flags, found.undecided) == (Verdict.PASS, (), ())
    assert (found.unsupported, found.scores) == (True, scores)
    for around in (Around(unsupported=False), Around()):
        found = rules.assess(comment, scores, around=around)
        assert found.verdict is Verdict.FLAG
        assert found.unsupported is False
    odd = ruleset("{model.unsupported: true}")
    assert odd.match(comment, scores, Around(unsupported=True))[0]
    assert odd.match(comment, scores) == ((), ())


def test_reasons_quote_the_match():
    rules = ruleset(
        "{text: [foo], score: {toxicity: '> 0.5'}}",
        "    reason: 'said {match}, {score.toxicity}, by {author}'\n",
    )
    (flag,), _ = rules.match(Comment("1", "a FOO", Author("Ann")), {"toxicity": 0.756})
    assert flag.reason == "said FOO, 0.76, by Ann"


@pytest.mark.parametrize(
    ("when", "text", "marked"),
    [
        (r"{text: {regex: '(^|[.!?]\s*)(?P<match>get lost)'}}", "Go. Get lost! get lost",
         ["Get lost", "get lost"]),
        # Alternatives without the group are marked whole.
        ("{text: {regex: '(?P<match>ab)cd|wxyz'}}", "abcd wxyz ab", ["ab", "wxyz"]),
        ("{text: {regex: '(say|see) (?P<match>FOO)', case_sensitive: true}}", "see foo, see FOO",
         ["FOO"]),
        ("{title: {regex: 'the (?P<match>foo)'}}", "x", ["Foo"]),
        # No group at all, and one of another name.
        (r"{text: {regex: '\(?P<match>x'}}", "(p<match>x", ["(p<match>x"]),
        ("{text: {regex: 'a(?P<other>b)'}}", "ab", ["ab"]),
        # A disguise anywhere in the match, also outside of what is marked.
        ("{text: {regex: 'village (?P<match>idiot)'}}", "village i.d.i.o.t", ["i.d.i.o.t"]),
        ("{text: {regex: 'village (?P<match>idiot)'}}", "v1llage idiot", ["idiot"]),
    ],
)  # fmt: skip
def test_a_named_group_is_marked(when, text, marked):
    rules = ruleset(when, "    reason: '{match}'\n")
    (flag,), _ = rules.match(Comment("1", text, thread=Thread("t", "The Foo")), {})
    assert [span.text for span in flag.spans] == marked
    assert flag.reason.startswith(marked[0])


@pytest.mark.parametrize(
    ("when", "quoted"),
    [
        ("{text: [idiot, moron]}", "moron"),
        ("{text: {regex: [idiot, moron]}, all: [{text: [you]}]}", "moron"),
        ("{all: [{text: {regex: [idiot, moron]}}, {text: [you]}]}", "moron"),
        ("{all: [{text: [you]}, {text: {regex: [idiot, moron]}}]}", "You"),
        ("{any: [{text: [idiot]}, {text: [you]}, {text: [absent]}]}", "You"),
        ("{length: '> 1', all: [{any: [{text: [absent]}, {text: [idiot]}]}, {text: [you]}]}",
         "idiot"),
        ("{not: {text: [absent]}, length: '> 1'}", ""),
        # What is quoted stands in the field that is marked.
        ("{all: [{title: [news]}, {text: [idiot]}]}", "idiot"),
    ],
)  # fmt: skip
def test_a_reason_quotes_the_first_condition(when, quoted):
    rules = ruleset(when, "    reason: '{match}'\n")
    comment = Comment("1", "You moron, you idiot", thread=Thread("t", "News"))
    (flag,), _ = rules.match(comment, {})
    assert flag.reason == quoted


def test_off_rules_do_not_run_and_versions_follow_the_content():
    assert not ruleset("{text: [foo]}", "    status: 'off'\n").rules
    first, again, other = (ruleset(f"{{text: [{word}]}}") for word in ("foo", "foo", "bar"))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    listed = [
        ruleset("{text: ['@x']}", head=f"lists: {{x: [{word}]}}").rules[0].version
        for word in ("a1", "b1")
    ]
    assert listed[0] != listed[1]


def flag(action: str, *, priority: int = 0, severity: str = "low", status: str = "live") -> Flag:
    return Flag(action, Action(action), Severity(severity), RuleStatus(status), "", priority)


@pytest.mark.parametrize(
    ("flags", "verdict"),
    [
        ([], "pass"),
        ([flag("flag"), flag("hold")], "hold"),
        ([flag("hide"), flag("hold")], "hide"),
        ([flag("approve")], "approve"),
        ([flag("approve"), flag("flag")], "flag"),
        ([flag("approve", priority=1), flag("hide")], "approve"),
        ([flag("approve", priority=1), flag("flag", priority=2), flag("hide")], "flag"),
        ([flag("hide", status="shadow")], "pass"),
        ([flag("approve", priority=9, status="shadow"), flag("flag")], "flag"),
    ],
)
def test_the_policy(flags, verdict):
    assert judge(flags)[0] is Verdict(verdict)


def test_severity_and_priority_are_the_highest_that_count():
    flags = [flag("flag", severity="high"), flag("hold", severity="low", priority=3)]
    assert judge(flags) == (Verdict.HOLD, Severity.HIGH, 3)
    flags.append(flag("hide", severity="critical", status="shadow"))
    assert judge(flags) == (Verdict.HOLD, Severity.HIGH, 3)


@given(st.text(max_size=80))
def test_no_text_raises(text):
    rules = ruleset(
        r"{any: [{text: [foo]}, {text: {regex: 'a+b'}}, {link: [x.example]}, {caps_ratio: '> 0.9'},"
        " {words: '> 5'}, {repeats: '> 3'}, {mentions: '> 0'}, {emoji: '> 0'}]}"
    )
    rules.assess(Comment("1", text, Author(text), thread=Thread("t", text)), {})


@given(st.text("fo \u200bО́ｆß", max_size=30))
def test_gates_never_lose_a_match(text):
    """A rule set with many rules finds what each rule alone finds."""
    whens = [
        "{text: [foo]}",
        "{text: {contains: [of]}, not: {text: [fo]}}",
        "{any: [{text: [f]}, {length: 3}]}",
    ]
    body = "".join(
        f"  - id: r{n}\n    action: flag\n    when: {when}\n" for n, when in enumerate(whens)
    )
    together = RuleSet.parse(f"version: 1\nrules:\n{body}")
    alone = [bool(ruleset(when).match(Comment("1", text), {})[0]) for when in whens]
    found = {flag.rule for flag in together.match(Comment("1", text), {})[0]}
    assert [f"r{n}" in found for n in range(len(whens))] == alone
