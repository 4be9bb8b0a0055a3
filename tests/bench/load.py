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
    """One connection to `POST /ndc`."""

    def __init__(self, url: str, *, packed: bool = False, key: str = KEY) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        coding = "Accept-Encoding: gzip\r\n" if packed else ""
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-API-Key: {key}\r\n"
            f"Content-Type: application/xml\r\n{coding}Content-Length: "
        ).encode()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes) -> Answer:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                *self._address, limit=_STREAM
            )
        began = time.perf_counter()
        self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        answer = await self._reader.readexactly(int(length[1]) if length else 0)
        took_s = time.perf_counter() - began
        return Answer(int(head[9:12]), answer, _PACKED.search(head) is not None, took_s)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


async def send_all(
    url: str,
    bodies: Sequence[bytes],
    seen: Callable[[int, Answer], None],
    *,
    at_once: int,
    packed: bool = False,
) -> float:
    """Every body once, `at_once` at a time, each connection waiting for its reply before it sends
    again. seen: told the place of a body and its answer. Returns the seconds it took.
    """
    links = [Link(url, packed=packed) for _ in range(at_once)]
    places = iter(range(len(bodies)))

    async def work(link: Link) -> None:
        for at in places:
            seen(at, await link.post(bodies[at]))

    began = time.perf_counter()
    try:
        await asyncio.gather(*map(work, links))
    finally:
        for link in links:
            link.close()
    return time.perf_counter() - began


async def together(*works: Awaitable[float]) -> list[float]:
    """Several loads at the same time."""
    return await asyncio.gather(*works)
