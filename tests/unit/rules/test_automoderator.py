"""AutoModerator's YAML carried over. All samples are our own."""

import pytest

from moderation.comments import Author, Comment, Thread
from moderation.rules import RuleSet
from moderation.rules.automoderator.translate import import_automoderator


def carried(text):
    imported = import_automoderator(text)
    assert imported.rules == 1, imported.notes
    return imported


def hits(text, comment, author=None, title=None, **more):
    """Whether the one rule of `text` matches a comment."""
    rules = RuleSet.parse(carried(text).text)
    given = Comment(
        "1",
        comment,
        author=Author(author) if author else None,
        thread=Thread("t", title) if title else None,
        **more,
    )
    return bool(rules.match(given, {})[0])


def told(imported):
    return "\n".join(note.what for note in imported.notes)


# Search checks


@pytest.mark.parametrize(
    ("check", "found", "passed"),
    [
        ("body: [turnip, beet]", "a beet!", "beetle"),
        ("body (includes): [turn]", "turnips", "trun"),
        ("body(includes): turn", "turnips", "trun"),
        ("body (starts-with): [hey]", "hey you", "oh hey"),
        ("body (ends-with): [bye]", "good bye", "bye now"),
        ("body (full-exact): [first]", "first", "first!"),
        ("body (regex): ['tur+nip']", "a turrrnip.", "turrrnips"),
        ("body (regex, includes): ['tur+n']", "turrrnips", "tun"),
        ("body (includes, regex): ['a|b{2}']", "abc", "cbd"),
        ("body (regex, full-text): '\\d+'", " 123. ", "123 a"),
        ("body (regex): ['(?#a remark)beet', 'x@y']", "x@y", "remark"),
        ("body (case-sensitive): [LOUD]", "so LOUD", "so loud"),
        ("body (includes): ['@team']", "hi @team", "team"),
        ("title+body: [turnip]", "turnip", "beet"),
        ("body+url#2 (includes): [turnip]", "turnip", "beet"),
        # Of a comment the body is read, by the body's default: whole words.
        ("body+url+domain: [turnip]", "a turnip", "turnips https://turnip5.example"),
        ("body (full-text): [thanks, 'this']", "*This!*", "this one"),
        ("body (full-text): ['this']", " «this»… ", "это this"),
        ("body (full-exact, regex): 'a.*b'", "a\nb", "a\nb!"),
        ("body (starts-with, regex): 'a|b'", "bc", "cb"),
        ("body (ends-with, regex): 'a\\Z'", "ba", "ab"),
        ("body (regex, includes): 'x{,2}y.{,3}z'", "xxy12z", "y1234z"),
        ("body (regex): 'брюква'", "это брюква!", "брюквачка"),
        ("body (regex): '(?:свёкл[аы]|репа)'", "и репа", "репаны"),
        ("Body: [turnip]", "turnip", "beet"),
        ("body: no", "no", "yes"),
        ("body: 012", "012", "12"),
    ],
)
def test_checks(check, found, passed):
    rule = f"{check}\naction: remove\n"
    assert hits(rule, found)
    assert not hits(rule, passed)


def test_none_of_and_suffixes():
    rule = "body: [a1]\nbody#2: [b2]\n~body#3: [c3]\naction: filter\n"
    assert hits(rule, "a1 b2")
    assert not hits(rule, "a1")
    assert not hits(rule, "a1 b2 c3")


def test_domains_cover_subdomains():
    rule = "domain: [shop.example]\naction: spam\n"
    assert hits(rule, "see https://www.shop.example/a")
    assert hits(rule, "see http://eu.shop.example")
    assert not hits(rule, "see http://example.org")


def test_authors_and_thread_titles():
    assert hits("author: [Bob]\naction: report\n", "x", author="bob")
    rule = "author:\n  ~name: [Bob]\nbody: x\naction: report\n"
    assert not hits(rule, "x", author="Bob")
    assert hits(rule, "x", author="Ann")
    rule = "type: comment\nparent_submission:\n  title: [weekly]\nbody: x\naction: remove\n"
    assert hits(rule, "x", title="The weekly thread")
    assert not hits(rule, "x", title="News")


def test_quoted_lines_are_left_out():
    rule = "body: [turnip]\n~body#2: [please]\nignore_blockquotes: true\naction: remove\n"
    assert hits(rule, "turnip\n> please")
    assert not hits(rule, "> turnip\nbeet")
    assert not hits(rule, "turnip please")
    imported = carried(rule)
    assert imported.text.count("quotes: ignore") == 2
    assert "status: shadow" not in imported.text
    assert "passages between quotation marks" in told(imported)
    anchored = "body (regex, starts-with): 'tur'\nignore_blockquotes: yes\naction: remove\n"
    assert hits(anchored, "> beet\nturnip")
    assert "quotes" not in carried("body: [x]\nignore_blockquotes: false\naction: remove\n").text
    imported = carried(
        "body: [x]\nbody_longer_than: 20\nignore_blockquotes: true\naction: remove\n"
    )
    assert "quoted lines and signs" in told(imported)
    assert "status: shadow" in imported.text
    imported = import_automoderator("body: [x]\nignore_blockquotes: maybe\naction: remove\n")
    assert (imported.rules, imported.notes[0].what) == (0, "'maybe' is neither true nor false")


