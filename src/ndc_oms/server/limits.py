"""How much a seller may ask, and how much of it becomes orders.

Rates hold for all processes together, on however many machines, without a request ever waiting
for the database: each process counts in memory and settles with the others through the store,
when a seller spent an eighth of its bucket, and once a second. Between two settlements a process
lets through what it believes to be left, so a burst may be longer by an eighth for each process
more; what was too much is owed, and over time the rate holds exactly. While the database cannot
be asked, each process limits by itself.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from ndc_oms.errors import Unavailable
from ndc_oms.ports.sellers import Seller, Spent

BURST_S: Final = 2.0  # a seller that was silent may spend so many seconds' requests at once
SHARE: Final = 1 / 8  # of a bucket that a process may spend before it settles
SETTLE_S: Final = 1.0
LOOK: Final = "IATA_AirShoppingRQ"
BOOK: Final = "IATA_OrderCreateRQ"

Spend = Callable[[Sequence[Spent], datetime], Awaitable[Mapping[str, float]]]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Bucket:
    """tokens: what this process believes to be left. spent: by it, not settled yet."""

    tokens: float
    at: float
    rate: float
    full: float
    spent: float = 0.0


class Rates:
    """A token bucket for each seller, filled at its rate_per_s.

    spend: settles with the other processes; None: there are none. monotonic: seconds, for tests.
    """

    def __init__(
        self, spend: Spend | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._spend = spend
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}
        self._much = asyncio.Event()

    def wait_s(self, seller: Seller) -> int:
        """0 when the request may go on (a token is taken); else whole seconds to wait."""
        bucket = self._filled(seller)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.spent += 1
            if bucket.spent >= bucket.full * SHARE:
                self._much.set()
            return 0
        return math.ceil((1 - bucket.tokens) / bucket.rate)

    def _filled(self, seller: Seller) -> _Bucket:
        now, rate = self._monotonic(), max(seller.rate_per_s, 0.001)
        full = max(rate * BURST_S, 1.0)
        bucket = self._buckets.get(seller.org_id)
        if bucket is None:
            bucket = self._buckets[seller.org_id] = _Bucket(full, now, rate, full)
        bucket.rate, bucket.full = rate, full
        bucket.tokens = min(full, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        return bucket

    async def settle(self) -> None:
        """Says what was spent here, and hears what is left of all."""
        self._much.clear()
        due = {org_id: each for org_id, each in self._buckets.items() if each.spent}
        if self._spend is None or not due:
            return
        spent = {org_id: each.spent for org_id, each in due.items()}
        for each in due.values():
            each.spent = 0.0
        uses = [Spent(org_id, spent[org_id], e.rate, e.full) for org_id, e in due.items()]
        try:
            left = await self._spend(uses, datetime.now(UTC))
        except Unavailable as failed:
            log.warning("rates are not settled", error=str(failed.__cause__ or failed))
            for org_id, each in due.items():
                each.spent += spent[org_id]
            return
        for org_id, each in due.items():
            each.tokens = left[org_id] - each.spent  # less what was spent while it was asked
            each.at = self._monotonic()

    async def settle_forever(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._much.wait(), SETTLE_S)
            try:
                await self.settle()
            except Exception:  # a bug must not end what keeps the limits
                log.exception("rates are not settled")
                await asyncio.sleep(SETTLE_S)


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
