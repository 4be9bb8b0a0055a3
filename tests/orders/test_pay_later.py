"""Paying for a hold: in full or item by item, in several forms, all of a message or none of it."""

import asyncio
from datetime import timedelta

import pytest
from tests.orders.fakes import CARD, OTHER, SELLER, T, attempt
from tests.orders.servicing import Desk, card, desk, plan, redirect

from ndc_oms.errors import Refusal, Unavailable
from ndc_oms.fulfilment.plan import settled
from ndc_oms.model.balance import outstanding, unpaid_items
from ndc_oms.model.events import PaymentRerouted
from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import OrderStatus, PaymentState
from ndc_oms.orders.request import ChangeRequest, PaymentRequest
from ndc_oms.ports.store import KeepReply

S = PaymentState


def states(house: Desk) -> list[PaymentState]:
    return [payment.state for payment in house.order.payments]


def is_ticketed(house: Desk) -> bool:
    order = house.order
    return (
        all(order.tickets_of(item.passenger_id) for item in order.live_items)
        and not house.store.tasks
        and unpaid_items(order) == ()
    )


async def test_paid_in_full() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.INFANT)
    view = await house.pay(card(order.total))
    assert view.notices == ()
    assert is_ticketed(house)
    assert states(house) == [S.CAPTURED]
    assert house.gateway.kept == order.total.minor
    assert house.order.version == order.version + 1
    await house.wait(hours=100)
    assert house.order.status is OrderStatus.OPENED
    house.check()


async def test_one_payment_may_leave_its_amount_out() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(plan())
    assert house.order.payments[0].amount == order.total
    assert is_ticketed(house)


async def test_item_by_item() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    first, second = ([i for i in order.items if i.passenger_id == p.id] for p in order.passengers)
    price = first[0].fare.total + first[1].fare.total
    view = await house.pay(card(price, *(i.id for i in first)))
    assert states(house) == [S.AUTHORISED]
    assert house.order.documents == ()
    assert set(unpaid_items(house.order)) == set(second)
    assert str(price) in view.notices[0].text  # what is left to pay
    with pytest.raises(Refusal) as refused:
        await house.pay(card(price, *(i.id for i in first)))
    assert refused.value.code == "395"
    await house.pay(plan(price))
    assert is_ticketed(house)
    assert states(house) == [S.CAPTURED, S.CAPTURED]
    house.check()


async def test_several_forms_for_the_same() -> None:
    house = desk()
    order = await house.hold()
    part = Money(1_000, "EUR")
    voucher = PaymentRequest(PaymentForm.VOUCHER, part, voucher="VCH10EUR", path="/v")
    await house.pay(voucher, card(order.total - part))
    assert is_ticketed(house)
    assert [p.form for p in house.order.payments] == [PaymentForm.VOUCHER, PaymentForm.CARD]
    assert house.order.payments[0].voucher == "VCH10EUR"
    assert house.vouchers.kept == 1_000
    house.check()


async def test_different_forms_for_different_items() -> None:
    house = desk()
    order = await house.hold()
    there, back = order.items
    await house.pay(card(there.fare.total, there.id), plan(back.fare.total, back.id))
    assert is_ticketed(house)
    house.check()


AMOUNTS = {
    "too little": (lambda o: (card(o.total - Money(1, "EUR")),), "290"),
    "too much": (lambda o: (card(o.total + Money(1, "EUR")),), "290"),
    "nothing": (lambda o: (card(Money(0, "EUR")), card(o.total)), "290"),
    "two without amounts": (lambda _o: (card(), plan()), "290"),
    "another currency": (lambda o: (card(Money(o.total.minor, "USD")),), "727"),
    "a part of an item": (lambda o: (card(Money(5, "EUR"), o.items[0].id),), "290"),
    "overlapping": (
        lambda o: (card(o.items[0].fare.total, o.items[0].id), plan(o.total)),
        "290",
    ),
    "no such item": (lambda o: (card(o.total, "XX-99"),), "912"),
    "no number": (lambda o: (PaymentRequest(PaymentForm.CARD, o.total),), "912"),
}


@pytest.mark.parametrize("name", AMOUNTS)
async def test_amounts_are_exact(name: str) -> None:
    make, code = AMOUNTS[name]
    house = desk()
    order = await house.hold()
    with pytest.raises(Refusal) as refused:
        await house.pay(*make(order))
    assert refused.value.code == code
    assert house.order == order
    assert house.gateway.calls["authorise"] == 0


async def test_what_is_paid_with_its_creation_is_not_paid_again() -> None:
    house = desk()
    await house.sell()
    with pytest.raises(Refusal) as refused:
        await house.pay()
    assert refused.value.code == "395"


