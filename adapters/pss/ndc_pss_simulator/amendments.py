"""PNRs that are changed while they live: flights and travellers leave, SSRs are replaced."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.seat import SeatChoice
from ndc_oms.ports.pss import Pnr, PnrSegment, SegmentSale, SpecialService
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, calls, seats
from ndc_pss_simulator.inventory import Inventory, merged


def cancel_part(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    wanted: str,
    *,
    flights: Sequence[FlightKey],
    passenger_ids: Sequence[str],
) -> Pnr:
    """Segments become HX, travellers leave with the infants that they hold, seats are free."""
    asked = calls.digest(wanted, sorted(flights), sorted(passenger_ids))
    old = bookings.get(connection, wanted)
    if calls.earlier(connection, reference, "cancel_part", asked) is not None:
        return old
    if old.cancelled:
        raise Refused("CANCELLED", f"PNR {wanted} is cancelled")
    new = _without(old, frozenset(flights), frozenset(passenger_ids))
    freed = merged(bookings.sales_of(old))
    for key, many in merged(bookings.sales_of(new)).items():
        freed[key] -= many
    sales = [SegmentSale(flight, rbd, many) for (flight, rbd), many in freed.items() if many]
    inventory.give(connection, sales, "sold")
    seats.assign(connection, inventory.source, wanted, "", new.choices)
    bookings.put(connection, new)
    calls.keep(connection, reference, "cancel_part", asked, wanted)
    return new


def assign_seats(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    wanted: str,
    *,
    hold_reference: str,
    choices: tuple[SeatChoice, ...],
) -> Pnr:
    """Seats are for travellers who are there, on flights that they are booked on."""
    asked = calls.digest(wanted, hold_reference, choices)
    old = bookings.get(connection, wanted)
    if calls.earlier(connection, reference, "assign_seats", asked) is not None:
        return old
    if old.cancelled:
        raise Refused("CANCELLED", f"PNR {wanted} is cancelled")
    flown = {s.flight for s in old.segments if s.code != bookings.CANCELLED}
    names = {t.passenger_id for t in old.travellers if t.type.seated}
    for each in choices:
        if each.flight not in flown:
            raise Refused("SEGMENT", f"{each.flight} is not in PNR {wanted}")
        if each.passenger_id not in names:
            raise Refused("PASSENGER", f"{each.passenger_id} has no seat in PNR {wanted}")
    seats.assign(connection, inventory.source, wanted, hold_reference, choices)
    new = replace(old, choices=choices)
    bookings.put(connection, new)
    calls.keep(connection, reference, "assign_seats", asked, wanted)
    return new


def update_services(
    connection: sqlite3.Connection,
    reference: str,
    wanted: str,
    services: Sequence[SpecialService],
) -> Pnr:
    """SSRs name travellers who are there."""
    asked = calls.digest(wanted, services)
    old = bookings.get(connection, wanted)
    if calls.earlier(connection, reference, "update_services", asked) is not None:
        return old
    if old.cancelled:
        raise Refused("CANCELLED", f"PNR {wanted} is cancelled")
    strangers = {s.passenger_id for s in services} - {t.passenger_id for t in old.travellers}
    if strangers:
        raise Refused("PASSENGER", f"{min(strangers)} is not in PNR {wanted}")
    new = replace(old, services=tuple(services))
    bookings.put(connection, new)
    calls.keep(connection, reference, "update_services", asked, wanted)
    return new


def _without(old: Pnr, flights: frozenset[FlightKey], leaving: frozenset[str]) -> Pnr:
    for flight in flights:
        if all(s.flight != flight or s.code == bookings.CANCELLED for s in old.segments):
            raise Refused("SEGMENT", f"{flight} is not in PNR {old.locator}")
    for passenger_id in leaving:
        if all(t.passenger_id != passenger_id for t in old.travellers):
            raise Refused("PASSENGER", f"{passenger_id} is not in PNR {old.locator}")
    staying = tuple(
        t for t in old.travellers if t.passenger_id not in leaving and t.guardian not in leaving
    )
    count = sum(traveller.type.seated for traveller in staying)
    segments = tuple(_reduced(segment, flights, count) for segment in old.segments)
    if not count or all(segment.code == bookings.CANCELLED for segment in segments):
        raise Refused("NOTHING LEFT", f"nothing would be left of PNR {old.locator}: cancel it")
    names = {traveller.passenger_id for traveller in staying}
    services = tuple(
        s for s in old.services if s.passenger_id in names and s.segment not in flights
    )
    choices = tuple(c for c in old.choices if c.passenger_id in names and c.flight not in flights)
    return replace(old, segments=segments, travellers=staying, services=services, choices=choices)


def _reduced(segment: PnrSegment, flights: frozenset[FlightKey], seats: int) -> PnrSegment:
    if segment.code == bookings.CANCELLED:
        return segment
    if segment.flight in flights:
        return replace(segment, code=bookings.CANCELLED)
    return replace(segment, seats=seats)
