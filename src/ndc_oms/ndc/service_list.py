"""ServiceListRQ to a ServiceListRequest, and its result to ServiceListRS.

Source: ServiceListRequestType and ServiceListResponseType of 21.3, and IATA's worked flow of a
wheelchair on an open jaw. Each item of the answer is one product at one place, with its price for
one; who may have it stands in its Eligibility.
"""

from typing import Final

from ndc_oms.errors import Expired, Invalid
from ndc_oms.model.ancillary import Product
from ndc_oms.model.passenger import Passenger, People
from ndc_oms.model.product import Cabin
from ndc_oms.ndc.bounds import read_cabin
from ndc_oms.ndc.compose import (
    duration,
    fare_xml,
    flag,
    group,
    instant,
    leaf,
    leaves,
    reply,
    warnings,
)
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.flights import Flights
from ndc_oms.ndc.named_flights import read_flight, read_sold
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    find_at,
    find_text,
    get,
    get_text,
    path_of,
    request,
    texts,
)
from ndc_oms.ndc.pax import read_party
from ndc_oms.ndc.people_lists import write_pax
from ndc_oms.offers.request import Selection
from ndc_oms.offers.services import Flown, ServiceItem
from ndc_oms.orders.list_services import (
    FlightAsked,
    ServiceListRequest,
    ServiceListResult,
    Wanted,
)
from ndc_oms.orders.request import OrderReference

_BEFORE: Final = "<JourneyStageCode>Prior To Departure</JourneyStageCode>"


def read(root: Node, envelope: Envelope) -> ServiceListRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 12, 102, 143, 386, 476, 912; Expired (913) for several offers
    at once.
    """
    asked = request(root)
    core = get(asked, "ServiceListCoreRequest")
    party = read_party(every(asked, "Pax"))
    wanted = _wanted(find(asked, "OfferCriteria"))
    offers = find(core, "OfferRequest")
    if offers is not None:
        return _of_offer(offers, party, wanted)
    order = find_at(core, "OrderRequest", "Order")
    if order is not None:
        return _of_order(order, wanted)
    named = get(core, "PaxSegmentRequest")
    sold = read_sold(asked)
    flights = tuple(
        FlightAsked(
            get_text(each, "PaxSegmentID"), read_flight(each, sold), _cabin(each), path_of(each)
        )
        for each in every(named, "PaxSegment")
    )
    return ServiceListRequest(flights, party, wanted=wanted, path=path_of(asked))


def _wanted(criteria: Node | None) -> Wanted:
    found = tuple(every(criteria, "ServiceCriteria"))
    for each in found:
        if find_text(each, "IncludeInd") in {"false", "0"}:
            raise Invalid(
                "Services are asked for by what they are, not by what they are not.",
                path=f"{path_of(each)}/IncludeInd",
                remedy="Name the services that are wanted, or none.",
            )
    return Wanted(
        tuple(code for each in found for code in texts(each, "RFIC")),
        tuple(code for each in found for code in texts(each, "RFISC")),
        tuple(code for each in found for code in texts(each, "TaxonomyCode")),
    )


def _of_offer(node: Node, party: tuple[Passenger, ...], wanted: Wanted) -> ServiceListRequest:
    offers = tuple(every(node, "Offer"))
    if len(offers) != 1:
        raise Expired(
            f"Services are listed for one offer at a time; {len(offers)} are named.",
            path=path_of(node),
            remedy="Send a ServiceList for each offer.",
        )
    (offer,) = offers
    ids = tuple(id_ for each in every(offer, "OfferItem") for id_ in texts(each, "PaxRefID"))
    selection = Selection(
        get_text(offer, "OfferID"), get_text(offer, "OwnerCode"), (), path_of(offer)
    )
    return ServiceListRequest(
        selection, party, passenger_ids=ids, wanted=wanted, path=path_of(offer)
    )


def _of_order(node: Node, wanted: Wanted) -> ServiceListRequest:
    order = OrderReference(
        get_text(node, "OrderID"), get_text(node, "OwnerCode"), path=path_of(node)
    )
    items = tuple(every(node, "OrderItem"))
    return ServiceListRequest(
        order,
        passenger_ids=tuple(id_ for each in items for id_ in texts(each, "PaxRefID")),
        segment_refs=tuple(id_ for each in items for id_ in texts(each, "PaxSegmentRefID")),
        wanted=wanted,
        path=path_of(node),
    )


def _cabin(segment: Node) -> Cabin:
    """Economy where it is not said."""
    found = find_at(segment, "CabinTypeAssociationChoice", "SegmentCabinType")
    return read_cabin(found) if found is not None else Cabin.ECONOMY


# -- the answer --------------------------------------------------------------------------------


def write(result: ServiceListResult, envelope: Envelope) -> bytes:
    return reply(
        "IATA_ServiceListRS",
        envelope,
        [
            _offer(result),
            _data_lists(result),
            warnings(result.notices, envelope.warnings),
        ],
    )


def _offer(result: ServiceListResult) -> str:
    return group(
        "ALaCarteOffer",
        leaf("OfferExpirationTimeLimitDateTime", instant(result.expires_at)),
        leaf("OfferID", result.offer_id),
        *[_item(result, number, item) for number, item in enumerate(result.items, 1)],
        leaf("OwnerCode", result.owner),
    )


def _item(result: ServiceListResult, number: int, item: ServiceItem) -> str:
    refs = leaves("PaxSegmentRefID", [each.ref for each in item.flown])
    price = fare_xml(item.fare).price.removeprefix("<Price>").removesuffix("</Price>")
    return group(
        "OfferItem",
        _cancelling(item),
        group(
            "Eligibility",
            group("OfferFlightAssociations", group("PaxSegmentReferences", refs)),
            leaves("PaxRefID", item.passenger_ids),
        ),
        leaf("OfferItemID", item.item_id),
        leaf("OwnerCode", result.owner),
        leaf("PriceGuaranteeTimeLimitDateTime", instant(result.expires_at)),
        group(
            "Service",
            leaf("ServiceDefinitionRefID", f"def.{item.product.product.code}"),
            leaf("ServiceID", f"SRV{number}"),
        ),
        group("UnitPrice", price),
    )


def _cancelling(item: ServiceItem) -> str:
    if not item.fare.total:
        return ""
    return cancelling(item.product.product)


def cancelling(product: Product) -> str:
    """The product's rule: it comes back whole until so long before departure, or not at all."""
    if not product.refundable:
        return group(
            "CancelRestrictions",
            flag("AllowedModificationInd", value=False),
            leaf("DescText", "Not refundable."),
            _BEFORE,
        )
    until = f" until {product.refund_until_h} hours before departure"
    words = f"Refundable{until if product.refund_until_h else ' until departure'}."
    return group(
        "CancelRestrictions", flag("AllowedModificationInd", value=True), leaf("DescText", words),
        _BEFORE,
    )  # fmt: skip


