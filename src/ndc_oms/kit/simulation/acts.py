"""What a seller of a simulation does, legal and not: one function an act, and how often it comes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Final

from ndc_oms.kit.conversation import OrderSummary, offers_of
from ndc_oms.kit.requests import Pax, air_shopping, offer_price, order_create, order_retrieve
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_repriced,
    cancel_unpaid,
    contact,
    for_items,
    order_change,
    order_quote,
    order_reshop,
    reached_by,
    update_pax,
)
from ndc_oms.kit.simulation.means import some_payment
from ndc_oms.kit.simulation.memory import KnownOffer, Sent
from ndc_oms.kit.simulation.seller import SimulatedSeller

Act = Callable[[SimulatedSeller], Awaitable[None]]

_SHOWN: Final = 2  # offers that a search asks for
_AHEAD: Final = (1, 4, 25, 25, 45)  # days to departure: few, so that sellers meet on a flight
_HELD_FROM: Final = timedelta(days=21)  # before departure; nearer ones are paid at once
_NAMES: Final = ("Maren", "Odd", "Pilar", "Quinn", "Rosa")


# -- buying ------------------------------------------------------------------------------------


async def shop(seller: SimulatedSeller) -> None:
    random, house = seller.random, seller.house
    origin, destination = random.choice(house.ground.pairs)
    today = house.clock.now().date()
    day = today + timedelta(days=random.choice(_AHEAD))
    bounds = [(origin, destination, day)]
    if seller.chance(0.35):
        bounds.append((destination, origin, day + timedelta(days=random.randint(1, 9))))
    party = _party(seller, today)
    body = air_shopping(bounds, party, limit=_SHOWN, sender=seller.sender)
    reply = await seller.ask("shop", body)
    for offer in offers_of(reply) if reply is not None else ():
        known = KnownOffer(offer, party, day, datetime.fromisoformat(offer.expires))
        seller.memory.offers.append(known)


def _party(seller: SimulatedSeller, today: date) -> tuple[Pax, ...]:
    adults = seller.random.choices((1, 2, 3), (5, 3, 1))[0]
    party = [Pax(f"PAX{n}", given=_NAMES[n]) for n in range(1, adults + 1)]
    if seller.chance(0.15):
        born = today - timedelta(days=6 * 365)
        party.append(Pax("PAX8", "CHD", given="Siri", birthdate=born))
    if seller.chance(0.12):
        born = today - timedelta(days=200)
        party.append(Pax("PAX9", "INF", given="Tor", birthdate=born, holder="PAX1"))
    return tuple(party)


async def price(seller: SimulatedSeller) -> None:
    known = seller.some_offer()
    if known is None or (known.ends <= seller.house.clock.now() and not seller.chance(0.1)):
        return await shop(seller)
    offer = known.offer
    body = offer_price(offer.offer_id, offer.items, known.party, sender=seller.sender)
    reply = await seller.ask("price", body)
    for each in offers_of(reply) if reply is not None else ():
        ends = datetime.fromisoformat(each.expires)
        seller.memory.offers.append(KnownOffer(each, known.party, known.day, ends, priced=True))
    return None


async def create(seller: SimulatedSeller) -> None:
    known, sent = _new_order(seller)
    if known is None or sent is None:
        return await shop(seller)
    sent_at = seller.house.clock.now()
    reply = await seller.write(sent)
    if reply is not None and not reply.errors:
        seller.check_created(known, reply, sent_at)
    return None


async def create_late(seller: SimulatedSeller) -> None:
    """Of an offer whose time is over, if only just."""
    waiting = [each for each in seller.memory.offers if not each.asked]
    if not waiting:
        return await shop(seller)
    known = seller.random.choice([each for each in waiting if each.priced] or waiting)
    over = known.ends + timedelta(minutes=3) - seller.house.clock.now()
    seller.house.clock.step(max(over, timedelta()))
    known.asked = True
    sent_at = seller.house.clock.now()
    reply = await seller.write(_order_of(seller, known))
    if reply is not None and not reply.errors:
        seller.check_created(known, reply, sent_at)
    return None


async def create_at_once(seller: SimulatedSeller) -> None:
    """The same message several times at once, and perhaps the same offer under another key."""
    known, sent = _new_order(seller)
    if known is None or sent is None:
        return await shop(seller)
    other = _order_of(seller, known) if seller.chance(0.4) else sent
    replies = await asyncio.gather(*(seller.write(each) for each in (sent, sent, other)))
    for reply in replies:
        if reply is not None and not reply.errors:
            seller.check_created(known, reply, None)
    return None


def _new_order(seller: SimulatedSeller) -> tuple[KnownOffer | None, Sent | None]:
    """Mostly of a priced offer that nobody tried yet; sometimes of one that was."""
    now = seller.house.clock.now()
    fresh = [each for each in seller.memory.offers if not each.asked and now < each.ends]
    priced = [each for each in fresh if each.priced]
    known = seller.random.choice(priced or fresh) if fresh else None
    if seller.chance(0.1):
        known = seller.some_offer()
    if known is None:
        return None, None
    known.asked = True
    return known, _order_of(seller, known)


def _order_of(seller: SimulatedSeller, known: KnownOffer) -> Sent:
    offer = known.offer
    far = known.day - seller.house.clock.now().date() > _HELD_FROM
    held = seller.chance(0.6 if far else 0.05)
    paid = "" if held else some_payment(seller.random, offer.amount, offer.currency)
    return seller.new(
        "create",
        lambda key: order_create(
            offer.offer_id, offer.items, known.party, paid, sender=seller.sender, trx_id=key
        ),
    )


# -- looking -----------------------------------------------------------------------------------


async def retrieve(seller: SimulatedSeller) -> None:
    order = seller.some_order()
    if order is None:
        return await create(seller)
    await _seen(seller, order.order_id)
    return None


async def _seen(seller: SimulatedSeller, order_id: str) -> OrderSummary | None:
    body = order_retrieve(order_id, sender=seller.sender)
    reply = await seller.ask("retrieve", body)
    if reply is None:
        return None
    if reply.errors:
        seller.find(f"I1: {order_id}, which was acknowledged, cannot be read: {reply.errors}")
        return None
    return seller.learn(reply)


async def look_at_anothers(seller: SimulatedSeller) -> None:
    """Every message about an order, for one that is somebody else's."""
    order_id = seller.anothers_order()
    if not order_id:
        return await shop(seller)
    composed: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("retrieve", lambda: order_retrieve(order_id, sender=seller.sender)),
        ("reshop", lambda: order_reshop(order_id, sender=seller.sender)),
        ("quote", lambda: order_quote(order_id, sender=seller.sender)),
    )
    what, body = seller.random.choice(composed)
    seller.check_hidden(what, order_id, await seller.ask(f"another's {what}", body()))
    wanted = cancel_unpaid(order_id, owner=seller.sender.carrier)
    meant = seller.new("another's change", lambda key: _changed(seller, order_id, wanted, key))
    seller.check_hidden("change", order_id, await seller.ask(meant.what, meant.body))
    return None


