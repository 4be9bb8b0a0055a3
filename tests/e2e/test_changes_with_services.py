"""Flights are exchanged, and what goes with them: followed to the new flights, or given back."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.e2e.airline import kept
from tests.e2e.servicing import ADULT, COUPLE, codes, offer, payments, seen, settle, texts
from tests.e2e.test_seats import map_of, seated
from tests.e2e.test_servicing_changes import on, settled
from tests.e2e.with_services import listed, pay
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import ChangeOffer, OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.kit.services import Picked, selection
from ndc_oms.model.documents import Document
from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.status import CouponStatus, ItemStatus
from ndc_oms.ports.outcome import Confirmed

LATER = 64  # days ahead; the order is for 60
AFTER_THE_VOID_WINDOW = timedelta(days=2)


@dataclass
class Sold:
    order: OrderSummary
    stored: Order


async def sold(
    served: Served,
    *products: str,
    party: tuple[Pax, ...] = ADULT,
    seat: bool = False,
    family: str = "Economy Standard",
) -> Sold:
    """Ticketed, with these services and a seat for its first passenger, past the void window."""
    firm = await offer(served, party, family=family)
    shelf = await listed(served, firm)
    picked = [Picked(shelf[code], (party[0].id,)) for code in products]
    if seat:
        picked += (await map_of(served, firm)).pick(party[0].id)
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    created = await served.talk.create(
        firm, party, "buy", payment=pay(whole), beside=selection(picked)
    )
    assert created.errors == ()
    await settle(served)
    served.clock.advance(AFTER_THE_VOID_WINDOW)
    order = order_of(await seen(served, order_of(created)))
    return Sold(order, await kept(served, order))


async def offered(
    served: Served, order: OrderSummary, ahead: int = LATER, family: str = ""
) -> tuple[Reply, ChangeOffer]:
    """For the flights of everybody, in a family: by default the one that was bought."""
    stored = await kept(served, order)
    live = [item.id for item in stored.live_items]
    days = ahead - 2  # the clock was moved
    quoted = await served.talk.rebook(order.order_id, live, on(served, days))
    assert quoted.errors == ()
    wanted = (family or stored.live_items[0].family.code,)
    return quoted, next(each for each in change_offers_of(quoted) if each.families == wanted)


async def change(
    served: Served, order: OrderSummary, chosen: ChangeOffer, trx: str = "change"
) -> Order:
    done = await served.talk.accept_change(order, chosen, trx, settled(chosen))
    assert done.errors == ()
    await settle(served)
    assert await served.findings() == []
    return await kept(served, order)


def item(order: Order, code: str) -> AncillaryItem:
    return next(each for each in order.ancillaries if each.product.code == code)


def document(order: Order, ancillary: AncillaryItem) -> Document:
    ids = ancillary.service_ids
    return next(d for d in order.documents if any(c.service_id in ids for c in d.coupons))


def statuses(found: Document) -> list[CouponStatus]:
    return [coupon.status for coupon in found.coupons]


async def at_the_pss(served: Served, number: str) -> Document:
    shown = await served.pss.document(number)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return shown.value


@pytest.mark.parametrize("family", ["STANDARD", "FLEX"])
async def test_a_bag_goes_with_the_ticket(served: Served, family: str) -> None:
    """EMD-A: with a ticket that is revalidated; off the old one and with the new one where it is
    exchanged. Nobody pays for it again.
    """
    before = await sold(served, "BAG23")
    old = document(before.stored, before.stored.ancillaries[0])
    quoted, chosen = await offered(served, before.order, family=family)
    assert "goes with the passenger" in " ".join(texts(quoted, "DescText"))
    assert before.stored.ancillaries[0].id in texts(quoted, "OrderItemRefID")
    after = await change(served, before.order, chosen)
    bag = item(after, "BAG23")
    emd = document(after, bag)
    (ticket,) = after.tickets_of("PAX1")
    assert emd.number == old.number
    assert ticket.exchange_of == (old.associated_with if family == "FLEX" else None)
    assert emd.associated_with == ticket.number
    assert statuses(emd) == [CouponStatus.OPEN]
    assert [c.flight for c in emd.coupons] == [c.flight for c in ticket.coupons]
    assert await at_the_pss(served, emd.number) == emd
    assert [s.segment_id for s in bag.services] == [ticket.coupons[0].segment_id]
    assert bag.services[0].delivery.value == "READY TO PROCEED"
    assert bag.fare == before.stored.ancillaries[0].fare
    pnr = await served.pss.pnr(after.bookings[0].locator)
    assert isinstance(pnr, Confirmed)
    assert pnr.value is not None
    bags = [s for s in pnr.value.services if s.code == "XBAG"]
    assert [s.segment for s in bags] == [emd.coupons[0].flight]


async def test_what_stands_alone_and_what_is_free_follow_too(served: Served) -> None:
    before = await sold(served, "LOUNGE", "WCHR")
    _, chosen = await offered(served, before.order)
    old_flight = before.stored.segments[0].flight.key
    assert (await served.house.store.stock_taken(old_flight))["LOUNGE"] == 1
    after = await change(served, before.order, chosen)
    new = after.segment(item(after, "LOUNGE").services[0].segment_id)
    assert new.flight.key != old_flight
    emd = document(after, item(after, "LOUNGE"))
    assert emd.associated_with is None
    assert [c.flight for c in emd.coupons] == [new.flight.key]
    assert await at_the_pss(served, emd.number) == emd
    assert item(after, "WCHR").services[0].delivery.value == "READY TO PROCEED"
    assert not (await served.house.store.stock_taken(old_flight)).get("LOUNGE")
    assert (await served.house.store.stock_taken(new.flight.key))["LOUNGE"] == 1


async def test_the_same_seat_where_it_is_free(served: Served) -> None:
    before = await sold(served, seat=True)
    (seat,) = before.stored.ancillaries
    _, chosen = await offered(served, before.order)
    after = await change(served, before.order, chosen)
    (moved,) = after.ancillaries
    if moved.status is ItemStatus.CANCELLED:
        pytest.fail(f"seat {seat.seat} is taken on the new flight: choose another day for the test")
    assert moved.seat == seat.seat
    new = after.segment(moved.services[0].segment_id).flight.key
    assert after.seated == (SeatChoice(new, "PAX1", moved.seat),)
    assert await seated(served, before.order) == {"PAX1": str(seat.seat)}
    old = await served.pss.taken(before.stored.segments[0].flight.key)
    assert isinstance(old, Confirmed)
    assert seat.seat not in old.value


async def test_a_seat_that_somebody_has_is_given_back(served: Served) -> None:
    before = await sold(served, seat=True)
    (seat,) = before.stored.ancillaries
    _, first = await offered(served, before.order)
    flights = await new_flights(served, first)
    for flight in flights:
        choice = SeatChoice(flight, "PAX1", seat.seat)
        held = await served.pss.hold_seats(
            f"other:{flight}", (choice,), served.clock.now() + timedelta(hours=1)
        )
        assert isinstance(held, Confirmed)
    quoted, chosen = await offered(served, before.order)
    said = " ".join(texts(quoted, "DescText"))
    assert f"{seat.fare.total} of it comes back" in said
    after = await change(served, before.order, chosen)
    assert after.ancillaries[0].status is ItemStatus.CANCELLED
    assert statuses(document(after, after.ancillaries[0])) == [CouponStatus.REFUNDED]
    assert after.seated == ()
    assert after.payments[0].returned >= seat.fare.total
    # somebody took it between the offer and its acceptance: nothing is done
    assert after.change is None


async def new_flights(served: Served, chosen: ChangeOffer) -> list[FlightKey]:
    quote = await served.house.store.find_quote(chosen.offer_id)
    assert quote is not None
    assert quote.proposal is not None
    return [flight.key for bound in quote.proposal.bounds for flight in bound.flights]


async def test_a_seat_that_is_taken_after_the_offer_refuses_it(served: Served) -> None:
    before = await sold(served, seat=True)
    (seat,) = before.stored.ancillaries
    _, chosen = await offered(served, before.order)
    for flight in await new_flights(served, chosen):
        choice = SeatChoice(flight, "PAX1", seat.seat)
        await served.pss.hold_seats("x", (choice,), served.clock.now() + timedelta(hours=1))
    late = await served.talk.accept_change(before.order, chosen, "late", settled(chosen))
    assert codes(late) == ["281"]
    assert await kept(served, before.order) == before.stored
    served.clock.advance(timedelta(minutes=16))
    assert await served.findings() == []


async def test_what_is_part_of_the_new_fare_is_given_back(served: Served) -> None:
    """Priority boarding is included in Flex: what was paid for it comes back by its rule."""
    before = await sold(served, "PRIO", "BAG23")
    stored = before.stored
    _, chosen = await offered(served, before.order, family="FLEX")
    after = await change(served, before.order, chosen)
    assert item(after, "PRIO").status is ItemStatus.CANCELLED
    assert item(after, "BAG23").status is ItemStatus.ACTIVE
    assert statuses(document(after, item(after, "PRIO"))) == [CouponStatus.REFUNDED]
    assert statuses(document(after, item(after, "BAG23"))) == [CouponStatus.OPEN]
    assert after.payments[0].returned == item(stored, "PRIO").fare.total
    assert ("-18.00", "SUCCESSFUL") in payments(await seen(served, before.order))


async def test_what_is_sold_out_on_the_new_flight_is_given_back(served: Served) -> None:
    """A hold takes three animals: those of three guests on the new flight."""
    before = await sold(served, "AVIH")
    early, _ = await offered(served, before.order)
    guests = (*COUPLE, Pax("PAX3", given="Ida"))
    firm = await offer(served, guests, ahead=LATER - 2)
    shelf = await listed(served, firm)
    picked = [Picked(shelf["AVIH"], tuple(each.id for each in guests))]
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    made = await served.talk.create(
        firm, guests, "guests", payment=pay(whole), beside=selection(picked)
    )
    assert made.errors == ()
    crowded = (await kept(served, order_of(made))).segments[0].flight.key
    chosen = await to(served, crowded, early)
    sold_out = await served.talk.accept_change(before.order, chosen, "late", settled(chosen))
    assert codes(sold_out) == ["493"]
    assert await kept(served, before.order) == before.stored
    late, _ = await offered(served, before.order)
    again = await to(served, crowded, late)
    after = await change(served, before.order, again, "again")
    assert item(after, "AVIH").status is ItemStatus.CANCELLED
    assert after.payments[0].returned == item(before.stored, "AVIH").fare.total


async def to(served: Served, flight: FlightKey, quoted: Reply) -> ChangeOffer:
    """An offer of this flight in the family that was bought."""
    for each in change_offers_of(quoted):
        if each.families == ("STANDARD",) and await new_flights(served, each) == [flight]:
            return each
    raise AssertionError(f"{flight} is not among the offers")


async def test_one_of_two_travellers_changes_with_services_and_seat(served: Served) -> None:
    before = await sold(served, "BAG23", party=COUPLE, seat=True)
    mine = [i.id for i in before.stored.live_items if i.passenger_id == "PAX1"]
    quoted = await served.talk.rebook(before.order.order_id, mine, on(served, LATER - 2))
    chosen = next(each for each in change_offers_of(quoted) if each.families == ("FLEX",))
    after = await change(served, before.order, chosen)
    assert len(after.bookings) == 2
    bag = item(after, "BAG23")
    assert bag.status is ItemStatus.ACTIVE
    (ticket,) = after.tickets_of("PAX1")
    assert document(after, bag).associated_with == ticket.number
    # and everything can be given back
    latest = order_of(await seen(served, before.order))
    quoted = await served.talk.reshop(latest.order_id)
    assert (await served.talk.accept_cancelled(latest, quoted, "cancel")).errors == ()
    await settle(served)
    assert (await kept(served, before.order)).status.value == "CLOSED"
    assert await served.findings() == []


async def test_services_follow_again_and_again(served: Served) -> None:
    before = await sold(served, "BAG23", "LOUNGE", "WIFI", "WCHR", seat=True)
    latest = before.order
    for number, ahead in enumerate((LATER, LATER + 3, LATER + 1), 1):
        _, chosen = await offered(served, latest, ahead, "FLEX" if number > 1 else "STANDARD")
        after = await change(served, latest, chosen, f"c{number}")
        latest = order_of(await seen(served, latest))
        assert item(after, "BAG23").status is ItemStatus.ACTIVE
        assert item(after, "WIFI").status is ItemStatus.ACTIVE


async def test_one_journey_is_given_back_and_the_others_services_stay(served: Served) -> None:
    firm = await offer(served, there_and_back=True)
    shelf = await listed(served, firm)
    picked = [Picked(shelf[code], ("PAX1",)) for code in ("BAG23", "PRIO", "WIFI")]
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    created = await served.talk.create(
        firm, ADULT, "buy", payment=pay(whole), beside=selection(picked)
    )
    order = order_of(await seen(served, order_of(created)))
    served.clock.advance(AFTER_THE_VOID_WINDOW)
    stored = await kept(served, order)
    out, back = (each.id for each in stored.live_items)
    for journey, status in ((back, ItemStatus.ACTIVE), (out, ItemStatus.CANCELLED)):
        quoted = await served.talk.reshop(order.order_id, [journey])
        latest = order_of(await seen(served, order))
        done = await served.talk.accept_cancelled(latest, quoted, f"part-{status}")
        assert done.errors == ()
        await settle(served)
        after = await kept(served, order)
        assert {each.status for each in after.ancillaries} == {status}
        assert await served.findings() == []
        if status is ItemStatus.ACTIVE:
            (ticket,) = after.tickets_of("PAX1")
            assert document(after, item(after, "BAG23")).associated_with == ticket.number


@pytest.mark.parametrize("times", [1, 2])
async def test_where_an_emd_cannot_follow_everything_is_as_before(
    served: Served, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The PSS refuses to take it off the old ticket, or to put it with the new one."""
    before = await sold(served, "BAG23", "LOUNGE")
    _, chosen = await offered(served, before.order, family="FLEX")
    associate = served.pss.associate
    calls = 0

    async def refusing(*asked: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == times:
            await served.pss.plant("associate:fails:1x")
        return await associate(*asked)

    monkeypatch.setattr(served.pss, "associate", refusing)
    done = await served.talk.accept_change(before.order, chosen, "change", settled(chosen))
    assert codes(done) == ["182"]
    await settle(served)
    after = await kept(served, before.order)
    assert after.live_items == before.stored.live_items
    assert after.ancillaries == before.stored.ancillaries
    emd = document(after, item(after, "BAG23"))
    (ticket,) = after.tickets_of("PAX1")
    assert (emd.associated_with, statuses(emd)) == (ticket.number, [CouponStatus.OPEN])
    assert await at_the_pss(served, emd.number) == emd
    assert await served.findings() == []
    monkeypatch.undo()
    latest = order_of(await seen(served, before.order))
    _, again = await offered(served, latest)
    made = await change(served, latest, again, "again")
    assert {each.status for each in made.ancillaries} == {ItemStatus.ACTIVE}
