"""What of an order a partner airline does: flights that it flies and is booked for."""

from dataclasses import dataclass

from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare


@dataclass(frozen=True, slots=True)
class PassengerFare:
    """What a partner asks for one passenger on its flights."""

    passenger_id: str
    fare: Fare


@dataclass(frozen=True, slots=True)
class PartnerPart:
    """Flights of one bound that are booked at a partner.

    id: unique in the order. partner: by its name in partners.toml. family, offer, fares: what it
    sold them as; of a code share none of these: they are sold and ticketed as our own, and the
    partner only keeps the seats. reference: of its booking, once made;
    locator: what passengers are told. passenger_ids: of a booking that was divided, those who are
    in it; none: everybody of the order.
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

    @property
    def code_share(self) -> bool:
        return not self.family

    @property
    def live(self) -> bool:
        """It is booked, and has to be cancelled where the order is given up."""
        return self.reference is not None and not self.cancelled

    def fare_of(self, passenger_id: str) -> Fare | None:
        """None in a code share."""
        for each in self.fares:
            if each.passenger_id == passenger_id:
                return each.fare
        return None

    def total(self, currency: str) -> Money:
        """Of all passengers."""
        return total((each.fare.total for each in self.fares), currency)
