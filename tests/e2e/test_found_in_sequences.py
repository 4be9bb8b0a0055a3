"""What random sequences of servicing met (tests/sequences), each as its shortest story."""

from datetime import date, timedelta

from tests.e2e.airline import actions, after, asm, cancelled, first_segment, kept, told
from tests.e2e.servicing import ADULT, COUPLE, bought, codes, coupons, refunded, seen, settle
from tests.e2e.test_airline_changes import strand
from tests.e2e.test_airline_flown import ticket_of
from tests.e2e.test_airline_seats import with_seats
from tests.e2e.test_delivery import move
from tests.e2e.test_seats import map_of, seated
from tests.e2e.with_services import listed_for, pay
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.model.status import CouponStatus as C

BAG = "BAG23"
CHILD = Pax("PAX2", "CHD", surname="Hansen", given="Ida", birthdate=date(2019, 5, 17))
INFANT = Pax("PAX2", "INF", "Hansen", "Ida", birthdate=date(2026, 5, 17), holder="PAX1")


async def exchanged(served: Served, order: OrderSummary, *who: str, days: int = 1) -> OrderSummary:
    """The first journey of these passengers so many days later, paid by card."""
    stored = await kept(served, order)
    items = [i for i in stored.live_items if i.passenger_id in who and i.bound_index == 0]
    flight = stored.segment(items[0].services[0].segment_id).flight
    later = flight.departure.date() + timedelta(days=days)
    bounds = [(flight.origin, flight.destination, later)]
    quoted = await served.talk.rebook(order.order_id, [each.id for each in items], bounds)
    offer = change_offers_of(quoted)[0]
    payments = pay(offer.collect) if offer.collect else ""
    done = await served.talk.accept_change(order, offer, f"change {'+'.join(who)}", payments)
    assert done.errors == ()
    return order_of(await seen(served, order))


async def test_a_flight_of_a_change_is_none_that_the_airline_put_in(served: Served) -> None:
    """Both count on from the highest number there ever was."""
    order = await bought(served, COUPLE, there_and_back=True)
    back = await first_segment(served, order, 1)
    await told(served, asm("EQT", back, "J 77W"))
    order = order_of(await seen(served, order))
    await exchanged(served, order, "PAX1", "PAX2")
    stored = await kept(served, order)
    ids = [each.id for each in stored.segments]
    assert len(set(ids)) == len(ids)
    assert await served.findings() == []


async def test_seats_of_a_flight_that_is_flown_after_all_are_had_anew(served: Served) -> None:
    order = await with_seats(served, "PAX1", "PAX2")
    had = await seated(served, order)
    segment = await first_segment(served, order)
    await told(served, "\n".join([cancelled(segment), asm("RIN", segment)]))
    await after(served, order)
    assert await seated(served, order) == had
    assert {str(each.seat) for each in (await kept(served, order)).seated} == set(had.values())


async def test_a_service_is_sold_to_those_who_take_the_flight(served: Served) -> None:
    order = await bought(served, COUPLE)
    order = await exchanged(served, order, "PAX2")
    listed = services_of(await served.client.send(list_for_order(order.order_id)))
    places = {each.segments: each.passengers for each in listed if each.code == BAG}
    assert sorted(places.values()) == [("PAX1",), ("PAX2",)]
    theirs = next(e for e in listed if e.code == BAG and e.passengers == ("PAX2",))
    picked = Picked(theirs, ("PAX1",))
    refused = await served.talk.change(order, "bag", added([picked]), payments=pay(picked.price))
    assert codes(refused) == ["185"]
    assert (await kept(served, order)).live_ancillaries == ()


async def test_a_seat_is_offered_on_each_passengers_own_flight(served: Served) -> None:
    order = await bought(served, COUPLE)
    order = await exchanged(served, order, "PAX2")
    shown = await map_of(served, order)
    assert {item.passengers for item in shown.items.values()} == {("PAX1",), ("PAX2",)}


async def test_what_was_flown_is_not_given_back(served: Served) -> None:
    order = await bought(served, there_and_back=True)
    (number,) = [each.number for each in (await kept(served, order)).documents]
    await move(served, number, 1, C.FLOWN)
    await after(served, order)
    quoted = await served.talk.reshop(order.order_id, [order.items[0]])
    assert codes(quoted) == ["182"]
    assert "flown" in quoted.errors[0][1]
    assert (await served.talk.reshop(order.order_id, [order.items[1]])).errors == ()


async def test_what_goes_with_a_coupon_comes_back_with_it(served: Served) -> None:
    """Checked in and offloaded: the bag's coupon is open again as well, and can be given back."""
    order = await bought(served)
    bag = Picked((await listed_for(served, order))[BAG], ("PAX1",))
    added_bag = await served.talk.change(order, "bag", added([bag]), payments=pay(bag.price))
    assert added_bag.errors == ()
    ticket = next(d.number for d in (await kept(served, order)).documents if d.rfic is None)
    await move(served, ticket, 1, C.CHECKED_IN)
    assert coupons(await after(served, order)) == ["C", "C"]
    await move(served, ticket, 1, C.OPEN)
    assert coupons(await after(served, order)) == ["O", "O"]
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()


