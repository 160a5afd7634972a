"""What is shown of a comment: the list's rows, its thread, and why it is here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moderation import models
from moderation.comments import Author, Severity
from tui.render import age
from tui.setup import Setup
from tui.thresholds import Threshold, thresholds
from tui.weighing import Weigher

Sample = Any
Opened = Any

RULES = """
version: 1
rules:
  - id: model.sure
    action: hold
    when: {score: {toxicity: '>= 0.8'}}
  - id: model.unsure
    action: flag
    when:
      all:
        - score: {toxicity: '> 0.6'}
        - score: {toxicity: '< 0.8'}
      not: {score: {threat: '>= 0.1'}}
  - id: model.either
    action: hide
    when:
      any:
        - score: {insult: '0.5..0.9'}
        - text: [muppet]
  - {id: model.trial, action: hide, status: shadow, when: {score: {obscene: '>= 0.2'}}}
  - {id: model.fine, action: approve, when: {score: {obscene: '>= 0.1'}}}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_the_lines_that_live_rules_draw(rules: Path) -> None:
    found = thresholds([rules])
    assert found == {
        "toxicity": [Threshold(0.6, "flag", "model.unsure"), Threshold(0.8, "hold", "model.sure")],
        "insult": [Threshold(0.5, "hide", "model.either")],
    }


async def test_the_lines_stand_on_the_bars(opened: Opened, db: Path, rules: Path) -> None:
    async with opened(db, size=(160, 50), setup=Setup(rules=[rules])) as pilot:
        await pilot.press("j")
        await pilot.settle(until=lambda: "╋" in pilot.screen_text)
        bars = {
            line.split("│")[-1].strip().split("  ")[0]: line
            for line in pilot.screen_text.split("\n")
        }
        toxicity = next(line for line in bars.values() if " 0.91" in line and "━" in line)
        assert (toxicity.count("╋"), toxicity.count("╎")) == (2, 0)
        assert "╋ toxicity 0.8 hold · model.sure" in pilot.screen_text
        # 0.34 of obscene: a rule on trial draws no line
        obscene = next(line for line in pilot.screen_text.split("\n") if "obscene " in line)
        assert "╋" not in obscene
        assert "╎" not in obscene
        await pilot.press("j")
        toxicity = next(line for line in pilot.screen_text.split("\n") if " 0.08" in line)
        assert (toxicity.count("╋"), toxicity.count("╎")) == (0, 2)


async def test_rules_that_cannot_be_read_leave_the_bars_as_they_are(
    opened: Opened, db: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("rules: [", encoding="utf-8")
    for path in (bad, tmp_path / "none.yaml"):
        async with opened(db, size=(160, 50), setup=Setup(rules=[path])) as pilot:
            await pilot.press("j", "a")
            await pilot.pause(0.3)
            assert "━" in pilot.screen_text
            assert pilot.notices == ""


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (120, 30), (200, 60)])
async def test_a_row_tells_severity_age_author_words_and_reasons(
    opened: Opened, fill: Callable[..., Path], sample: Sample, size: tuple[int, int]
) -> None:
    text = "You muppet, go away"
    flags = [sample.flag("insult.name", text, "muppet", severity=Severity.HIGH),
             sample.flag("spam.short", text)]  # fmt: skip
    found = sample.assess("1", text, author="Colin", flags=flags)
    written = datetime.now(UTC) - timedelta(hours=3, minutes=5)
    path = fill([replace(found, comment=replace(found.comment, created=written))])
    async with opened(path, size=size) as pilot:
        lines = pilot.screen_text.split("\n")[1:4]
        width = 80 if size[0] == 80 else 30 if size[0] == 120 else 40
        row = " ".join(line[:width] for line in lines)
        for words in ("high", "3h", "Colin", "You m•••••"):
            assert words in row, words
        assert "[insult]" in row


