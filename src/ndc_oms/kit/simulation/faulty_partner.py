"""A partner airline at the end of a line that fails."""

from collections.abc import Mapping, Sequence
from datetime import date

from ndc_oms.kit.simulation.line import Line
from ndc_oms.model.documents import Document
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.passenger import Passenger, Person
from ndc_oms.ports.outcome import Outcome
from ndc_oms.ports.partner import Partner, PartnerBooking, PartnerOffer, PartnerOrder, Seek
from ndc_oms.ports.pss import Seats, SpecialService


class FaultyPartner:
    """`ports.partner.Partner`. far: the partner itself."""

    def __init__(self, far: Partner, line: Line) -> None:
        self.far = far
        self._line = line

    @property
    def name(self) -> str:
        return self.far.name

    async def search(self, seek: Seek) -> Outcome[tuple[PartnerOffer, ...]]:
        return await self._line.ask("search", lambda: self.far.search(seek))

    async def price(self, seek: Seek, offer: PartnerOffer) -> Outcome[PartnerOffer]:
        return await self._line.ask("price", lambda: self.far.price(seek, offer))

    async def seats(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        return await self._line.ask("seats", lambda: self.far.seats(day))

    async def book(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking]:
        return await self._line.change("book", reference, lambda: self.far.book(reference, order))

    async def documents(
        self, reference: str, order: PartnerOrder, booking: str
    ) -> Outcome[tuple[Document, ...]]:
        return await self._line.change(
            "documents", reference, lambda: self.far.documents(reference, order, booking)
        )

    async def cancel(self, reference: str, booking: str) -> Outcome[PartnerBooking]:
        return await self._line.change(
            "cancel", reference, lambda: self.far.cancel(reference, booking)
        )

    @property
    def divides(self) -> bool:
        return self.far.divides

    async def divide(
        self, reference: str, booking: str, going: Sequence[Passenger], order_id: str
    ) -> Outcome[PartnerBooking]:
        return await self._line.change(
            "divide", reference, lambda: self.far.divide(reference, booking, going, order_id)
        )

    async def rename(
        self, reference: str, booking: str, passenger: Passenger, person: Person
    ) -> Outcome[PartnerBooking]:
        return await self._line.change(
            "rename", reference, lambda: self.far.rename(reference, booking, passenger, person)
        )

    async def serve(
        self, reference: str, booking: str, services: Sequence[SpecialService]
    ) -> Outcome[PartnerBooking]:
        return await self._line.change(
            "serve", reference, lambda: self.far.serve(reference, booking, services)
        )

    async def booking(self, booking: str) -> Outcome[PartnerBooking | None]:
        return await self._line.ask("booking", lambda: self.far.booking(booking))

    async def find(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking | None]:
        return await self._line.find(reference, lambda: self.far.find(reference, order))

    async def close(self) -> None:
        """The partner outlives whoever asks it."""
