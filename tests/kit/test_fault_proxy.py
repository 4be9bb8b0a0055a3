"""The proxy that spoils HTTP: each fault is what it says, and meets one request."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from ndc_oms.kit.fault_proxy import FaultProxy, Spoil

BODY = b"<IATA_Something>" + b"x" * 5000 + b"</IATA_Something>"


class Echo:
    """Answers with what it was sent, and counts."""

    def __init__(self) -> None:
        self.heard = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.heard += 1
        return web.Response(body=await request.read(), content_type="application/xml")


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[FaultProxy]:
    app = web.Application()
    app.router.add_post("/ndc", echo.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    async with FaultProxy("127.0.0.1", server.sockets[0].getsockname()[1]) as made:
        yield made
    await runner.cleanup()


async def send(proxy: FaultProxy) -> bytes:
    patient = aiohttp.ClientTimeout(total=None, sock_connect=None)
    async with (
        aiohttp.ClientSession(timeout=patient) as session,
        session.post(proxy.url, data=BODY) as response,
    ):
        response.raise_for_status()
        return await response.read()


async def test_nothing_planted_changes_nothing(proxy: FaultProxy, echo: Echo) -> None:
    assert await send(proxy) == BODY
    assert await send(proxy) == BODY
    assert proxy.seen == {"IATA_Something": 2}


@pytest.mark.parametrize(
    ("spoil", "heard"),
    [
        (Spoil.LOST_BEFORE, 0),
        (Spoil.REPLY_LOST, 1),
        (Spoil.TRUNCATED, 1),
        (Spoil.RESET, 1),
        (Spoil.UNAVAILABLE, 0),
    ],
)
async def test_faults_that_leave_no_reply(
    proxy: FaultProxy, echo: Echo, spoil: Spoil, heard: int
) -> None:
    proxy.plant(spoil)
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await send(proxy)
    assert echo.heard == heard
    assert await send(proxy) == BODY  # it met one request


async def test_silence_lasts_until_the_client_gives_up(proxy: FaultProxy, echo: Echo) -> None:
    proxy.plant(Spoil.SILENCE)
    asking = asyncio.create_task(send(proxy))
    while not echo.heard:
        await asyncio.sleep(0.001)
    _, silent = await asyncio.wait({asking}, timeout=0.2)
    assert silent == {asking}
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert echo.heard == 1


async def test_faults_after_which_there_is_a_reply(proxy: FaultProxy, echo: Echo) -> None:
    proxy.plant(Spoil.SLICED)
    assert await send(proxy) == BODY
    proxy.plant(Spoil.LATE, delay_s=0.1)
    assert await send(proxy) == BODY
    proxy.plant(Spoil.DUPLICATE)
    assert await send(proxy) == BODY
    assert echo.heard == 4
    proxy.plant(Spoil.GARBAGE)
    assert b"no reply" in await send(proxy)


async def test_a_fault_waits_for_its_message(proxy: FaultProxy) -> None:
    proxy.plant(Spoil.GARBAGE, "IATA_Other")
    assert await send(proxy) == BODY
    proxy.clear()
    proxy.plant(Spoil.GARBAGE, "IATA_Something", times=2)
    assert [await send(proxy) == BODY for _ in range(3)] == [False, False, True]
