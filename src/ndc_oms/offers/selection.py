"""What a sender picks: exactly one offer, one of ours, each of its items once."""

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType

from ndc_oms.errors import Conflict, Expired, Invalid
from ndc_oms.model.money import Money
from ndc_oms.offers.request import Selection


def one_selection(selections: Sequence[Selection], owner: str) -> Selection:
    """Raises Invalid (912) for several or none, Expired (913) for another airline's, Conflict
    (476) for an item that is picked twice. owner: our designator.
    """
    if len(selections) != 1:
        raise Invalid(
            f"{len(selections)} offers are named; one is priced or ordered at a time.",
            path=selections[1].path if selections else "",
            remedy="Send a message for each offer, or shop for the whole trip at once.",
        )
    selection = selections[0]
    if selection.owner != owner:
        raise Expired(
            f"The offer is said to be of {selection.owner}; offers here are of {owner}.",
            path=selection.path,
            remedy="Send the OwnerCode that stood beside the OfferID.",
        )
    seen: set[str] = set()
    for item in selection.items:
        if item.item_id in seen:
            raise Conflict(
                f"Item {item.item_id} is picked twice.",
                path=item.path,
                remedy="Pick every item of the offer once, each for one passenger of its type.",
            )
        seen.add(item.item_id)
    return selection


def check_whole(
    selection: Selection,
    wanted: Mapping[str, str],
    *,
    optional: Mapping[str, str] = MappingProxyType({}),
    free: Container[str] = (),
    what: str = "The offer",
) -> None:
    """Every wanted item is selected, for its passenger. wanted, optional: passengers by item. free:
    items that may be selected for anybody. what: begins the sentence that says what is missing.
    Raises Invalid (914), Expired (913) for an item that the offer does not have.
    """
    for item in selection.items:
        if item.item_id in free:
            continue
        passenger = wanted.get(item.item_id) or optional.get(item.item_id)
        if passenger is None:
            raise Expired(
                f"The offer has no item {item.item_id[:80]}.",
                path=item.path,
                remedy="Use the OfferItemIDs that came with the offer.",
            )
        if item.passenger_ids != (passenger,):
            raise Invalid(
                f"Item {item.item_id} is for passenger {passenger}.",
                code="914",
                path=item.path,
                remedy="Select each item for the passenger that it was offered for.",
            )
    missing = wanted.keys() - {item.item_id for item in selection.items}
    if missing:
        raise Invalid(
            f"{what} is accepted whole; not selected: {', '.join(sorted(missing))}.",
            code="914",
            path=selection.path,
            remedy="Select every added item of the offer.",
        )


def check_total(selection: Selection, total: Money) -> None:
    """That the sender expects to pay what it costs. Raises Invalid: 727 for another currency, 729
    for another amount.
    """
    expected = selection.total
    if expected is None or expected == total:
        return
    other = expected.currency != total.currency
    raise Invalid(
        f"The offer costs {total}, and {expected} is expected.",
        code="727" if other else "729",
        path=f"{selection.path}/TotalOfferPriceAmount",
        remedy="Send the TotalAmount of the offer as it was stated last, or leave it out.",
    )
