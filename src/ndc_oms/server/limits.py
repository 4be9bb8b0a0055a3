"""How much a seller may ask, and how much of it becomes orders. In memory, for each process."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ndc_oms.ports.sellers import Seller

BURST_S: Final = 2.0  # a seller that was silent may spend so many seconds' requests at once
LOOK: Final = "IATA_AirShoppingRQ"
BOOK: Final = "IATA_OrderCreateRQ"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """A token bucket for each seller, filled at its rate_per_s."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}

    def wait_s(self, seller: Seller) -> int:
        """0 when the request may go on (a token is taken); else whole seconds to wait."""
        now, rate = self._monotonic(), max(seller.rate_per_s, 0.001)
        full = max(rate * BURST_S, 1.0)
        bucket = self._buckets.setdefault(seller.org_id, _Bucket(full, now))
        bucket.tokens = min(full, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return math.ceil((1 - bucket.tokens) / rate)


class LookToBook:
    """Shopping requests and new orders of each seller in the last hour, to the minute."""

    WINDOW: Final = 60  # minutes

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._minutes: dict[str, deque[list[int]]] = {}  # of [minute, looks, books]

    def record(self, org_id: str, message: str, outcome: str) -> None:
        """Looks count whatever their outcome: they cost the same. Books count when done."""
        look, book = message == LOOK, message == BOOK and outcome == "ok"
        if not (look or book):
            return
        minutes = self._recent(org_id)
        minute = self._minute()
        if not minutes or minutes[-1][0] != minute:
            minutes.append([minute, 0, 0])
        minutes[-1][1] += look
        minutes[-1][2] += book

    def each(self) -> Iterator[tuple[str, int, int]]:
        """(org_id, looks, books)."""
        for org_id in self._minutes:
            minutes = self._recent(org_id)
            yield org_id, sum(m[1] for m in minutes), sum(m[2] for m in minutes)

    def _minute(self) -> int:
        return int(self._monotonic() // 60)

    def _recent(self, org_id: str) -> deque[list[int]]:
        minutes = self._minutes.setdefault(org_id, deque())
        while minutes and minutes[0][0] <= self._minute() - self.WINDOW:
            minutes.popleft()
        return minutes
