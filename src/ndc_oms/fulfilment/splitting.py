"""Splitting an order: its booking is divided, then one unit records both orders.

Partners divide theirs first. Then there is one call, so that nothing is left between: until it is
confirmed the order is whole, and from then on there are two.
"""

from dataclasses import replace
from datetime import datetime

from ndc_oms.fulfilment.deed import Ask, Deed, nothing_to_do, nothing_to_find
from ndc_oms.fulfilment.plan import record
from ndc_oms.model.event import Event
from ndc_oms.model.events import OrderCreated
from ndc_oms.model.naming import people_after
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.passenger import People
from ndc_oms.model.split_events import OrderSplit
from ndc_oms.model.splitting import people_apart, shares, split_off, under_way
from ndc_oms.model.with_partners import flying
from ndc_oms.ports.pss import Pnr
from ndc_oms.ports.store import RecordOrder


def split(ask: Ask) -> Deed:
    wanted = under_way(ask.order)
    booking = ask.order.booking_of(wanted.passenger_ids[0])
    if booking is None:
        return _split_at_partners(ask)

    def done(pnr: Pnr, at: datetime) -> tuple[Event, ...]:
        return (
            OrderSplit(
                at=at,
                booking=BookingReference(pnr.carrier, pnr.locator, wanted.passenger_ids),
                shares=shares(ask.order, wanted.passenger_ids),
            ),
        )

    return Deed(
        lambda: ask.sides.pss.divide(
            ask.reference, booking.locator, wanted.passenger_ids, wanted.order_id
        ),
        lambda: ask.found(Pnr),
        done,
    )


def _split_at_partners(ask: Ask) -> Deed:
    """Our own PSS has no booking of it."""
    wanted = under_way(ask.order)
    going = frozenset(wanted.passenger_ids)
    part = next(p for p in ask.order.parts if p.live and flying(ask.order, p) <= going)
    booking = BookingReference(part.carrier, part.locator or "", wanted.passenger_ids)
    shared = shares(ask.order, wanted.passenger_ids)
    return Deed(
        nothing_to_do,
        nothing_to_find,
        lambda _, at: (OrderSplit(at=at, booking=booking, shares=shared),),
    )


def with_people(before: Order, people: People, unit: RecordOrder, now: datetime) -> RecordOrder:
    """The unit with the people as its events leave them, and with the order that it splits off."""
    for event in unit.events:
        if isinstance(event, OrderSplit):
            staying, going = people_apart(people, under_way(before).passenger_ids)
            made = split_off(before, event)
            other = record(None, (OrderCreated(at=now, order=made),), now)
            return replace(unit, people=staying, beside=replace(other, people=going))
    after = people_after(people, unit.events)
    return replace(unit, people=after) if after != people else unit
