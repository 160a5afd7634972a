"""`model eval` and `model threshold`, on comments of this file's own."""

import csv
import random

import pytest

KIND = ["Thank you for this", "See the talk page", "I moved the section", "Nice work, friend"]
RUDE = ["You are an idiot", "Shut up, you moron", "What a stupid fool you are", "Go to hell"]


@pytest.fixture
def labelled(tmp_path):
    draw = random.Random(4)
    path = tmp_path / "labelled.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "toxic", "about_cats"])
        for number in range(200):
            rude = number % 4 == 0
            text = f"{draw.choice(RUDE if rude else KIND)} {draw.randrange(1000)}"
            rows.writerow([text, int(rude), number % 3 == 0])
    return path


def test_text(run, labelled):
    done = run("model", "eval", labelled, "--draws", "50", "--group", "about_cats")
    assert done.code == 0, done.err
    assert "200 comments of labelled.csv" in done.out
    assert "toxicity" in done.out
    assert "BPSN" in done.out


def test_two_models_in_json(run, labelled):
    # The same model twice: no difference, whatever it is worth.
    done = run(
        *("model", "eval", labelled, "--draws", "50", "--format", "json"),
        *("--model", "builtin", "--model", "builtin"),
    )
    report = done.json
    assert report["schema"] == "moderation-evaluation/1"
    first, second = report["models"]
    assert first["labels"] == second["labels"]
    [label] = first["labels"]
    assert label["auc_interval"]["low"] <= label["auc"] <= label["auc_interval"]["high"]
    assert label["auc"] > 0.9
    assert report["differences"]["toxicity"]["p"] == 1


def test_a_page_needs_nothing_from_elsewhere(run, labelled, tmp_path):
    hostile = tmp_path / "a<script>alert(1)<.csv"
    labelled.rename(hostile)
    page = tmp_path / "eval.html"
    done = run("model", "eval", hostile, "--draws", "20", "--format", "html", "-o", page)
    assert done.code == 0, done.err
    text = page.read_text()
    assert text.count("<svg") == 3
    assert "<script" not in text
    assert "src=" not in text
    assert "a&lt;script&gt;" in text


def test_threshold(run, labelled):
    done = run("model", "threshold", labelled, "--precision", "0.8")
    assert done.code == 0, done.err
    assert done.out.startswith("when: {score: {toxicity: '>= 0.")
    assert "precision" in done.err
    done = run("model", "threshold", labelled, "--precision", "0.8", "--json")
    assert done.json["precision"] >= 0.8


def test_no_threshold_serves(run, labelled):
    rows = labelled.read_text().replace(",1,", ",x,").replace(",0,", ",1,").replace(",x,", ",0,")
    labelled.write_text(rows)
    done = run("model", "threshold", labelled, "--precision", "0.99")
    assert done.code == 1
    assert "no threshold" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["eval", "{}", "--label", "toxcity"], "no label is called 'toxcity'"),
        (["eval", "{}", "--label", "threat"], "no column 'threat'"),
        (["eval", "{}", "--format", "html"], "needs a file"),
        (["eval", "{}", *["--model", "builtin"] * 3], "more than two"),
        (["eval", "{}", "--model", "none"], "none of the labels"),
        (["threshold", "{}", "--label", "threat=about_cats", "--model", "none"], "no label"),
    ],
)
def test_wrong_use(run, labelled, arguments, said):
    done = run("model", *(part.format(labelled) for part in arguments))
    assert done.code == 2
    assert said in done.err


def test_rejects_are_told(run, labelled):
    with labelled.open("a") as file:
        file.write("what,maybe,0\n")
    done = run("model", "eval", labelled, "--draws", "10")
    assert done.code == 3
    assert "toxic is neither yes nor no" in done.err
