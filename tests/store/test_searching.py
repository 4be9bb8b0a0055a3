"""Looking for orders: each index finds what it should, in its order."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.store import raw
from tests.store.samples import NOW, PEOPLE, SELLER, creation, life, order, record

from ndc_oms.errors import NotFound
from ndc_oms.model.events import OrderClosed, PaymentDeclined
from ndc_oms.ports.search import (
    ByChange,
    ByCreation,
    ByDeparture,
    ByDocument,
    ByFlight,
    ByFlightArrival,
    ByFlightDeparture,
    ByLocator,
    ByPaying,
    BySurname,
    DaySpan,
    Index,
    OrderSearch,
    Place,
    Span,
)
from ndc_oms.store import reader, searching
from ndc_oms.store.sql_store import SqlStore
from ndc_oms.store.sqlite import CALLS
from ndc_oms.store.verify import verify

OTHER = "92000000"
DAY = date(2026, 4, 1)
SECOND = timedelta(seconds=1)
# Every index, what finds the sample's order, and what is beside it.
INDEXES: dict[type, tuple[Index, Index | None]] = {
    ByCreation: (ByCreation(), None),
    ByChange: (ByChange(Span(NOW, NOW + 60 * SECOND)), ByChange(Span(NOW + 60 * SECOND))),
    ByDeparture: (ByDeparture(DaySpan(DAY, DAY)), ByDeparture(DaySpan(DAY + timedelta(days=1)))),
    BySurname: (BySurname("Naeslund"), BySurname("Naslund")),
    ByLocator: (ByLocator("ABC123"), ByLocator("ABC124")),
    ByDocument: (ByDocument("9990000000001"), ByDocument("9990000000009")),
    ByPaying: (ByPaying("SUCCESSFUL"), ByPaying("PENDING")),
    ByFlight: (ByFlight("ZZ", "101"), ByFlight("ZZ", "102")),
    ByFlightDeparture: (
        ByFlightDeparture(Place("NRT", DAY)),
        ByFlightDeparture(Place("CTS", DAY)),
    ),
    ByFlightArrival: (ByFlightArrival(Place("CTS", DAY)), ByFlightArrival(Place("NRT", DAY))),
}


def made(number: int, seller: str = SELLER, **changes: object) -> object:
    """An order created `number` seconds after NOW."""
    at = NOW + number * SECOND
    return creation(f"ZZ{number:010d}", seller, created_at=at, changed_at=at, **changes)


async def found(store: SqlStore, by: Index, seller: str = SELLER, **more: object) -> list[str]:
    search = OrderSearch(seller, by, **more)  # type: ignore[arg-type]  # a test names its own
    return [each.order.order_id for each in await store.search_orders(search)]


def test_every_index_is_here() -> None:
    assert set(INDEXES) == set(searching._STATEMENTS)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)
async def test_each_index_finds_its_sellers_orders_and_no_others(store: SqlStore) -> None:
    await store.write(record(None, life(order("ZZ0000000001")), PEOPLE))
    await store.write(record(None, life(order("ZZ0000000002", OTHER), serial=3), PEOPLE))
    for right, wrong in INDEXES.values():
        by = replace(right, number="9990000000003") if isinstance(right, ByDocument) else right
        assert await found(store, right) == ["ZZ0000000001"], right
        assert await found(store, by, OTHER) == ["ZZ0000000002"], by
        assert await found(store, right, "93000000") == [], right
        if wrong is not None:
            assert await found(store, wrong) == [], wrong


async def test_pages_follow_each_other_newest_first(store: SqlStore) -> None:
    for number in (3, 1, 5, 2, 4):
        await store.write(made(number))  # type: ignore[arg-type]
    everybody = [f"ZZ{number:010d}" for number in (5, 4, 3, 2, 1)]
    for by in (ByCreation(), BySurname("NAESLUND"), ByFlight("ZZ", "101"), ByPaying("PENDING")):
        assert await found(store, by) == everybody
        page = await found(store, by, limit=2)
        assert page == everybody[:2]
        assert await found(store, by, limit=2, after=page[-1]) == everybody[2:4]
        assert await found(store, by, limit=2, after=everybody[3]) == everybody[4:]


async def test_orders_of_one_moment_are_each_on_one_page(store: SqlStore) -> None:
    for number in range(1, 6):
        await store.write(creation(f"ZZ{number:010d}"))
    seen: list[str] = []
    while page := await found(store, ByCreation(), limit=2, after=seen[-1] if seen else None):
        seen += page
    assert seen == [f"ZZ{number:010d}" for number in (5, 4, 3, 2, 1)]


async def test_an_order_to_read_on_after_must_be_the_sellers(store: SqlStore) -> None:
    await store.write(creation("ZZ0000000001", OTHER))
    for unknown in ("ZZ0000000001", "ZZ0000000009"):
        with pytest.raises(NotFound) as refused:
            await found(store, ByCreation(), after=unknown)
        assert refused.value.text == f"There is no order {unknown}."


async def test_what_is_derived_follows_the_order(store: SqlStore, url: str) -> None:
    events = life(order())
    unit = record(None, events[:1], PEOPLE)
    await store.write(unit)
    assert await found(store, ByPaying("PENDING")) == ["ZZ0000000001"]
    at = NOW + 10 * SECOND
    gone = record(unit.order, [PaymentDeclined(at=at, payment_id="M1", reason="no")])
    await store.write(gone)
    assert await found(store, ByPaying("PENDING")) == []
    assert await found(store, ByPaying("FAILED")) == ["ZZ0000000001"]
    await store.write(record(gone.order, [OrderClosed(at=at + SECOND, reason="no")]))
    assert await found(store, ByChange(Span(at + SECOND, at + SECOND))) == ["ZZ0000000001"]
    assert await found(store, ByChange(Span(NOW, at))) == []
    assert await found(store, ByFlight("ZZ", "101")) == ["ZZ0000000001"]
    assert await verify(url) == []
    await raw.change(url, "UPDATE flights SET number = '9'")
    await raw.change(url, "UPDATE orders SET departs_on = 1, paying = ''")
    kinds = [finding.split(": ", 2)[2].split()[1] for finding in await verify(url)]
    assert sorted(kinds) == ["departs_on", "flights", "paying"]


async def test_a_whole_second_includes_what_happened_within_it(store: SqlStore) -> None:
    await store.write(creation())  # at NOW, a part of a second after a whole one
    second = NOW.replace(microsecond=0)
    assert await found(store, ByCreation(), created=Span(second, second)) == ["ZZ0000000001"]
    assert await found(store, ByCreation(), created=Span(None, second - SECOND)) == []
    assert await found(store, ByCreation(), created=Span(second + SECOND, None)) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_page_is_read_off_an_index(store: SqlStore, url: str) -> None:
    """Nothing is read through and nothing but the page is sorted: it costs the same, however many
    orders there are.
    """
    assert await found(store, ByCreation()) == []
    for by, _ in INDEXES.values():
        plan = await explained(url, searching._STATEMENTS[type(by)])
        page = plan[: plan.index("SCAN anon_1")]
        few = isinstance(by, ByLocator | ByDocument)
        assert page[0] == "MATERIALIZE anon_1"
        assert page[1].startswith("SEARCH "), plan
        assert few or ("COVERING INDEX" in page[1] and len(page) == 2), plan
        assert not few or page[1].startswith(("SEARCH bookings", "SEARCH documents")), plan
        assert not few or page[2].startswith("SEARCH orders USING INDEX sqlite_auto"), plan


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", [reader._BY_BOOKING, reader._BY_BOOKING_OF_SELLER])
async def test_a_booking_leads_to_its_order(store: SqlStore, url: str, statement: Any) -> None:
    """And not the seller, who has had a million."""
    assert await store.find_by_booking("ABC123", SELLER) is None
    first, second, *_ = await explained(url, statement)
    assert first.startswith("SEARCH bookings USING COVERING INDEX bookings_locator (locator=?")
    assert second.startswith("SEARCH orders USING INDEX sqlite_autoindex_orders_1 (order_id=?")


async def explained(url: str, statement: Any) -> list[str]:
    sql, _ = CALLS(statement)
    async with raw.behind(url) as connection:
        steps = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (0,) * sql.count("?"))
        return [str(step[3]) for step in steps]
