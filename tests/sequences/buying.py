"""What a seller buys: an order in the first place, services and seats for it; and how it pays."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from tests.sequences.life import DONE, GIVEN, NOT_NOW, Life, awaiting

from ndc_oms.kit.conversation import OfferSummary, change_offers_of, offers_of, order_of
from ndc_oms.kit.requests import Pax, air_shopping, order_create
from ndc_oms.kit.seats import seats_for_order, seats_of
from ndc_oms.kit.services import (
    Picked,
    ServiceSummary,
    added,
    list_for_order,
    selection,
    services_of,
)
from ndc_oms.kit.servicing import accept_quoted, accept_repriced, order_quote, order_quote_services
from ndc_oms.model.balance import open_items, outstanding
from ndc_oms.model.money import Money
from ndc_oms.model.order import Order

AHEAD: Final = (2, 9, 25, 25, 40, 60)  # days to departure
TRIES: Final = 20
_NOTHING_LEFT: Final = ("493", "496", "911")


# -- the order ---------------------------------------------------------------------------------


async def begin(life: Life) -> None:
    """An order of one to five passengers, held or paid."""
    for _ in range(TRIES):
        life.party = _party(life)
        offer = await _offer(life)
        if offer is not None and await _create(life, offer):
            return
    raise AssertionError(f"nobody could order anything in {TRIES} tries")


def _party(life: Life) -> tuple[Pax, ...]:
    random, today = life.random, life.today
    adults = random.choices((1, 2, 3, 4, 5), (6, 6, 2, 1, 1))[0]
    party = [Pax(f"PAX{n}", given=GIVEN[n - 1]) for n in range(1, adults + 1)]
    if adults < 5 and life.chance(0.25):
        born = today - timedelta(days=7 * 365)
        party.append(Pax(f"PAX{adults + 1}", "CHD", given="Siri", birthdate=born))
    if len(party) < 5 and life.chance(0.25):
        born = today - timedelta(days=200)
        infant = Pax(f"PAX{len(party) + 1}", "INF", given="Tor", birthdate=born, holder="PAX1")
        party.append(infant)
    return tuple(party)


async def _offer(life: Life) -> OfferSummary | None:
    random = life.random
    origin, destination = random.choice(life.house.ground.pairs)
    day = life.today + timedelta(days=random.choice(AHEAD))
    bounds = [(origin, destination, day)]
    if life.chance(0.6):
        bounds.append((destination, origin, day + timedelta(days=random.randint(2, 9))))
    reply = await life.ask(air_shopping(bounds, life.party, limit=8, sender=life.sender))
    offers = offers_of(reply)
    return random.choice(offers) if offers else None


async def _create(life: Life, offer: OfferSummary) -> bool:
    """Paid at once, or held where that may be."""
    held, key = life.chance(0.35), life.key()
    price = Money(int(Decimal(offer.amount) * 100), offer.currency)
    body = order_create(
        offer.offer_id, offer.items, life.party, "" if held else life.payment(price),
        sender=life.sender, trx_id=key,
    )  # fmt: skip
    reply = await life.write("create", body, key)
    if reply.errors:
        return life.came(reply, ("493", "495"))
    life.order_id = order_of(reply).order_id
    await life.payers_pay()
    return True


# -- paying ------------------------------------------------------------------------------------


async def pay(life: Life, order: Order) -> bool | None:
    """Everything that is open, or the items of one passenger."""
    due = outstanding(order)
    if not due or awaiting(order) or _is_too_dear(life, order):
        return NOT_NOW
    may = ("303", "182") if _cannot_be_flown(order) else ("303",)
    return await life.change(order, payments=life.payment(due), may=may)


def _cannot_be_flown(order: Order) -> bool:
    """A hold that nobody pays or prices any more."""
    return not order.ticketed and any(each.stranded for each in order.open_changes)


async def reprice(life: Life, order: Order) -> bool | None:
    """A hold whose price is guaranteed no more, at today's."""
    if not open_items(order) or not _is_too_dear(life, order):
        return NOT_NOW
    quoted = await life.ask(order_quote(order.order_id, sender=life.sender))
    if quoted.errors:
        may = ("182",) if _cannot_be_flown(order) else ()
        return life.came(quoted, (*_NOTHING_LEFT, *may))
    path = "Response/ReshopResults/RepricedOffer"
    whole = Decimal(quoted.text(f"{path}/TotalPrice/TotalAmount"))
    wanted = accept_repriced(quoted.text(f"{path}/OfferRefID"))
    paid = life.payment(Money(int(whole * 100), order.currency)) if life.chance(0.5) else ""
    return await life.change(order, wanted, payments=paid)


def _is_too_dear(life: Life, order: Order) -> bool:
    until = order.price_guarantee_until
    return until is not None and life.house.clock.now() >= until


