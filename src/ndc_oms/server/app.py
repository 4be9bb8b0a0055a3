"""The web application: which path leads where, and what surrounds every request."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from structlog.typing import FilteringBoundLogger

from ndc_oms.config import Config
from ndc_oms.ndc.exchange import Exchange
from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.sellers import Sellers
from ndc_oms.server.auth import Keyring
from ndc_oms.server.callbacks import PATH as CALLBACKS
from ndc_oms.server.callbacks import Callback, Callbacks
from ndc_oms.server.endpoint import LOG_FIELDS, REQUEST_ID, Endpoint
from ndc_oms.server.health import Health, Ready
from ndc_oms.server.limits import LookToBook, Rates
from ndc_oms.server.memory import collect_now_and_then
from ndc_oms.server.metrics import Metrics
from ndc_oms.server.pages import Pages, Welcome
from ndc_oms.server.payer import PATH as PAYER
from ndc_oms.server.payer import Payer
from ndc_oms.server.siblings import Siblings

Hook = Callable[[], Awaitable[None]]

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET: Final = ("/health/", "/metrics")  # asked every few seconds by machines

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What boot puts together. trials: of experiments, with searches and orders. partners: searches
    at each, by how they ended. siblings: the folder in which workers leave each other their
    metrics. on_start run in order before the first request is accepted, on_stop in reverse after
    the last one was answered.
    """

    exchange: Exchange
    sellers: Sellers
    config: Config
    clock: Clock
    ready: Ready
    welcome: Welcome
    trials: Iterable[tuple[str, int, int]] = ()
    partners: Iterable[tuple[str, str, int]] = ()
    callback: Callback | None = None
    payer_pages: PaymentPages | None = None
    siblings: Path | None = None
    on_start: Sequence[Hook] = field(default=())
    on_stop: Sequence[Hook] = field(default=())


def build_app(parts: Parts) -> web.Application:
    """Routes and hooks. Serve it with listener.listen or listener.serve, which bound what aiohttp
    leaves open.
    """
    app = web.Application(middlewares=[_surrounded_by(log.bind())])
    ratios = LookToBook()
    rates = Rates(parts.sellers.spend)
    siblings = Siblings(parts.siblings) if parts.siblings is not None else None
    metrics = Metrics(ratios, parts.trials, siblings, parts.partners)
    endpoint = Endpoint(
        parts.exchange,
        Keyring(parts.sellers),
        rates,
        ratios,
        metrics,
        body_timeout_s=parts.config.body_timeout_s,
        max_bytes=parts.config.max_body_bytes,
    )
    health = Health(parts.ready)
    pages = Pages(parts.welcome, parts.exchange.messages, parts.clock)
    app.router.add_post("/ndc", endpoint.post)
    app.router.add_post("/ndc/{below:.*}", endpoint.post)
    if parts.callback is not None:
        callbacks = Callbacks(parts.callback, body_timeout_s=parts.config.body_timeout_s)
        app.router.add_post(CALLBACKS, callbacks.post)
        if parts.payer_pages is not None:
            payer = Payer(parts.payer_pages, parts.callback)
            app.router.add_get(PAYER, payer.get)
            app.router.add_post(PAYER, payer.post)
    app.router.add_get("/", pages.welcome)
    app.router.add_get("/examples/AirShoppingRQ.xml", pages.example)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.router.add_get("/metrics", metrics.page)
    app.cleanup_ctx.append(_beside(rates.settle_forever, rates.settle))
    app.cleanup_ctx.append(_beside(metrics.publish_forever))
    app.cleanup_ctx.append(_beside(partial(collect_now_and_then, metrics.is_busy)))
    app.cleanup_ctx.append(_hooks(parts))
    return app


def _beside(
    forever: Callable[[], Coroutine[Any, Any, None]], finish: Hook | None = None
) -> Callable[[web.Application], AsyncIterator[None]]:
    """Work that goes on while requests are served."""

    async def run(_app: web.Application) -> AsyncIterator[None]:
        work = asyncio.create_task(forever())
        yield
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        if finish is not None:
            await finish()

    return run


def _hooks(parts: Parts) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(_app: web.Application) -> AsyncIterator[None]:
        for start in parts.on_start:
            await start()
        yield
        for stop in reversed(parts.on_stop):
            try:
                await stop()
            except Exception as failed:  # the others must still be stopped
                log.error("stop failed", exc_info=failed)

    return run


def _surrounded_by(said: FilteringBoundLogger) -> Middleware:
    """A request id, in the reply and in every log line; and one line for each request, by `said`:
    a logger that is put together once.
    """

    @web.middleware
    async def surround(request: web.Request, handler: Handler) -> web.StreamResponse:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
        request[REQUEST_ID] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 500
        try:
            response = await handler(request)
            status = response.status
            response.headers.update({"X-Request-ID": request_id, "Server": "ndc-oms"})
            return response
        except web.HTTPException as known:
            status = known.status
            known.headers.update({"X-Request-ID": request_id, "Server": "ndc-oms"})
            raise
        finally:
            if not request.path.startswith(_QUIET):
                line = partial(
                    said.info,
                    "request",
                    method=request.method,
                    path=request.path[:200],
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                    **request.get(LOG_FIELDS, {}),
                )
                # no reply waits for it; those of one turn are written one after another
                asyncio.get_running_loop().call_soon(line)

    return surround
