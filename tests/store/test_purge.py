"""The purge: what is old goes, what is promised stays, and a key keeps its order."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from tests.store import raw
from tests.store.samples import NOW, SELLER, StoppedClock, claim, creation, offer, record
from tests.store.test_stocking import selling

from ndc_oms.model.events import OrderClosed
from ndc_oms.model.stock import moves
from ndc_oms.ports.store import DropClaim, KeepOffer, KeepReply, Replay
from ndc_oms.store import purge
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.verify import verify

DAY = timedelta(days=1)
EXPIRES = offer().expires_at


async def test_an_offer_goes_a_day_after_it_expired(store: SqlStore, clock: StoppedClock) -> None:
    await store.write(KeepOffer(offer("o1")))
    await store.write(KeepOffer(replace(offer("o2"), expires_at=EXPIRES + DAY)))
    clock.at = EXPIRES + DAY
    await store.purger.run_due()
    assert await store.find_offer("o1") is not None
    clock.at += timedelta(microseconds=1)
    await store.purger.run_due()
    assert await store.find_offer("o1") is None
    assert await store.find_offer("o2") is not None


async def test_reply_bytes_go_and_the_key_keeps_its_order(
    store: SqlStore, url: str, clock: StoppedClock
) -> None:
    await store.write(claim())
    await store.write(creation())
    await store.write(KeepReply(SELLER, "k1", b"<reply/>", b"<request/>", NOW))
    clock.at = NOW + 30 * DAY
    await store.purger.run_due()
    assert await store.find_claim(SELLER, "k1") == Replay("ZZ0000000001", b"<reply/>")
    clock.at += timedelta(microseconds=1)
    await store.purger.run_due()
    kept = Replay("ZZ0000000001", None)
    assert await store.find_claim(SELLER, "k1") == kept
    assert await store.write(claim(now=clock.at)) == kept
    ((request,),) = await raw.rows(url, "SELECT request FROM claims")
    assert request is None
    await store.write(KeepReply(SELLER, "k1", b"<late/>", b"<late/>", clock.at))
    assert await store.find_claim(SELLER, "k1") == kept  # the first reply was sent
    assert await verify(url) == []


async def test_a_key_that_was_refused_is_not_worked_on_again(
    store: SqlStore, clock: StoppedClock
) -> None:
    """Its refusal was a kept reply: no order came of it."""
    await store.write(claim())
    await store.write(KeepReply(SELLER, "k1", b"<refused/>", b"<request/>", NOW))
    clock.at = NOW + 31 * DAY
    await store.purger.run_due()
    await store.write(DropClaim(SELLER, "k1"))
    assert await store.write(claim(now=clock.at)) == Replay("ZZ0000000001", None)


async def test_it_goes_in_small_steps(
    store: SqlStore, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "PAUSE_S", 0)
    count = purge.AT_ONCE * 2 + 1
    await asyncio.gather(*(store.write(KeepOffer(offer(f"o{n}"))) for n in range(count)))
    clock.at = EXPIRES + 2 * DAY
    assert await store.purger.run_due() == 3
    assert await store.find_offer(f"o{count - 1}") is None
    assert await store.purger.run_due() == 1


async def test_it_ends_when_it_is_told(store: SqlStore) -> None:
    stop = asyncio.Event()
    work = asyncio.create_task(store.purger.run_forever(stop))
    await asyncio.sleep(0.01)
    stop.set()
    await work


async def test_what_is_counted_of_a_flight_goes_a_month_after_it_left(
    store: SqlStore, url: str, clock: StoppedClock
) -> None:
    unit = selling("ZZ0000000001", 2)
    await store.write(unit)
    place = unit.order.segments[0].flight.key
    left = datetime.combine(place.day, time(12), UTC)
    clock.at = left + 30 * DAY
    await store.purger.run_due()
    assert await store.stock_taken(place) == {"AVIH": 2}
    clock.at += DAY
    await store.purger.run_due()
    assert await store.stock_taken(place) == {}
    assert await raw.rows(url, "SELECT flight FROM stock") == []
    assert await raw.rows(url, "SELECT flight FROM stock_takings") == []
    assert await verify(url) == []
    # what is given back afterwards is counted by nobody
    found = await store.get_order("ZZ0000000001", None)
    closed = record(found.order, [OrderClosed(at=clock.at, reason="over")])
    await store.write(replace(closed, stock=moves(found.order, closed.order)))
    assert await raw.rows(url, "SELECT flight FROM stock_takings") == []
    assert [each for each in await verify(url) if "I9" in each] == []


async def test_what_is_let_go_of_one_flight_is_still_missed_of_another(
    store: SqlStore, url: str, clock: StoppedClock
) -> None:
    unit = selling("ZZ0000000001", 2)
    await store.write(unit)
    left = datetime.combine(unit.order.segments[0].flight.key.day, time(12), UTC)
    clock.at = left + 31 * DAY
    await store.purger.run_due()
    await raw.change(url, "UPDATE purged SET before = before - 31")
    assert any("I9" in each for each in await verify(url))
