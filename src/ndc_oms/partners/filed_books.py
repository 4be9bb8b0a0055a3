"""The books of a file-fed partner: seats taken from its allotments, bookings, documents.

All of it is in one file of its own, written in the transactions of the verbs. Seats are counted
by flight, use and class; a guarded update never takes more than the allotment has.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec

from ndc_oms.model.documents import Document, is_document_number
from ndc_oms.ports.partner import PartnerBooking
from ndc_oms.ports.pss import SegmentSale
from ndc_oms.ports.simulation.side import Refused

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I and O, no 0 and 1
_LOCATORS: Final = len(LETTERS) ** 6
_STRIDE: Final = 691_204_357  # odd, so that it meets every locator before the first comes again
_FIRST_SERIAL: Final = 5_100_000_001

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS seats (
  flight TEXT NOT NULL,
  use TEXT NOT NULL,
  rbd TEXT NOT NULL,
  authorised INTEGER NOT NULL,
  sold INTEGER NOT NULL CHECK (sold >= 0),
  PRIMARY KEY (flight, use, rbd)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bookings (
  reference TEXT PRIMARY KEY,
  locator TEXT NOT NULL UNIQUE,
  order_id TEXT NOT NULL,
  cancelled INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unpaid (
  locator TEXT PRIMARY KEY, until_s REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A booking with what it took. use: of the allotment. names: of its passengers, by id."""

    booking: PartnerBooking
    use: str
    sales: tuple[SegmentSale, ...]
    names: tuple[tuple[str, str], ...] = ()


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Kept)


def sold(connection: sqlite3.Connection, day: str) -> dict[tuple[str, str, str], int]:
    """Seats sold on a day (as XA101/12JAN27/LHRNCL has it) by flight, use and class."""
    rows = connection.execute(
        "SELECT flight, use, rbd, sold FROM seats WHERE flight LIKE ?", (f"%/{day}/%",)
    )
    return {(flight, use, rbd): count for flight, use, rbd, count in rows}


def take(connection: sqlite3.Connection, use: str, sale: SegmentSale, authorised: int) -> None:
    """Raises Refused where the allotment does not have so many left."""
    key = (str(sale.flight), use, sale.rbd)
    connection.execute(
        "INSERT INTO seats (flight, use, rbd, authorised, sold) VALUES (?, ?, ?, ?, 0)"
        " ON CONFLICT (flight, use, rbd) DO UPDATE SET authorised = excluded.authorised",
        (*key, authorised),
    )
    taken = connection.execute(
        "UPDATE seats SET sold = sold + ? WHERE flight = ? AND use = ? AND rbd = ?"
        " AND sold + ? <= authorised",
        (sale.seats, *key, sale.seats),
    )
    if taken.rowcount != 1:
        raise Refused("SOLD OUT", f"{sale.flight} class {sale.rbd} has no {sale.seats} seats left")


def find(connection: sqlite3.Connection, reference: str) -> Kept | None:
    """By our reference of the booking."""
    row = connection.execute(
        "SELECT body FROM bookings WHERE reference = ?", (reference,)
    ).fetchone()
    return _DECODER.decode(row[0]) if row else None


def located(connection: sqlite3.Connection, locator: str) -> tuple[str, Kept] | None:
    """By its locator: our reference and the booking."""
    row = connection.execute(
        "SELECT reference, body FROM bookings WHERE locator = ?", (locator,)
    ).fetchone()
    return (row[0], _DECODER.decode(row[1])) if row else None


def get(connection: sqlite3.Connection, locator: str) -> tuple[str, Kept]:
    """Raises Refused."""
    found = located(connection, locator)
    if found is None:
        raise Refused("NO BOOKING", f"there is no booking {locator}")
    return found


def put(connection: sqlite3.Connection, reference: str, kept: Kept) -> None:
    booking = kept.booking
    connection.execute(
        "INSERT INTO bookings (reference, locator, order_id, cancelled, body)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (reference) DO UPDATE"
        " SET cancelled = excluded.cancelled, body = excluded.body",
        (
            reference, booking.locator, booking.order_id, int(booking.cancelled),
            _ENCODER.encode(kept),
        ),
    )  # fmt: skip