def _data_lists(result: ServiceListResult) -> str:
    flights = Flights()
    bounds: dict[int, list[Flown]] = {}
    for each in result.flown:
        flights.put_segment(each.ref, each.flight, each.cabin, "")
        bounds.setdefault(each.bound, []).append(each)
    for bound, flown in bounds.items():
        length = duration(flown[-1].flight.arrival - flown[0].flight.departure)
        flights.put_pax_journey(f"JNY{bound + 1}", length, tuple(each.ref for each in flown))
    return group(
        "DataLists",
        flights.operated(),
        flights.journeys(),
        write_pax(result.party, People()),
        flights.segments(),
        group("ServiceDefinitionList", *_definitions(result)),
    )


def _definitions(result: ServiceListResult) -> list[str]:
    products = {item.product.product.code: item.product for item in result.items}
    known = set(products)
    return [
        definition(
            each.product,
            result.owner,
            taxonomy=each.taxonomy,
            bundle=tuple(code for code in each.bundle if code in known),
            most=each.most,
        )
        for each in products.values()
    ]


def definition(
    product: Product,
    owner: str,
    *,
    definition_id: str = "",
    name: str = "",
    taxonomy: str = "",
    bundle: tuple[str, ...] = (),
    most: int = 0,
) -> str:
    """A ServiceDefinition, by the product's own code and name where no other are given. bundle:
    codes of the products in it that the message defines as well.
    """
    refs = leaves("ServiceDefinitionRefID", [f"def.{code}" for code in bundle])
    return group(
        "ServiceDefinition",
        group("AirlineTaxonomy", leaf("TaxonomyCode", taxonomy)),
        *[group("Desc", leaf("DescText", text)) for text in product.description],
        leaf("Name", name or product.name),
        leaf("OwnerCode", owner),
        leaf("RFIC", product.rfic),
        leaf("RFISC", product.rfisc),
        leaf("ServiceCode", product.ssr or product.code),
        group(
            "ServiceDefinitionAssociation",
            group("ServiceBundle", leaf("MaximumServiceQty", str(most)), refs) if refs else "",
        ),
        leaf("ServiceDefinitionID", definition_id or f"def.{product.code}"),
    )
