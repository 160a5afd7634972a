"""The review app in a browser (extra `[web]`).

The browser's half of textual-serve draws a terminal on a page; a server of our own stands
between it and the app, which runs as a process for each open tab:

    browser  ── http, websocket ──  server.py behind gate.py  ── pipes ──  child.py, driver.py

textual-serve's own server asks nobody who they are, takes a WebSocket from any page, and
starts the app through a shell with the whole environment: of it only the page's script and
the protocol with the app are used.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from moderation.errors import MissingExtraError

__all__ = ["is_loopback", "serve"]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server on this address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def serve(
    command: Sequence[str],
    host: str,
    port: int,
    *,
    announce: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Serve `command`, an argument list that starts the app, until interrupted.

    Port 0 takes a free one. `announce` is called once with the link that lets one browser
    in; `say` gets each further line for the person at the terminal, safe to print.

    Raises:
        MissingExtraError: the extra `[web]` is not installed.
        UsageError: the address cannot be listened on.
        KeyboardInterrupt: the person ended it with Ctrl-C; everything is closed by then.
    """
    try:
        import textual_serve  # noqa: F401
    except ImportError:
        raise MissingExtraError("The review app in a browser", "web") from None
    import asyncio

    from tui.web.server import run

    asyncio.run(run(command, host, port, announce=announce, say=say))
