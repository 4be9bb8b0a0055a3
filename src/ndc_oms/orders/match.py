"""The accepted items and passengers against the offer: all of it, each once, type by type."""

from collections.abc import Iterator, Mapping

from ndc_oms.errors import Expired, Invalid, Refusal
from ndc_oms.model.offer import Offer, OfferItem
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers.request import SelectedItem, Selection
from ndc_oms.orders.request import CreateRequest

_AGAIN = "Accept every item of the offer once, each for one passenger of its type."


def travellers(
    request: CreateRequest, offer: Offer, selection: Selection
) -> tuple[Mapping[str, Passenger], list[Refusal]]:
    """Who takes which item, by item id; refusals (914, 913) where it does not come out even."""
    party = {passenger.id: passenger for passenger in request.passengers}
    items = {item.id: item for item in offer.items}
    takers: dict[str, Passenger] = {}
    refusals: list[Refusal] = []
    for selected in selection.items:
        item = items.get(selected.item_id)
        if item is None:
            refusals.append(_unknown(selected))
            continue
        ids = selected.passenger_ids or (item.passenger.id,)
        taker = party.get(ids[0])
        wrong = _wrong_taker(item, ids, taker)
        if wrong or taker is None:
            refusals.append(Invalid(wrong, code="914", path=selected.path, remedy=_AGAIN))
        else:
            takers[item.id] = taker
    if not refusals:
        refusals = list(_uneven(request, offer, selection, takers))
    return takers, refusals


def _unknown(selected: SelectedItem) -> Refusal:
    return Expired(
        f"The offer has no item {selected.item_id}.",
        path=selected.path,
        remedy="Use the OfferItemIDs that came with the offer.",
    )


def _wrong_taker(item: OfferItem, ids: tuple[str, ...], taker: Passenger | None) -> str:
    if len(ids) > 1:
        return f"Item {item.id} is for one passenger, and {len(ids)} are named."
    if taker is None:
        return f"Item {item.id} is for passenger {ids[0]}, who is not in the passenger list."
    if taker.type is not item.passenger.type:
        return f"Item {item.id} is for a passenger of type {item.passenger.type}, not {taker.type}."
    return ""


def _uneven(
    request: CreateRequest, offer: Offer, selection: Selection, takers: Mapping[str, Passenger]
) -> Iterator[Refusal]:
    missing = [item.id for item in offer.items if item.id not in takers]
    if missing:
        yield Invalid(
            f"The offer is accepted as a whole; not accepted: {', '.join(missing)}.",
            code="914",
            path=selection.path,
            remedy=_AGAIN,
        )
        return
    for bound in range(len(offer.bounds)):
        takes = [takers[item.id].id for item in offer.items if item.bound_index == bound]
        for passenger in request.passengers:
            if takes.count(passenger.id) != 1:
                yield Invalid(
                    f"Passenger {passenger.id} takes {takes.count(passenger.id)} items of journey "
                    f"{bound + 1} instead of one.",
                    code="914",
                    path=request.passengers_path,
                    remedy=_AGAIN,
                )
