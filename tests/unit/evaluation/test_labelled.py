import gzip
import json

import numpy as np
import pytest

from moderation.errors import InputError, UsageError
from moderation.evaluation import read


def load(path, **more):
    rejects = []
    options = {"labels": {}, "on_reject": rejects.append, **more}
    return read(str(path), **options), rejects


def test_a_table_with_usual_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,comment_text,toxic,identity_hate\n1,"a, b",1,0\n2,c,0.4,\n3,d,0.5,yes\n')
    data, rejects = load(path)
    assert data.texts == ["a, b", "c", "d"]
    assert data.labels == ("toxicity", "identity_attack")
    np.testing.assert_array_equal(data.truth, [[1, 0], [0, np.nan], [1, 1]])
    assert not rejects


def test_json_lines_compressed(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    rows = [{"body": "a", "threat": True, "gay": 1}, {"body": "b", "threat": None, "gay": False}]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    data, _ = load(path, groups=("gay",))
    np.testing.assert_array_equal(data.truth, [[1], [np.nan]])
    assert data.groups["gay"].tolist() == [True, False]


def test_named_columns_and_a_limit(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("was\tbad\nhello\t1\nyou\t0\nthere\t0\n")
    data, _ = load(path, labels={"insult": "bad"}, text="was", limit=2)
    assert data.labels == ("insult",)
    assert len(data.texts) == 2


def test_cells_that_say_nothing_sensible_are_rejected(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,toxic\na,1\nb,perhaps\nc,7\nd,nan\ne,0\n")
    data, rejects = load(path)
    assert data.texts == ["a", "e"]
    assert [reject.line for reject in rejects] == [3, 4, 5]
    assert "toxic" in rejects[0].cause


@pytest.mark.parametrize(
    ("content", "more", "error"),
    [
        ("text,other\na,1\n", {}, UsageError),
        ("text,toxic\na,1\n", {"labels": {"threat": "threat"}}, UsageError),
        ("text,toxic\na,1\n", {"groups": ("gay",)}, UsageError),
        ("thing,toxic\na,1\n", {}, UsageError),
        ("text,toxic\n", {}, InputError),
        ("", {}, InputError),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, content, more, error):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(error):
        load(path, **more)


def test_a_file_of_another_kind(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("just\nlines\n")
    with pytest.raises(InputError, match="neither a table"):
        load(path)
