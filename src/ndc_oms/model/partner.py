"""What of an order a partner airline does: flights that it flies and is booked for."""

from dataclasses import dataclass

from ndc_oms.model.airline_change import Flown
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare


@dataclass(frozen=True, slots=True)
class PassengerFare:
    """What a partner asks for one passenger on its flights."""

    passenger_id: str
    fare: Fare


@dataclass(frozen=True, slots=True)
class Protection:
    """Why a partner flies what was sold as ours: we cannot. The customer pays nothing for it.

    replaces: segments that cannot be flown, all behind one another to the end of their bound.
    flights: of the partner, under the ids that they have, or will have, in the order.
    cost: what the partner asks us for all of them; keeps: what of that it does not give back once
    it no longer voids its documents.
    placed: the order has these flights. declined: the seller wants none of it, or it is not
    needed any more. failure: why the partner could not do it. handed_over: our booking and our
    tickets have nothing of the old flights any more.
    """

    replaces: tuple[str, ...]
    flights: tuple[Flown, ...]
    cost: Money
    keeps: Money
    placed: bool = False
    declined: bool = False
    failure: str = ""
    handed_over: bool = False

    @property
    def given_up(self) -> bool:
        return self.declined or bool(self.failure)


@dataclass(frozen=True, slots=True)
class PartnerPart:
    """Flights of one bound that are booked at a partner.

    id: unique in the order. partner: by its name in partners.toml. family, offer, fares: what it
    sold them as; of a code share none of these: they are sold and ticketed as our own, and the
    partner only keeps the seats. reference: of its booking, once made;
    locator: what passengers are told. passenger_ids: those who are in it, where that is not
    everybody of the order. protection: it was not sold, it takes the place of what we cannot fly,
    and has no fares. asked: services beside the flights that it was asked for last; refused: those
    of them that it does not take; askings: how often it was asked.
    """

    id: str
    partner: str
    carrier: str
    bound_index: int
    segment_ids: tuple[str, ...]
    family: str = ""
    offer: str = ""
    fares: tuple[PassengerFare, ...] = ()
    reference: str | None = None
    locator: str | None = None
    cancelled: bool = False
    passenger_ids: tuple[str, ...] = ()
    protection: Protection | None = None
    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    askings: int = 0

    @property
    def code_share(self) -> bool:
        return not self.family

    @property
    def live(self) -> bool:
        """It is booked, and has to be cancelled where the order is given up."""
        return self.reference is not None and not self.cancelled

    @property
    def kept(self) -> bool:
        """It is booked, and still wanted."""
        return self.live and (self.protection is None or not self.protection.given_up)

    def fare_of(self, passenger_id: str) -> Fare | None:
        """None in a code share."""
        for each in self.fares:
            if each.passenger_id == passenger_id:
                return each.fare
        return None

    def total(self, currency: str) -> Money:
        """Of all passengers."""
        return total((each.fare.total for each in self.fares), currency)