# -- changing ----------------------------------------------------------------------------------


def _changed(
    seller: SimulatedSeller,
    order_id: str,
    wanted: str,
    key: str,
    *,
    version: int | None = None,
    payments: str = "",
    lists: str = "",
) -> bytes:
    return order_change(
        order_id, wanted, version=version, payments=payments, lists=lists,
        sender=seller.sender, trx_id=key,
    )  # fmt: skip


async def _change(
    seller: SimulatedSeller,
    what: str,
    order: OrderSummary,
    wanted: str = "",
    *,
    payments: str = "",
    lists: str = "",
    version: int | None = None,
) -> None:
    """Once, or twice at the same time."""
    sent = seller.new(
        what,
        lambda key: _changed(
            seller, order.order_id, wanted, key,
            version=version or order.version, payments=payments, lists=lists,
        ),
        order.order_id,
    )  # fmt: skip
    times = 2 if seller.chance(0.2) else 1
    await asyncio.gather(*(seller.write(sent) for _ in range(times)))


async def pay(seller: SimulatedSeller) -> None:
    order = await _current(seller)
    if order is None:
        return await create(seller)
    paid = some_payment(seller.random, order.amount, order.currency)
    if seller.chance(0.15) and order.items:
        items = [seller.random.choice(order.items)]
        paid = for_items(paid, order.order_id, items)
    await _change(seller, "pay", order, payments=paid)
    return None


async def give_up(seller: SimulatedSeller) -> None:
    """CancelUnpaidOrder, whole or an item of it."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    items = [seller.random.choice(order.items)] if order.items and seller.chance(0.4) else []
    wanted = cancel_unpaid(order.order_id, items, owner=seller.sender.carrier)
    await _change(seller, "give up", order, wanted)
    return None


async def cancel(seller: SimulatedSeller) -> None:
    """What OrderReshop quotes, accepted; the quote may be old by then."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    items = [seller.random.choice(order.items)] if order.items and seller.chance(0.3) else []
    body = order_reshop(order.order_id, items, sender=seller.sender)
    quoted = await seller.ask("reshop", body)
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID") if quoted else ""
    if not offer_id:
        return None
    if seller.chance(0.15):
        seller.house.clock.step(timedelta(minutes=20))
    wanted = accept_cancelled(offer_id, owner=seller.sender.carrier)
    await _change(seller, "cancel", order, wanted)
    return None


