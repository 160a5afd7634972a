"""A real server for each test, and what a browser does, step by step."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from moderation.cli import main

HOSTILE = "\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b]8;;https://evil.example\x07\x9b31m donkey"
RULES = """\
version: 1
rules:
  - id: animals.donkey
    action: hold
    reason: "Animal: {match}"
    when: {text: {words: [donkey]}}
"""
#: Serves a Python program in place of the app.
SERVE = """
import functools, sys, tui.web
say = functools.partial(print, file=sys.stderr, flush=True)
app = [sys.executable, "-c", sys.argv[1]]
tui.web.serve(app, "127.0.0.1", 0, announce=functools.partial(print, flush=True), say=say)
"""


class Server:
    """A running `moderation review --web`, or the same with a Python program as the app."""

    def __init__(self, db, *args, app="", **env):
        self.db = db
        self._talk = db.with_suffix(".err")
        review = ["-m", "moderation", "review", "--web", f"--db={db}", "--as=Ann", *args]
        with self._talk.open("w") as talk:
            self.process = subprocess.Popen(
                [sys.executable, *(["-c", SERVE, app] if app else review)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=talk,
                text=True,
                cwd=db.parent,
                env={**os.environ, **env},
            )
        self.link = self.process.stdout.readline().strip()
        assert "?token=" in self.link, self.talk
        self.origin = self.link.partition("/?")[0]

    @property
    def talk(self):
        """What it said on stderr so far."""
        return self._talk.read_text()

    async def enter(self):
        """Visit the link, as a browser does once."""
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client,
            client.get(self.link, allow_redirects=False) as answer,
        ):
            assert answer.status == 303
            (cookie,) = answer.cookies.values()
            return Session(self, answer.headers["Location"], cookie)

    def apps(self):
        """The processes that it started and that still run."""
        if not Path("/proc/self/task").exists():
            pytest.skip("processes are counted in /proc, which this system has not")
        tasks = Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for each in tasks.glob("*/children") for pid in each.read_text().split()]

    def decisions(self):
        with sqlite3.connect(self.db) as connection:
            return connection.execute(
                "select comments.id, choice, moderator from decisions join comments using (key)"
            ).fetchall()

    def end(self, *, by=signal.SIGINT):
        """Its exit code."""
        self.process.send_signal(by)
        return self.process.wait(timeout=15)


class Session:
    """What a browser has after it visited the link."""

    def __init__(self, server, location, cookie):
        self.server, self.location, self.cookie = server, location, cookie
        self.page = server.origin + location
        self.headers = {"Cookie": f"{cookie.key}={cookie.value}", "Origin": server.origin}

    @staticmethod
    async def get(url, **headers):
        """Status and text, without the session but for what `headers` have of it."""
        async with (
            aiohttp.ClientSession() as client,
            client.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status, await answer.text()

    @asynccontextmanager
    async def tab(self, **headers):
        """An open tab; `headers` beside or instead of the right ones, None for without."""
        sent = {name: value for name, value in {**self.headers, **headers}.items() if value}
        address = f"{self.page}socket?width=100&height=30".replace("http:", "ws:")
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address, headers=sent) as socket,
        ):
            yield Tab(socket)


class Tab:
    """The WebSocket between a page and its app."""

    def __init__(self, socket):
        self.socket = socket

    async def type(self, keys):
        await self.socket.send_json(["stdin", keys])

    async def painted(self, words):
        """All that the app draws until these words."""
        drawn = b""
        async with asyncio.timeout(20):
            while words.encode() not in drawn:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.BINARY, message
                drawn += message.data
        return drawn

    async def closed(self):
        """Wait until the server closes it."""
        async with asyncio.timeout(10):
            while (await self.socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass


@pytest.fixture(scope="session")
def until():
    """`await until(condition)` within some seconds."""

    async def until(true, seconds=10):
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.05)

    return until


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A database in whose queue a hostile comment waits."""
    folder = tmp_path_factory.mktemp("web")
    rules, comments, db = folder / "rules.yaml", folder / "comments.jsonl", folder / "queue.db"
    rules.write_text(RULES)
    comments.write_text(json.dumps({"id": "evil", "text": HOSTILE, "author": HOSTILE}) + "\n")
    with pytest.raises(SystemExit):
        main([*"-q scan --model none".split(), f"--rules={rules}", f"--db={db}", str(comments)])
    return db


@pytest.fixture
def serve(filled, tmp_path):
    """`serve("--host", "…")` on a copy of the database."""
    started = []

    def serve(*args, db="queue.db", **more):
        shutil.copy(filled, tmp_path / db)
        started.append(Server(tmp_path / db, *args, **more))
        return started[-1]

    yield serve
    for server in started:
        server.process.kill()
        server.process.communicate()


@pytest.fixture(scope="session")
def site(filled):
    """A server that one browser has entered already, for the tests that change nothing."""
    server = Server(filled)
    yield asyncio.run(server.enter())
    server.process.kill()
    server.process.communicate()
