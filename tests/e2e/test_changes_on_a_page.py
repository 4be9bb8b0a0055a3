"""Changes that are paid on a page of the payment provider: made when it is paid, and not before."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.e2e.airline import kept
from tests.e2e.servicing import (
    ADULT,
    AHEAD,
    COUPLE,
    bought,
    by_plan,
    codes,
    coupons,
    hold,
    payments,
    seats_left,
    seen,
    settle,
    texts,
)
from tests.e2e.test_changes_of_holds import offers as offers_of_hold
from tests.e2e.test_names import booked
from tests.e2e.test_seats import map_of, seated
from tests.e2e.test_service_quotes import current, item_of, offered
from tests.e2e.test_servicing_changes import on, statuses
from tests.e2e.test_servicing_payments import call_back, provider
from tests.e2e.with_services import buy_with, listed_for
from tests.houses import Served

from ndc_oms.kit.conversation import ChangeOffer, OrderSummary, change_offers_of, order_of
from ndc_oms.kit.services import Picked
from ndc_oms.kit.servicing import redirect
from ndc_oms.model.change_events import ChangeAbandoned
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.status import PaymentState
from ndc_oms.ports.outcome import Confirmed


def page_for(chosen: ChangeOffer) -> str:
    return redirect(str(chosen.collect), chosen.currency)


async def asked(served: Served, order: OrderSummary, chosen: ChangeOffer) -> str:
    """The change is accepted and its payer sent to a page: the name of the page's session."""
    reply = await served.talk.accept_change(order, chosen, "change", page_for(chosen))
    assert reply.errors == ()
    assert payments(reply)[-1] == (f"{chosen.collect:.2f}", "PENDING")
    assert any("the change is made then" in text for text in texts(reply, "DescText"))
    (page,) = texts(reply, "PaymentGatewayURI")
    return page.rpartition("/")[2]


async def paid_on(served: Served, session: str) -> None:
    callback = await provider(served).pay(session)
    assert callback is not None
    assert await call_back(served, callback) == 204
    assert await call_back(served, callback) == 204  # heard once
    await settle(served)


async def other_date(served: Served, order: OrderSummary, days: int = AHEAD + 4) -> ChangeOffer:
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, days))
    return next(each for each in change_offers_of(quoted) if each.collect > 0)


async def test_other_flights_are_flown_when_they_are_paid(served: Served) -> None:
    order = await bought(served)
    taken = await seats_left(served, order)
    chosen = await other_date(served, order)
    session = await asked(served, order, chosen)
    waiting = await seen(served, order)
    assert coupons(waiting) == ["O"]
    assert order_of(waiting).amount == order.amount
    assert list(statuses(waiting).values()) == ["ACTIVE"]
    await paid_on(served, session)
    after = await seen(served, order)
    assert Decimal(order_of(after).amount) + chosen.fee == Decimal(order.amount) + chosen.collect
    assert coupons(after) == ["E", "O", "F"]
    assert [status for _, status in payments(after)] == ["SUCCESSFUL"] * 2
    assert (await seats_left(served, order))[0] == taken[0] + 1
    assert await served.findings() == []


async def test_the_same_message_again_is_answered_as_before(served: Served) -> None:
    order = await bought(served)
    chosen = await other_date(served, order)
    first = await served.talk.accept_change(order, chosen, "change", page_for(chosen))
    again = await served.talk.accept_change(order, chosen, "change", page_for(chosen))
    assert again.body == first.body
    await paid_on(served, texts(first, "PaymentGatewayURI")[0].rpartition("/")[2])
    assert (
        await served.talk.accept_change(order, chosen, "change", page_for(chosen))
    ).body == first.body
    assert coupons(await seen(served, order)) == ["E", "O", "F"]


async def refused_page(served: Served, session: str) -> None:
    callback = await provider(served).refuse(session)
    assert callback is not None
    assert await call_back(served, callback) == 204
    await settle(served)


