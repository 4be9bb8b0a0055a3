"""What a seller gives back, exchanges and corrects."""

from datetime import timedelta
from typing import Final

from tests.sequences.life import NOT_NOW, REFUSED, Life, awaiting, held_up

from ndc_oms.kit.conversation import change_offers_of
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_quoted,
    cancel_unpaid,
    contact,
    order_rebook,
    order_reshop,
    reached_by,
    update_pax,
)
from ndc_oms.model.balance import open_items
from ndc_oms.model.items import OrderItem
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order

_OFFER: Final = "Response/ReshopResults/ReshopOffers/Offer/OfferID"
_MAY: Final = ("143", "182", "185", "324", "368", "386", "496", "100")


async def give_up_unpaid(life: Life, order: Order) -> bool | None:
    """What nobody paid: one passenger's, or everything."""
    items = open_items(order)
    if not items or len(items) < len(order.live) or awaiting(order):
        return NOT_NOW
    named = _of_somebody(life, order) if life.chance(0.6) else []
    wanted = cancel_unpaid(order.order_id, named, owner=order.owner)
    return await life.change(order, wanted, may=_MAY)


async def give_back_services(life: Life, order: Order) -> bool | None:
    live = order.live_ancillaries
    if not live:
        return NOT_NOW
    some = live if life.chance(0.3) else [life.random.choice(live)]
    return await _give_back(life, order, [each.id for each in some])


async def give_back_passenger(life: Life, order: Order) -> bool | None:
    if len({item.passenger_id for item in order.live_items}) < 2:
        return NOT_NOW
    return await _give_back(life, order, _of_somebody(life, order))


async def give_back_journey(life: Life, order: Order) -> bool | None:
    bounds = sorted({item.bound_index for item in order.live_items})
    if len(bounds) < 2:
        return NOT_NOW
    bound = life.random.choice(bounds)
    return await _give_back(life, order, [i.id for i in order.live_items if i.bound_index == bound])


async def give_back_all(life: Life, order: Order) -> bool | None:
    return await _give_back(life, order, [])


async def _give_back(life: Life, order: Order, items: list[str]) -> bool | None:
    if awaiting(order) or (held_up(order) and life.chance(0.8)):
        return NOT_NOW
    quoted = await life.ask(order_reshop(order.order_id, items, sender=life.sender))
    if quoted.errors:
        return life.came(quoted, _MAY)
    wanted = accept_cancelled(quoted.text(_OFFER), owner=order.owner)
    return await life.change(order, wanted)


def _of_somebody(life: Life, order: Order) -> list[str]:
    """All items of one passenger, and of an infant on the lap."""
    who = life.random.choice(sorted({item.passenger_id for item in order.live_items}))
    laps = {each.id for each in order.passengers if each.guardian == who}
    return [item.id for item in order.live if item.passenger_id in {who, *laps}]


async def rebook(life: Life, order: Order) -> bool | None:
    """One journey or all that are left, for everybody or for one, on days nearby."""
    ahead = {each.id for each in life.coming(order)}
    left = [i for i in order.live_items if all(s.segment_id in ahead for s in i.services)]
    items = _to_be_changed(life, order, left)
    if held_up(order) and life.chance(0.8):
        return NOT_NOW
    if not items or awaiting(order) or not any(d.live for d in order.documents):
        return NOT_NOW
    bounds, day = [], life.today
    for bound in sorted({item.bound_index for item in items}):
        one = next(item for item in items if item.bound_index == bound)
        first = order.segment(one.services[0].segment_id).flight
        last = order.segment(one.services[-1].segment_id).flight
        moved = first.departure.date() + timedelta(days=life.random.choice((-2, -1, 0, 1, 1, 2, 5)))
        day = max(moved, day + timedelta(days=1))
        bounds.append((first.origin, last.destination, day))
    body = order_rebook(
        order.order_id, [each.id for each in items], bounds, limit=6, sender=life.sender
    )
    quoted = await life.ask(body)
    if quoted.errors:
        return life.came(quoted, (*_MAY, "73", "313", "314", "316"))
    chosen = life.random.choice(change_offers_of(quoted))
    paid = life.payment(Money(int(chosen.collect * 100), order.currency))
    wanted = accept_quoted(chosen.offer_id, chosen.items, owner=order.owner)
    return await life.change(order, wanted, payments=paid, may=("493", "281"))


def _to_be_changed(life: Life, order: Order, left: list[OrderItem]) -> list[OrderItem]:
    """Nobody who has services: they are given back first."""
    served = {each.passenger_id for each in order.live_ancillaries}
    free = [item for item in left if item.passenger_id not in served]
    if not free:
        return []
    if life.chance(0.35):
        who = life.random.choice(sorted({item.passenger_id for item in free}))
        laps = {each.id for each in order.passengers if each.guardian == who}
        free = [item for item in free if item.passenger_id in {who, *laps}]
    if life.chance(0.5):
        bound = life.random.choice(sorted({item.bound_index for item in free}))
        free = [item for item in free if item.bound_index == bound]
    return free


async def update(life: Life, order: Order) -> bool | None:
    """How to reach somebody."""
    who = life.random.choice(sorted({item.passenger_id for item in order.live_items}))
    number = life.random.randint(1, 999)
    lists = (
        f"<ContactInfoList>{contact('C9', email=f'new{number}@example.com')}</ContactInfoList>"
        f"<PaxList>{reached_by('T1', 'C9')}</PaxList>"
    )
    may = ("182",) if awaiting(order) else ()  # a change of it waits for its payer
    return await life.change(order, update_pax(who, "T1"), lists=lists, may=may)


async def repeat(life: Life, _order: Order) -> bool | None:
    """A message that was sent before, byte for byte: so is its answer, and nothing happens."""
    if not life.memory.sent:
        return NOT_NOW
    sent, before = life.random.choice(life.memory.sent), life.order
    reply = await life.ask(sent.body)
    if reply.body != sent.done or life.order != before:
        life.told[-1] += " FOUND: another answer, or another order"
        return REFUSED
    return True
