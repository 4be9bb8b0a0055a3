"""A PSS at the end of a line that fails."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ndc_oms.kit.simulation.line import Line
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
    Pss,
    PssEvent,
    Revalidation,
    Seats,
    SegmentSale,
    SpecialService,
)


class FaultyPss:
    """`ports.pss.Pss`. far: the PSS itself."""

    def __init__(self, far: Pss, line: Line) -> None:
        self.far = far
        self._line = line

    @property
    def name(self) -> str:
        return self.far.name

    async def availability(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        return await self._line.ask("availability", lambda: self.far.availability(day))

    async def check(self, flights: Sequence[FlightKey]) -> Outcome[Mapping[FlightKey, Seats]]:
        return await self._line.ask("check", lambda: self.far.check(flights))

    async def hold(
        self, reference: str, sales: Sequence[SegmentSale], expires_at: datetime
    ) -> Outcome[Hold]:
        return await self._line.change(
            "hold", reference, lambda: self.far.hold(reference, sales, expires_at)
        )

    async def release(self, reference: str) -> Outcome[None]:
        return await self._line.change("release", reference, lambda: self.far.release(reference))

    async def taken(self, flight: FlightKey) -> Outcome[frozenset[Seat]]:
        return await self._line.ask("taken", lambda: self.far.taken(flight))

    async def hold_seats(
        self, reference: str, choices: Sequence[SeatChoice], expires_at: datetime
    ) -> Outcome[None]:
        return await self._line.change(
            "hold seats", reference, lambda: self.far.hold_seats(reference, choices, expires_at)
        )

    async def assign_seats(
        self, reference: str, locator: str, hold_reference: str, choices: Sequence[SeatChoice]
    ) -> Outcome[Pnr]:
        return await self._line.change(
            "assign seats",
            reference,
            lambda: self.far.assign_seats(reference, locator, hold_reference, choices),
        )

    async def book(self, reference: str, booking: Booking) -> Outcome[Pnr]:
        return await self._line.change("book", reference, lambda: self.far.book(reference, booking))

    async def cancel(self, reference: str, locator: str) -> Outcome[Pnr]:
        return await self._line.change(
            "cancel", reference, lambda: self.far.cancel(reference, locator)
        )

    async def cancel_part(
        self,
        reference: str,
        locator: str,
        flights: Sequence[FlightKey],
        passenger_ids: Sequence[str],
    ) -> Outcome[Pnr]:
        return await self._line.change(
            "cancel part",
            reference,
            lambda: self.far.cancel_part(reference, locator, flights, passenger_ids),
        )

    async def add_flights(
        self, reference: str, locator: str, hold_reference: str, sales: Sequence[SegmentSale]
    ) -> Outcome[Pnr]:
        return await self._line.change(
            "add flights",
            reference,
            lambda: self.far.add_flights(reference, locator, hold_reference, sales),
        )

    async def drop_flights(
        self, reference: str, locator: str, sales: Sequence[SegmentSale]
    ) -> Outcome[Pnr]:
        return await self._line.change(
            "drop flights", reference, lambda: self.far.drop_flights(reference, locator, sales)
        )

    async def divide(
        self, reference: str, locator: str, passenger_ids: Sequence[str]
    ) -> Outcome[Pnr]:
        return await self._line.change(
            "divide", reference, lambda: self.far.divide(reference, locator, passenger_ids)
        )

    async def exchange(
        self, reference: str, number: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        return await self._line.change(
            "exchange", reference, lambda: self.far.exchange(reference, number, request)
        )

    async def revalidate(
        self, reference: str, number: str, wanted: Sequence[Revalidation]
    ) -> Outcome[tuple[Document, ...]]:
        return await self._line.change(
            "revalidate", reference, lambda: self.far.revalidate(reference, number, wanted)
        )

    async def associate(
        self, reference: str, number: str, ticket: str | None, wanted: Sequence[Revalidation]
    ) -> Outcome[tuple[Document, ...]]:
        return await self._line.change(
            "associate", reference, lambda: self.far.associate(reference, number, ticket, wanted)
        )

    async def reaccommodate(
        self,
        reference: str,
        locator: str,
        leaving: Sequence[FlightKey],
        sales: Sequence[SegmentSale],
    ) -> Outcome[Pnr]:
        return await self._line.change(
            "reaccommodate",
            reference,
            lambda: self.far.reaccommodate(reference, locator, leaving, sales),
        )

    async def update_services(
        self, reference: str, locator: str, services: Sequence[SpecialService]
    ) -> Outcome[Pnr]:
        return await self._line.change(
            "update services",
            reference,
            lambda: self.far.update_services(reference, locator, services),
        )

    async def pnr(self, locator: str) -> Outcome[Pnr | None]:
        return await self._line.ask("pnr", lambda: self.far.pnr(locator))

    async def issue(
        self, reference: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        return await self._line.change(
            "issue", reference, lambda: self.far.issue(reference, request)
        )

    async def document(self, number: str) -> Outcome[Document | None]:
        return await self._line.ask("document", lambda: self.far.document(number))

    async def void(self, reference: str, number: str) -> Outcome[Document]:
        return await self._line.change("void", reference, lambda: self.far.void(reference, number))

    async def refund(self, reference: str, number: str) -> Outcome[Document]:
        return await self._line.change(
            "refund", reference, lambda: self.far.refund(reference, number)
        )

    async def set_coupon(
        self, reference: str, number: str, coupon: int, status: CouponStatus
    ) -> Outcome[Document]:
        return await self._line.change(
            "set coupon", reference, lambda: self.far.set_coupon(reference, number, coupon, status)
        )

    async def find(self, reference: str) -> Outcome[Found | None]:
        return await self._line.find(reference, lambda: self.far.find(reference))

    async def head(self) -> Outcome[int]:
        return await self._line.ask("head", self.far.head)

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        return await self._line.ask("events", lambda: self.far.events(after, limit))

    async def close(self) -> None:
        """The PSS outlives whoever asks it."""
