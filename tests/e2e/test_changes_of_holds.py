"""An order that is held is changed before it is paid for: what is owed follows, no money moves."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.e2e.airline import kept
from tests.e2e.servicing import (
    AHEAD,
    COUPLE,
    by_plan,
    codes,
    coupons,
    hold,
    offer,
    payments,
    seats_left,
    seen,
    settle,
    texts,
)
from tests.e2e.test_seats import map_of, seated
from tests.e2e.test_servicing_changes import BACK, on, statuses
from tests.e2e.test_servicing_holds import DECLINED, limit, to
from tests.e2e.with_services import listed
from tests.houses import Served

from ndc_oms.kit.conversation import ChangeOffer, OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.services import Picked, selection
from ndc_oms.kit.servicing import for_items
from ndc_oms.model.change_events import ChangeAbandoned
from ndc_oms.model.status import ItemStatus
from ndc_oms.ports.outcome import Confirmed

PAYMENT_LIMIT, GUARANTEE = "PaymentTimeLimitDateTime", "PriceGuaranteeTimeLimitDateTime"


async def offers(served: Served, order: OrderSummary, days: int) -> list[ChangeOffer]:
    stored = await kept(served, order)
    live = [item.id for item in stored.live_items]
    quoted = await served.talk.rebook(order.order_id, live, on(served, days))
    assert quoted.errors == ()
    return change_offers_of(quoted)


def due(amount: Decimal | str) -> str:
    return by_plan(str(amount))


async def test_another_date_without_a_payment(served: Served) -> None:
    order = await hold(served, COUPLE)
    before = await seen(served, order)
    taken = await seats_left(served, order)
    chosen = next(c for c in await offers(served, order, AHEAD + 4) if c.families == ("FLEX",))
    assert (chosen.fee, chosen.back) == (0, 0)
    assert Decimal(chosen.amount) == chosen.collect
    done = await served.talk.accept_change(order, chosen, "change")
    assert done.errors == ()
    after = await seen(served, order)
    now = order_of(after)
    assert Decimal(now.amount) == chosen.collect
    assert sorted(statuses(after).values()) == ["ACTIVE"] * 2 + ["CANCELLED"] * 2
    assert (coupons(after), payments(after)) == ([], [])
    assert limit(after, PAYMENT_LIMIT) <= limit(before, PAYMENT_LIMIT)
    assert (await seats_left(served, order))[0] == taken[0] + 2
    stored = await kept(served, order)
    pnr = await served.pss.pnr(stored.bookings[0].locator)
    assert isinstance(pnr, Confirmed)
    assert pnr.value is not None
    held = [s.flight for s in pnr.value.segments if s.code == "HK"]
    assert held == [stored.segment(s.segment_id).flight.key for s in stored.live_items[0].services]
    assert await served.findings() == []
    # it is paid like any other hold
    paid = await served.talk.pay(now, due(now.amount), "pay")
    assert paid.errors == ()
    ticketed = await seen(served, order)
    assert coupons(ticketed) == ["O", "O"]
    assert payments(ticketed) == [(now.amount, "SUCCESSFUL")]
    assert await served.findings() == []


async def test_a_change_and_its_payment_in_one_message(served: Served) -> None:
    order = await hold(served)
    chosen = (await offers(served, order, AHEAD + 2))[-1]
    wrong = await served.talk.accept_change(order, chosen, "wrong", due("1.00"))
    assert codes(wrong) == ["290"]
    done = await served.talk.accept_change(order, chosen, "change", due(chosen.collect))
    assert done.errors == ()
    after = await seen(served, order)
    assert coupons(after) == ["O"]
    assert payments(after) == [(str(chosen.collect), "SUCCESSFUL")]
    assert texts(after, PAYMENT_LIMIT) == []
    assert await served.findings() == []


async def test_a_refused_card_leaves_the_hold_as_it_was(served: Served) -> None:
    order = await hold(served)
    before = await kept(served, order)
    chosen = (await offers(served, order, AHEAD + 2))[-1]
    paid = card(DECLINED, str(chosen.collect), "CAD")
    assert codes(await served.talk.accept_change(order, chosen, "no", paid)) == ["708"]
    await settle(served)
    after = await kept(served, order)
    events = await served.house.store.list_events(order.order_id)
    assert isinstance(events[-1], ChangeAbandoned)
    assert (after.items, after.segments) == (before.items, before.segments)
    assert after.payment_limit_at == before.payment_limit_at
    assert await served.findings() == []
    latest = order_of(await seen(served, order))
    assert (await served.talk.pay(latest, due(latest.amount), "pay")).errors == ()
    assert coupons(await seen(served, order)) == ["O"]


async def test_one_journey_of_two_keeps_the_price_of_the_other(served: Served) -> None:
    order = await hold(served, there_and_back=True)
    before = await seen(served, order)
    quoted = await served.talk.rebook(order.order_id, order.items[1:], on(served, AHEAD + 9, BACK))
    chosen = next(c for c in change_offers_of(quoted) if c.families == ("STANDARD",))
    until = limit(before, GUARANTEE)
    offered = {datetime.fromisoformat(each) for each in texts(quoted, GUARANTEE)}
    assert offered
    assert max(offered) <= until
    done = await served.talk.accept_change(order, chosen, "change")
    assert done.errors == ()
    after = await seen(served, order)
    assert limit(after, GUARANTEE) <= until
    assert sorted(statuses(after).values()) == ["ACTIVE"] * 2 + ["CANCELLED"]
    # what stays is priced anew after its guarantee, also when the other one is changed
    await to(served, until + timedelta(seconds=1))
    latest = order_of(await seen(served, order))
    stored = await kept(served, order)
    back = [item.id for item in stored.live_items][1:]
    quoted = await served.talk.rebook(order.order_id, back, on(served, AHEAD + 8, BACK))
    again = change_offers_of(quoted)[0]
    paying = await served.talk.accept_change(latest, again, "paid", due(latest.amount))
    assert codes(paying) == ["711"]
    assert (await served.talk.accept_change(latest, again, "later")).errors == ()
    assert await served.findings() == []


async def test_services_and_seats_of_a_hold_follow(served: Served) -> None:
    firm = await offer(served)
    shelf = await listed(served, firm)
    picked = [Picked(shelf[code], ("PAX1",)) for code in ("BAG23", "PRIO", "WCHR")]
    picked += (await map_of(served, firm)).pick("PAX1")
    held = await served.talk.create(firm, COUPLE[:1], "hold", payment="", beside=selection(picked))
    assert held.errors == ()
    order = order_of(await seen(served, order_of(held)))
    chosen = next(c for c in await offers(served, order, AHEAD + 4) if c.families == ("FLEX",))
    done = await served.talk.accept_change(order, chosen, "change")
    assert done.errors == ()
    after = await seen(served, order)
    stored = await kept(served, order)
    standing = {item.product.code: item.status for item in stored.ancillaries}
    assert standing["BAG23"] is ItemStatus.ACTIVE
    assert standing["PRIO"] is ItemStatus.CANCELLED  # part of the fare now
    assert standing["SEATSTD"] is ItemStatus.CANCELLED  # chosen for nothing in this family
    assert await seated(served, order) == {}
    assert Decimal(order_of(after).amount) == chosen.collect + Decimal("75.00")
    assert await served.findings() == []
    paid = await served.talk.pay(order_of(after), due(order_of(after).amount), "pay")
    assert paid.errors == ()
    assert coupons(await seen(served, order)) == ["O", "O"]
    assert await served.findings() == []


async def test_a_seat_of_a_hold_follows(served: Served) -> None:
    firm = await offer(served)
    picked = (await map_of(served, firm)).pick("PAX1")
    held = await served.talk.create(firm, COUPLE[:1], "hold", payment="", beside=selection(picked))
    order = order_of(await seen(served, order_of(held)))
    for number, days in enumerate((4, 2), 1):
        found = await offers(served, order, AHEAD + days)
        chosen = next(c for c in found if c.families == ("STANDARD",))
        assert (await served.talk.accept_change(order, chosen, f"c{number}")).errors == ()
        order = order_of(await seen(served, order))
        assert await seated(served, order) == {"PAX1": picked[0].seat}
        assert await served.findings() == []


async def test_what_is_not_held_is_paid_with_the_change(served: Served) -> None:
    """The cheapest fare is an instant purchase in the last two weeks before departure."""
    order = await hold(served)
    chosen = next(c for c in await offers(served, order, 2) if c.families == ("FLEX",))
    assert codes(await served.talk.accept_change(order, chosen, "later")) == ["495"]
    done = await served.talk.accept_change(order, chosen, "now", due(chosen.collect))
    assert done.errors == ()
    assert coupons(await seen(served, order)) == ["O"]
    assert await served.findings() == []


@pytest.mark.parametrize("which", ["late", "paid in part"])
async def test_a_hold_that_is_not_changed(served: Served, which: str) -> None:
    order = await hold(served, COUPLE)
    before = await seen(served, order)
    if which == "late":
        served.clock.advance(limit(before, PAYMENT_LIMIT) - served.clock.now())
        refused = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD))
        assert codes(refused) == ["303"]
        return
    stored = await kept(served, order)
    first = stored.live_items[0]
    part = for_items(by_plan(str(first.fare.total.decimal())), order.order_id, [first.id])
    assert (await served.talk.pay(order_of(before), part, "part")).errors == ()
    await settle(served)
    refused = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 3))
    assert codes(refused) == ["395"]
    assert await served.findings() == []
