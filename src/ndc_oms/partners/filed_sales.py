"""What a file-fed partner sells: a booking of its seats, at the price and within the time of its
files, its documents, and the end of both. Each is done within a transaction of its books.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.journey import Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.status import COUPON, CouponStatus
from ndc_oms.partners import filed_books as books
from ndc_oms.partners import filed_prices
from ndc_oms.partners.filed import CODE_SHARE, INTERLINE, Filed
from ndc_oms.partners.filed_changes import name_of
from ndc_oms.ports.partner import PartnerBooking, PartnerOrder, PartnerSettings
from ndc_oms.ports.pss import SegmentSale
from ndc_oms.ports.simulation.side import Refused

VOID_WINDOW: Final = timedelta(hours=24)  # after it, documents are refunded instead


@dataclass(frozen=True, slots=True)
class FiledSales:
    settings: PartnerSettings
    filed: Filed

    def book(
        self, connection: sqlite3.Connection, reference: str, order: PartnerOrder
    ) -> PartnerBooking:
        """Once under a reference. Raises Refused for what is sold out, closed, dearer by now, or
        not kept unpaid.
        """
        known = books.find(connection, reference)
        if known is not None:
            return known.booking
        self._check(order)
        use = CODE_SHARE if order.code_share else INTERLINE
        for sale in order.sales:
            number = sale.flight.number
            books.take(connection, use, sale, self.filed.authorised(use, number, sale.rbd))
        locator = books.new_locator(connection)
        held = self._held_until(order)
        books.keep_until(connection, locator, held)
        made = PartnerBooking(
            locator, locator, self.settings.carrier, order.order_id, held_until=held
        )
        names = ((p.id, name_of(order.people.person(p.id))) for p in order.passengers)
        books.put(connection, reference, books.Kept(made, use, order.sales, tuple(names)))
        return made

    def issue(
        self, connection: sqlite3.Connection, order: PartnerOrder, booking: str
    ) -> tuple[Document, ...]:
        """A booking's documents, issued once. Raises Refused for one that is cancelled."""
        ours, kept = books.get(connection, booking)
        if kept.booking.cancelled:
            raise Refused("CANCELLED", f"booking {booking} is cancelled")
        if not kept.booking.documents:
            fares = self._fares(order)
            made = tuple(
                self._document(connection, each, order.sales, fares) for each in order.passengers
            )
            kept = books.with_documents(kept, made)
            books.put(connection, ours, kept)
            books.keep_until(connection, booking, None)
        return kept.booking.documents

    def cancel(self, connection: sqlite3.Connection, booking: str) -> PartnerBooking:
        """Of one that is cancelled, as it is."""
        ours, kept = books.get(connection, booking)
        if kept.booking.cancelled:
            return kept.booking
        dead = tuple(self._dead(each) for each in kept.booking.documents)
        kept = replace(kept, booking=replace(kept.booking, cancelled=True, documents=dead))
        books.give_back(connection, kept)
        books.put(connection, ours, kept)
        books.keep_until(connection, booking, None)
        return kept.booking

    def _held_until(self, order: PartnerOrder) -> datetime | None:
        """Raises Refused for what is not kept unpaid."""
        if not order.unpaid:
            return None
        now = self.settings.now()
        limits = [self.filed.held_until(self._flight(sale), now) for sale in order.sales]
        found = [each for each in limits if each is not None]
        if not found or len(found) < len(limits):
            raise Refused("NOT HELD", "seats are not kept until they are paid")
        return min(found)

    def _check(self, order: PartnerOrder) -> None:
        """That what was promised still holds; raises Refused."""
        for sale in order.sales:
            segment = self._flight(sale)
            if segment.departure - self.filed.sale_closes <= self.settings.now():
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
        family = self.filed.family(order.family)
        ends = frozenset((sale.flight.origin, sale.flight.destination))
        prices = self.filed.prices.get((ends, order.family), ())
        price = next((each for each in prices if each.rbd == sale.rbd), None)
        if family is None or price is None:
            raise Refused("FARE", f"there is no fare {order.family} in class {sale.rbd}")
        priced = filed_prices.bound(self.filed, self._flight(sale), family, price, order.seek)
        return {each.id: priced.fares[each.type] for each in order.passengers}

    def _flight(self, sale: SegmentSale) -> Segment:
        found = self.filed.timetable.find(*sale.flight)
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
        number = books.new_document_number(connection, self.settings.accounting_prefix)
        return Document(
            number, DocumentType.TICKET, passenger.id, self.settings.now(), coupons, fare.total
        )

    def _dead(self, document: Document) -> Document:
        fresh = self.settings.now() - document.issued_at < VOID_WINDOW
        status = CouponStatus.VOID if fresh else CouponStatus.REFUNDED
        coupons = tuple(
            each if each.status in COUPON.final else replace(each, status=status)
            for each in document.coupons
        )
        return replace(document, coupons=coupons)
