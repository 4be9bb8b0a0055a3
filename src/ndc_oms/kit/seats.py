"""Composes and reads what is about seats: SeatAvailability; picking is as of services."""

from dataclasses import dataclass

from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.requests import Sender, element, envelope

DEMO = Sender()


def seats_for_offer(offer_id: str, *, sender: Sender = DEMO) -> bytes:
    """IATA_SeatAvailabilityRQ for the flights of an offer."""
    named = element("OfferID", offer_id) + element("OwnerCode", sender.carrier)
    return _asked(f"<OfferRequest><Offer>{named}</Offer></OfferRequest>", sender)


def seats_for_order(order_id: str, *, sender: Sender = DEMO) -> bytes:
    """IATA_SeatAvailabilityRQ for the flights of an order."""
    named = element("OrderID", order_id) + element("OwnerCode", sender.carrier)
    return _asked(f"<OrderRequest><Order>{named}</Order></OrderRequest>", sender)


def _asked(core: str, sender: Sender) -> bytes:
    core = f"<SeatAvailCoreRequest>{core}</SeatAvailCoreRequest>"
    return envelope("IATA_SeatAvailabilityRQ", core, sender, None)


@dataclass(frozen=True, slots=True)
class SeatSummary:
    """One seat of a map. items: OfferItemIDs under which it is sold; traits: PADIS 9825 codes."""

    segment: str
    name: str
    free: bool
    items: tuple[str, ...]
    traits: tuple[str, ...]


def seats_of(reply: Reply) -> tuple[SeatSummary, ...]:
    """Every seat of a SeatAvailabilityRS; raises ValueError where it has errors instead."""
    if reply.errors:
        raise ValueError(f"no seats, but {reply.errors}")
    return tuple(
        SeatSummary(
            child_text(each, "PaxSegmentRefID"),
            f"{child_text(seat, 'RowNumber')}{child_text(seat, 'ColumnID')}",
            child_text(seat, "OccupationStatusCode") == "F",
            tuple(item.text or "" for item in find_all(seat, "OfferItemRefID")),
            tuple(code.text or "" for code in find_all(seat, "SeatCharacteristicCode")),
        )
        for each in reply.all("Response/SeatMap")
        for seat in find_all(each, "CabinCompartment/SeatRow/Seat")
    )
