"""What a step is towards the other side: how it is asked for, how one asks what became of it, and
what it makes happen.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ndc_oms.model.airline_change import AirlineChange, Flown
from ndc_oms.model.events import Event, NewSeat
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.partner import PartnerPart
from ndc_oms.model.passenger import People
from ndc_oms.model.payment import Payment
from ndc_oms.model.seat import Seat
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.partner import Partner, PartnerOffer, Seek
from ndc_oms.ports.payment import PaymentGateway
from ndc_oms.ports.pss import Pnr, Pss


@dataclass(frozen=True, slots=True)
class Need:
    """A bound of which flights cannot be flown, and what partners are asked for instead.

    old: these flights, to the end of the bound. earliest, latest: when others may leave and
    arrive. bags: checked pieces that were sold with them. seeks: one a day. partners: by name, in
    the order in which they are asked, with the seconds that each is waited for.
    """

    bound_index: int
    old: tuple[Flown, ...]
    passenger_ids: tuple[str, ...]
    earliest: datetime
    latest: datetime
    bags: int
    seeks: tuple[Seek, ...]
    partners: tuple[tuple[str, float], ...]


class Rerouting(Protocol):
    """What the airline's data says of flights that it changed itself."""

    def review(self, order: Order, booked: "Booked") -> "tuple[BoundReview, ...]":
        """Bounds of which flights cannot be flown as the order has them."""
        ...

    def changes(
        self, order: Order, booked: "Sequence[Booked]", change_id: str, now: datetime
    ) -> tuple[AirlineChange, ...]:
        """What the bookings have now, as changes of the order, each for other passengers; none:
        they say what the order says. change_id: of the first.
        """
        ...

    def needs(self, order: Order, booked: "Sequence[Booked]") -> tuple[Need, ...]:
        """Bounds for which the bookings have no flights any more, and a partner may have some."""
        ...

    def fitting(self, need: Need, offers: Sequence[PartnerOffer]) -> tuple[PartnerOffer, ...]:
        """Those that its passengers can be put on, the best first."""
        ...

    def part(self, order: Order, need: Need, partner: str, offer: PartnerOffer) -> PartnerPart:
        """What the partner is asked to book."""
        ...

    def reseat(
        self,
        order: Order,
        item_ids: Sequence[str],
        taken: Mapping[FlightKey, frozenset[Seat]],
    ) -> tuple[NewSeat, ...]:
        """Other seats for items that lost theirs. taken: what others have, of flights on which
        seats are chosen.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sides:
    """The systems that steps talk to. gateways: by the name that payments bear; partners: by the
    name that parts of orders bear. rerouting: None where flights never change.
    """

    pss: Pss
    gateways: Mapping[str, PaymentGateway]
    partners: Mapping[str, Partner] = field(default_factory=dict)
    rerouting: Rerouting | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One step towards the other side.

    send: does it. find: what an earlier sending made; Confirmed(None) where it was certainly not
    done. events: what a confirmed answer means for the order.
    """

    send: Callable[[], Awaitable[Outcome[Any]]]
    find: Callable[[], Awaitable[Outcome[Any]]]
    events: Callable[[Any, datetime], tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Other flights in place of some. rbds: for each flight that comes, classes in the order in
    which they are tried. leaving: flights that are given up for it.
    """

    leaving: tuple[FlightKey, ...]
    coming: tuple[FlightKey, ...]
    rbds: tuple[tuple[str, ...], ...]
    seats: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking of ours as the PSS has it, and who is in it."""

    passenger_ids: tuple[str, ...]
    pnr: Pnr


@dataclass(frozen=True, slots=True)
class BoundReview:
    """A bound that needs other flights, the best ones first; none where there are none."""

    bound_index: int
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """For what a deed is made. reference: the task's key."""

    sides: Sides
    order: Order
    people: People
    subject: str
    reference: str

    @property
    def payment(self) -> Payment:
        return self.order.payment(self.subject)

    @property
    def gateway(self) -> PaymentGateway:
        return self.sides.gateways[self.payment.gateway]

    @property
    def locator(self) -> str:
        """Of our own booking; raises AssertionError where there is none."""
        booking = self.order.own_booking
        if booking is None:
            raise AssertionError(f"{self.order.order_id} has no booking of ours")
        return booking.locator

    async def found_payment(self) -> Outcome[Any]:
        return await self.gateway.find(self.reference)

    async def found(self, kind: type[Any]) -> Outcome[Any]:
        """What the PSS made under our reference, when it is of this kind."""
        found = await self.sides.pss.find(self.reference)
        if not isinstance(found, Confirmed) or found.value is None:
            return found
        if not isinstance(found.value, kind):
            return Unknown(f"the PSS has a {type(found.value).__name__} under {self.reference}")
        return found


async def nothing_to_find() -> Outcome[Any]:
    """For verbs that confirm however often they are sent."""
    return Confirmed(None)


async def nothing_to_do() -> Outcome[Any]:
    """For steps that concern nobody but us."""
    return Confirmed(None)
