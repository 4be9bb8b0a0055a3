"""AirShoppingRS the slow, obvious way: element by element, nothing kept, nothing clever.

What `ndc_oms.ndc.air_shopping.write` must equal, as canonical XML.
"""

from datetime import UTC, datetime, timedelta

from lxml import etree

from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, Offer, PricedBound
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import Baggage, Cabin, FareFamily, Restriction
from ndc_oms.ndc.envelope import COMMON, MESSAGE
from ndc_oms.offers.request import ShopResult

NAMES = {
    Cabin.FIRST: "First",
    Cabin.BUSINESS: "Business",
    Cabin.PREMIUM_ECONOMY: "Premium Economy",
    Cabin.ECONOMY: "Economy",
}
Node = etree._Element


def sub(parent: Node, name: str, text: str | None = None) -> Node:
    made = etree.SubElement(parent, f"{{{COMMON}}}{name}")
    made.text = text
    return made


def maybe(parent: Node, name: str, text: str | None) -> None:
    if text:
        sub(parent, name, text)


def amount(parent: Node, name: str, money: Money) -> None:
    sub(parent, name, str(money.decimal())).set("CurCode", money.currency)


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def span(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    return f"PT{minutes // 60}H{minutes % 60}M"


def ref(flight: Segment) -> str:
    day = flight.departure.strftime("%y%m%d")
    return f"{flight.carrier}{flight.number}.{day}.{flight.origin}{flight.destination}"


def segment_id(flight: Segment, cabin: Cabin) -> str:
    return f"seg.{ref(flight)}.{cabin.value}"


def journey_id(journey: Journey, cabin: Cabin) -> str:
    return f"jny.{'+'.join(ref(s) for s in journey.segments)}.{cabin.value}"


def bag_ids(baggage: Baggage) -> tuple[str, str]:
    return (
        f"bag.carryon.{baggage.carry_on_pieces}x{baggage.carry_on_kg}",
        f"bag.checked.{baggage.checked_pieces}x{baggage.checked_kg}",
    )


def write(result: ShopResult, echo: bytes) -> Node:
    """echo: PayloadAttributes as the envelope composed them, in a document of its own."""
    root = etree.Element(f"{{{MESSAGE}}}IATA_AirShoppingRS", nsmap={None: COMMON, "m": MESSAGE})
    response = etree.SubElement(root, f"{{{MESSAGE}}}Response")
    data_lists(sub(response, "DataLists"), result)
    carrier = sub(sub(response, "OffersGroup"), "CarrierOffers")
    summary(carrier, result.offers)
    for offer in result.offers:
        add_offer(carrier, offer)
    for notice in result.notices:
        warning = sub(response, "Warning")
        maybe(warning, "Code", notice.code)
        sub(warning, "DescText", notice.text)
        sub(warning, "LangCode", "EN")
        maybe(warning, "TagText", notice.path)
    root.append(etree.fromstring(echo))
    return root


def summary(carrier: Node, offers: tuple[Offer, ...]) -> None:
    made = sub(carrier, "CarrierOffersSummary")
    dear = max(offers, key=lambda offer: offer.total.minor)
    cheap = min(offers, key=lambda offer: offer.total.minor)
    amount(sub(made, "HighestOfferPrice"), "TotalAmount", dear.total)
    amount(sub(made, "LowestOfferPrice"), "TotalAmount", cheap.total)
    sub(made, "MatchedOfferQty", str(len(offers)))


def data_lists(lists: Node, result: ShopResult) -> None:
    """Everything once, in the order in which the offers come to it."""
    bounds = [bound for offer in result.offers for bound in offer.bounds]
    flights = {ref(s): s for b in bounds for s in b.journey.segments}
    made = sub(lists, "BaggageAllowanceList")
    for baggage in dict.fromkeys(b.family.baggage for b in bounds):
        allowance(made, "CarryOn", baggage.carry_on_pieces, baggage.carry_on_kg)
        allowance(made, "Checked", baggage.checked_pieces, baggage.checked_kg)
    made = sub(lists, "DatedMarketingSegmentList")
    for flight in flights.values():
        marketing(made, flight)
    made = sub(lists, "DatedOperatingLegList")
    for flight in flights.values():
        for number, leg in enumerate(flight.legs, start=1):
            after = flight.legs[number] if number < len(flight.legs) else None
            operating_leg(made, leg, after, f"leg.{ref(flight)}.{number}")
    made = sub(lists, "DatedOperatingSegmentList")
    for flight in flights.values():
        operating(made, flight)
    shared = {f.operator: f.carrier for f in flights.values() if f.operator != f.carrier}
    made = sub(lists, "DisclosureList") if shared else lists
    for operator, carrier in shared.items():
        told = sub(made, "Disclosure")
        sub(sub(told, "Desc"), "DescText", f"Operated by {operator}, sold by {carrier}.")
        sub(told, "DisclosureID", f"dis.{operator}")
    made = sub(lists, "OriginDestList")
    for at, asked in enumerate(result.bounds):
        pair = sub(made, "OriginDest")
        sub(pair, "DestCode", asked.destination)
        sub(pair, "OriginCode", asked.origin)
        sub(pair, "OriginDestID", asked.id or f"OD{at + 1}")
        for id_ in dict.fromkeys(
            journey_id(o.bounds[at].journey, o.bounds[at].family.cabin) for o in result.offers
        ):
            sub(pair, "PaxJourneyRefID", id_)
    journeys_and_pax(lists, result, bounds)


def journeys_and_pax(lists: Node, result: ShopResult, bounds: list[PricedBound]) -> None:
    made = sub(lists, "PaxJourneyList")
    journeys = {journey_id(b.journey, b.family.cabin): b for b in bounds}
    for id_, bound in journeys.items():
        node = sub(made, "PaxJourney")
        sub(node, "Duration", span(bound.journey.duration))
        sub(node, "PaxJourneyID", id_)
        for flight in bound.journey.segments:
            sub(node, "PaxSegmentRefID", segment_id(flight, bound.family.cabin))
    made = sub(lists, "PaxList")
    for passenger in result.party:
        node = sub(made, "Pax")
        sub(node, "PaxID", passenger.id)
        maybe(node, "PaxRefID", passenger.guardian)
        sub(node, "PTC", passenger.type.value)
    made = sub(lists, "PaxSegmentList")
    taken = {
        segment_id(s, b.family.cabin): (s, b.family.cabin)
        for b in bounds
        for s in b.journey.segments
    }
    for id_, (flight, cabin) in taken.items():
        node = sub(made, "PaxSegment")
        cabin_type(sub(sub(node, "CabinTypeAssociationChoice"), "SegmentCabinType"), cabin)
        sub(node, "DatedMarketingSegmentRefId", f"mkt.{ref(flight)}")
        sub(node, "PaxSegmentID", id_)
    made = sub(lists, "PriceClassList")
    for family in dict.fromkeys(b.family for b in bounds):
        price_class(made, family)


def cabin_type(node: Node, cabin: Cabin) -> None:
    sub(node, "CabinTypeCode", cabin.value)
    sub(node, "CabinTypeName", NAMES[cabin])


def allowance(parent: Node, kind: str, pieces: int, weight: int) -> None:
    id_ = f"bag.{kind.lower()}.{pieces}x{weight}"
    if id_ in parent.xpath("*/*[local-name() = 'BaggageAllowanceID']/text()"):
        return
    node = sub(parent, "BaggageAllowance")
    sub(node, "BaggageAllowanceID", id_)
    sub(sub(node, "PieceAllowance"), "TotalQty", str(pieces))
    sub(node, "TypeCode", kind)
    if pieces:
        limit = sub(node, "WeightAllowance")
        sub(limit, "MaximumWeightMeasure", str(weight))
        sub(limit, "WeightUnitOfMeasurement", "KGM")


def point(parent: Node, name: str, station: str, moment: datetime, terminal: str | None) -> None:
    node = sub(parent, name)
    sub(node, "AircraftScheduledDateTime", moment.strftime("%Y-%m-%dT%H:%M:%S"))
    sub(node, "IATA_LocationCode", station)
    maybe(node, "TerminalName", terminal)


def number(parent: Node, name: str, text: str) -> None:
    sub(parent, name, text.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    maybe(parent, "OperationalSuffixText", text.lstrip("0123456789"))


def marketing(parent: Node, flight: Segment) -> None:
    first, last = flight.legs[0], flight.legs[-1]
    node = sub(parent, "DatedMarketingSegment")
    point(node, "Arrival", last.destination, last.arrival, last.arrival_terminal)
    sub(node, "CarrierDesigCode", flight.carrier)
    sub(node, "DatedMarketingSegmentId", f"mkt.{ref(flight)}")
    sub(node, "DatedOperatingSegmentRefId", f"opr.{ref(flight)}")
    point(node, "Dep", first.origin, first.departure, first.departure_terminal)
    number(node, "MarketingCarrierFlightNumberText", flight.number)


def operating_leg(parent: Node, leg: Leg, after: Leg | None, id_: str) -> None:
    node = sub(parent, "DatedOperatingLeg")
    point(node, "Arrival", leg.destination, leg.arrival, leg.arrival_terminal)
    sub(node, "DatedOperatingLegID", id_)
    point(node, "Dep", leg.origin, leg.departure, leg.departure_terminal)
    sub(sub(node, "IATA_AircraftType"), "IATA_AircraftTypeCode", leg.aircraft)
    if after is not None:
        sub(node, "OnGroundDuration", span(after.departure - leg.arrival))


def operating(parent: Node, flight: Segment) -> None:
    node = sub(parent, "DatedOperatingSegment")
    sub(node, "CarrierDesigCode", flight.operator)
    for at in range(1, len(flight.legs) + 1):
        sub(node, "DatedOperatingLegRefID", f"leg.{ref(flight)}.{at}")
    sub(node, "DatedOperatingSegmentId", f"opr.{ref(flight)}")
    if flight.operator != flight.carrier:
        sub(node, "DisclosureRefID", f"dis.{flight.operator}")
    sub(node, "Duration", span(flight.duration))
    number(node, "OperatingCarrierFlightNumberText", flight.operator_number)


def price_class(parent: Node, family: FareFamily) -> None:
    node = sub(parent, "PriceClass")
    cabin_type(sub(node, "CabinType"), family.cabin)
    sub(node, "Code", family.code)
    for line in family.description:
        sub(sub(node, "Desc"), "DescText", line)
    sub(node, "DisplayOrderText", str(family.rank))
    sub(node, "Name", family.name)
    sub(node, "PriceClassID", family.code)


def add_offer(parent: Node, offer: Offer) -> None:
    node = sub(parent, "Offer")
    for bound in offer.bounds:
        bags = sub(node, "BaggageAssociations")
        for id_ in bag_ids(bound.family.baggage):
            sub(bags, "BaggageAllowanceRefID", id_)
        journey = sub(sub(bags, "OfferFlightAssociations"), "PaxJourneyRef")
        sub(journey, "PaxJourneyRefID", journey_id(bound.journey, bound.family.cabin))
        for passenger in offer.party:
            sub(bags, "PaxRefID", passenger.id)
    overview = sub(node, "JourneyOverview")
    for bound in offer.bounds:
        shown = sub(overview, "JourneyPriceClass")
        sub(shown, "PaxJourneyRefID", journey_id(bound.journey, bound.family.cabin))
        sub(shown, "PriceClassRefID", bound.family.code)
    sub(node, "OfferExpirationTimeLimitDateTime", utc(offer.expires_at))
    sub(node, "OfferID", offer.offer_id)
    for item in offer.items:
        add_item(node, offer, item.id, item.passenger, offer.bounds[item.bound_index])
    sub(node, "OwnerCode", offer.owner)
    price = sub(node, "TotalPrice")
    base = total((item.fare.base for item in offer.items), offer.currency)
    amount(price, "BaseAmount", base)
    amount(sub(price, "TaxSummary"), "TotalTaxAmount", offer.total - base)
    amount(price, "TotalAmount", offer.total)
    sub(node, "ValidatingCarrierCode", offer.owner)


def add_item(
    parent: Node, offer: Offer, item_id: str, passenger: Passenger, bound: PricedBound
) -> None:
    node = sub(parent, "OfferItem")
    fare = bound.fares[passenger.type]
    for rule in bound.cancellations:
        restriction(sub(node, "CancelRestrictions"), rule, change=False)
    for rule in bound.changes:
        restriction(sub(node, "ChangeRestrictions"), rule, change=True)
    detail = sub(node, "FareDetail")
    for flight, rbd in zip(bound.journey.segments, bound.rbds, strict=True):
        part = sub(detail, "FareComponent")
        cabin_type(sub(part, "CabinType"), bound.family.cabin)
        sub(part, "FareBasisCode", fare.basis)
        sub(part, "PaxSegmentRefID", segment_id(flight, bound.family.cabin))
        sub(part, "PriceClassRefID", bound.family.code)
        sub(sub(part, "RBD"), "RBD_Code", rbd)
    sub(detail, "PaxRefID", passenger.id)
    sub(node, "MandatoryInd", "true")
    sub(node, "OfferItemID", item_id)
    sub(node, "OwnerCode", offer.owner)
    add_price(node, fare)
    service = sub(node, "Service")
    journey = sub(sub(service, "OfferServiceAssociation"), "PaxJourneyRef")
    sub(journey, "PaxJourneyRefID", journey_id(bound.journey, bound.family.cabin))
    sub(service, "PaxRefID", passenger.id)
    sub(service, "ServiceID", f"{item_id}.S")


def restriction(node: Node, rule: Restriction, *, change: bool) -> None:
    sub(node, "AllowedModificationInd", str(rule.permitted).lower())
    if change:
        sub(node, "ChangeTypeCode", "Flight")
    maybe(node, "DescText", rule.text)
    if rule.fee is not None:
        amount(sub(node, "Fee"), "Amount", rule.fee)
    sub(node, "JourneyStageCode", rule.stage.value)


def add_price(parent: Node, fare: Fare) -> None:
    node = sub(parent, "Price")
    amount(node, "BaseAmount", fare.base)
    taxes = sub(node, "TaxSummary")
    for tax in fare.taxes:
        one = sub(taxes, "Tax")
        amount(one, "Amount", tax.amount)
        sub(one, "RefundInd", str(tax.refundable).lower())
        sub(one, "TaxCode", tax.code)
        sub(one, "TaxName", tax.name)
    amount(taxes, "TotalTaxAmount", total((t.amount for t in fare.taxes), fare.base.currency))
    amount(node, "TotalAmount", fare.total)
