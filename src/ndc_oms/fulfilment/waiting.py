"""Requests of this process that wait for their orders: what their replies tell is not pushed.

Whoever records looks whether a request is there, and none leaves before that is on disk: it then
reads the order with it. So each change is in a reply, or pushed; a request that waits while another
process records is told twice.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class _Place:
    """Of one order. recording: held while something is recorded that a reply is to tell."""

    requests: int = 0
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)


class Waiting:
    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}

    @asynccontextmanager
    async def request(self, order_id: str) -> AsyncIterator[None]:
        """Inside, a request waits. It reads the order afterwards, if it did not see its end."""
        place = self._places.setdefault(order_id, _Place())
        place.requests += 1
        try:
            yield
        finally:
            try:
                async with place.recording:
                    pass
            finally:  # also where it is cancelled once more while it waits
                place.requests -= 1
                if not place.requests:
                    self._places.pop(order_id, None)

    @asynccontextmanager
    async def recording(self, order_id: str) -> AsyncIterator[bool]:
        """Inside, something is recorded; whether a request is there to tell of it."""
        place = self._places.get(order_id)
        if place is None:
            yield False
            return
        async with place.recording:
            yield place.requests > 0
