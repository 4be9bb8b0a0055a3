"""The socket: how many connections, how long a head may take, and a graceful end.

aiohttp bounds the size of a request's head but not the time that it takes, so a client that sends
a byte now and then holds a connection for ever. `Connection` closes it: 408 when a head that was
begun, or the first head of a connection, is not complete in time. Idle connections between two
requests are closed after the keep-alive time. Above the cap a new connection is answered 503 at
once and closed, so that a client sees why; leaving it in the backlog would look like an outage.
"""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import structlog
from aiohttp import http_writer, web
from aiohttp.web_protocol import RequestHandler

from ndc_oms.config import Config
from ndc_oms.server.memory import keep_heap, spare_collector

LINGER_S: Final = 2.0  # to let a refused body run out, so that the refusal is not lost by a reset
BACKLOG: Final = 512

# aiohttp copies head and body into one block before it sends them, since the transports of Python's
# own loop would do so later. uvloop's send both as they are, in one call: replies have megabytes.
http_writer.SKIP_WRITELINES = False

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Open:
    """Connections of one listener. most: the cap."""

    most: int
    now: int = 0


def _bare(status: str, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{more}Content-Length: 0\r\n\r\n".encode()


class Connection(RequestHandler):
    """aiohttp's protocol with a time-out for heads and a cap on connections."""

    __slots__ = ("_counted", "_head_timeout_s", "_head_timer", "_open")

    def __init__(self, server: web.Server, opened: _Open, config: Config) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=config.keepalive_s,
            lingering_time=LINGER_S,
            access_log=None,  # type: ignore[arg-type]  # None turns it off; its type forgets to say so
            auto_decompress=False,  # the endpoint unpacks, to its own bound
        )
        self._open = opened
        self._counted = False
        self._head_timeout_s = config.header_timeout_s
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._open.now >= self._open.most:
            # a cast, not isinstance: uvloop's transports are no subclasses of asyncio's
            cast(asyncio.Transport, transport).write(
                _bare("503 Service Unavailable", "Retry-After: 1\r\n")
            )
            transport.close()
            return
        self._open.now += 1
        self._counted = True
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: BaseException | None) -> None:
        if not self._counted:
            return
        self._counted = False
        self._open.now -= 1
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._counted:
            return
        super().data_received(data)
        if not self._waits_for_head():
            self._stop_timer()
        elif self._head_timer is None:
            self._start_timer()

    def _waits_for_head(self) -> bool:
        # aiohttp's future for the next request: there is one, unfulfilled, while none is parsed;
        # but for the first request there is none before aiohttp's task has run, and on a busy
        # machine data may come sooner. Not public; test_listener fails should a release change it.
        if self._request_count == 0:
            return True
        return self._waiter is not None and not self._waiter.done()

    def _start_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._head_timer = loop.call_later(self._head_timeout_s, self._too_slow)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if self._waits_for_head() and self.transport is not None:
            self.transport.write(_bare("408 Request Timeout"))
            self.force_close()


class Listener:
    """An application on a socket. Use `await listen(…)`, and `await close()` in the end."""

    def __init__(self, runner: web.AppRunner, socket: asyncio.Server) -> None:
        self._runner = runner
        self._socket = socket

    @property
    def port(self) -> int:
        """The one in use, also where 0 was asked for."""
        return int(self._socket.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Accepts nothing more, finishes what is in flight, then stops the background work."""
        self._socket.close()
        await self._runner.cleanup()


async def listen(app: web.Application, config: Config) -> Listener:
    """Raises OSError when the address is taken; then nothing was left running."""
    runner = web.AppRunner(app, shutdown_timeout=config.shutdown_s, access_log=None)
    await runner.setup()
    server, opened = runner.server, _Open(config.max_connections)
    if server is None:
        raise AssertionError("a runner that was set up has a server")
    try:
        socket = await asyncio.get_running_loop().create_server(
            lambda: Connection(server, opened, config),
            config.host,
            config.port,
            backlog=BACKLOG,
            reuse_port=config.workers > 1,
        )
    except OSError:
        await runner.cleanup()
        raise
    return Listener(runner, socket)


async def serve(
    app: web.Application, config: Config, announce: Callable[[int], None] | None = None
) -> None:
    """Until SIGTERM or SIGINT. announce: called with the port once requests are accepted."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    listener = await listen(app, config)
    spare_collector()
    keep_heap()
    if announce is not None:
        announce(listener.port)
    await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)  # a second one ends the process at once
    log.info("stopping", grace_s=config.shutdown_s)
    await listener.close()
    log.info("stopped")
