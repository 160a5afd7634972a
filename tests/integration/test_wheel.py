"""What `pip install` gives a user: built as a wheel, installed where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def done(command: list[object], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it away from the checkout, with nothing of this environment in the way."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "MODERATION"))
    }
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**clean, "PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    built = done(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], out
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = out.glob("*.whl")
    return found


def test_what_is_inside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    # What import names it takes: these two and its own metadata.
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"moderation", "tui"}
    packs = {path.name for path in (ROOT / "rules").glob("*.yaml")}
    assert {name.rsplit("/", 1)[1] for name in names if "moderation/packs/" in name} >= packs
    assert {"toxicity.yaml", "profanity.yaml", "threats.yaml", "spam.yaml"} <= packs
    assert "moderation/samples/sample_thread.txt" in names
    reports = {"json-v1.schema.json", "html/page.css"}
    assert {f"moderation/reports/{name}" for name in reports} <= names
    builtin = {
        name.rsplit("/", 1)[1]: size
        for name, size in sizes.items()
        if name.startswith("moderation/models/builtin/")
    }
    assert set(builtin) == {"linear.npz", "meta.json", "model.onnx", "tokenizer.json"}
    assert 10_000_000 < builtin["model.onnx"] + builtin["tokenizer.json"] < 26_000_000
    assert "moderation/models/telling.txt" in names
    assert {name for name in names if name.startswith("tui/") and name.endswith(".tcss")} == {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tui").rglob("*.tcss")
    }
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)


def test_in_an_empty_environment(wheel, tmp_path):
    """One test, as the environment takes its time to fill."""
    venv, away = tmp_path / "venv", tmp_path / "away"
    away.mkdir()
    made = done([sys.executable, "-m", "venv", venv], away)
    assert made.returncode == 0, made.stderr
    python = venv / "bin" / "python"
    installed = done([python, "-m", "pip", "install", "--quiet", wheel], away)
    assert installed.returncode == 0, installed.stderr
    program = venv / "bin" / "moderation"

    demo = done([program, "demo"], away)
    assert demo.returncode == 0, demo.stderr
    assert "HIDE  critical" in demo.stdout
    assert "The queue, most pressing first:" in demo.stdout
    assert list(away.iterdir()) == []

    # The packs come from the package, whatever lies in the folder.
    listed = done([program, "rules", "list", "--json"], away)
    assert f"{venv}" in listed.stdout
    assert done([program, "rules", "test"], away).returncode == 0
    assert done([program, "rules", "check", "--strict"], away).returncode == 0

    # The app itself can be imported; the folder `rules` is nobody's module.
    assert done([python, "-c", "import tui"], away).returncode == 0
    assert done([python, "-c", "import rules"], away).returncode == 1
    for absent in ("torch", "transformers", "detoxify", "pytest"):
        assert done([python, "-c", f"import {absent}"], away).returncode == 1, absent

    (away / "one.txt").write_text("hello\n")
    asked = done([program, "scan", "one.txt", "--model", "detoxify:original"], away)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "pip install 'moderation[detoxify]'" in asked.stderr
    assert "Traceback" not in asked.stderr
