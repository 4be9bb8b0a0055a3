"""POST /payment/callback/{gateway}: payment providers tell what became of a payer.

Nobody's key is asked for: the provider signs its callback, and its gateway checks that before
anything is read. 204 heard (again), 400 unreadable, 403 wrong signature, 404 no such payment, 409
no longer wanted, 408 and 413 as everywhere, 503 not now: providers send it again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from ndc_oms.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal

PATH: Final = "/payment/callback/{gateway}"
MAX_BYTES: Final = 64 * 1024
Callback = Callable[[str, bytes, Mapping[str, str]], Awaitable[None]]
_STATUSES: Final = ((NotFound, 404), (NotAllowed, 403), (Invalid, 400), (Conflict, 409))


class Callbacks:
    """body_timeout_s: to read a body whole."""

    def __init__(self, callback: Callback, *, body_timeout_s: float) -> None:
        self._callback = callback
        self._body_timeout_s = body_timeout_s

    async def post(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(self._body_timeout_s):
                body = await _read(request)
        except TimeoutError:
            return _said(408, "The body did not arrive in time.")
        if body is None:
            return _said(413, "The callback is too large.")
        try:
            await self._callback(request.match_info["gateway"], body, request.headers)
        except Refusal as refused:
            status = next((each for kind, each in _STATUSES if isinstance(refused, kind)), 503)
            return _said(status, refused.text)
        return web.Response(status=204)


async def _read(request: web.Request) -> bytes | None:
    """None: too large."""
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def _said(status: int, text: str) -> web.Response:
    response = web.Response(status=status, text=f"{text}\n")
    if status in (408, 413):
        response.force_close()
    return response