async def test_after_the_guarantee_it_is_priced_first() -> None:
    house = desk()
    order = await house.hold()
    house.clock.time += timedelta(hours=12)
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "711"
    assert "OrderQuote" in refused.value.remedy


@pytest.mark.parametrize("code", ["708", "921", "923"])
async def test_a_declined_card_leaves_the_hold(code: str) -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD)
    house.gateway.plant("authorise", f"code:{code}")
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert (refused.value.code, refused.value.kept) == (code, True)
    assert "stands as before" in refused.value.done
    assert states(house) == [S.DECLINED]
    assert house.order.payments[0].failure_code == code
    assert outstanding(house.order) == order.total
    assert settled(house.order)
    await house.pay(card(order.total))  # another attempt is welcome
    assert states(house) == [S.DECLINED, S.CAPTURED]
    assert is_ticketed(house)
    house.check()


async def test_a_declined_hold_still_expires() -> None:
    house = desk()
    order = await house.hold()
    house.gateway.plant("authorise", "code:708")
    with pytest.raises(Refusal):
        await house.pay(card(order.total))
    await house.wait(hours=48)
    assert house.order.status is OrderStatus.CLOSED
    assert house.pss.seats == 100
    house.check()


async def test_all_of_a_message_or_none() -> None:
    """The second is declined: the first is let go, and nothing of it is left."""
    house = desk()
    order = await house.hold()
    half = order.items[0].fare.total
    house.plan.plant("authorise", "fails")
    with pytest.raises(Refusal) as refused:
        await house.pay(card(half), plan(order.total - half))
    assert refused.value.code == "466"
    await house.run_out()
    assert states(house) == [S.RELEASED, S.DECLINED]
    assert house.gateway.released == set(house.gateway.authorised)
    assert outstanding(house.order) == order.total
    await house.pay(card(order.total))
    assert is_ticketed(house)
    house.check()


async def test_the_first_is_declined_and_the_second_is_never_asked() -> None:
    house = desk()
    order = await house.hold()
    house.gateway.plant("authorise", "code:708")
    half = order.items[0].fare.total
    with pytest.raises(Refusal):
        await house.pay(card(half), plan(order.total - half))
    assert states(house) == [S.DECLINED, S.RELEASED]
    assert house.plan.calls["authorise"] == 0


async def test_a_part_that_was_paid_goes_back_when_the_rest_is_not_paid() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    mine = [i for i in order.items if i.passenger_id == "PAX1"]
    await house.pay(card(mine[0].fare.total + mine[1].fare.total, *(i.id for i in mine)))
    await house.wait(hours=48)
    await house.run_out()
    assert house.order.status is OrderStatus.CLOSED
    assert states(house) == [S.RELEASED]
    assert house.pss.seats == 100
    house.check()


async def test_tickets_that_cannot_be_issued_take_all_back() -> None:
    house = desk()
    order = await house.hold()
    house.pss.plant("issue", "fails")
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "182"
    assert house.order.status is OrderStatus.CLOSED
    assert house.gateway.charged == []
    house.check()


# -- once ------------------------------------------------------------------------------------


async def sent(house: Desk, *payments: PaymentRequest, key: str = "pay", body: str = "p") -> bytes:
    """As the wire does it: act, write the reply, keep it, send it."""
    request = ChangeRequest(house.reference(), None, payments)
    try:
        view = await house.change(request, SELLER, attempt(key, body))
    except Refusal as refused:
        if not refused.kept:
            raise
        reply = str(refused).encode()
    else:
        if view.replay is not None:
            return view.replay
        reply = f"{house.order.sequence} at {house.clock.now()}".encode()
    await house.store.write(KeepReply(SELLER.org_id, key, reply, b"", house.clock.now()))
    return reply


async def test_repeated_byte_for_byte() -> None:
    house = desk()
    order = await house.hold()
    first = await sent(house, card(order.total))
    house.clock.advance(days=20)
    assert await sent(house, card(order.total)) == first
    assert house.gateway.applied["authorise"] == 1


async def test_a_declined_one_is_repeated_too() -> None:
    house = desk()
    order = await house.hold()
    house.gateway.plant("authorise", "code:708")
    first = await sent(house, card(order.total))
    assert await sent(house, card(order.total)) == first
    assert len(house.order.payments) == 1


async def test_sixteen_at_once_pay_once() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD)
    replies = await asyncio.gather(*(sent(house, card(order.total)) for _ in range(16)))
    assert len(set(replies)) == 1
    assert len(house.order.payments) == 1
    assert house.gateway.applied["authorise"] == house.gateway.applied["capture"] == 1
    house.check()


