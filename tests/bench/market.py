"""What agents ask: seeded searches that differ from one another in route, days and party.

No two requests of a market are alike, so an answer that is kept from one helps no other as a
whole. `popular` draws from a few as people do: a route that is asked often is asked very often.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from ndc_oms.kit.requests import Pax, air_shopping
from ndc_oms.offers.search import Search
from ndc_oms.world.world import World

# Who travels, as often as it stands here.
PARTIES: Final = (
    *[(Pax("P1"),)] * 4,
    *[(Pax("P1"), Pax("P2"))] * 2,
    (Pax("P1"), Pax("P2"), Pax("P3", "CHD")),
    (Pax("P1"), Pax("P2", "INF", holder="P1")),
)
FIRST_DAY: Final = 14  # days from today
LAST_DAY: Final = 74
RICH: Final = 10  # journeys a day that a route needs to fill an answer of 200 offers


@dataclass
class Market:
    """Return trips on routes of many flights: what a shopping request costs is how much it finds.

    least: journeys a day on our own flights, out and back, of the routes that are asked for.
    last_day: of departures, days from today.
    """

    world: World
    today: date
    seed: int
    least: int = RICH
    last_day: int = LAST_DAY
    _routes: list[tuple[str, str]] = field(init=False)
    _asked: set[object] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        search, day = Search(self.world), self.today + timedelta(days=30)

        ours = self.world.airline.designator

        def many(origin: str, destination: str) -> int:
            found = search.journeys(origin, destination, day)
            journeys = (journey for each in found for journey in each.journeys)
            return sum(all(s.operator == ours for s in each.segments) for each in journeys)

        codes = sorted(self.world.airports)
        self._routes = [
            (a, b)
            for a in codes
            for b in codes
            if a != b and many(a, b) >= self.least and many(b, a) >= self.least
        ]

    @property
    def days(self) -> Iterator[date]:
        """Every day that a search may touch, connections overnight included."""
        for ahead in range(FIRST_DAY - 1, self.last_day + 16):
            yield self.today + timedelta(days=ahead)

    def search(self, limit: int) -> bytes:
        """An AirShoppingRQ unlike all before it. limit: of offers."""
        while True:
            origin, destination = self._random.choice(self._routes)
            out = self.today + timedelta(days=self._random.randint(FIRST_DAY, self.last_day))
            back = out + timedelta(days=self._random.randint(2, 14))
            party = self._random.randrange(len(PARTIES))
            asked = (origin, destination, out, back, len(PARTIES[party]), party, limit)
            if asked not in self._asked:
                self._asked.add(asked)
                bounds = ((origin, destination, out), (destination, origin, back))
                return air_shopping(bounds, PARTIES[party], limit=limit)

    def day_and_route(self) -> tuple[date, tuple[str, str]]:
        """For a search of one bound."""
        day = self.today + timedelta(days=self._random.randint(FIRST_DAY, self.last_day))
        return day, self._random.choice(self._routes)

    def searches(self, limit: int, number: int) -> list[bytes]:
        return [self.search(limit) for _ in range(number)]

    def popular(self, limit: int, among: int, number: int) -> list[bytes]:
        """Draws from `among` searches, the n-th as often as 1/n (Zipf)."""
        shelf = self.searches(limit, among)
        weights = [1 / rank for rank in range(1, among + 1)]
        return self._random.choices(shelf, weights, k=number)
