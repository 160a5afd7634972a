"""Real models in real processes."""

import multiprocessing
import pickle
import sys

import pytest

from moderation.errors import MissingExtraError, ModelError, TooLongError, UsageError
from moderation.models import bench, memory

TEXTS = ["you silly goose", "the weather was fine , friend .", "hello"]
MEGABYTE = 1_000_000


def test_each_model_is_measured(make_folder):
    folder = str(make_folder())
    steps = []
    found = bench.measure(
        ["builtin", "none", folder], TEXTS * 30, rounds=2, on_step=lambda *step: steps.append(step)
    )
    builtin, none, compiled = found
    assert [each.name for each in found] == ["builtin", "none", folder]
    assert builtin.fingerprint.startswith("builtin@")
    assert compiled.fingerprint.startswith(folder)
    assert all(each.load > 0 for each in found)
    # To have no opinion is quick.
    assert none.single > compiled.single > 0 < builtin.single
    assert none.batched > compiled.batched > 0 < builtin.batched
    # [CLS] and [SEP] around three, seven and one token.
    assert [each.tokens for each in found] == [None, None, pytest.approx((5 + 9 + 3) / 3)]
    # In turns, round by round.
    assert [what for what, _ in steps] == [
        *("loading builtin", "loading none", f"loading {folder}"),
        *("round 1 of 2: builtin", "round 1 of 2: none", f"round 1 of 2: {folder}"),
        *("round 2 of 2: builtin", "round 2 of 2: none", f"round 2 of 2: {folder}"),
    ]
    assert [share for _, share in steps] == [at / 9 for at in range(9)]
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(memory.resident() is None, reason="the system does not tell")
def test_memory_is_each_models_own(make_folder):
    hoard = bytearray(300 * MEGABYTE)
    compiled, none = bench.measure([str(make_folder()), "none"], TEXTS, rounds=1)
    del hoard
    # onnxruntime and numpy against numpy alone; nothing of what this process holds.
    assert none.memory < compiled.memory < 250 * MEGABYTE
    assert compiled.peak < 100 * MEGABYTE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a peak is never forgotten")
def test_a_peak_is_seen_and_forgotten():
    held = memory.resident()
    hoard = bytearray(200 * MEGABYTE)
    del hoard
    assert memory.peak() > held + 150 * MEGABYTE
    memory.forget_peak()
    assert memory.peak() < held + 150 * MEGABYTE


def test_a_model_that_cannot_be_loaded_leaves_no_process():
    with pytest.raises(UsageError, match="bultin") as caught:
        bench.measure(["none", "bultin"], TEXTS)
    assert "did you mean 'builtin'" in caught.value.hint
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_is_told():
    def kill(what, _):
        if what.startswith("round 2"):
            for process in multiprocessing.active_children():
                process.kill()
                process.join()

    with pytest.raises(ModelError, match=r"ran none ended \(exit code -9\)") as caught:
        bench.measure(["none"], TEXTS, on_step=kill)
    assert "memory" in caught.value.hint
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    "error",
    [
        UsageError("what", where="there", hint="mend it"),
        MissingExtraError("Detoxify's models", "detoxify"),
        TooLongError("text", 11, 10),
    ],
)
def test_errors_come_home_from_a_process_whole(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.args == error.args


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx512_vnni amx_int8\n", ["AVX-512 VNNI", "AMX"]),
        ("processor\t: 0\nFeatures\t: fp asimddp\n", ["NEON dot product"]),
        ("processor\t: 0\nflags\t\t: fpu avx_vnnish\n", []),
        ("nothing of this\n", []),
    ],
)
def test_instructions(tmp_path, cpuinfo, expected):
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert bench.instructions(path) == expected
    assert bench.instructions(tmp_path / "gone") == []
