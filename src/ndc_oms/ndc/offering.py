"""Offers as AirShoppingRS and OfferPriceRS state them, and the lists they refer to.

Written for many offers that share their parts: what one bound costs each passenger is composed
once a message, whatever the number of offers it is in; prices, rules, families and flights are
kept from message to message (`compose.Kept`). What is left for an offer is its ids and its total:
an OfferItemID begins with the offer's stem, so what a bound contributes to an offer is its texts
between those places, joined by the stem in one step. Offers are encoded one by one, since a whole
message (2 MB and more) is no longer in the processor's cache by the time it is joined.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ndc_oms.model.money import Money
from ndc_oms.model.offer import Offer, OfferedService, PricedBound, item_stem
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.ndc.compose import (
    amount,
    cancellations,
    changes,
    fare_xml,
    group,
    instant,
    leaf,
    leaves,
    text,
    total_price,
)
from ndc_oms.ndc.flights import Flights, JourneyXml, flight, journey_xml
from ndc_oms.ndc.offered_services import offered_item
from ndc_oms.ndc.products import FamilyXml, family_xml, fare_components
from ndc_oms.ndc.service_definitions import definitions_of


class Pair(NamedTuple):
    """One origin and destination as asked for. id: OriginDestID."""

    id: str
    origin: str
    destination: str


def _components(
    bound: PricedBound, kind: PassengerType, journey: JourneyXml, family: FamilyXml, basis: str
) -> str:
    """FareComponents of one type of passenger. basis: of the fare."""
    share = bound.share
    if share is None or share.ours is None:
        return fare_components(family.cabin, basis, family.ref, journey.segment_refs, bound.rbds)
    # a partner's flights are under its own fare basis
    theirs = fare_xml(share.theirs.fares[kind]).basis
    return "".join(
        fare_components(
            family.cabin,
            theirs if place in share.places else basis,
            family.ref,
            journey.segment_refs[place : place + 1],
            bound.rbds[place : place + 1],
        )
        for place in range(len(bound.rbds))
    )


def make_shared(offers: Iterable[Offer]) -> None:
    """Makes what these offers share and nobody asked for before, one kind after the other, so that
    each kind's code stays in the processor's caches. A shelf would make all of it too, as it meets
    it: that takes a twentieth longer.
    """
    bounds = {id(bound): bound for offer in offers for bound in offer.bounds}.values()
    for bound in bounds:
        for segment in bound.journey.segments:
            flight(segment)
    for bound in bounds:
        journey_xml(bound.journey, bound.family.cabin)
    for bound in bounds:
        for fare in bound.fares.values():
            fare_xml(fare)


Terms = tuple[str, str]  # composed: PaymentTimeLimit, and the limit until which the price stands


class _PartyBound(NamedTuple):
    """A bound for the party, at its place in an offer. items: its OfferItems, parted where the
    offer's stem stands. base, total: minor units, of all.
    """

    journey_id: str
    segment_refs: Sequence[str]
    baggage: str
    overview: str
    items: tuple[bytes, ...]
    base: int
    total: int


class Shelf:
    """The offers of one message: composed one by one, with the lists that they come to need.

    party: in the order of every offer's. pairs: origin and destination of each bound; None where
    each offer may lead elsewhere: then those that are met, in order. The offers must outlive the
    shelf: their bounds are known by identity.
    """

    def __init__(self, party: Sequence[Passenger], pairs: Sequence[Pair] | None) -> None:
        self._party = [(each.type, leaf("PaxRefID", each.id)) for each in party]
        self._everybody = "".join([ref for _, ref in self._party])
        self._pax_list = group("PaxList", *[_pax(each) for each in party])
        self._open = pairs is None
        self._pairs = list(pairs or ())
        self._flights = Flights()
        self._definitions: dict[str, str] = {}
        self._allowances: dict[str, str] = {}
        self._classes: dict[str, str] = {}
        self._journeys: list[dict[str, None]] = [{} for _ in self._pairs]  # ids, in order
        self._bounds: dict[tuple[int, int, str, Terms], _PartyBound] = {}
        self._instants: dict[datetime, str] = {}
        self._totals: dict[str, list[int]] = {}  # minor units, by owner

    def put(
        self, out: list[bytes], offer: Offer, tag: str = "Offer", *, payment_limit: str = ""
    ) -> None:
        """Appends the offer's parts, under `tag`: Offer or PricedOffer. payment_limit: a composed
        PaymentTimeLimit of every item.
        """
        until = self._instant(offer.expires_at)
        owner, offer_id = text(offer.owner), text(offer.offer_id)
        guarantee = leaf("PriceGuaranteeTimeLimitDateTime", until) if offer.priced else ""
        terms = payment_limit, guarantee
        bounds = self._put_bounds(offer, owner, terms)
        stem = text(item_stem(offer.offer_id)).encode()
        baggage, overview, items, base, total = "", "", [], 0, 0
        for made in bounds:
            baggage += made.baggage
            overview += made.overview
            items.append(stem.join(made.items))
            base += made.base
            total += made.total
        for service in offer.services:
            items.append(self._service(offer, service, bounds, terms).encode())
            base += service.fare.base.minor
            total += service.fare.total.minor
        self._totals.setdefault(offer.owner, []).append(total)
        out.append(
            f"<{tag}>{baggage}<JourneyOverview>{overview}</JourneyOverview>"
            f"<OfferExpirationTimeLimitDateTime>{until}</OfferExpirationTimeLimitDateTime>"
            f"<OfferID>{offer_id}</OfferID>".encode()
        )
        out += items
        out.append(
            f"<OwnerCode>{owner}</OwnerCode>{total_price(base, total, offer.currency)}"
            f"<ValidatingCarrierCode>{owner}</ValidatingCarrierCode></{tag}>".encode()
        )

    def _service(
        self, offer: Offer, service: OfferedService, bounds: Sequence[_PartyBound], terms: Terms
    ) -> str:
        self._definitions.update(definitions_of(service.product, offer.owner, service.quantity))
        refs = [ref for bound in bounds for ref in bound.segment_refs]
        return offered_item(offer.owner, service, [refs[at] for at in service.places], *terms)

    def _put_bounds(self, offer: Offer, owner: str, terms: Terms) -> list[_PartyBound]:
        bounds = []
        shelves = self._journeys if not self._open else map(self._met, offer.bounds)
        for place, (bound, journeys) in enumerate(zip(offer.bounds, shelves, strict=True)):
            key = (id(bound), place, owner, terms)
            made = self._bounds.get(key)
            if made is None:
                made = self._bounds[key] = self._for_party(bound, place, owner, terms)
            journeys[made.journey_id] = None
            bounds.append(made)
        return bounds

    def _met(self, bound: PricedBound) -> dict[str, None]:
        """Where the journeys of a bound's origin and destination stand."""
        journey = bound.journey
        for pair, journeys in zip(self._pairs, self._journeys, strict=True):
            if (pair.origin, pair.destination) == (journey.origin, journey.destination):
                return journeys
        name = f"OD{len(self._pairs) + 1}"
        self._pairs.append(Pair(name, journey.origin, journey.destination))
        self._journeys.append({})
        return self._journeys[-1]

    def summary(self, owner: str, currency: str) -> str:
        """CarrierOffersSummary of an owner's offers so far: how many, from which price to which."""
        totals = self._totals[owner]
        return group(
            "CarrierOffersSummary",
            group("HighestOfferPrice", amount("TotalAmount", Money(max(totals), currency))),
            group("LowestOfferPrice", amount("TotalAmount", Money(min(totals), currency))),
            leaf("MatchedOfferQty", str(len(totals))),
        )

    def data_lists(self) -> str:
        """DataLists with all that the offers so far refer to."""
        flights = self._flights
        return group(
            "DataLists",
            group("BaggageAllowanceList", *self._allowances.values()),
            flights.operated(),
            self._origin_dests(),
            flights.journeys(),
            self._pax_list,
            flights.segments(),
            group("PriceClassList", *self._classes.values()),
            group("ServiceDefinitionList", *self._definitions.values()),
        )

    def _origin_dests(self) -> str:
        return group(
            "OriginDestList",
            *[
                group(
                    "OriginDest",
                    leaf("DestCode", pair.destination),
                    leaf("OriginCode", pair.origin),
                    leaf("OriginDestID", pair.id),
                    leaves("PaxJourneyRefID", journeys),
                )
                for pair, journeys in zip(self._pairs, self._journeys, strict=True)
            ],
        )

    def _instant(self, moment: datetime) -> str:
        made = self._instants.get(moment)
        if made is None:
            made = self._instants[moment] = instant(moment)
        return made

    def _for_party(self, bound: PricedBound, place: int, owner: str, terms: Terms) -> _PartyBound:
        """Items are numbered as model.offer.Offer.items numbers them; one Service in each."""
        family = family_xml(bound.family)
        journey = journey_xml(bound.journey, bound.family.cabin)
        self._flights.put_journey(journey)
        if bound.family.code not in self._classes:
            self._classes[bound.family.code] = family.price_class
            self._allowances.update(family.allowances)
        rules = cancellations(bound.cancellations) + changes(bound.changes)
        payment_limit, guarantee = terms
        opening = f"</OfferItemID><OwnerCode>{owner}</OwnerCode>{payment_limit}"
        middle = (
            f"{guarantee}<Service><OfferServiceAssociation>{journey.at}</OfferServiceAssociation>"
        )
        known: dict[PassengerType, tuple[str, str]] = {}  # how its items start, and its price
        parts, before = [], ""
        base = total = 0
        for number, (kind, pax) in enumerate(self._party, start=1 + place * len(self._party)):
            fare = bound.fares[kind]
            base += fare.base.minor
            total += fare.total.minor
            if kind not in known:
                made = fare_xml(fare)
                components = _components(bound, kind, journey, family, made.basis)
                known[kind] = f"<OfferItem>{rules}<FareDetail>{components}", made.price
            start, price = known[kind]
            parts.append(f"{before}{start}{pax}{_AFTER_FARE}".encode())
            parts.append(f"-{number}{opening}{price}{middle}{pax}<ServiceID>".encode())
            before = f"-{number}.S</ServiceID></Service></OfferItem>"
        parts.append(before.encode())
        return _PartyBound(
            journey.id,
            journey.segment_refs,
            f"<BaggageAssociations>{family.allowance_refs}<OfferFlightAssociations>{journey.at}"
            f"</OfferFlightAssociations>{self._everybody}</BaggageAssociations>",
            f"<JourneyPriceClass>{journey.ref}{family.ref}</JourneyPriceClass>",
            tuple(parts),
            base,
            total,
        )


_AFTER_FARE: Final = "</FareDetail><MandatoryInd>true</MandatoryInd><OfferItemID>"


def _pax(passenger: Passenger) -> str:
    return group(
        "Pax",
        leaf("PaxID", passenger.id),
        leaf("PaxRefID", passenger.guardian),
        leaf("PTC", passenger.type),
    )
