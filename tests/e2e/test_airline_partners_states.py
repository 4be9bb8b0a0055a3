"""Orders of every kind of which a partner flies a flight in place of us: parties with children, a
connection, two bookings, one that is not paid; what the seller is told; and what comes later.
"""

from datetime import date, timedelta

from tests.e2e.airline import (
    actions,
    after,
    cancelled,
    first_segment,
    kept,
    retimed,
    statuses,
    told,
)
from tests.e2e.protected import AHEAD, PAIR, aster, to_edinburgh
from tests.e2e.receiver import assert_sound, receiving, registered
from tests.e2e.servicing import ADULT, COUPLE, by_plan, codes
from tests.e2e.test_delivery import move
from tests.houses import Served
from tests.partners.joint import booked_where

from ndc_oms.kit.conversation import OrderSummary, change_offers_of, offers_of, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.kit.servicing import accept_change
from ndc_oms.model.protecting import protection_of
from ndc_oms.model.status import CouponStatus

FAMILY = (
    Pax("PAX1", surname="Hansen", given="Maren"),
    Pax("PAX2", "CHD", "Hansen", "Ole", birthdate=date(2020, 5, 4)),
    Pax("PAX3", "INF", "Hansen", "Ida", birthdate=date(2026, 6, 1), holder="PAX1"),
)


async def test_a_family_flies_together_and_its_seller_is_told(served: Served) -> None:
    async with receiving() as receiver:
        await registered(served, receiver.url)
        order = await to_edinburgh(served, FAMILY)
        old = await first_segment(served, order)
        await told(served, cancelled(old))
        await served.house.notifier.run_due()
        (got,) = receiver.got
    stored = await kept(served, order)
    (new,) = stored.segments
    theirs = [each for each in stored.documents if each.issuer]
    assert sorted(each.passenger_id for each in theirs) == ["PAX1", "PAX2", "PAX3"]
    assert_sound(got)
    assert got.texts("PaxSegmentID") == [new.id, old.id]  # New comes before Old
    assert got.texts("ReasonCode") == ["CANCELLED"]
    assert got.texts("ConsequenceOfInactionCode") == ["Auto-acceptance"] * 3
    locators = [each.locator for each in stored.parts]
    assert set(locators) < set(got.texts("BookingID"))


async def test_a_connection_goes_on_with_the_partner(served: Served) -> None:
    order = await to_edinburgh(served, pair=("YUL", "EDI"))
    out, over = (await kept(served, order)).segments
    await told(served, cancelled(over))
    reply = await after(served, order)
    stored = await kept(served, order)
    first, second = stored.segments
    assert first == out
    assert second.flight.operator == "XA"
    assert first.flight.arrival < second.flight.departure
    assert booked_where(reply) == {first.id: ["T8"], second.id: ["XA"]}
    shown = order_of(reply)
    accepted = await served.talk.change(shown, "accept", accept_change(shown.items))
    assert accepted.errors == ()
    await after(served, order)
    (ours,) = [each for each in (await kept(served, order)).documents if not each.issuer]
    assert [each.status for each in ours.coupons] == ["O", "E"]


async def test_of_two_bookings_only_who_has_lost_the_flight_moves(served: Served) -> None:
    order = await to_edinburgh(served, COUPLE, there_and_back=True)
    friday = [(*PAIR, served.today + timedelta(days=AHEAD + 3))]
    quoted = await served.talk.rebook(order.order_id, order.items[1:2], friday)
    chosen = change_offers_of(quoted)[0]
    paid = by_plan(str(chosen.collect)) if chosen.collect else ""
    assert (await served.talk.accept_change(order, chosen, "divide", paid)).errors == ()
    before = await kept(served, order)
    lost = before.segment(before.items[0].services[0].segment_id)
    await told(served, cancelled(lost))
    reply = await after(served, order)
    stored = await kept(served, order)
    (part,) = stored.parts
    assert part.passenger_ids == ("PAX1",)
    assert [each.passenger_id for each in stored.documents if each.issuer] == ["PAX1"]
    assert len(actions(reply)) == 1
    shown = order_of(reply)
    concerned = [item.id for item in stored.items_on(part.segment_ids)]
    accepted = await served.talk.change(shown, "accept", accept_change(concerned))
    assert accepted.errors == ()
    await after(served, order)
    assert protection_of((await kept(served, order)).parts[0]).handed_over


async def test_nobody_pays_a_partner_for_an_order_that_is_not_paid(served: Served) -> None:
    day = served.today + timedelta(days=AHEAD)
    shopped = offers_of(await served.talk.shop([(*PAIR, day)], ADULT))
    wanted = next(each for each in shopped if each.families == ("Economy Standard",))
    (firm,) = offers_of(await served.talk.price(wanted, ADULT))
    held = order_of(await served.talk.hold(firm, ADULT, "hold"))
    await told(served, cancelled(await first_segment(served, held)))
    reply = await after(served, held)
    assert statuses(reply) == ["UNABLE TO DELIVER"]
    assert await aster(served).live_bookings() == {}
    assert (await kept(served, held)).parts == ()
    shown = order_of(reply)
    refused = await served.talk.pay(shown, by_plan(shown.amount), "pay")
    assert codes(refused) == ["182"]  # it would be lost where it cannot be ticketed
    assert order_of(await after(served, held)).status == "OPENED"