async def test_sixteen_keys_at_once_pay_once() -> None:
    house = desk()
    order = await house.hold()
    results = await asyncio.gather(
        *(sent(house, card(order.total), key=f"k{n}") for n in range(16)), return_exceptions=True
    )
    assert sum(isinstance(r, bytes) for r in results) == 1
    codes = {r.code for r in results if isinstance(r, Refusal)}
    assert codes <= {"395", "476"}  # paid for, or no longer the version that was seen
    assert house.gateway.applied["authorise"] == 1
    house.check()


async def test_the_same_key_for_something_else() -> None:
    house = desk()
    order = await house.hold()
    await sent(house, card(order.total))
    with pytest.raises(Refusal) as refused:
        await sent(house, plan(order.total), body="q")
    assert refused.value.code == "476"
    with pytest.raises(Refusal) as refused:  # the key of the creation, too
        await sent(house, card(order.total), key="create", body="q")
    assert refused.value.code == "476"


async def test_a_refused_one_frees_its_key() -> None:
    house = desk()
    order = await house.hold()
    with pytest.raises(Refusal):
        await sent(house, card(Money(1, "EUR")))
    await sent(house, card(order.total))
    assert is_ticketed(house)


async def test_who_died_before_recording_is_taken_over() -> None:
    house = desk()
    order = await house.hold()
    write, house.store.write = house.store.write, _dies_at(house, "RecordOrder")  # type: ignore[method-assign,assignment]  # the fault
    with pytest.raises(asyncio.CancelledError):
        await sent(house, card(order.total))
    house.store.write = write  # type: ignore[method-assign]  # and its end
    house.clock.advance(seconds=31)
    await sent(house, card(order.total))
    assert is_ticketed(house)
    assert len(house.order.payments) == 1


async def test_whose_key_was_taken_over_and_dropped_is_told_so() -> None:
    """Its lease ran out, as when a clock is set forward; another sending took the key, was refused
    and left no claim. Nothing was paid, so nobody is told that it was (seed 737 met it).
    """
    house = desk()
    order = await house.hold()
    write = house.store.write

    async def overtaken(unit: object) -> object:
        if type(unit).__name__ == "RecordOrder":
            house.store.claims.clear()
        return await write(unit)

    house.store.write = overtaken  # type: ignore[method-assign]  # the other sending
    with pytest.raises(Unavailable) as refused:
        await sent(house, card(order.total))
    assert (refused.value.code, refused.value.retry_after_s) == ("476", 2)
    assert house.order.payments == ()
    house.store.write = write  # type: ignore[method-assign]  # and its end
    await sent(house, card(order.total))
    assert is_ticketed(house)


async def test_who_died_after_recording_is_answered_for() -> None:
    house = desk()
    order = await house.hold()
    house.gateway.plant("authorise", "code:708")
    request = ChangeRequest(house.reference(), None, (card(order.total),))
    with pytest.raises(Refusal) as first:
        await house.change(request, SELLER, attempt("pay", "p"))  # and no reply is kept
    house.clock.advance(seconds=31)
    with pytest.raises(Refusal) as again:
        await house.change(request, SELLER, attempt("pay", "p"))
    assert str(first.value) == str(again.value)
    assert len(house.order.payments) == 1


def _dies_at(house: Desk, unit_name: str):  # type: ignore[no-untyped-def]  # a store's write
    write = house.store.write

    async def dying(unit: object) -> object:
        if type(unit).__name__ == unit_name:
            raise asyncio.CancelledError  # nobody is left to drop the claim
        return await write(unit)

    return dying


async def test_a_stale_version_is_refused() -> None:
    house = desk()
    order = await house.hold()
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total), version=order.version + 1)
    assert (refused.value.code, refused.value.path) == ("476", "/RQ/Order/OrderVersionNumber")
    await house.pay(card(order.total), version=None)


@pytest.mark.parametrize(
    "reference", [{"order_id": "XXNONE"}, {"owner": "YY"}], ids=["no such", "another airline's"]
)
async def test_not_found(reference: dict[str, str]) -> None:
    house = desk()
    await house.hold()
    with pytest.raises(Refusal) as refused:
        await house.pay(**reference)
    assert refused.value.code == "129"


async def test_another_sellers_order_reads_like_none() -> None:
    house = desk()
    await house.hold()
    texts = []
    for order_id in (house.order.order_id, "XXNONE"):
        request = ChangeRequest(house.reference(order_id=order_id), None, (card(),))
        with pytest.raises(Refusal) as refused:
            await house.change(request, OTHER, attempt("k"))
        texts.append(refused.value.text)
    assert texts[0] == texts[1]
    assert refused.value.code == "129"


async def test_nothing_asked() -> None:
    house = desk()
    await house.hold()
    with pytest.raises(Refusal) as refused:
        await house.ask(None)
    assert refused.value.code == "912"


# -- pages and fail-over -----------------------------------------------------------------------


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
