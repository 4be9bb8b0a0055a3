"""Whether the simulator's books agree: I7, I9, I17, I18 and one live PNR an order."""

import sqlite3
from collections import Counter
from collections.abc import Iterable

from ndc_oms.model.documents import is_document_number
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.pss import SegmentSale
from ndc_pss_simulator import bookings, holds, seats, shelf
from ndc_pss_simulator.inventory import flight_text, merged

Row = tuple[str, str, str, int, int, int, int, int]  # as the query below


def audit(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """One sentence for each thing that is wrong; none: an empty list."""
    return [
        *_seats(connection),
        *_choices(connection),
        *_pnrs(connection),
        *_documents(connection, prefix),
    ]


def _seats(connection: sqlite3.Connection) -> list[str]:
    sold = _counted(sale for pnr in bookings.live(connection) for sale in bookings.sales_of(pnr))
    held = _counted(sale for hold in holds.live(connection) for sale in hold.sales)
    rows: list[Row] = connection.execute(
        "SELECT flight, rbd, cabin, authorised, used, sold, held, seeded FROM classes"
        " ORDER BY flight, cabin, place DESC"
    ).fetchall()
    wrong = []
    below: Counter[tuple[str, str]] = Counter()
    for flight, rbd, cabin, authorised, used, is_sold, is_held, seeded in rows:
        name = f"{flight} class {rbd}"
        below[flight, cabin] += is_sold + is_held
        if not 0 <= is_sold + is_held <= authorised:
            wrong.append(f"{name}: {is_sold} sold and {is_held} held of {authorised} authorised")
        if used != below[flight, cabin] or used > authorised:
            wrong.append(f"{name}: {used} used, {below[flight, cabin]} with lower classes")
        if is_sold != seeded + sold.pop((flight, rbd), 0):
            wrong.append(f"{name}: {is_sold} sold, which its live PNRs do not add up to")
        if is_held != held.pop((flight, rbd), 0):
            wrong.append(f"{name}: {is_held} held, which its live holds do not add up to")
    wrong += [f"{flight} class {rbd}: seats that nobody counts" for flight, rbd in sold + held]
    return wrong


def _choices(connection: sqlite3.Connection) -> list[str]:
    """Seats that a live PNR shows and those that are kept for it are the same."""
    wrong = []
    live = {pnr.locator: pnr for pnr in bookings.live(connection)}
    for locator in sorted(live.keys() | seats.holders(connection)):
        pnr = live.get(locator)
        shown = frozenset(pnr.choices) if pnr else frozenset()
        if shown != seats.of(connection, locator):
            wrong.append(f"PNR {locator}: the seats that it shows are not those it has")
    return wrong


def _counted(sales: Iterable[SegmentSale]) -> Counter[tuple[str, str]]:
    return Counter({(flight_text(f), rbd): seats for (f, rbd), seats in merged(sales).items()})


def _pnrs(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT order_id, count(*) FROM pnrs WHERE cancelled = 0"
        " GROUP BY order_id HAVING count(*) > 1"
    )
    return [f"order {order_id} has {count} live PNRs" for order_id, count in rows]


def _documents(connection: sqlite3.Connection, prefix: str) -> list[str]:
    wrong = []
    next_serial = connection.execute(
        "SELECT value FROM counters WHERE name = 'document'"
    ).fetchone() or (0,)
    sets: dict[str, list[str]] = {}
    for locator, document in shelf.each(connection):
        number = document.number
        sets.setdefault(document.conjunction_of or number, []).append(number)
        if not is_document_number(number) or not number.startswith(prefix):
            wrong.append(f"document {number}: no number of this airline")
        elif int(number[len(prefix) :]) >= next_serial[0]:
            wrong.append(f"document {number}: its number will be given again")
        if bookings.look(connection, locator) is None:
            wrong.append(f"document {number}: there is no PNR {locator}")
        states = {coupon.status for coupon in document.coupons}
        if CouponStatus.VOID in states and len(states) > 1:
            wrong.append(f"document {number}: void in part")
        if [c.number for c in document.coupons] != list(range(1, len(document.coupons) + 1)):
            wrong.append(f"document {number}: its coupons are not numbered from 1")
    for first, numbers in sets.items():
        if numbers != [f"{int(first) + at:013d}" for at in range(len(numbers))]:
            wrong.append(f"document {first}: its conjunction tickets are not consecutive")
    return wrong
