"""ServiceListRQ to a ServiceListRequest, and its result to ServiceListRS.

Source: ServiceListRequestType and ServiceListResponseType of 21.3, and IATA's worked flow of a
wheelchair on an open jaw. Each item of the answer is one product at one place, with its price for
one; who may have it stands in its Eligibility.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.ancillary import Product
from ndc_oms.model.passenger import Passenger, People
from ndc_oms.ndc.about import read_about
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
from ndc_oms.ndc.offer_criteria import read_languages
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    find_text,
    get,
    path_of,
    request,
    texts,
)
from ndc_oms.ndc.pax import read_party
from ndc_oms.ndc.people_lists import write_pax
from ndc_oms.ndc.service_definitions import definition, definition_id
from ndc_oms.offers.services import Flown, ServiceItem
from ndc_oms.orders.list_services import ServiceListRequest, Wanted
from ndc_oms.orders.service_offer import ServiceOffer

_BEFORE: Final = "<JourneyStageCode>Prior To Departure</JourneyStageCode>"


def read(root: Node, envelope: Envelope) -> ServiceListRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 12, 102, 143, 386, 476, 912; Expired (913) for several offers
    at once.
    """
    asked = request(root)
    about = read_about(get(asked, "ServiceListCoreRequest"), asked)
    return ServiceListRequest(
        about.about,
        read_party(every(asked, "Pax")),
        passenger_ids=about.passenger_ids,
        segment_refs=about.segment_refs,
        path=about.path,
        languages=read_languages(asked),
        wanted=_wanted(find(asked, "OfferCriteria")),
    )


def _wanted(criteria: Node | None) -> Wanted:
    found = every(criteria, "ServiceCriteria")
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


# -- the answer --------------------------------------------------------------------------------


def write(offer: ServiceOffer, envelope: Envelope) -> bytes:
    return reply(
        "IATA_ServiceListRS",
        envelope,
        [write_offer(offer), _data_lists(offer), warnings(offer.notices, envelope.warnings)],
    )


def write_offer(offer: ServiceOffer) -> str:
    """ALaCarteOffer; nothing where it has no items, since the schema wants one."""
    if not offer.items:
        return ""
    return group(
        "ALaCarteOffer",
        leaf("OfferExpirationTimeLimitDateTime", instant(offer.expires_at)),
        leaf("OfferID", offer.offer_id),
        *[
            write_item(offer.owner, offer.expires_at, number, item)
            for number, item in enumerate(offer.items, 1)
        ],
        leaf("OwnerCode", offer.owner),
    )


def write_item(owner: str, until: datetime, number: int, item: ServiceItem) -> str:
    """OfferItem of an ALaCarteOffer. number: from 1, in the message. until: its price is kept."""
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
        leaf("OwnerCode", owner),
        leaf("PriceGuaranteeTimeLimitDateTime", instant(until)),
        group(
            "Service",
            leaf("ServiceDefinitionRefID", definition_id(item.product.product)),
            leaf("ServiceID", f"SRV{number}"),
        ),
        group("UnitPrice", price),
    )


def _cancelling(item: ServiceItem) -> str:
    if not item.fare.total:
        return ""
    return cancelling(item.product.product)


def cancelling(product: Product) -> str:
    """The product's rule."""
    return group(
        "CancelRestrictions",
        flag("AllowedModificationInd", value=product.refundable),
        leaf("DescText", product.refund_rule),
        _BEFORE,
    )


def _data_lists(offer: ServiceOffer) -> str:
    return group(
        "DataLists",
        lists_of(offer.flown, offer.party),
        group("ServiceDefinitionList", *definitions(offer.items, offer.owner)),
    )


def lists_of(flown: Sequence[Flown], party: tuple[Passenger, ...]) -> str:
    """The lists of flights and travellers, up to PaxSegmentList."""
    flights = Flights()
    bounds: dict[int, list[Flown]] = {}
    for each in flown:
        flights.put_segment(each.ref, each.flight, each.cabin, "")
        bounds.setdefault(each.bound, []).append(each)
    for bound, one in bounds.items():
        length = duration(one[-1].flight.arrival - one[0].flight.departure)
        flights.put_pax_journey(f"JNY{bound + 1}", length, tuple(each.ref for each in one))
    pax = write_pax(party, People())
    return flights.operated() + flights.journeys() + pax + flights.segments()


def definitions(items: Iterable[ServiceItem], owner: str) -> list[str]:
    """A ServiceDefinition for each product, and for what is in the bundles."""
    found: dict[str, str] = {}
    for item in items:
        for each in (item.product, *item.product.parts):
            found.setdefault(
                each.product.code,
                definition(each.product, owner, taxonomy=each.taxonomy, most=each.most),
            )
    return list(found.values())
