"""POST /ndc: from HTTP to the exchange and back.

HTTP speaks only of what HTTP knows: 400 not XML or not a message served, 401 key, 408 too slow,
413 too large, 415 media type or coding, 429 too many, 500 a bug. Everything that concerns travel
is an NDC reply with 200. Every refusal has an NDC body too, so that clients parse one thing.
"""

import asyncio
import time
import zlib
from typing import Final

import structlog
from aiohttp import web
from isal import isal_zlib

from ndc_oms.errors import Invalid, NotAllowed, Refusal, Unavailable
from ndc_oms.ndc import faults
from ndc_oms.ndc.exchange import Exchange, Reply
from ndc_oms.ports.sellers import Caller
from ndc_oms.server.auth import Keyring, sent_key
from ndc_oms.server.limits import LookToBook, Rates
from ndc_oms.server.metrics import Metrics

REQUEST_ID: Final = web.RequestKey("request_id", str)
LOG_FIELDS: Final = web.RequestKey("log_fields", dict[str, object])

GZIP_FROM: Final = 1024  # bytes; below, packing costs more than it saves
GZIP_LEVEL: Final = 1  # of ISA-L: 750 KB of offers to an 18th in 0.2 ms, where zlib takes 1.3
THREAD_FROM: Final = 8 * 1024 * 1024  # bytes; above, packing would hold up the loop for long

