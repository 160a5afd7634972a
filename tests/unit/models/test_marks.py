"""The words that made a text toxic: whole ones, in the right places, and only when asked."""

import json
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.errors import ModelError
from moderation.models.compile import graph
from moderation.models.onnx import folder
from moderation.models.onnx.engine import OnnxModel
from moderation.models.onnx.marks import Reading, spans, words
from moderation.models.onnx.windows import MOST_WINDOWS

onnx = pytest.importorskip("onnx", reason="needs the extra [detoxify]")

MARKS = {"threshold": 0.5, "toxicity": 0.0}
BAD = ("silly", "goose")
FAR = 20.0


@pytest.fixture
def marked(small):
    """A model whose graph tells that `BAD` are the reasons, by the number of the word alone."""
    from onnx import TensorProto, helper, numpy_helper

    proto = graph.build(small.encoder(), precision="int8")
    names = [*small.SPECIAL, *small.WORDS]
    odds = np.array([FAR if name in BAD else -FAR for name in names], dtype=np.float32)
    # Special tokens are no words: what is said of them must reach nobody.
    odds[: len(small.SPECIAL)] = [-FAR, -FAR, FAR, FAR, -FAR]
    proto.graph.initializer.append(numpy_helper.from_array(odds, "odds"))
    proto.graph.node.append(helper.make_node("Gather", ["odds", "input_ids"], ["marks"]))
    proto.graph.output.append(helper.make_tensor_value_info("marks", TensorProto.FLOAT, None))
    return proto


@pytest.fixture
def load(make_folder, marked):
    def load(**changes):
        given = {"marks": MARKS, **changes}
        return OnnxModel(make_folder(model=marked, **given), name="small")

    return load


@pytest.fixture
def model(load):
    return load()


class TestPlaces:
    def test_whole_words_at_the_code_points_of_the_original(self, model):
        text = "😀 Hello, SILLY friend! A goose\u0301? goose."
        found = model.marks(text)
        assert found[0].text == "SILLY"
        assert found[-1].text == "goose"
        assert all(text[span.start : span.end] == span.text for span in found)

    def test_neighbours_are_one_span_and_those_behind_a_comma_are_two(self, model):
        assert [span.text for span in model.marks("you silly \n goose")] == ["silly \n goose"]
        assert [span.text for span in model.marks("silly, goose")] == ["silly", "goose"]
        assert [span.text for span in model.marks("silly the goose")] == ["silly", "goose"]

    def test_controls_and_surrogates_keep_their_places(self, model):
        text = "\0\ud800 goose \x1b[31m\ud800silly"
        assert model.marks(text)[0].text == "goose"
        assert model.marks(text)[0].start == text.index("goose")

    @pytest.mark.parametrize("text", ["", " \n", "hello friend", "?!", "😀"])
    def test_nothing_where_nothing_is(self, model, text):
        assert model.marks(text) == ()

    @settings(max_examples=60, deadline=None)
    @given(text=st.text(alphabet="silygoe ,\n\0İ😀-'*", max_size=60))
    def test_any_text_has_spans_in_order_that_are_parts_of_it(self, text):
        reading = Reading(0.0, [(at, at + 1) for at in range(len(text))], odds_of(text))
        found = spans(text, reading, least=0.0)
        assert all(text[span.start : span.end] == span.text for span in found)
        assert all(here.end < there.start for here, there in pairwise(found))


def odds_of(text):
    return np.array([1.0 if sign in "silygoe" else -1.0 for sign in text])


class TestLongTexts:
    def test_every_window_is_covered(self, model):
        text = "the weather was fine , " * 30 + "silly goose " + "hello friend " * 20 + "goose"
        assert [span.text for span in model.marks(text)] == ["silly goose", "goose"]

    def test_a_repeated_passage_is_marked_wherever_it_stands(self, model, small):
        passage = ["the", "silly", *["bread"] * 8]
        assert len(model.marks(" ".join(passage * 40))) == 40

    def test_what_is_not_read_has_no_marks_and_time_stays_bounded(self, model, small):
        random = np.random.default_rng(0)
        text = " ".join(random.choice(small.WORDS[:9], 40_000))
        begin = time.perf_counter()
        found = model.marks(text)
        assert time.perf_counter() - begin < 20
        read = len(found)
        assert 0 < read <= MOST_WINDOWS * small.WINDOW


