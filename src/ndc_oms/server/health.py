"""Alive: the process answers. Ready: each part behind it says that it can serve."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from aiohttp import web

# Names of parts, each with "" when it is well, else what is wrong in a few words.
Ready = Callable[[], Awaitable[Mapping[str, str]]]

DEADLINE_S: Final = 2.0  # a probe that hangs is as useless as one that fails

log = structlog.get_logger(__name__)


class Health:
    def __init__(self, ready: Ready) -> None:
        self._ready = ready

    async def live(self, _request: web.Request) -> web.Response:
        """GET /health/live"""
        return web.json_response({"live": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """GET /health/ready: 200, or 503 with the parts that are not well."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                parts = dict(await self._ready())
        except Exception as failed:  # a probe answers, whatever is broken
            log.warning("not ready", exc_info=failed)
            parts = {"probe": type(failed).__name__}
        well = not any(parts.values())
        said = {name: wrong or "ok" for name, wrong in parts.items()}
        return web.json_response({"ready": well, "parts": said}, status=200 if well else 503)
