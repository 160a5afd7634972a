"""Names, hints and what an import costs."""

import subprocess
import sys

import numpy as np
import pytest

from moderation import models
from moderation.comments import LABELS
from moderation.errors import UsageError
from moderation.models.checkpoint import BASES
from moderation.models.detoxify import LANGUAGES


def test_none_has_no_labels_and_no_columns():
    model = models.load("none")
    assert (model.name, model.labels, model.fingerprint) == ("none", (), "none")
    for count in (0, 1, 7):
        assert model.score(["x"] * count).shape == (count, 0)
        assert model.score(["x"] * count).dtype == np.float32


def test_models_say_which_languages_they_learned():
    assert models.load("none").languages == ()
    assert models.load("builtin").languages == ("en",)
    assert LANGUAGES.keys() == BASES.keys()


def test_builtin_answers_to_its_name():
    model = models.load("builtin")
    assert model.name == "builtin"
    assert model.labels == tuple(label for label in LABELS if label != "sexual_explicit")
    assert model.fingerprint.startswith("builtin@")
    assert len(model.fingerprint) == len("builtin@") + 12


def test_every_name_is_described_and_the_default_comes_first():
    names = [name for name, _ in models.available()]
    assert names[0] == models.DEFAULT == "builtin"
    assert {"none", "detoxify:original", "detoxify:PATH"} < set(names)
    assert all(text and "\n" not in text for _, text in models.available())


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("bultin", "builtin"),
        ("None", "none"),
        ("detoxify", "detoxify:"),
        ("detoxify:", "detoxify:"),
        ("detoxify:orginal", "detoxify:original'"),
        ("detoxify:PATH", "detoxify:"),
        ("", None),
        ("zebra", None),
    ],
)
def test_unknown_names_get_a_hint(name, near):
    with pytest.raises(UsageError) as caught:
        models.load(name)
    assert repr(name) in str(caught.value)
    assert "known models: builtin, builtin:exact, linear, none" in caught.value.hint
    if near is None:
        assert "did you mean" not in caught.value.hint
    else:
        assert f"did you mean '{near}" in caught.value.hint


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_the_package_imports_nothing_heavy():
    heavy = "{'numpy', 'torch', 'detoxify', 'transformers', 'sklearn', 'scipy'}"
    code = f"import sys, moderation.models; print(sorted({heavy} & set(sys.modules)))"
    assert _run(code) == "[]"


def test_builtin_needs_no_torch():
    heavy = "{'torch', 'detoxify', 'transformers', 'sklearn', 'scipy', 'pandas'}"
    code = (
        "import sys; from moderation import models; models.load('builtin').score(['hello'])\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    assert _run(code) == "[]"


@pytest.mark.parametrize("absent", ["detoxify", "torch", "transformers"])
def test_a_missing_extra_names_the_pip_command(absent):
    code = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        # what the real import system raises for a package that is not there
        if name in ({absent!r}, 'torch', 'transformers'):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
from moderation import errors, models
try:
    models.load('detoxify:original')
except errors.MissingExtraError as error:
    print(error, '|', error.hint)
"""
    said = _run(code)
    assert "[detoxify]" in said
    assert "pip install 'moderation[detoxify]'" in said
