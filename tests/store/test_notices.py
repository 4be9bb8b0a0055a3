"""The outbox of notifications: written with its events, leased once, in order for each order."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.store.samples import NOW, SELLER, StoppedClock, creation, life, order, record

from ndc_oms.errors import NotFound
from ndc_oms.model.airline_change import AirlineChange, Inaction, Reason, Rerouted
from ndc_oms.model.events import FlightsChanged
from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.hearing import LeaseFeed, MoveFeed, RecordHeard
from ndc_oms.ports.notify import (
    DropEndpoint,
    EndNotification,
    Endpoint,
    GiveUpNotifications,
    LeaseNotifications,
    NoticeState,
    Notification,
    PostponeNotification,
    PutEndpoint,
    ResendNotifications,
)
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import FreeLeases, LeaseLost
from ndc_oms.store.sql_store import SqlStore

ONE, TWO = "ZZ0000000001", "ZZ0000000002"
MINUTE = timedelta(minutes=1)


def stranded(number: int) -> FlightsChanged:
    """An event of which the seller is told."""
    change = AirlineChange(
        f"C{number}", (Rerouted(0, Reason.CANCELLED, (), ()),), (), NOW, Inaction.CANCEL
    )
    return FlightsChanged(at=NOW + timedelta(seconds=number), change=change, heard=())


async def changed(store: SqlStore, order_id: str, times: int) -> None:
    await store.write(creation(order_id))
    for number in range(times):
        found = await store.get_order(order_id, None)
        await store.write(record(found.order, [stranded(number)]))


async def endpoint(store: SqlStore) -> None:
    await store.sellers.ensure(Seller(SELLER, "Agency", "EUR"), "ndc_test_x", "key")
    await store.write(PutEndpoint(Endpoint(SELLER, "https://agency.example/", "salt", NOW)))


async def lease(store: SqlStore, clock: StoppedClock, owner: str = "me") -> list[Notification]:
    now = clock.now()
    return list(await store.write(LeaseNotifications(owner, SELLER, now, now + MINUTE, 10)))


def names(found: list[Notification]) -> list[tuple[str, int]]:
    return [(each.order_id, each.sequence) for each in found]


async def end(
    store: SqlStore, one: Notification, state: NoticeState = NoticeState.RECEIVED
) -> None:
    await store.write(
        EndNotification(
            one.order_id, one.sequence, one.receiver, one.attempts, state, NOW, answer="OK"
        )
    )


async def test_events_that_tell_are_in_the_outbox_with_their_order(
    store: SqlStore, clock: StoppedClock
) -> None:
    await store.write(record(None, life(order(ONE)), creation(ONE).people))
    assert await store.list_notifications(None) == []
    found = await store.get_order(ONE, None)
    await store.write(record(found.order, [stranded(1)]))
    (one,) = await store.list_notifications(ONE)
    assert (one.sequence, one.receiver, one.state) == (7, SELLER, NoticeState.WAITING)
    assert await store.list_due_receivers(clock.now()) == []  # nowhere to tell it
    await endpoint(store)
    clock.at += MINUTE
    assert await store.list_due_receivers(clock.now()) == [SELLER]


async def test_later_ones_of_an_order_wait_behind_the_first(
    store: SqlStore, clock: StoppedClock
) -> None:
    await changed(store, ONE, 3)
    await changed(store, TWO, 1)
    clock.at += MINUTE
    first = await lease(store, clock)
    assert names(first) == [(ONE, 2), (TWO, 2)]
    assert await lease(store, clock, "you") == []
    await end(store, first[0])
    assert names(await lease(store, clock)) == [(ONE, 3)]


async def test_receivers_of_one_order_do_not_wait_for_each_other(
    store: SqlStore, clock: StoppedClock
) -> None:
    await changed(store, ONE, 1)
    found = await store.get_order(ONE, None)
    both = replace(record(found.order, [stranded(9)]), providers=("95000001",))
    await store.write(both)
    clock.at += MINUTE
    (first,) = await lease(store, clock)
    now = clock.now()
    theirs = LeaseNotifications("me", "95000001", now, now + MINUTE, 10)
    (told,) = await store.write(theirs)
    assert (first.sequence, told.sequence, told.receiver) == (2, 3, "95000001")
    await end(store, told)
    states = {
        (each.sequence, each.receiver, each.state) for each in await store.list_notifications(ONE)
    }
    assert states == {
        (2, SELLER, NoticeState.WAITING),
        (3, SELLER, NoticeState.WAITING),
        (3, "95000001", NoticeState.RECEIVED),
    }


async def test_what_is_postponed_holds_its_order_back(store: SqlStore, clock: StoppedClock) -> None:
    await changed(store, ONE, 2)
    clock.at += MINUTE
    (first,) = await lease(store, clock)
    due = clock.now() + MINUTE
    await store.write(PostponeNotification(ONE, 2, SELLER, first.attempts, due, "HTTP 500"))
    assert await lease(store, clock) == []
    clock.at += MINUTE
    (again,) = await lease(store, clock)
    assert (again.sequence, again.attempts, again.last_error) == (2, 2, "HTTP 500")
    await end(store, first)  # of another's sending: nothing happens
    assert (await store.list_notifications(ONE))[-1].state is NoticeState.WAITING


async def test_a_lease_ends_by_itself_and_with_the_dead(
    store: SqlStore, clock: StoppedClock
) -> None:
    await changed(store, ONE, 1)
    clock.at += MINUTE
    assert len(await lease(store, clock)) == 1
    clock.at += 2 * MINUTE
    assert len(await lease(store, clock, "you")) == 1
    await store.write(FreeLeases())
    assert len(await lease(store, clock)) == 1


async def test_what_nobody_takes_is_given_up_and_can_be_sent_again(
    store: SqlStore, clock: StoppedClock
) -> None:
    await changed(store, ONE, 2)
    clock.at += timedelta(hours=73)
    assert await store.write(GiveUpNotifications(clock.at - timedelta(hours=72), clock.at)) == 2
    assert await lease(store, clock) == []
    assert await store.write(ResendNotifications(ONE, 3, clock.at)) == 1
    assert await store.write(GiveUpNotifications(clock.at - timedelta(hours=72), clock.at)) == 0
    assert names(await lease(store, clock)) == [(ONE, 3)]
    assert await store.write(ResendNotifications(ONE, None, clock.at)) == 2
    assert await store.write(ResendNotifications(TWO, None, clock.at)) == 0


async def test_endpoints_belong_to_sellers(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        await store.write(PutEndpoint(Endpoint("nobody", "https://a.example/", "salt", NOW)))
    await endpoint(store)
    await endpoint(store)  # in place of the old one
    found = await store.find_endpoint(SELLER)
    assert found == Endpoint(SELLER, "https://agency.example/", "salt", NOW)
    assert await store.write(DropEndpoint(SELLER)) is True
    assert await store.write(DropEndpoint(SELLER)) is False
    assert await store.find_endpoint(SELLER) is None


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_each_order_is_told_in_order(
    store: SqlStore, clock: StoppedClock, seed: int
) -> None:
    """Random workers that succeed, fail, die and come late, on three orders."""
    chance = random.Random(seed)
    ids = [f"ZZ000000000{n}" for n in range(3)]
    for order_id in ids:
        await changed(store, order_id, 4)
    told: dict[str, list[int]] = {order_id: [] for order_id in ids}
    out: list[Notification] = []
    for _ in range(120):
        clock.at += timedelta(seconds=chance.choice([1, 5, 40]))
        out += await lease(store, clock, chance.choice(["a", "b"]))
        chance.shuffle(out)
        if not out:
            continue
        one, fate = out.pop(), chance.random()
        if fate < 0.5:
            told[one.order_id].append(one.sequence)  # it was sent, and perhaps that is recorded
            if fate < 0.4:
                await end(store, one)
        elif fate < 0.8:
            due = clock.now() + timedelta(seconds=chance.choice([0, 30]))
            await store.write(
                PostponeNotification(
                    one.order_id, one.sequence, one.receiver, one.attempts, due, "no"
                )
            )
    for order_id in ids:
        received = [
            each.sequence
            for each in reversed(await store.list_notifications(order_id))
            if each.state is NoticeState.RECEIVED
        ]
        assert received == list(range(2, 2 + len(received)))  # none is skipped
        first_times = list(dict.fromkeys(told[order_id]))
        assert first_times == sorted(first_times)
        assert set(received) <= set(first_times)
    assert any(told.values())


# -- feeds -------------------------------------------------------------------------------------


async def test_one_process_follows_a_feed_and_what_it_does_counts_once(
    store: SqlStore, clock: StoppedClock
) -> None:
    await store.write(creation(ONE))
    now = clock.now()
    assert await store.write(LeaseFeed("pss", "a", now, now + MINUTE)) == 0
    assert await store.write(LeaseFeed("pss", "b", now, now + MINUTE)) is None
    before = (await store.get_order(ONE, None)).order
    heard = RecordHeard(record(before, [stranded(1)]), "pss", "a", 7)
    await store.write(heard)
    assert await store.write(LeaseFeed("pss", "a", now, now + MINUTE)) == 7
    clock.at += 2 * MINUTE
    later = clock.now()
    assert await store.write(LeaseFeed("pss", "b", later, later + MINUTE)) == 7
    before = (await store.get_order(ONE, None)).order
    with pytest.raises(LeaseLost):
        await store.write(RecordHeard(record(before, [stranded(2)]), "pss", "a", 8))
    assert (await store.get_order(ONE, None)).order == before
    with pytest.raises(LeaseLost):
        await store.write(MoveFeed("pss", "a", 9))
    await store.write(MoveFeed("pss", "b", 9))
    assert await store.write(LeaseFeed("pss", "b", later, later + MINUTE)) == 9


async def test_orders_are_found_by_flight_and_by_document(store: SqlStore) -> None:
    await store.write(record(None, life(order(ONE)), creation(ONE).people))
    await store.write(creation(TWO))
    flight = order().segments[0].flight.key
    assert await store.list_by_flight(flight) == [ONE, TWO]
    assert await store.list_by_flight(FlightKey("ZZ", "1", flight.day, "NRT", "CTS")) == []
    found = await store.find_by_document("9990000000001")
    assert found is not None
    assert found.order.order_id == ONE
    assert await store.find_by_document("9990000000009") is None
