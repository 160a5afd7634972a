"""Who may come in: one browser, by a link that works once.

The link's token is exchanged for a cookie. What else protects the session:

- the names that the server answers to, so that no site can point its own name at this
  machine and then read the answers (DNS rebinding);
- the origin of the WebSocket, which browsers let any page open;
- the path, which is random: a cookie is sent to every port of a host, and another user's
  server on this machine must not get it.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

COOKIE = "moderation"
#: Names of this very machine: nobody else can have them.
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})

_REFUSAL = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Not admitted</title>
<h1>Not admitted</h1>
<p>{why}</p>
"""
_NO_SESSION = """\
This page is for the browser that first opened the link printed by <code>moderation review
--web</code>. The link works once. For a new one, end that command with Ctrl-C and start it
again.</p>
<p>If this is that browser and you came here from another page: <a href="">try again</a>."""


class Gate:
    """The middleware that admits or refuses every request.

    `names` are those that the server is reached by, beside this machine's own.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self.path = f"/{secrets.token_urlsafe(12)}/"
        self._names = _HERE | {name.lower() for name in names}
        self._token: str | None = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)

    @property
    def key(self) -> str:
        """The path and query of the link that lets one browser in."""
        return f"/?token={self._token}"

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._named_rightly(request):
            return refusal("This server goes by another name: open the link as it was printed.")
        if not self._from_our_pages(request):
            return refusal("Another site's page asked for this, which none may.")
        if request.path == "/" and request.method == "GET" and "token" in request.query:
            return self._exchange(request.query["token"])
        if not _same(request.cookies.get(COOKIE, ""), self._session):
            return refusal(_NO_SESSION)
        return await handler(request)

    def _exchange(self, token: str) -> web.Response:
        if self._token is None or not _same(token, self._token):
            return refusal(_NO_SESSION)
        self._token = None
        response = web.HTTPSeeOther(self.path)
        response.set_cookie(COOKIE, self._session, path=self.path, httponly=True, samesite="Strict")
        return response

    def _named_rightly(self, request: web.Request) -> bool:
        # Not the port: a tunnel (`ssh -L`) may have another one at its other end.
        try:
            name = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
        except ValueError:
            return False
        connection = request.transport
        address = connection.get_extra_info("sockname") if connection else None
        return name in self._names or (address is not None and name == address[0])

    def _from_our_pages(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        if origin is None:
            # Browsers leave it out of plain requests for pages and files only.
            return request.headers.get("Upgrade") is None
        return _same(origin.lower(), f"http://{request.headers['Host']}".lower())


def refusal(why: str) -> web.Response:
    """Why not, for a person. `why` is HTML of ours and quotes nothing."""
    return web.Response(status=403, text=_REFUSAL.format(why=why), content_type="text/html")


def _same(given: str, right: str) -> bool:
    """Compared in a time that tells nothing of how much is right."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), right.encode())
