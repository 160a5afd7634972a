"""What the commands show while Detoxify's checkpoint comes from a real, slow server."""

import functools
import http.server
import importlib.util
import os
import re
import shutil
import sys
import threading
import time
from pathlib import Path

import pexpect
import pytest

from moderation.models import download

pytest.importorskip("detoxify", reason="needs the extra [detoxify]")

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 3
#: The program with Detoxify's checkpoint at another address, in its child processes too.
PROGRAM = """\
import os
import detoxify.detoxify
from moderation.cli import main
detoxify.detoxify.MODEL_URLS["original"] = os.environ["CHECKPOINT"]
if __name__ == "__main__":
    main()
"""


class Slow(http.server.SimpleHTTPRequestHandler):
    """A megabyte each fifth of a second."""

    def copyfile(self, source, outputfile):
        while chunk := source.read(1_000_000):
            outputfile.write(chunk)
            time.sleep(0.2)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Where a checkpoint is served, and the folder of its base model."""
    import torch

    spec = importlib.util.spec_from_file_location(
        "checkpoints", ROOT / "benchmarks" / "checkpoints.py"
    )
    checkpoints = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checkpoints)
    folder = tmp_path_factory.mktemp("site")
    built = checkpoints.build(folder, size="tiny", texts=["you silly goose"] * 3, spread=0.2)
    loaded = torch.load(built, weights_only=True)
    torch.save({**loaded, "more": torch.zeros(MEGABYTES * 250_000)}, folder / "whole")
    name = f"original-{download.digest(folder / 'whole')[:8]}.ckpt"
    (folder / "whole").rename(folder / name)
    handler = functools.partial(Slow, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/{name}", built.with_suffix("")
        server.shutdown()


@pytest.fixture
def program(site, tmp_path):
    """Starts the program on a terminal or not, with a cache that lacks the checkpoint only."""
    url, base = site
    snapshot = tmp_path / "hub" / "models--bert-base-uncased" / "snapshots" / "0123"
    shutil.copytree(base, snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("0123")
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "some.txt").write_text("you silly goose\n")
    (tmp_path / "labelled.csv").write_text("text,toxicity\nyou silly goose,1\nhello,0\n")
    env = {
        **os.environ,
        "CHECKPOINT": url,
        "HF_HUB_CACHE": str(tmp_path / "hub"),
        "TORCH_HOME": str(tmp_path / "torch"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "OMP_NUM_THREADS": "1",
        "no_proxy": "127.0.0.1",
        "TERM": "xterm",
    }
    env.pop("HF_HUB_OFFLINE", None)

    def program(*args, terminal=True):
        command = [sys.executable, "program.py", *args]
        if not terminal:
            command = ["bash", "-c", '"$@" 2>&1 | cat; exit ${PIPESTATUS[0]}', "bash", *command]
        child = pexpect.spawn(
            *(command[0], command[1:]), cwd=tmp_path, env=env, timeout=120, encoding="utf-8"
        )
        said = child.read()
        child.close()
        return child.exitstatus, said

    return program


SCAN = ("scan", "some.txt", "--model", "detoxify:original", "--fail-on", "never")


@pytest.mark.parametrize(
    "args",
    [
        SCAN,
        ("model", "show", "detoxify:original"),
        ("model", "eval", "labelled.csv", "--model", "detoxify:original", "--draws", "1"),
        ("model", "compile", "detoxify:original", "--precision", "float32"),
        ("model", "bench", "detoxify:original", "--count", "2"),
    ],
    ids=lambda args: " ".join(args[:2]),
)
def test_on_a_terminal_the_download_is_shown_and_gone_in_the_end(program, args):
    code, said = program(*args)
    assert code == 0, said
    drawn = re.findall(r"\r\x1b\[Kdownloading (.*?)(?=\r)", said)
    assert len(drawn) >= 2
    for line in drawn:
        assert re.fullmatch(r"detoxify:original: [0-3] of 3 MB \(\d+%\)(, \d s left)?", line), line
    left = said.split("\r\x1b[K")[-1]
    assert "downloading" not in left


def test_elsewhere_one_line_says_what_and_how_large(program):
    code, said = program(*SCAN, terminal=False)
    assert code == 0, said
    assert said.count("downloading") == 1
    assert said.startswith("downloading detoxify:original (3 MB)\r\n")
    assert "\x1b[K" not in said
    # The second time it is there.
    assert "downloading" not in program(*SCAN, terminal=False)[1]
