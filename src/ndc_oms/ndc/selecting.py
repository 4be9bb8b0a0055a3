"""What a seller picks out of offers: OfferPriceRQ and OrderCreateRQ say it in the same words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.model.seat import Seat
from ndc_oms.ndc.parts import (
    Node,
    every,
    find,
    find_at,
    find_quantity,
    get_money,
    get_text,
    missing,
    path_of,
    texts,
)
from ndc_oms.ndc.service_definitions import product_code
from ndc_oms.offers.request import SelectedItem, Selection
from ndc_oms.offers.service_token import is_firm, is_service

# Parts that only items of ServiceListRS and SeatAvailabilityRS have.
_OF_SERVICES: Final = ("SelectedALaCarteOfferItem", "SelectedBundleServices", "SelectedSeat")


def read_selections(nodes: Iterable[Node]) -> tuple[Selection, ...]:
    """From SelectedOffer or SelectedPricedOffer elements. Raises Invalid: 476 for an item picked
    twice, 207 and 12 for what is not sold, 912 for what is missing.
    """
    return tuple(_selection(node) for node in nodes)


def _selection(node: Node) -> Selection:
    items = tuple(_item(each) for each in every(node, "SelectedOfferItem"))
    if not items:
        raise missing(node, "SelectedOfferItem")
    seen: set[str] = set()
    for item in items:
        again = item.item_id in seen
        if again and (is_firm(item.item_id) or not is_service(item.item_id)):
            raise Invalid(
                f"OfferItem {item.item_id[:80]} is selected twice.",
                code="476",
                path=f"{item.path}/OfferItemRefID",
                remedy="Select each item once, and name all its passengers there.",
            )
        seen.add(item.item_id)
    expected = find(node, "TotalOfferPriceAmount")  # OrderCreateRQ has room for it
    return Selection(
        get_text(node, "OfferRefID"),
        get_text(node, "OwnerCode"),
        items,
        path_of(node),
        None if expected is None else get_money(node, "TotalOfferPriceAmount"),
    )


def _item(node: Node) -> SelectedItem:
    passengers = texts(node, "PaxRefID")
    if not passengers:
        raise missing(node, "PaxRefID")
    item_id = get_text(node, "OfferItemRefID")
    if is_service(item_id):
        return _service(node, item_id, passengers)
    for name in _OF_SERVICES:
        found = find(node, name)
        if found is not None:
            raise Invalid(
                f"{name} stands in an item that is no service.",
                code="12",
                path=path_of(found),
                remedy="Pick services by the OfferItemIDs of ServiceListRS, and seats by those of "
                "SeatAvailabilityRS.",
            )
    return SelectedItem(item_id, passengers, path_of(node))


def _service(node: Node, item_id: str, passengers: tuple[str, ...]) -> SelectedItem:
    """How many for each passenger: one, where it is not said. A bundle is taken whole."""
    picked, seat = find(node, "SelectedALaCarteOfferItem"), _seat(find(node, "SelectedSeat"))
    parts = _parts(find(node, "SelectedBundleServices"))
    if picked is None:
        return SelectedItem(item_id, passengers, path_of(node), seat=seat, parts=parts)
    quantity = find_quantity(picked, "Qty")
    flights = find_at(picked, "OfferFlightAssociations", "PaxSegmentReferences")
    return SelectedItem(
        item_id,
        passengers,
        path_of(node),
        1 if quantity is None else quantity,
        len(texts(flights, "PaxSegmentRefID")),
        seat,
        parts=parts,
    )


def _parts(node: Node | None) -> tuple[str, ...] | None:
    """Products that a bundle's parts refer to; None where nothing is said of a bundle."""
    if node is None:
        return None
    return tuple(map(product_code, texts(node, "SelectedServiceDefinitionRefID")))


def _seat(node: Node | None) -> Seat | None:
    """Raises Invalid (257) for what is no seat."""
    if node is None:
        return None
    row, column = find_quantity(node, "SeatRowNumber"), get_text(node, "ColumnID")
    try:
        return Seat.parse(f"{row}{column}")
    except ValueError as wrong:
        raise Invalid(
            f"SelectedSeat: {wrong}.",
            code="257",
            path=path_of(node),
            remedy="Send SeatRowNumber and ColumnID of a seat in SeatAvailabilityRS.",
        ) from None


def services_of(selections: Iterable[Selection]) -> tuple[SelectedItem, ...]:
    """The items of ServiceList and SeatAvailability among what is picked, in whichever offer."""
    return tuple(item for each in selections for item in each.items if is_service(item.item_id))


def flights_of(selections: Iterable[Selection]) -> tuple[Selection, ...]:
    """The selections without services; one that had nothing else is gone."""
    found = []
    for each in selections:
        items = tuple(item for item in each.items if not is_service(item.item_id))
        if items:
            found.append(replace(each, items=items))
    return tuple(found)


def refuse_external(node: Node | None) -> None:
    """AcceptOrderItemList accepts offers that another system made; there are none here."""
    if node is not None:
        raise Invalid(
            "Only offers of this airline are accepted.",
            code="913",
            path=path_of(node),
            remedy="Select an offer from AirShoppingRS or OfferPriceRS by its OfferID.",
        )
