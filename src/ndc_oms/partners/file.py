"""A partner airline that files its flights, fares and allotments with us, and answers from there.

Its own counters, bookings and documents are in a file of its own. For trying out the house it can
show faults, as the simulated PSS does: the option `faults`, or `FilePartner.side.plant`.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from ndc_oms.errors import Invalid
from ndc_oms.model.documents import Document
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.offer import PricedBound
from ndc_oms.model.passenger import Passenger, Person
from ndc_oms.partners import filed_books as books
from ndc_oms.partners import filed_changes, filed_prices
from ndc_oms.partners.filed import CODE_SHARE, INTERLINE, Filed, load
from ndc_oms.partners.filed_sales import FiledSales
from ndc_oms.ports.outcome import Outcome
from ndc_oms.ports.partner import (
    PartnerBooking,
    PartnerOffer,
    PartnerOrder,
    PartnerSettings,
    Seek,
)
from ndc_oms.ports.pss import Seats, SpecialService
from ndc_oms.ports.simulation.side import Refused, SimulatedSide


class FilePartner:
    """Over a loaded folder. All verbs but `price` and `find` are idempotent by their nature; `book`
    is by its reference.
    """

    def __init__(self, settings: PartnerSettings, filed: Filed) -> None:
        self._settings = settings
        self._filed = filed
        self.side = SimulatedSide(
            settings.data / f"{settings.name}.sqlite3",
            "partner",
            books.SCHEMA,
            planted=settings.options.get("faults", ""),
            opening=lambda c: books.lapse(c, settings.now()),
            stale=lambda c: books.any_lapsed(c, settings.now()),
        )

    @property
    def name(self) -> str:
        return self._settings.name

    @property
    def _sales(self) -> FiledSales:
        return FiledSales(self._settings, self._filed)

    # -- looking -----------------------------------------------------------------------------

    async def search(self, seek: Seek) -> Outcome[tuple[PartnerOffer, ...]]:
        return await self.side.ask("search", lambda c: self._offers(c, seek))

    async def price(self, seek: Seek, offer: PartnerOffer) -> Outcome[PartnerOffer]:
        def look(connection: sqlite3.Connection) -> PartnerOffer:
            for each in self._offers(connection, seek):
                if _same_product(each.bound, offer.bound):
                    return each
            raise Refused("SOLD OUT", f"{offer.bound.family.name} is not to be had any more")

        return await self.side.ask("price", look)

    async def seats(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        def look(connection: sqlite3.Connection) -> Mapping[FlightKey, Seats]:
            left = self._left(connection, day, CODE_SHARE)
            found: dict[FlightKey, Seats] = {}
            for key in self._filed.timetable.on(day):
                classes = self._filed.classes(CODE_SHARE, key.number)
                if classes:
                    found[key] = {rbd: left(key, rbd) for rbd in classes}
            return found

        return await self.side.ask("seats", look)

    def _offers(self, connection: sqlite3.Connection, seek: Seek) -> tuple[PartnerOffer, ...]:
        left = self._left(connection, seek.day, INTERLINE)
        return tuple(
            filed_prices.offers(
                self._filed, seek, lambda s, rbd: left(s.key, rbd), self._settings.now()
            )
        )

    def _left(self, connection: sqlite3.Connection, day: date, use: str) -> "_Left":
        return _Left(self._filed, use, books.sold(connection, _day_text(day)))

    # -- booking -----------------------------------------------------------------------------

    async def book(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking]:
        return await self.side.change("book", lambda c: self._sales.book(c, reference, order))

    async def find(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking | None]:  # noqa: ARG002  # this one need not repeat it
        def look(connection: sqlite3.Connection) -> PartnerBooking | None:
            kept = books.find(connection, reference)
            return kept.booking if kept else None

        return await self.side.ask("find", look)

    async def booking(self, booking: str) -> Outcome[PartnerBooking | None]:
        def look(connection: sqlite3.Connection) -> PartnerBooking | None:
            found = books.located(connection, booking)
            return found[1].booking if found else None

        return await self.side.ask("booking", look)

    async def documents(
        self,
        reference: str,  # noqa: ARG002  # a booking's documents are issued once, whoever asks
        order: PartnerOrder,
        booking: str,
    ) -> Outcome[tuple[Document, ...]]:
        return await self.side.change("documents", lambda c: self._sales.issue(c, order, booking))

    async def cancel(self, reference: str, booking: str) -> Outcome[PartnerBooking]:  # noqa: ARG002  # cancelled is cancelled
        return await self.side.change("cancel", lambda c: self._sales.cancel(c, booking))

    @property
    def divides(self) -> bool:
        return True

    async def divide(
        self, reference: str, booking: str, going: Sequence[Passenger], order_id: str
    ) -> Outcome[PartnerBooking]:
        return await self.side.change(
            "divide",
            lambda c: filed_changes.divide(c, reference, booking, going, order_id),
        )

    async def rename(
        self,
        reference: str,  # noqa: ARG002  # a name that is there already is not changed again
        booking: str,
        passenger: Passenger,
        person: Person,
    ) -> Outcome[PartnerBooking]:
        prefix, now = self._settings.accounting_prefix, self._settings.now()
        return await self.side.change(
            "rename",
            lambda c: filed_changes.rename(c, booking, passenger, person, prefix=prefix, now=now),
        )

    async def serve(
        self,
        reference: str,  # noqa: ARG002  # what is there already is not put there again
        booking: str,
        services: Sequence[SpecialService],
    ) -> Outcome[PartnerBooking]:
        taken = tuple(each for each in services if each.code in self._filed.services)
        return await self.side.change("serve", lambda c: filed_changes.serve(c, booking, taken))

    # -- beside the port ---------------------------------------------------------------------

    async def audit(self) -> list[str]:
        await self.side.touch()  # what has lapsed by now is given back first
        return await self.side.look(lambda c: books.audit(c, self._settings.accounting_prefix))

    async def live_bookings(self) -> Mapping[str, str]:
        await self.side.touch()
        return await self.side.look(books.live)

    async def close(self) -> None:
        await self.side.close()


class _Left:
    """Seats left by flight and class, as of one look at the counters."""

    def __init__(self, filed: Filed, use: str, sold: Mapping[tuple[str, str, str], int]) -> None:
        self._filed = filed
        self._use = use
        self._sold = sold

    def __call__(self, flight: FlightKey, rbd: str) -> int:
        taken = self._sold.get((str(flight), self._use, rbd), 0)
        return max(self._filed.authorised(self._use, flight.number, rbd) - taken, 0)


def _day_text(day: date) -> str:
    """As FlightKey's own text has it."""
    return f"{day:%d%b%y}"


def _same_product(one: PricedBound, other: PricedBound) -> bool:
    """The same flights in the same family, in whichever class and at whichever price."""
    return one.journey == other.journey and one.family.code == other.family.code


def open_partner(settings: PartnerSettings) -> FilePartner:
    """Raises WorldError for a folder with problems, Invalid where none is named."""
    if settings.source is None:
        raise Invalid(
            f"Partner {settings.name} is read from files, and names no folder.",
            remedy="Give `folder` in partners.toml.",
        )
    return FilePartner(settings, _filed(settings.source, _stamps(settings.source)))


@lru_cache(maxsize=8)
def _filed(folder: Path, _stamps: frozenset[tuple[str, int, int]]) -> Filed:
    """Read once, while no file of it changes."""
    return load(folder)


def _stamps(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Name, size and time of the last change of every file."""
    stats = ((each.name, each.stat()) for each in folder.glob("*"))
    return frozenset((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