def test_what_is_marked_is_what_its_author_wrote():
    for check, text, marked in (
        ("body (regex): 'tur|bee.'", "a (beet)", "beet"),
        ("body (regex, full-text): 'tur+nip'", "*turnip*!", "turnip"),
        ("body (full-text): 'turnip'", "*turnip*!", "turnip"),
        ("body (regex): '(?P<match>tur)nip|x'", "a turnip", "tur"),
    ):
        rules = RuleSet.parse(carried(f"{check}\naction: remove\n").text)
        (flag,), _ = rules.match(Comment("1", text), {})
        assert [span.text for span in flag.spans] == [marked]


def test_a_check_that_reddit_asks_of_posts_is_tried_in_shadow():
    for check in ("domain: [shop.example]", "url: [shop.example]", "title+domain: [shop.example]"):
        imported = carried(f"{check}\naction: spam\n")
        assert "status: shadow" in imported.text
        assert "Reddit asks it of posts" in told(imported)
    assert "status: shadow" not in carried("body+domain: [shop.example]\naction: spam\n").text


def test_of_the_post_above():
    rule = "parent_submission:\n  title+body: [weekly]\n  set_locked: true\n  action: report\n"
    rule = f"type: comment\n{rule}body: x\naction: remove\n"
    assert hits(rule, "x", title="The weekly thread")
    imported = carried(rule)
    assert "left out the post's body" in told(imported)
    assert "(`action`)" in told(imported)
    assert "status: shadow" not in imported.text
    imported = carried(
        "type: comment\nbody: x\nparent_submission:\n  ~title+body: [weekly]\naction: remove\n"
    )
    assert "status: shadow" in imported.text


def test_authors():
    rule = "author:\n  name: [bob]\n  set_flair: [x, y]\nbody: x\naction: remove\n"
    assert hits(rule, "x", author="bob")
    assert hits(rule, "x", author="bob-2")  # a name is searched for words as well
    assert not hits(rule, "x", author="bobby")
    imported = carried(rule)
    assert "the author's flair" in told(imported)
    assert "status: shadow" not in imported.text
    assert not hits("author:\n  name (full-exact): [bob]\naction: remove\n", "x", author="bob-2")
    imported = carried(
        "author:\n  account_age: '< 2 days'\n  link_karma: '< 3'\n"
        "  satisfy_any_threshold: true\naction: filter\n"
    )
    assert "status: shadow" not in imported.text
    imported = carried("author:\n  account_age: 3\naction: filter\n")
    assert "author.age: '> 3d'" in imported.text
    assert "status: shadow" in imported.text


def test_approvals_undo_no_removal():
    source = (
        "body: a\naction: approve\npriority: 5\n---\nbody: b\naction: remove\npriority: 3\n---\n"
        "body: c\naction: approve\npriority: 1\n---\nbody: d\naction: filter\npriority: 9\n"
    )
    imported = import_automoderator(source)
    rules = RuleSet.parse(imported.text)
    assert [rule.priority for rule in rules.rules] == [3, 3, 1, 9]
    assert rules.assess(Comment("1", "a b"), {}).verdict == "hide"
    assert "its priority 5 became 3" in told(imported)
    alone = carried("body: a\naction: approve\npriority: 5\n")
    assert "priority: 5" in alone.text


def test_no_reports_are_no_check():
    assert "reports" not in carried("body: x\nreports: 0\naction: remove\n").text


def test_ages_lengths_reports():
    text = carried(
        "author: {account_age: '< 2 months'}\nbody_longer_than: 10\nreports: 3\n"
        "is_top_level: true\nis_edited: false\naction: filter\n"
    ).text
    for part in ("author.age: '< 60d'", "length: '> 10'", "reports: '>= 3'", "is_reply: false"):
        assert part in text


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("approve", "approve"),
        ("report", "flag"),
        ("filter", "hold"),
        ("remove", "hide"),
        ("spam", "hide"),
    ],
)
def test_actions(theirs, ours):
    assert f"action: {ours}\n" in carried(f"body: x\naction: {theirs}\n").text


# Reasons, ids


def test_reason_placeholders_and_id():
    text = carried(
        "body: x\naction: remove\naction_reason: 'Bad word {{match}} by {{author}}'\n"
    ).text
    assert "id: automoderator.bad-word-by\n" in text
    assert "'Bad word {match} by {author}'" in text


