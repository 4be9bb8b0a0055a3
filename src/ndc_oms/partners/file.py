"""A partner airline that files its flights, fares and allotments with us, and answers from there.

Its own counters, bookings and documents are in a file of its own. For trying out the house it can
show faults, as the simulated PSS does: the option `faults`, or `FilePartner.side.plant`.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, PricedBound
from ndc_oms.model.passenger import Passenger, Person
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.partners import filed_books as books
from ndc_oms.partners import filed_changes, filed_prices
from ndc_oms.partners.filed import CODE_SHARE, INTERLINE, Filed, load
from ndc_oms.partners.filed_changes import name_of
from ndc_oms.ports.outcome import Outcome, Unknown
from ndc_oms.ports.partner import (
    PartnerBooking,
    PartnerOffer,
    PartnerOrder,
    PartnerSettings,
    Seek,
)
from ndc_oms.ports.pss import Seats, SegmentSale, SpecialService
from ndc_oms.ports.simulation.side import Refused, SimulatedSide

VOID_WINDOW: Final = timedelta(hours=24)  # after it, documents are refunded instead


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
        def sell(connection: sqlite3.Connection) -> PartnerBooking:
            known = books.find(connection, reference)
            if known is not None:
                return known.booking
            self._check(order)
            use = CODE_SHARE if order.code_share else INTERLINE
            for sale in order.sales:
                number = sale.flight.number
                books.take(connection, use, sale, self._filed.authorised(use, number, sale.rbd))
            locator = books.new_locator(connection)
            held = self._held_until(order)
            books.keep_until(connection, locator, held)
            made = PartnerBooking(
                locator, locator, self._settings.carrier, order.order_id, held_until=held
            )
            names = ((p.id, name_of(order.people.person(p.id))) for p in order.passengers)
            books.put(connection, reference, books.Kept(made, use, order.sales, tuple(names)))
            return made

        return await self.side.change("book", sell)

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
        def issue(connection: sqlite3.Connection) -> tuple[Document, ...]:
            ours, kept = books.get(connection, booking)
            if kept.booking.cancelled:
                raise Refused("CANCELLED", f"booking {booking} is cancelled")
            if not kept.booking.documents:
                fares = self._fares(order)
                made = tuple(
                    self._document(connection, each, order.sales, fares)
                    for each in order.passengers
                )
                kept = books.with_documents(kept, made)
                books.put(connection, ours, kept)
                books.keep_until(connection, booking, None)
            return kept.booking.documents

        return await self.side.change("documents", issue)

    async def cancel(self, reference: str, booking: str) -> Outcome[PartnerBooking]:  # noqa: ARG002  # cancelled is cancelled
        def undo(connection: sqlite3.Connection) -> PartnerBooking | Unknown:
            ours, kept = books.get(connection, booking)
            if kept.booking.cancelled:
                return kept.booking
            dead = tuple(self._dead(each) for each in kept.booking.documents)
            kept = replace(kept, booking=replace(kept.booking, cancelled=True, documents=dead))
            books.give_back(connection, kept)
            books.put(connection, ours, kept)
            books.keep_until(connection, booking, None)
            return kept.booking

        return await self.side.change("cancel", undo)

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

    def _held_until(self, order: PartnerOrder) -> datetime | None:
        """Raises Refused for what is not kept unpaid."""
        if not order.unpaid:
            return None
        now = self._settings.now()
        limits = [self._filed.held_until(self._flight(sale), now) for sale in order.sales]
        found = [each for each in limits if each is not None]
        if not found or len(found) < len(limits):
            raise Refused("NOT HELD", "seats are not kept until they are paid")
        return min(found)

    def _check(self, order: PartnerOrder) -> None:
        """That what was promised still holds; raises Refused."""
        for sale in order.sales:
            segment = self._flight(sale)
            if segment.departure - self._filed.sale_closes <= self._settings.now():
                raise Refused("CLOSED", f"{sale.flight} is closed for sale")
        if order.code_share:
            return
        fares = self._fares(order)
        minor = sum(fares[each.id].total.minor for each in order.passengers)
        if Money(minor, order.seek.currency) != order.total:
            raise Refused("PRICE", f"the fare is {Money(minor, order.seek.currency)} by now")

    def _fares(self, order: PartnerOrder) -> dict[str, Fare]:
        """What each passenger pays, by id. Flights have no connections here."""
        (sale,) = order.sales
        family = self._filed.family(order.family)
        ends = frozenset((sale.flight.origin, sale.flight.destination))
        prices = self._filed.prices.get((ends, order.family), ())
        price = next((each for each in prices if each.rbd == sale.rbd), None)
        if family is None or price is None:
            raise Refused("FARE", f"there is no fare {order.family} in class {sale.rbd}")
        priced = filed_prices.bound(self._filed, self._flight(sale), family, price, order.seek)
        return {each.id: priced.fares[each.type] for each in order.passengers}

    def _flight(self, sale: SegmentSale) -> Segment:
        found = self._filed.timetable.find(*sale.flight)
        if found is None:
            raise Refused("FLIGHT", f"{sale.flight} does not operate")
        return found

    def _document(
        self,
        connection: sqlite3.Connection,
        passenger: Passenger,
        sales: tuple[SegmentSale, ...],
        fares: Mapping[str, Fare],
    ) -> Document:
        fare = fares[passenger.id]
        coupons = tuple(
            Coupon(at, COUPON.initial, None, sale.flight, sale.rbd, fare.basis, fare.base)
            for at, sale in enumerate(sales, 1)
        )
        number = books.new_document_number(connection, self._settings.accounting_prefix)
        return Document(
            number, DocumentType.TICKET, passenger.id, self._settings.now(), coupons, fare.total
        )

    def _dead(self, document: Document) -> Document:
        fresh = self._settings.now() - document.issued_at < VOID_WINDOW
        status = CouponStatus.VOID if fresh else CouponStatus.REFUNDED
        coupons = tuple(
            each if each.status in COUPON.final else replace(each, status=status)
            for each in document.coupons
        )
        return replace(document, coupons=coupons)

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
