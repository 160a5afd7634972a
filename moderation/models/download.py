"""Fetching one large file so that it can be broken off, gone on with and trusted.

What has come stands in `<name>.part` beside the file. The next try asks for the rest
only; the file gets its name when it is whole and its SHA-256 is the one expected, never
before.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from moderation.errors import ModelError

#: Seconds that a server has to accept a connection.
CONNECT_TIMEOUT = 3.0
#: Seconds without a single byte after which a download is given up; what came is kept.
READ_TIMEOUT = 30.0

#: Called with the bytes that are there and, where the server told, the bytes in all.
Progress = Callable[[int, int | None], None]

_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d*/(\d+|\*)")
_COMPLETE_ALREADY = 416


class DownloadError(OSError):
    """A download that did not come to its end; trying again goes on where it stopped."""


def fetch(url: str, path: Path, *, sha256: str, progress: Progress | None = None) -> None:
    """Download a file to `path`.

    Args:
        sha256: the hash in hex or the beginning of it.
        progress: told now and then, and at the end.

    Raises:
        DownloadError, OSError: the server cannot be reached, or the download broke off.
        ModelError: what came whole is not the file expected; nothing of it is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    continued = part.exists() and part.stat().st_size > 0
    _receive(url, part, progress)
    if not digest(part).startswith(sha256) and continued:
        # The beginning may have been of another file: once more, from the start.
        part.unlink()
        _receive(url, part, progress)
    found = digest(part)
    if not found.startswith(sha256):
        part.unlink()
        raise ModelError(
            f"the downloaded file is not the one expected: its SHA-256 begins with {found[:16]}, "
            f"not with {sha256}",
            where=url,
        )
    part.replace(path)


def digest(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _receive(url: str, part: Path, progress: Progress | None) -> None:
    have = part.stat().st_size if part.exists() else 0
    asked = {"User-Agent": "moderation", "Accept-Encoding": "identity"}
    if have:
        asked["Range"] = f"bytes={have}-"
    request = urllib.request.Request(url, headers=asked)  # noqa: S310  (the caller's URL)
    try:
        with urllib.request.urlopen(request, timeout=READ_TIMEOUT) as answer:  # noqa: S310
            have = have if _goes_on(answer, have) else 0
            _append(answer, part, have, progress)
    except urllib.error.HTTPError as error:
        # All of it had come before; the hash decides whether it is the right file.
        if error.code != _COMPLETE_ALREADY or not have:
            raise DownloadError(f"{url} answers {error.code} {error.reason}") from error
    except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = str(error) or type(error).__name__
        raise DownloadError(f"the download broke off ({reason}); the part is kept") from error


def _goes_on(answer: Any, have: int) -> bool:
    """Whether the server sends the rest; one that knows no ranges sends all again."""
    found = _RANGE.match(answer.headers.get("Content-Range") or "")
    return bool(answer.status == 206 and found and int(found.group(1)) == have)


def _append(answer: Any, part: Path, have: int, progress: Progress | None) -> None:
    length = answer.headers.get("Content-Length")
    total = have + int(length) if length else None
    with part.open("ab" if have else "wb") as stream:
        while chunk := answer.read(_CHUNK):
            stream.write(chunk)
            have += len(chunk)
            if progress:
                progress(have, total)
    if total is not None and have < total:
        raise DownloadError(f"the download broke off at {have:,} of {total:,} bytes; they are kept")


def reach(url: str) -> None:
    """Fail within seconds where a client would try again for minutes.

    Raises:
        OSError: the server, or the proxy before it, does not accept connections.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    target = parts if urllib.request.proxy_bypass(host) else _proxy(parts.scheme) or parts
    address = (target.hostname or "", target.port or (443 if target.scheme == "https" else 80))
    outcome: list[OSError] = []
    done = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection(address, CONNECT_TIMEOUT).close()
        except OSError as error:
            outcome.append(error)
        done.set()

    # In a thread of its own, for looking up a name has no time-out.
    threading.Thread(target=connect, daemon=True).start()
    if not done.wait(CONNECT_TIMEOUT):
        raise ConnectionError(f"{host} does not answer")
    if outcome:
        raise ConnectionError(f"{host} cannot be reached ({outcome[0]})") from outcome[0]


def _proxy(scheme: str) -> SplitResult | None:
    proxies = urllib.request.getproxies()
    address = proxies.get(scheme) or proxies.get("all")
    if not address:
        return None
    return urlsplit(address if "://" in address else f"http://{address}")
