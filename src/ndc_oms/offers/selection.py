"""What a sender picks: exactly one offer, one of ours, each of its items once."""

from collections.abc import Sequence

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
