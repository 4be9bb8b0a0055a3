"""Offers: what a seller was promised, for whom, at what price, until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ndc_oms.model.ancillary import Product
from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money, total
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.model.product import FareFamily, Restriction
from ndc_oms.model.seat import Seat, Trait


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
        amounts = [self.base, *[tax.amount for tax in self.taxes]]
        amount = total(amounts, self.base.currency)
        object.__setattr__(self, "total", amount)


@dataclass(frozen=True, slots=True)
class PricedBound:
    """One bound in one fare family: its flights, a booking class for each, a fare for each type.

    changes, cancellations: the family's rules with their amounts in the offer's currency.
    discount: code of the agreement or promotion that the fare was made by, if any.
    """

    journey: Journey
    family: FareFamily
    rbds: tuple[str, ...]  # one for each segment of the journey
    fares: Mapping[PassengerType, Fare]
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]
    discount: str | None = None
    share: "PartnerShare | None" = None


@dataclass(frozen=True, slots=True)
class PartnerShare:
    """What a partner airline sells of a bound: it prices, books and tickets these flights itself.

    partner: its name in the world's partners.toml. theirs: its flights as it offers them. ours:
    our flights of the bound at their own price, before the partner's (ours_first) or after them;
    None: the partner flies it whole. The bound itself is the two together. reference, expires_at:
    of the partner's own offer, which it keeps until then. hold_until: until when it would keep the
    seats unpaid; None: they are bought at once.
    """

    partner: str
    carrier: str
    theirs: PricedBound
    reference: str
    expires_at: datetime
    ours: PricedBound | None = None
    ours_first: bool = True
    hold_until: datetime | None = None

    @property
    def places(self) -> range:
        """Which segments of the bound are the partner's."""
        before = len(self.ours.journey.segments) if self.ours and self.ours_first else 0
        return range(before, before + len(self.theirs.journey.segments))


@dataclass(frozen=True, slots=True)
class OfferItem:
    """One passenger on one bound: the smallest thing that is bought, changed and cancelled."""

    id: str
    passenger: Passenger
    bound_index: int
    fare: Fare


@dataclass(frozen=True, slots=True)
class OfferedService:
    """A service or a seat for one passenger, promised beside flights or for an order.

    id: its OfferItemID. claim: the signed item by which it was picked, good as long as the promise.
    places: of its flights among those of the offer or order, from 0. fare: of `quantity` of it.
    """

    id: str
    claim: str
    passenger_id: str
    product: Product
    fare: Fare
    places: tuple[int, ...]
    quantity: int = 1
    seat: Seat | None = None
    traits: tuple[Trait, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which an offer was made, where it is not one for everybody: codes of the world.

    agreement: of a company; promotion; tier: of the airline's own loyalty programme; trial: an
    experiment and the arm that the search fell into, as `free-bag/on`; language: ISO 639-1, of
    the texts.
    """

    agreement: str | None = None
    promotion: str | None = None
    tier: str | None = None
    trial: str | None = None
    language: str | None = None


FOR_EVERYBODY: Final = Conditions()


@dataclass(frozen=True, slots=True)
class Offer:
    """A promise. priced: it was firmed against the PSS and is stored; else it is only signed.

    expires_at: until then it can be accepted, at this price. services: priced with the flights;
    each may be left out when it is accepted.
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
    conditions: Conditions = FOR_EVERYBODY
    services: tuple[OfferedService, ...] = ()

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
    def flights_total(self) -> Money:
        return total(
            (bound.fares[p.type].total for bound in self.bounds for p in self.party), self.currency
        )

    @property
    def total(self) -> Money:
        """Of the flights and of the services that are priced with them."""
        return self.flights_total + total((s.fare.total for s in self.services), self.currency)


def item_stem(offer_id: str) -> str:
    """The part of an OfferItemID that ties it to its offer: the offer id's last 11 characters,
    66 bits of its signature.
    """
    return offer_id[-11:]
