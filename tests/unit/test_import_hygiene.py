"""Start-up is part of the product: what is imported when, in real processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys

HEAVY = {
    *("numpy", "pydantic", "yaml", "re2", "ahocorasick_rs", "sqlite_utils", "sqlite3"),
    *("zstandard", "textual", "rich", "torch", "transformers", "detoxify", "tui"),
    *("ray", "pyarrow", "fsspec", "pandas"),
    *("asyncio", "email", "http", "importlib.metadata"),
}


def imported(*args: str, **env: str) -> set[str]:
    """Every module that a run of Python with these arguments and variables imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *args],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **env},
    )
    names = set(re.findall(r"^import time: +\d+ \| +\d+ \| +(\S+)$", done.stderr, re.MULTILINE))
    assert "site" in names
    return names


def test_version_imports_next_to_nothing():
    names = imported("-m", "moderation", "--version")
    assert not names & HEAVY
    ours = {name for name in names if name.split(".")[0] in ("moderation", "tui")}
    assert ours <= {
        *("moderation", "moderation.cli", "moderation.cli.common", "moderation.errors"),
        *("moderation.display", "moderation.comments", "moderation.cli.lazy"),
    }


def test_help_imports_no_engine():
    assert not imported("-m", "moderation", "--help") & HEAVY - {"sqlite3"}


def test_the_package_alone_imports_nothing():
    bare = imported("-c", "pass")
    assert imported("-c", "import moderation") - bare == {"moderation"}


def test_a_scan_without_a_model_imports_no_app_and_no_model(tmp_path):
    (tmp_path / "one.txt").write_text("hello\n")
    names = imported("-m", "moderation", "scan", "--model", "none", str(tmp_path / "one.txt"))
    assert "moderation.scan" in names
    unwanted = {"textual", "rich", "torch", "transformers", "detoxify", "tui", "asyncio"}
    assert not names & (unwanted | {"ray", "pyarrow", "fsspec", "pandas"})
    # The store is for --db only.
    assert not names & {"sqlite_utils", "moderation.store", "moderation.queue"}


def test_rules_from_the_cache_take_no_reader_of_rules(tmp_path):
    (tmp_path / "one.txt").write_text("a s t r 0 n g word\n")
    scan = ("-m", "moderation", "scan", "--model", "none", str(tmp_path / "one.txt"))
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "MODERATION_CACHE": "on"}
    cold, warm = imported(*scan, **home), imported(*scan, **home)
    readers = {"yaml", "pydantic", "moderation.rules.compile", "moderation.rules.language.schema"}
    assert readers <= cold
    assert not readers & warm
    assert "rapidfuzz" not in warm


def test_a_queue_command_imports_neither_rules_nor_models(tmp_path):
    names = imported("-m", "moderation", "queue", "list", "--db", str(tmp_path / "absent.db"))
    assert not names & {"textual", "numpy", "torch", "re2", "yaml", "tui"}
    assert not any(name.startswith(("moderation.rules", "moderation.models")) for name in names)
