"""Seats under our number on partners' flights, beside those of our own PSS."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from tests.houses import MovingClock, demo_world

from ndc_oms.model.journey import FlightKey
from ndc_oms.partners.seats import FRESH, SharedSeats
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.pss import PssEvent, Seats

DAY = date(2027, 2, 11)
OURS = FlightKey("T8", "828", DAY, "YYZ", "LHR")
THEIRS = FlightKey("XA", "101", DAY, "LHR", "NCL")
News = Outcome[Mapping[FlightKey, Seats]]


class Pss:
    """Ours: one flight; its feed has what was put in."""

    def __init__(self) -> None:
        self.feed: list[PssEvent] = []
        self.checked: list[Sequence[FlightKey]] = []

    async def availability(self, _day: date) -> News:
        return Confirmed({OURS: {"Y": 9}})

    async def check(self, flights: Sequence[FlightKey]) -> News:
        self.checked.append(flights)
        return Confirmed({OURS: {"Y": 8}})

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        return Confirmed(tuple(each for each in self.feed if each.cursor > after)[:limit])


class Partner:
    """Theirs: says what it is told to say, and how often it was asked."""

    def __init__(self) -> None:
        self.says: News = Confirmed({THEIRS: {"Y": 5}})
        self.asked = 0

    async def seats(self, _day: date) -> News:
        self.asked += 1
        return self.says


def shared(clock: MovingClock) -> tuple[SharedSeats, Pss, Partner]:
    pss, partner = Pss(), Partner()
    terms = demo_world().partners[0]
    seats = SharedSeats(pss, [(terms, partner)], clock)  # type: ignore[list-item]  # of a partner
    return seats, pss, partner


async def test_both_stand_in_one_answer() -> None:
    seats, _, _ = shared(MovingClock())
    assert await seats.availability(DAY) == Confirmed({OURS: {"Y": 9}, THEIRS: {"Y": 5}})


async def test_a_silent_partner_takes_only_its_own_flights_away() -> None:
    seats, _, partner = shared(MovingClock())
    partner.says = Unknown("no answer")
    assert await seats.availability(DAY) == Confirmed({OURS: {"Y": 9}})
    assert await seats.check([OURS]) == Confirmed({OURS: {"Y": 8}})
    assert isinstance(await seats.check([OURS, THEIRS]), Unknown)
    partner.says = Rejected("CLOSED", "for the night")
    assert isinstance(await seats.check([THEIRS]), Unknown)


async def test_each_is_asked_for_its_own() -> None:
    seats, pss, partner = shared(MovingClock())
    found = await seats.check([OURS, THEIRS])
    assert found == Confirmed({OURS: {"Y": 8}, THEIRS: {"Y": 5}})
    assert pss.checked == [[OURS]]
    await seats.check([THEIRS])
    assert len(pss.checked) == 1
    assert partner.asked == 2


async def test_what_is_known_of_a_day_is_asked_for_again_after_a_while() -> None:
    clock = MovingClock()
    seats, pss, partner = shared(clock)
    await seats.availability(DAY)
    pss.feed.append(PssEvent(7, "availability", OURS, {"Y": 1}))
    partner.says = Confirmed({THEIRS: {"Y": 2}})
    assert await seats.events(0, 10) == Confirmed(tuple(pss.feed))
    clock.advance(FRESH)
    news = await seats.events(0, 10)
    assert isinstance(news, Confirmed)
    assert [(e.cursor, e.flight) for e in news.value] == [(7, OURS), (7, THEIRS)]
    assert news.value[1].seats == {"Y": 2}
    assert await seats.events(7, 10) == Confirmed(())
    clock.advance(FRESH - timedelta(seconds=1))
    assert await seats.events(7, 10) == Confirmed(())
