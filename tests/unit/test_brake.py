"""The emergency brake, on assessments of real rules."""

from __future__ import annotations

import random
import tracemalloc
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation import brake as module
from moderation.brake import Brake, Standing, standing, watched
from moderation.comments import Action, Author, Comment, Thread, Verdict
from moderation.config import Brake as Settings
from moderation.errors import ModerationError
from moderation.rules import RuleSet, compile_text
from moderation.store.rule_versions import RuleVersion

RULES = """\
version: 1
rules:
  - {id: food.gravy, severity: critical, action: hide, reason: "Sauce: {match}", priority: 1,
     description: A sauce, when: {text: [gravy]}}
  - {id: food.turnip, severity: medium, action: hold, when: {text: [turnip]}}
  - {id: food.swede, severity: high, action: flag, when: {text: [swede]}}
  - {id: staff, action: approve, priority: 1, when: {text: [chef]}}
  - {id: head, action: approve, priority: 2, when: {text: [head]}}
"""
SET = RuleSet(compile_text(RULES))
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def assess(*texts):
    return [SET.assess(Comment(str(n), text), {}) for n, text in enumerate(texts)]


def braking(assessments, *rules, share=0.05):
    """What comes out, and the rules that were braked."""
    found = []
    brake = Brake(dict.fromkeys(rules, HOUR), share=share, on_braked=found.extend)
    return list(brake.over(assessments)), found


def verdicts(assessments):
    return [assessment.verdict.value for assessment in assessments]


class TestLimit:
    @pytest.mark.parametrize(
        ("hits", "comments", "share", "held"),
        [
            (5, 100, 0.05, False),
            (6, 100, 0.05, True),
            (3, 60, 0.05, False),
            (3, 59, 0.05, True),
            (2, 2, 0.05, False),
            (3, 3, 0.05, True),
            (50, 1_000, 0.05, False),
            (51, 1_000, 0.05, True),
            # 0.07 and 0.29 are a little off as binary fractions.
            (7, 100, 0.07, False),
            (29, 100, 0.29, False),
            (30, 100, 0.29, True),
            (3, 1_000, 0.0, True),
            (9, 9, 1.0, False),
        ],
    )
    def test_more_than_the_share_and_no_fewer_than_three(self, hits, comments, share, held):
        given_ = assess(*["gravy"] * hits, *["soup"] * (comments - hits))
        out, braked = braking(given_, "food.gravy", share=share)
        assert bool(braked) is held
        assert verdicts(out).count("flag" if held else "hide") == hits
        if held:
            (one,) = braked
            assert (one.rule, one.action, one.age) == ("food.gravy", Action.HIDE, HOUR)
            assert (one.count, one.comments, one.limit) == (hits, comments, share)
        else:
            assert out == given_

    def test_each_rule_by_itself(self):
        given_ = assess(*["gravy turnip"] * 4, *["turnip"] * 6, *["soup"] * 90)
        out, braked = braking(given_, "food.gravy", "food.turnip")
        assert [(each.rule, each.count) for each in braked] == [("food.turnip", 10)]
        assert verdicts(out) == ["hide"] * 4 + ["flag"] * 6 + ["pass"] * 90

    def test_only_rules_that_are_watched(self):
        given_ = assess(*["gravy turnip"] * 9)
        assert braking(given_, "food.swede") == (given_, [])
        assert braking(given_) == (given_, [])

    def test_what_an_approve_rule_sets_aside_is_not_hidden(self):
        # Of the priority of gravy, `staff` sets aside turnips only; `head` both.
        given_ = assess(*["gravy turnip chef"] * 9, *["gravy turnip head"] * 9)
        out, braked = braking(given_, "food.gravy", "food.turnip")
        assert [(each.rule, each.count) for each in braked] == [("food.gravy", 9)]
        assert verdicts(out) == ["flag"] * 9 + ["approve"] * 9


