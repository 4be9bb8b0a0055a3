"""A payment that is sent again, at once or under another key; orders that are not the seller's."""

import asyncio

import pytest
from tests.orders.offered import OTHER, SELLER, T, attempt
from tests.orders.paying import is_ticketed
from tests.orders.servicing import Desk, card, desk, plan

from ndc_oms.errors import Refusal, Unavailable
from ndc_oms.model.money import Money
from ndc_oms.orders.request import ChangeRequest, PaymentRequest
from ndc_oms.ports.store import KeepReply


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
