"""AirShoppingRS and OfferPriceRS to offers: one bound each, an item for each passenger.

An offer that this reader does not understand whole is left out: its amounts must add up, its
items must each be one passenger's, its flights must be known with their times.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, PricedBound, Tax
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Baggage, Cabin, FareFamily, Restriction, Stage
from ndc_oms.ports.partner import PartnerOffer, Seek
from ndc_partner.connection import Node
from ndc_partner.flights import Flights
from ndc_partner.values import (
    UnreadableError,
    ZoneOf,
    find_text,
    get,
    get_instant,
    get_money,
    get_quantity,
    get_text,
)

_CABINS: Final = {"1": Cabin.FIRST, "2": Cabin.BUSINESS, "4": Cabin.PREMIUM_ECONOMY}
_TRUE: Final = frozenset({"true", "1"})


def read_offers(root: Node, seek: Seek, zone_of: ZoneOf) -> tuple[PartnerOffer, ...]:
    """Every offer that is understood, of an AirShoppingRS or (one) of an OfferPriceRS."""
    response = root.find("{*}Response")
    lists = None if response is None else response.find("{*}DataLists")
    if response is None or lists is None:
        return ()
    nodes = response.findall("{*}OffersGroup/{*}CarrierOffers/{*}Offer")
    nodes += response.findall("{*}PricedOffer")
    reader = _Reader(lists, seek, zone_of)
    return tuple(reader.understood(nodes))


def pack_reference(offer_id: str, items: list[tuple[str, PassengerType]]) -> str:
    """The name of an offer with its items and whom each is for."""
    return " ".join([offer_id, *(f"{item}={kind}" for item, kind in items)])


def unpack_reference(text: str) -> tuple[str, list[tuple[str, PassengerType]]]:
    offer_id, *items = text.split(" ")
    pairs = (each.rpartition("=") for each in items)
    return offer_id, [(item, PassengerType(kind)) for item, _, kind in pairs]


class _Reader:
    def __init__(self, lists: Node, seek: Seek, zone_of: ZoneOf) -> None:
        self._lists = lists
        self._seek = seek
        self._flights = Flights(lists, zone_of)
        self._types = {
            find_text(each, "{*}PaxID"): find_text(each, "{*}PTC")
            for each in lists.findall("{*}PaxList/{*}Pax")
        }

    def understood(self, nodes: list[Node]) -> Iterator[PartnerOffer]:
        for node in nodes:
            try:
                yield self._offer(node)
            except UnreadableError:
                continue

    def _offer(self, node: Node) -> PartnerOffer:
        items = node.findall("{*}OfferItem")
        if not items:
            raise UnreadableError("no items")
        fares: dict[PassengerType, Fare] = {}
        named: list[tuple[str, PassengerType]] = []
        for item in items:
            kind = self._kind(item)
            fare = self._fare(item)
            if fares.setdefault(kind, fare) != fare:
                raise UnreadableError("two passengers of one type pay differently")
            named.append((get_text(item, "{*}OfferItemID"), kind))
        self._check(node, fares, named)
        reference = pack_reference(get_text(node, "{*}OfferID"), named)
        return PartnerOffer(
            self._bound(node, items[0], fares),
            get_instant(node, "{*}OfferExpirationTimeLimitDateTime"),
            reference,
            _hold_until(items),
        )

    def _kind(self, item: Node) -> PassengerType:
        ids = {(each.text or "").strip() for each in item.findall("{*}FareDetail/{*}PaxRefID")}
        if len(ids) != 1:
            raise UnreadableError("an item of several passengers")
        try:
            return PassengerType(self._types.get(ids.pop(), ""))
        except ValueError:
            raise UnreadableError("a passenger type that is not ours") from None

    def _check(
        self,
        node: Node,
        fares: dict[PassengerType, Fare],
        named: list[tuple[str, PassengerType]],
    ) -> None:
        """That everybody is there once, and that it comes to the total."""
        if Counter(kind for _, kind in named) != Counter(dict(self._seek.party)):
            raise UnreadableError("the passengers are not those asked for")
        whole = get_money(node, "{*}TotalPrice/{*}TotalAmount", self._seek.currency)
        if total((fares[kind].total for _, kind in named), self._seek.currency) != whole:
            raise UnreadableError("the items do not add up to the total")

    def _fare(self, item: Node) -> Fare:
        price, currency = get(item, "{*}Price"), self._seek.currency
        taxes = tuple(_tax(each, currency) for each in price.findall("{*}TaxSummary/{*}Tax"))
        bases = [
            find_text(each, "{*}FareBasisCode")
            for each in item.findall("{*}FareDetail/{*}FareComponent")
        ]
        fare = Fare(bases[0] if bases else "", get_money(price, "{*}BaseAmount", currency), taxes)
        if fare.total != get_money(price, "{*}TotalAmount", currency):
            raise UnreadableError("fare and taxes do not add up")
        return fare

    def _bound(self, offer: Node, item: Node, fares: dict[PassengerType, Fare]) -> PricedBound:
        overview = offer.findall("{*}JourneyOverview/{*}JourneyPriceClass")
        if len(overview) != 1:
            raise UnreadableError("not one journey")
        journey, ids = self._flights.journey(get_text(overview[0], "{*}PaxJourneyRefID"))
        return PricedBound(
            journey,
            self._family(get_text(overview[0], "{*}PriceClassRefID"), item, offer),
            _classes(item, ids),
            fares,
            _restrictions(item, "ChangeRestrictions", self._seek.currency),
            _restrictions(item, "CancelRestrictions", self._seek.currency),
        )

    def _family(self, class_id: str, item: Node, offer: Node) -> FareFamily:
        for node in self._lists.findall("{*}PriceClassList/{*}PriceClass"):
            if find_text(node, "{*}PriceClassID") == class_id:
                break
        else:
            raise UnreadableError(f"nothing is called {class_id!r}")
        component = item.find("{*}FareDetail/{*}FareComponent")
        return FareFamily(
            code=find_text(node, "{*}Code") or class_id,
            name=get_text(node, "{*}Name"),
            cabin=_CABINS.get(find_text(component, "{*}CabinType/{*}CabinTypeCode"), Cabin.ECONOMY),
            rank=get_quantity(node, "{*}DisplayOrderText"),
            description=tuple(find_text(each, "{*}DescText") for each in node.findall("{*}Desc")),
            baggage=self._baggage(offer),
            free_seat=False,
            refundable=_allowed(item, "CancelRestrictions"),
            changeable=_allowed(item, "ChangeRestrictions"),
        )

    def _baggage(self, offer: Node) -> Baggage:
        wanted = {
            (each.text or "").strip()
            for each in offer.findall("{*}BaggageAssociations/{*}BaggageAllowanceRefID")
        }
        found = {"CarryOn": (0, 0), "Checked": (0, 0)}
        for node in self._lists.findall("{*}BaggageAllowanceList/{*}BaggageAllowance"):
            if find_text(node, "{*}BaggageAllowanceID") in wanted:
                pieces = get_quantity(node, "{*}PieceAllowance/{*}TotalQty")
                weight = get_quantity(node, "{*}WeightAllowance/{*}MaximumWeightMeasure")
                found[find_text(node, "{*}TypeCode")] = (pieces, weight)
        return Baggage(*found["CarryOn"], *found["Checked"])


def _hold_until(items: list[Node]) -> datetime | None:
    """Until when all of it could stay unpaid. Only a priced offer says so."""
    path = "{*}PaymentTimeLimit/{*}PaymentTimeLimitDate/{*}PaymentTimeLimitDateTime"
    if any(item.find(path) is None for item in items):
        return None
    return min(get_instant(item, path) for item in items)


def _tax(node: Node, currency: str) -> Tax:
    return Tax(
        find_text(node, "{*}TaxCode") or "XT",
        find_text(node, "{*}TaxName"),
        get_money(node, "{*}Amount", currency),
        find_text(node, "{*}RefundInd") in _TRUE,
    )


def _classes(item: Node, segment_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The booking class of each flight."""
    by_segment: dict[str, str] = {}
    for component in item.findall("{*}FareDetail/{*}FareComponent"):
        rbd = find_text(component, "{*}RBD/{*}RBD_Code")
        for ref in component.findall("{*}PaxSegmentRefID"):
            by_segment[(ref.text or "").strip()] = rbd
    found = tuple(by_segment.get(each, "") for each in segment_ids)
    if not all(len(each) == 1 for each in found):
        raise UnreadableError("a flight without a booking class")
    return found


def _restrictions(item: Node, name: str, currency: str) -> tuple[Restriction, ...]:
    stages = {stage.value: stage for stage in Stage}
    found = []
    for node in item.findall(f"{{*}}{name}"):
        stage = stages.get(find_text(node, "{*}JourneyStageCode"))
        permitted = find_text(node, "{*}AllowedModificationInd") in _TRUE
        fee = _fee(node, currency) if permitted else None
        if stage is not None:
            found.append(Restriction(stage, permitted, fee, find_text(node, "{*}DescText")))
    return tuple(found)


def _fee(node: Node, currency: str) -> Money:
    if node.find("{*}Fee/{*}Amount") is None:
        return Money.zero(currency)
    return get_money(node, "{*}Fee/{*}Amount", currency)


def _allowed(item: Node, name: str) -> bool:
    return any(
        find_text(node, "{*}AllowedModificationInd") in _TRUE
        for node in item.findall(f"{{*}}{name}")
    )
