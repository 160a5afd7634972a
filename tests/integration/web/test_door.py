"""Who is let in by the server of `review --web`, and who is not."""

import re
from urllib.parse import urlsplit

import aiohttp
import pytest


async def test_without_the_token(site):
    for path in ("/", "/socket", "/static/js/textual.js", "/?token="):
        status, text = await site.get(site.server.origin + path)
        assert status == 403
        assert "The link works once" in text


async def test_with_a_wrong_token(serve, site):
    server = serve()
    right = server.link
    for wrong in (right[:-1], right + "A", right[:-1] + "~", right.swapcase(), right + "%ff"):
        assert (await site.get(wrong))[0] == 403, wrong
    assert await server.enter()


def test_the_token_becomes_a_cookie(site):
    assert "token" not in site.location
    assert site.cookie["httponly"] is True
    assert site.cookie["samesite"] == "Strict"
    assert site.cookie["path"] == site.location  # no other port's path
    assert site.cookie["max-age"] == site.cookie["expires"] == ""  # until the browser closes
    token = site.server.link.partition("token=")[2]
    assert len(token) >= 32
    assert token not in site.cookie.value + site.location


async def test_a_token_works_once(site):
    assert (await site.get(site.server.link))[0] == 403
    assert (await site.get(site.server.link, **site.headers))[0] == 403


async def test_nothing_without_the_cookie(site):
    for name in ("", "socket", "static/js/textual.js", "page/page.js", "no-such-page"):
        assert (await site.get(site.page + name))[0] == 403
        assert (await site.get(site.page + name, Cookie="moderation=guessed"))[0] == 403
    assert (await site.get(site.page, **site.headers))[0] == 200


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "[", "127.0.0.2"])
async def test_another_name_for_this_machine(site, name):
    port = urlsplit(site.page).port
    headers = {**site.headers, "Host": f"{name}:{port}", "Origin": f"http://{name}:{port}"}
    status, text = await site.get(site.page, **headers)
    assert (status, "another name" in text) == (403, True)
    assert (await site.get(site.server.link, Host=f"{name}:{port}"))[0] == 403


async def test_its_own_other_names(site):
    # 8000: the near end of a tunnel.
    for host in ("localhost:8000", f"127.0.0.1:{urlsplit(site.page).port}", "[::1]:8000"):
        headers = {**site.headers, "Host": host, "Origin": f"http://{host}"}
        assert (await site.get(site.page, **headers))[0] == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://{}", "http://{}0", "http://{}.evil.example", None],
)
async def test_a_foreign_origin(site, origin):
    host = urlsplit(site.page).netloc
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with site.tab(Origin=origin and origin.format(host)):
            pass
    assert refused.value.status == 403


async def test_a_socket_without_the_cookie(site):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with site.tab(Cookie=None):
            pass
    assert refused.value.status == 403


async def test_headers_and_nothing_from_elsewhere(site):
    async with aiohttp.ClientSession(headers=site.headers) as client:
        async with client.get(site.page) as page:
            text = await page.text()
            policy = page.headers["Content-Security-Policy"]
        async with client.get(f"{site.page}page/page.css") as style:
            text += await style.text()
        async with client.get(f"{site.server.origin}/") as refused:
            assert "frame-ancestors 'none'" in refused.headers["Content-Security-Policy"]
    for header in (page.headers, style.headers, refused.headers):
        assert header["Referrer-Policy"] == "no-referrer"
        assert header["X-Content-Type-Options"] == "nosniff"
        assert header["Cache-Control"] == "no-store"
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert set(re.findall(r"\w+://[^/\"' ]+", text)) == {f"ws://{urlsplit(site.page).netloc}"}
