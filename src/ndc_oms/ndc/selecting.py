"""What a seller picks out of offers: OfferPriceRQ and OrderCreateRQ say it in the same words."""

from collections.abc import Iterable
from typing import Final

from ndc_oms.errors import Invalid
from ndc_oms.ndc.parts import Node, every, find, get_money, get_text, missing, path_of, texts
from ndc_oms.offers.request import SelectedItem, Selection

# Parts of an item that would change what is bought; ignoring one would sell something else.
_NOT_SOLD: Final = {
    "SelectedSeat": ("207", "Seats are not sold here."),
    "SelectedALaCarteOfferItem": ("12", "Services are not sold here."),
    "SelectedBundleServices": ("12", "Bundles are not sold here."),
}


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
        if item.item_id in seen:
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
    for name, (code, text) in _NOT_SOLD.items():
        found = find(node, name)
        if found is not None:
            raise Invalid(
                text, code=code, path=path_of(found), remedy=f"Send the item without {name}."
            )
    passengers = texts(node, "PaxRefID")
    if not passengers:
        raise missing(node, "PaxRefID")
    return SelectedItem(get_text(node, "OfferItemRefID"), passengers, path_of(node))


def refuse_external(node: Node | None) -> None:
    """AcceptOrderItemList accepts offers that another system made; there are none here."""
    if node is not None:
        raise Invalid(
            "Only offers of this airline are accepted.",
            code="913",
            path=path_of(node),
            remedy="Select an offer from AirShoppingRS or OfferPriceRS by its OfferID.",
        )
