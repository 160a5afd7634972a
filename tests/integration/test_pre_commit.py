"""The hooks for pre-commit, run by pre-commit itself in a repository that has comments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(sys.executable).parent

RULES = """\
version: 1
rules:
  - id: food.gravy
    description: A sauce
    action: hide
    when: {text: {words: [gravy]}}
    tests: {match: [gravy], pass: [grave]}
"""


@dataclass(frozen=True)
class Repository:
    """A git repository in which commands run."""

    folder: Path
    home: Path

    def run(self, *command: object) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        hers = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
        hers |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in hers.items()}
        offline = {
            "PRE_COMMIT_HOME": str(self.home),
            # The hook's own environment gets this project; what that needs it finds in ours.
            "PYTHONPATH": sysconfig.get_path("purelib"),
            "PIP_NO_DEPS": "1",
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this one the other way round
        }
        return subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            env={**clean, **hers, **offline, "PATH": f"{BINARIES}{os.pathsep}{clean['PATH']}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def commit(self) -> None:
        done = self.run("git", "add", "--all")
        assert done.returncode == 0, done.stderr
        done = self.run("git", "commit", "--quiet", "--no-verify", "--message", "All")
        assert done.returncode == 0, done.stderr

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository whose configuration names both hooks, from a commit of this checkout."""
    top = tmp_path_factory.mktemp("hooks")
    for name in ("hooks", "site", "home"):
        (top / name).mkdir()
    hooks, site = (Repository(top / name, top / "home") for name in ("hooks", "site"))
    for name in ("moderation", "tui", "rules"):
        leave = shutil.ignore_patterns("__pycache__", "*.partial", ".*")
        shutil.copytree(ROOT / name, hooks.folder / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, hooks.folder / name)
    for each in (hooks, site):
        assert each.run("git", "init", "--quiet", "--initial-branch=main").returncode == 0
    hooks.commit()
    revision = hooks.run("git", "rev-parse", "HEAD").stdout.strip()
    used = [
        {"id": "moderation-scan", "args": ["--model=none", "--rules=rules", "--"]},
        {"id": "moderation-rules"},
    ]
    repo = {"repo": str(hooks.folder), "rev": revision, "hooks": used}
    # JSON is YAML.
    site.write(".pre-commit-config.yaml", json.dumps({"repos": [repo]}))
    site.write("rules/food.yaml", RULES)
    site.write("comments/2026/june.jsonl", '{"text": "Thanks"}\n')
    site.commit()
    done = site.run("pre-commit", "install", "--install-hooks")
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def committed(site: Repository) -> subprocess.CompletedProcess[str]:
    """As its user commits; what was refused is taken away again."""
    site.run("git", "add", "--all")
    done = site.run("git", "commit", "--message", "More")
    site.run("git", "reset", "--quiet", "--hard")
    site.run("git", "clean", "--quiet", "--force", "-d")
    return done


def test_the_manifest_is_what_pre_commit_takes(site):
    done = site.run("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    assert done.returncode == 0, done.stdout


def test_a_commit_with_harmless_comments(site):
    site.write("comments/2026/july.jsonl", '{"text": "More, please"}\n')
    site.write("notes.txt", "gravy is no comment here\n")
    done = committed(site)
    assert done.returncode == 0, done.stderr
    assert "moderation scan" in done.stderr
    assert "Passed" in done.stderr


def test_a_commit_with_a_comment_over_the_line(site):
    site.write("comments/2026/august.jsonl", '{"text": "Gravy"}\n')
    # A file's name is never an option.
    site.write("--fail-on=never/comments.jsonl", '{"text": "Thanks"}\n')
    done = committed(site)
    assert done.returncode == 1
    assert "exit code: 1" in done.stderr
    assert "food.gravy" in done.stderr
    assert "comments/2026/august.jsonl:1" in done.stderr
    assert "2 comments: 1 hide" in done.stderr


def test_a_commit_with_a_broken_rule(site):
    site.write("rules/more.yaml", RULES.replace("action: hide", "action: hyde"))
    done = committed(site)
    assert done.returncode == 1
    assert "exit code: 2" in done.stderr
    assert "rules/more.yaml:5:13: error[bad-value]" in done.stderr
    assert "(no files to check)Skipped" in done.stderr, "no comments were changed"


def test_all_files_at_once(site):
    done = site.run("pre-commit", "run", "--all-files")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Passed") == 2
