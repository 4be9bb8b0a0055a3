"""Instead of the partner's flights that it was put on, a seller chooses others; some journeys of an
order are lost and others stand; and what was bought for the flights that are lost.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.e2e.airline import actions, after, cancelled, first_segment, kept, told
from tests.e2e.protected import AHEAD, PAIR, aster, to_edinburgh
from tests.e2e.servicing import COUPLE, payments, refunded, seen, settle
from tests.e2e.test_changes_on_a_page import asked, paid_on, refused_page
from tests.e2e.test_services import listed, pay
from tests.houses import Served
from tests.partners.joint import booked_where

from ndc_oms.kit.conversation import (
    ChangeOffer,
    OrderSummary,
    change_offers_of,
    offers_of,
    order_of,
)
from ndc_oms.kit.services import Picked, selection
from ndc_oms.kit.servicing import accept_change
from ndc_oms.model.airline_change import Answer
from ndc_oms.model.order import Order
from ndc_oms.model.status import DeliveryStatus, ItemStatus


async def test_flights_of_ours_on_another_day_cost_nothing(served: Served) -> None:
    """The partner's are cancelled, and our ticket, which still stood, is exchanged."""
    order = await to_edinburgh(served, COUPLE)
    await told(served, cancelled(await first_segment(served, order)))
    shown = order_of(await after(served, order))
    day = served.today + timedelta(days=AHEAD + 3)
    live = [item.id for item in (await kept(served, order)).live_items]
    quoted = await served.talk.rebook(order.order_id, live, [(*PAIR, day)])
    assert quoted.errors == ()
    chosen = next(e for e in change_offers_of(quoted) if e.families == ("STANDARD",))
    assert (chosen.collect, chosen.back, chosen.fee) == (0, 0, 0)
    assert (await served.talk.accept_change(shown, chosen, "others")).errors == ()
    reply = await after(served, order)
    assert actions(reply) == []
    stored = await kept(served, order)
    assert [each.answer for each in stored.airline_changes] == [Answer.GIVEN_UP]
    flown = {s.segment_id for item in stored.live_items for s in item.services}
    assert {stored.segment(each).flight.operator for each in flown} == {"T8"}
    assert await aster(served).live_bookings() == {}
    assert coupons(stored) == {"T8": ["O", "O"], "XA": []}
    assert order_of(reply).amount == order.amount


async def test_the_way_that_stands_is_not_touched(served: Served) -> None:
    order = await to_edinburgh(served, COUPLE, there_and_back=True)
    before = await kept(served, order)
    await told(served, cancelled(before.segments[1]))
    reply = await after(served, order)
    stored = await kept(served, order)
    out, back = stored.segments
    assert out == before.segments[0]
    assert back.flight.operator == "XA"
    assert booked_where(reply) == {out.id: ["T8"], back.id: ["XA"]}
    assert len(actions(reply)) == 2
    shown = order_of(reply)
    concerned = [item.id for item in stored.live_items if item.bound_index == 1]
    accepted = await served.talk.change(shown, "accept", accept_change(concerned))
    assert accepted.errors == ()
    await after(served, order)
    stored = await kept(served, order)
    assert coupons(stored) == {"T8": ["O", "O"], "XA": ["O", "O"]}
    assert {d.coupons[1].status for d in stored.documents if not d.issuer} == {"E"}


async def test_the_lost_way_is_given_up_and_the_other_stays(served: Served) -> None:
    order = await to_edinburgh(served, COUPLE, there_and_back=True, family="Economy Light")
    before = await kept(served, order)
    served.clock.advance(timedelta(hours=30))
    await told(served, cancelled(before.segments[0]))
    shown = order_of(await after(served, order))
    lost = [item for item in before.live_items if item.bound_index == 0]
    quoted = await served.talk.reshop(order.order_id, [item.id for item in lost])
    assert quoted.errors == ()
    owed = sum((item.fare.total.decimal() for item in lost), Decimal(0))
    assert refunded(quoted) == owed
    done = await served.talk.accept_cancelled(shown, quoted, "give up")
    assert done.errors == ()
    reply = await after(served, order)
    stored = await kept(served, order)
    assert [item.bound_index for item in stored.live_items] == [1, 1]
    assert payments(reply)[-1] == (f"-{owed}", "SUCCESSFUL")
    assert coupons(stored) == {"T8": ["O", "O"], "XA": []}
    assert await aster(served).live_bookings() == {}


