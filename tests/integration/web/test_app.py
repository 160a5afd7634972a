"""The app behind a tab: what it is given, what it draws, and when it ends."""

import asyncio
import json
import os
import re
import signal
from pathlib import Path

import pytest

#: Draws without end, and says so in a file when it is asked to quit.
FLOOD = """
import os, pathlib, sys, threading
asked = threading.Event()
threading.Thread(target=lambda: (sys.stdin.buffer.read(), asked.set())).start()
os.write(1, b"__GANGLION__\\n")
while not asked.is_set():
    os.write(1, b"D\\0\\1\\0\\0" + b"x" * 65536)
pathlib.Path("asked").touch()
"""
STUBBORN = """
import os, signal, time
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, signal.SIG_IGN)
os.write(1, b"__GANGLION__\\nD\\0\\0\\0\\5ready")
time.sleep(60)
"""


async def test_no_shell_and_no_secrets(serve):
    secrets = {"MODERATION_BLOG_PASSWORD": "x", "AWS_SECRET_ACCESS_KEY": "x", "PYTHONPATH": ""}
    name = 'a\'b "c"; touch owned $(touch owned) `touch owned` & #.db'
    server = serve(db=name, **secrets, LC_TIME="C", MODERATION_CACHE="off")
    session = await server.enter()
    async with session.tab() as tab:
        await tab.painted("pending")
        (app,) = server.apps()
        environment = Path(f"/proc/{app}/environ").read_text().split("\0")
        arguments = Path(f"/proc/{app}/cmdline").read_text().split("\0")
        assert os.getsid(app) == app
    names = {line.partition("=")[0] for line in environment if line}
    assert {"PATH", "LC_TIME", "MODERATION_CACHE", "TEXTUAL_DRIVER"} <= names
    assert not names & secrets.keys()
    assert {each for each in names if not each.startswith(("LC_", "XDG_"))} <= set(
        "PATH HOME LANG LANGUAGE TERM COLORTERM NO_COLOR TZ TMPDIR MODERATION_CACHE"
        " TEXTUAL_DRIVER TEXTUAL_COLOR_SYSTEM COLUMNS ROWS".split()
    )
    assert arguments[1:4] == ["-P", "-m", "moderation"]
    assert f"--db={server.db}" in arguments
    assert not (server.db.parent / "owned").exists()


async def test_keys_and_sizes(serve, until):
    server = serve()
    session = await server.enter()
    async with session.tab() as tab:
        await tab.painted("donkey")
        # What is not from the page's script changes nothing.
        for odd in ("", "[", "7", "[]", '["stdin"]', '["stdin", 1]', '["resize", 9]', '["boo"]'):
            await tab.socket.send_str(odd)
        await tab.socket.send_bytes(b"\xff")
        await tab.socket.send_str(json.dumps(["stdin", "\ud800"]))
        await tab.socket.send_json(["resize", {"width": 10**9, "height": 60}])
        await tab.socket.send_json(["ping", "7"])
        await tab.type("a")
        await until(lambda: server.decisions() == [("evil", "approve", "Ann")])
    assert server.end() == 130


async def test_a_hostile_comment(site):
    async with site.tab() as tab:
        drawn = await tab.painted("donkey")
        await tab.type("?")
        drawn += await tab.painted("Decide")
    assert "␛]0;owned␇".encode() in drawn
    assert b"<U+009B>" in drawn
    # Colours, cursor, modes, the pointer's shape: no title, no clipboard, no link.
    drawn = re.sub(rb"\x1b\]22;[a-z]*\x07", b"", drawn)
    assert set(re.findall(rb"\x1b(.)", drawn)) == {b"["}
    assert b"\x9b31m" not in drawn
    assert b"\x07" not in drawn


async def test_a_closed_tab_ends_its_app_alone(serve, until):
    server = serve()
    session = await server.enter()
    async with session.tab() as first:
        await first.painted("pending")
        async with session.tab() as second:
            await second.painted("pending")
            assert len(server.apps()) == 2
        await until(lambda: len(server.apps()) == 1)
        await first.type("h")
        await until(lambda: server.decisions() == [("evil", "hide", "Ann")])
    await until(lambda: not server.apps())


async def test_quitting_the_app_closes_the_tab(site):
    async with site.tab() as tab:
        await tab.painted("donkey")
        await tab.type("q")
        await tab.closed()


@pytest.mark.parametrize(
    ("by", "code"),
    [(signal.SIGINT, 130), (signal.SIGHUP, 0), (signal.SIGKILL, -9)],
)
async def test_no_orphans(serve, by, code, until):
    server = serve()
    session = await server.enter()
    async with session.tab() as first, session.tab() as second:
        await first.painted("pending")
        await second.painted("pending")
        apps = server.apps()
        assert len(apps) == 2
        assert await asyncio.to_thread(server.end, by=by) == code
        await until(lambda: not any(Path(f"/proc/{app}/exe").exists() for app in apps))
    assert "Traceback" not in server.talk


@pytest.mark.parametrize("app", ["", "import sys; sys.exit('died of \\x1b[31mevil')"])
async def test_the_last_words_of_an_app(serve, app):
    server = serve(app=app)
    session = await server.enter()
    # Where the review app finds it, and not yet where its server did.
    (server.db.parent / "moderation.toml").write_text('"died of \\u001b[31mevil" = 1\n')
    async with session.tab() as tab:
        await tab.closed()
    assert "died of ␛[31mevil" in server.talk
    assert "\x1b" not in server.talk


async def test_an_app_that_draws_on_is_asked_to_quit(serve, until):
    server = serve(app=FLOOD)
    session = await server.enter()
    async with session.tab() as tab:
        await tab.painted("x")
    await until((server.db.parent / "asked").exists)
    assert server.end(by=signal.SIGTERM) == 0
    assert server.talk == ""


async def test_an_app_that_does_not_quit_is_killed(serve, until):
    server = serve(app=STUBBORN)
    session = await server.enter()
    async with session.tab() as tab:
        await tab.painted("ready")
        assert server.apps()
    await until(lambda: not server.apps(), 15)
