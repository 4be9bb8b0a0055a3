"""Sockets: slow heads, too many connections, and a graceful end."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
import uvloop
from aiohttp import http_writer, web
from tests.patience import PATIENCE_S

from ndc_oms.config import Config
from ndc_oms.server.app import build_app
from ndc_oms.server.listener import Connection, _Open, listen, serve

from .conftest import KEY, MESSAGE_TEXT, Start, World, make_parts

HEAD = (
    f"POST /ndc HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\nContent-Type: text/xml\r\n"
    f"Content-Length: {len(MESSAGE_TEXT)}\r\n\r\n"
).encode()


async def test_a_dripping_head_is_408(start: Start) -> None:
    running = await start(header_timeout_s=0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    answer = asyncio.ensure_future(reader.read())
    left = list(HEAD)
    while left and not answer.done():
        writer.write(bytes([left.pop(0)]))
        await asyncio.sleep(0.05)
    assert (await answer).startswith(b"HTTP/1.1 408 ")
    assert left  # it was not waited for to the end
    writer.close()


async def test_a_connection_that_says_nothing_is_closed(start: Start) -> None:
    running = await start(header_timeout_s=0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    assert (await asyncio.wait_for(reader.read(), PATIENCE_S)).startswith(b"HTTP/1.1 408 ")
    writer.close()


class Heard(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


async def test_half_a_head_that_is_there_before_anybody_listens(
    world: World, tmp_path: Path
) -> None:
    """Data may come before aiohttp's own task has run once: then, too, the time is counted."""
    config = Config(port=0, data=tmp_path, header_timeout_s=0.1)
    runner = web.AppRunner(build_app(make_parts(world, config)), access_log=None)
    await runner.setup()
    assert runner.server is not None
    connection, transport = Connection(runner.server, _Open(1), config), Heard()
    connection.connection_made(transport)
    connection.data_received(HEAD[:20])
    async with asyncio.timeout(PATIENCE_S):
        while not transport.written:
            await asyncio.sleep(0.02)
    assert transport.written.startswith(b"HTTP/1.1 408 ")
    connection.connection_lost(None)
    await runner.cleanup()


async def test_a_slow_second_head_is_408_but_idling_is_not(start: Start) -> None:
    running = await start(header_timeout_s=0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(HEAD + MESSAGE_TEXT.encode())
    first = await reader.readuntil(b"</done>")
    assert first.startswith(b"HTTP/1.1 200 ")
    await asyncio.sleep(0.6)  # idle, longer than a head may take
    writer.write(HEAD[:20])
    assert (await asyncio.wait_for(reader.read(), PATIENCE_S)).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_slow_act_is_not_taken_for_a_slow_head(start: Start, world: World) -> None:
    running = await start(header_timeout_s=0.2)
    world.gate = asyncio.Event()
    sent = asyncio.ensure_future(running.post())
    await asyncio.sleep(0.6)
    world.gate.set()
    assert (await sent)[0].status == 200


async def test_above_the_cap_a_connection_is_answered_503(start: Start) -> None:
    running = await start(max_connections=2)
    kept = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(2)]
    await asyncio.sleep(0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1" in answer
    writer.close()
    for _, open_writer in kept:
        open_writer.close()
        await open_writer.wait_closed()
    await asyncio.sleep(0.1)
    reply, _ = await running.post()
    assert reply.status == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"POST /ndc HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /ndc HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["long field", "many fields", "long line", "TLS", "smuggling", "negative length"],
)
async def test_a_hostile_head_is_400_and_closed(start: Start, head: bytes) -> None:
    running = await start()
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(head)
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    writer.close()


async def test_the_end_waits_for_what_is_in_flight(start: Start, world: World) -> None:
    running = await start()
    world.gate = asyncio.Event()
    sent = asyncio.ensure_future(running.post())
    while not world.acted:
        await asyncio.sleep(0.01)
    stopping = asyncio.ensure_future(running.stop())
    await asyncio.sleep(0.1)
    with pytest.raises(OSError):  # noqa: PT011 — refused, whichever way the system says it
        await asyncio.open_connection("127.0.0.1", running.port)
    assert world.log == ["start 1", "start 2"]  # background work is still on
    world.gate.set()
    assert (await sent)[0].status == 200
    await stopping
    assert world.log == ["start 1", "start 2", "stop 2", "stop 1"]


async def test_sigterm_ends_gracefully(world: World, tmp_path: Path) -> None:
    config = Config(port=0, data=tmp_path, shutdown_s=PATIENCE_S)
    port = asyncio.get_running_loop().create_future()
    world.gate = asyncio.Event()
    serving = asyncio.ensure_future(
        serve(build_app(make_parts(world, config)), config, port.set_result)
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", await port)
    writer.write(HEAD + MESSAGE_TEXT.encode())
    while not world.acted:
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.1)
    assert not serving.done()
    world.gate.set()
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    await asyncio.wait_for(serving, PATIENCE_S)
    assert world.log[-2:] == ["stop 2", "stop 1"]
    writer.close()


async def test_a_taken_port_leaves_nothing_running(start: Start, world: World) -> None:
    running = await start()
    with pytest.raises(OSError, match="in use"):
        await start(port=running.port)
    assert world.log == ["start 1", "start 2", "start 1", "start 2", "stop 2", "stop 1"]


def test_the_rules_hold_on_uvloop_too(world: World, tmp_path: Path) -> None:
    """Its transports are of other classes, and the server runs on them."""

    async def answer(connections: int, **limits: float) -> bytes:
        """To the last of so many that say nothing."""
        config = Config(port=0, data=tmp_path, **limits)  # type: ignore[arg-type]
        listener = await listen(build_app(make_parts(world, config)), config)
        opened = [
            await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(connections)
        ]
        answered = await asyncio.wait_for(opened[-1][0].read(), PATIENCE_S)
        for _, writer in opened:
            writer.close()
        await listener.close()
        return answered

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        slow = runner.run(answer(1, header_timeout_s=0.2))
        one_more = runner.run(answer(2, header_timeout_s=PATIENCE_S, max_connections=1))
    assert slow.startswith(b"HTTP/1.1 408 ")
    assert one_more.startswith(b"HTTP/1.1 503 ")


def test_head_and_body_are_sent_by_one_call() -> None:
    """aiohttp's own switch, which it gives no promise to keep."""
    assert vars(http_writer)["SKIP_WRITELINES"] is False
    assert "SKIP_WRITELINES" in http_writer.StreamWriter._writelines.__code__.co_names
