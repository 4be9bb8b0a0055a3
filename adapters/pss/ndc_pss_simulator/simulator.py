"""The simulated PSS: `ports.pss.Pss` over one SQLite file in the adapter's folder."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.documents import Document
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.seat import Seat, SeatChoice
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Outcome
from ndc_oms.ports.pss import (
    Booking,
    DocumentRequest,
    Found,
    Hold,
    Pnr,
    PssEvent,
    PssSettings,
    Revalidation,
    Seats,
    SegmentSale,
    SpecialService,
)
from ndc_oms.ports.simulation.side import SimulatedSide, plant_in_file
from ndc_pss_simulator import (
    amendments,
    associations,
    bookings,
    calls,
    changes,
    documents,
    feed,
    holds,
    reissues,
    schedule,
    seats,
    shelf,
)
from ndc_pss_simulator.audit import audit
from ndc_pss_simulator.inventory import Inventory
from ndc_pss_simulator.schema import SCHEMA

FILE: Final = "pss.sqlite3"
_OF_PNRS: Final = frozenset(
    {"book", "cancel", "cancel_part", "reaccommodate", "update_services", "assign_seats"}
    | {"add_flights", "drop_flights", "divide"}
)


def open_pss(settings: PssSettings) -> "Simulator":
    """options: `faults` (see ports/simulation/faults.py) and `seed` (a whole number)."""
    return Simulator(settings)


def plant_faults(folder: str, text: str) -> None:
    """Plants faults for a simulator that runs in another process, as `book:fails:1x`."""
    plant_in_file(Path(folder) / FILE, text)


class Simulator:
    """Any number of processes may open the same folder; they share one inventory."""

    def __init__(self, settings: PssSettings) -> None:
        self._settings = settings
        self._seed = int(settings.options.get("seed", "0"))
        self._inventory = Inventory(settings.inventory)
        self._side = SimulatedSide(
            Path(settings.folder) / FILE,
            "pss",
            SCHEMA,
            seed=self._seed,
            planted=settings.options.get("faults", ""),
            opening=self._release_lapsed,
            closing=self._append_changes,
            stale=lambda c: holds.any_lapsed(c, settings.now()),
        )

    @property
    def name(self) -> str:
        return "simulator"

    async def availability(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        return await self._side.ask("availability", lambda c: self._inventory.day(c, day))

    async def check(self, flights: Sequence[FlightKey]) -> Outcome[Mapping[FlightKey, Seats]]:
        return await self._side.ask("check", lambda c: self._inventory.flights(c, flights))

    async def hold(
        self, reference: str, sales: Sequence[SegmentSale], expires_at: datetime
    ) -> Outcome[Hold]:
        wanted, now = tuple(sales), self._settings.now
        return await self._side.change(
            "hold",
            lambda c: holds.hold(
                c, self._inventory, reference, wanted, expires_at=expires_at, now=now()
            ),
        )

    async def release(self, reference: str) -> Outcome[None]:
        return await self._side.change(
            "release", lambda c: holds.release(c, self._inventory, reference)
        )

    async def taken(self, flight: FlightKey) -> Outcome[frozenset[Seat]]:
        return await self._side.ask(
            "taken", lambda c: seats.taken(c, self._inventory.source, flight)
        )

    async def hold_seats(
        self, reference: str, choices: Sequence[SeatChoice], expires_at: datetime
    ) -> Outcome[None]:
        wanted, now = tuple(choices), self._settings.now
        return await self._side.change(
            "hold_seats",
            lambda c: holds.hold_seats(
                c, self._inventory, reference, wanted, expires_at=expires_at, now=now()
            ),
        )

    async def assign_seats(
        self, reference: str, locator: str, hold_reference: str, choices: Sequence[SeatChoice]
    ) -> Outcome[Pnr]:
        wanted = tuple(choices)
        return await self._side.change(
            "assign_seats",
            lambda c: amendments.assign_seats(
                c,
                self._inventory,
                reference,
                locator,
                hold_reference=hold_reference,
                choices=wanted,
            ),
        )

    async def book(self, reference: str, booking: Booking) -> Outcome[Pnr]:
        carrier = self._settings.carrier
        return await self._side.change(
            "book",
            lambda c: bookings.book(
                c, self._inventory, reference, booking, carrier=carrier, seed=self._seed
            ),
        )

    async def cancel(self, reference: str, locator: str) -> Outcome[Pnr]:
        return await self._side.change(
            "cancel", lambda c: bookings.cancel(c, self._inventory, reference, locator)
        )

    async def cancel_part(
        self,
        reference: str,
        locator: str,
        flights: Sequence[FlightKey],
        passenger_ids: Sequence[str],
    ) -> Outcome[Pnr]:
        return await self._side.change(
            "cancel_part",
            lambda c: amendments.cancel_part(
                c,
                self._inventory,
                reference,
                locator,
                flights=flights,
                passenger_ids=passenger_ids,
            ),
        )

    async def reaccommodate(
        self,
        reference: str,
        locator: str,
        leaving: Sequence[FlightKey],
        sales: Sequence[SegmentSale],
    ) -> Outcome[Pnr]:
        return await self._side.change(
            "reaccommodate",
            lambda c: amendments.reaccommodate(
                c, self._inventory, reference, locator, leaving=leaving, sales=sales
            ),
        )

    async def add_flights(
        self, reference: str, locator: str, hold_reference: str, sales: Sequence[SegmentSale]
    ) -> Outcome[Pnr]:
        wanted = tuple(sales)
        return await self._side.change(
            "add_flights",
            lambda c: changes.add_flights(
                c, self._inventory, reference, locator, hold_reference=hold_reference, sales=wanted
            ),
        )

    async def drop_flights(
        self, reference: str, locator: str, sales: Sequence[SegmentSale]
    ) -> Outcome[Pnr]:
        gone = tuple(sales)
        return await self._side.change(
            "drop_flights",
            lambda c: changes.drop_flights(c, self._inventory, reference, locator, gone),
        )

    async def divide(
        self, reference: str, locator: str, passenger_ids: Sequence[str]
    ) -> Outcome[Pnr]:
        return await self._side.change(
            "divide", lambda c: changes.divide(c, reference, locator, passenger_ids, self._seed)
        )

    async def update_services(
        self, reference: str, locator: str, services: Sequence[SpecialService]
    ) -> Outcome[Pnr]:
        return await self._side.change(
            "update_services",
            lambda c: amendments.update_services(c, reference, locator, services),
        )

    async def pnr(self, locator: str) -> Outcome[Pnr | None]:
        return await self._side.ask("pnr", lambda c: bookings.look(c, locator))

    async def issue(
        self, reference: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        prefix, now = self._settings.accounting_prefix, self._settings.now
        return await self._side.change(
            "issue", lambda c: documents.issue(c, reference, request, prefix, now())
        )

    async def document(self, number: str) -> Outcome[Document | None]:
        return await self._side.ask("document", lambda c: shelf.find(c, number))

    async def void(self, reference: str, number: str) -> Outcome[Document]:
        return await self._side.change("void", lambda c: documents.void(c, reference, number))

    async def refund(self, reference: str, number: str) -> Outcome[Document]:
        return await self._side.change("refund", lambda c: documents.refund(c, reference, number))

    async def exchange(
        self, reference: str, number: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        prefix, now = self._settings.accounting_prefix, self._settings.now
        return await self._side.change(
            "exchange",
            lambda c: reissues.exchange(c, reference, number, request, prefix=prefix, now=now()),
        )

    async def revalidate(
        self, reference: str, number: str, wanted: Sequence[Revalidation]
    ) -> Outcome[tuple[Document, ...]]:
        asked = tuple(wanted)
        return await self._side.change(
            "revalidate", lambda c: reissues.revalidate(c, reference, number, asked)
        )

    async def associate(
        self, reference: str, number: str, ticket: str | None, wanted: Sequence[Revalidation]
    ) -> Outcome[tuple[Document, ...]]:
        asked = tuple(wanted)
        return await self._side.change(
            "associate", lambda c: associations.associate(c, reference, number, ticket, asked)
        )

    async def set_coupon(
        self, reference: str, number: str, coupon: int, status: CouponStatus
    ) -> Outcome[Document]:
        return await self._side.change(
            "set_coupon",
            lambda c: documents.set_coupon(c, reference, number, coupon, status),
        )

    async def schedule(self, messages: str) -> Outcome[tuple[FlightChange, ...]]:
        """See `ports.pss.Rehearsed`."""
        carrier, today = self._settings.carrier, self._settings.now().date()
        return await self._side.change(
            "schedule",
            lambda c: schedule.carry_out(c, self._inventory, carrier, messages, today),
        )

    async def changed_flights(self) -> Outcome[tuple[FlightChange, ...]]:
        """See `ports.pss.Rescheduling`."""
        return await self._side.ask("changed_flights", self._inventory.flights_of.changed)

    async def no_show(self, number: str, coupon: int) -> Outcome[Document]:
        """See `ports.pss.Rehearsed`."""
        return await self._side.change("no_show", lambda c: documents.no_show(c, number, coupon))

    async def find(self, reference: str) -> Outcome[Found | None]:
        return await self._side.ask("find", lambda c: _found(c, reference))

    async def head(self) -> Outcome[int]:
        return await self._side.ask("head", feed.head)

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        return await self._side.ask("events", lambda c: feed.after(c, after, limit))

    async def audit(self) -> list[str]:
        """One sentence for each thing that is wrong in the books; not a verb of the port."""
        await self._side.touch()  # what has lapsed is nobody's any more
        return await self._side.look(lambda c: audit(c, self._settings.accounting_prefix))

    async def live_bookings(self) -> Mapping[str, str]:
        """As `ports.pss.Listed`."""

        def query(connection: sqlite3.Connection) -> Mapping[str, str]:
            return {pnr.locator: pnr.order_id for pnr in bookings.live(connection)}

        return await self._side.look(query)

    async def issued(self) -> Mapping[str, str]:
        """As `ports.pss.Listed`."""

        def query(connection: sqlite3.Connection) -> Mapping[str, str]:
            each = ((d.number, bookings.look(connection, at)) for at, d in shelf.each(connection))
            return {number: pnr.order_id if pnr else "" for number, pnr in each}

        return await self._side.look(query)

    async def plant(self, text: str) -> None:
        """Adds faults, as `book:fails:1x`; raises ValueError."""
        await self._side.plant(text)

    async def clear_faults(self, verb: str | None = None) -> None:
        """Takes faults away, of one verb or all."""
        await self._side.clear_faults(verb)

    async def close(self) -> None:
        await self._side.close()

    def _release_lapsed(self, connection: sqlite3.Connection) -> None:
        holds.release_lapsed(connection, self._inventory, self._settings.now())

    def _append_changes(self, connection: sqlite3.Connection) -> None:
        for flight, left in self._inventory.drain_touched(connection).items():
            feed.append(connection, PssEvent(0, "availability", flight, left))


def _found(connection: sqlite3.Connection, reference: str) -> Found | None:
    """As it is now. A hold that was released, or lapsed, keeps nothing: it is not found."""
    call = calls.find(connection, reference)
    if call is None:
        state, kept = holds.look(connection, reference) or (None, None)
        return kept if state in {holds.HELD, holds.BOOKED} else None
    verb, subject = call
    if verb in _OF_PNRS:
        return bookings.get(connection, subject)
    if verb in {"issue", "exchange", "revalidate", "associate"}:
        return shelf.conjunction_set(connection, subject)
    return (shelf.get(connection, subject),)
