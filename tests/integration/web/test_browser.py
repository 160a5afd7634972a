"""The page in a real, headless Chromium, driven by its DevTools protocol."""

import asyncio
import base64
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from urllib.parse import urlsplit

import aiohttp
import pytest

#: Debian and others name it so; the last is what Google's own package is called.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Browser:
    """A headless Chromium, by its DevTools protocol: one page, keys in, frames out."""

    def __init__(self, page):
        self._page = page
        self._last = 0
        self.asked = set()
        self.drawn = b""

    async def call(self, method: str, **params):
        self._last += 1
        await self._page.send_json({"id": self._last, "method": method, "params": params})
        while (message := await self._take()).get("id") != self._last:
            pass
        assert "error" not in message, message
        return message["result"]

    async def say(self, script):
        """The value of a JavaScript expression."""
        result = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, userGesture=True
        )
        return result["result"].get("value")

    async def press(self, key):
        code = {"code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper())}
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key, **code)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    async def until_drawn(self, words):
        async with asyncio.timeout(30):
            while words.encode() not in self.drawn:
                await self._take()

    async def _take(self):
        message = await self._page.receive_json()
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.asked.add(message["params"]["request"]["url"])
            case "Network.webSocketCreated":
                self.asked.add(message["params"]["url"])
            case "Network.webSocketFrameReceived":
                frame = message["params"]["response"]
                if frame["opcode"] == 2:
                    self.drawn += base64.b64decode(frame["payloadData"])
        return message


@pytest.fixture
async def browser(tmp_path, until):
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed (Debian: apt install chromium)")
    flags = "--headless --no-sandbox --disable-dev-shm-usage --no-first-run about:blank"
    profile = tmp_path / "profile"
    process = subprocess.Popen(
        [program, f"--user-data-dir={profile}", "--remote-debugging-port=0", *flags.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = profile / "DevToolsActivePort"
        await until(lambda: port.exists() and "\n" in port.read_text(), 30)
        address = f"http://127.0.0.1:{port.read_text().split()[0]}/json/list"
        async with aiohttp.ClientSession() as client:
            async with client.get(address) as answer:
                (page,) = [each for each in await answer.json() if each["type"] == "page"]
            async with client.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                browser = Browser(socket)
                for domain in ("Page", "Network", "Runtime"):
                    await browser.call(f"{domain}.enable")
                yield browser
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def test_a_decision_by_keyboard_in_a_browser(serve, browser, until):
    server = serve()
    await browser.call("Page.navigate", url=server.link)
    await browser.until_drawn("donkey")
    # The terminal has the focus without a click, and the comment did nothing to the page.
    assert await browser.say("document.activeElement.className") == "xterm-helper-textarea"
    assert await browser.say("document.title") == "moderation review"
    assert await browser.say("String(window.open('https://evil.example/'))") == "null"
    address = urlsplit(await browser.say("location.href"))
    assert (address.query, address.netloc) == ("", urlsplit(server.link).netloc)
    assert await browser.say("document.cookie") == ""
    await browser.press("a")
    await until(lambda: server.decisions() == [("evil", "approve", "Ann")])
    hosts = {urlsplit(url).netloc for url in browser.asked if not url.startswith("data:")}
    assert hosts == {urlsplit(server.link).netloc}, browser.asked
    # Another site's page in this browser gets no socket: its origin is foreign.
    await browser.call("Page.navigate", url="about:blank")
    script = f"""new Promise(done => {{
        const socket = new WebSocket("ws://{address.netloc}{address.path}socket");
        socket.onopen = () => done("open");
        socket.onerror = () => done("refused");
    }})"""
    assert await browser.say(script) == "refused"
    assert server.end() == 130