async def test_what_was_bought_for_our_flight_comes_back(served: Served) -> None:
    firm_day = served.today + timedelta(days=AHEAD)
    shopped = offers_of(await served.talk.shop([(*PAIR, firm_day)], COUPLE))
    wanted = next(each for each in shopped if each.families == ("Economy Standard",))
    (firm,) = offers_of(await served.talk.price(wanted, COUPLE))
    shelf = await listed(served, firm)
    picked = [Picked(shelf[code], ("PAX1",)) for code in ("BAG23", "PRIO")]
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    made = await served.talk.create(
        firm, COUPLE, "buy", payment=pay(whole), beside=selection(picked)
    )
    order = order_of(await seen(served, order_of(made)))
    await told(served, cancelled(await first_segment(served, order)))
    reply = await after(served, order)
    stored = await kept(served, order)
    assert {each.status for each in stored.ancillaries} == {ItemStatus.CANCELLED}
    given_back = sum((each.price for each in picked), Decimal(0))
    assert payments(reply)[-1] == (f"-{given_back}", "SUCCESSFUL")
    services = [s for item in stored.live_items for s in item.services]
    assert {s.delivery for s in services} == {DeliveryStatus.READY_TO_PROCEED}


def coupons(order: Order) -> dict[str, list[str]]:
    """Of tickets, by issuer: those that can be used."""
    usable = {"O", "A", "C"}
    found: dict[str, list[str]] = {order.owner: [], "XA": []}
    for document in order.documents:
        here = found[document.issuer or order.owner]
        here += [c.status.value for c in document.coupons if c.status in usable]
    return found


async def other_day(served: Served, order: OrderSummary) -> ChangeOffer:
    """So far from ours that it is paid for."""
    day = served.today + timedelta(days=AHEAD + 24)
    live = [item.id for item in (await kept(served, order)).live_items]
    quoted = await served.talk.rebook(order.order_id, live, [(*PAIR, day)])
    return next(e for e in change_offers_of(quoted) if e.collect > 0)


@pytest.mark.parametrize("pays", [False, True])
async def test_the_partner_flies_until_other_flights_are_paid(served: Served, pays: bool) -> None:
    """The payer is on a page. Where nobody pays, the passengers are where they were."""
    order = await to_edinburgh(served, COUPLE)
    await told(served, cancelled(await first_segment(served, order)))
    shown, before = order_of(await after(served, order)), await kept(served, order)
    chosen = await other_day(served, order)
    session = await asked(served, shown, chosen)
    assert list((await aster(served).live_bookings()).values()) == [order.order_id]
    await (paid_on if pays else refused_page)(served, session)
    await settle(served)
    reply, stored = await after(served, order), await kept(served, order)
    flown = {s.segment_id for item in stored.live_items for s in item.services}
    carriers = {stored.segment(each).flight.operator for each in flown}
    if pays:
        assert carriers == {"T8"}
        assert await aster(served).live_bookings() == {}
        assert coupons(stored) == {"T8": ["O", "O"], "XA": []}
        return
    assert carriers == {"XA"}
    assert (stored.live, stored.segments) == (before.live, before.segments)
    assert (stored.parts, stored.airline_changes) == (before.parts, before.airline_changes)
    assert len(actions(reply)) == 2
    accepted = await served.talk.change(order_of(reply), "ok", accept_change(order.items))
    assert accepted.errors == ()
    await after(served, order)
    assert coupons(await kept(served, order)) == {"T8": [], "XA": ["O", "O"]}
