"""The other end of the wire, as cheap as it can be: HTTP/1.1 on kept connections, nothing parsed.

It shares the machine with the server it measures, so it must not be what is measured: a request
is one write of ready bytes, a reply is read by its Content-Length.
"""

import asyncio
import re
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.houses import KEY

_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_PACKED: Final = re.compile(rb"(?i)\r\ncontent-encoding: *gzip")
_STREAM: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Answer:
    """body: as it came, packed where `packed` says so. took_s: from sending to the last byte."""

    status: int
    body: bytes
    packed: bool
    took_s: float

    @property
    def text(self) -> bytes:
        return zlib.decompress(self.body, wbits=31) if self.packed else self.body


class Link:
    """One connection to `POST /ndc`. packed: whether replies are asked for with gzip."""

    def __init__(self, url: str, *, packed: bool = False, key: str = KEY) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-API-Key: {key}\r\n"
            "Content-Type: application/xml\r\n"
        ).encode()
        self.packed = packed
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes) -> Answer:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                *self._address, limit=_STREAM
            )
        began = time.perf_counter()
        coding = b"Accept-Encoding: gzip\r\n" if self.packed else b""
        length = b"Content-Length: %d\r\n\r\n" % len(body)
        self._writer.write(self._head + coding + length + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        many = _LENGTH.search(head)
        answer = await self._reader.readexactly(int(many[1]) if many else 0)
        took_s = time.perf_counter() - began
        return Answer(int(head[9:12]), answer, _PACKED.search(head) is not None, took_s)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class Links:
    """Connections that are kept from one load to the next, as clients keep theirs."""

    def __init__(self, url: str, at_once: int) -> None:
        self._links = [Link(url) for _ in range(at_once)]

    async def send_all(
        self, bodies: Sequence[bytes], seen: Callable[[int, Answer], None], *, packed: bool = False
    ) -> float:
        """Every body once, each connection waiting for its reply before it sends again. seen: told
        the place of a body and its answer. Returns the seconds it took.
        """
        places = iter(range(len(bodies)))

        async def work(link: Link) -> None:
            link.packed = packed
            for at in places:
                seen(at, await link.post(bodies[at]))

        began = time.perf_counter()
        await asyncio.gather(*map(work, self._links))
        return time.perf_counter() - began

    def close(self) -> None:
        for link in self._links:
            link.close()


async def send_all(
    url: str,
    bodies: Sequence[bytes],
    seen: Callable[[int, Answer], None],
    *,
    at_once: int,
    packed: bool = False,
) -> float:
    """As Links.send_all, on `at_once` connections of its own."""
    links = Links(url, at_once)
    try:
        return await links.send_all(bodies, seen, packed=packed)
    finally:
        links.close()


async def together(*works: Awaitable[float]) -> list[float]:
    """Several loads at the same time."""
    return await asyncio.gather(*works)
