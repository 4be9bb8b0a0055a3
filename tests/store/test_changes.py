"""Changes of orders: quotes are kept, and a key has one effect on the order that it names."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.store.samples import (
    NOW,
    SELLER,
    StoppedClock,
    claim,
    creation,
    life,
    order,
    record,
    task,
)

from ndc_oms.errors import Conflict
from ndc_oms.model.cancellation import Cancellation, GivenUp, RefundDue
from ndc_oms.model.events import (
    CancellationAccepted,
    Event,
    FulfilmentFailed,
    ItemsCancelled,
    OrderClosed,
    PaymentRefunded,
    PeopleUpdated,
    SeatsReduced,
)
from ndc_oms.model.fold import fold
from ndc_oms.model.money import Money
from ndc_oms.model.quote import ItemQuote, Quote, QuoteKind
from ndc_oms.model.step import Failure, Step
from ndc_oms.ports.store import (
    Busy,
    ClaimKey,
    DropClaim,
    EffectUsed,
    Fresh,
    KeepQuote,
    KeepReply,
    RecordOrder,
    Replay,
)
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.verify import verify

ORDER = "ZZ0000000001"
LATER = NOW + timedelta(seconds=31)  # after the lease


def change(**changes: object) -> ClaimKey:
    return replace(claim("change", offer_id="", changes=True), **changes)  # type: ignore[arg-type]


def effect(key: str = "change") -> RecordOrder:
    """Something that happens to the order, under the key."""
    made = order()
    event = PeopleUpdated(at=NOW, passenger_id="P1", kinds=("contacts",))
    return record(made, [event], claimed_by=key)


def quote() -> Quote:
    made = order()
    item = made.items[0]
    nothing = Money.zero("EUR")
    return Quote(
        quote_id="Q1",
        order_id=ORDER,
        order_version=1,
        seller=SELLER,
        kind=QuoteKind.CANCEL,
        currency="EUR",
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
        items=(ItemQuote(item.id, item.fare, None, nothing, item.fare.base, item.fare.taxes),),
        void=True,
    )


async def test_a_quote_comes_back_as_it_was(store: SqlStore) -> None:
    await store.write(creation())
    await store.write(KeepQuote(quote()))
    await store.write(KeepQuote(replace(quote(), void=False)))
    assert await store.find_quote("Q1") == quote()
    assert await store.find_quote("Q2") is None


async def test_the_order_being_there_is_no_effect(store: SqlStore, clock: StoppedClock) -> None:
    await store.write(creation())
    assert await store.write(change()) == Fresh(ORDER)
    assert await store.write(change()) == Busy()
    clock.at = LATER
    assert await store.find_claim(SELLER, "change") is None
    taken = change(now=LATER, lease_until=LATER + timedelta(seconds=30))
    assert await store.write(taken) == Fresh(ORDER, taken_over=True)


async def test_one_effect_a_key(store: SqlStore, clock: StoppedClock) -> None:
    await store.write(creation())
    await store.write(change())
    unit = effect()
    await store.write(unit)
    clock.at = LATER
    assert await store.find_claim(SELLER, "change") == Replay(ORDER, None, unit.order.sequence)
    again = record(unit.order, list(unit.events), claimed_by="change")
    with pytest.raises(EffectUsed):
        await store.write(again)
    kept = await store.get_order(ORDER, None)
    assert kept.order == unit.order == fold(await store.list_events(ORDER))


async def test_an_effect_needs_its_claim(store: SqlStore) -> None:
    await store.write(creation())
    with pytest.raises(EffectUsed):
        await store.write(effect("never claimed"))
    assert len(await store.list_events(ORDER)) == 1


async def test_two_that_took_the_same_key_have_one_effect(
    store: SqlStore, clock: StoppedClock
) -> None:
    """The first was slow and lost its lease; it comes late."""
    await store.write(creation())
    await store.write(change())
    clock.at = LATER
    await store.write(change(now=LATER, lease_until=LATER + timedelta(seconds=30)))
    await store.write(effect())
    with pytest.raises(Conflict):
        await store.write(effect())


async def test_a_change_without_effect_is_dropped_and_one_with_it_stays(store: SqlStore) -> None:
    await store.write(creation())
    await store.write(change())
    await store.write(DropClaim(SELLER, "change"))
    assert await store.write(change()) == Fresh(ORDER)
    await store.write(effect())
    await store.write(DropClaim(SELLER, "change"))
    assert await store.find_claim(SELLER, "change") == Busy()


async def test_a_kept_reply_is_replayed(store: SqlStore) -> None:
    await store.write(creation())
    await store.write(change())
    await store.write(effect())
    await store.write(KeepReply(SELLER, "change", b"<reply/>", b"", NOW))
    assert await store.write(change(now=LATER)) == Replay(ORDER, b"<reply/>", 2)


# -- verify ------------------------------------------------------------------------------------


def cancelled(refund: int) -> list[Event]:
    """The life of an order of which everything is given up: so much comes back, the rest is kept.
    The documents stay as they are, which is not as it should be.
    """
    events = life(order())
    made = fold(events)
    back = Money(refund, "EUR")
    parts = (back, Money.zero("EUR"))
    given_up = tuple(
        GivenUp(item.id, part, item.fare.total - part)
        for item, part in zip(made.items, parts, strict=True)
    )
    asked = Cancellation(given_up, "the seller's wish", refunds=(RefundDue("M1", back),))
    at = NOW + timedelta(hours=1)
    events.append(CancellationAccepted(at=at, cancellation=asked))
    events.append(PaymentRefunded(at=at, payment_id="M1", refund="R1", amount=back))
    events.append(SeatsReduced(at=at, segment_ids=("S1",), passenger_ids=("P1", "P2")))
    events.append(ItemsCancelled(at=at))
    return [*events, OrderClosed(at=at, reason="all gone")]


async def test_part_of_the_money_may_come_back(store: SqlStore, url: str) -> None:
    unit = record(None, cancelled(5_000))
    await store.write(unit)
    found = await verify(url)
    assert not any("I11" in each or "I12" in each or "I20" in each for each in found), found
    assert unit.order.payments[0].returned == Money(5_000, "EUR")


async def test_a_live_coupon_of_a_cancelled_item_is_found(store: SqlStore, url: str) -> None:
    await store.write(record(None, cancelled(5_000)))
    found = await verify(url)
    assert sum("I19: item" in each for each in found) == 2


async def test_a_closed_order_that_is_still_booked_is_found(store: SqlStore, url: str) -> None:
    await store.write(record(None, cancelled(5_000)))
    assert any("I10: the order is closed" in each for each in await verify(url))


async def test_a_hold_whose_end_is_not_at_its_limit_is_found(store: SqlStore, url: str) -> None:
    limit = NOW + timedelta(hours=48)
    for number, (hours, findings) in enumerate(((48, 0), (49, 1)), 1):
        order_id = f"ZZ000000000{number}"
        ends = task(order_id, Step.EXPIRE, NOW + timedelta(hours=hours))
        unit = creation(order_id, payment_limit_at=limit, payments=())
        await store.write(replace(unit, next_task=ends))
        assert sum("I10: the hold" in each for each in await verify(url)) == findings


async def test_an_order_that_expired_is_sound(store: SqlStore, url: str) -> None:
    made = order(payment_limit_at=NOW, price_guarantee_until=NOW, payments=())
    failure = Failure(Step.EXPIRE, "303", "not paid in time")
    await store.write(
        record(
            None,
            [
                *life(made)[:1],
                FulfilmentFailed(at=NOW, failure=failure),
                OrderClosed(at=NOW, reason="not paid in time"),
            ],
        )
    )
    assert await verify(url) == []