async def test_the_thread_with_siblings_folds_into_a_line(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    text = "Right in the middle, fool"
    found = [sample.assess("1", "The root of it", author="Ruth")]
    found += [
        sample.assess(f"1.{n}", f"Sibling number {n}", author=f"Sib{n}", parent="1", minutes=n)
        for n in (1, 2, 3)
    ]
    found.append(
        sample.assess("1.4", text, parent="1", flags=[sample.flag("r.x", text, "fool")], minutes=4)
    )
    found += [
        sample.assess(f"1.{n}", f"Sibling number {n}", author=f"Sib{n}", parent="1", minutes=n)
        for n in (5, 6, 7, 8)
    ]
    found.append(sample.assess("1.4.1", "An answer", author="Ann", parent="1.4"))
    async with opened(fill(found)) as pilot:
        above, below = pilot.text_of("#ancestors"), pilot.text_of("#replies")
        assert above.split("\n") == [
            "Ruth  The root of it",
            "├ … 1 more beside it",
            "├ Sib2  Sibling number 2",
            "├ Sib3  Sibling number 3",
        ]
        assert below.split("\n") == [
            "└ Ann  An answer",
            "├ beside it: Sib5  Sibling number 5",
            "├ beside it: Sib6  Sibling number 6",
            "├ … 2 more beside it",
        ]
        await pilot.press("t")
        line = "▸ 1 above · 7 beside · 1 reply   t shows them"
        assert pilot.text_of("#ancestors") == line
        assert not pilot.app.screen.query_one("#replies").display
        await pilot.press("f5")
        assert pilot.text_of("#ancestors") == line, "it stays folded"
        await pilot.click("#ancestors", offset=(3, 0))
        await pilot.settle(until=lambda: pilot.text_of("#ancestors") == above)


async def test_neighbours_are_masked_too(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    grave, mild, text = "Zanderfluke at the door", "You muppet", "Two fools"
    path = fill([
        sample.assess("1", mild, flags=[sample.flag("r.a", mild, "muppet")]),
        sample.assess("1.1", text, parent="1",
                      flags=[sample.flag("r.b", text, "fools", severity=Severity.HIGH)]),
        sample.assess("1.1.1", grave, parent="1.1", author="Ed",
                      flags=[sample.flag("r.c", grave, "door", severity=Severity.CRITICAL)]),
    ])  # fmt: skip
    async with opened(path) as pilot:
        await pilot.press("j")
        assert pilot.shown == "1.1"
        assert "You m•••••" in pilot.text_of("#ancestors")
        assert pilot.text_of("#replies").endswith("▒▒▒▒▒▒▒▒▒▒▒ ▒▒ ▒▒▒ ▒▒▒▒")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-50), "now"), (timedelta(seconds=59), "now"),
        (timedelta(minutes=3), "3m"), (timedelta(hours=47), "1d"), (timedelta(days=64), "2mo"),
        (timedelta(days=800), "2y"),
    ],
)  # fmt: skip
def test_ages_are_short(ago: timedelta, words: str) -> None:
    now = datetime(2026, 3, 14, 12, tzinfo=UTC)
    assert age(now - ago, now) == words
    naive = (now - ago).replace(tzinfo=None)
    # Its zone can be a day off: only where that says little is it an age.
    assert age(naive, now) == (words if ago > timedelta(days=3) else f"{naive:%Y-%m-%d}")


def test_no_time_has_no_age() -> None:
    assert age(None) == ""