async def test_who_took_the_partner_s_flight_gives_it_up_by_the_fare_s_own_rule(
    served: Served,
) -> None:
    order = await to_edinburgh(served)
    await told(served, cancelled(await first_segment(served, order)))
    shown = order_of(await after(served, order))
    await served.talk.change(shown, "accept", accept_change(shown.items))
    shown = order_of(await after(served, order))
    served.clock.advance(timedelta(hours=30))
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()
    assert 0 < -float(quoted.text(_TOTAL)) < float(order.amount)
    done = await served.talk.accept_cancelled(shown, quoted, "give up")
    assert done.errors == ()
    reply = await after(served, order)
    assert order_of(reply).status == "CLOSED"
    assert await aster(served).live_bookings() == {}


async def out_with_the_partner(served: Served) -> OrderSummary:
    """There and back; the way out is Aster's, and the seller has taken it."""
    return await out_with(served, await to_edinburgh(served, COUPLE, there_and_back=True))


async def out_with(served: Served, order: OrderSummary) -> OrderSummary:
    await told(served, cancelled(await first_segment(served, order)))
    shown = order_of(await after(served, order))
    concerned = [i.id for i in (await kept(served, order)).live_items if i.bound_index == 0]
    accepted = await served.talk.change(shown, "accept", accept_change(concerned))
    assert accepted.errors == ()
    return order_of(await after(served, order))


async def test_the_way_back_is_changed_later(served: Served) -> None:
    order = await out_with_the_partner(served)
    back = [i.id for i in (await kept(served, order)).live_items if i.bound_index == 1]
    day = served.today + timedelta(days=AHEAD + 11)
    quoted = await served.talk.rebook(order.order_id, back, [(*PAIR[::-1], day)])
    assert quoted.errors == ()
    chosen = change_offers_of(quoted)[0]
    paid = by_plan(str(chosen.collect)) if chosen.collect else ""
    assert (await served.talk.accept_change(order, chosen, "later", paid)).errors == ()
    stored = await kept(served, order)
    flown = {s.segment_id for item in stored.live_items for s in item.services}
    days = {stored.segment(each).flight.departure.date() for each in flown}
    assert day in days
    ours = [c.status for d in stored.documents if not d.issuer for c in d.coupons if d.live]
    assert sorted(ours).count("O") == 2


async def test_the_way_back_is_lost_as_well(served: Served) -> None:
    order = await out_with_the_partner(served)
    await told(served, cancelled((await kept(served, order)).segments[1]))
    shown = order_of(await after(served, order))
    stored = await kept(served, order)
    assert [each.flight.operator for each in stored.segments] == ["XA", "XA"]
    concerned = [i.id for i in stored.live_items if i.bound_index == 1]
    accepted = await served.talk.change(shown, "accept both", accept_change(concerned))
    assert accepted.errors == ()
    await after(served, order)
    stored = await kept(served, order)
    ours = {c.status for d in stored.documents if not d.issuer for c in d.coupons}
    assert ours == {"E"}
    assert len(await aster(served).live_bookings()) == 2


async def test_the_way_back_is_retimed(served: Served) -> None:
    order = await out_with_the_partner(served)
    back = (await kept(served, order)).segments[1]
    await told(served, retimed(back, timedelta(hours=3)))
    await after(served, order)
    stored = await kept(served, order)
    assert stored.segments[1].flight.departure == back.flight.departure + timedelta(hours=3)
    good = {c.segment_id for d in stored.documents if not d.issuer for c in d.coupons[1:]}
    assert good == {stored.segments[1].id}


async def test_all_of_it_is_given_back_later(served: Served) -> None:
    order = await out_with_the_partner(served)
    served.clock.advance(timedelta(hours=30))
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()
    done = await served.talk.accept_cancelled(order, quoted, "all")
    assert done.errors == ()
    reply = await after(served, order)
    assert order_of(reply).status == "CLOSED"
    assert await aster(served).live_bookings() == {}


_TOTAL = "Response/ReshopResults/ReshopOffers/Offer/TotalPrice/TotalAmount"


async def test_a_coupon_of_irregular_operations_ends_with_the_others(served: Served) -> None:
    """So that all of it can be given back later."""
    order = await to_edinburgh(served, COUPLE)
    (number,) = [d.number for d in (await kept(served, order)).tickets_of("PAX1")]
    await move(served, number, 1, CouponStatus.IRREGULAR)
    shown = await out_with(served, order)
    ours = [d for d in (await kept(served, shown)).documents if not d.issuer]
    assert {c.status for d in ours for c in d.coupons} == {CouponStatus.EXCHANGED}
    quoted = await served.talk.reshop(order.order_id)
    done = await served.talk.accept_cancelled(shown, quoted, "give back")
    assert done.errors == ()
    await after(served, order)
    assert not any(document.live for document in (await kept(served, order)).documents)
    assert await served.findings() == []