def keep_until(connection: sqlite3.Connection, locator: str, until: datetime | None) -> None:
    """An unpaid booking lapses then; None: it is paid, or gone."""
    connection.execute("DELETE FROM unpaid WHERE locator = ?", (locator,))
    if until is not None:
        connection.execute("INSERT INTO unpaid VALUES (?, ?)", (locator, until.timestamp()))


def any_lapsed(connection: sqlite3.Connection, now: datetime) -> bool:
    """Whether `lapse` has something to do."""
    row = connection.execute(
        "SELECT 1 FROM unpaid WHERE until_s <= ? LIMIT 1", (now.timestamp(),)
    ).fetchone()
    return row is not None


def lapse(connection: sqlite3.Connection, now: datetime) -> None:
    """Bookings that nobody paid in time are cancelled, and their seats are free."""
    rows = connection.execute(
        "SELECT locator FROM unpaid WHERE until_s <= ?", (now.timestamp(),)
    ).fetchall()
    for (locator,) in rows:
        ours, kept = get(connection, locator)
        give_back(connection, kept)
        put(connection, ours, replace(kept, booking=replace(kept.booking, cancelled=True)))
        keep_until(connection, locator, None)


def give_back(connection: sqlite3.Connection, kept: Kept) -> None:
    for sale in kept.sales:
        connection.execute(
            "UPDATE seats SET sold = sold - ? WHERE flight = ? AND use = ? AND rbd = ?",
            (sale.seats, str(sale.flight), kept.use, sale.rbd),
        )


def with_documents(kept: Kept, documents: tuple[Document, ...]) -> Kept:
    return replace(kept, booking=replace(kept.booking, documents=documents))


def new_locator(connection: sqlite3.Connection) -> str:
    """All differ; neighbours look unlike."""
    rest = next_number(connection, "booking", 1) * _STRIDE % _LOCATORS
    letters = []
    for _ in range(6):
        rest, at = divmod(rest, len(LETTERS))
        letters.append(LETTERS[at])
    return "".join(letters)


def new_document_number(connection: sqlite3.Connection, prefix: str) -> str:
    """Never given twice."""
    return f"{prefix}{next_number(connection, 'document', _FIRST_SERIAL):010d}"


def next_number(connection: sqlite3.Connection, name: str, first: int) -> int:
    (value,) = connection.execute(
        "INSERT INTO counters (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        (name, first),
    ).fetchone()
    return int(value)


def live(connection: sqlite3.Connection) -> dict[str, str]:
    """Our order id by locator, of every booking that is not cancelled."""
    rows = connection.execute("SELECT locator, order_id FROM bookings WHERE cancelled = 0")
    return dict(rows.fetchall())


def audit(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """One sentence for each thing that is wrong; none: an empty list."""
    rows = connection.execute("SELECT body FROM bookings ORDER BY locator").fetchall()
    every = [_DECODER.decode(body) for (body,) in rows]
    return [*_seats(connection, every), *_documents(every, prefix)]


def _seats(connection: sqlite3.Connection, every: Iterable[Kept]) -> list[str]:
    due: dict[tuple[str, str, str], int] = {}
    for kept in every:
        for sale in () if kept.booking.cancelled else kept.sales:
            key = (str(sale.flight), kept.use, sale.rbd)
            due[key] = due.get(key, 0) + sale.seats
    wrong = []
    for flight, use, rbd, authorised, count in connection.execute(
        "SELECT flight, use, rbd, authorised, sold FROM seats"
    ):
        if not 0 <= count <= authorised:
            wrong.append(f"{flight} class {rbd}: {count} sold of {authorised} ({use})")
        if count != due.pop((flight, use, rbd), 0):
            wrong.append(f"{flight} class {rbd}: {count} sold, which its bookings do not add up to")
    return wrong + [f"{flight} class {rbd}: seats that nobody counts" for flight, _, rbd in due]


def _documents(every: Iterable[Kept], prefix: str) -> list[str]:
    wrong = []
    seen: set[str] = set()
    for kept in every:
        for document in kept.booking.documents:
            number = document.number
            if not is_document_number(number) or not number.startswith(prefix) or number in seen:
                wrong.append(f"document {number}: no number of this airline, or given twice")
            if kept.booking.cancelled and document.live:
                wrong.append(f"document {number}: live in the cancelled {kept.booking.locator}")
            seen.add(number)
    return wrong
