"""What the offer acts are asked and what they answer: plain records, no XML.

`path` fields say where in the sender's document a thing stood, so that a refusal can point at it.
"""

from dataclasses import dataclass, field
from datetime import date

from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Cabin


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the sender should know although the answer stands: a Warning on the wire."""

    text: str
    code: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class BoundRequest:
    """From where to where on which day. origin, destination: airport or city codes.

    id: the sender's OriginDestID, if any. cabins: wanted, () for any; cabin_required: others are
    no answer.
    """

    origin: str
    destination: str
    day: date
    id: str | None = None
    cabins: tuple[Cabin, ...] = ()
    cabin_required: bool = False
    max_connections: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class ShopRequest:
    """bounds: 1 to 6. party: 1 to 9 seated. currency: None for the seller's. limit: of offers."""

    bounds: tuple[BoundRequest, ...]
    party: tuple[Passenger, ...]
    currency: str | None = None
    limit: int | None = None
    party_path: str = ""


@dataclass(frozen=True, slots=True)
class ShopResult:
    """offers: ranked, best first; they share PricedBound objects where they share bounds.

    reasons: for people, why there is nothing (or little), one for each origin and destination.
    bound_ids: OriginDestID of each bound of the request, given or made.
    """

    offers: tuple[Offer, ...]
    party: tuple[Passenger, ...]
    bounds: tuple[BoundRequest, ...]
    reasons: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectedItem:
    """One OfferItem that the sender picks, and for whom."""

    item_id: str
    passenger_ids: tuple[str, ...]
    path: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """One offer that the sender picks."""

    offer_id: str
    owner: str
    items: tuple[SelectedItem, ...]
    path: str = ""


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """party: as the sender repeats it; () where it does not."""

    selections: tuple[Selection, ...]
    party: tuple[Passenger, ...] = ()
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PriceResult:
    """offer: firm and stored. others: what else the sender may like at this point."""

    offer: Offer
    others: tuple[Offer, ...] = ()
    notices: tuple[Notice, ...] = field(default=())