async def reprice(seller: SimulatedSeller) -> None:
    """What OrderQuote quotes once the price's guarantee is over, accepted and perhaps paid."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    if seller.chance(0.6):
        seller.house.clock.step(timedelta(hours=seller.random.choice((7, 13, 25))))
    quoted = await seller.ask("quote", order_quote(order.order_id, sender=seller.sender))
    offer_id = quoted.text("Response/ReshopResults/RepricedOffer/OfferRefID") if quoted else ""
    if not offer_id:
        return None
    amount = quoted.text("Response/ReshopResults/RepricedOffer/TotalPrice/TotalAmount")
    paid = ""
    if amount and seller.chance(0.5):
        paid = some_payment(seller.random, amount, order.currency)
    await _change(seller, "reprice", order, accept_repriced(offer_id), payments=paid)
    return None


async def update(seller: SimulatedSeller) -> None:
    order = await _current(seller)
    if order is None:
        return await create(seller)
    number = seller.random.randint(1, 999)
    lists = (
        f"<ContactInfoList>{contact('C9', email=f'new{number}@example.com')}</ContactInfoList>"
        f"<PaxList>{reached_by('T1', 'C9')}</PaxList>"
    )
    await _change(seller, "update", order, update_pax("PAX1", "T1"), lists=lists)
    return None


async def stale(seller: SimulatedSeller) -> None:
    """At a version that is not the order's."""
    order = await _current(seller)
    if order is None:
        return await create(seller)
    wanted = cancel_unpaid(order.order_id, owner=seller.sender.carrier)
    version = seller.random.choice((order.version + 7, max(order.version - 1, 1)))
    if version == order.version:
        return None
    sent = seller.new(
        "stale", lambda key: _changed(seller, order.order_id, wanted, key, version=version)
    )
    reply = await seller.write(sent)
    if reply is not None and not reply.errors:
        seller.find(f"{order.order_id} was changed at version {version}, it is {order.version}")
    return None


async def _current(seller: SimulatedSeller) -> OrderSummary | None:
    """An order, mostly as it is by now."""
    order = seller.some_order()
    if order is None or seller.chance(0.3):
        return order
    return await _seen(seller, order.order_id) or order


# -- again -------------------------------------------------------------------------------------


async def repeat(seller: SimulatedSeller) -> None:
    """A message that was sent before, byte for byte."""
    if not seller.memory.sent:
        return await create(seller)
    sent = seller.random.choice(seller.memory.sent)
    if sent.what == "another's change":
        return None
    await seller.write(sent)
    return None


async def other_body(seller: SimulatedSeller) -> None:
    """Another request under the key of one that was done."""
    done = [each for each in seller.memory.sent if each.done is not None]
    if not done:
        return await create(seller)
    sent = seller.random.choice(done)
    changed = sent.body.replace(b"Hansen", b"Jensen").replace(b"<OrderVersionNumber>", b"\x00")
    changed = changed.replace(b"\x00", b"<OrderVersionNumber>9")
    if changed == sent.body:
        return None
    reply = await seller.ask("other body", changed)
    if reply is not None and not reply.errors:
        seller.find(f"I3: another request under {sent.key} was done")
    return None


async def payer(seller: SimulatedSeller) -> None:
    """A payer who was sent to a page pays there, or gives up; the callback comes, or does not."""
    if not seller.memory.pages:
        return await pay(seller)
    session = seller.random.choice(seller.memory.pages)
    await seller.house.payer_ends(session, pays=seller.chance(0.8), calls=seller.random.choice((0, 1, 1, 2)))
    return None


ACTS: Final[dict[Act, int]] = {
    price: 4,
    create: 12,
    create_at_once: 6,
    create_late: 7,
    retrieve: 3,
    look_at_anothers: 3,
    pay: 14,
    give_up: 6,
    cancel: 12,
    reprice: 5,
    update: 5,
    stale: 3,
    repeat: 8,
    other_body: 3,
    payer: 8,
}


async def live(seller: SimulatedSeller, acts: int) -> None:
    """So many acts, one after the other, with pauses."""
    await shop(seller)
    if seller.chance(0.5):
        await price(seller)
    await create(seller)
    for _ in range(acts):
        await asyncio.sleep(seller.random.choice((0.0, 0.01, 0.5, 3.0, 9.0)))
        (act,) = seller.random.choices(list(ACTS), list(ACTS.values()))
        await act(seller)
