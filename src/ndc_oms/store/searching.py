"""Looking for orders: one statement an index, each in the order of that index, so that a page is
read and nothing is sorted. See `ports/search.py`.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Column, Integer, Select, Table, Text, bindparam, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from ndc_oms.errors import NotFound
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
    OrderSearch,
    Place,
    Span,
)
from ndc_oms.ports.store import OrderRecord
from ndc_oms.store.hand import Readers
from ndc_oms.store.rows import fold_surname, micros, read_order, read_people
from ndc_oms.store.tables import bookings, documents, flights, orders, people

_FIRST: Final = -(2**62)  # before and after every rank that a row can have
_LAST: Final = 2**62
_LAST_DAY: Final = 2**31 - 1

_STANDS: Final = select(orders.c.created_at, orders.c.changed_at, orders.c.departs_on).where(
    orders.c.order_id == bindparam("order_id_"), orders.c.seller == bindparam("seller_")
)


def _page(
    rank: ColumnElement[int], order_id: Column[str], *where: ColumnElement[bool]
) -> Select[tuple[Any, ...]]:
    """One page of orders in descending rank, with the people they name. An order that stands
    twice under what is asked for is on the page once.
    """
    kind = rank.type
    found = (
        select(order_id.label("found_id"), rank.label("rank"))
        .where(
            *where,
            rank >= bindparam("first_", type_=kind),
            rank <= bindparam("last_", type_=kind),
            tuple_(rank, order_id)
            < tuple_(bindparam("at_", type_=kind), bindparam("at_id_", type_=Text)),
        )
        .distinct()
        .order_by(rank.desc(), order_id.desc())
        .limit(bindparam("limit_", type_=Integer))
        .subquery()
    )
    return (
        select(orders.c.order_id, orders.c.snapshot, people.c.kind, people.c.payload)
        .select_from(
            found.join(orders, orders.c.order_id == found.c.found_id).outerjoin(
                people, people.c.order_id == found.c.found_id
            )
        )
        .order_by(found.c.rank.desc(), found.c.found_id.desc(), people.c.position)
    )


def _of_orders(rank: Column[int], *where: ColumnElement[bool]) -> Select[tuple[Any, ...]]:
    return _page(rank, orders.c.order_id, orders.c.seller == bindparam("seller_"), *where)


def _of_flights(*where: ColumnElement[bool]) -> Select[tuple[Any, ...]]:
    return _page(
        flights.c.created_at, flights.c.order_id, flights.c.seller == bindparam("seller_"), *where
    )


def _of_few(table: Table, one: ColumnElement[bool]) -> Select[tuple[Any, ...]]:
    """From a table where what is asked for stands once or twice. Adding nothing to the columns of
    the order keeps its own indexes, which hold all of the seller's orders, out of it.
    """
    return _page(
        orders.c.created_at + 0,
        table.c.order_id,
        table.c.order_id == orders.c.order_id,
        orders.c.seller + "" == bindparam("seller_"),
        one,
    )


_STATEMENTS: Final[dict[type, Select[tuple[Any, ...]]]] = {
    ByCreation: _of_orders(orders.c.created_at),
    ByChange: _of_orders(orders.c.changed_at),
    ByDeparture: _of_orders(orders.c.departs_on),
    ByPaying: _of_orders(orders.c.created_at, orders.c.paying == bindparam("status_")),
    BySurname: _page(
        people.c.created_at,
        people.c.order_id,
        people.c.seller == bindparam("seller_"),
        people.c.surname == bindparam("surname_"),
    ),
    ByLocator: _of_few(bookings, bookings.c.locator == bindparam("locator_")),
    ByDocument: _of_few(documents, documents.c.number == bindparam("number_")),
    ByFlight: _of_flights(
        flights.c.carrier == bindparam("carrier_"), flights.c.number == bindparam("number_")
    ),
    ByFlightDeparture: _of_flights(
        flights.c.origin == bindparam("station_"), flights.c.departs_on == bindparam("day_")
    ),
    ByFlightArrival: _of_flights(
        flights.c.destination == bindparam("station_"), flights.c.arrives_on == bindparam("day_")
    ),
}


async def search(readers: Readers, asked: OrderSearch) -> Sequence[OrderRecord]:
    """One page. Raises NotFound (129) where `after` names no order of the seller."""
    given = {"seller_": asked.seller, "limit_": asked.limit, **_range(asked), **_key(asked)}
    if asked.after is not None:
        place = {"order_id_": asked.after, "seller_": asked.seller}
        for created, changed, departs in await readers.rows(_STANDS, place):
            at = {ByChange: changed, ByDeparture: departs}.get(type(asked.by), created)
            # the index is entered there, and not where the range ends
            given |= {"at_": at, "at_id_": asked.after, "last_": min(given["last_"], at)}
            break
        else:
            raise NotFound(f"There is no order {asked.after}.")
    rows = await readers.rows(_STATEMENTS[type(asked.by)], given)
    return [_record(list(each)) for _, each in groupby(rows, key=lambda row: row[0])]


def _record(rows: list[tuple[Any, ...]]) -> OrderRecord:
    named = [row[2:] for row in rows if row[2] is not None]
    return OrderRecord(read_order(rows[0][1]), read_people(named))


def _range(asked: OrderSearch) -> dict[str, Any]:
    """The bounds of the rank, and the place before which nothing was shown yet."""
    if isinstance(asked.by, ByDeparture):
        return {**_days(asked.by.span), "at_": _LAST_DAY, "at_id_": ""}
    span = asked.by.span if isinstance(asked.by, ByChange) else asked.created
    return {**_instants(span), "at_": _LAST, "at_id_": ""}


def _instants(span: Span) -> dict[str, int]:
    first = _FIRST if span.first is None else micros(span.first)
    return {"first_": first, "last_": _LAST if span.end is None else micros(span.end)}


def _days(span: DaySpan) -> dict[str, int]:
    """Day 0 is that of an order without flights; no day that is asked for."""
    return {
        "first_": 1 if span.first is None else span.first.toordinal(),
        "last_": _LAST_DAY if span.last is None else span.last.toordinal(),
    }


def _place(place: Place) -> dict[str, Any]:
    return {"station_": place.station, "day_": place.day.toordinal()}


# What each index is asked for, by the names of its statement's parameters.
_KEYS: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    BySurname: lambda by: {"surname_": fold_surname(by.surname)},
    ByLocator: lambda by: {"locator_": by.locator},
    ByDocument: lambda by: {"number_": by.number},
    ByPaying: lambda by: {"status_": by.status},
    ByFlight: lambda by: {"carrier_": by.carrier, "number_": by.number},
    ByFlightDeparture: lambda by: _place(by.place),
    ByFlightArrival: lambda by: _place(by.place),
}


def _key(asked: OrderSearch) -> dict[str, Any]:
    key = _KEYS.get(type(asked.by))
    return {} if key is None else key(asked.by)
