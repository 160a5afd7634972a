"""`moderation review --web` as a command."""

import sys
from urllib.parse import urlsplit

import pytest

from moderation.cli import main


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*args):
    with pytest.raises(SystemExit) as left:
        main(["review", *map(str, args)])
    return left.value.code


@pytest.mark.parametrize(
    "args",
    [("--web", "--plain"), ("--port", "0"), ("--host", "::1"), ("--web", "--port", "-1")],
)
def test_wrong_usage(args):
    assert run(*args) == 2


def test_a_database_that_is_not_there(capsys):
    assert run("--web", "--db", "absent.db") == 3
    assert "absent.db" in capsys.readouterr().err


def test_a_port_that_is_taken(site, capsys):
    port = urlsplit(site.page).port
    assert run("--web", "--db", site.server.db, "--port", port) == 2
    assert f"port {port}" in capsys.readouterr().err


def test_without_the_extra(filled, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert run("--web", "--db", filled) == 2
    assert "pip install 'moderation[web]'" in capsys.readouterr().err


async def test_every_address_is_warned_of(serve):
    quiet, loud = serve("--host", "localhost"), serve("--host", "0.0.0.0", db="loud.db")
    assert urlsplit(quiet.link).hostname in ("127.0.0.1", "::1")
    assert await quiet.enter()
    assert "warning" not in quiet.talk
    assert "warning: on 0.0.0.0 the queue is served to the network, unencrypted" in loud.talk
