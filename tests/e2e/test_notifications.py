"""Sellers are told of what the airline changes: pushed, signed, in order, again until received."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.e2e.airline import asm, cancelled, first_segment, kept, retimed, told
from tests.e2e.receiver import (
    Answer,
    Receiver,
    acknowledge,
    assert_signed,
    assert_sound,
    babble,
    fail,
    receiving,
    registered,
)
from tests.e2e.servicing import COUPLE, bought
from tests.houses import CheckedClient, Served

from ndc_oms.kit.conversation import Conversation, OrderSummary
from ndc_oms.kit.requests import Sender
from ndc_oms.ports.notify import (
    DropEndpoint,
    NoticeState,
    Notification,
    ResendNotifications,
)
from ndc_oms.ports.sellers import Seller

OTHER = "93000000"
LATER = timedelta(hours=3)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def notes(served: Served, order: OrderSummary) -> list[Notification]:
    """Oldest first."""
    found = await served.house.store.list_notifications(order.order_id)
    return sorted(found, key=lambda each: each.sequence)


async def states(served: Served, order: OrderSummary) -> list[str]:
    return [each.state.value for each in await notes(served, order)]


async def send(served: Served) -> None:
    """What is due is sent: by this call, or by the house's own worker meanwhile."""
    await served.house.notifier.run_due()


async def test_what_changed_is_told_with_old_and_new(served: Served, receiver: Receiver) -> None:
    key = await registered(served, receiver.url)
    order = await bought(served, COUPLE)
    old = await first_segment(served, order)
    await told(served, retimed(old, LATER))
    await send(served)
    (got,) = receiver.got
    assert_signed(got, key)
    assert_sound(got)
    new = await first_segment(served, order)
    assert got.texts("PaxSegmentID") == [new.id, old.id]  # New comes before Old
    assert got.texts("ReasonCode") == ["TIME"]
    assert got.texts("ChangeTypeCode") == ["FLIGHT"]
    assert got.texts("ActionInd") == ["true", "true"]
    assert got.texts("ConsequenceOfInactionCode") == ["Auto-acceptance"] * 2
    assert got.texts("ActionTimeLimitDateTime") == ["2027-01-15T09:00:00Z"] * 2
    assert got.texts("Surname") == []
    version = (await kept(served, order)).version
    assert set(got.texts("OrderVersionNumber")) == {str(version), str(version - 1)}
    (note,) = await notes(served, order)
    assert (note.state, note.answer) == (NoticeState.RECEIVED, "OK: Seen")
    assert got.texts("TrxID") == [got.name] == [f"{order.order_id}.{note.sequence}"]


async def test_a_cancelled_flight_and_the_end_of_the_wait_are_told(
    served: Served, receiver: Receiver
) -> None:
    await registered(served, receiver.url)
    order = await bought(served)
    old = await first_segment(served, order)
    await told(served, cancelled(old))
    await send(served)
    served.clock.advance(timedelta(hours=73))
    await told(served, asm("RIN", old))
    await send(served)
    for got in receiver.got:
        assert_sound(got)
    assert [got.texts("ReasonCode") for got in receiver.got] == [["CANCELLED"], ["NO ANSWER"]]
    assert receiver.got[1].texts("ChangeTypeCode") == ["ACCEPTANCE"]


@pytest.mark.parametrize("answer", [fail, babble])
async def test_what_is_not_received_is_sent_again(
    served: Served, receiver: Receiver, answer: Answer
) -> None:
    await registered(served, receiver.url)
    receiver.answer = answer
    order = await bought(served)
    await told(served, retimed(await first_segment(served, order), LATER))
    await send(served)
    assert await states(served, order) == ["waiting"]
    (note,) = await notes(served, order)
    assert note.last_error
    receiver.answer = acknowledge
    served.clock.advance(timedelta(seconds=5))
    await send(served)
    assert await states(served, order) == ["received"]
    first, again = receiver.got
    assert first.name == again.name
    assert again.texts("RetransmissionInd") == ["true"]
    assert_sound(again)


async def test_an_endpoint_that_is_down_is_tried_for_three_days(
    served: Served, receiver: Receiver
) -> None:
    await registered(served, "http://127.0.0.1:1/told")
    order = await bought(served)
    await told(served, retimed(await first_segment(served, order), timedelta(hours=1)))
    for _ in range(4):
        await send(served)
        served.clock.advance(timedelta(hours=1))
    assert await states(served, order) == ["waiting"]
    served.clock.advance(timedelta(hours=72))
    await send(served)
    assert (await states(served, order))[0] == "given up"
    await registered(served, receiver.url)
    (note, *_) = await notes(served, order)
    again = ResendNotifications(order.order_id, note.sequence, served.clock.now())
    assert await served.house.store.write(again) == 1
    await send(served)
    assert (await states(served, order))[0] == "received"


async def test_notifications_of_an_order_stay_in_order(served: Served, receiver: Receiver) -> None:
    await registered(served, receiver.url)
    receiver.answer = fail
    order = await bought(served)
    for _ in range(3):
        await told(served, retimed(await first_segment(served, order), timedelta(minutes=40)))
        await send(served)
    assert len(set(receiver.names)) == 1  # the others wait behind it
    receiver.answer = acknowledge
    failed = len(receiver.got)
    for _ in range(3):
        served.clock.advance(timedelta(hours=1))
        await send(served)
    sequences = [each.sequence for each in await notes(served, order)]
    expected = [f"{order.order_id}.{each}" for each in sequences[:3]]
    assert receiver.names[failed : failed + 3] == expected


async def test_a_slow_seller_holds_no_other_up(served: Served, receiver: Receiver) -> None:
    await registered(served, receiver.url)
    receiver.gate.clear()
    order = await bought(served)
    await told(served, retimed(await first_segment(served, order), LATER))
    slow = asyncio.create_task(send(served))
    while not receiver.got:
        await asyncio.sleep(0.01)
    async with receiving() as quick:
        key = await served.house.store.sellers.add(Seller(OTHER, "Other travel", "CAD"), "its key")
        await registered(served, quick.url, OTHER)
        async with CheckedClient(served.url, key) as client:
            talk = Conversation(client, Sender(org_id=OTHER))
            theirs = replace(served, client=client, talk=talk)
            other = await bought(theirs)
        await told(served, retimed(await first_segment(served, other), LATER))
        quickly = asyncio.create_task(send(served))
        while not quick.got:
            await asyncio.sleep(0.01)
        assert set(await states(served, order)) == {"waiting"}
        receiver.gate.set()
        await asyncio.gather(slow, quickly)
    assert await states(served, other) == ["received"]


async def test_who_has_no_endpoint_is_told_when_there_is_one(
    served: Served, receiver: Receiver
) -> None:
    order = await bought(served)
    await told(served, retimed(await first_segment(served, order), LATER))
    await send(served)
    assert await states(served, order) == ["waiting"]
    await registered(served, receiver.url)
    await send(served)
    assert await states(served, order) == ["received"]
    assert await served.house.store.write(DropEndpoint("91000000"))