async def nobody_comes(served: Served, _session: str) -> None:
    served.clock.advance(timedelta(minutes=31))


async def left_on(served: Served, segments: Sequence[OrderSegment]) -> list[int]:
    answer = await served.pss.check([each.flight.key for each in segments])
    assert isinstance(answer, Confirmed)
    return [answer.value[each.flight.key][each.rbd] for each in segments]


@pytest.mark.parametrize("end", [refused_page, nobody_comes])
async def test_a_payer_who_does_not_pay_leaves_the_order_as_it_was(
    served: Served, end: Callable[[Served, str], Awaitable[None]]
) -> None:
    order = await bought(served)
    before, seats = await kept(served, order), await seats_left(served, order)
    chosen = await other_date(served, order)
    session = await asked(served, order, chosen)
    waiting = (await kept(served, order)).change
    assert waiting is not None
    held = await left_on(served, waiting.segments)
    await end(served, session)
    view = await seen(served, order)
    after = await kept(served, order)
    assert after.live == before.live
    assert (after.documents, after.segments) == (before.documents, before.segments)
    assert payments(view) == [(order.amount, "SUCCESSFUL"), (f"{chosen.collect:.2f}", "FAILED")]
    assert any("The latest change was not made" in text for text in texts(view, "DescText"))
    assert await seats_left(served, order) == seats
    assert await left_on(served, waiting.segments) == [each + 1 for each in held]
    events = await served.house.store.list_events(order.order_id)
    assert isinstance(events[-1], ChangeAbandoned)
    assert await served.findings() == []
    # and it can be changed after all
    again = await other_date(served, order_of(view))
    paid = by_plan(str(again.collect))
    assert (await served.talk.accept_change(order_of(view), again, "again", paid)).errors == ()


async def test_a_callback_that_is_lost_or_late_makes_the_change(served: Served) -> None:
    order = await bought(served)
    session = await asked(served, order, await other_date(served, order))
    callback = await provider(served).pay(session)
    assert callback is not None
    served.clock.advance(timedelta(minutes=31))  # the provider is asked when the time is over
    assert coupons(await seen(served, order)) == ["E", "O", "F"]
    assert await call_back(served, callback) == 204  # known by then
    assert await served.findings() == []


async def test_nothing_else_is_changed_while_a_payer_is_waited_for(served: Served) -> None:
    order = await bought(served)
    session = await asked(served, order, await other_date(served, order))
    waiting = order_of(await seen(served, order))
    assert codes(await served.talk.reshop(order.order_id)) == ["182"]
    other = await served.talk.rename(order.order_id, "PAX1", "Hanssen", "Maren")
    assert codes(other) == ["182"]
    paid = await served.talk.pay(waiting, by_plan("10.00"), "more")
    assert codes(paid) == ["182"]
    await paid_on(served, session)
    assert coupons(await seen(served, order)) == ["E", "O", "F"]


