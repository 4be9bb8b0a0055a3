"""Chosen seats among picked items, checked against the map of the flight.

Whether somebody else has the seat already is for the PSS to say, which is asked to hold it.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from ndc_oms.errors import Invalid, NotAllowed, Unavailable
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.seat import Seat
from ndc_oms.offers.request import SelectedItem
from ndc_oms.offers.services import Flown
from ndc_oms.orders.show_seats import may_sit
from ndc_oms.world.seat_maps import CabinMap, MapSeat
from ndc_oms.world.services import CatalogueProduct

MapOf = Callable[[Flown], CabinMap | None]
_AGAIN: Final = "Send a SeatAvailability for the offer or order, and pick from its answer."


def seat_of(
    picked: SelectedItem,
    product: CatalogueProduct,
    flown: Flown,
    map_of: MapOf,
    party: Sequence[Passenger],
) -> MapSeat | None:
    """The seat that an item chooses; None of an item that is none.

    Raises Invalid 271 (one seat for several), 272 (no seat said), 256 (not there), 12 (a seat for
    what is none), NotAllowed 182 (not for this passenger).
    """
    if product.seat is None:
        if picked.seat is not None:
            raise _wrong("12", f"{product.product.name} is no seat.")
        return None
    if picked.seat is None:
        raise _wrong("272", f"{product.product.name} was picked, and no seat is said.")
    if len(picked.passenger_ids) != 1:
        raise _wrong("271", f"Seat {picked.seat} is picked for {len(picked.passenger_ids)}.")
    found = _on_map(picked.seat, product, flown, map_of)
    (passenger,) = (each for each in party if each.id == picked.passenger_ids[0])
    if not may_sit(passenger, party, found):
        raise NotAllowed(
            f"Seat {picked.seat} is in an exit row, where only those sit who can help others.",
            code="182",
            remedy="Choose another seat for children, and for who holds an infant.",
        )
    return found


def _on_map(seat: Seat, product: CatalogueProduct, flown: Flown, map_of: MapOf) -> MapSeat:
    cabin = map_of(flown)
    for each in cabin.seats if cabin else ():
        if each.seat == seat and each.zone is product.seat:
            return each
    flight = f"{flown.flight.carrier}{flown.flight.number}"
    raise _wrong("256", f"{flight} has no seat {seat} that {product.product.name} is for.")


def check_one_each(
    seat: Seat,
    passenger_id: str,
    flight: FlightKey,
    others: Collection[tuple[str, FlightKey, Seat]],
) -> None:
    """others: who sits where already. Raises Invalid (272) for a second seat of a passenger,
    Unavailable (281) for a seat that another passenger of the request or order has.
    """
    for who, where, which in others:
        if where == flight and who == passenger_id:
            raise _wrong("272", f"Passenger {who} has seat {which} on that flight already.")
        if where == flight and which == seat:
            raise Unavailable(
                f"Seat {seat} is passenger {who}'s already.", code="281", remedy=_AGAIN
            )


def _wrong(code: str, text: str) -> Invalid:
    return Invalid(text, code=code, remedy=_AGAIN)
