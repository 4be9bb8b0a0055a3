"""What the offer acts stand on, in a few lines each; the world is the demo airline's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, cast

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.price import Price
from ndc_oms.offers.quotes import Quotes
from ndc_oms.offers.recall import Recall
from ndc_oms.offers.request import BoundRequest, ShopRequest, ShopResult
from ndc_oms.offers.shop import Shop
from ndc_oms.offers.token import Tokens
from ndc_oms.ports.outcome import Confirmed, Outcome
from ndc_oms.ports.pss import Pss, PssEvent, Seats
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepOffer, Store
from ndc_oms.world.load import load
from ndc_oms.world.world import World

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
DAY = date(2027, 4, 14)  # a Wednesday
SELLER = Seller("91000000", "Demo Travel", "CAD")
OTHER = Seller("91000001", "Other Travel", "CAD")
ADULT = (Passenger("A", PassengerType.ADULT),)


@lru_cache(1)
def demo_world() -> World:
    return load(Path(__file__).parents[2] / "fixtures" / "airline")


def party(text: str) -> tuple[Passenger, ...]:
    """`ADT ADT INF` as passengers P1, P2, P3."""
    return tuple(Passenger(f"P{n}", PassengerType(t)) for n, t in enumerate(text.split(), 1))


@dataclass
class FakeClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> None:
        self.at += timedelta(**amount)


class FakeEntropy:
    def __init__(self) -> None:
        self._numbers = count(1)

    def token(self, alphabet: str, length: int) -> str:  # noqa: ARG002 — the port names it
        return f"{next(self._numbers):0{length}d}"


@dataclass
class FakePss:
    """Has the world's seeded seats, but where `seats` says otherwise."""

    seats: dict[FlightKey, dict[str, int]] = field(default_factory=dict)
    feed: list[PssEvent] = field(default_factory=list)
    instead: Outcome[Any] | None = None  # what it answers whatever it is asked
    fetched: list[date] = field(default_factory=list)
    name: str = "fake"

    async def availability(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        self.fetched.append(day)
        return self.instead or Confirmed({k: self._of(k) for k in demo_world().inventory.on(day)})

    async def check(self, flights: Sequence[FlightKey]) -> Outcome[Mapping[FlightKey, Seats]]:
        return self.instead or Confirmed({key: self._of(key) for key in flights})

    async def head(self) -> Outcome[int]:
        return self.instead or Confirmed(max((each.cursor for each in self.feed), default=0))

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        found = [event for event in self.feed if event.cursor > after]
        return self.instead or Confirmed(tuple(found[:limit]))

    def _of(self, key: FlightKey) -> Seats:
        return self.seats[key] if key in self.seats else seeded(key)


def seeded(key: FlightKey) -> dict[str, int]:
    """Seats left by class as a PSS with nested limits shows them."""
    left: dict[str, int] = {}
    for cabin in demo_world().inventory.cabins(key):
        sold = 0
        for rbd, limit in reversed(cabin.limits):
            sold += dict(cabin.sold)[rbd]
            left[rbd] = max(limit - sold, 0)
    return left


class FakeStore:
    def __init__(self) -> None:
        self.offers: dict[str, Offer] = {}

    async def write(self, unit: KeepOffer) -> None:
        self.offers[unit.offer.offer_id] = unit.offer

    async def find_offer(self, offer_id: str) -> Offer | None:
        return self.offers.get(offer_id)


class House:
    """The offer acts over the demo world and fakes."""

    def __init__(self, pss: FakePss | None = None) -> None:
        self.world = demo_world()
        self.pss = pss or FakePss()
        self.clock = FakeClock()
        self.store = FakeStore()
        self.tokens = Tokens(b"a secret of the tests alone", self.world.airline.designator)
        rbds = [each.rbd for each in self.world.classes]
        self.availability = Availability(cast(Pss, self.pss), self.world.controls, self.clock, rbds)
        self.quotes = Quotes(self.world, self.availability)
        self.shop = Shop(self.world, self.availability, self.tokens, self.clock, FakeEntropy())
        store = cast(Store, self.store)
        self.recall = Recall(self.world, self.tokens, store, self.clock)
        self.price = Price(
            world=self.world,
            recall=self.recall,
            availability=self.availability,
            pss=cast(Pss, self.pss),
            store=store,
            clock=self.clock,
            entropy=FakeEntropy(),
        )

    async def shopped(
        self,
        *bounds: BoundRequest,
        party: Iterable[Passenger] = ADULT,
        currency: str | None = None,
        limit: int | None = None,
        seller: Seller = SELLER,
    ) -> ShopResult:
        request = ShopRequest(bounds, tuple(party), currency, limit)
        return await self.shop(request, seller)


def bound(origin: str, destination: str, day: date = DAY, **more: Any) -> BoundRequest:
    return BoundRequest(origin, destination, day, **more)
