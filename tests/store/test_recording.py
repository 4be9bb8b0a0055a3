"""Orders: what is recorded is read back whole, and a stale writer is refused."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete
from tests.store import raw
from tests.store.samples import NOW, PEOPLE, SELLER, creation, life, offer, order, record, task

from ndc_oms.errors import Conflict, NotFound, Unavailable
from ndc_oms.model.events import OrderCreated
from ndc_oms.model.fold import fold
from ndc_oms.model.passenger import People
from ndc_oms.model.step import Step
from ndc_oms.ports.store import KeepOffer
from ndc_oms.store.hand import DuplicateError
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.tables import order_events, orders


async def test_an_order_is_read_back_as_it_was_recorded(store: SqlStore) -> None:
    unit = creation()
    await store.write(unit)
    kept = await store.get_order("ZZ0000000001", SELLER)
    assert kept.order == unit.order
    assert kept.people == PEOPLE
    assert await store.list_events("ZZ0000000001") == list(unit.events)
    assert (await store.get_order("ZZ0000000001", None)).order == unit.order


async def test_events_one_by_one_make_the_snapshot(store: SqlStore) -> None:
    before = None
    for event in life(order()):
        unit = record(before, [event], PEOPLE if before is None else None)
        await store.write(unit)
        before = unit.order
    kept = await store.get_order("ZZ0000000001", SELLER)
    assert kept.order == before == fold(await store.list_events("ZZ0000000001"))
    assert kept.people == PEOPLE


async def test_times_keep_their_offset(store: SqlStore) -> None:
    await store.write(creation())
    flight = (await store.get_order("ZZ0000000001", None)).order.segments[0].flight
    assert flight.departure.isoformat() == "2026-04-01T09:30:00+09:00"
    assert flight.key.day.isoformat() == "2026-04-01"


async def test_another_sellers_order_reads_as_none(store: SqlStore) -> None:
    await store.write(creation())
    with pytest.raises(NotFound) as other:
        await store.get_order("ZZ0000000001", "92000000")
    with pytest.raises(NotFound) as missing:
        await store.get_order("ZZ0000000009", "92000000")
    assert other.value.code == missing.value.code == "129"
    assert other.value.text.replace("01", "09") == missing.value.text
    assert other.value.remedy == missing.value.remedy


async def test_an_order_is_found_by_its_booking(store: SqlStore) -> None:
    assert await store.find_by_booking("ABC123", SELLER) is None
    await store.write(record(None, life(order()), PEOPLE))
    found = await store.find_by_booking("ABC123", SELLER)
    assert found is not None
    assert found.order.order_id == "ZZ0000000001"
    assert found.people == PEOPLE
    assert await store.find_by_booking("ABC123", None) is not None
    assert await store.find_by_booking("ABC123", "92000000") is None


async def test_a_locator_that_came_back_means_the_latest_order(store: SqlStore) -> None:
    late = NOW + timedelta(days=400)
    await store.write(record(None, life(order())))
    later = order("ZZ0000000002", created_at=late, changed_at=late)
    await store.write(record(None, life(later, serial=11)))
    found = await store.find_by_booking("ABC123", SELLER)
    assert found is not None
    assert found.order.order_id == "ZZ0000000002"


async def test_a_stale_change_is_refused_and_leaves_nothing(store: SqlStore) -> None:
    created, authorised, booked, *_ = life(order())
    first = record(None, [created])
    await store.write(first)
    await store.write(record(first.order, [authorised]))
    with pytest.raises(Conflict):
        await store.write(record(first.order, [authorised, booked], next_task=task("ZZ0000000001")))
    assert len(await store.list_events("ZZ0000000001")) == 2
    assert await store.find_by_booking("ABC123", None) is None
    assert await store.list_tasks(None) == []


async def test_an_order_is_created_once(store: SqlStore) -> None:
    await store.write(creation())
    with pytest.raises(Conflict):
        await store.write(creation())


async def test_an_offer_is_accepted_once(store: SqlStore) -> None:
    await store.write(creation())
    with pytest.raises(Conflict):
        await store.write(creation("ZZ0000000002", offer_id="offer-ZZ0000000001"))
    with pytest.raises(NotFound):
        await store.get_order("ZZ0000000002", None)


async def test_of_many_at_once_one_changes_the_order(store: SqlStore) -> None:
    created, authorised, *_ = life(order())
    first = record(None, [created])
    await store.write(first)
    change = record(first.order, [authorised])
    answers = await asyncio.gather(
        *(store.write(change) for _ in range(16)), return_exceptions=True
    )
    assert answers.count(None) == 1
    assert all(isinstance(answer, Conflict) for answer in answers if answer is not None)
    assert len(await store.list_events("ZZ0000000001")) == 2


async def test_a_document_number_is_never_used_again(store: SqlStore) -> None:
    await store.write(record(None, life(order(), serial=1)))
    with pytest.raises(DuplicateError):
        await store.write(record(None, life(order("ZZ0000000002"), serial=2)))
    with pytest.raises(NotFound):
        await store.get_order("ZZ0000000002", None)


async def test_a_unit_that_contradicts_itself_is_a_bug(store: SqlStore) -> None:
    unit = creation()
    created = OrderCreated(at=NOW, order=unit.order)
    twice = type(unit)(unit.order, 0, (created, created), unit.transactions)
    with pytest.raises(AssertionError):
        await store.write(twice)
    with pytest.raises(NotFound):
        await store.get_order(unit.order.order_id, None)


async def test_people_can_be_replaced_without_an_event(store: SqlStore) -> None:
    unit = creation()
    await store.write(unit)
    alone = People(PEOPLE.persons[:1])
    await store.write(type(unit)(unit.order, 1, (), (), alone))
    kept = await store.get_order(unit.order.order_id, None)
    assert kept.people == alone
    assert kept.order == unit.order


async def test_the_next_task_comes_with_the_event_and_the_done_one_goes(store: SqlStore) -> None:
    created, authorised, *_ = life(order())
    until = NOW + timedelta(seconds=30)
    first = record(
        None, [created], next_task=task("ZZ0000000001"), lease_owner="w1", lease_until=until
    )
    await store.write(first)
    (leased,) = await store.list_tasks("ZZ0000000001")
    assert (leased.step, leased.attempts) == (Step.AUTHORISE, 1)
    second = record(
        first.order,
        [authorised],
        done_task=leased.key,
        next_task=task("ZZ0000000001", Step.BOOK),
    )
    await store.write(second)
    (due,) = await store.list_tasks("ZZ0000000001")
    assert (due.step, due.attempts) == (Step.BOOK, 0)


async def test_a_task_that_stands_already_stays(store: SqlStore) -> None:
    created, authorised, *_ = life(order())
    first = record(None, [created], next_task=task("ZZ0000000001"))
    await store.write(first)
    again = task("ZZ0000000001", due_at=NOW + timedelta(days=1))
    await store.write(record(first.order, [authorised], next_task=again))
    (due,) = await store.list_tasks("ZZ0000000001")
    assert due.due_at == NOW


async def test_a_step_that_is_due_again_keeps_its_task(store: SqlStore) -> None:
    created, authorised, *_ = life(order())
    first = record(None, [created], next_task=task("ZZ0000000001"))
    await store.write(first)
    later = task("ZZ0000000001", due_at=NOW + timedelta(days=1))
    again = record(first.order, [authorised], done_task=later.key, next_task=later)
    other = creation("ZZ0000000002")  # perhaps in the same batch
    await asyncio.gather(store.write(other), store.write(again))
    (due,) = await store.list_tasks("ZZ0000000001")
    assert due.due_at == later.due_at


async def test_a_priced_offer_stays_as_promised(store: SqlStore) -> None:
    assert await store.find_offer("o1") is None
    promised = offer("o1")
    await store.write(KeepOffer(promised))
    assert await store.find_offer("o1") == promised
    await store.write(KeepOffer(replace(promised, currency="USD")))
    assert await store.find_offer("o1") == promised


async def test_a_reader_cannot_write(store: SqlStore) -> None:
    await store.write(creation())
    with pytest.raises(Unavailable) as refused:
        await store._readers.rows(delete(orders), {})
    assert re.search("read-?only", str(refused.value.__cause__))


async def test_a_reader_sees_nothing_that_is_not_committed(store: SqlStore, url: str) -> None:
    await store.write(creation())
    async with raw.behind(url) as other:
        await other.execute(delete(order_events))
        assert len(await store.list_events("ZZ0000000001")) == 1
    assert await store.list_events("ZZ0000000001") == []


async def test_after_its_close_a_store_refuses_and_closes_again(store: SqlStore) -> None:
    await asyncio.gather(*(store.list_tasks(None) for _ in range(16)))
    await store.close()
    with pytest.raises(Unavailable):
        await store.list_tasks(None)
    with pytest.raises(Unavailable):
        await store.write(creation())
    await store.close()
