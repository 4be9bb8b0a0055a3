"""The partner's verbs as NDC messages.

An order is made with our reference as TrxID: sent again it answers as before, and that is how a
lost reply is asked after. A booking is paid through the settlement plan when it is made, or later
where it is held, as its documents are asked for. Seats under our own number are not sold this way:
NDC shows no allotments.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from ndc_oms.model.documents import Document
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.passenger import Passenger, Person
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.partner import (
    PartnerBooking,
    PartnerOffer,
    PartnerOrder,
    PartnerSettings,
    Seek,
)
from ndc_oms.ports.pss import Seats, SpecialService
from ndc_partner import requests
from ndc_partner.connection import Access, Connection, Node
from ndc_partner.offers import read_offers, unpack_reference
from ndc_partner.orders import Viewed, named, read_cancellation, read_order
from ndc_partner.values import UnreadableError, ZoneOf

MOST_OFFERS: Final = 60  # asked of one search
# PADIS 9321, where it says that there is nothing: an answer, and no failure of the partner.
_NOTHING: Final = frozenset({"8", "100", "130", "143", "493", "496", "103", "727"})
_NOT_FOUND: Final = "129"


class NdcPartner:
    """One airline that speaks NDC."""

    def __init__(self, name: str, connection: Connection, zone_of: ZoneOf) -> None:
        self._name = name
        self._connection = connection
        self._access = connection.access
        self._zone_of = zone_of

    @property
    def name(self) -> str:
        return self._name

    # -- looking -----------------------------------------------------------------------------

    async def search(self, seek: Seek) -> Outcome[tuple[PartnerOffer, ...]]:
        sent = await self._connection.send(requests.air_shopping(self._access, seek, MOST_OFFERS))
        if isinstance(sent, Rejected) and sent.code in _NOTHING:
            return Confirmed(())
        if not isinstance(sent, Confirmed):
            return sent
        return Confirmed(read_offers(sent.value, seek, self._zone_of))

    async def price(self, seek: Seek, offer: PartnerOffer) -> Outcome[PartnerOffer]:
        offer_id, items = unpack_reference(offer.reference)
        sent = await self._connection.send(
            requests.offer_price(self._access, seek, offer_id, items)
        )
        if not isinstance(sent, Confirmed):
            return sent
        found = read_offers(sent.value, seek, self._zone_of)
        if len(found) != 1:
            return Unknown("the priced offer cannot be read")
        return Confirmed(found[0])

    async def seats(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:  # noqa: ARG002  # the port's
        return Confirmed({})

    # -- booking -----------------------------------------------------------------------------

    async def book(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking]:
        if order.code_share:
            return Rejected("CODE SHARE", "seats under our number are not sold over NDC")
        offer_id, items = unpack_reference(order.offer)
        body = requests.order_create(self._access, order, offer_id, items, reference)
        return _booking(self._viewed(await self._connection.send(body)))

    async def find(self, reference: str, order: PartnerOrder) -> Outcome[PartnerBooking | None]:
        """NDC has no other way to ask than to send the same order again: what was made is shown,
        what was not is made now, as it was meant to be. A refusal of the order itself proves that
        there is none; one at the door proves nothing.
        """
        found = await self.book(reference, order)
        if not isinstance(found, Rejected):
            return found
        return Confirmed(None) if found.final else Unknown(f"{found.code}: {found.reason}")

    async def documents(
        self, reference: str, order: PartnerOrder, booking: str
    ) -> Outcome[tuple[Document, ...]]:
        """The order itself issues them, once it is paid."""
        found = self._viewed(await self._retrieve(booking))
        if isinstance(found, Confirmed) and found.value.unpaid and order.unpaid:
            body = requests.order_pay(self._access, booking, order.total, reference)
            found = self._viewed(await self._connection.send(body))
        if not isinstance(found, Confirmed):
            return found
        made = found.value.booking
        if made.cancelled:
            return Rejected("CANCELLED", f"order {booking} was closed by the partner")
        if {each.passenger_id for each in made.documents} < {each.id for each in order.passengers}:
            return Unknown(f"order {booking} has no documents yet")
        return Confirmed(made.documents)

    async def booking(self, booking: str) -> Outcome[PartnerBooking | None]:
        sent = await self._retrieve(booking)
        if isinstance(sent, Rejected) and sent.code == _NOT_FOUND:
            return Confirmed(None)
        return _booking(self._viewed(sent))

    async def cancel(self, reference: str, booking: str) -> Outcome[PartnerBooking]:
        """Quoted, then accepted at the version that the quote was made for; what nobody paid is
        given up as it is.
        """
        found = self._viewed(await self._retrieve(booking))
        if not isinstance(found, Confirmed) or found.value.booking.cancelled:
            return _booking(found)
        if found.value.unpaid:
            return await self._cancelled(requests.order_release(self._access, booking, reference))
        quoted = await self._connection.send(requests.order_reshop(self._access, booking))
        if not isinstance(quoted, Confirmed):
            return quoted
        try:
            offer = read_cancellation(quoted.value)
        except UnreadableError as wrong:
            return Unknown(f"the cancellation quoted cannot be read: {wrong}")
        version = found.value.version
        return await self._cancelled(
            requests.order_cancel(self._access, booking, version, offer, reference)
        )

    async def _cancelled(self, body: bytes) -> Outcome[PartnerBooking]:
        changed = self._viewed(await self._connection.send(body))
        if isinstance(changed, Confirmed) and not changed.value.booking.cancelled:
            return Unknown(f"order {changed.value.booking.reference} is still being cancelled")
        return _booking(changed)

    @property
    def divides(self) -> bool:
        return False  # NDC has no message for it: an airline's staff does it

    async def divide(
        self,
        reference: str,  # noqa: ARG002  # the port's
        booking: str,
        going: Sequence[Passenger],  # noqa: ARG002
        order_id: str,  # noqa: ARG002
    ) -> Outcome[PartnerBooking]:
        return Rejected("NOT POSSIBLE", f"order {booking} is not divided over NDC")

    async def rename(
        self, reference: str, booking: str, passenger: Passenger, person: Person
    ) -> Outcome[PartnerBooking]:
        """Corrected for nothing, or not at all: what costs something is refused over there."""
        found = self._viewed(await self._retrieve(booking))
        wanted = named(person.surname, person.given_names)
        if not isinstance(found, Confirmed) or found.value.names.get(passenger.id) == wanted:
            return _booking(found)
        body = requests.order_rename(self._access, booking, passenger.id, person, reference)
        changed = self._viewed(await self._connection.send(body))
        if isinstance(changed, Confirmed) and changed.value.names.get(passenger.id) != wanted:
            return Unknown(f"the name in order {booking} is still being changed")
        return _booking(changed)

    async def serve(
        self,
        reference: str,  # noqa: ARG002  # the port's
        booking: str,
        services: Sequence[SpecialService],
    ) -> Outcome[PartnerBooking]:
        """Services are not asked for over NDC yet; to have none is what it has."""
        if services:
            return Rejected("NOT POSSIBLE", f"order {booking} gets no services over NDC")
        return _booking(self._viewed(await self._retrieve(booking)))

    async def _retrieve(self, order_id: str) -> Outcome[Node]:
        return await self._connection.send(requests.order_retrieve(self._access, order_id))

    def _viewed(self, sent: Outcome[Node]) -> Outcome[Viewed]:
        if not isinstance(sent, Confirmed):
            return sent
        try:
            return Confirmed(read_order(sent.value, self._access.carrier, self._zone_of))
        except UnreadableError as wrong:
            return Unknown(f"the reply cannot be read: {wrong}")

    async def close(self) -> None:
        await self._connection.close()


def _booking(found: Outcome[Viewed]) -> Outcome[PartnerBooking]:
    return Confirmed(found.value.booking) if isinstance(found, Confirmed) else found


def open_partner(settings: PartnerSettings) -> NdcPartner:
    """Raises Invalid for an option that is missing."""
    access = Access.of(settings.name, settings.carrier, settings.options)
    return NdcPartner(settings.name, Connection(access), settings.zone_of)
