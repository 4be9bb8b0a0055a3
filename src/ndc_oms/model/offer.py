"""Offers: what a seller was promised, for whom, at what price, until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money, total
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.model.product import FareFamily, Restriction


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax, fee or carrier charge. code: of the ticket's tax box, YQ and YR included."""

    code: str
    name: str
    amount: Money
    refundable: bool


@dataclass(frozen=True, slots=True)
class Fare:
    """What one passenger of one type pays for one bound."""

    basis: str
    base: Money
    taxes: tuple[Tax, ...]
    total: Money = field(init=False)

    def __post_init__(self) -> None:
        amount = self.base + total((tax.amount for tax in self.taxes), self.base.currency)
        object.__setattr__(self, "total", amount)


@dataclass(frozen=True, slots=True)
class PricedBound:
    """One bound in one fare family: its flights, a booking class for each, a fare for each type.

    changes, cancellations: the family's rules with their amounts in the offer's currency.
    """

    journey: Journey
    family: FareFamily
    rbds: tuple[str, ...]  # one for each segment of the journey
    fares: Mapping[PassengerType, Fare]
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class OfferItem:
    """One passenger on one bound: the smallest thing that is bought, changed and cancelled."""

    id: str
    passenger: Passenger
    bound_index: int
    fare: Fare


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise. priced: it was firmed against the PSS and is stored; else it is only signed.

    expires_at: until then it can be accepted, at this price.
    """

    offer_id: str
    owner: str
    seller: str
    currency: str
    party: tuple[Passenger, ...]
    bounds: tuple[PricedBound, ...]
    created_at: datetime
    expires_at: datetime
    pricing_version: str
    priced: bool = False

    @property
    def items(self) -> tuple[OfferItem, ...]:
        """One a passenger and bound, bound by bound; ids are `<stem>-<n>`, n from 1."""
        stem = item_stem(self.offer_id)
        made: list[OfferItem] = []
        for index, bound in enumerate(self.bounds):
            for passenger in self.party:
                made.append(
                    OfferItem(
                        f"{stem}-{len(made) + 1}", passenger, index, bound.fares[passenger.type]
                    )
                )
        return tuple(made)

    @property
    def total(self) -> Money:
        return total(
            (bound.fares[p.type].total for bound in self.bounds for p in self.party), self.currency
        )


def item_stem(offer_id: str) -> str:
    """The part of an OfferItemID that ties it to its offer: the offer id's last 11 characters,
    66 bits of its signature.
    """
    return offer_id[-11:]
