"""PNRs: the hold becomes sold seats under a locator; a cancelled PNR gives them back once."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec

from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.pss import Booking, Pnr, PnrSegment, SegmentSale
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import calls, holds, seats
from ndc_pss_simulator.inventory import Inventory, merged

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I and O, no 0 and 1
CANCELLED: Final = "HX"  # the code of a segment that the airline cancelled on demand
PASSIVE: Final = "GK"  # shown here, kept by another airline
UNABLE: Final = "UN"  # the flight does not operate, or has no seat for it any more
RETIMED: Final = "TK"  # holds, at other times
CONFIRMED: Final = "HK"
NO_SEAT: Final = frozenset({CANCELLED, PASSIVE, UNABLE})
_LOCATORS: Final = len(LETTERS) ** 6
_STRIDE: Final = 726_120_389  # odd, so that it meets every locator before the first comes again

_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Pnr)


def locator(serial: int, seed: int) -> str:
    """The serial-th locator: all differ, neighbours look unlike."""
    rest = (serial * _STRIDE + seed * 7_919) % _LOCATORS
    letters = []
    for _ in range(6):
        rest, at = divmod(rest, len(LETTERS))
        letters.append(LETTERS[at])
    return "".join(letters)


def new_locator(connection: sqlite3.Connection, seed: int) -> str:
    return locator(calls.next_number(connection, "pnr", 1), seed)


def add(connection: sqlite3.Connection, made: Pnr, of: str) -> None:
    """of: what it is the one live PNR of: an order, or a part that was divided from it."""
    connection.execute(
        "INSERT INTO pnrs (locator, order_id, body) VALUES (?, ?, ?)",
        (made.locator, of, _ENCODER.encode(made)),
    )


def look(connection: sqlite3.Connection, wanted: str) -> Pnr | None:
    row = connection.execute("SELECT body FROM pnrs WHERE locator = ?", (wanted,)).fetchone()
    return _DECODER.decode(row[0]) if row else None


def get(connection: sqlite3.Connection, wanted: str) -> Pnr:
    """Raises Refused."""
    found = look(connection, wanted)
    if found is None:
        raise Refused("NO PNR", f"there is no PNR {wanted}")
    return found


def found(
    connection: sqlite3.Connection, reference: str, verb: str, asked: bytes, wanted: str
) -> tuple[Pnr, bool]:
    """The PNR that is to be changed, and whether this very call changed it before. Raises Refused
    where there is none, or it is cancelled and was not by such a call.
    """
    pnr = get(connection, wanted)
    done = calls.earlier(connection, reference, verb, asked) is not None
    if pnr.cancelled and not done:
        raise Refused("CANCELLED", f"PNR {wanted} is cancelled")
    return pnr, done


def changed(
    connection: sqlite3.Connection, reference: str, verb: str, asked: bytes, new: Pnr
) -> Pnr:
    """The PNR as it is from now on, by this call."""
    put(connection, new)
    calls.keep(connection, reference, verb, asked, new.locator)
    return new


def freed(old: Pnr, new: Pnr) -> list[SegmentSale]:
    """Seats that the old one had, and the new one has not."""
    left = merged(sales_of(old))
    for key, many in merged(sales_of(new)).items():
        left[key] -= many
    return [SegmentSale(flight, rbd, many) for (flight, rbd), many in left.items() if many]


def book(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    booking: Booking,
    *,
    carrier: str,
    seed: int,
) -> Pnr:
    """From the hold, or afresh where it has lapsed."""
    asked = calls.digest(booking)
    subject = calls.earlier(connection, reference, "book", asked)
    if subject is not None:
        return get(connection, subject)
    _check(connection, booking)
    for sale in booking.sales:
        inventory.check_operates(connection, sale.flight)
    sell_held(connection, inventory, booking.hold_reference, booking.sales)
    made = Pnr(
        locator=new_locator(connection, seed),
        carrier=carrier,
        order_id=booking.order_id,
        segments=(
            *(PnrSegment(s.flight, s.rbd, s.seats, "HK") for s in booking.sales),
            *(PnrSegment(s.flight, s.rbd, s.seats, PASSIVE) for s in booking.shared),
        ),
        travellers=booking.travellers,
        services=booking.services,
        choices=booking.choices,
    )
    seats.assign(connection, inventory, made.locator, booking.hold_reference, booking.choices)
    add(connection, made, made.order_id)
    calls.keep(connection, reference, "book", asked, made.locator)
    return made


def cancel(
    connection: sqlite3.Connection, inventory: Inventory, reference: str, wanted: str
) -> Pnr:
    """Segments become HX and their seats free; of a cancelled PNR, the PNR as it is."""
    asked = calls.digest(wanted)
    old = get(connection, wanted)
    if calls.earlier(connection, reference, "cancel", asked) is not None:
        return old
    calls.keep(connection, reference, "cancel", asked, wanted)
    if old.cancelled:
        return old
    inventory.give(connection, sales_of(old), "sold")
    seats.free(connection, wanted)
    segments = tuple(replace(s, code=CANCELLED) for s in old.segments)
    new = replace(old, cancelled=True, segments=segments, choices=())
    connection.execute(
        "UPDATE pnrs SET cancelled = 1, body = ? WHERE locator = ? AND cancelled = 0",
        (_ENCODER.encode(new), wanted),
    )
    return new


def put(connection: sqlite3.Connection, new: Pnr) -> None:
    """A PNR as it is from now on."""
    connection.execute(
        "UPDATE pnrs SET body = ? WHERE locator = ? AND cancelled = 0",
        (_ENCODER.encode(new), new.locator),
    )


def pass_on(connection: sqlite3.Connection, pnr: Pnr, order_id: str) -> Pnr:
    """A PNR is another order's from now on."""
    new = replace(pnr, order_id=order_id)
    connection.execute(
        "UPDATE pnrs SET order_id = ?, body = ? WHERE locator = ? AND cancelled = 0",
        (order_id, _ENCODER.encode(new), pnr.locator),
    )
    return new


