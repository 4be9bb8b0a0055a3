"""PNRs that are changed while they live: flights and travellers leave, SSRs are replaced."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.seat import SeatChoice
from ndc_oms.ports.pss import Pnr, PnrSegment, SegmentSale, SpecialService, Traveller
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, calls, seats
from ndc_pss_simulator.inventory import Inventory


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
    old, done = bookings.found(connection, reference, "cancel_part", asked, wanted)
    if done:
        return old
    new = _without(old, frozenset(flights), frozenset(passenger_ids))
    inventory.give(connection, bookings.freed(old, new), "sold")
    seats.assign(connection, inventory, wanted, "", new.choices)
    return bookings.changed(connection, reference, "cancel_part", asked, new)


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
    old, done = bookings.found(connection, reference, "assign_seats", asked, wanted)
    if done:
        return old
    flown = {s.flight for s in old.segments if s.code != bookings.CANCELLED}
    names = {t.passenger_id for t in old.travellers if t.type.seated}
    for each in choices:
        if each.flight not in flown:
            raise Refused("SEGMENT", f"{each.flight} is not in PNR {wanted}")
        if each.passenger_id not in names:
            raise Refused("PASSENGER", f"{each.passenger_id} has no seat in PNR {wanted}")
    seats.assign(connection, inventory, wanted, hold_reference, choices, names=names)
    new = replace(old, choices=choices)
    return bookings.changed(connection, reference, "assign_seats", asked, new)


def update_services(
    connection: sqlite3.Connection,
    reference: str,
    wanted: str,
    services: Sequence[SpecialService],
) -> Pnr:
    """SSRs name travellers who are there."""
    asked = calls.digest(wanted, services)
    old, done = bookings.found(connection, reference, "update_services", asked, wanted)
    if done:
        return old
    strangers = {s.passenger_id for s in services} - {t.passenger_id for t in old.travellers}
    if strangers:
        raise Refused("PASSENGER", f"{min(strangers)} is not in PNR {wanted}")
    new = replace(old, services=tuple(services))
    return bookings.changed(connection, reference, "update_services", asked, new)


def rename(
    connection: sqlite3.Connection, reference: str, wanted: str, traveller: Traveller
) -> Pnr:
    """No two travellers of a PNR have one name."""
    asked = calls.digest(wanted, traveller)
    old, done = bookings.found(connection, reference, "rename", asked, wanted)
    if done:
        return old
    named = next((t for t in old.travellers if t.passenger_id == traveller.passenger_id), None)
    if named is None:
        raise Refused("PASSENGER", f"{traveller.passenger_id} is not in PNR {wanted}")
    if not traveller.surname or not traveller.given:
        raise Refused("NAME", f"{traveller.passenger_id} would have no name")
    called = (traveller.surname, traveller.given)
    if any((t.surname, t.given) == called for t in old.travellers if t != named):
        raise Refused("NAME", f"another traveller of PNR {wanted} has this name")
    new = replace(
        named,
        surname=traveller.surname,
        given=traveller.given,
        title=traveller.title,
        birthdate=traveller.birthdate,
    )
    travellers = tuple(new if each == named else each for each in old.travellers)
    return bookings.changed(
        connection, reference, "rename", asked, replace(old, travellers=travellers)
    )


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


def reaccommodate(
    connection: sqlite3.Connection,
    inventory: Inventory,
    reference: str,
    wanted: str,
    *,
    leaving: Sequence[FlightKey],
    sales: Sequence[SegmentSale],
) -> Pnr:
    """See `ports.pss.Pss.reaccommodate`."""
    asked = calls.digest(wanted, leaving, sales)
    old, done = bookings.found(connection, reference, "reaccommodate", asked, wanted)
    if done:
        return old
    staying = tuple(_left(each, frozenset(leaving)) for each in old.segments)
    came = tuple(PnrSegment(s.flight, s.rbd, s.seats, bookings.CONFIRMED) for s in sales)
    inventory.give(
        connection,
        [
            SegmentSale(before.flight, before.rbd, before.seats)
            for before, after in zip(old.segments, staying, strict=True)
            if after.code == bookings.CANCELLED and before.code not in bookings.NO_SEAT
        ],
        "sold",
    )
    inventory.take(connection, sales, "sold")
    choices = tuple(each for each in old.choices if each.flight not in leaving)
    if choices != old.choices:
        seats.assign(connection, inventory, wanted, "", choices)
    new = replace(
        old,
        segments=(*staying, *came),
        services=_followed(old.services, leaving, sales),
        choices=choices,
    )
    return bookings.changed(connection, reference, "reaccommodate", asked, new)


def _left(segment: PnrSegment, leaving: frozenset[FlightKey]) -> PnrSegment:
    if segment.flight in leaving:
        return replace(segment, code=bookings.CANCELLED)
    if segment.code == bookings.RETIMED:
        return replace(segment, code=bookings.CONFIRMED)
    return segment


def _followed(
    services: Sequence[SpecialService],
    leaving: Sequence[FlightKey],
    sales: Sequence[SegmentSale],
) -> tuple[SpecialService, ...]:
    """Flight by flight in their order; what has no flight to go to is dropped."""
    becomes = dict(zip(leaving, (sale.flight for sale in sales), strict=False))
    return tuple(
        replace(each, segment=becomes.get(each.segment, each.segment)) if each.segment else each
        for each in services
        if each.segment not in leaving or each.segment in becomes
    )