async def test_a_name_is_changed_when_it_is_paid(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (chosen,) = change_offers_of(quoted)
    fee = ChangeOffer(
        chosen.offer_id, chosen.items, Decimal(chosen.amount), Decimal(0), Decimal(0), (), (),
        chosen.amount, chosen.currency,
    )  # fmt: skip
    session = await asked(served, order, fee)
    assert texts(await seen(served, order), "Surname") == ["Hansen"]
    await paid_on(served, session)
    assert texts(await seen(served, order), "Surname") == ["Lindqvist"]
    assert [each.surname for each in (await booked(served, order)).travellers] == ["LINDQVIST"]
    assert await served.findings() == []


async def test_a_hold_is_changed_and_paid_on_one_page(served: Served) -> None:
    order = await hold(served, COUPLE)
    chosen = next(c for c in await offers_of_hold(served, order, AHEAD + 4) if c.collect > 0)
    session = await asked(served, order, chosen)
    assert coupons(await seen(served, order)) == []
    await paid_on(served, session)
    after = await seen(served, order)
    assert coupons(after) == ["O", "O"]
    assert payments(after) == [(order_of(after).amount, "SUCCESSFUL")]
    assert await served.findings() == []


async def test_a_hold_whose_change_is_not_paid_is_held_on(served: Served) -> None:
    order = await hold(served, COUPLE)
    before = await kept(served, order)
    chosen = next(c for c in await offers_of_hold(served, order, AHEAD + 4) if c.collect > 0)
    await refused_page(served, await asked(served, order, chosen))
    view = await seen(served, order)
    after = await kept(served, order)
    assert (after.live, after.payment_limit_at) == (before.live, before.payment_limit_at)
    paid = await served.talk.pay(order_of(view), by_plan(order.amount), "pay")
    assert paid.errors == ()
    assert coupons(await seen(served, order)) == ["O", "O"]
    assert await served.findings() == []


async def swap(served: Served) -> tuple[OrderSummary, ChangeOffer]:
    """A bag for a lounge: 13.05 more."""
    order, _ = await buy_with(served, ADULT, ("LOUNGE", 1))
    order = await current(served, order)
    bag = Picked((await listed_for(served, order))["BAG23"], ("PAX1",))
    lounge = await item_of(served, order, "LOUNGE")
    chosen = offered(await served.talk.quote_services(order.order_id, [bag], [lounge]))
    assert chosen.collect == Decimal("13.05")
    return order, chosen


async def test_a_service_takes_another_one_s_place_when_it_is_paid(served: Served) -> None:
    order, chosen = await swap(served)
    session = await asked(served, order, chosen)
    view = await seen(served, order)
    assert coupons(view) == ["O", "O"]
    assert codes(await served.talk.reshop(order.order_id)) == ["182"]
    await paid_on(served, session)
    assert coupons(await seen(served, order)) == ["O", "V", "O"]
    made = await kept(served, order)
    assert [item.product.code for item in made.live_ancillaries] == ["BAG23"]
    assert await served.findings() == []


async def test_a_service_that_is_not_paid_takes_nothing_s_place(served: Served) -> None:
    order, chosen = await swap(served)
    before = await kept(served, order)
    await refused_page(served, await asked(served, order, chosen))
    await settle(served)
    after = await kept(served, order)
    assert (after.live, after.documents, after.replacing) == (before.live, before.documents, None)
    assert await served.findings() == []


async def test_a_seat_is_kept_as_long_as_its_payer_has(served: Served) -> None:
    order = await bought(served)
    picked = (await map_of(served, order)).pick("PAX1")
    chosen = offered(await served.talk.quote_services(order.order_id, picked))
    reply = await served.talk.accept_change(order, chosen, "seat", page_for(chosen))
    session = texts(reply, "PaymentGatewayURI")[0].rpartition("/")[2]
    served.clock.advance(timedelta(minutes=29))
    await paid_on(served, session)
    assert await seated(served, order) == {"PAX1": picked[0].seat}
    assert await served.findings() == []


async def test_of_two_payers_who_do_not_pay_the_service_is_withdrawn_once(served: Served) -> None:
    order = await bought(served)
    before = await kept(served, order)
    bag = Picked((await listed_for(served, order))["BAG23"], ("PAX1",))
    chosen = offered(await served.talk.quote_services(order.order_id, [bag]))
    half = redirect("20.00", chosen.currency)
    rest = redirect(str(chosen.collect - Decimal("20.00")), chosen.currency)
    reply = await served.talk.accept_change(order, chosen, "two pages", half + rest)
    assert len(texts(reply, "PaymentGatewayURI")) == 2
    served.clock.advance(timedelta(hours=1))
    await settle(served)
    after = await kept(served, order)
    assert (after.live, after.documents) == (before.live, before.documents)
    assert [each.state for each in after.payments[-2:]] == [PaymentState.DECLINED] * 2
    assert await served.findings() == []
