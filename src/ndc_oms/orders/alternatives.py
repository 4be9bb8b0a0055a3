"""Other flights for passengers whose own cannot be flown, by the world's rules: from where they
stand to where the bound ends, the nearest arrival first.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ndc_oms.fulfilment.deed import Alternative
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.journey import Journey
from ndc_oms.model.passenger import seats
from ndc_oms.offers.search import Search
from ndc_oms.orders.flown import Bound, Flying
from ndc_oms.ports.clock import Clock
from ndc_oms.world.servicing import AirlineChangeRule
from ndc_oms.world.world import World

_NOTICE: Final = timedelta(hours=1)  # nobody is put on a flight that leaves sooner
_MOST: Final = 24  # journeys of a bound that are looked at


class Alternatives:
    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._search = Search(world)

    @property
    def _rule(self) -> AirlineChangeRule:
        return self._world.servicing.airline_change

    def of(self, flying: Flying, bound: Bound, broken: int) -> Iterator[Alternative]:
        """broken: place of the first flight that is replaced. Flights behind it that can be kept
        are kept.
        """
        order, old = flying.order, _ours(flying, bound, broken)
        ticketed = order.ticketed
        party = tuple(each for each in order.passengers if each.id in bound.way.passenger_ids)
        for journey in self._journeys(flying, bound, broken):
            keys = [segment.key for segment in journey.segments]
            kept = {s.flight.key for s in old if s.flight.key in flying.alive}.intersection(keys)
            coming = [key for key in keys if key not in kept]
            leaving = [each for each in old if each.flight.key not in kept]
            if not coming or not leaving:
                continue  # the same flights, which cannot be flown
            if ticketed and len(coming) != len(leaving):
                continue  # documents are revalidated coupon by coupon
            models = [leaving[min(at, len(leaving) - 1)] for at in range(len(coming))]
            yield Alternative(
                tuple(each.flight.key for each in leaving),
                tuple(coming),
                tuple(self._classes(model) for model in models),
                seats(party),
            )

    def _classes(self, model: OrderSegment) -> tuple[str, ...]:
        """Its own first, then any of its cabin, the highest first: the airline pays for it."""
        cabin = [each.rbd for each in self._world.classes if each.cabin is model.cabin]
        return (model.rbd, *(rbd for rbd in cabin if rbd != model.rbd))

    def _journeys(self, flying: Flying, bound: Bound, broken: int) -> list[Journey]:
        ours = _ours(flying, bound, broken)
        first, last = ours[0].flight, ours[-1].flight
        following = bound.segments[broken + len(ours) :]
        then = flying.latest(following[0]) if following else None
        before = flying.latest(bound.segments[broken - 1]) if broken else None
        earliest = max(
            first.departure - timedelta(hours=self._rule.earlier_h), self._clock.now() + _NOTICE
        )
        latest = last.arrival + timedelta(hours=self._rule.later_h)
        found: list[Journey] = []
        day = earliest.astimezone(first.departure.tzinfo).date()
        while day <= latest.astimezone(first.departure.tzinfo).date():
            for each in self._search.journeys(first.origin, last.destination, day):
                found.extend(each.journeys)
            day += timedelta(days=1)
        fitting = [
            journey
            for journey in found
            if earliest <= journey.departure
            and journey.arrival <= latest
            and all(segment.operator == flying.order.owner for segment in journey.segments)
            and (before is None or flying.is_reached(before, journey.segments[0]))
            and (then is None or flying.is_reached(journey.segments[-1], then))
        ]
        fitting.sort(key=lambda j: (abs(j.arrival - last.arrival), len(j.segments), j.departure))
        return fitting[:_MOST]


def _ours(flying: Flying, bound: Bound, broken: int) -> tuple[OrderSegment, ...]:
    """From the first flight that is replaced to the end of the bound, or to a partner's flight,
    which stays.
    """
    rest = bound.segments[broken:]
    partners = (at for at, each in enumerate(rest) if flying.order.part_of(each.id) is not None)
    return rest[: max(next(partners, len(rest)), 1)]
