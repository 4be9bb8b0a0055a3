"""Providers: what they tell of services moves these, and coupons at the PSS; what they have to
deliver is told to them.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.e2e.airline import first_segment, kept, retimed, told
from tests.e2e.delivering import HANDLING, KEYS, LOUNGES, lounges, reported, statuses, tell
from tests.e2e.receiver import (
    Receiver,
    acknowledge,
    assert_signed,
    assert_sound,
    fail,
    receiving,
    registered,
)
from tests.e2e.servicing import ADULT, bought, codes, coupons, hold, refunded, seen, settle, texts
from tests.e2e.with_services import add, buy_with
from tests.houses import Served
from tests.ndc.references import dangling

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.delivering import Reported, delivered_order, service_status_change
from ndc_oms.kit.requests import Sender, envelope
from ndc_oms.model.events import CouponUseRefused, DeliveryReported
from ndc_oms.model.status import CouponStatus, DeliveryStatus
from ndc_oms.ports.outcome import Confirmed

_D = DeliveryStatus
MESSAGE = "IATA_ServiceStatusChangeNotifRQ"


async def with_lounge(served: Served) -> OrderSummary:
    order, _ = await buy_with(served, ADULT, ("LOUNGE", 1))
    await settle(served)
    return order


def ack(reply: Reply) -> tuple[str, str]:
    """Its status, and the first sentence: what is not read of the message is named after it."""
    said = reply.text("Notification/StatusMessageText")
    return reply.text("Notification/StatusCode"), f"{said.partition('. ')[0].rstrip('.')}."


async def test_a_delivered_service_uses_its_emd(served: Served) -> None:
    order = await with_lounge(served)
    before = await kept(served, order)
    reply = await tell(served, before, reported(lounges(before)[0], "DELIVERED"))
    assert ack(reply) == ("OK", "Services: 1.")
    after = await kept(served, order)
    assert statuses(lounges(after)) == [_D.DELIVERED]
    (emd,) = [each for each in after.documents if each.rfic == "E"]
    assert [each.status for each in emd.coupons] == [CouponStatus.FLOWN]
    shown = await served.pss.document(emd.number)
    assert isinstance(shown, Confirmed)
    assert shown.value == emd
    view = await seen(served, order)
    assert "DELIVERED" in texts(view, "DeliveryStatusCode")
    assert sorted(coupons(view)) == ["F", "O"]
    assert after.version == before.version
    assert await served.findings() == []


@pytest.mark.parametrize(
    ("words", "coupon"),
    [
        (("READY TO DELIVER",), "C"),
        (("IN PROGRESS",), "L"),
        (("DELIVERED",), "F"),
        (("READY TO DELIVER", "IN PROGRESS", "DELIVERED"), "F"),
        (("READY TO DELIVER", "READY TO PROCEED"), "O"),
        (("SUSPENDED",), "S"),
        (("UNABLE TO DELIVER",), "O"),
    ],
)
async def test_who_handles_flights_moves_their_coupons(
    served: Served, words: tuple[str, ...], coupon: str
) -> None:
    order = await bought(served)
    for at, word in enumerate(words):
        before = await kept(served, order)
        said = reported(before.items[0], word)
        reply = await tell(served, before, said, provider=HANDLING, trx_id=f"told-{at}")
        assert ack(reply)[0] == "OK"
    after = await kept(served, order)
    assert after.items[0].services[0].delivery == words[-1]
    shown = await served.pss.document(after.documents[0].number)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    assert [each.status for each in shown.value.coupons] == [coupon]
    assert shown.value == after.documents[0]
    assert await served.findings() == []


async def test_the_same_message_is_one_also_when_more_was_told_meanwhile(served: Served) -> None:
    order = await with_lounge(served)
    before = await kept(served, order)
    (lounge,) = lounges(before)
    first = await tell(served, before, reported(lounge, "IN PROGRESS"))
    last = await tell(served, before, reported(lounge, "DELIVERED"), trx_id="told-2")
    assert (ack(first)[0], ack(last)[0]) == ("OK", "OK")
    again = await tell(served, before, reported(lounge, "IN PROGRESS"))
    assert again.body == first.body
    other = await tell(served, before, reported(lounge, "DELIVERED"), trx_id="told-1")
    assert codes(other) == ["476"]
    known = await tell(served, before, reported(lounge, "DELIVERED"), trx_id="told-3")
    assert ack(known) == ("OK", "Nothing of it is new.")
    events = await served.house.store.list_events(order.order_id)
    assert len([each for each in events if isinstance(each, DeliveryReported)]) == 2


async def test_the_same_message_is_known_after_its_reply_is_kept_no_longer(served: Served) -> None:
    order = await with_lounge(served)
    before = await kept(served, order)
    (lounge,) = lounges(before)
    await tell(served, before, reported(lounge, "IN PROGRESS"))
    await tell(served, before, reported(lounge, "DELIVERED"), trx_id="told-2")
    served.clock.advance(timedelta(days=31))
    await served.house.store.purger.run_due()
    late = await tell(served, before, reported(lounge, "IN PROGRESS"))
    assert ack(late) == ("OK", "Nothing of it is new.")
    assert statuses(lounges(await kept(served, order))) == [_D.DELIVERED]


async def test_what_is_not_the_senders_to_tell_is_refused(served: Served) -> None:
    order = await with_lounge(served)
    whole = await kept(served, order)
    lounge = reported(lounges(whole)[0], "DELIVERED")
    flight = reported(whole.items[0], "DELIVERED")
    by_other = await tell(served, whole, lounge, provider=HANDLING)
    assert codes(by_other) == ["368"]
    assert "somebody else" in by_other.errors[0][1]
    assert codes(await tell(served, whole, flight)) == ["368"]
    named = service_status_change(
        order.order_id, [lounge], sender=Sender(LOUNGES), provider=HANDLING, trx_id="t"
    )
    assert codes(await served.client.send(named, KEYS[LOUNGES])) == ["368"]
    seller = service_status_change(order.order_id, [lounge], sender=Sender(), trx_id="t")
    refused = await served.client.send(seller)
    assert codes(refused) == ["368"]
    assert "no provider" in refused.errors[0][1]
    stolen = service_status_change(order.order_id, [lounge], sender=Sender(HANDLING), trx_id="t")
    assert codes(await served.client.send(stolen, KEYS[LOUNGES])) == ["717"]
    assert (await kept(served, order)).sequence == whole.sequence


async def test_a_provider_may_do_nothing_else(served: Served) -> None:
    order = await bought(served)
    for body in (
        envelope("IATA_OrderRetrieveRQ", _retrieving(order.order_id), Sender(LOUNGES), "t"),
        envelope("IATA_OrderHistoryRQ", _history(order.order_id), Sender(LOUNGES), "t"),
    ):
        assert codes(await served.client.send(body, KEYS[LOUNGES])) == ["368"]


def _retrieving(order_id: str) -> str:
    named = f"<OrderID>{order_id}</OrderID><OwnerCode>T8</OwnerCode>"
    return (
        "<OrderValidationFilterCriteria><OrderFilterCriteria>"
        f"{named}</OrderFilterCriteria></OrderValidationFilterCriteria>"
    )


def _history(order_id: str) -> str:
    return f"<Order><OrderID>{order_id}</OrderID><OwnerCode>T8</OwnerCode></Order>"


async def test_an_order_with_nothing_to_deliver_reads_like_none(served: Served) -> None:
    order = await bought(served)
    whole = await kept(served, order)
    said = reported(whole.items[0], "DELIVERED")
    refused = await tell(served, whole, said)
    none = service_status_change("T8ZZZZZZZZZZ", [said], sender=Sender(LOUNGES), trx_id="t")
    missing = await served.client.send(none, KEYS[LOUNGES])
    assert codes(refused) == codes(missing) == ["129"]
    assert refused.errors == missing.errors


@pytest.mark.parametrize(
    ("status", "code"),
    [("EATEN", "912"), ("REMOVED", "912"), ("CONFIRMED", "912"), ("READY TO PROCEED", "182")],
)
async def test_a_status_that_cannot_be_told_is_refused(
    served: Served, status: str, code: str
) -> None:
    order = await with_lounge(served)
    whole = await kept(served, order)
    (lounge,) = lounges(whole)
    await tell(served, whole, reported(lounge, "DELIVERED"))
    refused = await tell(served, whole, reported(lounge, status), trx_id="told-2")
    assert codes(refused) == [code]
    assert ack(refused)[0] == "NotProcessed"
    assert "/DeliveryStatusCode" in refused.errors[0][1]


async def test_what_is_not_paid_or_not_there_cannot_be_delivered(served: Served) -> None:
    held = await kept(served, await hold(served))
    said = reported(held.items[0], "DELIVERED")
    assert codes(await tell(served, held, said, provider=HANDLING)) == ["182"]
    strange = Reported(held.items[0].id, "NONE", "PAX1", "SEG1", "DELIVERED")
    assert codes(await tell(served, held, strange, provider=HANDLING, trx_id="t2")) == ["129"]


async def test_a_message_of_two_orders_is_done_whole_or_not_at_all(served: Served) -> None:
    held = await kept(served, await hold(served))
    order = await with_lounge(served)
    one = await kept(served, order)
    sender = Sender(LOUNGES)
    good = delivered_order(one.order_id, [reported(lounges(one)[0], "DELIVERED")], sender=sender)
    bad = delivered_order(held.order_id, [reported(held.items[0], "DELIVERED")], sender=sender)
    both = envelope(MESSAGE, good + bad, sender, "both")
    assert codes(await served.client.send(both, KEYS[LOUNGES])) == ["129"]
    assert (await kept(served, order)).sequence == one.sequence
    mended = envelope(MESSAGE, good, sender, "both")
    assert ack(await served.client.send(mended, KEYS[LOUNGES])) == ("OK", "Services: 1.")


async def test_what_was_delivered_ends_with_its_flights_and_gives_nothing_back(
    served: Served,
) -> None:
    order = await with_lounge(served)
    before = await kept(served, order)
    (lounge,) = lounges(before)
    await tell(served, before, reported(lounge, "DELIVERED"))
    served.clock.advance(timedelta(hours=30))  # documents cannot be voided any more
    view = await seen(served, order)
    quoted = await served.talk.reshop(order.order_id)
    assert quoted.errors == ()
    flight = before.items[0].fare.total.decimal()
    assert refunded(quoted) <= flight
    accepted = await served.talk.accept_cancelled(order, quoted, "cancel")
    assert accepted.errors == ()
    after = await kept(served, order)
    assert statuses(lounges(after)) == [_D.DELIVERED]
    assert coupons(await seen(served, order)).count("F") == coupons(view).count("F") == 1
    assert await served.findings() == []


async def test_a_use_that_the_pss_refuses_leaves_the_service_as_told(served: Served) -> None:
    order = await bought(served, there_and_back=True)
    whole = await kept(served, order)
    back = whole.items[-1]
    reply = await tell(served, whole, reported(back, "DELIVERED"), provider=HANDLING)
    assert ack(reply)[0] == "OK"
    after = await kept(served, order)
    assert statuses(list(after.items)) == [_D.READY_TO_PROCEED, _D.DELIVERED]
    assert [each.status for each in after.documents[0].coupons] == ["O", "O"]
    events = await served.house.store.list_events(order.order_id)
    (refused,) = [each for each in events if isinstance(each, CouponUseRefused)]
    assert "earlier coupon" in refused.reason
    assert await served.house.store.list_tasks(order.order_id) == []


# -- what they are told ------------------------------------------------------------------------


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def send(served: Served) -> None:
    await served.house.notifier.run_due()


async def test_a_provider_is_told_what_to_deliver(served: Served, receiver: Receiver) -> None:
    key = await registered(served, receiver.url, LOUNGES)
    order = await with_lounge(served)
    await send(served)
    (got,) = receiver.got
    assert_signed(got, key)
    assert_sound(got)
    assert dangling(got.root) == []
    whole = await kept(served, order)
    (lounge,) = lounges(whole)
    assert got.texts("OrderID") == [order.order_id]
    assert got.texts("OrderItemID") == [lounge.id]
    assert got.texts("ServiceID") == [lounge.services[0].id]
    assert got.texts("DeliveryStatusCode") == ["READY TO PROCEED"]
    assert got.texts("ServiceCode") == ["LOUNGE"]
    assert got.texts("Surname") == got.texts("ContactInfo") == []
    (note,) = await served.house.store.list_notifications(order.order_id)
    assert (note.receiver, note.state, note.answer) == (LOUNGES, "received", "OK: Seen")


async def test_a_provider_is_told_of_what_comes_goes_and_moves(
    served: Served, receiver: Receiver
) -> None:
    await registered(served, receiver.url, LOUNGES)
    order = await bought(served)
    await send(served)
    assert receiver.got == []  # nothing of it is theirs
    added = await add(served, order, "lounge", ("LOUNGE", 1))
    assert added.errors == ()
    await settle(served)
    await send(served)
    assert len(receiver.got) == 1
    old = await first_segment(served, order)
    await told(served, retimed(old, timedelta(hours=3)))
    await send(served)
    moved = receiver.got[-1]
    assert len(receiver.got) == 2
    assert moved.texts("PaxSegmentID") == [(await first_segment(served, order)).id]
    now = order_of(await seen(served, order))
    quoted = await served.talk.reshop(order.order_id)
    accepted = await served.talk.accept_cancelled(now, quoted, "cancel")
    assert accepted.errors == ()
    await settle(served)
    await send(served)
    assert receiver.got[-1].texts("DeliveryStatusCode") == ["REMOVED"]
    assert len(receiver.got) == 3
    for got in receiver.got:
        assert_sound(got)
        assert dangling(got.root) == []


async def test_a_provider_does_not_hear_its_own_words(served: Served, receiver: Receiver) -> None:
    await registered(served, receiver.url, LOUNGES)
    order = await with_lounge(served)
    whole = await kept(served, order)
    await tell(served, whole, reported(lounges(whole)[0], "UNABLE TO DELIVER"))
    await send(served)
    assert len(receiver.got) == 1


async def test_seller_and_provider_are_told_apart(served: Served, receiver: Receiver) -> None:
    """Of one event, each in its own time: the one waits, the other does not."""
    await registered(served, receiver.url, LOUNGES)
    order = await with_lounge(served)
    await send(served)
    async with receiving() as sellers:
        sellers.answer = fail
        await registered(served, sellers.url)
        await told(served, retimed(await first_segment(served, order), timedelta(hours=3)))
        await send(served)
        notes = await served.house.store.list_notifications(order.order_id)
        states = {(each.receiver, each.state.value) for each in notes}
        assert states == {(LOUNGES, "received"), ("91000000", "waiting")}
        assert len({each.sequence for each in notes}) == 2
        sellers.answer = acknowledge
        served.clock.advance(timedelta(seconds=5))
        await send(served)
        assert b"IATA_OrderChangeNotifRQ" in sellers.got[-1].body
    assert b"IATA_ServiceDeliveryNotifRQ" in receiver.got[-1].body
