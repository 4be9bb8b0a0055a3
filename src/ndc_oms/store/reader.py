"""The reads: each is one statement on a connection that cannot write.

A statement sees what was committed when it started, so what one of them returns is of one moment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, bindparam, literal, select, union_all
from sqlalchemy.sql.expression import literal_column

from ndc_oms.errors import NotFound
from ndc_oms.model.events import Event
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.offer import Offer
from ndc_oms.model.quote import Quote
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.notify import Endpoint, Notification
from ndc_oms.ports.search import OrderSearch
from ndc_oms.ports.store import Busy, OrderRecord, Replay, Task
from ndc_oms.store import searching
from ndc_oms.store.claims import SELECT_CLAIM, standing_of
from ndc_oms.store.feeds import BY_DOCUMENT, BY_FLIGHT
from ndc_oms.store.hand import Readers
from ndc_oms.store.notices import (
    ALL,
    DUE_RECEIVERS,
    ENDPOINT,
    OF_ORDER,
    read_endpoint,
    read_notification,
)
from ndc_oms.store.rows import (
    TASK_COLUMNS,
    flight_text,
    micros,
    read_event,
    read_offer,
    read_order,
    read_people,
    read_quote,
    read_task,
)
from ndc_oms.store.stocking import SELECT_TAKEN
from ndc_oms.store.tables import bookings, offers, order_events, orders, outbox, people, quotes

_ORDER: Final = "order"
_SNAPSHOT: Final = select(
    literal_column("-1", Integer).label("position"),
    literal(_ORDER).label("kind"),
    orders.c.snapshot.label("payload"),
).where(orders.c.order_id == bindparam("order_id_"))
_PEOPLE: Final = select(people.c.position, people.c.kind, people.c.payload).where(
    people.c.order_id == bindparam("order_id_")
)
_FOR_STAFF: Final = union_all(_SNAPSHOT, _PEOPLE).order_by("position")
_FOR_SELLER: Final = union_all(
    _SNAPSHOT.where(orders.c.seller == bindparam("seller_")), _PEOPLE
).order_by("position")
_BY_BOOKING: Final = (
    select(orders.c.order_id)
    .join(bookings, bookings.c.order_id == orders.c.order_id)
    .where(bookings.c.locator == bindparam("locator_"))
    .order_by(orders.c.created_at.desc())  # a locator that came back means its latest order
    .limit(1)
)
# Adding nothing to the seller keeps the index of all of its orders out of it.
_BY_BOOKING_OF_SELLER: Final = _BY_BOOKING.where(orders.c.seller + "" == bindparam("seller_"))
_EVENTS: Final = (
    select(order_events.c.kind, order_events.c.payload)
    .where(order_events.c.order_id == bindparam("order_id_"))
    .order_by(order_events.c.sequence)
)
_OFFER: Final = select(offers.c.snapshot).where(offers.c.offer_id == bindparam("offer_id_"))
_QUOTE: Final = select(quotes.c.snapshot).where(quotes.c.quote_id == bindparam("quote_id_"))
_TASKS: Final = select(*(outbox.c[name] for name in TASK_COLUMNS)).order_by(
    outbox.c.due_at, outbox.c.created_at
)
_TASKS_OF_ORDER: Final = _TASKS.where(outbox.c.order_id == bindparam("order_id_"))


class Reader:
    """The reading half of `ports/store.Store`."""

    def __init__(self, readers: Readers, clock: Clock) -> None:
        self._readers = readers
        self._clock = clock

    async def get_order(self, order_id: str, seller: str | None) -> OrderRecord:
        """Raises NotFound (129), the same for no order and for another seller's."""
        statement = _FOR_STAFF if seller is None else _FOR_SELLER
        rows = await self._readers.rows(statement, {"order_id_": order_id, "seller_": seller})
        if not rows or rows[0][1] != _ORDER:
            raise NotFound(
                f"There is no order {order_id}.", remedy="Check the OrderID and whose it is."
            )
        return OrderRecord(read_order(rows[0][2]), read_people([row[1:] for row in rows[1:]]))

    async def find_by_booking(self, locator: str, seller: str | None) -> OrderRecord | None:
        """The latest order with this locator that the seller may see."""
        statement = _BY_BOOKING if seller is None else _BY_BOOKING_OF_SELLER
        asked = {"locator_": locator, "seller_": seller}
        for (order_id,) in await self._readers.rows(statement, asked):
            return await self.get_order(order_id, seller)
        return None

    async def find_by_document(self, number: str) -> OrderRecord | None:
        """The order whose ticket or EMD it is."""
        for (order_id,) in await self._readers.rows(BY_DOCUMENT, {"number_": number}):
            return await self.get_order(order_id, None)
        return None

    async def list_by_flight(self, flight: FlightKey) -> Sequence[str]:
        """OrderIDs of open orders that had a seat on the flight at any time, the oldest first."""
        rows = await self._readers.rows(BY_FLIGHT, {"flight_": flight_text(flight)})
        return [order_id for (order_id,) in rows]

    async def search_orders(self, search: OrderSearch) -> Sequence[OrderRecord]:
        """See `searching.search`."""
        return await searching.search(self._readers, search)

    async def list_events(self, order_id: str) -> Sequence[Event]:
        """Oldest first; empty for an order that is not there."""
        rows = await self._readers.rows(_EVENTS, {"order_id_": order_id})
        return [read_event(kind, payload) for kind, payload in rows]

    async def find_offer(self, offer_id: str) -> Offer | None:
        for (snapshot,) in await self._readers.rows(_OFFER, {"offer_id_": offer_id}):
            return read_offer(snapshot)
        return None

    async def find_quote(self, quote_id: str) -> Quote | None:
        for (snapshot,) in await self._readers.rows(_QUOTE, {"quote_id_": quote_id}):
            return read_quote(snapshot)
        return None

    async def find_claim(self, seller: str, key: str) -> Replay | Busy | None:
        """None: never claimed, dropped, or its owner died before the order was recorded."""
        now = micros(self._clock.now())
        for order_id, _body_hash, lease_until, reply, recorded in await self._readers.rows(
            SELECT_CLAIM, {"seller_": seller, "key_": key}
        ):
            return standing_of(order_id, lease_until, reply, recorded, now)
        return None

    async def stock_taken(self, flight: FlightKey) -> Mapping[str, int]:
        rows = await self._readers.rows(SELECT_TAKEN, {"flight_": str(flight)})
        return {what: count for what, count in rows if count}

    async def list_tasks(self, order_id: str | None) -> Sequence[Task]:
        """By the time they are due; of one order, or all."""
        statement = _TASKS if order_id is None else _TASKS_OF_ORDER
        return [
            read_task(row) for row in await self._readers.rows(statement, {"order_id_": order_id})
        ]

    async def find_endpoint(self, org_id: str) -> Endpoint | None:
        for row in await self._readers.rows(ENDPOINT, {"org_id_": org_id}):
            return read_endpoint(row)
        return None

    async def list_due_receivers(self, now: datetime) -> Sequence[str]:
        """Who has an endpoint, and something that is due to be told."""
        rows = await self._readers.rows(DUE_RECEIVERS, {"now_": micros(now)})
        return [receiver for (receiver,) in rows]

    async def list_notifications(self, order_id: str | None) -> Sequence[Notification]:
        """Of one order, or all, the latest first."""
        statement = ALL if order_id is None else OF_ORDER
        rows = await self._readers.rows(statement, {"order_id_": order_id})
        return [read_notification(row) for row in rows]

    async def close(self) -> None:
        await self._readers.close()
