"""Holds: seats kept for a while. Each ends once: booked, released, or lapsed.

A release that finds no hold leaves a mark, so that a hold which was delayed on its way and comes
after its release keeps no seats.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from ndc_oms.model.seat import SeatChoice
from ndc_oms.ports.pss import Hold, SegmentSale
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import seats
from ndc_pss_simulator.inventory import Inventory, merged

HELD: Final = "held"
BOOKED: Final = "booked"
RELEASED: Final = "released"
LAPSED: Final = "lapsed"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Hold)


def microseconds(instant: datetime) -> int:
    """Since 1970 in UTC: exact, and in order."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def look(connection: sqlite3.Connection, reference: str) -> tuple[str, Hold | None] | None:
    """State and hold; None where nobody ever asked. A mark of a release has no hold."""
    row = connection.execute(
        "SELECT state, body FROM holds WHERE reference = ?", (reference,)
    ).fetchone()
    if row is None:
        return None
    return row[0], _DECODER.decode(row[1]) if row[1] else None


def hold(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    sales: tuple[SegmentSale, ...],
    *,
    expires_at: datetime,
    now: datetime,
) -> Hold:
    """All seats or none. Asked again, the hold as it is; one that lapsed is taken afresh."""
    known = look(connection, reference)
    if known is not None and known[0] == RELEASED:
        raise Refused("RELEASED", f"hold {reference} was released")
    if known is not None and known[1] is not None and known[0] != LAPSED:
        if merged(known[1].sales) != merged(sales):
            raise Refused("REFERENCE", f"{reference} holds other seats")
        return known[1]
    if not sales or expires_at <= now:
        raise Refused("HOLD", "nothing to hold, or no time to hold it for")
    inventory.take(connection, sales, "held")
    made = Hold(reference, sales, expires_at)
    _put(connection, reference, HELD, microseconds(expires_at), _ENCODER.encode(made))
    return made


def release(connection: sqlite3.Connection, inventory: Inventory, reference: str) -> None:
    """Gives the seats back where they are still held; a booked hold is the PNR's business."""
    known = look(connection, reference)
    seats.free(connection, reference)
    if known is None:
        _put(connection, reference, RELEASED, 0, b"")
        return
    state, kept = known
    if state == HELD and kept is not None:
        inventory.give(connection, kept.sales, "held")
    if state != BOOKED:
        set_state(connection, reference, RELEASED)


def release_lapsed(connection: sqlite3.Connection, inventory: Inventory, now: datetime) -> None:
    """Ends every hold whose time is over: valid while now < expires_at."""
    rows = connection.execute(
        "SELECT reference, body FROM holds WHERE state = 'held' AND expires_us <= ?",
        (microseconds(now),),
    ).fetchall()
    for reference, body in rows:
        inventory.give(connection, _DECODER.decode(body).sales, "held")
        set_state(connection, reference, LAPSED)
    seats.free_lapsed(connection, microseconds(now))


def any_lapsed(connection: sqlite3.Connection, now: datetime) -> bool:
    """Whether `release_lapsed` has something to do."""
    row = connection.execute(
        "SELECT 1 FROM holds WHERE state = 'held' AND expires_us <= ? LIMIT 1",
        (microseconds(now),),
    ).fetchone()
    return row is not None or seats.any_lapsed(connection, microseconds(now))


def hold_seats(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    choices: tuple[SeatChoice, ...],
    *,
    expires_at: datetime,
    now: datetime,
) -> None:
    """All or none; not for a reference that was released."""
    known = look(connection, reference)
    if known is not None and known[0] == RELEASED:
        raise Refused("RELEASED", f"hold {reference} was released")
    if expires_at <= now:
        raise Refused("HOLD", "no time to hold it for")
    seats.hold(connection, inventory, reference, choices, microseconds(expires_at))


def live(connection: sqlite3.Connection) -> list[Hold]:
    """Every hold that keeps seats now."""
    rows = connection.execute("SELECT body FROM holds WHERE state = 'held'")
    return [_DECODER.decode(body) for (body,) in rows]


def set_state(connection: sqlite3.Connection, reference: str, state: str) -> None:
    connection.execute("UPDATE holds SET state = ? WHERE reference = ?", (state, reference))


def _put(
    connection: sqlite3.Connection, reference: str, state: str, expires_us: int, body: bytes
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO holds (reference, state, expires_us, body) VALUES (?, ?, ?, ?)",
        (reference, state, expires_us, body),
    )
