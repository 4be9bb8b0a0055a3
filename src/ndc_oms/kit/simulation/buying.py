"""What a seller of a simulation does to buy: search, price, order, also too late and too often."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax, air_shopping, offer_price, order_create
from ndc_oms.kit.services import Picked, selection
from ndc_oms.kit.simulation.choosing import some_of_offer
from ndc_oms.kit.simulation.means import some_payment
from ndc_oms.kit.simulation.memory import KnownOffer, Sent
from ndc_oms.kit.simulation.seller import SimulatedSeller

_SHOWN: Final = 2  # offers that a search asks for
_AHEAD: Final = (1, 4, 25, 25, 45)  # days to departure: few, so that sellers meet on a flight
_HELD_FROM: Final = timedelta(days=21)  # before departure; nearer ones are paid at once
_NAMES: Final = ("Maren", "Odd", "Pilar", "Quinn", "Rosa")


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
        ends = datetime.fromisoformat(offer.expires)
        seller.memory.offers.append(KnownOffer(offer, party, day, ends, tuple(bounds)))


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
        firm = KnownOffer(each, known.party, known.day, ends, known.bounds, priced=True)
        seller.memory.offers.append(firm)
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


async def create_with_services(seller: SimulatedSeller) -> None:
    """And perhaps a seat, chosen from the offer's own list or map."""
    known = _fresh(seller)
    if known is None:
        return await shop(seller)
    picked = await some_of_offer(seller, known)
    known.asked = True
    sent_at = seller.house.clock.now()
    price = sum((each.price for each in picked), Decimal(0))
    reply = await seller.write(_order_of(seller, known, picked))
    if reply is not None and not reply.errors:
        seller.check_created(known, reply, sent_at, price)
    return None


async def create_late(seller: SimulatedSeller) -> None:
    """Of an offer whose time is over, if only just."""
    waiting = [each for each in seller.memory.offers if not each.asked]
    if not waiting:
        return await shop(seller)
    known = seller.random.choice([each for each in waiting if each.priced] or waiting)
    over = known.ends + timedelta(minutes=3) - seller.house.clock.now()
    seller.house.set_clock(max(over, timedelta()))
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
    known = _fresh(seller)
    if seller.chance(0.1):
        known = seller.some_offer()
    if known is None:
        return None, None
    known.asked = True
    return known, _order_of(seller, known)


def _fresh(seller: SimulatedSeller) -> KnownOffer | None:
    """One that can be had and nobody tried yet, best a priced one."""
    now = seller.house.clock.now()
    fresh = [each for each in seller.memory.offers if not each.asked and now < each.ends]
    priced = [each for each in fresh if each.priced]
    return seller.random.choice(priced or fresh) if fresh else None


def _order_of(seller: SimulatedSeller, known: KnownOffer, picked: Sequence[Picked] = ()) -> Sent:
    offer = known.offer
    amount = str(Decimal(offer.amount) + sum((each.price for each in picked), Decimal(0)))
    beside = selection(picked) if picked else ""
    far = known.day - seller.house.clock.now().date() > _HELD_FROM
    held = seller.chance(0.6 if far else 0.05)
    paid = "" if held else some_payment(seller.random, amount, offer.currency)
    return seller.new(
        "create",
        lambda key: order_create(
            offer.offer_id, offer.items, known.party, paid,
            beside=beside, sender=seller.sender, trx_id=key,
        ),
    )  # fmt: skip
