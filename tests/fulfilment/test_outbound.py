"""Posting to addresses that others name: which are refused, and what is read of an answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from ndc_oms.errors import Invalid, NotAllowed
from ndc_oms.fulfilment import outbound as outbounds
from ndc_oms.fulfilment.outbound import (
    MAX_ANSWER,
    Outbound,
    PublicResolver,
    UndeliveredError,
    check_url,
    is_public,
)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",  # noqa: S104 — refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "no address",
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_not(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/told",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/#there",
        "https://example.org:99999/",
        "https://example.org/" + "a" * 2000,
        "https://[::1",
    ],
)
def test_what_cannot_be_posted_to_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, everywhere=False)


def test_private_addresses_are_for_test_mode() -> None:
    for url in ("https://127.0.0.1/", "https://[::1]:8443/", "https://169.254.169.254/latest"):
        with pytest.raises(NotAllowed):
            check_url(url, everywhere=False)
        check_url(url, everywhere=True)
    check_url("https://agency.example/told", everywhere=False)
    check_url("http://127.0.0.1:9/told", everywhere=True)


async def test_a_name_is_checked_by_what_it_means_now(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lookup(*_: object, **__: object) -> list[tuple[object, ...]]:
        public = (2, 1, 6, "", ("8.8.8.8", 443))
        private = (2, 1, 6, "", ("10.0.0.1", 443))
        return [public, private]

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "getaddrinfo", lookup, raising=False)
    with pytest.raises(OSError, match="public internet"):
        await PublicResolver().resolve("agency.example", 443)


async def test_outside_test_mode_no_connection_to_this_machine_is_made() -> None:
    outbound = Outbound(everywhere=False)
    with pytest.raises(UndeliveredError, match="public internet"):
        await outbound.post("https://localhost:1/told", b"", {})
    await outbound.close()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async def big(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * (MAX_ANSWER + 1))

    async def away(_request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("/big")

    async def never(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    app = web.Application()
    app.router.add_post("/big", big)
    app.router.add_post("/away", away)
    app.router.add_post("/never", never)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_answers_are_bounded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbounds, "CONNECT_S", 100.0)
    hurried = Outbound(everywhere=True, total_s=0.3)
    outbound = Outbound(everywhere=True, total_s=100.0)
    with pytest.raises(UndeliveredError, match="longer than"):
        await outbound.post(f"{url}/big", b"", {})
    with pytest.raises(UndeliveredError, match="no answer within"):
        await hurried.post(f"{url}/never", b"", {})
    await hurried.close()
    assert (await outbound.post(f"{url}/away", b"", {})).status == 307  # not followed
    with pytest.raises(UndeliveredError):
        await outbound.post("http://127.0.0.1:1/", b"", {})
    await outbound.close()