class TestReduced:
    def test_a_flag_says_what_it_would_have_done(self):
        (before, *_) = given_ = assess(*["gravy"] * 3)
        (after, *_), _ = braking(given_, "food.gravy")
        (was,), (flag,) = before.flags, after.flags
        assert (after.verdict, after.severity, after.priority) == (
            Verdict.FLAG,
            before.severity,
            before.priority,
        )
        assert flag.action is Action.FLAG
        assert flag.reason == "Braked, would hide: Sauce: gravy"
        assert flag.title == "Braked, would hide: A sauce"
        assert (flag.spans, flag.version, flag.severity) == (was.spans, was.version, was.severity)
        assert after.policy == f"{SET.fingerprint}+braked(food.gravy)"
        assert after.comment == before.comment

    def test_other_rules_act_and_the_strongest_stands_first(self):
        given_ = assess(*["gravy turnip swede"] * 3)
        (after, *_), _ = braking(given_, "food.gravy")
        assert [(flag.rule, flag.action.value) for flag in after.flags] == [
            ("food.turnip", "hold"),
            ("food.gravy", "flag"),
            ("food.swede", "flag"),
        ]
        assert (after.verdict, after.severity) == (Verdict.HOLD, "critical")

    def test_several_at_once(self):
        given_ = assess(*["gravy turnip"] * 3, "swede")
        out, _ = braking(given_, "food.gravy", "food.turnip")
        assert out[0].policy == f"{SET.fingerprint}+braked(food.gravy,food.turnip)"
        assert out[0].verdict is Verdict.FLAG
        assert out[3] == given_[3]


@settings(deadline=None)  # on a busy machine
@given(
    st.lists(st.sampled_from(["gravy", "turnip", "gravy chef", "soup", "swede"]), max_size=30),
    st.randoms(use_true_random=False),
)
def test_neither_order_nor_chunks_count(texts, rng):
    given_ = assess(*texts)
    shuffled = rng.sample(given_, len(given_))
    out, braked = braking(given_, "food.gravy", "food.turnip")
    again, braked_again = braking(shuffled, "food.gravy", "food.turnip")
    assert braked == braked_again
    assert [each.comment.id for each in again] == [each.comment.id for each in shuffled]
    assert sorted(again, key=lambda each: int(each.comment.id)) == out


