"""Counters of what can run out: guarded, whole with their order, and counted by `verify`."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update
from tests.store import raw
from tests.store.samples import NOW, creation, order, record

from ndc_oms.errors import NotFound
from ndc_oms.model.ancillary import Product
from ndc_oms.model.events import OrderClosed
from ndc_oms.model.items import AncillaryItem, Service
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.order import Order
from ndc_oms.model.stock import moves
from ndc_oms.ports.store import RecordOrder, SoldOut
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.tables import stock
from ndc_oms.store.verify import verify

PET = Product("AVIH", "Pet", ssr="AVIH", stock=3)


def with_pets(order_id: str, count: int) -> Order:
    pet = AncillaryItem(
        f"{order_id}-A1",
        "SV.1",
        "P1",
        PET,
        Fare("", Money(0, "EUR"), ()),
        (Service(f"{order_id}-A1S1", "S1"),),
        quantity=count,
    )
    return order(order_id, ancillaries=(pet,))


def selling(order_id: str, count: int) -> RecordOrder:
    unit = creation(order_id)
    made = with_pets(order_id, count)
    event = replace(unit.events[0], order=made)  # type: ignore[call-arg]
    return replace(unit, order=made, events=(event,), stock=moves(None, made))


async def test_no_more_is_sold_than_there_is(store: SqlStore, url: str) -> None:
    names = [f"ZZ000000010{n}" for n in range(6)]
    sent = [store.write(selling(name, 1)) for name in names]
    outcomes = await asyncio.gather(*sent, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, SoldOut)]
    assert len(refused) == 3
    assert "AVIH" in refused[0].text
    flight = with_pets("X", 1).segments[0].flight.key
    assert await store.stock_taken(flight) == {"AVIH": 3}
    for name, outcome in zip(names, outcomes, strict=True):
        if outcome is None:
            assert (await store.get_order(name, None)).order.ancillaries
        else:
            with pytest.raises(NotFound):
                await store.get_order(name, None)
    assert await verify(url) == []


async def test_what_is_given_back_can_be_sold_again(store: SqlStore) -> None:
    sold = selling("ZZ0000000101", 3)
    await store.write(sold)
    with pytest.raises(SoldOut):
        await store.write(selling("ZZ0000000102", 1))
    closing = record(sold.order, [OrderClosed(at=NOW, reason="not wanted")])
    given_back = moves(sold.order, closing.order)
    assert [(move.count, move.has) for move in given_back] == [(-3, 0)]
    await store.write(replace(closing, stock=given_back))
    flight = sold.order.segments[0].flight.key
    assert await store.stock_taken(flight) == {}
    await store.write(selling("ZZ0000000102", 1))
    assert await store.stock_taken(flight) == {"AVIH": 1}


async def test_verify_finds_a_wrong_counter(store: SqlStore, url: str) -> None:
    await store.write(selling("ZZ0000000101", 2))
    async with raw.behind(url) as connection:
        await connection.execute(update(stock).values(taken=1))
    (found,) = await verify(url)
    assert found.startswith("I9: 1 are counted of AVIH")
