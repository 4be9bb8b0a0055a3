"""Composes and reads what is about services: ServiceList, and picking from its answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lxml import etree

from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.requests import Pax, Sender, element, envelope

DEMO = Sender()


def list_for_offer(
    offer_id: str,
    party: Iterable[Pax] = (),
    *,
    rfic: str | None = None,
    sender: Sender = DEMO,
) -> bytes:
    """IATA_ServiceListRQ for the flights of an offer. rfic: only services of this reason."""
    core = (
        f"<OfferRequest><Offer>{element('OfferID', offer_id)}{element('OwnerCode', sender.carrier)}"
        "</Offer></OfferRequest>"
    )
    return _asked(core, party=party, rfic=rfic, sender=sender)


def list_for_order(order_id: str, *, rfic: str | None = None, sender: Sender = DEMO) -> bytes:
    """IATA_ServiceListRQ for the flights of an order."""
    core = (
        f"<OrderRequest><Order>{element('OrderID', order_id)}{element('OwnerCode', sender.carrier)}"
        "</Order></OrderRequest>"
    )
    return _asked(core, rfic=rfic, sender=sender)


@dataclass(frozen=True, slots=True)
class FlightNamed:
    """A flight as ServiceListRQ names it. departs: local. number: without the designator."""

    carrier: str
    number: str
    departs: datetime
    origin: str
    destination: str
    cabin: str = "5"


def dated_flight(each: FlightNamed, at: str) -> str:
    """A DatedMarketingSegment under the id MKT and `at`."""
    return (
        f"<DatedMarketingSegment><Arrival>{element('IATA_LocationCode', each.destination)}"
        f"</Arrival>{element('CarrierDesigCode', each.carrier)}"
        f"{element('DatedMarketingSegmentId', f'MKT{at}')}"
        f"{element('DatedOperatingSegmentRefId', f'OPR{at}')}<Dep>"
        f"{element('AircraftScheduledDateTime', each.departs.isoformat()[:19])}"
        f"{element('IATA_LocationCode', each.origin)}</Dep>"
        f"{element('MarketingCarrierFlightNumberText', each.number)}</DatedMarketingSegment>"
    )


def list_for_flights(
    flights: Sequence[FlightNamed],
    party: Iterable[Pax],
    *,
    sender: Sender = DEMO,
) -> bytes:
    """IATA_ServiceListRQ for flights that the request names."""
    named = "".join(
        "<PaxSegment><CabinTypeAssociationChoice><SegmentCabinType>"
        f"{element('CabinTypeCode', each.cabin)}</SegmentCabinType></CabinTypeAssociationChoice>"
        f"{element('DatedMarketingSegmentRefId', f'MKT{at}')}{element('PaxSegmentID', f'S{at}')}"
        "</PaxSegment>"
        for at, each in enumerate(flights, 1)
    )
    sold = "".join(dated_flight(each, str(at)) for at, each in enumerate(flights, 1))
    return _asked(
        f"<PaxSegmentRequest>{named}</PaxSegmentRequest>",
        f"<DatedMarketingSegmentList>{sold}</DatedMarketingSegmentList>",
        party=party,
        sender=sender,
    )


def _asked(
    core: str,
    lists: str = "",
    *,
    party: Iterable[Pax] = (),
    rfic: str | None = None,
    sender: Sender = DEMO,
) -> bytes:
    wanted = (
        f"<OfferCriteria><ServiceCriteria>{element('RFIC', rfic)}</ServiceCriteria></OfferCriteria>"
        if rfic
        else ""
    )
    people = "".join(
        f"<Pax>{element('PaxID', pax.id)}{element('PTC', pax.type)}</Pax>" for pax in party
    )
    core = f"<ServiceListCoreRequest>{core}</ServiceListCoreRequest>"
    return envelope("IATA_ServiceListRQ", f"{lists}{wanted}{people}{core}", sender, None)


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """One item of ServiceListRS. code: of the product (its ServiceDefinition). segments: PaxSegment
    ids of the reply. price: of one, with its currency.
    """

    offer_id: str
    item_id: str
    code: str
    name: str
    passengers: tuple[str, ...]
    segments: tuple[str, ...]
    price: str
    currency: str
    rfisc: str


def services_of(reply: Reply) -> tuple[ServiceSummary, ...]:
    """The items of a ServiceListRS or SeatAvailabilityRS, () where seats are only shown; raises
    ValueError where it has errors.
    """
    if reply.errors:
        raise ValueError(f"no services, but {reply.errors}")
    definitions = {
        child_text(each, "ServiceDefinitionID"): each
        for each in reply.all("Response/DataLists/ServiceDefinitionList/ServiceDefinition")
    }
    return tuple(
        _service(child_text(offer, "OfferID"), each, definitions)
        for offer in reply.all("Response/ALaCarteOffer")
        for each in find_all(offer, "OfferItem")
    )


def _service(
    offer_id: str, item: etree._Element, definitions: dict[str, etree._Element]
) -> ServiceSummary:
    ref = child_text(item, "Service/ServiceDefinitionRefID")
    (amount,) = find_all(item, "UnitPrice/TotalAmount")
    segments = "Eligibility/OfferFlightAssociations/PaxSegmentReferences/PaxSegmentRefID"
    return ServiceSummary(
        offer_id,
        child_text(item, "OfferItemID"),
        ref.removeprefix("def."),
        child_text(definitions[ref], "Name"),
        tuple(each.text or "" for each in find_all(item, "Eligibility/PaxRefID")),
        tuple(each.text or "" for each in find_all(item, segments)),
        amount.text or "",
        amount.get("CurCode", ""),
        next((each.text or "" for each in find_all(definitions[ref], "RFISC")), ""),
    )


@dataclass(frozen=True, slots=True)
class Picked:
    """A service for these passengers, `quantity` for each. seat: which, as `12A`, of an item of
    SeatAvailabilityRS.
    """

    service: ServiceSummary
    passengers: tuple[str, ...]
    quantity: int = 1
    seat: str = ""

    @property
    def price(self) -> Decimal:
        return Decimal(self.service.price) * self.quantity * len(self.passengers)


def selection(
    picked: Sequence[Picked], *, owner: str = "T8", name: str = "SelectedPricedOffer"
) -> str:
    """A selection of services, to stand beside that of the flights. name: SelectedOffer in an
    OfferPriceRQ, SelectedOffers in an OrderQuoteRQ.
    """
    items = "".join(
        f"<SelectedOfferItem>{element('OfferItemRefID', each.service.item_id)}"
        f"{''.join(element('PaxRefID', pax) for pax in each.passengers)}"
        f"<SelectedALaCarteOfferItem>{element('Qty', each.quantity)}</SelectedALaCarteOfferItem>"
        f"{_seat(each.seat)}</SelectedOfferItem>"
        for each in picked
    )
    offer_id = element("OfferRefID", picked[0].service.offer_id)
    return f"<{name}>{offer_id}{element('OwnerCode', owner)}{items}</{name}>"


def _seat(name: str) -> str:
    if not name:
        return ""
    place = f"{element('ColumnID', name[-1])}{element('SeatRowNumber', name[:-1])}"
    return f"<SelectedSeat>{place}</SelectedSeat>"


def added(picked: Sequence[Picked], *, owner: str = "T8") -> str:
    """AcceptSelectedQuotedOfferList of an OrderChange that adds services."""
    chosen = selection(picked, owner=owner)
    return f"<AcceptSelectedQuotedOfferList>{chosen}</AcceptSelectedQuotedOfferList>"
