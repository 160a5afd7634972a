"""The program as its user runs it: in this process where that will do, else as its own.

In-process runs go through `main` itself, streams, exit code and all.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from moderation.cli import main

RULES = """\
version: 1
rules:
  - id: animals.donkey
    description: A farm animal
    severity: low
    action: flag
    reason: "Animal: {match}"
    when: {text: {words: [donkey, goat]}}
    tests: {match: [a donkey], pass: [a monkey]}
  - id: food.turnip
    description: A root
    severity: medium
    action: hold
    reason: "Turnip, says {author}"
    when: {text: {contains: [turnip, t\u00fcrnip, 🥕]}}
    tests: {match: [turnips], pass: [parsnips]}
  - id: food.gravy
    description: A sauce
    severity: critical
    action: hide
    reason: "Sauce: {match}"
    when: {text: {words: [gravy]}}
    tests: {match: [gravy], pass: [a grave]}
  - id: model.sour
    description: The model finds it sour
    severity: high
    action: hold
    when: {score: {toxicity: '>= 0.9'}}
    tests: {match: [{text: x, score: {toxicity: 0.95}}], pass: [{text: x, score: {toxicity: 0.1}}]}
"""

#: One comment of each verdict, and nothing special about any of them.
COMMENTS: list[dict[str, Any]] = [
    {"id": "c1", "text": "A fine morning", "author": "Ann", "created_at": "2026-03-01T08:00:00Z"},
    {"id": "c2", "text": "You donkey", "author": "Bob", "created_at": "2026-03-01T08:05:00Z"},
    {"id": "c3", "text": "A turnip, a goat", "author": "Cyd", "created_at": "2026-03-01T08:10:00Z"},
    {"id": "c4", "text": "gravy for all", "author": "Dee", "created_at": "2026-03-01T08:15:00Z"},
]


@dataclass(frozen=True)
class Ran:
    """What came of a run. `out` is data, `err` is talk."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]
Process = subprocess.Popen[bytes]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, below which no configuration is found."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NO_COLOR", raising=False)
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    lines = (json.dumps(record) + "\n" for record in COMMENTS)
    (folder / "comments.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def run(here: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("scan", "x.txt", stdin=b"…")` in this process."""

    def run(*args: object, stdin: bytes | str = b"") -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8", write_through=True))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8", write_through=True))
            with pytest.raises(SystemExit) as left:
                main([str(arg) for arg in args])
            sys.stdout.flush()
            sys.stderr.flush()
            code = left.value.code
            assert isinstance(code, int)
            return Ran(code, out.getvalue().decode(), err.getvalue().decode())

    return run


@pytest.fixture
def scan(run: Run) -> Run:
    """`scan` with the small rules of these tests and without a model."""

    def scan(*args: object, stdin: bytes | str = b"") -> Ran:
        return run("scan", "--rules", "rules.yaml", "--model", "none", *args, stdin=stdin)

    return scan


@pytest.fixture
def spawn(here: Path) -> Iterator[Callable[..., Process]]:
    """Start a real process with pipes; whatever still runs at the end is ended."""
    started: list[Process] = []
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}

    def spawn(*args: object, **more: Any) -> Process:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(
            [sys.executable, "-m", "moderation", *map(str, args)],
            **{**pipes, "env": {**kept, "PYTHONUTF8": "1"}, **more},
        )
        started.append(process)
        return process

    yield spawn
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()


@pytest.fixture
def process(spawn: Callable[..., Process]) -> Run:
    """`run` as a real process."""

    def process(*args: object, stdin: bytes | str = b"", **more: Any) -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        started = spawn(*args, **more)
        out, err = started.communicate(given, timeout=60)
        return Ran(started.returncode, (out or b"").decode(), (err or b"").decode())

    return process


@pytest.fixture
def jsonl(here: Path) -> Callable[..., str]:
    """`jsonl("name.jsonl", record, …)` writes them and returns the name."""

    def jsonl(name: str, *records: dict[str, Any]) -> str:
        lines = (json.dumps(record) + "\n" for record in records)
        (here / name).write_text("".join(lines), encoding="utf-8")
        return name

    return jsonl
