"""Payers who are sent to a page, and gateways that take over from one that is out."""

from datetime import timedelta

import pytest
from tests.orders.offered import CARD
from tests.orders.paying import is_ticketed, states
from tests.orders.servicing import card, desk, redirect

from ndc_oms.errors import Refusal
from ndc_oms.model.balance import outstanding
from ndc_oms.model.events import PaymentRerouted
from ndc_oms.model.status import OrderStatus, PaymentState

S = PaymentState


async def test_a_page_is_paid() -> None:
    house = desk()
    order = await house.hold()
    view = await house.pay(redirect(order.total))
    assert view.record is not None
    (payment,) = view.record.order.payments
    assert (payment.state, payment.return_url) == (S.AWAITING, "https://agent.example/back")
    body = house.pages.pay(payment.session or "")
    for _ in range(3):
        await house.callback("pages", body, {"signed": "yes"})
    await house.deliverer.run_due()
    assert is_ticketed(house)
    assert house.pages.kept == order.total.minor
    house.check()


async def test_a_payer_who_gives_up_leaves_the_hold() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    session = house.order.payments[0].session or ""
    await house.callback("pages", f"{session} ".encode(), {"signed": "yes"})
    assert states(house) == [S.DECLINED]
    assert house.order.payments[0].failure == "The payer did not pay: gave up."
    await house.pay(card(order.total))
    assert is_ticketed(house)


async def test_a_page_that_nobody_paid_is_closed_in_time() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    await house.wait(minutes=30)
    assert states(house) == [S.DECLINED]
    assert house.pages.applied["close_page"] == 1
    assert outstanding(house.order) == order.total
    await house.wait(hours=48)
    assert house.order.status is OrderStatus.CLOSED
    house.check()


async def test_a_lost_callback_costs_nothing() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    house.pages.pay(house.order.payments[0].session or "")  # and nobody calls back
    await house.wait(minutes=30)
    assert is_ticketed(house)
    house.check()


async def test_a_page_never_outlives_the_limit() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.items[0].fare.total, order.items[0].id))
    house.clock.time += timedelta(hours=11)
    house.check()
    await house.wait(minutes=0)
    view = await house.pay(redirect(order.items[1].fare.total, order.items[1].id))
    assert view.record is not None
    for payment in view.record.order.payments:
        assert payment.expires_at is not None
        assert order.payment_limit_at is not None
        assert payment.expires_at <= order.payment_limit_at


async def test_callbacks_that_are_not_believed() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    session = house.order.payments[0].session or ""
    body = house.pages.pay(session)
    for gateway, sent_body, headers, code in (
        ("pages", body, {"signed": "no"}, "368"),
        ("cards", body, {"signed": "yes"}, "129"),
        ("nobody", body, {"signed": "yes"}, "129"),
        ("pages", b"XXNONE:redirect:PAY1 A", {"signed": "yes"}, "129"),
        ("pages", f"{order.order_id}:redirect:PAY7 A".encode(), {"signed": "yes"}, "129"),
    ):
        with pytest.raises(Refusal) as refused:
            await house.callback(gateway, sent_body, headers)
        assert refused.value.code == code
    assert states(house) == [S.AWAITING]


async def test_money_that_comes_when_nobody_waits_is_not_taken() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    session = house.order.payments[0].session or ""
    await house.wait(minutes=30)
    with pytest.raises(Refusal) as refused:
        await house.callback("pages", f"{session} late".encode(), {"signed": "yes"})
    assert "no longer wanted" in refused.value.text
    house.check()


async def test_while_a_payer_pays_nobody_else_can() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "395"


async def test_an_outage_fails_over() -> None:
    house = desk(failing_over=True)
    order = await house.hold()
    house.gateway.plant("authorise", "rejects")
    await house.pay(card(order.total))
    (payment,) = house.order.payments
    assert (payment.gateway, payment.tried, payment.routes) == ("second", ("cards",), ())
    assert house.gateway.authorised == {}
    assert house.second.kept == order.total.minor
    assert any(isinstance(e, PaymentRerouted) for e in house.store.events[order.order_id])
    house.check()


async def test_what_is_certainly_not_done_fails_over() -> None:
    house = desk(failing_over=True)
    order = await house.hold()
    house.gateway.plant("authorise", "before")  # no reply, and asking says: not done
    await house.pay(card(order.total))
    assert house.order.payments[0].gateway == "second"
    assert is_ticketed(house)


async def test_nobody_knows_is_never_a_reason_to_fail_over() -> None:
    house = desk(failing_over=True, reply_within_s=0.05)
    order = await house.hold()
    house.gateway.plant("authorise", "after")
    house.gateway.plant("find", "before", "before", "before")
    await house.pay(card(order.total))
    assert states(house) == [S.REQUESTED]
    for _ in range(6):
        await house.wait(minutes=6)
    (payment,) = house.order.payments
    assert (payment.gateway, payment.state) == ("cards", S.CAPTURED)
    assert house.second.calls["authorise"] == 0
    house.check()


async def test_a_refusal_does_not_fail_over() -> None:
    house = desk(failing_over=True)
    order = await house.hold()
    house.gateway.plant("authorise", "code:708")
    with pytest.raises(Refusal):
        await house.pay(card(order.total))
    assert house.second.calls["authorise"] == 0


async def test_no_number_and_no_holder_is_kept() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(card(order.total))
    kept = repr((house.store.orders, house.store.events))
    for secret in (CARD.number, CARD.holder):
        assert secret is not None
        assert secret not in kept