_MEDIA: Final = ("application/xml", "text/xml")
_CHARSETS: Final = (None, "utf-8", "utf8", "us-ascii", "ascii")
_HEADERS: Final = {
    "Content-Type": "application/xml; charset=utf-8",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger(__name__)


class TurnedAway(Exception):  # noqa: N818 — a way out, not an error of ours
    """A request that ends before its document is read."""

    def __init__(self, status: int, refused: Refusal, **headers: str) -> None:
        super().__init__(refused.text)
        self.status = status
        self.refused = refused
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Endpoint:
    """body_timeout_s: to read a body whole. max_bytes: of a body, packed and unpacked."""

    def __init__(
        self,
        exchange: Exchange,
        keyring: Keyring,
        rates: Rates,
        ratios: LookToBook,
        metrics: Metrics,
        *,
        body_timeout_s: float,
        max_bytes: int,
    ) -> None:
        self._exchange = exchange
        self._keyring = keyring
        self._rates = rates
        self._ratios = ratios
        self._metrics = metrics
        self._body_timeout_s = body_timeout_s
        self._max_bytes = max_bytes

    async def post(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        self._metrics.at_work += 1
        try:
            reply, headers = await self._answer(request)
        finally:
            self._metrics.at_work -= 1
        took_s = time.perf_counter() - started
        loop = asyncio.get_running_loop()  # counted when every reply of this turn was sent
        loop.call_soon(self._metrics.answered, reply.message, reply.outcome, took_s)
        fields = request.setdefault(LOG_FIELDS, {})
        fields.update(message=reply.message, outcome=reply.outcome, code=reply.code)
        return await _response(request, reply, headers)

    async def _answer(self, request: web.Request) -> tuple[Reply, dict[str, str]]:
        try:
            caller = await self._caller(request)
            request.setdefault(LOG_FIELDS, {})["seller"] = caller.seller.org_id
            self._admit(caller)
            body = await self._body(request)
        except TurnedAway as turned:
            text = self._exchange.refuse(turned.refused)
            code = turned.refused.code
            reply = Reply(text, status=turned.status, outcome="turned away", code=code)
            return reply, turned.headers
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as bug:  # the store of sellers may fail too
            log.error("bug", exc_info=bug, error_id=request[REQUEST_ID])
            refused = faults.internal_error(may_have_acted=False)
            return Reply(self._exchange.refuse(refused), 500, outcome="bug", code="911"), {}
        # Who came in at the same time is let in first, or turned away: neither waits for this
        # answer, and the code that does it is run at a stretch, out of the processor's caches.
        await asyncio.sleep(0)
        reply = await self._exchange.handle(body, caller, request.headers)
        self._ratios.record(caller.seller.org_id, reply.message, reply.outcome)
        wait = reply.retry_after_s
        return reply, {} if wait is None else {"Retry-After": str(wait)}

    async def _caller(self, request: web.Request) -> Caller:
        key = sent_key(request.headers)
        seller = await self._keyring.find(key) if key else None
        if seller is None:
            raise TurnedAway(
                401,
                NotAllowed(
                    "The API key is not valid." if key else "No API key was sent.",
                    code="111",
                    remedy="Send it as X-API-Key, Ocp-Apim-Subscription-Key or a Bearer token.",
                ),
                WWW_Authenticate='Bearer realm="ndc"',
            )
        return Caller(seller, request[REQUEST_ID])

    def _admit(self, caller: Caller) -> None:
        wait_s = self._rates.wait_s(caller.seller)
        if wait_s:
            raise TurnedAway(
                429,
                Unavailable(
                    f"More than {caller.seller.rate_per_s:g} requests a second.",
                    remedy=f"Wait {wait_s} s and send the message again.",
                    retry_after_s=wait_s,
                ),
                Retry_After=str(wait_s),
            )

    async def _body(self, request: web.Request) -> bytes:
        coding = _check_media(request)
        if (request.content_length or 0) > self._max_bytes:
            raise self._too_large()
        try:
            # most bodies come with their head: then there is nothing to wait for
            if request.content.is_eof():
                body = await self._read(request)
            else:
                async with asyncio.timeout(self._body_timeout_s):
                    body = await self._read(request)
        except TimeoutError:
            raise TurnedAway(
                408,
                Unavailable(
                    f"The body did not arrive within {self._body_timeout_s:g} s.",
                    remedy="Send the message again.",
                ),
                Connection="close",
            ) from None
        return self._unpacked(body) if coding == "gzip" else body

    async def _read(self, request: web.Request) -> bytes:
        """Not request.read(): its limit is the application's, and its answer is not ours."""
        body = bytearray()
        while chunk := await request.content.readany():
            body += chunk
            if len(body) > self._max_bytes:
                raise self._too_large()
        return bytes(body)

    def _unpacked(self, packed: bytes) -> bytes:
        unpack = zlib.decompressobj(wbits=31)
        try:
            body = unpack.decompress(packed, self._max_bytes + 1)
        except zlib.error:
            raise _bad_gzip() from None
        if len(body) > self._max_bytes:
            raise self._too_large()
        if not unpack.eof or unpack.unused_data:
            raise _bad_gzip()
        return body

    def _too_large(self) -> TurnedAway:
        return TurnedAway(
            413,
            Invalid(
                f"The body is larger than {self._max_bytes} bytes.",
                remedy="Send a smaller message.",
            ),
            Connection="close",
        )


def _check_media(request: web.Request) -> str:
    """The content coding: "" or gzip."""
    charset = request.charset
    if request.content_type not in _MEDIA or (charset and charset.lower()) not in _CHARSETS:
        raise TurnedAway(
            415,
            Invalid(
                "The body is not declared as XML in UTF-8.",
                remedy="Send Content-Type: application/xml.",
            ),
            Accept=", ".join(_MEDIA),
        )
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise TurnedAway(
            415,
            Invalid(
                "The body has a content coding that is not read here.",
                remedy="Send it as it is, or with gzip.",
            ),
            Accept_Encoding="gzip",
        )
    return "gzip" if coding.endswith("gzip") else ""


def _bad_gzip() -> TurnedAway:
    return TurnedAway(
        400,
        Invalid(
            "The body is not one whole gzip stream.", remedy="Pack it again, or send it plain."
        ),
    )


async def _response(request: web.Request, reply: Reply, headers: dict[str, str]) -> web.Response:
    body, more = reply.body, {**_HEADERS, **headers}
    if len(body) >= GZIP_FROM and takes_gzip(request.headers.get("Accept-Encoding", "")):
        body = await asyncio.to_thread(pack, body) if len(body) > THREAD_FROM else pack(body)
        more["Content-Encoding"] = "gzip"
    response = web.Response(body=body, status=reply.status, headers=more)
    if more.get("Connection") == "close":
        response.force_close()
    return response


def takes_gzip(accepted: str) -> bool:
    """Of an Accept-Encoding header (RFC 9110, 12.5.3); gzip by name counts before `*`."""
    weights: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        refused = weight.replace(" ", "").rstrip("0").rstrip(".") in ("q=", "q=0")
        weights[coding.strip()] = not refused
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


def pack(body: bytes) -> bytes:
    """gzip. At once: a quarter cheaper than a stream of one piece."""
    return isal_zlib.compress(body, GZIP_LEVEL, wbits=31)
