"""The server: the page, its files, and a WebSocket for each tab."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSMessage, WSMsgType, web

from moderation.display import for_log
from moderation.errors import UsageError
from tui.web.child import GRACE, Child, within
from tui.web.gate import Gate

_PAGE = Path(__file__).with_name("page")
_TERMINAL = Path(textual_serve.__file__).with_name("static")
#: Bytes that one message from a browser may have: a long paste.
_MOST_BYTES = 1 << 20
#: Seconds between signs of life; a tab that gives none for half as long again is gone.
_HEARTBEAT = 10.0

# In the sandbox a click on a comment's link opens no window, and nothing is downloaded.
_NOTHING = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " sandbox allow-scripts allow-same-origin"
)
# The page: everything from here. The terminal writes its styles as it goes. To some
# browsers 'self' is HTTP alone, so the WebSocket is named as well (of no use with IPv6,
# whose addresses the grammar of policies does not know).
_POLICY = (
    f"{_NOTHING}; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self';"
    " connect-src 'self' ws://"
)
_HEADERS = {
    "Content-Security-Policy": _NOTHING,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "clipboard-read=(), camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


async def run(
    command: Sequence[str],
    host: str,
    port: int,
    *,
    announce: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """See `tui.web.serve`."""
    name = socket.gethostname() if _is_any(host) else host
    gate = Gate(frozenset({host, name}))
    runner = web.AppRunner(
        _application(gate, command, say), access_log=None, shutdown_timeout=3 * GRACE
    )
    said = _Said(say)
    logging.getLogger().addHandler(said)
    try:
        await runner.setup()
        await _listen(runner, host, port)
        bound, number = runner.addresses[0][:2]
        where = name if _is_any(host) else f"[{bound}]" if ":" in bound else bound
        announce(f"http://{where}:{number}{gate.key}")
        await _interrupted()
    finally:
        await runner.cleanup()
        logging.getLogger().removeHandler(said)


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            hint="--port 0 takes a free port; --host takes an address of this machine",
        ) from None


async def _interrupted() -> None:
    """Wait for Ctrl-C, or for the signal of a closed terminal or of a service manager."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for name in ("SIGTERM", "SIGHUP"):
        # Where there are none (Windows) Ctrl-C remains.
        with suppress(NotImplementedError, AttributeError):
            loop.add_signal_handler(getattr(signal, name), ended.set)
    await ended.wait()


def _is_any(host: str) -> bool:
    """Whether this is "every address" (`0.0.0.0`, `::`), which no link can name."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_unspecified
    return False


def _application(gate: Gate, command: Sequence[str], say: Callable[[str], None]) -> web.Application:
    tabs = _Tabs(command, say)
    app = web.Application(middlewares=[gate.admit])
    app.add_routes(
        [
            web.get(gate.path, _page),
            web.get(f"{gate.path}socket", tabs.connect),
            web.static(f"{gate.path}page", _PAGE),
            web.static(f"{gate.path}static", _TERMINAL),
        ]
    )
    app.on_response_prepare.append(_protect)
    app.on_shutdown.append(tabs.close)
    return app


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


async def _page(request: web.Request) -> web.Response:
    page = Template((_PAGE / "index.html").read_text("utf-8"))
    address = f"ws://{request.host}{request.path}socket"
    return web.Response(
        text=page.substitute(socket=escape(address)),
        content_type="text/html",
        headers={"Content-Security-Policy": f"{_POLICY}{request.host}"},
    )


class _Tabs:
    """The open tabs: a WebSocket and an app process each."""

    def __init__(self, command: Sequence[str], say: Callable[[str], None]) -> None:
        self._command = command
        self._say = say
        self._open: set[web.WebSocketResponse] = set()

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        tab = web.WebSocketResponse(timeout=GRACE, heartbeat=_HEARTBEAT, max_msg_size=_MOST_BYTES)
        await tab.prepare(request)
        child = Child(self._command, tab, self._say)
        self._open.add(tab)
        try:
            await child.start(_cells(request, "width", 80), _cells(request, "height", 24))
            async for message in tab:
                await _pass_on(message, child, tab)
        except OSError as error:
            self._say(for_log(f"the app cannot be started: {error}"))
        finally:
            self._open.discard(tab)
            await child.stop()
        return tab

    async def close(self, _: web.Application) -> None:
        await asyncio.gather(*(tab.close(code=1001) for tab in self._open))


async def _pass_on(message: WSMessage, child: Child, tab: web.WebSocketResponse) -> None:
    """What the page's script says, to the app. Anything else is not from that script."""
    if message.type is not WSMsgType.TEXT:
        return
    with suppress(ValueError):
        match message.json():
            case ["stdin", str(keys)]:
                # The app's reader stops for good at a packet of nothing.
                if data := keys.encode("utf-8", "ignore"):
                    await child.send_bytes(data)
            case ["resize", {"width": int(width), "height": int(height)}]:
                await child.set_terminal_size(within(width), within(height))
            case ["focus", *_]:
                await child.focus()
            case ["blur", *_]:
                await child.blur()
            case ["ping", sent]:
                await tab.send_json(["pong", sent])


def _cells(request: web.Request, name: str, usual: int) -> int:
    try:
        return int(request.query.get(name, ""))
    except ValueError:
        return usual


class _Said(logging.Handler):
    """Warnings of the libraries, which may quote what was sent to them."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(for_log(self.format(record), newlines=True))
