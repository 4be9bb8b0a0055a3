"""A proxy that spoils HTTP between two sides on purpose, for tests of what a client makes of it.

    async with FaultProxy("127.0.0.1", port) as proxy:
        proxy.plant(Spoil.REPLY_LOST, "IATA_OrderCreateRQ")   # the next one is done, nobody hears
        ... talk to proxy.url ...

Each request has a connection of its own on either side, so that a fault meets one request.
"""

import asyncio
import contextlib
import re
import socket
import struct
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Final

MAX_REQUEST: Final = 4 * 1024 * 1024
SLICE: Final = 37  # bytes, so that no boundary of the text survives
_LENGTH: Final = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CONNECTION: Final = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_NO_XML: Final = b"<IATA_\x00 is no reply <<<"
_GARBAGE: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_NO_XML), _NO_XML)
)
_UNAVAILABLE: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


class Spoil(StrEnum):
    """What is done to a request or its reply."""

    LOST_BEFORE = "lost-before"  # never arrives; the connection closes without a reply
    REPLY_LOST = "reply-lost"  # arrives and is done; the connection closes without a reply
    SILENCE = "silence"  # arrives and is done; no reply, and the connection stays open
    LATE = "late"  # done; the reply comes after `delay_s`
    DUPLICATE = "duplicate"  # arrives twice; the second reply is given
    GARBAGE = "garbage"  # done; the reply is no XML
    TRUNCATED = "truncated"  # done; half of the reply comes
    RESET = "reset"  # done; the connection is reset in the middle of the reply
    SLICED = "sliced"  # done; the reply comes in small pieces
    UNAVAILABLE = "unavailable"  # never arrives; HTTP 503


@dataclass(slots=True)
class _Planted:
    spoil: Spoil
    message: bytes
    times: int
    delay_s: float


class FaultProxy:
    """Used as an async context manager. seen: how often each message passed, faults included."""

    def __init__(self, host: str, port: int, path: str = "/ndc") -> None:
        self._target = (host, port)
        self._path = path
        self._planted: list[_Planted] = []
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self.seen: Counter[str] = Counter()

    async def __aenter__(self) -> "FaultProxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    @property
    def url(self) -> str:
        """Where clients are to send to."""
        if self._server is None:
            raise RuntimeError("use FaultProxy with `async with`")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._path}"

    def plant(
        self, spoil: Spoil, message: str = "", *, times: int = 1, delay_s: float = 1.0
    ) -> None:
        """Spoils the next requests whose body has `message` in it; "": any."""
        self._planted.append(_Planted(spoil, message.encode(), times, delay_s))

    def clear(self) -> None:
        """Takes faults away that were not met."""
        self._planted.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        if talk is not None:
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
        try:
            request = await _read_request(reader)
            if request:
                await self._answer(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a side went away, or the proxy closes: nobody is left to tell
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        planted = self._next(request)
        name = re.search(rb"IATA_[A-Za-z]+", request)
        self.seen[name[0].decode() if name else ""] += 1
        spoil = planted.spoil if planted else None
        if spoil is Spoil.LOST_BEFORE:
            return
        if spoil is Spoil.UNAVAILABLE:
            writer.write(_UNAVAILABLE)
            return
        reply = await self._forward(request)
        if spoil is Spoil.DUPLICATE:
            reply = await self._forward(request)
        if spoil is Spoil.REPLY_LOST:
            return
        if spoil is Spoil.SILENCE:
            await asyncio.Event().wait()
        if spoil is Spoil.LATE and planted:
            await asyncio.sleep(planted.delay_s)
        await _reply(reply, spoil, writer)

    def _next(self, request: bytes) -> _Planted | None:
        for planted in self._planted:
            if planted.message in request:
                planted.times -= 1
                if planted.times <= 0:
                    self._planted.remove(planted)
                return planted
        return None

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    """Head and body, told to close the connection after it; b"" where nothing came."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = _LENGTH.search(head)
    many = int(length[1]) if length else 0
    if many > MAX_REQUEST:
        return b""
    body = await reader.readexactly(many)
    head = _CONNECTION.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n"
    return head + body


async def _reply(reply: bytes, spoil: Spoil | None, writer: asyncio.StreamWriter) -> None:
    if spoil is Spoil.GARBAGE:
        reply = _GARBAGE
    elif spoil in {Spoil.TRUNCATED, Spoil.RESET}:
        reply = reply[: len(reply) * 2 // 3]
    if spoil is Spoil.SLICED:
        for at in range(0, len(reply), SLICE):
            writer.write(reply[at : at + SLICE])
            await writer.drain()
    else:
        writer.write(reply)
        await writer.drain()
    if spoil is Spoil.RESET:
        # closing with a linger of zero seconds sends RST instead of FIN
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
