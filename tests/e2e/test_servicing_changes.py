"""Changing what was paid: quoted first, then done; documents, money and seats follow."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.e2e.servicing import (
    AHEAD,
    COUPLE,
    bought,
    by_plan,
    codes,
    coupons,
    payments,
    refunded,
    seats_left,
    seen,
    settle,
    texts,
)
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import ChangeOffer, change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus

OUT, BACK = ("YYZ", "LHR"), ("LHR", "YYZ")


def on(served: Served, days: int, pair: tuple[str, str] = OUT) -> list[tuple[str, str, object]]:
    return [(*pair, served.today + timedelta(days=days))]


def statuses(reply: Reply) -> dict[str, str]:
    return {
        item.findtext("{*}OrderItemID") or "": item.findtext("{*}StatusCode") or ""
        for item in reply.all("Response/Order/OrderItem")
    }


def settled(chosen: ChangeOffer) -> str:
    """PaymentFunctions for what is due, if anything is."""
    return by_plan(str(chosen.collect)) if chosen.collect else ""


async def stored(served: Served, order_id: str) -> Order:
    return (await served.house.store.get_order(order_id, None)).order


async def test_another_date(served: Served) -> None:
    order = await bought(served)
    taken = await seats_left(served, order)
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 4))
    assert quoted.errors == ()
    offers = change_offers_of(quoted)
    assert len({each.families for each in offers}) >= 4
    chosen = offers[0]
    assert chosen.fee > 0
    assert chosen.collect > 0
    paid = by_plan(str(chosen.collect))
    done = await served.talk.accept_change(order, chosen, "change", paid)
    assert done.errors == ()
    after = await seen(served, order)
    now = order_of(after)
    assert Decimal(now.amount) + chosen.fee == Decimal(order.amount) + chosen.collect
    assert sorted(statuses(after).values()) == ["ACTIVE", "CANCELLED"]
    assert coupons(after) == ["E", "O", "F"]
    left = await seats_left(served, order)
    assert left[0] == taken[0] + 1
    assert await served.findings() == []


async def test_one_journey_of_two(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    back = order.items[2:]
    quoted = await served.talk.rebook(order.order_id, back, on(served, AHEAD + 9, BACK))
    chosen = change_offers_of(quoted)[0]
    assert len(chosen.items) == 2
    done = await served.talk.accept_change(order, chosen, "change", settled(chosen))
    assert done.errors == ()
    after = await seen(served, order)
    assert sorted(statuses(after).values()) == ["ACTIVE"] * 4 + ["CANCELLED"] * 2
    now = await stored(served, order.order_id)
    for passenger in now.passengers:
        (ticket,) = now.tickets_of(passenger.id)
        assert ticket.exchange_of is not None
        assert [c.segment_id for c in ticket.coupons] == ["SEG1", "SEG3"]
    assert await served.findings() == []
    assert len(texts(after, "OriginalIssueInfo")) == 2


async def test_one_traveller_of_two(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    second = [order.items[1], order.items[3]]
    bounds = [*on(served, AHEAD + 2), *on(served, AHEAD + 9, BACK)]
    quoted = await served.talk.rebook(order.order_id, second, bounds)
    chosen = change_offers_of(quoted)[0]
    assert {pax for _, pax in chosen.items} == {"PAX2"}
    done = await served.talk.accept_change(order, chosen, "change", settled(chosen))
    assert done.errors == ()
    now = await stored(served, order.order_id)
    assert len(now.bookings) == 2
    assert now.bookings[1].passenger_ids == ("PAX2",)
    assert await served.findings() == []
    # what is then cancelled gives both bookings back
    await settle(served)
    quoted = await served.talk.reshop(order.order_id)
    latest = order_of(await seen(served, order))
    over = await served.talk.accept_cancelled(latest, quoted, "cancel")
    assert over.errors == ()
    assert order_of(await seen(served, order)).status == "CLOSED"
    assert await served.findings() == []


async def test_an_upgrade_on_the_same_flight(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD), cabin="2")
    chosen = change_offers_of(quoted)[0]
    assert set(chosen.types) == {"AddCol"}
    done = await served.talk.accept_change(order, chosen, "change", settled(chosen))
    assert done.errors == ()
    now = await stored(served, order.order_id)
    assert now.live_items[0].family.cabin.value == "2"
    assert await served.findings() == []


async def test_changed_again_and_then_cancelled(served: Served) -> None:
    order = await bought(served, family="Economy Flex")
    for number, days in enumerate((3, 5, 2), 1):
        latest = order_of(await seen(served, order))
        now = await stored(served, order.order_id)
        live = [item.id for item in now.live_items]
        quoted = await served.talk.rebook(order.order_id, live, on(served, AHEAD + days))
        wanted = next(each for each in change_offers_of(quoted) if each.families == ("FLEX",))
        done = await served.talk.accept_change(latest, wanted, f"c{number}", settled(wanted))
        assert done.errors == ()
        assert await served.findings() == []
    quoted = await served.talk.reshop(order.order_id)
    latest = order_of(await seen(served, order))
    assert (await served.talk.accept_cancelled(latest, quoted, "cancel")).errors == ()
    over = await stored(served, order.order_id)
    assert over.status.value == "CLOSED"
    assert await served.findings() == []


async def test_one_journey_is_given_back(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    served.clock.advance(timedelta(days=3))
    quoted = await served.talk.reshop(order.order_id, order.items[2:])
    back = refunded(quoted)
    assert back > 0
    done = await served.talk.accept_cancelled(order, quoted, "part")
    assert done.errors == ()
    after = await seen(served, order)
    assert sorted(statuses(after).values()) == ["ACTIVE"] * 2 + ["CANCELLED"] * 2
    assert payments(after)[-1] == (f"-{back}", "SUCCESSFUL")
    assert sorted(coupons(after)) == ["E"] * 4 + ["O"] * 2
    assert await served.findings() == []


async def test_one_journey_of_one_traveller_is_given_back(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    taken = await seats_left(served, order)
    quoted = await served.talk.reshop(order.order_id, order.items[3:])
    done = await served.talk.accept_cancelled(order, quoted, "part")
    assert done.errors == ()
    after = await seen(served, order)
    assert sorted(statuses(after).values()) == ["ACTIVE"] * 3 + ["CANCELLED"]
    assert await seats_left(served, order) == [taken[0], taken[1] + 1]
    assert await served.findings() == []
    latest = order_of(after)
    # the other one gives up everything, and then this one the rest
    quoted = await served.talk.reshop(order.order_id, [order.items[0], order.items[2]])
    assert (await served.talk.accept_cancelled(latest, quoted, "one")).errors == ()
    latest = order_of(await seen(served, order))
    assert await served.findings() == []
    quoted = await served.talk.reshop(order.order_id)
    assert (await served.talk.accept_cancelled(latest, quoted, "rest")).errors == ()
    assert order_of(await seen(served, order)).status == "CLOSED"
    assert await seats_left(served, order) == [taken[0] + 2, taken[1] + 2]
    assert await served.findings() == []


async def test_a_partly_flown_order(served: Served) -> None:
    order = await bought(served, there_and_back=True, family="Economy Flex")
    (ticket,) = (await stored(served, order.order_id)).documents
    for status in (CouponStatus.CHECKED_IN, CouponStatus.LIFTED, CouponStatus.FLOWN):
        await served.pss.set_coupon(f"fly:{status}", ticket.number, 1, status)
    served.clock.advance(timedelta(days=AHEAD + 2))
    await settle(served)
    one = await served.talk.rebook(order.order_id, order.items[:1], on(served, 5))
    assert codes(one) == ["182"]
    quoted = await served.talk.rebook(order.order_id, order.items[1:], on(served, 9, BACK))
    chosen = next(each for each in change_offers_of(quoted) if each.families == ("FLEX",))
    done = await served.talk.accept_change(order, chosen, "change", settled(chosen))
    assert done.errors == ()
    now = await stored(served, order.order_id)
    old = next(d for d in now.documents if d.number == ticket.number)
    assert [c.status.value for c in old.coupons] == ["F", "E"]
    assert await served.findings() == []


async def test_a_family_that_permits_no_change(served: Served) -> None:
    light = await bought(served, family="Economy Light")
    refused = await served.talk.rebook(light.order_id, light.items, on(served, AHEAD + 3))
    assert codes(refused) == ["496"]


@pytest.mark.parametrize("family", ["Economy Standard", "Economy Flex"])
async def test_who_did_not_show_changes_by_the_rule_for_that(served: Served, family: str) -> None:
    missed = await bought(served, family=family)
    served.clock.advance(timedelta(days=AHEAD + 1))
    await settle(served)
    quoted = await served.talk.rebook(missed.order_id, missed.items, on(served, 30))
    if family == "Economy Standard":
        assert codes(quoted) == ["496"]
        return
    offers = change_offers_of(quoted)
    assert {each.fee for each in offers} == {Decimal("100.00")}
    done = await served.talk.accept_change(missed, offers[0], "change", settled(offers[0]))
    assert done.errors == ()
    assert await served.findings() == []


async def test_what_is_not_a_change(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    uneven = await served.talk.rebook(
        order.order_id, [*order.items[:1], *order.items[2:]], on(served, AHEAD + 1)
    )
    assert codes(uneven) == ["185"]
    more = await served.talk.rebook(
        order.order_id, order.items[:2], [*on(served, AHEAD + 1), *on(served, AHEAD + 2, BACK)]
    )
    assert codes(more) == ["102"]
    late = await served.talk.rebook(order.order_id, order.items[:2], on(served, AHEAD + 20))
    assert codes(late) == ["496"]


async def test_what_is_due_is_paid_exactly_or_nothing_is_done(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 4))
    chosen = change_offers_of(quoted)[0]
    assert codes(await served.talk.accept_change(order, chosen, "a")) == ["290"]
    wrong = await served.talk.accept_change(order, chosen, "b", by_plan("1.00"))
    assert codes(wrong) == ["290"]
    partly = replace(chosen, items=())
    assert codes(await served.talk.accept_change(order, partly, "c", settled(chosen))) == ["912"]
    declined = card("4000000000002008", str(chosen.collect), "CAD")
    assert codes(await served.talk.accept_change(order, chosen, "d", declined)) == ["708"]
    after = await seen(served, order)
    assert list(statuses(after).values()) == ["ACTIVE"]
    assert coupons(after) == ["O"]
    assert "The latest change was not made." in after.body.decode()
    assert await served.findings() == []


@pytest.mark.parametrize("verb", ["add_flights", "exchange"])
async def test_a_change_that_fails_restores_what_was(
    served: Served, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await bought(served, COUPLE)
    taken = await seats_left(served, order)
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 4))
    chosen = change_offers_of(quoted)[0]
    if verb == "add_flights":
        await served.pss.plant("add_flights:fails:1x")
    exchange = served.pss.exchange

    async def and_then_fail(*asked: Any) -> Any:
        answer = await exchange(*asked)
        await served.pss.plant("exchange:fails:1x")
        monkeypatch.undo()
        return answer

    if verb == "exchange":
        monkeypatch.setattr(served.pss, "exchange", and_then_fail)
    done = await served.talk.accept_change(order, chosen, "change", settled(chosen))
    assert codes(done) == ["493" if verb == "add_flights" else "182"]
    after = await seen(served, order)
    assert list(statuses(after).values()) == ["ACTIVE", "ACTIVE"]
    assert await seats_left(served, order) == taken
    assert await served.findings() == []
    now = await stored(served, order.order_id)
    assert now.payments[0].left == now.total
    assert [p.state.value for p in now.payments[1:]] == ["RELEASED"]
    flown = [c for c in coupons(after) if c == "O"]
    assert len(flown) == 2
    assert len(coupons(after)) == (2 if verb == "add_flights" else 4)
    # and it can be changed again
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 4))
    again, latest = change_offers_of(quoted)[0], order_of(after)
    assert (await served.talk.accept_change(latest, again, "again", settled(again))).errors == ()
    assert await served.findings() == []
