"""The attack list over a real socket: each is answered clearly and in bounded time, memory stays
bounded, and an honest client is served while it goes on and after it.

What the guard says of each document is in tests/ndc/test_door.py; here it meets HTTP.
"""

import asyncio
import gzip
import os
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.faults import stories
from tests.houses import KEY
from tests.patience import PATIENCE_S
from tests.processes import Server, running, talking

from ndc_oms.kit.requests import air_shopping

HASTE_S: Final = 1.0  # for a head and for a body, where that is what is tested
MOST_BYTES: Final = 2 * 1024 * 1024
GROWTH_KB: Final = 64 * 1024  # that a hundred attacks may leave or hold


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """However slow an honest client, or a test, is: it is not taken for one that drips."""
    settings = {"NDC_OMS_MAX_CONNECTIONS": "200"}
    async with running(tmp_path / "data", tmp_path / "log", **settings) as started:
        yield started


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Server]:
    """It waits a second for what drips."""
    settings = {
        "NDC_OMS_BODY_TIMEOUT_S": str(HASTE_S),
        "NDC_OMS_HEADER_TIMEOUT_S": str(HASTE_S),
    }
    async with running(
        tmp_path / "hasty", tmp_path / "hasty.log", warm=True, **settings
    ) as started:
        yield started


@dataclass
class Answer:
    """What came back on a bare socket."""

    status: int
    body: bytes


async def exchange(server: Server, sent: bytes) -> Answer:
    """Sends bytes, reads until the server closes; a reset while sending is no answer's loss."""
    host, port = server.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(PATIENCE_S):
            try:
                writer.write(sent)
                await writer.drain()
            except ConnectionError:
                pass
            return parsed(await read_all(reader))
    finally:
        writer.close()


async def read_all(reader: asyncio.StreamReader) -> bytes:
    received = bytearray()
    try:
        while chunk := await reader.read(65536):
            received += chunk
    except ConnectionError:
        pass
    return bytes(received)


