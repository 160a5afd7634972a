"""The scan on a Ray cluster against the scan on this machine, row by row."""

import gzip
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

WORDS = (
    "the a good day bread sun fine article really kind note stupid idiot kill you are love "
    "weather tea garden donkey turnip moderators street music book river cheap pills früh"
).split()
RULES = """\
version: 1
rules:
  - id: animals.donkey
    description: A farm animal
    severity: low
    action: flag
    reason: "Animal: {match}"
    when: {text: {words: [donkey]}}
    tests: {match: [a donkey], pass: [a monkey]}
  - id: model.sour
    description: The model finds it sour
    severity: high
    action: hold
    reason: Sour ({score.toxicity})
    when: {score: {toxicity: '>= 0.9'}}
    tests: {match: [{text: x, score: {toxicity: 0.95}}], pass: [{text: x, score: {toxicity: 0.1}}]}
"""
FAST = """\
  - id: pace.author
    description: One author in a hurry
    severity: medium
    action: flag
    reason: In a hurry
    when: {rate: {by: author, count: 3, per: 2m}}
    tests: {match: [{text: x, rate: 5}], pass: [{text: x, rate: 1}]}
"""


def records(count: int, seed: int) -> list[dict]:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    found = []
    for number in range(count):
        pick = [(number * 7 + seed * 13 + at * at * 31) % len(WORDS) for at in range(number % 23)]
        found.append(
            {
                "id": f"{seed}-{number}",
                "text": " ".join(WORDS[place] for place in pick) + f" {number}",
                "author": f"user {number % 17}",
                "created_at": (start + timedelta(seconds=3 * number)).isoformat(),
            }
        )
    return found