async def test_on_another_flight_nothing_is_checked_in_yet(served: Served) -> None:
    """Neither the ticket nor what goes with it, and the order says so."""
    order = await bought(served)
    bag = Picked((await listed_for(served, order))[BAG], ("PAX1",))
    bought_too = await served.talk.change(order, "bag", added([bag]), payments=pay(bag.price))
    assert bought_too.errors == ()
    ticket = next(d.number for d in (await kept(served, order)).documents if d.rfic is None)
    await move(served, ticket, 1, C.CHECKED_IN)
    await after(served, order)
    await told(served, cancelled(await first_segment(served, order)))
    await settle(served)
    assert coupons(await after(served, order)) == ["O", "O"]


async def test_no_ticket_is_asked_for_beside_flights_that_cannot_be_flown(served: Served) -> None:
    """What stays of a ticket is exchanged for another: said before anything is offered."""
    order = await bought(served, there_and_back=True)
    await strand(served, order.order_id)
    out, back = order.items
    refused = await served.talk.reshop(order.order_id, [back])
    assert codes(refused) == ["182"]
    assert f"{out} cannot be flown" in refused.errors[0][1]
    home = (await first_segment(served, order, 1)).flight
    later = [(home.origin, home.destination, home.departure.date() + timedelta(days=3))]
    even = change_offers_of(await served.talk.rebook(order.order_id, [back], later))
    whole = await served.talk.reshop(order.order_id, [out, back])
    assert refunded(whole) > 0
    alone = await served.talk.reshop(order.order_id, [out])
    latest = order_of(await seen(served, order))
    assert (await served.talk.accept_cancelled(latest, alone, "back")).errors == ()
    every = change_offers_of(await served.talk.rebook(order.order_id, [back], later))
    assert len(every) > len(even) > 0  # those for which the ticket only shows another day
    assert await served.findings() == []


async def test_a_ticket_that_only_shows_another_day_is_not_asked_for(served: Served) -> None:
    """Both journeys were changed by the airline, one of them has no flight: the other may be flown
    on another day for nothing, since its coupon is revalidated.
    """
    order = await bought(served, there_and_back=True)
    home = await first_segment(served, order, 1)
    await told(served, cancelled(home))
    await strand(served, order.order_id)
    out, back = (await kept(served, order)).live_items
    flight = home.flight
    for days, offered in ((1, True), (20, False)):
        on = [(flight.origin, flight.destination, flight.departure.date() + timedelta(days=days))]
        quoted = await served.talk.rebook(order.order_id, [back.id], on)
        assert codes(quoted) == ([] if offered else ["182"])
        if offered:
            chosen = change_offers_of(quoted)
            assert {each.collect for each in chosen} == {0}
            done = await served.talk.accept_change(
                order_of(await seen(served, order)), chosen[0], "other day"
            )
            assert done.errors == ()
            (ticket,) = (await kept(served, order)).tickets_of("PAX1")
            assert ticket.exchange_of is None
            (back,) = [e for e in (await kept(served, order)).live_items if e.id != out.id]
    assert await served.findings() == []


async def test_an_infant_is_not_taken_off_the_lap_on_which_it_flies(served: Served) -> None:
    """Nothing is told of its own coupon yet: what is given up at the limit waits for that."""
    order = await bought(served, (*ADULT, INFANT), there_and_back=True)
    adult, infant = [await ticket_of(served, order, who) for who in ("PAX1", "PAX2")]
    await move(served, adult, 1, C.FLOWN)
    await after(served, order)
    await strand(served, order.order_id, 1)
    assert codes(await served.talk.reshop(order.order_id)) == ["182"]
    served.clock.advance(timedelta(hours=80))
    assert len(actions(await after(served, order))) == 2
    assert (await kept(served, order)).failure is None
    await move(served, infant, 1, C.FLOWN)
    ended = await after(served, order)
    assert sorted(coupons(ended)) == ["F", "F", "R", "R"]
    assert [item.bound_index for item in (await kept(served, order)).live_items] == [0, 0]
    assert await served.findings() == []


async def test_a_child_that_has_flown_needs_no_company(served: Served) -> None:
    order = await bought(served, (*ADULT, CHILD))
    await move(served, await ticket_of(served, order, "PAX2"), 1, C.FLOWN)
    await after(served, order)
    quoted = await served.talk.reshop(order.order_id, [order.items[0]])
    assert quoted.errors == ()
    latest = order_of(await seen(served, order))
    assert (await served.talk.accept_cancelled(latest, quoted, "back")).errors == ()
    assert [i.passenger_id for i in (await kept(served, order)).live_items] == ["PAX2"]
    assert await served.findings() == []