class TestWhen:
    def test_a_harmless_text_has_none(self, load):
        model = load(marks={"threshold": 0.5, "toxicity": 1.0})
        assert model.marks("silly goose") == ()

    def test_the_threshold_is_a_probability(self, load):
        reading = load().reading("silly goose")
        assert reading.odds.tolist() == [FAR, FAR]
        almost_sure = 1 - 1e-12
        assert load(marks={"threshold": almost_sure, "toxicity": 0}).marks("silly goose") == ()

    def test_a_model_without_marks_has_none(self, make_folder):
        assert OnnxModel(make_folder(), name="small").marks("silly goose") == ()

    def test_the_graph_must_have_what_the_description_names(self, make_folder):
        with pytest.raises(ModelError, match="fit"):
            OnnxModel(make_folder(marks=MARKS), name="small")

    @pytest.mark.parametrize(
        "marks", [{}, {"threshold": 0.5}, {"threshold": 1, "toxicity": 0}, [], {"threshold": "x"}]
    )
    def test_a_damaged_description_is_refused(self, make_folder, marked, marks):
        with pytest.raises(ModelError, match="damaged"):
            OnnxModel(make_folder(model=marked, marks=marks), name="small")

    def test_the_description_survives_being_written(self, make_folder, marked):
        meta = folder.read(make_folder(model=marked, marks=MARKS)).meta
        assert meta.marks == folder.Marks(0.5, 0.0)
        assert folder.parse(json.loads(meta.dump())) == meta


class TestScores:
    TEXTS = ("you silly goose", "the weather was fine " * 9, "")

    def test_they_are_those_of_the_graph_without_marks(self, load, make_folder):
        plain = OnnxModel(make_folder(), name="small")
        assert np.array_equal(load().logits(self.TEXTS), plain.logits(self.TEXTS))

    def test_calibration_changes_no_marks(self, load):
        line = {label: [[-9.0, -99.0], [9.0, -90.0]] for label in ("toxicity", "insult", "threat")}
        for toxicity in (0.0, 0.3, 0.5, 0.7):
            marks = {"threshold": 0.5, "toxicity": toxicity}
            plain, calibrated = load(marks=marks), load(marks=marks, calibration=line)
            for text in self.TEXTS:
                assert plain.marks(text) == calibrated.marks(text)
                assert plain.reading(text).toxicity == plain.logits([text]).max()

    def test_scoring_does_not_compute_marks(self, make_folder, small):
        """Marks that cannot be computed are only noticed by who asks for them."""
        from onnx import TensorProto, helper, numpy_helper, parser

        head = "wanted () => (float[texts, told] odds) {{ odds = Gather <axis = 0> (one, {}) }}"
        proto = graph.build(small.encoder(), precision="int8")
        one = numpy_helper.from_array(np.zeros(1, dtype=np.float32), "one")
        none = numpy_helper.from_array(np.zeros((1, 0), dtype=np.int64), "none")
        proto.graph.initializer.extend([one, none])
        proto.graph.input.append(
            helper.make_tensor_value_info("marks_wanted", TensorProto.BOOL, [])
        )
        branches = {
            "then_branch": parser.parse_graph(head.format("input_ids")),  # outside of `one`
            "else_branch": parser.parse_graph(head.format("none")),
        }
        proto.graph.node.append(helper.make_node("If", ["marks_wanted"], ["marks"], **branches))
        proto.graph.output.append(helper.make_tensor_value_info("marks", TensorProto.FLOAT, None))
        model = OnnxModel(make_folder(model=proto, marks=MARKS), name="small")
        assert model.score(["silly goose"]).shape == (1, 3)
        with pytest.raises(ModelError, match="could not score"):
            model.marks("silly goose")


class TestWords:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("you f**k", ["you", "f**k"]),
            ("an @ss-hat's end", ["an", "@ss-hat's", "end"]),
            ("one/two...three", ["one", "two", "three"]),
        ],
    )
    def test_disguises_and_joints_stay_inside_a_word(self, text, wanted):
        found, _ = words(text, Reading(0.0, [], np.empty(0)))
        assert [text[start:end] for start, end in found] == wanted

    def test_a_word_has_the_mean_of_its_tokens_that_were_read(self):
        places = [(0, 2), (2, 4), (5, 7), (7, 9), (9, 10)]
        odds = np.array([1.0, 4.0, np.nan, 3.0, 99.0])
        _, found = words("abcd efgh!", Reading(0.0, places, odds))
        assert found.tolist() == [2.5, 3.0]

    def test_a_word_that_was_not_read_is_never_marked(self):
        reading = Reading(0.0, [(0, 4)], np.array([np.nan]))
        assert spans("abcd", reading, least=-1e9) == ()

    def test_time_is_linear(self):
        text = "a-" * 200_000
        begin = time.perf_counter()
        assert spans(text, Reading(0.0, [], np.empty(0)), least=0.0) == ()
        assert time.perf_counter() - begin < 5
