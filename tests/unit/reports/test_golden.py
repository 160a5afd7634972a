"""Every format to the letter; `python tests/unit/reports/golden.py` writes the files anew."""

from __future__ import annotations

import pytest

from moderation.reports import FORMATS


def test_there_is_a_file_for_every_format(golden):
    unversioned = {name for name in FORMATS if "-v" not in name}
    assert set(golden.FILES) == unversioned
    assert {path.name for path in golden.FOLDER.iterdir()} == set(golden.FILES.values())


@pytest.mark.parametrize("name", [name for name in FORMATS if "-v" not in name])
def test_golden(golden, name):
    kept = (golden.FOLDER / golden.FILES[name]).read_bytes().decode()
    assert golden.stable(golden.written(name)) == kept, "run python tests/unit/reports/golden.py"


@pytest.mark.parametrize("name", [name for name in FORMATS if "-v" in name])
def test_a_versioned_name_is_its_newest_yet(golden, name):
    assert golden.written(name) == golden.written(name.partition("-")[0])
