"""What the offer acts are asked and what they answer: plain records, no XML.

`path` fields say where in the sender's document a thing stood, so that a refusal can point at it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Offer, PricedBound
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat
from ndc_oms.offers.limits import Limits
from ndc_oms.offers.wishes import Wish


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the sender should know although the answer stands: a Warning on the wire."""

    text: str
    code: str = ""
    path: str = ""


class NamedFlight(NamedTuple):
    """One flight by what it is sold under. day: local date at origin."""

    carrier: str
    number: str
    day: date
    origin: str
    destination: str


@dataclass(frozen=True, slots=True)
class BoundRequest:
    """From where to where on which day. origin, destination: airport or city codes.

    id: the sender's OriginDestID, if any. cabins: wanted, () for any; cabin_required: others are
    no answer. around: days before and after, for a calendar of prices. named: journeys of which
    one is wanted, flight by flight; () for any.
    """

    origin: str
    destination: str
    day: date
    id: str | None = None
    cabins: tuple[Cabin, ...] = ()
    cabin_required: bool = False
    max_connections: int | None = None
    path: str = ""
    wishes: tuple[Wish[Journey], ...] = ()
    around: tuple[int, int] | None = None
    named: tuple[tuple[NamedFlight, ...], ...] = ()
    least_connection: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Place:
    """Where, roughly. station: an airport or city, with all around it in so many statute miles.
    country: ISO 3166-1 alpha-2. regions: the world's fare zones. Nothing given: anywhere.
    """

    station: str | None = None
    miles: int = 0
    country: str | None = None
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Affinity:
    """A search without a fixed place or day. first, last: days of departure; None: from tomorrow,
    for a month. stay: nights, at least and at most, with a way back; None for one way. home_from,
    home_by: first and last day of departure back. least, most: of the whole party, in the
    currency of the request.
    """

    origin: Place
    destination: Place
    first: date | None = None
    last: date | None = None
    stay: tuple[int, int] | None = None
    home_from: date | None = None
    home_by: date | None = None
    least: Money | None = None
    most: Money | None = None
    cabins: tuple[Cabin, ...] = ()
    cabin_required: bool = False
    max_connections: int | None = None
    wishes: tuple[Wish[Journey], ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class CodeQuoted:
    """A company's agreement or a promotion, as the sender names it."""

    code: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A passenger's account with the loyalty programme of `owner`, an airline designator."""

    passenger_id: str
    owner: str
    number: str = field(repr=False)
    path: str = ""


@dataclass(frozen=True, slots=True)
class ShopRequest:
    """bounds: 1 to 6, none where affinity is there. party: 1 to 9 seated. currency: None for the
    point of sale's, else the seller's. limit: of offers. fares: wishes that hold for every bound.
    languages: ISO 639-1 in capitals, the best first. country: of the point of sale. unmet: what
    was asked and cannot be looked at.
    """

    bounds: tuple[BoundRequest, ...]
    party: tuple[Passenger, ...]
    currency: str | None = None
    limit: int | None = None
    party_path: str = ""
    fares: tuple[Wish[PricedBound], ...] = ()
    agreement: CodeQuoted | None = None
    promotion: CodeQuoted | None = None
    memberships: tuple[Membership, ...] = ()
    languages: tuple[str, ...] = ()
    country: str | None = None
    affinity: Affinity | None = None
    unmet: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarPrice:
    """The lowest price for the whole party when each bound leaves on its day. asked: these are
    the very days of the request.
    """

    days: tuple[date, ...]
    total: Money
    asked: bool


@dataclass(frozen=True, slots=True)
class ShopResult:
    """offers: ranked, best first; they share PricedBound objects where they share bounds.

    reasons: for people, why there is nothing (or little), one for each origin and destination.
    bounds: as asked for; () for a search by affinity, whose offers lead to different places.
    """

    offers: tuple[Offer, ...]
    party: tuple[Passenger, ...]
    bounds: tuple[BoundRequest, ...]
    reasons: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    calendar: tuple[CalendarPrice, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectedItem:
    """One OfferItem that the sender picks, and for whom. quantity: of a service. places: how many
    flights or journeys of its item the sender names again; 0 for none. seat: which, of an item
    that is the choice of one. parts: of a bundle, codes of the products in it that the sender names
    again; None: it says nothing of a bundle. claim: the signed item that `item_id` stands for,
    where it is not one itself.
    """

    item_id: str
    passenger_ids: tuple[str, ...]
    path: str = ""
    quantity: int = 1
    places: int = 0
    seat: Seat | None = None
    claim: str = ""
    parts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """One offer that the sender picks. total: what it expects to pay, where it says so."""

    offer_id: str
    owner: str
    items: tuple[SelectedItem, ...]
    path: str = ""
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """selections: of flights. party: as the sender repeats it; () where it does not. languages: as
    ShopRequest's. upsell: show what else the same flights can be had for. services: priced with
    the flights.
    """

    selections: tuple[Selection, ...]
    party: tuple[Passenger, ...] = ()
    currency: str | None = None
    party_path: str = ""
    languages: tuple[str, ...] = ()
    upsell: bool = False
    services: tuple[SelectedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentWay:
    """A form of payment that the offer can be paid by. brands: of cards, () for any."""

    form: PaymentForm
    brands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceResult:
    """offer: firm and stored. others: what else the sender may like at this point. ways: to pay.
    limits: of an order of it that is not paid at once; None: it must be.
    """

    offer: Offer
    others: tuple[Offer, ...] = ()
    notices: tuple[Notice, ...] = field(default=())
    ways: tuple[PaymentWay, ...] = ()
    limits: Limits | None = None
