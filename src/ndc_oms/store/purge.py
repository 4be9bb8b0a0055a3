"""What is not needed any more goes, a little at a time, so that nobody waits for it.

Priced offers and quotes go a day after they expired; the bytes of replies and of the requests
that they answer after 30 days; what was counted of a flight (stock) 30 days after its departure. A
key and the order that it made stay for ever: whoever sends it again gets the order as it stands.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Integer, Table, bindparam, delete, null, select, tuple_, update

from ndc_oms.errors import Unavailable
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.store import Unit
from ndc_oms.store.hand import Hand
from ndc_oms.store.rows import micros
from ndc_oms.store.tables import claims, offers, purged, quotes, stock, stock_takings
from ndc_oms.store.writer import Writer

EXPIRED_FOR: Final = timedelta(days=1)
REPLIES_FOR: Final = timedelta(days=30)
STOCK: Final = "stock"  # in the table of what was let go
AT_ONCE: Final = 200  # rows of each kind in one transaction: a few milliseconds
PAUSE_S: Final = 0.2  # between two of them: others write meanwhile
EVERY_S: Final = 600.0

log = structlog.get_logger(__name__)


def _expired(table: Table, key: str) -> Any:  # a Delete
    due = (
        select(table.c[key])
        .where(table.c.expires_at < bindparam("expired_"))
        .order_by(table.c.expires_at)
        .limit(bindparam("limit_", type_=Integer))
        .with_for_update(skip_locked=True)  # another process may be at it
        .cte("due")
    )
    return delete(table).where(table.c[key].in_(select(due.c[key]))).returning(table.c[key])


_OFFERS: Final = _expired(offers, "offer_id")
_QUOTES: Final = _expired(quotes, "quote_id")
_OLD: Final = (
    select(claims.c.seller, claims.c.key)
    .where(claims.c.reply.is_not(None), claims.c.replied_at < bindparam("replied_"))
    .order_by(claims.c.replied_at)
    .limit(bindparam("limit_", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_REPLIES: Final = (
    update(claims)
    .where(tuple_(claims.c.seller, claims.c.key).in_(select(_OLD.c.seller, _OLD.c.key)))
    .values(reply=null(), request=null())
    .returning(claims.c.key)
)


_FLOWN: Final = (
    select(stock.c.flight)
    .where(stock.c.day < bindparam("day_", type_=Integer))
    .distinct()
    .order_by(stock.c.flight)
    .limit(bindparam("limit_", type_=Integer))
)
_TAKINGS: Final = delete(stock_takings).where(stock_takings.c.flight == bindparam("flight_"))
_STOCK: Final = delete(stock).where(stock.c.flight == bindparam("flight_"))
_PURGED: Final = (
    update(purged)
    .where(purged.c.what == STOCK, purged.c.before < bindparam("day_", type_=Integer))
    .values(before=bindparam("day_", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Purge(Unit[int]):
    """At most `limit` rows of each kind. The answer: how many it were of the fullest kind."""

    now: datetime
    limit: int = AT_ONCE


def purge(hand: Hand, unit: Purge) -> int:
    asked = {
        "expired_": micros(unit.now - EXPIRED_FOR),
        "replied_": micros(unit.now - REPLIES_FOR),
        "limit_": unit.limit,
    }
    most = max(len(hand.rows(statement, asked)) for statement in (_OFFERS, _QUOTES, _REPLIES))
    return max(most, _purge_stock(hand, unit))


def _purge_stock(hand: Hand, unit: Purge) -> int:
    """Counters and takings of a flight go together, so that they still add up (I9)."""
    day = (unit.now - REPLIES_FOR).date().toordinal()
    flights = hand.rows(_FLOWN, {"day_": day, "limit_": unit.limit})
    for (flight,) in flights:
        hand.change_any(_TAKINGS, [{"flight_": flight}])
        hand.change_any(_STOCK, [{"flight_": flight}])
    if flights:
        hand.add_if_new(purged, [{"what": STOCK, "before": 0}])
        hand.change_any(_PURGED, [{"day_": day}])
    return len(flights)


class Purger:
    """Any number of processes may run one."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    async def run_due(self) -> int:
        """Until nothing is left that is old enough; how many transactions it took."""
        taken = 1
        while await self._writer.write(Purge(self._clock.now())) == AT_ONCE:
            taken += 1
            await asyncio.sleep(PAUSE_S)
        return taken

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. A database that fails is tried again the next time."""
        while not stop.is_set():
            try:
                await self.run_due()
            except Unavailable as failed:
                log.warning("purge failed", error=str(failed.__cause__ or failed))
            try:
                await asyncio.wait_for(stop.wait(), EVERY_S)
            except TimeoutError:
                continue