class TestWaiting:
    def test_without_a_rule_to_watch_they_stream(self):
        read = []

        def source():
            for each in assess("gravy", "gravy"):
                read.append(each)
                yield each

        out = Brake({}, share=0.05, on_braked=read.extend).over(source())
        next(out)
        assert len(read) == 1

    def test_with_one_the_verdict_is_known_before_the_first_comes_out(self):
        told = []
        brake = Brake({"food.gravy": HOUR}, share=0.05, on_braked=told.append)
        with closing(brake.over(assess(*["gravy"] * 9))) as out:
            next(out)
        assert len(told) == 1

    def test_nothing_at_all(self):
        assert braking([], "food.gravy") == ([], [])

    @pytest.mark.parametrize("count", [1, 255, 256, 257, 513])
    @pytest.mark.parametrize("in_memory", [0, 1, 1 << 20])
    def test_all_come_back_in_order(self, monkeypatch, count, in_memory):
        """From memory, from the file, or the first of them from one and then the other."""
        monkeypatch.setattr(module, "_IN_MEMORY", in_memory)
        given_ = assess(*(f"{'gravy' if n % 2 else 'soup'} {n}" for n in range(count)))
        out, _ = braking(given_, "food.gravy", share=0.9)
        assert out == given_

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError("gone"), ModerationError("x")])
    @pytest.mark.parametrize("count", [4, 300])
    def test_what_came_before_an_error_comes_out_first(self, error, count):
        """Measured on what there is: one in four, while all would have been fewer."""

        def source():
            for n in range(count):
                yield from assess("soup" if n % 4 else "gravy")
            raise error

        told, out = [], []
        brake = Brake({"food.gravy": HOUR}, share=0.05, on_braked=told.extend)
        with pytest.raises(type(error)) as caught:
            out.extend(brake.over(source()))
        assert caught.value is error
        # `extend` keeps what came before the error.
        assert len(out) == count
        assert [each.comments for each in told] == ([] if count == 4 else [count])
        assert "hide" not in verdicts(out) or count == 4

    def test_any_comment_comes_back_from_the_file(self, monkeypatch):
        monkeypatch.setattr(module, "_IN_MEMORY", 0)
        one = SET.assess(
            Comment(
                "1",
                "gravy \ud800 \x00 🥕",
                Author("Ann \udfff", "7", NOON),
                datetime(2026, 3, 1),
                Thread("t", "On gravy"),
                parent="0",
                reports=3,
            ),
            {"toxicity": float("inf")},
        )
        out, _ = braking([one] * 600, "food.gravy", share=1)
        assert out == [one] * 600

    def test_memory_stays_flat(self):
        """160 MB of comments through what may hold 16 MB and a chunk."""
        rng = random.Random(1)
        (short,) = assess("soup")
        source = (
            replace(short, comment=Comment(str(n), rng.randbytes(20_000).hex()))
            for n in range(4_000)
        )
        brake = Brake({"food.gravy": HOUR}, share=0.05, on_braked=lambda _: None)
        tracemalloc.start()
        try:
            count = sum(1 for _ in brake.over(source))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert count == 4_000
        assert peak < 80_000_000

    def test_no_room_to_wait(self, monkeypatch):
        """Then none comes out: half of them would be judged by half of a scan."""
        resource = pytest.importorskip("resource")
        monkeypatch.setattr(module, "_IN_MEMORY", 0)
        out = []
        brake = Brake({"food.gravy": HOUR}, share=0.05, on_braked=lambda _: None)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        try:
            with pytest.raises(ModerationError, match="wait for the end of the scan") as caught:
                out.extend(brake.over(assess(*["gravy"] * 600)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert out == []
        assert "TMPDIR" in caught.value.hint


def version(rule, *, changed=NOON, version=None, braked=None, confirmed=None):
    (found,) = (each for each in SET.rules if each.id == rule)
    return RuleVersion(
        *(1, rule, version or found.version, changed, braked),
        confirmed_at=NOON if confirmed else None,
        confirmed_by=confirmed,
    )


class TestStanding:
    def stands(self, *known, rule="food.gravy", later=1, **settings):
        """So many hours after noon, when these versions are known."""
        (found,) = (each for each in SET.rules if each.id == rule)
        versions = {each.rule: each for each in known}
        return standing(found, versions, Settings(**settings), NOON + later * HOUR)

    def test_young_for_a_day(self):
        assert self.stands(version("food.gravy")) is Standing.YOUNG
        assert self.stands(version("food.gravy"), later=23) is Standing.YOUNG
        assert self.stands(version("food.gravy"), later=24) is None
        assert self.stands(version("food.gravy"), later=5, hours=6) is Standing.YOUNG
        assert self.stands(version("food.gravy"), later=6, hours=6) is None

    def test_of_old_or_with_nothing_known(self):
        assert self.stands(version("food.gravy", changed=None)) is None
        assert self.stands() is None

    def test_not_yet_scanned_as_it_is_now(self):
        assert self.stands(version("food.turnip")) is Standing.YOUNG
        assert self.stands(version("food.gravy", version="other")) is Standing.YOUNG

    def test_once_braked_until_confirmed(self):
        assert self.stands(version("food.gravy", braked=NOON), later=99) is Standing.BRAKED
        both = version("food.gravy", braked=NOON, confirmed="Ann")
        assert self.stands(both, later=99) is Standing.CONFIRMED
        assert self.stands(version("food.gravy", confirmed="Ann")) is Standing.CONFIRMED

    def test_by_settings(self):
        known = version("food.gravy", braked=NOON)
        assert self.stands(known, confirmed=["food.gravy"]) is Standing.CONFIRMED
        assert self.stands(known, confirmed=["food.turnip"]) is Standing.BRAKED
        assert self.stands(known, hours=0) is None

    @pytest.mark.parametrize("rule", ["food.swede", "staff"])
    def test_rules_that_only_flag_or_approve(self, rule):
        assert self.stands(version(rule), rule=rule) is None

    def test_watched_are_those_that_may_be_braked(self):
        known = {
            each.rule: each
            for each in (
                version("food.gravy"),
                version("food.turnip", confirmed="Ann"),
                version("staff"),
            )
        }
        assert watched(SET.rules, known, Settings(), NOON) == {"food.gravy": known["food.gravy"]}

    @pytest.mark.parametrize("status", ["shadow", "off"])
    def test_rules_that_are_not_live(self, status):
        text = RULES.replace("action: hide,", f"action: hide, status: {status},")
        rule = compile_text(text).rules[0]
        known = {"food.gravy": version("food.gravy", version=rule.version)}
        assert standing(rule, known, Settings(), NOON) is None
        assert watched([rule], known, Settings(), NOON) == {}
