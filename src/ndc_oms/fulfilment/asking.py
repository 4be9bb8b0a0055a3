"""Asking another system, with a limit: whatever goes wrong on the way leaves it unknown."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from ndc_oms.ports.outcome import Outcome, Unknown

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def answer_of(call: Awaitable[Outcome[T]], within_s: float) -> Outcome[T]:
    """The answer; Unknown where none comes in time, or an adapter raises though it must not."""
    try:
        async with asyncio.timeout(within_s):
            return await call
    except TimeoutError:
        return Unknown(f"no answer within {within_s:g} s")
    except Exception as bug:
        log.exception("an adapter raised")
        return Unknown(f"the adapter failed: {type(bug).__name__}")