def test_unknown_placeholders_and_braces_are_harmless():
    imported = carried(
        "body: x\naction: remove\naction_reason: 'In {{subreddit}} {x} {{match-2}}'\n"
    )
    assert "In (subreddit) (x) {match}" in imported.text
    assert "{{subreddit}}" in told(imported)
    assert "{{match-2}} became the whole passage" in told(imported)
    imported = carried(
        "body+title: x\naction: remove\n"
        "action_reason: 'A {{kind}} with {{match-body+title}}, {{match-body+title-1}}'\n"
    )
    assert "'A comment with {match}, {match}'" in imported.text
    assert "reason" not in told(imported)


def test_ids_are_unique_stable_and_from_the_comment_above():
    source = "# Turnips\nbody: a\naction: remove\n---\n# Turnips\nbody: b\naction: remove\n"
    imported = import_automoderator(source)
    assert "id: automoderator.turnips\n" in imported.text
    assert "id: automoderator.turnips-2\n" in imported.text
    assert import_automoderator(source).text == imported.text


# What cannot be carried over


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("type: submission\nbody: x\naction: remove", "posts of the type 'submission'"),
        ("title: [x]\naction: remove", "belongs to a post"),
        ("~title: [x]\nbody: y\naction: remove", "belongs to a post"),
        ("flair_text: [x]\nbody: y\naction: remove", "flair"),
        ("title+body: [x]\nset_nsfw: true\naction: remove", "a rule for posts"),
        ("standard: image hosting sites\naction: remove", "not published"),
        ("author: {comment_karma: '< 5'}\naction: remove", "karma"),
        ("body: x\nset_flair: [a, b]", "flair"),
        ("body: x\ncomment: hello", "a reply"),
        ("body: x\naction: explode", "'explode'"),
        ("body (regex): ['(?=a)b']\naction: remove", "look-around"),
        ("body (regex): ['(?=a)b']\n~body#2: [x]\naction: remove", "look-around"),
        ("body: []\naction: remove", "empty"),
        ("body: a\nbody: b\naction: remove", "twice"),
        ("just words", "not a rule"),
        ("a: [b", "not YAML"),
        ("action: remove", "no check"),
        ("&a body: x\nother: *a\naction: remove", "aliases"),
    ],
)
def test_dropped_with_a_reason(rule, why):
    imported = import_automoderator(f"# Name\n{rule}\n")
    assert (imported.rules, imported.text) == (0, "")
    (note,) = [note for note in imported.notes if note.dropped]
    assert why in note.what
    assert note.line == 2


def test_a_lost_check_makes_a_shadow_rule():
    imported = carried("body: [x]\nauthor: {comment_karma: '< 5'}\naction: remove\n")
    assert "status: shadow" in imported.text
    assert "karma" in told(imported)


def test_a_lost_pattern_of_several_is_told():
    imported = carried("body (regex): ['a(?!b)', 'cd']\naction: remove\n")
    assert "status: shadow" not in imported.text
    assert "'a(?!b)': look-around" in told(imported)
    # What is lost of an exception makes the rule match more.
    imported = carried("body: x\n~body (regex): ['a(?!b)', 'cd']\naction: remove\n")
    assert "status: shadow" in imported.text


def test_any_threshold_loses_nothing_but_karma():
    imported = carried(
        "author:\n  account_age: '< 3 days'\n  comment_karma: '< 5'\n"
        "  satisfy_any_threshold: true\naction: filter\n"
    )
    assert "status: shadow" not in imported.text
    assert "karma" in told(imported)


def test_what_reddit_does_besides_is_told():
    imported = carried("body: x\naction: remove\ncomment: |\n  Sorry\n\n  ---\nmodmail: see\n")
    assert "a reply to the author" in told(imported)
    assert "a message to the moderators" in told(imported)


def test_moderators_are_told_once():
    source = (
        "body: a\naction: remove\n---\nbody: b\naction: remove\n---\n"
        "body: c\naction: remove\nmoderators_exempt: false\n"
    )
    notes = [note.what for note in import_automoderator(source).notes]
    assert [what for what in notes if "moderators" in what] == [
        "2 of the rules spared moderators; who is one is not known here"
    ]


# The file


def test_curly_quotes_separators_and_a_byte_order_mark():
    source = (
        "\ufeff---\r\nbody: [\u201cturnip\u201d, \u201cbeet, root\u201d]\r\n"
        "action: remove\r\n--- # end\r\n\r\n"
    )
    imported = carried(source)
    assert imported.documents == 1
    assert hits(source, "a turnip")


def test_indented_documents_and_lines():
    source = "# one\n    body: a\n    action: remove\n---\n# all\n# remarks\n---\n\nbody: [\n"
    imported = import_automoderator(source)
    assert imported.documents == 2
    assert [(note.line, note.dropped) for note in imported.notes if note.dropped] == [(9, True)]


def test_hostile_values_stay_values():
    imported = carried(
        "# x\u200b: y\nbody: [\"a'b: #\\x1b[31m\", '!!python/object', '{{x}}']\naction: remove\n"
    )
    assert RuleSet.parse(imported.text).rules
    assert "\x1b" not in imported.text


def test_an_empty_file():
    assert import_automoderator("").documents == 0
