"""What ServiceListRQ and SeatAvailabilityRQ are about, said in the same words: an offer, an order,
or flights.

Source: ServiceListCoreRequestType and SeatAvailCoreRequestType of 21.3.
"""

from typing import NamedTuple

from ndc_oms.errors import Expired
from ndc_oms.model.product import Cabin
from ndc_oms.ndc.bounds import read_cabin
from ndc_oms.ndc.named_flights import read_flight, read_sold
from ndc_oms.ndc.parts import Node, every, find, find_at, get, get_text, path_of, texts
from ndc_oms.offers.request import Selection
from ndc_oms.orders.about import FlightAsked
from ndc_oms.orders.request import OrderReference


class AboutRead(NamedTuple):
    """passenger_ids, segment_refs: of which alone it asks; () for all."""

    about: Selection | OrderReference | tuple[FlightAsked, ...]
    passenger_ids: tuple[str, ...]
    segment_refs: tuple[str, ...]
    path: str


def read_about(core: Node, asked: Node) -> AboutRead:
    """asked: the Request. Raises Invalid with the path: 12, 102, 386, 912; Expired (913) for
    several offers at once.
    """
    offers = find(core, "OfferRequest")
    if offers is not None:
        return _of_offer(offers)
    order = find_at(core, "OrderRequest", "Order")
    if order is not None:
        return _of_order(order)
    sold = read_sold(asked)
    flights = tuple(
        FlightAsked(
            get_text(each, "PaxSegmentID"), read_flight(each, sold), _cabin(each), path_of(each)
        )
        for each in every(get(core, "PaxSegmentRequest"), "PaxSegment")
    )
    return AboutRead(flights, (), (), path_of(asked))


def _of_offer(node: Node) -> AboutRead:
    offers = every(node, "Offer")
    if len(offers) != 1:
        raise Expired(
            f"One offer is answered at a time; {len(offers)} are named.",
            path=path_of(node),
            remedy="Send a request for each offer.",
        )
    (offer,) = offers
    ids = tuple(id_ for each in every(offer, "OfferItem") for id_ in texts(each, "PaxRefID"))
    selection = Selection(
        get_text(offer, "OfferID"), get_text(offer, "OwnerCode"), (), path_of(offer)
    )
    return AboutRead(selection, ids, (), path_of(offer))


def _of_order(node: Node) -> AboutRead:
    order = OrderReference(
        get_text(node, "OrderID"), get_text(node, "OwnerCode"), path=path_of(node)
    )
    items = every(node, "OrderItem")
    return AboutRead(
        order,
        tuple(id_ for each in items for id_ in texts(each, "PaxRefID")),
        tuple(id_ for each in items for id_ in texts(each, "PaxSegmentRefID")),
        path_of(node),
    )


def _cabin(segment: Node) -> Cabin:
    """Economy where it is not said."""
    found = find_at(segment, "CabinTypeAssociationChoice", "SegmentCabinType")
    return read_cabin(found) if found is not None else Cabin.ECONOMY
