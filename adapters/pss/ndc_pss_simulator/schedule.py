"""Carries out schedule messages: flights change, bookings follow (`refit.py`), the feed tells.

A flight that is put on another day is cancelled on the one and new on the other.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.journey import FlightKey, Leg, Segment
from ndc_oms.ports.pss import SCHEDULE, CabinInventory, PssEvent
from ndc_oms.ports.simulation.side import Refused
from ndc_pss_simulator import bookings, feed, refit
from ndc_pss_simulator.flights import Flights, Operated
from ndc_pss_simulator.inventory import Inventory
from ndc_pss_simulator.schedule_messages import LegTimes, ScheduleMessage, WrongLineError, parse

Old = Mapping[FlightKey, Segment]


@dataclass(frozen=True, slots=True)
class Work:
    """One message on one day. old: what operates under its number until now."""

    connection: sqlite3.Connection
    inventory: Inventory
    message: ScheduleMessage
    day: date
    old: Old

    @property
    def flights(self) -> Flights:
        return self.inventory.flights_of

    @property
    def old_legs(self) -> tuple[Leg, ...]:
        """Of the whole itinerary."""
        return max((segment.legs for segment in self.old.values()), key=len, default=())

    def wrong(self, rule: str) -> WrongLineError:
        return WrongLineError(self.message.line, rule)


def carry_out(
    connection: sqlite3.Connection, inventory: Inventory, carrier: str, text: str, today: date
) -> tuple[FlightChange, ...]:
    """All of it, or Refused."""
    made: list[FlightChange] = []
    try:
        for message in parse(text, today):
            if message.carrier != carrier:
                raise WrongLineError(message.line, f"only flights of {carrier} are kept here")
            for day in message.days:
                made.extend(_carry_out(_work(connection, inventory, message, day)))
    except WrongLineError as wrong:
        raise Refused("SCHEDULE", str(wrong)) from wrong
    for change in made:
        feed.append(connection, PssEvent(0, SCHEDULE, change.key, change=change))
    return tuple(made)


def _work(
    connection: sqlite3.Connection, inventory: Inventory, message: ScheduleMessage, day: date
) -> Work:
    flights = inventory.flights_of
    there = flights.itinerary(connection, message.carrier, message.number, day)
    old = {key: flights.segment(connection, key) for key in there}
    return Work(connection, inventory, message, day, old)


def _carry_out(work: Work) -> list[FlightChange]:
    action, number = work.message.action, work.message.number
    if action == "RIN":
        return _reinstate(work)
    if action == "NEW" and work.old:
        raise work.wrong(f"{number} operates on {work.day} already")
    if action != "NEW" and not work.old:
        raise work.wrong(f"{number} does not operate on {work.day}")
    wanted = {} if action == "CNL" else _wanted(work)
    gone = [_take_off(work, key) for key in work.old if key not in wanted]
    return [*gone, *(_put(work, key, operated) for key, operated in wanted.items())]


def _reinstate(work: Work) -> list[FlightChange]:
    """As it was loaded. Who was taken off the flight stays off it."""
    message = work.message
    loaded = work.flights.was_loaded(message.carrier, message.number, work.day)
    if work.old or not loaded:
        raise work.wrong(f"{message.number} was not cancelled on {work.day}")
    made = []
    for key in loaded:
        work.flights.restore(work.connection, key)
        work.inventory.touch(key)
        now = work.flights.segment(work.connection, key)
        made.append(FlightChange(message.action, key, None, now))
    return made


def _take_off(work: Work, key: FlightKey) -> FlightChange:
    refit.empty(work.connection, work.inventory, key)
    work.flights.put(work.connection, key, work.day, None)
    work.inventory.touch(key)
    return FlightChange(work.message.action, key, work.old[key], None)


def _put(work: Work, key: FlightKey, wanted: Operated) -> FlightChange:
    known = work.old.get(key)
    cabins = wanted.cabins
    if cabins is None:
        cabins = work.flights.cabins(work.connection, key) if known else _same_aircraft(work)
    work.flights.put(work.connection, key, work.day, Operated(wanted.segment, cabins))
    if known is not None and wanted.cabins is not None:
        refit.refit(work.connection, work.inventory, key, cabins)
    if known is not None and _times(known) != _times(wanted.segment):
        refit.mark(work.connection, key, bookings.RETIMED)
    work.inventory.touch(key)
    return FlightChange(work.message.action, key, known, wanted.segment)


def _times(segment: Segment) -> list[tuple[datetime, datetime]]:
    return [(leg.departure, leg.arrival) for leg in segment.legs]


def _same_aircraft(work: Work) -> tuple[CabinInventory, ...]:
    """Of a pair that begins on another day than before: unsold."""
    try:
        return work.flights.equipped([leg.aircraft for leg in work.old_legs], 1, None)
    except KeyError:
        raise work.wrong("say the equipment as well, with RPL") from None


def _wanted(work: Work) -> dict[FlightKey, Operated]:
    """Every board-to-off pair as it shall operate."""
    message, legs = work.message, _legs(work)
    share = max((at + 1) * (len(legs) - at) for at in range(len(legs)))
    made: dict[FlightKey, Operated] = {}
    for board in range(len(legs)):
        for off in range(board, len(legs)):
            part = legs[board : off + 1]
            segment = Segment(
                message.carrier, message.number, message.carrier, message.number, part
            )
            made[segment.key] = Operated(segment, _cabins(work, part, share))
    return made


def _cabins(work: Work, part: Sequence[Leg], share: int) -> tuple[CabinInventory, ...] | None:
    """None: as they are."""
    equipment = work.message.equipment
    if equipment is None:
        return None
    seats = dict(equipment.seats) if equipment.seats is not None else None
    try:
        return work.flights.equipped([leg.aircraft for leg in part], share, seats)
    except KeyError:
        raise work.wrong(
            f"type {equipment.aircraft} is not known: say its seats, as C30Y220"
        ) from None


def _legs(work: Work) -> tuple[Leg, ...]:
    """From the message's times, else the old ones; with its aircraft, else the old one."""
    message, old = work.message, work.old_legs
    if not message.legs:
        if message.equipment is None:
            raise AssertionError(f"{message.action} says neither times nor equipment")
        return tuple(replace(leg, aircraft=message.equipment.aircraft) for leg in old)
    made = []
    for times in message.legs:
        pair = (times.origin, times.destination)
        same = next((leg for leg in old if (leg.origin, leg.destination) == pair), None)
        made.append(_leg(work, times, same))
    return tuple(made)


def _leg(work: Work, times: LegTimes, same: Leg | None) -> Leg:
    equipment = work.message.equipment
    if equipment is None and same is None:
        raise work.wrong(f"the flight has no leg {times.origin}{times.destination}")
    departure = _instant(work, times.origin, times.departs)
    arrival = _instant(work, times.destination, times.arrives)
    if arrival <= departure:
        raise work.wrong(f"leg {times.origin}{times.destination} arrives before it departs")
    return Leg(
        times.origin,
        times.destination,
        departure,
        arrival,
        equipment.aircraft if equipment else same.aircraft if same else "",
        same.departure_terminal if same else None,
        same.arrival_terminal if same else None,
    )


def _instant(work: Work, airport: str, minutes: int) -> datetime:
    """With the offset that the airport's clocks have then."""
    try:
        zone = work.flights.zone(airport)
    except KeyError:
        raise work.wrong(f"there is no airport {airport}") from None
    clock = datetime.combine(work.day, datetime.min.time()) + timedelta(minutes=minutes)
    if work.message.local:
        return clock.replace(tzinfo=timezone(zone.utcoffset(clock) or timedelta()))
    local = clock.replace(tzinfo=UTC).astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))