def jsonl(rows: list[dict]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def moderation(*args: object, folder: Path, env: dict[str, str] | None = None, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "moderation", *map(str, args)],
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def run(*args: object, folder: Path, env: dict[str, str] | None = None):
    process = moderation(*args, folder=folder, env=env)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def test_without_the_extra_it_says_how_to_get_it(tmp_path):
    (tmp_path / "one.txt").write_text("hello\n")
    code = (
        "import sys; sys.modules['ray'] = None\n"
        "from moderation.cli import main\n"
        "main(['scan', 'one.txt', '--engine', 'ray', '-o', 'out'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "pip install 'moderation[ray]'" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "-o"),
        (("-o", "out", "--db", "x.db"), "--db"),
        (("-o", "out", "--format", "text"), "--format"),
        (("-o", "out", "--baseline", "b"), "--baseline"),
        (("-o", "out", "--resume"), "--resume"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, args, said):
    code, _, err = run("scan", "one.txt", "--engine", "ray", *args, folder=tmp_path)
    assert code == 2
    assert said in err
    assert not list(tmp_path.iterdir())


class TestFiles:
    @pytest.fixture(autouse=True)
    def needs_the_extra(self):
        pytest.importorskip("ray", reason="needs the extra [ray]")

    def test_folders_patterns_and_missing_files(self, tmp_path, monkeypatch):
        from moderation.cluster.files import places

        monkeypatch.chdir(tmp_path)
        dump = tmp_path / "dump"
        for name in ("b.jsonl", "a.jsonl", "_SUCCESS", ".hidden", "day=1/c.jsonl"):
            (dump / name).parent.mkdir(parents=True, exist_ok=True)
            (dump / name).touch()
        assert [each.name for each in places(["dump"])] == [
            "dump/a.jsonl",
            "dump/b.jsonl",
            "dump/day=1/c.jsonl",
        ]
        assert [each.name for each in places(["dump/*.jsonl", "none"])] == [
            "dump/a.jsonl",
            "dump/b.jsonl",
            "none",
        ]

    def test_addresses_of_another_system(self):
        import fsspec

        from moderation.cluster.files import Output, comments, places
        from moderation.sources import ReadOptions

        fsspec.filesystem("memory").pipe_file("/d/one.jsonl", jsonl(records(3, 1)).encode())
        (place,) = places(["memory://d/*.jsonl"])
        assert place.name == place.address == "memory:///d/one.jsonl"
        found = comments(place, ReadOptions(), on_reject=pytest.fail, on_note=pytest.fail)
        assert [each.id for each in found] == ["1-0", "1-1", "1-2"]
        output = Output.prepare("memory://out")
        output.write("part-0.parquet", b"x")
        assert output.parts() == 1

    def test_what_cannot_be_used_is_said(self, tmp_path):
        from moderation.cluster.files import Output, places
        from moderation.errors import UsageError

        with pytest.raises(UsageError, match="standard input"):
            places(["-"])
        with pytest.raises(UsageError, match="cannot be opened"):
            places(["nosuch://bucket/x"])
        with pytest.raises(UsageError, match="no such file"):
            places([str(tmp_path / "*.jsonl")])
        (tmp_path / "x").touch()
        with pytest.raises(UsageError, match="not an empty folder"):
            Output.prepare(str(tmp_path))

    def test_parquet_is_read_as_jsonl_is(self, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        from moderation.cluster.files import Place, comments
        from moderation.sources import ReadOptions

        rows = [
            {**row, "user_id": 5.0, "replies": [{"id": "r", "text": "hm"}], "blob": b"x" * 9}
            for row in records(5, 1)
        ]
        (tmp_path / "a.jsonl").write_text(
            jsonl([{k: v for k, v in row.items() if k != "blob"} for row in rows])
        )
        for row in rows:
            row["created_at"] = datetime.fromisoformat(row["created_at"])
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")

        def read(name):
            place = Place("a", f"file://{tmp_path / name}")
            return list(
                comments(place, ReadOptions(), on_reject=pytest.fail, on_note=lambda note: None)
            )

        found = read("a.parquet")
        assert len(found) == 10
        assert found == read("a.jsonl")

    def test_broken_parquet_is_a_reject(self, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        from moderation.cluster.files import Place, comments
        from moderation.sources import ReadOptions

        def rejects(data):
            (tmp_path / "a").write_bytes(data)
            found = []
            place = Place("a", f"file://{tmp_path / 'a'}")
            read = comments(place, ReadOptions(), on_reject=found.append, on_note=pytest.fail)
            return sum(1 for _ in read), [each.cause for each in found]

        sink = pa.BufferOutputStream()
        table = pa.table({"text": [f"some text {n}" for n in range(9000)]})
        pq.write_table(table, sink, row_group_size=3000, compression="none")
        whole = sink.getvalue().to_pybytes()
        assert rejects(whole) == (9000, [])
        count, causes = rejects(whole[: len(whole) // 2])
        assert count == 0
        assert causes[0].startswith("broken Parquet")
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"colour": ["red"]}), sink)
        assert "no text column among: colour" in rejects(sink.getvalue().to_pybytes())[1][0]

    def test_half_a_surrogate_pair_is_written(self):
        from moderation.cluster.rows import schema, table
        from moderation.comments import Comment
        from moderation.rules import RuleSet
        from moderation.scan import Scanner

        scanner = Scanner(RuleSet.parse(RULES), "none")
        found = scanner.assess(Comment(id="a\ud800b", text="donkey"))
        (row,) = table([found], schema(())).to_pylist()
        assert row["id"] == "a\ufffdb"
        assert row["flags"][0]["spans"] == [{"start": 0, "end": 6, "text": "donkey"}]


@contextmanager
def two_nodes():
    """A cluster of two nodes of one core each; how a program finds it."""
    pytest.importorskip("ray", reason="needs the extra [ray]")
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
    env = {**os.environ, **secret, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONUNBUFFERED": "1"}
    code = (
        "import sys\n"
        "from ray.cluster_utils import Cluster\n"
        "cluster = Cluster(True, head_node_args={'num_cpus': 1, 'include_dashboard': False})\n"
        "cluster.add_node(num_cpus=1)\n"
        "cluster.wait_for_nodes()\n"
        "print('at', cluster.address)\n"
        "sys.stdin.read()\n"
        "cluster.shutdown()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        address = ""
        for line in process.stdout:
            if line.startswith("at "):
                address = line.split()[1]
                break
        assert address, "the cluster did not start"
        yield process.pid, {**secret, "RAY_ADDRESS": address}
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def assessing(ancestor: int) -> dict[int, float]:
    """The processes that assess, below this one, with the seconds that each has worked."""
    parents, names, seconds = {}, {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            names[int(folder.name)] = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(folder.name)] = int(stat[1])
        seconds[int(folder.name)] = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def is_below(pid: int) -> bool:
        while pid and pid != ancestor:
            pid = parents.get(pid, 0)
        return pid == ancestor

    return {
        pid: seconds[pid]
        for pid, name in names.items()
        if name.startswith(b"ray::") and b"Assess" in name and is_below(pid)
    }


def kill_one(process: subprocess.Popen, ancestor: int) -> None:
    """One that has begun to assess."""
    until = time.monotonic() + 200
    before: dict[int, float] = {}
    while time.monotonic() < until and process.poll() is None:
        for pid, worked in assessing(ancestor).items():
            if worked > before.setdefault(pid, worked) + 2.0:
                os.kill(pid, signal.SIGKILL)
                return
        time.sleep(0.05)
    raise AssertionError("no process was seen to assess")


def rows(folder: Path) -> dict[tuple[str, str], dict]:
    import pyarrow.dataset

    found = pyarrow.dataset.dataset(folder).to_table().to_pylist()
    by_id = {(row.pop("source"), row["id"]): row for row in found}
    assert len(by_id) == len(found)
    return by_id


def expected(inputs: list[str], *args: object, folder: Path) -> dict[tuple[str, str], dict]:
    """What the local engine says of all inputs, which stand under their names there."""
    found = {}
    for name in inputs:
        own = moderation("scan", name, *args, "--format", "jsonl", folder=folder)
        out, _ = own.communicate(timeout=300)
        found.update({(name, row["id"]): row for row in map(json.loads, out.splitlines())})
    return found


def test_a_cluster_of_two_nodes_finds_what_one_machine_finds(tmp_path):
    with two_nodes() as (pid, env):
        import pyarrow as pa
        import pyarrow.parquet as pq

        (tmp_path / "rules.yaml").write_text(RULES)
        text = jsonl(records(20_000, 1)) + "{broken\n" + jsonl(records(300, 2))
        (tmp_path / "a.jsonl").write_text(text)
        with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
            file.write(jsonl(records(9_000, 3)))
        table = records(12_000, 4)
        (tmp_path / "same.jsonl").write_text(jsonl(table))
        pq.write_table(pa.Table.from_pylist(table), tmp_path / "c.parquet")
        asked = ("--rules", "rules.yaml", "--model", "linear")
        inputs = ["a.jsonl", "b.jsonl.gz", "c.parquet"]

        ray = ("--engine", "ray", "--jobs", "2", "-o", "out", "--rejects", "rejects.jsonl")
        process = moderation("scan", *inputs, *asked, *ray, folder=tmp_path, env=env)
        kill_one(process, pid)
        assert not (tmp_path / "out/_SUCCESS").exists()
        out, err = process.communicate(timeout=300)
        assert process.returncode == 3, err  # for the broken line
        assert out == ""
        (reject,) = map(json.loads, (tmp_path / "rejects.jsonl").read_text().splitlines())
        assert (reject["source"], reject["line"]) == ("a.jsonl", 20_001)

        want = expected(["a.jsonl", "b.jsonl.gz", "same.jsonl"], *asked, folder=tmp_path)
        want = {(name.replace("same.jsonl", "c.parquet"), i): r for (name, i), r in want.items()}
        found = rows(tmp_path / "out")
        assert len(found) == 41_300
        assert found == want
        summary = json.loads((tmp_path / "out/_SUCCESS").read_text())
        verdicts = [row["verdict"] for row in want.values()]
        assert summary["verdicts"] == {each: verdicts.count(each) for each in set(verdicts)}
        assert {"pass", "flag", "hold"} == set(verdicts)
        assert summary["rejected"] == 1

        # Rules about earlier comments: all inputs are one sequence, in order.
        (tmp_path / "rules.yaml").write_text(RULES + FAST)
        asked = ("--rules", "rules.yaml", "--model", "none", "--min-severity", "medium")
        ray = ("--engine", "ray", "--fail-on", "flag", "-o", "out2")
        (tmp_path / "d.jsonl").write_text(jsonl(records(2_000, 5)))
        inputs = ["b.jsonl.gz", "d.jsonl"]
        code, _, err = run("scan", *inputs, *asked, *ray, folder=tmp_path, env=env)
        assert code == 1, err
        code, out, _ = run("scan", *inputs, *asked, "--format", "jsonl", folder=tmp_path)
        want = {row["id"]: row for row in map(json.loads, out.splitlines())}
        found = {row["id"]: row for row in rows(tmp_path / "out2").values()}
        assert {"pass", "flag"} == {row["verdict"] for row in found.values()}
        for row in want.values():
            assert row.pop("scores") == {}  # no such column without a model
        assert found == want

        code, _, err = run("scan", *inputs, *asked, *ray, folder=tmp_path, env=env)
        assert code == 2
        assert "not an empty folder" in err
