"""Other seats for those that a change by the airline took, as alike as there are: of the same zone
(free of charge, since it was paid for), the same seat where it is free, together in one row where
that can be had, by the window or the aisle as before, near the old row. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ndc_oms.model.events import NewSeat
from ndc_oms.model.items import AncillaryItem, OrderSegment
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.seat import Seat, Trait
from ndc_oms.offers.services import Flown
from ndc_oms.orders.chosen_seats import MapOf
from ndc_oms.orders.show_seats import may_sit
from ndc_oms.world.seat_maps import CabinMap, MapSeat, Zone
from ndc_oms.world.services import Catalogue

_LIKE: Final = frozenset({Trait.WINDOW, Trait.AISLE, Trait.BULKHEAD, Trait.BASSINET})
Found = dict[str, MapSeat]  # by item


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An item with the seat that it had. old: its seat."""

    item: AncillaryItem
    zone: Zone
    old: Seat


@dataclass(frozen=True, slots=True)
class Reseats:
    """taken: seats that others have, by flight. catalogue: says of which zone a product is."""

    catalogue: Catalogue
    map_of: MapOf

    def of(
        self,
        order: Order,
        items: Sequence[AncillaryItem],
        taken: Mapping[FlightKey, frozenset[Seat]],
    ) -> tuple[NewSeat, ...]:
        """What was found; an item that is not in it finds none."""
        found: Found = {}
        for segment in order.segments:
            here = [
                each for each in items if any(s.segment_id == segment.id for s in each.services)
            ]
            if here:
                free = taken.get(segment.flight.key)
                found |= self._on(order, segment, here, free) if free is not None else {}
        return tuple(NewSeat(item_id, each.seat, each.traits) for item_id, each in found.items())

    def _on(
        self,
        order: Order,
        segment: OrderSegment,
        items: Sequence[AncillaryItem],
        taken: frozenset[Seat],
    ) -> Found:
        cabin = self.map_of(
            Flown(segment.id, segment.flight, segment.cabin, None, segment.bound_index)
        )
        wanted = [
            _Wanted(each, self._zone(each), each.seat) for each in items if each.seat is not None
        ]
        if cabin is None or not wanted:
            return {}
        room = _Room(order, cabin, taken)
        return room.as_before(wanted) or room.together(wanted) or room.one_by_one(wanted)

    def _zone(self, item: AncillaryItem) -> Zone:
        product = self.catalogue.find(item.product.code)
        return (product.seat if product else None) or Zone.STANDARD


@dataclass(frozen=True, slots=True)
class _Room:
    order: Order
    cabin: CabinMap
    taken: frozenset[Seat]

    def as_before(self, wanted: Sequence[_Wanted]) -> Found:
        """Everybody in the seat of the same name; nothing where one cannot have it."""
        by_name = {each.seat: each for each in self.cabin.seats}
        found = {
            each.item.id: by_name[each.old]
            for each in wanted
            if each.old in by_name and self._fits(each, by_name[each.old])
        }
        return found if len(found) == len(wanted) else {}

    def together(self, wanted: Sequence[_Wanted]) -> Found:
        """Side by side, in the order in which they sat; nothing for one alone."""
        sitting = sorted(wanted, key=lambda each: (each.old.row, each.old.column))
        best: tuple[tuple[int, int], Found] | None = None
        for window in self._windows(len(sitting)) if len(sitting) > 1 else ():
            pairs = list(zip(sitting, window, strict=True))
            if all(self._fits(each, seat) for each, seat in pairs):
                cost = sum(_unlike(each, seat)[0] for each, seat in pairs)
                far = sum(_unlike(each, seat)[1] for each, seat in pairs)
                if best is None or (cost, far) < best[0]:
                    best = (cost, far), {each.item.id: seat for each, seat in pairs}
        return best[1] if best else {}

    def one_by_one(self, wanted: Sequence[_Wanted]) -> Found:
        found: Found = {}
        for each in wanted:
            fit = [
                seat
                for seat in self.cabin.seats
                if self._fits(each, seat) and seat not in found.values()
            ]
            if fit:
                found[each.item.id] = min(
                    fit, key=lambda seat: (_unlike(each, seat), seat.seat)
                )  # called at once
        return found

    def _windows(self, count: int) -> Iterator[Sequence[MapSeat]]:
        """So many seats of one row with nobody between them."""
        place = {column: at for at, column in enumerate(self.cabin.columns)}
        for _, row in self.cabin.rows():
            for at in range(len(row) - count + 1):
                window = row[at : at + count]
                places = [place[each.seat.column] for each in window]
                if all(b - a == 1 for a, b in pairwise(places)):
                    yield window

    def _fits(self, wanted: _Wanted, seat: MapSeat) -> bool:
        who = next(p for p in self.order.passengers if p.id == wanted.item.passenger_id)
        free = seat.zone is wanted.zone and seat.seat not in self.taken
        return free and may_sit(who, self.order.passengers, seat)


def _unlike(wanted: _Wanted, seat: MapSeat) -> tuple[int, int]:
    """How many of the traits that were liked it lacks; how many rows it is away."""
    liked = _LIKE.intersection(wanted.item.traits)
    return len(liked.difference(seat.traits)), abs(seat.seat.row - wanted.old.row)