def parsed(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1."), received[:200]
    return Answer(int(head.split()[1]), body)


def request(body: bytes, *headers: str, length: int | None = None) -> bytes:
    """A POST that asks for the connection to be closed after it."""
    head = [
        "POST /ndc HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: application/xml",
        f"X-API-Key: {KEY}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def shopping() -> bytes:
    return air_shopping([("YYZ", "LHR", stories.some_day(1))], limit=3)


def bomb(megabytes: int) -> bytes:
    """A gzip stream of that many megabytes of blanks."""
    packer = zlib.compressobj(9, wbits=31)
    blank = b" " * (1024 * 1024)
    return b"".join(packer.compress(blank) for _ in range(megabytes)) + packer.flush()


def attributes(count: int) -> bytes:
    return b" ".join(b'a%d="1"' % n for n in range(count))


LAUGHS: Final = (
    b'<!DOCTYPE a [<!ENTITY l0 "ha">'
    + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><a>&l9;</a>"
)
GZIP: Final = "Content-Encoding: gzip"
# name: request, HTTP status, a word of the answer
ATTACKS: Final[dict[str, tuple[bytes, int, bytes]]] = {
    "entities": (request(LAUGHS), 400, b"DOCTYPE"),
    "an external entity": (
        request(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        400,
        b"DOCTYPE",
    ),
    "UTF-16": (request("\ufeff<a/>".encode("utf-16-le")), 400, b"first byte"),
    "UTF-16 declared as such": (
        request("<a/>".encode("utf-16")).replace(b"/xml", b"/xml; charset=utf-16"),
        415,
        b"UTF-8",
    ),
    "a gzip bomb": (request(bomb(200), GZIP), 413, b"larger than"),
    "a gzip bomb in a bomb": (request(gzip.compress(bomb(200)), GZIP), 400, b"first byte"),
    "a cut gzip stream": (request(gzip.compress(shopping())[:-9], GZIP), 400, b"gzip"),
    "no gzip at all": (request(shopping(), GZIP), 400, b"gzip"),
    "an unknown coding": (request(shopping(), "Content-Encoding: br"), 415, b"coding"),
    "a byte too many": (request(b"<a>" + b" " * (MOST_BYTES - 6) + b"</a>"), 413, b"larger than"),
    "a length of terabytes": (request(b"<a/>", length=10**13), 413, b"larger than"),
    "deep": (request(b"<a>" * 200_000 + b"</a>" * 200_000), 400, b""),
    "100,000 attributes": (request(b"<a " + attributes(100_000) + b"/>"), 400, b"attributes"),
    "wide elements": (
        request(b"<a>" + (b"<b " + attributes(33) + b"/>") * 200 + b"</a>"),
        400,
        b"attributes",
    ),
    "no HTTP": (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500 + b"\r\n\r\n",
        400,
        b"",
    ),
    "a head without end": (
        b"POST /ndc HTTP/1.1\r\n" + b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        400,
        b"",
    ),
    "two lengths": (
        b"POST /ndc HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n<a/>",
        400,
        b"",
    ),
    "length and chunks": (
        request(b"4\r\n<a/>\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=4),
        400,
        b"",
    ),
}
# Of those who let the server wait, until it does no longer.
DRIPPING: Final[dict[str, tuple[bytes, int, bytes]]] = {
    "a dripping length": (request(b"<a>", length=1000), 408, b"did not arrive"),
    "half a head": (b"POST /ndc HTTP/1.1\r\nHost: localhost\r\nX-", 408, b""),
    "nothing": (b"", 408, b""),
}


async def assert_serves(server: Server) -> None:
    async with talking(server) as talk:
        reply = await talk.client.send(shopping())
        assert reply.status == 200
        assert reply.errors == ()


async def assert_serves_the_quick(hasty: Server) -> None:
    """A client that the machine keeps from sending for a second asks again."""
    async with asyncio.timeout(PATIENCE_S):
        while (answer := await exchange(hasty, request(shopping()))).status == 408:
            pass
    assert answer.status == 200


@pytest.mark.slow
async def test_each_is_answered_and_the_house_stands(server: Server, hasty: Server) -> None:
    for name, sent in DRIPPING.items():
        await assert_answered(hasty, name, *sent)
    await assert_serves_the_quick(hasty)
    await assert_serves(server)
    before_kb, before_s = server.memory_kb(), cpu_s(server)
    for name, sent in ATTACKS.items():
        await assert_answered(server, name, *sent)
    assert server.memory_kb() - before_kb < GROWTH_KB
    assert (
        cpu_s(server) - before_s < 10.0
    )  # CPU of the server, which a busy machine does not add to
    await assert_serves(server)


async def assert_answered(server: Server, name: str, sent: bytes, status: int, word: bytes) -> None:
    answer = await exchange(server, sent)
    assert answer.status == status, (name, answer)
    assert word in answer.body, (name, answer)
    assert b"passwd" not in answer.body
    assert len(answer.body) < 2000, name


@pytest.mark.slow
async def test_all_of_them_at_once_five_times_over(server: Server, hasty: Server) -> None:
    await assert_serves(server)
    before_kb = server.memory_kb()
    waves = [exchange(server, sent) for sent, _, _ in ATTACKS.values() for _ in range(5)]
    waves += [exchange(hasty, sent) for sent, _, _ in DRIPPING.values() for _ in range(5)]
    honest = [assert_serves(server) for _ in range(3)] + [assert_serves_the_quick(hasty)]
    answers = await asyncio.gather(*waves, *honest, return_exceptions=True)
    assert [each for each in answers if isinstance(each, BaseException)] == []
    assert server.memory_kb() - before_kb < 2 * GROWTH_KB
    await assert_serves(server)
    await assert_serves_the_quick(hasty)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["head", "body", "chunks"])
async def test_dripping_ends_in_time(hasty: Server, part: str) -> None:
    """A byte now and then keeps no connection: the limit is for the whole, not for each byte."""
    begun = {
        "head": b"POST /ndc HTTP/1.1\r\nHost: localhost\r\n",
        "body": request(b"<a>", length=100_000),
        "chunks": request(b"", length=0).replace(
            b"Content-Length: 0", b"Transfer-Encoding: chunked"
        ),
    }[part]
    drip = {"head": b"X-A: b\r\n", "body": b"x", "chunks": b"1\r\nx\r\n"}[part]
    host, port = hasty.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    async def drop_by_drop() -> None:
        while True:
            writer.write(drip)
            await writer.drain()
            await asyncio.sleep(0.05)

    writer.write(begun)
    dripping = asyncio.ensure_future(drop_by_drop())
    try:
        async with asyncio.timeout(PATIENCE_S):
            answer = parsed(await read_all(reader))
    finally:
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        writer.close()
    assert answer.status == 408
    await assert_serves_the_quick(hasty)


@pytest.mark.slow
async def test_who_never_reads_blocks_nobody(server: Server) -> None:
    """Clients that ask for large replies and do not take them."""
    large = request(air_shopping([("YYZ", "LHR", stories.some_day(2))])).replace(
        b"Connection: close\r\n", b""
    )
    host, port = server.base.removeprefix("http://").split(":")
    before_kb = server.memory_kb()
    opened = []
    for _ in range(20):
        _, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(large * 10)
        opened.append(writer)
    await assert_serves(server)
    assert server.memory_kb() - before_kb < 2 * GROWTH_KB
    for writer in opened:
        writer.transport.abort()
    await assert_serves(server)


@pytest.mark.slow
async def test_above_the_cap_a_connection_is_told_so(server: Server) -> None:
    host, port = server.base.removeprefix("http://").split(":")
    held = [await asyncio.open_connection(host, int(port)) for _ in range(200)]
    try:
        answer = await exchange(server, request(shopping()))
        assert answer.status == 503
    finally:
        for _, writer in held:
            writer.transport.abort()
    deadline = time.monotonic() + PATIENCE_S
    while (await exchange(server, request(shopping()))).status != 200:
        assert time.monotonic() < deadline


def cpu_s(server: Server) -> float:
    """CPU seconds of the server so far."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
