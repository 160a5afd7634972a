"""Downloads from a real server on this machine that behaves as servers do."""

import hashlib
import http.server
import re
import socket
import threading

import pytest

from moderation.errors import ModelError
from moderation.models import download

CONTENT = bytes(range(256)) * 4096  # 1 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Sends `content`; `breaks` says after how many bytes each of the answers ends."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.ranges = True
        self.breaks = []
        self.status = None
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/model.ckpt"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted).group(1)) if wanted else 0
        if server.status:
            self.send_error(server.status)
            return
        if wanted and server.ranges and start >= len(server.content):
            self.send_error(416)
            return
        if wanted and server.ranges:
            self.send_response(206)
            whole = len(server.content)
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        else:
            start = 0
            self.send_response(200)
        body = server.content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.breaks.pop(0)] if server.breaks else body)

    def log_message(self, *args):
        pass


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "model.ckpt"


def part(path):
    return path.with_name("model.ckpt.part")


def test_a_file_lands_whole_with_its_progress_told(server, path):
    told = []
    download.fetch(server.url, path, sha256=SHA256[:8], progress=lambda *at: told.append(at))
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["model.ckpt"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [count for count, _ in told] == sorted({count for count, _ in told})


def test_a_broken_download_goes_on_where_it_stopped(server, path):
    server.breaks = [300_000, 400_000]
    for _ in range(2):
        with pytest.raises(download.DownloadError, match="kept"):
            download.fetch(server.url, path, sha256=SHA256)
        assert not path.exists()
    told = []
    download.fetch(server.url, path, sha256=SHA256, progress=lambda *at: told.append(at))
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=700000-"]
    assert told[0][0] > 700_000
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert not part(path).exists()


def test_a_server_without_ranges_sends_all_again(server, path):
    server.ranges = False
    server.breaks = [300_000]
    with pytest.raises(download.DownloadError):
        download.fetch(server.url, path, sha256=SHA256)
    download.fetch(server.url, path, sha256=SHA256)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-"]


def test_a_part_of_another_file_is_thrown_away(server, path):
    path.parent.mkdir()
    part(path).write_bytes(b"x" * 500_000)
    download.fetch(server.url, path, sha256=SHA256)
    assert path.read_bytes() == CONTENT
    assert server.asked == ["bytes=500000-", None]


@pytest.mark.parametrize("content", [CONTENT, CONTENT + b"more"])
def test_a_part_that_is_all_there_is(server, path, content):
    path.parent.mkdir()
    part(path).write_bytes(content)
    download.fetch(server.url, path, sha256=SHA256)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("have", [0, 1000])
def test_another_file_than_expected_is_not_kept(server, path, have):
    server.content = CONTENT[::-1]
    path.parent.mkdir()
    part(path).write_bytes(server.content[:have])
    with pytest.raises(ModelError, match="not the one expected"):
        download.fetch(server.url, path, sha256=SHA256[:8])
    assert list(path.parent.iterdir()) == []


def test_an_error_of_the_server_is_told(server, path):
    server.status = 404
    with pytest.raises(download.DownloadError, match="404"):
        download.fetch(server.url, path, sha256=SHA256)
    assert not path.exists()


def test_a_server_that_hangs_is_given_up_and_the_part_kept(path, monkeypatch):
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 500)
            done.wait(10)
            connection.close()

        done = threading.Event()
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/model.ckpt"
        with pytest.raises(download.DownloadError, match="broke off"):
            download.fetch(url, path, sha256=SHA256)
        done.set()
        thread.join()
    assert not path.exists()


def test_nobody_listening_is_an_error_of_the_system(path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        download.fetch(f"http://127.0.0.1:{port}/model.ckpt", path, sha256=SHA256)
    assert not path.exists()
