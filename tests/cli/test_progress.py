"""What a terminal shows while something takes long, and what stands in a log instead."""

import functools
import hashlib
import http.server
import io
import sys
import threading

import pytest

from moderation.cli.common import Session
from moderation.cli.progress import Download, Progress, StatusLine
from moderation.models import download

CONTENT = bytes(range(256)) * 8192  # 2 MB


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Makes stderr a terminal; not before the test has begun, when pytest sets its own."""

    def terminal():
        monkeypatch.setattr("sys.stderr", Terminal())
        monkeypatch.setenv("COLUMNS", "80")
        return sys.stderr

    return terminal


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    """Downloads from a real server on this machine, with a Download looking on."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.ckpt").write_bytes(CONTENT)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

        def fetch(session):
            url = f"http://127.0.0.1:{server.server_address[1]}/a.ckpt"
            digest = hashlib.sha256(CONTENT).hexdigest()
            with Download(session, "detoxify:\x1b[31moriginal") as shown:
                download.fetch(url, tmp_path / "a", sha256=digest, progress=shown.reached)

        yield fetch
        server.shutdown()


def test_a_download_on_a_terminal_is_a_line_that_goes_away(fetch, terminal):
    stderr = terminal()
    fetch(Session())
    first, *_, last = stderr.getvalue().split("\r\x1b[K")[1:]
    assert first == "downloading detoxify:␛[31moriginal: 0 of 2 MB (12%)"
    assert last == ""


def test_elsewhere_it_is_one_line_that_stays(fetch, capsys):
    fetch(Session())
    assert capsys.readouterr() == ("", "downloading detoxify:␛[31moriginal (2 MB)\n")


def test_quiet_is_quiet(fetch, terminal):
    stderr = terminal()
    fetch(Session(verbosity=-1))
    assert stderr.getvalue() == ""


def test_the_time_left_counts_from_what_an_earlier_try_left(terminal, monkeypatch):
    stderr = terminal()
    seconds = iter(range(100))
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    with Download(Session(), "m") as shown:
        shown.reached(400_000_000, 1_000_000_000)
        shown.reached(500_000_000, 1_000_000_000)
    *_, line, gone = stderr.getvalue().split("\r\x1b[K")
    assert gone == ""
    found = line.removeprefix("downloading m: 500 of 1,000 MB (50%), ").removesuffix(" s left")
    assert 10 <= int(found) <= 20  # 100 MB took two or three ticks of that clock


def test_a_size_that_the_server_does_not_tell(terminal):
    stderr = terminal()
    with Download(Session(), "m") as shown:
        shown.reached(50_000_000, None)
    assert stderr.getvalue() == "\r\x1b[Kdownloading m: 50 MB\r\x1b[K"


def test_lines_are_cut_to_the_terminal(terminal):
    stderr = terminal()
    line = StatusLine(Session())
    line.draw("x" * 200, 0.5)
    line.close()
    line.draw("after the end")
    drawn = f"{'█' * 10}{' ' * 10}  50%  {'x' * 200}"[:79]
    assert stderr.getvalue() == f"\r\x1b[K{drawn}\r\x1b[K"


def test_a_bar_says_how_far_it_is(terminal, monkeypatch):
    stderr = terminal()
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with Progress(Session(), 400) as bar:
        bar.reached(10)  # so soon that there may be no need for a bar
        now[0] += 2
        bar.reached(100)
        bar.reached(101)  # and this too soon after the last
    shown = stderr.getvalue()
    assert shown == f"\r\x1b[K{'█' * 5}{' ' * 15}  25%  100 comments, 50/s, 6 s left\r\x1b[K"
