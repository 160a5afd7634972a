"""Inputs and outputs that fail: one clear line, the right exit code, nothing lost around it.

Whatever hangs on the operating system runs as a process of its own.
"""

from __future__ import annotations

import ctypes
import gzip
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard

GOOD = '{"id": "first", "text": "A fine morning"}\n'
LAST = '{"id": "last", "text": "Any turnip"}\n'
ARGS = ("scan", "--rules", "rules.yaml", "--model", "none", "--format", "jsonl")
FULL = "No space left on device"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="as Linux has devices and limits")


def ids(ran):
    return [record["id"] for record in ran.lines]


def rejected(ran):
    """The lines of stderr that tell a reject, without the file's name."""
    return [line for line in ran.err.splitlines() if "rejected:" in line]


def names(folder):
    return {path.name for path in folder.iterdir()}


def notes(ran):
    return [line for line in ran.err.splitlines() if ": note: " in line]


NINES = "9" * 10**5
LINES = {
    "nothing": ("nothing", "not JSON: Expecting value at column 1"),
    "text missing": ('{"id": 5, "author": "Ann"}', "no text among the keys: id, author"),
    "text null": ('{"text": null}', "the text is null, not a string"),
    "text a number": ('{"text": 1e999}', "the text is a number, not a string"),
    "deep": ('{"text": "x", "a": ' + "[" * 10**5 + "]" * 10**5 + "}", "nested too deeply"),
    "unclosed": ("[" * 10**5, "nested too deeply"),
    "digits": (NINES + " " + NINES, "not JSON: Extra data"),
    "long": ('{"text": "' + "x" * (17 * 2**20) + '"}', "line longer than 16 MiB"),
    "nul": ("\0" * 50, "not JSON: Expecting value at column 1"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_bad_line_between_good_ones(scan, here, name):
    line, cause = LINES[name]
    (here / "in.jsonl").write_text(GOOD + line + "\n" + LAST)
    ran = scan("in.jsonl", "--format", "jsonl", "--rejects", "rejects.jsonl", "--db", "q.db")
    assert (ran.code, ids(ran)) == (3, ["first", "last"])
    [told] = rejected(ran)
    assert told.startswith(f"in.jsonl:2: rejected: {cause}")
    [kept] = [json.loads(each) for each in (here / "rejects.jsonl").read_text().splitlines()]
    assert (kept["source"], kept["line"]) == ("in.jsonl", 2)
    assert kept["cause"].startswith(cause)
    assert kept["raw"] == line[: len(kept["raw"])]
    assert "q.db: 2 new, 0 changed, 0 unchanged" in ran.err


WIDE = ",".join(f"c{n}" for n in range(10**6))
WHOLE = {
    "wide.csv": (f"text,{WIDE}\n".encode(), "the header line has 1,000,001 columns"),
    "empty.csv": (b"", "an empty file, without a header line"),
    "no-text.csv": (b"a,b\n1,2\n", "no text column among: a, b"),
    "empty.json": (b"", "an empty file"),
    "words.json": (b"words", "neither an array nor an object"),
    "not.gz": (b"words", "not a gzip file, though its name ends in .gz"),
    "cut.gz": (gzip.compress(b"words")[:10], "the gzip data ends too early"),
    "cut.zst": (zstandard.compress(b"words" * 99)[:9], "the zstd data ends too early"),
    "damaged.gz": (b"\x1f\x8b\x08\0" + b"\xff" * 40, "broken gzip data"),
    "a.zip": (b"PK\x03\x04" + bytes(40), "zip files are not read"),
    "a.parquet": (b"PAR1" + bytes(40), "Parquet files are not read"),
    "a.db": (b"SQLite format 3\0" + bytes(40), "SQLite files are not read"),
    "a.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_bad_file_between_good_ones(scan, here, name):
    data, cause = WHOLE[name]
    (here / name).write_bytes(data)
    (here / "first.jsonl").write_text(GOOD)
    (here / "last.jsonl").write_text(LAST)
    ran = scan("first.jsonl", name, "last.jsonl", "--format", "jsonl", "--rejects", "rejects.jsonl")
    assert (ran.code, ids(ran)) == (3, ["first", "last"])
    [told] = rejected(ran)
    assert told.startswith(f"{name}: rejected: {cause}")
    [kept] = [json.loads(each) for each in (here / "rejects.jsonl").read_text().splitlines()]
    assert (kept["source"], kept["line"]) == (name, None)


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_what_came_before_a_break_is_kept(scan, here, suffix):
    lines = "".join(json.dumps({"text": os.urandom(40).hex()}) + "\n" for _ in range(6_000))
    pack = gzip.compress if suffix == "gz" else zstandard.compress
    packed = pack(lines.encode())
    (here / f"in.jsonl.{suffix}").write_bytes(packed[: len(packed) // 2])
    ran = scan(f"in.jsonl.{suffix}", "--format", "jsonl")
    assert ran.code == 3
    assert len(ran.lines) > 1_000
    [told] = rejected(ran)
    assert told.startswith(f"in.jsonl.{suffix}:{len(ran.lines) + 1}: rejected: ")
    assert told.endswith("data ends too early")


class TestSaid:
    """Nothing is lost, so nothing fails; but it is said."""

    def test_latin1(self, scan, run, here):
        (here / "in.csv").write_bytes("id,text\n1,turnips\n2,tüür\n3,türnip\n".encode("latin-1"))
        ran = scan("in.csv", "--format", "jsonl")
        assert (ran.code, ids(ran)) == (1, ["1", "2", "3"])
        assert [record["verdict"] for record in ran.lines] == ["hold", "pass", "hold"]
        [note] = notes(ran)
        assert note.startswith("in.csv:3: note: not UTF-8: read as Windows-1252 (Latin-1)")
        quiet = run("-q", *ARGS, "in.csv")
        assert (quiet.code, quiet.err) == (1, "")

    def test_utf16(self, scan, here):
        (here / "in.csv").write_bytes("id,text\n1,turnips\n".encode("utf-16"))
        (here / "bare.csv").write_bytes("id,text\n2,turnips\n".encode("utf-16-be"))
        ran = scan("in.csv", "bare.csv", "--format", "jsonl")
        assert (ran.code, ids(ran)) == (1, ["1", "2"])
        assert [note.partition(",")[0] for note in notes(ran)] == [
            "in.csv: note: read as UTF-16-LE",
            "bare.csv: note: read as UTF-16-BE",
        ]

    def test_another_encoding_is_named(self, scan, here):
        (here / "in.txt").write_bytes("репа\nдва\n".encode("cp1251"))
        ran = scan("in.txt", "--format", "jsonl")
        assert (ran.code, len(rejected(ran)), notes(ran)) == (3, 2, [])
        ran = scan("in.txt", "--format", "jsonl", "--encoding", "windows-1251")
        assert (ran.code, len(ran.lines), rejected(ran)) == (0, 2, [])
        ran = scan("in.txt", "--encoding", "klingon")
        assert ran.code == 2
        assert "unknown encoding 'klingon'" in ran.err

    def test_ids_that_repeat(self, scan, run, jsonl):
        jsonl(
            "in.jsonl",
            {"id": 7, "text": "a turnip"},
            {"id": 7, "text": "gravy"},
            {"id": 7, "text": "a turnip"},
        )
        ran = scan("in.jsonl", "--format", "jsonl", "--db", "q.db")
        first, second, third = ids(ran)
        assert (first, third, second[:2]) == ("7", "7", "7~")
        assert "q.db: 2 new, 0 changed, 1 unchanged" in ran.err
        assert len(notes(ran)) == 2
        listed = run("queue", "list", "--db", "q.db", "--json").json
        assert {each["id"]: each["text"] for each in listed} == {"7": "a turnip", second: "gravy"}

    def test_times(self, scan, jsonl):
        jsonl(
            "in.jsonl",
            *({"text": "x", "date": date} for date in ("Mar 3, 2020", "yesterday", "", None)),
            *(
                {"text": "x", "date": date}
                for date in (1583193600, 1583193600000, "gestern", 1e300)
            ),
        )
        ran = scan("in.jsonl")
        assert (ran.code, rejected(ran)) == (0, [])
        assert notes(ran) == [
            "in.jsonl:2: note: times that cannot be read and stay unknown: 3, the first here"
        ]

    def test_many_inputs_do_not_flood(self, scan, here):
        for n in range(15):
            (here / f"{n}.txt").write_bytes(b"caf\xe9\n")
        ran = scan(*(f"{n}.txt" for n in range(15)))
        assert len(notes(ran)) == 10
        assert "… and 5 more notes" in ran.err


def without_privileges():
    """Root may read and write everything; take that away (`man capabilities`, Linux)."""
    if os.geteuid() == 0:
        drop_from_bounding_set, override, read_search = 24, 1, 2
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (override, read_search):
            assert libc.prctl(drop_from_bounding_set, capability, 0, 0, 0) == 0


@LINUX
class TestPlaces:
    def test_folder_device_and_links(self, process, here):
        (here / "folder").mkdir()
        (here / "loop").symlink_to("loop")
        (here / "dangling").symlink_to("gone")
        ran = process(*ARGS, "folder", "loop", "dangling", "gone", "/dev/null", "comments.jsonl")
        assert (ran.code, len(ran.lines)) == (3, 4)
        assert rejected(ran) == [
            "folder: rejected: Is a directory (name the files in it, for example FOLDER/*.jsonl)",
            "loop: rejected: Too many levels of symbolic links",
            "dangling: rejected: No such file or directory",
        ]
        assert "… and 1 more reject" in ran.err
        assert process(*ARGS, "/dev/null").code == 0

    def test_a_fifo(self, spawn, here):
        os.mkfifo(here / "fifo")
        process = spawn(*ARGS, "fifo")
        with (here / "fifo").open("w") as feeding:
            feeding.write(GOOD + LAST)
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, len(out.splitlines())) == (1, 2)

    def test_what_may_not_be_read(self, process, here):
        (here / "secret.jsonl").write_text(GOOD)
        (here / "secret.jsonl").chmod(0)
        (here / "closed").mkdir(mode=0)
        inputs = ("secret.jsonl", "closed/in.jsonl", "comments.jsonl")
        ran = process(*ARGS, *inputs, preexec_fn=without_privileges)
        written = process(*ARGS, "-", "-o", "closed/out", preexec_fn=without_privileges)
        (here / "closed").chmod(0o700)
        assert (ran.code, len(ran.lines)) == (3, 4)
        assert rejected(ran) == [
            "secret.jsonl: rejected: Permission denied",
            "closed/in.jsonl: rejected: Permission denied",
        ]
        assert written.code == 3
        assert "closed/out: error: " in written.err
        assert "Permission denied" in written.err

    def test_a_file_that_is_cut_short_while_it_is_read(self, spawn, here):
        # It vanishes under its name (read on all the same), or loses its end (what is left).
        with (here / "in.jsonl").open("w") as file:
            file.writelines(
                json.dumps({"id": n, "text": f"plain words {n}"}) + "\n" for n in range(200_000)
            )
        process = spawn(*ARGS, "in.jsonl")
        assert process.stdout.readline()
        os.truncate(here / "in.jsonl", 0)
        (here / "in.jsonl").unlink()
        out, err = process.communicate(timeout=120)
        assert process.returncode in (0, 3)
        assert b"Traceback" not in err
        assert all(json.loads(line) for line in out.splitlines())


#: The program, and at its end the most memory that it had. (`ru_maxrss` would count what the
#: tests themselves had when they started it.)
MEASURED = """
import atexit, pathlib, sys
atexit.register(lambda: sys.stderr.write(pathlib.Path("/proc/self/status").read_text()))
from moderation.cli import main
main()
"""


@LINUX
class TestBombs:
    """What unpacks to a thousand times its size is read with no more memory than anything else."""

    @pytest.mark.parametrize("name", ["in.jsonl.gz", "in.csv.gz", "in.json.gz", "in.jsonl.zst"])
    def test_zeros(self, here, name):
        zeros = bytes(16 * 2**20)
        one = gzip.compress(zeros) if name.endswith("gz") else zstandard.compress(zeros)
        (here / name).write_bytes(one * 16)
        (here / "last.jsonl").write_text(LAST)
        command = [sys.executable, "-c", MEASURED, *ARGS, name, "last.jsonl"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert ran.returncode == 3
        assert [json.loads(line)["id"] for line in ran.stdout.splitlines()] == ["last"]
        assert ran.stderr.count("rejected:") == 1
        [peak] = re.findall(r"VmHWM:\s+(\d+) kB", ran.stderr)
        assert 10 * 1024 < int(peak) < 160 * 1024


@LINUX
class TestOutputs:
    def big(self, here, n=3_000):
        with (here / "in.jsonl").open("w") as file:
            file.writelines(json.dumps({"text": f"gravy {n} " * 9}) + "\n" for n in range(n))
            file.writelines(f"oops {n}\n" for n in range(n))
        return "in.jsonl"

    def test_a_reader_that_has_enough(self, spawn, here):
        process = spawn(*ARGS, self.big(here))
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        assert (process.wait(timeout=60), err) == (141, b"")

    @pytest.mark.parametrize(
        ("args", "what"),
        [(("-o", "/dev/full"), "report"), (("--rejects", "/dev/full"), "rejects")],
    )
    def test_a_full_device(self, process, here, args, what):
        ran = process(*ARGS, self.big(here), *args)
        assert ran.code == 3
        assert ran.err.splitlines()[0] == f"/dev/full: error: cannot write the {what}: {FULL}"
        assert ran.err.splitlines()[1:] == ["  hint: make room, or write it elsewhere"]

    @pytest.mark.parametrize("size", [1, 3_000])
    def test_a_full_standard_output(self, spawn, here, size):
        with Path("/dev/full").open("w") as full:
            process = spawn(*ARGS, self.big(here, size), stdout=full)
            _, err = process.communicate(timeout=60)
        assert process.returncode == 3
        assert [line for line in err.decode().splitlines() if "error" in line] in (
            [f"<stdout>: error: {FULL}"],
            [f"<stdout>: error: cannot write the report: {FULL}"],
        )

    @pytest.mark.parametrize("name", ["report.jsonl", "rejects.jsonl", "q.db"])
    def test_a_disk_that_fills_up(self, process, here, name):
        option = {"report.jsonl": "-o", "rejects.jsonl": "--rejects", "q.db": "--db"}[name]
        if name != "q.db":
            (here / name).write_text("of yesterday")
        before = names(here) | {"in.jsonl"}
        limit = 60_000 if name != "q.db" else 400_000
        ran = process(
            *(*ARGS, self.big(here), option, name),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )
        assert ran.code == 3
        [told] = [line for line in ran.err.splitlines() if "error:" in line]
        assert told.partition(": error: ")[0].endswith(name)
        if name == "q.db":
            # What was saved before it stays, whole.
            assert process("queue", "list", "--db", name).code == 0
            return
        assert (here / name).read_text() == "of yesterday"
        assert names(here) == before

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
    def test_a_real_disk_that_is_full(self, process, here):
        (here / "disk").mkdir()
        mount = shutil.which("mount")
        small = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", "disk"]
        if mount is None or subprocess.run([mount, *small], capture_output=True).returncode:
            pytest.skip("no file system can be mounted here")
        try:
            for option in ("-o", "--rejects", "--db"):
                ran = process(*ARGS, self.big(here), option, "disk/out")
                assert ran.code == 3
                assert "disk/out: error: " in ran.err
                assert option == "--db" or names(here / "disk") == set()
                for left in (here / "disk").iterdir():
                    left.unlink()
        finally:
            subprocess.run(["umount", "disk"], check=True)

    def test_interrupted_it_leaves_no_half_of_anything(self, spawn, here):
        process = spawn(*ARGS, "-", "-o", "report.jsonl", "--rejects", "rejects.jsonl")
        process.stdin.write((GOOD + "oops\n").encode())
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while not list(here.glob(".report*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
        assert not {"report.jsonl", "rejects.jsonl"} & names(here)
        assert not list(here.glob("*.partial")) + list(here.glob(".*.partial"))
