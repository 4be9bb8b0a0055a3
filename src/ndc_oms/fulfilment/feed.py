"""Follows the PSS's feed: what happens to coupons and flights becomes events of their orders.

One process follows at a time, under a lease; what a line does to an order and the step behind the
line are one transaction. Lines that concern nobody are passed over, many at a time.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from ndc_oms.errors import Conflict, Unavailable
from ndc_oms.fulfilment.asking import answer_of
from ndc_oms.fulfilment.plan import record, waiting_task
from ndc_oms.model.airline_change import Heard
from ndc_oms.model.delivery import is_news
from ndc_oms.model.events import CouponMoved, Event, FlightChangeHeard
from ndc_oms.model.order import Order
from ndc_oms.model.status import OrderStatus
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.hearing import HearingStore, LeaseFeed, MoveFeed, RecordHeard
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import COUPON, NO_SHOW, SCHEDULE, PssEvent, SeatSource
from ndc_oms.ports.store import LeaseLost

FEED: Final = "pss"
BATCH: Final = 500  # lines a poll
LEASE: Final = timedelta(seconds=30)
CALL_S: Final = 10.0
POLL_S: Final = 0.5
PATIENCE_S: Final = 5.0  # while the PSS does not say, or another process follows

log = structlog.get_logger(__name__)


class Feed:
    """owner: names this process in leases. wake: told when an order has something to do."""

    def __init__(
        self,
        store: HearingStore,
        pss: SeatSource,
        clock: Clock,
        owner: str,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._pss = pss
        self._clock = clock
        self._owner = owner
        self._wake = wake
        self._cursor = 0  # up to which every line is heard
        self._kept = 0  # the same, as the store has it
        self._leased_until: datetime | None = None
        self._at_it = asyncio.Lock()  # a line is heard once, whoever asks

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. A store or a PSS that fails is asked again."""
        while not stop.is_set():
            patience_s = PATIENCE_S
            try:
                if await self.run_due() is not None:
                    patience_s = POLL_S
            except (Unavailable, LeaseLost) as failed:
                log.warning("the feed waits", error=failed.text)
            except Exception:
                log.exception("the feed was left")  # the next round begins at the same line
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), patience_s)

    async def run_due(self) -> int | None:
        """Every line that there is by now; how many it were, None where another process follows
        the feed, or the PSS does not say.
        """
        async with self._at_it:
            return await self._follow()

    async def _follow(self) -> int | None:
        lines = 0
        while await self._mine():
            found = await answer_of(self._pss.events(self._cursor, BATCH), CALL_S)
            if not isinstance(found, Confirmed):
                return None
            for line in found.value:
                await self._hear_or_pass(line)
                self._cursor = line.cursor
            if self._cursor - self._kept >= BATCH:
                await self._keep()
            lines += len(found.value)
            if len(found.value) < BATCH:
                return lines
        return None

    async def _mine(self) -> bool:
        """Whether this process follows the feed; where it does, for some time from now."""
        now = self._clock.now()
        if self._leased_until is not None and now < self._leased_until - LEASE / 2:
            return True
        until = now + LEASE
        kept = await self._store.write(LeaseFeed(FEED, self._owner, now, until))
        self._leased_until = None if kept is None else until
        if kept is not None:
            self._kept, self._cursor = kept, max(kept, self._cursor)
        return kept is not None

    async def _keep(self) -> None:
        """What nobody was concerned by needs no keeping line by line."""
        await self._store.write(MoveFeed(FEED, self._owner, self._cursor))
        self._kept = self._cursor

    async def _hear_or_pass(self, line: PssEvent) -> None:
        """A line that cannot be carried out must not hold up all that follow it."""
        try:
            await self._hear(line)
        except (Unavailable, LeaseLost):
            raise  # the store, or another process: the line is heard later
        except Exception:
            log.exception("a line of the feed was passed over", cursor=line.cursor, kind=line.kind)

    async def _hear(self, line: PssEvent) -> None:
        if line.kind in {COUPON, NO_SHOW} and line.document is not None:
            await self._coupon(line, line.document)
        elif line.kind == SCHEDULE and line.change is not None:
            for order_id in await self._store.list_by_flight(line.change.key):
                await self._schedule(order_id, Heard(f"{FEED}-{line.cursor}", line.change))

    async def _coupon(self, line: PssEvent, number: str) -> None:
        found = await self._store.find_by_document(number)
        if found is None or line.coupon is None or line.status is None:
            return
        told = CouponMoved(
            at=self._clock.now(),
            document=number,
            coupon=line.coupon,
            status=line.status,
            no_show=line.kind == NO_SHOW,
            ancillary=True,
        )
        while is_news(found.order, told):
            if await self._record(found.order, told, line.cursor):
                return
            found = await self._store.get_order(found.order.order_id, None)

    async def _schedule(self, order_id: str, heard: Heard) -> None:
        """Whoever looks at the order next sees to it; see `airline_changes.py`."""
        while True:
            order = (await self._store.get_order(order_id, None)).order
            if not _concerns(order, heard):
                return
            event = FlightChangeHeard(at=self._clock.now(), heard=heard)
            if await self._record(order, event, None):
                self._wake()
                return

    async def _record(self, order: Order, event: Event, cursor: int | None) -> bool:
        """False where something else happened to the order meanwhile."""
        unit = record(order, (event,), self._clock.now(), done_task=waiting_task(order))
        reached("feed.before")
        try:
            await self._store.write(RecordHeard(unit, FEED, self._owner, cursor))
        except LeaseLost:
            self._leased_until = None
            raise
        except Conflict:
            return False
        self._kept = self._kept if cursor is None else cursor
        reached("feed.recorded")
        return True


def _concerns(order: Order, heard: Heard) -> bool:
    """Whether the order has the flight, and has not heard of this change yet. A new flight under
    the same key (reinstated) may be one that it waits for.
    """
    if order.status is not OrderStatus.OPENED or heard.id in order.heard_ids:
        return False
    flown = {service.segment_id for item in order.live_items for service in item.services}
    return any(
        segment.id in flown and segment.flight.key == heard.change.key for segment in order.segments
    )