def sales_of(pnr: Pnr) -> list[SegmentSale]:
    """What it keeps: the seats of segments that are not cancelled and not another airline's."""
    return [SegmentSale(s.flight, s.rbd, s.seats) for s in pnr.segments if s.code not in NO_SEAT]


def live(connection: sqlite3.Connection) -> list[Pnr]:
    """Every PNR that has seats."""
    rows = connection.execute("SELECT body FROM pnrs WHERE cancelled = 0")
    return [_DECODER.decode(body) for (body,) in rows]


def _check(connection: sqlite3.Connection, booking: Booking) -> None:
    other = connection.execute(
        "SELECT locator FROM pnrs WHERE order_id = ? AND cancelled = 0", (booking.order_id,)
    ).fetchone()
    if other is not None:
        raise Refused("DUPLICATE", f"order {booking.order_id} has PNR {other[0]}")
    if not booking.sales and not booking.shared:
        raise Refused("SEGMENTS", "a PNR needs a flight")
    names = sum(traveller.type.seated for traveller in booking.travellers)
    seats: Counter[FlightKey] = Counter()
    for sale in (*booking.sales, *booking.shared):
        seats[sale.flight] += sale.seats
    for flight, count in seats.items():
        if count != names:
            raise Refused("NAMES", f"{count} seats on {flight} for {names} seated travellers")


def sell_held(
    connection: sqlite3.Connection,
    inventory: Inventory,
    hold_reference: str,
    sales: Sequence[SegmentSale],
) -> None:
    """Seats of a hold become sold ones; afresh where it has lapsed, or holds others."""
    state, kept = holds.look(connection, hold_reference) or (None, None)
    if state == holds.RELEASED:
        raise Refused("RELEASED", f"hold {hold_reference} was released")
    if state != holds.HELD or kept is None:
        inventory.take(connection, sales, "sold")
        return
    if merged(kept.sales) == merged(sales):
        inventory.sell_held(connection, sales)
    else:
        inventory.give(connection, kept.sales, "held")
        inventory.take(connection, sales, "sold")
    holds.set_state(connection, hold_reference, holds.BOOKED)
