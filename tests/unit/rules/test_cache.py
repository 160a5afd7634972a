"""The cache of compiled rules: it changes how fast rules are there, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import moderation
from moderation.comments import Author, Comment, Thread
from moderation.errors import RuleError
from moderation.packs import packs_folder
from moderation.rules import Compiled, RuleSet, compile_paths
from moderation.rules import cache as rule_cache
from moderation.rules.language.files import digest

RULES = """\
version: 1
lists: {beasts: {file: beasts.txt}, unused: [a]}
rules:
  - {id: one, action: hold, when: {text: {words: [donkey, '@beasts']}}}
  - {id: two, action: flag, status: 'off', when: {text: {regex: 'b[ae]d w+ord'}}}
  - {id: three, action: hide, expires: 2026-05-01, when: {not: {text: [please]}}}
  - {id: four, action: flag, when: {any: [{links: '> 1'}, {text: {contains: [turnip]}}]}}
"""
COLD = ["rules: not in the cache"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where entries go: below a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv("MODERATION_CACHE", raising=False)
    return rule_cache._folder()


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "beasts.txt").write_text("goat\nmule\n")
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path / "rules.yaml"


def load(*paths: Path) -> tuple[Compiled, list[str]]:
    """The rules, and what was said of the cache: nothing where they come from there."""
    notes: list[str] = []
    return rule_cache.load(paths, notes.append), notes


def said(compiled: Compiled, texts=("a donkey, a goat, a bad wwword, turnips",)) -> object:
    rules = RuleSet(compiled, today=date(2026, 4, 1))
    return [rules.fingerprint, [rules.match(Comment("1", text), {}) for text in texts]]


class TestAWarmCache:
    def test_the_packs_are_as_compiled(self, folder):
        fresh = compile_paths([packs_folder()])
        _, first = load(packs_folder())
        warm, second = load(packs_folder())
        assert (first, second) == (COLD, [])
        texts = [
            case.text for rule in fresh.rules for case in (*rule.match_tests, *rule.pass_tests)
        ]
        assert len(texts) > 100
        assert said(warm, texts) == said(fresh, texts)
        assert warm.tests == fresh.tests

    def test_the_first_load_gives_what_the_second_does(self, folder, rules):
        first, _ = load(rules)
        second, notes = load(rules)
        assert not notes
        assert said(first) == said(second) == said(compile_paths([rules]))
        shown = [(rule.id, rule.file, rule.line, rule.version) for rule in first.rules]
        assert shown == [(rule.id, rule.file, rule.line, rule.version) for rule in second.rules]
        assert not any(rule.match_tests for rule in (*first.rules, *second.rules))

    def test_warnings_are_kept(self, folder, rules):
        first, _ = load(rules)
        second, _ = load(rules)
        assert [problem.code for problem in second.problems] == ["unused-list"]
        assert first.problems == second.problems == compile_paths([rules]).problems

    def test_what_runs_today_is_no_part_of_it(self, folder, rules):
        load(rules)
        compiled, notes = load(rules)
        assert not notes
        before, after = (RuleSet(compiled, today=date(2026, 5, day)) for day in (1, 2))
        assert [rule.id for rule in before.rules] == ["one", "three", "four"]
        assert [rule.id for rule in after.rules] == ["one", "four"]
        assert [rule.id for rule in after.all_rules] == ["one", "two", "three", "four"]

    def test_a_rule_set_comes_from_it(self, folder, rules):
        notes: list[str] = []
        assert RuleSet.load([rules], notes.append).fingerprint == (
            RuleSet.load([rules], notes.append).fingerprint
        )
        assert notes == COLD

    def test_the_words_of_regexes_are_in_it(self, folder, rules):
        rules.write_text(RULES.replace("b[ae]d w+ord", "a (badd|worse)? word"))
        first, _ = load(rules)
        assert not any(pattern.spelt for _, pattern in first.tests)
        warm, _ = load(rules)
        (spelt,) = [pattern.spelt for _, pattern in warm.tests if pattern.operator == "regex"]
        assert spelt == (frozenset({"badd", "worse", "word"}), frozenset())


class TestWhatMakesItCold:
    def test_a_changed_rule_file(self, folder, rules):
        load(rules)
        rules.write_text(RULES.replace("donkey", "monkey"))
        compiled, notes = load(rules)
        assert notes == COLD
        assert said(compiled) == said(compile_paths([rules]))

    def test_another_path(self, folder, rules):
        load(rules)
        other = rules.with_name("other.yaml")
        rules.rename(other)
        compiled, notes = load(other)
        assert notes == COLD
        assert compiled.rules[0].file == str(other)

    def test_one_file_more(self, folder, rules):
        load(rules)
        more = rules.with_name("more.yaml")
        more.write_text("version: 1\nrules: [{id: x, action: flag, when: {text: [word]}}]")
        assert load(rules, more)[1] == COLD

    @pytest.mark.parametrize("change", ["content", "link", "gone"])
    def test_a_list_file(self, folder, rules, change):
        load(rules)
        assert load(rules)[1] == []
        beasts = rules.with_name("beasts.txt")
        if change == "content":
            beasts.write_text("ox\n")
        else:
            beasts.unlink()
            if change == "link":
                other = rules.with_name("other.txt")
                other.write_text("ox\n")
                beasts.symlink_to(other)
        compiled, notes = load(rules)
        if change == "gone":
            assert notes == ["rules: no use in the cache: a list file cannot be read"]
            assert compiled.errors
            return
        assert notes == ["rules: no use in the cache: a list file has changed"]
        assert said(compiled, ["an ox", "a goat"]) == said(
            compile_paths([rules]), ["an ox", "a goat"]
        )
        assert load(rules)[1] == []

    def test_a_list_file_that_now_lies_elsewhere(self, folder, tmp_path):
        inside = tmp_path / "inside"
        inside.mkdir()
        (inside / "beasts.txt").write_text("goat\n")
        (inside / "rules.yaml").write_text(RULES)
        load(inside / "rules.yaml")
        (inside / "beasts.txt").rename(tmp_path / "beasts.txt")
        (inside / "beasts.txt").symlink_to(tmp_path / "beasts.txt")
        assert load(inside / "rules.yaml")[0].errors

    def test_the_programs_own_code(self, folder, rules, tmp_path):
        copy = tmp_path / "copy"
        shutil.copytree(Path(moderation.__file__).parent, copy / "moderation")

        def runs() -> str:
            code = (
                "import sys; from pathlib import Path; from moderation.rules import RuleSet;"
                "RuleSet.load([Path(sys.argv[1])], print)"
            )
            return subprocess.run(
                [sys.executable, "-c", code, str(rules)],
                env={**os.environ, "PYTHONPATH": str(copy)},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=True,
            ).stdout

        assert runs() == COLD[0] + "\n"
        assert runs() == ""
        module = copy / "moderation" / "rules" / "matching" / "patterns.py"
        times = module.stat()
        module.write_text(module.read_text().replace("MAX_PLACES = 50", "MAX_PLACES = 51"))
        os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert runs() == COLD[0] + "\n"
        assert runs() == ""

    def test_code_that_changes_while_it_runs(self, folder, rules, monkeypatch):
        monkeypatch.setattr(rule_cache, "_STARTED", 0)
        _, notes = load(rules)
        assert notes[-1].endswith("the program has changed since it was started")
        assert not folder.exists()

    def test_errors_are_not_kept(self, folder, rules):
        rules.write_text(RULES.replace("words:", "wrods:"))
        for _ in range(2):
            with pytest.raises(RuleError) as caught:
                RuleSet.load([rules])
            assert len(caught.value.problems) == 1
        assert not folder.exists()

    @pytest.mark.parametrize("value", ["off", "OFF", "0"])
    def test_turned_off(self, folder, rules, monkeypatch, value):
        monkeypatch.setenv("MODERATION_CACHE", value)
        first, second = load(rules), load(rules)
        assert first[1] == second[1] == []
        assert said(first[0]) == said(second[0]) == said(compile_paths([rules]))
        assert not folder.exists()


def entry_of(folder: Path) -> Path:
    (entry,) = folder.iterdir()
    return entry


def forge(entry: Path, body: object, **changed: object) -> None:
    """An entry whose digest is right, as whoever can write the folder can make it."""
    head = json.loads(entry.read_bytes().partition(b"\n")[0])
    raw = json.dumps(body).encode()
    entry.write_bytes(json.dumps({**head, "digest": digest(raw), **changed}).encode() + b"\n" + raw)


def body_of(entry: Path):
    return json.loads(entry.read_bytes().partition(b"\n")[2])


def cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-20])


def flip(entry: Path) -> None:
    data = bytearray(entry.read_bytes())
    data[len(data) // 2] ^= 1
    entry.write_bytes(data)


def replaced_by_fifo(entry: Path) -> None:
    entry.unlink()
    os.mkfifo(entry)


def replaced_by_link(entry: Path) -> None:
    target = entry.parent.parent / "elsewhere"
    entry.rename(target)
    entry.symlink_to(target)


def too_large(entry: Path) -> None:
    with entry.open("ab") as file:
        file.truncate(rule_cache.MAX_BYTES + 1)


def renumbered(entry: Path) -> None:
    """A text test that there is not."""
    text = json.dumps(body_of(entry))
    changed = text.replace("[0, 1]", "[0, 7]").replace("[1, 2]", "[1, 7]")
    assert changed != text
    forge(entry, json.loads(changed))


DAMAGE = {
    "cut": cut,
    "empty": lambda entry: entry.write_bytes(b""),
    "flipped": flip,
    "not json": lambda entry: entry.write_bytes(b"\x80\x04\x95cos\nsystem\n."),
    "another shape": lambda entry: forge(entry, {"rules": []}),
    "nothing": lambda entry: forge(entry, None),
    "nested": lambda entry: entry.write_bytes(b"[" * 100_000),
    "too large": too_large,
    "of other files": lambda entry: forge(entry, body_of(entry), key="0" * 32),
    "bad lists": lambda entry: forge(entry, body_of(entry), lists=[[99, "x", "y"]]),
    "lists elsewhere": lambda entry: forge(entry, body_of(entry), lists=[[0, "../../x", "y"]]),
    "lists of nothing": lambda entry: forge(entry, body_of(entry), lists=None),
    "renumbered": renumbered,
    "others may write": lambda entry: entry.chmod(0o666),
    "a fifo": replaced_by_fifo,
    "a link": replaced_by_link,
}


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
    def test_is_passed_over_and_mended(self, folder, rules, damage):
        load(rules)
        entry = entry_of(folder)
        damage(entry)
        compiled, notes = load(rules)
        assert len(notes) == 1
        assert notes[0].startswith("rules: no use in the cache: ")
        assert said(compiled) == said(compile_paths([rules]))
        assert entry_of(folder) == entry
        assert load(rules)[1] == []

    def test_a_folder_in_its_place(self, folder, rules):
        load(rules)
        entry = entry_of(folder)
        entry.unlink()
        entry.mkdir()
        compiled, notes = load(rules)
        assert [note.split(":")[1] for note in notes] == [
            " no use in the cache",
            " not kept in the cache",
        ]
        assert said(compiled) == said(compile_paths([rules]))
        assert [path.name for path in folder.iterdir()] == [entry.name]

    @settings(
        max_examples=200,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.data())
    def test_a_forged_value_gives_rules_or_is_passed_over(self, folder, rules, data):
        load(rules)
        entry = entry_of(folder)
        body = body_of(entry)
        at = body
        while isinstance(at, list) and at:
            index = data.draw(st.integers(0, len(at) - 1))
            if not isinstance(at[index], list) or data.draw(st.integers(0, 9)) == 0:
                at[index] = data.draw(
                    st.sampled_from([None, True, 0, 1, -1, 10**20, 0.5, "", "text", [], [0], {}])
                )
                break
            at = at[index]
        forge(entry, body)
        RuleSet(load(rules)[0])


class TestAFolderThatCannotBeWritten:
    def check(self, rules: Path, cause: str) -> None:
        for _ in range(2):
            compiled, notes = load(rules)
            assert notes
            assert notes[-1].startswith("rules: not kept in the cache: ") or len(notes) == 1
            assert any(cause in note for note in notes), notes
            assert said(compiled) == said(compile_paths([rules]))

    def test_a_file_in_its_way(self, folder, rules, tmp_path):
        (tmp_path / "caches").write_text("in the way")
        self.check(rules, "Not a directory")

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder nobody can write to")
    def test_nobody_can_write_it(self, folder, rules, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", "/proc/self")
        self.check(rules, "not kept in the cache")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or not os.geteuid(), reason="root may write")
    def test_a_home_that_is_read_only(self, folder, rules, tmp_path):
        (tmp_path / "caches").mkdir(mode=0o500)
        self.check(rules, "Permission denied")

    @pytest.mark.skipif(sys.platform == "win32", reason="a limit that Windows has not")
    def test_a_disk_that_is_full(self, folder, rules):
        code = (
            "import resource, sys; from pathlib import Path; from moderation.rules import RuleSet;"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
            "RuleSet.load([Path(sys.argv[1])], print)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(rules)], capture_output=True, text=True, check=True
        )
        assert "rules: not kept in the cache: " in done.stdout
        assert list(folder.iterdir()) == []


class TestTheFolder:
    def test_is_for_its_owner_only(self, folder, rules):
        before = os.umask(0o000)
        try:
            load(rules)
        finally:
            os.umask(before)
        assert [path.stat().st_mode & 0o777 for path in (folder.parent, folder)] == [0o700] * 2
        assert entry_of(folder).stat().st_mode & 0o777 == 0o600

    def test_keeps_what_was_used_last(self, folder, rules, monkeypatch):
        monkeypatch.setattr(rule_cache, "MAX_ENTRIES", 3)
        files = [rules.with_name(f"{number}.yaml") for number in range(5)]
        for number, path in enumerate(files):
            path.write_text(
                f"version: 1\nrules: [{{id: r{number}, action: flag, when: {{text: [word]}}}}]"
            )
            load(path)
            by_age = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime_ns)
            for place, entry in enumerate(by_age):
                os.utime(entry, (1_000 + place, 1_000 + place))
            assert load(files[0])[1] == []  # in use all the time
        assert len(list(folder.iterdir())) == 3
        assert [load(files[number])[1] for number in (0, 3, 4)] == [[], [], []]

    def test_keeps_no_more_than_so_many_bytes(self, folder, rules, monkeypatch):
        load(rules)
        monkeypatch.setattr(rule_cache, "MAX_FOLDER_BYTES", entry_of(folder).stat().st_size + 10)
        rules.write_text(RULES + "# changed")
        load(rules)
        assert load(rules)[1] == []
        assert len(list(folder.iterdir())) == 1

    def test_what_a_killed_writer_left_goes_after_a_while(self, folder, rules):
        load(rules)
        old, new = folder / "old.partial", folder / "new.partial"
        for path in (old, new):
            path.write_bytes(b"x")
        os.utime(old, (time.time() - 7_200,) * 2)
        rules.write_text(RULES + "# changed")
        load(rules)
        assert new.exists()
        assert not old.exists()

    def test_an_entry_that_would_be_too_large_is_not_kept(self, folder, rules, monkeypatch):
        monkeypatch.setattr(rule_cache, "MAX_BYTES", 500)
        _, notes = load(rules)
        assert notes[-1] == "rules: not kept in the cache: too large"
        assert not folder.exists()

    def test_several_processes_at_once(self, folder, rules):
        code = (
            "import sys; from pathlib import Path; from moderation.rules import RuleSet;"
            "print(RuleSet.load([Path(sys.argv[1])]).fingerprint)"
        )
        running = [
            subprocess.Popen([sys.executable, "-c", code, str(rules)], stdout=subprocess.PIPE)
            for _ in range(4)
        ]
        printed = {process.communicate()[0] for process in running}
        assert not any(process.returncode for process in running)
        assert printed == {RuleSet(compile_paths([rules])).fingerprint.encode() + b"\n"}
        assert load(rules)[1] == []
        assert len(list(folder.iterdir())) == 1


WORDS = st.lists(
    st.text("abéЖж1_+-' 🙂", min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=3
)
REGEXES = st.lists(
    st.sampled_from(["a+b", "(ab|ba)+", r"\bабв", r"ab\w{0,3} ж", "[^a ]b", r"(?i)AB|é\d"]),
    min_size=1,
    max_size=2,
)
TEXTS = st.one_of(
    st.tuples(st.sampled_from(["words", "contains", "starts_with", "ends_with", "equals"]), WORDS),
    st.tuples(st.just("regex"), REGEXES),
).flatmap(
    lambda test: st.fixed_dictionaries(
        {test[0]: st.just(test[1])},
        optional={
            "evasion": st.sampled_from(["off", "normal", "strict"]),
            "case_sensitive": st.booleans(),
        },
    )
)
LEAVES = st.one_of(
    TEXTS.map(lambda test: {"text": test}),
    TEXTS.map(lambda test: {"text": {**test, "quotes": "ignore"}}),
    st.tuples(st.sampled_from(["title", "author", "link"]), TEXTS).map(
        lambda pair: {pair[0]: pair[1]}
    ),
    st.sampled_from(
        [
            {"score": {"toxicity": ">= 0.5", "threat": "0.1..0.9"}},
            {"length": "!= 7", "links": 1},
            {"age": "< 7d"},
            {"author.comments": "> 2"},
            {"is_reply": True, "is_edited": False},
            {"author.is_new": True},
            {"model.unsupported": False},
            {"script": ["latin", "cyrillic"]},
            {"rate": {"by": "text", "count": 2, "per": "1h"}},
            {"similar": {"at_least": 2, "per": "1h", "authors": 1}},
        ]
    ),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)
RULE = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["approve", "flag", "hold", "hide"]),
        "when": CONDITIONS,
    },
    optional={
        "severity": st.sampled_from(["info", "critical"]),
        "status": st.sampled_from(["shadow", "off"]),
        "priority": st.integers(-5, 5),
        "reason": st.sampled_from(["{match} by {author}", "ж {score.toxicity} {length}"]),
        "description": st.text("abж ", max_size=5),
        "expires": st.sampled_from(["2020-01-01", "9999-12-31"]),
    },
)
COMMENTS = st.lists(
    st.builds(
        Comment,
        st.just("1"),
        st.text("abéЖж1_+-' 🙂\n\">*", max_size=30),
        author=st.none()
        | st.builds(Author, name=st.text("abж", max_size=5), comments=st.integers(0, 5)),
        thread=st.none() | st.builds(Thread, st.just("t"), title=st.text("abж ", max_size=9)),
        created=st.none() | st.just(datetime(2026, 1, 1, tzinfo=UTC)),
        depth=st.none() | st.integers(0, 2),
    ),
    max_size=5,
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(RULE, min_size=1, max_size=5), COMMENTS)
def test_any_rules_assess_any_comment_alike(folder, tmp_path, rules, comments):
    path = tmp_path / "any.yaml"
    written = [{"id": f"r{number}", **rule} for number, rule in enumerate(rules)]
    path.write_text(json.dumps({"version": 1, "rules": written}, ensure_ascii=False), "utf-8")
    fresh = RuleSet(compile_paths([path]))
    RuleSet.load([path])
    notes: list[str] = []
    warm = RuleSet.load([path], notes.append)
    assert not notes
    histories = fresh.history(), warm.history()
    for comment in comments:
        one, other = (
            each.assess(comment, {"toxicity": 0.6}, around=history.around(comment))
            for each, history in zip((fresh, warm), histories, strict=True)
        )
        assert one == other