async def test_what_the_source_says_of_the_account(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    text = "Two fools"
    found = sample.assess("1", text, flags=[sample.flag("r.b", text, "fools")])
    made = datetime.now(UTC) - timedelta(days=70)
    who = Author("Pat", created=made, comments=1234)
    path = fill([replace(found, comment=replace(found.comment, author=who))])
    async with opened(path) as pilot:
        told = pilot.text_of("#author").split("\n")
        assert told == [
            "1 comment · 1 pending",
            f"account 2mo old, from {made:%Y-%m-%d} · 1,234 comments by its source",
        ]


async def test_how_disguised_words_were_read(
    opened: Opened, fill: Callable[..., Path], sample: Sample
) -> None:
    text = "You 1d1ot"
    found = sample.assess("1", text, flags=[sample.flag("r.b", text, "1d1ot")])
    path = fill([replace(found, reading="1d1ot read as idiot")])
    async with opened(path, size=(120, 40)) as pilot:
        assert "The model went by this: 1d1ot read as idiot" in pilot.screen_text


async def test_the_legend_names_what_is_on_the_screen(opened: Opened, db: Path) -> None:
    async with opened(db, size=(160, 50)) as pilot:
        assert pilot.text_of("#legend") == "match[1] what reason 1 matched"
        await pilot.press("ctrl+b")
        assert pilot.text_of("#legend").endswith(" · ▒▒ covered, ctrl+b shows it")


WORDS = "the weather was fine you silly goose hello friend , . !".split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A graph that runs in onnxruntime and finds `silly` and `goose` toxic, as the embedded
    model."""
    onnx = pytest.importorskip("onnx", reason="needs the extra [detoxify]")
    numpy = pytest.importorskip("numpy")
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers import models as kinds

    names = [*SPECIAL, *WORDS]
    odds = numpy.array([9 if n in ("silly", "goose") else -9 for n in names], dtype="float32")
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["odds", "input_ids"], ["marks"]),
            helper.make_node("ReduceMax", ["marks"], ["logits"], axes=[1], keepdims=1),
        ],
        "words",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "tokens"])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 1]),
            helper.make_tensor_value_info("marks", TensorProto.FLOAT, ["n", "tokens"]),
        ],
        [numpy_helper.from_array(odds, "odds")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    tokens = Tokenizer(kinds.WordLevel({name: at for at, name in enumerate(names)}, "[UNK]"))
    tokens.add_special_tokens(SPECIAL)
    tokens.normalizer = normalizers.Lowercase()
    tokens.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokens.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder = tmp_path / "embedded"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(made.SerializeToString())
    (folder / "tokenizer.json").write_text(tokens.to_str(), encoding="utf-8")
    meta = {
        "format": "moderation-model/1", "name": "words", "labels": ["toxicity"], "window": 16,
        "activation": "sigmoid", "precision": "float32",
        "marks": {"threshold": 0.5, "toxicity": 0.1},
    }  # fmt: skip
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    monkeypatch.setattr(models, "_BUILTIN", folder)
    assert onnx
    return folder


async def test_what_weighed_most_is_named_and_bold(
    opened: Opened, fill: Callable[..., Path], sample: Sample, embedded: Path
) -> None:
    text = "Hello, you silly goose!"
    found = sample.assess("1", text, flags=[sample.flag("r.hello", text, "Hello")], scores=(0.9,))
    path = fill([replace(found, model=models.load("builtin").fingerprint)])
    async with opened(path, size=(120, 40)) as pilot:
        before = pilot.text_of("#comment")
        await pilot.settle(until=lambda: "silly goose" in pilot.text_of("#weighed"))
        assert pilot.text_of("#weighed") == "Weighed most: silly goose"
        assert pilot.text_of("#comment") == before == "Hello[1], you silly goose!"
        assert "bold weighed most" in pilot.text_of("#legend")
        content = pilot.app.screen.query_one("#comment").content
        at = before.index("silly goose")
        assert [(s.start, s.end) for s in content.spans if "text-primary" in str(s.style)] == [
            (at, at + len("silly goose"))
        ]
        await pilot.press("ctrl+b")
        assert "silly" not in pilot.screen_text.split("\n", 4)[4]


async def test_only_the_model_that_scored_it_is_asked(sample: Sample, embedded: Path) -> None:
    weigher = Weigher()
    right = models.load("builtin").fingerprint
    found = sample.assess("1", "you silly goose", scores=(0.9,))
    answers = {
        model: [span.text for span in await weigher.words(replace(found, model=model))]
        for model in (
            right,
            f"{right}+exact",
            "builtin@000000000000",
            "none",
            "detoxify:original@1",
        )
    }
    weigher.close()
    assert [bool(each) for each in answers.values()] == [True, True, False, False, False]
    unsupported = replace(found, model=right, unsupported=True)
    assert await Weigher().words(unsupported) == ()


async def test_a_damaged_model_takes_nothing_away(
    opened: Opened, fill: Callable[..., Path], sample: Sample, embedded: Path
) -> None:
    text = "you silly goose"
    found = sample.assess("1", text, flags=[sample.flag("r.x", text, "silly")])
    path = fill([replace(found, model=models.load("builtin").fingerprint)])
    (embedded / "model.onnx").write_bytes(b"no graph")
    async with opened(path) as pilot:
        await pilot.pause(0.8)
        assert pilot.notices == ""
        await pilot.press("a")
        assert "1 decided" in pilot.text_of("#standing")
