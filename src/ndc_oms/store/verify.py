"""Invariants of a live database: streams through it and says what does not hold.

Orders are read in pages, each page at one moment of the database, so that writers go on and
memory stays constant, however many orders there are.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Integer, Select, Table, bindparam, exists, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ndc_oms.errors import Unavailable
from ndc_oms.store.checks import Kept, NextStep, check_order
from ndc_oms.store.history import History
from ndc_oms.store.place import place_of
from ndc_oms.store.purge import STOCK
from ndc_oms.store.tables import (
    bookings,
    claims,
    documents,
    flights,
    ledger_entries,
    order_events,
    orders,
    outbox,
    people,
    purged,
    stock,
    stock_takings,
)

PAGE: Final = 200  # orders
FINDINGS_LIMIT: Final = 1000

Progress = Callable[[int, int], None]  # orders checked, orders there are
# Rows of a statement by column name; what is looked at together is of one moment.
Look = Callable[[Select[Any], Mapping[str, Any]], Awaitable[Sequence[Mapping[str, Any]]]]
Histories = defaultdict[str, History]  # by order_id

_COUNT: Final = select(func.count()).select_from(orders)
_PAGE: Final = (
    select(orders)
    .where(orders.c.order_id > bindparam("after_"))
    .order_by(orders.c.order_id)
    .limit(bindparam("page_", type_=Integer))
)
_PARTS: Final = {
    name: select(table)
    .where(table.c.order_id > bindparam("after_"), table.c.order_id <= bindparam("last_"))
    .order_by(*table.primary_key.columns)
    for name, table in {
        "events": order_events,
        "ledger": ledger_entries,
        "bookings": bookings,
        "documents": documents,
        "tasks": outbox,
        "flights": flights,
        "takings": stock_takings,
    }.items()
}
_OFFERS_USED_TWICE: Final = (
    select(orders.c.offer_id, func.count().label("orders"))
    .group_by(orders.c.offer_id)
    .having(func.count() > 1)
    .limit(FINDINGS_LIMIT)
)


def _orphans_of(table: Table) -> Any:  # a Select of the primary key's columns
    return (
        select(table.c.order_id)
        .where(~exists().where(orders.c.order_id == table.c.order_id))
        .distinct()
        .limit(FINDINGS_LIMIT)
    )


_ORPHANS: Final = {
    table.name: _orphans_of(table)
    for table in (
        order_events,
        ledger_entries,
        bookings,
        documents,
        outbox,
        people,
        stock_takings,
        flights,
    )
}
_SUM_TAKEN: Final = (
    select(func.coalesce(func.sum(stock_takings.c.count), 0))
    .where(stock_takings.c.flight == stock.c.flight, stock_takings.c.what == stock.c.what)
    .scalar_subquery()
)
_MISCOUNTED: Final = (
    select(stock.c.what, stock.c.flight, stock.c.taken, _SUM_TAKEN.label("sum_taken"))
    .where(stock.c.taken != _SUM_TAKEN)
    .limit(FINDINGS_LIMIT)
)
_COUNTED_SINCE: Final = select(purged.c.before).where(purged.c.what == STOCK)
_LOST: Final = _orphans_of(claims).where(claims.c.reply.is_not(None))


async def verify(
    database_url: str, *, next_step: NextStep | None = None, progress: Progress | None = None
) -> list[str]:
    """What does not hold, as `I<number>: <what>` or `order <id>: I<number>: <what>`; all is well:
    an empty list. Stops after FINDINGS_LIMIT findings.

    next_step: what fulfilment would do next for an order, None where it is finished. Raises
    Invalid for a URL that is not supported, Unavailable where the database cannot be read.
    """
    engine = place_of(database_url).snapshot_engine()
    found: list[str] = []
    try:
        async with engine.connect() as connection:
            found.extend(await _check_tables(_looking(connection)))
            total = (await connection.execute(_COUNT)).scalar_one()
        checked, after = 0, ""
        while len(found) < FINDINGS_LIMIT:
            async with engine.connect() as connection:
                page = await _read_page(_looking(connection), after)
            if not page:
                return found
            found.extend(_check_page(page, next_step))
            checked, after = checked + len(page), list(page)[-1]  # as the database sorts
            if progress is not None:
                progress(checked, max(total, checked))
    except (DBAPIError, OSError) as error:
        raise Unavailable(f"The database cannot be read: {error}.", code="911") from error
    finally:
        await engine.dispose()
    return [*found[:FINDINGS_LIMIT], f"stopped after {FINDINGS_LIMIT} findings"]


async def verify_at_rest(
    look: Look, next_step: NextStep | None = None, histories: Histories | None = None
) -> list[str]:
    """The same of a database that nobody writes to meanwhile, through whatever reads it.

    histories: of earlier looks at it; what they read and still stands there is not folded again.
    """
    found = await _check_tables(look)
    after = ""
    while page := await _read_page(look, after):
        found.extend(_check_page(page, next_step, histories))
        after = list(page)[-1]
    return found


def _looking(connection: AsyncConnection) -> Look:
    async def look(
        statement: Select[Any], parameters: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = (
            (await connection.execute(statement, parameters)).mappings().all()
        )
        return found

    return look


async def _check_tables(look: Look) -> list[str]:
    found = [
        f"I5: offer {row['offer_id']} was accepted by {row['orders']} orders"
        for row in await look(_OFFERS_USED_TWICE, {})
    ]
    for name, statement in _ORPHANS.items():
        found.extend(
            f"I6: {name} has rows of order {row['order_id']}, which is not there"
            for row in await look(statement, {})
        )
    found.extend(
        f"I9: {row['taken']} are counted of {row['what']} on {row['flight']}, and orders have "
        f"{row['sum_taken']}"
        for row in await look(_MISCOUNTED, {})
    )
    found.extend(
        f"I1: order {row['order_id']} was acknowledged and is not there"
        for row in await look(_LOST, {})
    )
    return found


async def _read_page(look: Look, after: str) -> dict[str, Kept]:
    rows = await look(_PAGE, {"after_": after, "page_": PAGE})
    page = {row["order_id"]: Kept(dict(row)) for row in rows}
    if not page:
        return page
    for let_go in await look(_COUNTED_SINCE, {}):
        for kept in page.values():
            kept.counted_since = let_go["before"]
    last = rows[-1]["order_id"]
    for name, statement in _PARTS.items():
        for part in await look(statement, {"after_": after, "last_": last}):
            if part["order_id"] in page:
                getattr(page[part["order_id"]], name).append(dict(part))
    return page


def _check_page(
    page: dict[str, Kept], next_step: NextStep | None, histories: Histories | None = None
) -> Iterator[str]:
    for order_id, kept in page.items():
        history = None if histories is None else histories[order_id]
        for finding in check_order(kept, next_step, history):
            yield f"order {order_id}: {finding}"
