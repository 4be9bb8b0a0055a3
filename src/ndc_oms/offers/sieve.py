"""What of a bound's quotes is an answer to what was asked, and what meets every preference."""

from collections.abc import Sequence

from ndc_oms.model.journey import Journey
from ndc_oms.model.offer import PricedBound
from ndc_oms.offers.flight_wishes import Connections
from ndc_oms.offers.quotes import Quote
from ndc_oms.offers.request import BoundRequest
from ndc_oms.offers.wishes import Level, Wish


class Sieve:
    """For one bound of one request. flights, fares: the wishes that leave something out."""

    def __init__(self, bound: BoundRequest, fares: Sequence[Wish[PricedBound]]) -> None:
        self._cabins = frozenset(bound.cabins) if bound.cabin_required else None
        most = bound.max_connections
        of_flights: list[Wish[Journey]] = list(bound.wishes)
        if most is not None:
            of_flights.insert(0, Wish(Connections(most), Level.REQUIRED))
        self.flights = tuple(w for w in of_flights if w.level is not Level.PREFERRED)
        self.fares = tuple(w for w in fares if w.level is not Level.PREFERRED)
        self._preferred = tuple(w for w in of_flights if w.level is Level.PREFERRED)
        self._preferred_fares = tuple(w for w in fares if w.level is Level.PREFERRED)
        self._admitted: dict[int, bool] = {}
        self._missed: dict[int, int] = {}

    @property
    def prefers(self) -> bool:
        return bool(self._preferred or self._preferred_fares)

    def in_cabin(self, quote: Quote) -> bool:
        return self._cabins is None or quote.bound.family.cabin in self._cabins

    def admits(self, quote: Quote) -> bool:
        if not self.in_cabin(quote):
            return False
        if self.flights and not self._flown(quote.bound.journey):
            return False
        return all(wish.admits(quote.bound) for wish in self.fares)

    def _flown(self, journey: Journey) -> bool:
        """Worked out once a journey: it is in a quote for each family."""
        known = self._admitted.get(id(journey))
        if known is None:
            known = all(wish.admits(journey) for wish in self.flights)
            self._admitted[id(journey)] = known
        return known

    def misses(self, quote: Quote) -> int:
        """Preferences that a quote does not meet."""
        journey = quote.bound.journey
        known = self._missed.get(id(journey))
        if known is None:
            known = sum(not wish.feature.meets(journey) for wish in self._preferred)
            self._missed[id(journey)] = known
        return known + sum(not w.feature.meets(quote.bound) for w in self._preferred_fares)