async def payer_pays(life: Life, order: Order) -> bool | None:
    if not awaiting(order):
        return NOT_NOW
    await life.payers_pay()
    return DONE


async def payer_gives_up(life: Life, order: Order) -> bool | None:
    if not awaiting(order):
        return NOT_NOW
    await life.payers_pay(pays=False)
    return DONE


# -- services and seats ------------------------------------------------------------------------


async def add_services(life: Life, order: Order) -> bool | None:
    """One or two products, each for some who may have it."""
    if awaiting(order) or _is_too_dear(life, order) or not life.coming(order):
        return NOT_NOW
    listed = await life.ask(list_for_order(order.order_id, sender=life.sender))
    if listed.errors:
        return life.came(listed, ("496", "208"))
    found = services_of(listed)
    if life.chance(0.6):  # of the many products one is chosen, not of their places
        code = life.random.choice(sorted({each.code for each in found}))
        found = tuple(each for each in found if each.code == code)
    wanted = life.random.sample(found, k=min(len(found), life.random.choice((1, 1, 2))))
    picked = [_picked(life, each) for each in wanted]
    return await _add(life, order, picked, ("182", "185", "493", "912", "466", "465"))


def _picked(life: Life, service: ServiceSummary) -> Picked:
    many = life.random.randint(1, len(service.passengers)) if life.chance(0.3) else 1
    who = life.random.sample(service.passengers, k=many)
    return Picked(service, tuple(who), life.random.choice((1, 1, 1, 2)))


async def add_seats(life: Life, order: Order) -> bool | None:
    """A seat on one flight, for one or for everybody."""
    if awaiting(order) or _is_too_dear(life, order) or not life.coming(order):
        return NOT_NOW
    shown = await life.ask(seats_for_order(order.order_id, sender=life.sender))
    if shown.errors:
        return life.came(shown, ("197", "200", "208"))
    items = {each.item_id: each for each in services_of(shown)}
    seats = [each for each in seats_of(shown) if each.free and each.items]
    if not seats:
        return NOT_NOW
    segment = life.random.choice(sorted({each.segment for each in seats}))
    free = [each for each in seats if each.segment == segment]
    seat = life.random.choice(free)
    sitting = {
        each.passenger_id
        for each in order.live_ancillaries
        if each.seat and segment in {service.segment_id for service in each.services}
    }
    who = [each for each in items[seat.items[0]].passengers if each not in sitting]
    if not who:
        return NOT_NOW
    life.random.shuffle(who)
    wanted = [(who[0], seat)]
    if life.chance(0.3):
        alike = [each for each in free if each.items == seat.items and each != seat]
        wanted += list(zip(who[1:], alike, strict=False))
    picked = [Picked(items[s.items[0]], (passenger,), 1, s.name) for passenger, s in wanted]
    return await _add(life, order, picked, ("182", "185", "281", "493", "912", "466"))


async def _add(life: Life, order: Order, picked: list[Picked], may: tuple[str, ...]) -> bool:
    """Paid at once where the order is paid for; else perhaps together with all that is open."""
    price = Money(int(sum(each.price for each in picked) * 100), order.currency)
    open_now = outstanding(order)
    waits = open_items(order) and life.chance(0.7)
    paid = "" if waits else life.payment(price + open_now)
    return await life.change(order, added(picked), payments=paid, may=may)


async def swap_service(life: Life, order: Order) -> bool | None:
    """A product for another one that somebody has: the difference is paid, or comes back."""
    had = [each for each in order.live_ancillaries if each.seat is None and each.fare.total]
    if not had or awaiting(order) or _is_too_dear(life, order) or not life.coming(order):
        return NOT_NOW
    listed = await life.ask(list_for_order(order.order_id, sender=life.sender))
    if listed.errors:
        return life.came(listed, ("496", "208"))
    old = life.random.choice(had)
    found = [each for each in services_of(listed) if old.passenger_id in each.passengers]
    if not found:
        return NOT_NOW
    new = life.random.choice(found)
    picked = [Picked(new, (old.passenger_id,), life.random.choice((1, 1, 2)))]
    chosen_ones = selection(picked, owner=order.owner, name="SelectedOffers")
    body = order_quote_services(order.order_id, chosen_ones, [old.id], sender=life.sender)
    quoted = await life.ask(body)
    if quoted.errors:
        return life.came(quoted, ("182", "185", "386", "395", "493", "912", "465"))
    (chosen,) = change_offers_of(quoted)
    price = Money(int(chosen.collect * 100), order.currency)
    waits = bool(open_items(order))
    paid = "" if waits else life.payment(price)
    wanted = accept_quoted(chosen.offer_id, chosen.items, owner=order.owner)
    return await life.change(order, wanted, payments=paid, may=("182", "185", "493", "912"))
