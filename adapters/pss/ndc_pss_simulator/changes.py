"""PNRs that are rebooked and divided: flights come and go by class, travellers move out."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from ndc_oms.ports.pss import Pnr, PnrSegment, SegmentSale, Traveller
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, calls, seats, shelf
from ndc_pss_simulator.inventory import Inventory


def add_flights(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    wanted: str,
    *,
    hold_reference: str,
    sales: Sequence[SegmentSale],
) -> Pnr:
    """From the hold, or afresh where it has lapsed; a flight is there once in a class."""
    asked = calls.digest(wanted, hold_reference, sales)
    old, done = bookings.found(connection, reference, "add_flights", asked, wanted)
    if done:
        return old
    count = _seated(old.travellers)
    for sale in sales:
        if sale.seats != count:
            raise Refused("NAMES", f"{sale.seats} seats on {sale.flight} for {count} travellers")
        if any(_is(segment, sale) for segment in old.segments):
            raise Refused("DUPLICATE", f"{sale.flight} class {sale.rbd} is in PNR {wanted}")
    if not sales:
        raise Refused("SEGMENTS", "no flight is named")
    bookings.sell_held(connection, inventory, hold_reference, sales)
    made = tuple(PnrSegment(s.flight, s.rbd, s.seats, bookings.CONFIRMED) for s in sales)
    new = replace(old, segments=(*old.segments, *made))
    return bookings.changed(connection, reference, "add_flights", asked, new)


def drop_flights(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    wanted: str,
    sales: Sequence[SegmentSale],
) -> Pnr:
    """Segments become HX; their SSRs and chosen seats go unless the flight stays in another
    class.
    """
    asked = calls.digest(wanted, sales)
    old, done = bookings.found(connection, reference, "drop_flights", asked, wanted)
    if done:
        return old
    for sale in sales:
        if all(not _is(segment, sale) for segment in old.segments):
            raise Refused("SEGMENT", f"{sale.flight} class {sale.rbd} is not in PNR {wanted}")
    segments = tuple(
        replace(each, code=bookings.CANCELLED) if any(_is(each, s) for s in sales) else each
        for each in old.segments
    )
    new = replace(old, segments=segments)
    kept = {each.flight for each in segments if each.code != bookings.CANCELLED}
    if not kept:
        raise Refused("NOTHING LEFT", f"nothing would be left of PNR {wanted}: cancel it")
    services = tuple(s for s in old.services if s.segment is None or s.segment in kept)
    choices = tuple(c for c in old.choices if c.flight in kept)
    inventory.give(connection, bookings.freed(old, new), "sold")
    if choices != old.choices:
        seats.assign(connection, inventory.source, wanted, "", choices)
    new = replace(new, services=services, choices=choices)
    return bookings.changed(connection, reference, "drop_flights", asked, new)


def divide(
    connection: sqlite3.Connection,
    reference: str,
    wanted: str,
    passenger_ids: Sequence[str],
    seed: int,
) -> Pnr:
    """The seats stay sold: they only stand in two PNRs afterwards."""
    asked = calls.digest(wanted, sorted(passenger_ids))
    subject = calls.earlier(connection, reference, "divide", asked)
    if subject is not None:
        return bookings.get(connection, subject)
    old = bookings.get(connection, wanted)
    _check_live(old)
    leaving = frozenset(passenger_ids)
    strangers = leaving - {traveller.passenger_id for traveller in old.travellers}
    if strangers or not leaving:
        raise Refused("PASSENGER", f"{min(strangers, default='nobody')} is not in PNR {wanted}")
    going = tuple(t for t in old.travellers if t.passenger_id in leaving or t.guardian in leaving)
    staying = tuple(t for t in old.travellers if t not in going)
    if not _seated(going) or not _seated(staying):
        raise Refused("PASSENGER", f"PNR {wanted} is not divided so")
    if any(t.guardian and t.guardian not in _names(going) for t in going):
        raise Refused("PASSENGER", "an infant stays with the adult who holds it")
    new = _part(old, going, bookings.new_locator(connection, seed))
    bookings.add(connection, new, f"{old.order_id}/{new.locator}")
    bookings.put(connection, _part(old, staying, old.locator))
    shelf.move(connection, old.locator, new.locator, _names(going))
    seats.move(connection, old.locator, new.locator, _names(going))
    calls.keep(connection, reference, "divide", asked, new.locator)
    return new


def _part(old: Pnr, travellers: tuple[Traveller, ...], locator: str) -> Pnr:
    """The same flights, for some of the travellers."""
    count, names = _seated(travellers), _names(travellers)
    return replace(
        old,
        locator=locator,
        segments=tuple(
            each if each.code == bookings.CANCELLED else replace(each, seats=count)
            for each in old.segments
        ),
        travellers=travellers,
        services=tuple(s for s in old.services if s.passenger_id in names),
        choices=tuple(c for c in old.choices if c.passenger_id in names),
    )


def _names(travellers: Sequence[Traveller]) -> frozenset[str]:
    return frozenset(traveller.passenger_id for traveller in travellers)


def _seated(travellers: Sequence[Traveller]) -> int:
    return sum(traveller.type.seated for traveller in travellers)


def _is(segment: PnrSegment, sale: SegmentSale) -> bool:
    """A segment that is there, in this class."""
    there = segment.code != bookings.CANCELLED
    return there and (segment.flight, segment.rbd) == (sale.flight, sale.rbd)


def _check_live(pnr: Pnr) -> None:
    if pnr.cancelled:
        raise Refused("CANCELLED", f"PNR {pnr.locator} is cancelled")
