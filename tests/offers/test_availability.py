"""The projection: fetched once, kept by the feed, honest about what it does not know."""

import asyncio
from datetime import date, timedelta
from typing import cast

import pytest
from tests.offers.offer_fakes import DAY, FakeClock

from ndc_oms.errors import Unavailable
from ndc_oms.model.journey import FlightKey
from ndc_oms.offers.availability import Availability
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.pss import Pss, PssEvent, Seats
from ndc_oms.world.controls import Cap, Controls

KEY = FlightKey("T8", "1", DAY, "YYZ", "LHR")
RBDS = ("J", "Y", "K")


class OneFlight:
    """A PSS with one flight a day; `gate` lets a fetch wait."""

    def __init__(self) -> None:
        self.left = {"J": 4, "Y": 300, "K": 5, "X": 9}
        self.answer: Outcome[None] | None = None
        self.fetches = 0
        self.feed: list[PssEvent] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.head_is_told = True

    async def head(self) -> Outcome[int]:
        if not self.head_is_told:
            return Unknown("timed out")
        return Confirmed(max((each.cursor for each in self.feed), default=0))

    async def availability(self, day: date) -> Outcome[dict[FlightKey, Seats]]:
        self.fetches += 1
        left = dict(self.left)
        await self.gate.wait()
        if isinstance(self.answer, Unknown | Rejected):
            return self.answer
        return Confirmed({KEY._replace(day=day): left})

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        return Confirmed(tuple(e for e in self.feed if e.cursor > after)[:limit])


def controls(stock: int = 0, *caps: Cap) -> Controls:
    return Controls(1800, 1500, 9, 6, stock, caps)


@pytest.fixture
def pss() -> OneFlight:
    return OneFlight()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def over(pss: OneFlight, clock: FakeClock, rules: Controls | None = None) -> Availability:
    return Availability(cast(Pss, pss), rules or controls(), clock, RBDS)


def event(cursor: int, key: FlightKey = KEY, **seats: int) -> PssEvent:
    return PssEvent(cursor, "availability", key, seats)


async def test_a_day_is_fetched_once_however_many_ask(pss: OneFlight, clock: FakeClock) -> None:
    known = over(pss, clock)
    pss.gate.clear()
    asking = [asyncio.create_task(known.ensure([DAY])) for _ in range(8)]
    await asyncio.sleep(0)
    asking[0].cancel()
    pss.gate.set()
    await asyncio.gather(*asking, return_exceptions=True)
    await known.ensure([DAY])
    assert pss.fetches == 1
    assert known.seats(KEY) == {"J": 4, "Y": 255, "K": 5}


async def test_safety_stock_and_caps(pss: OneFlight, clock: FakeClock) -> None:
    rules = controls(
        2,
        Cap("meta", "*", "*", None, None, 3),
        Cap("*", "YYZ", "*", DAY + timedelta(days=1), None, 1),
    )
    known = over(pss, clock, rules)
    await known.ensure([DAY, DAY + timedelta(days=1)])
    assert known.seats(KEY) == {"J": 2, "Y": 255, "K": 3}
    assert known.seats(KEY, "meta") == {"J": 2, "Y": 3, "K": 3}
    assert known.seats(KEY._replace(day=DAY + timedelta(days=1))) == {"J": 1, "Y": 1, "K": 1}


@pytest.mark.parametrize("answer", [Unknown("timed out"), Rejected("DOWN", "maintenance.")])
async def test_what_the_pss_does_not_say_is_refused_and_asked_again(
    pss: OneFlight, clock: FakeClock, answer: Outcome[None]
) -> None:
    known = over(pss, clock)
    pss.answer = answer
    with pytest.raises(Unavailable, match=r"timed out|maintenance") as caught:
        await known.ensure([DAY])
    assert caught.value.code == "493"
    assert caught.value.retry_after_s
    pss.answer = None
    await known.ensure([DAY])
    assert known.seats(KEY)["K"] == 5


async def test_the_feed_changes_days_that_are_here(pss: OneFlight, clock: FakeClock) -> None:
    known = over(pss, clock)
    elsewhere = KEY._replace(day=DAY + timedelta(days=9))
    assert await known.catch_up()
    await known.ensure([DAY])
    stamp = known.stamp(DAY)
    pss.feed = [event(1, J=4, Y=300, K=5), event(2, elsewhere, Y=1), PssEvent(3, "coupon")]
    assert await known.catch_up()
    assert known.stamp(DAY) == stamp  # nothing new was said of it
    pss.feed.append(event(7, J=4, Y=2, K=0))
    assert await known.catch_up()
    assert known.seats(KEY) == {"J": 4, "Y": 2, "K": 0}
    assert known.stamp(DAY) != stamp
    assert known.seats(elsewhere) == {}


async def test_the_feed_is_read_from_its_head(pss: OneFlight, clock: FakeClock) -> None:
    """What was said before this process started is in the days that it fetches."""
    pss.feed = [event(at, Y=at) for at in range(1, 1500)]
    asked: list[int] = []
    events = pss.events

    async def counted(after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        asked.append(after)
        return await events(after, limit)

    pss.events = counted  # type: ignore[method-assign]  # listens in
    known = over(pss, clock)
    assert await known.catch_up()
    assert asked == [1499]
    await known.ensure([DAY])
    assert known.seats(KEY)["Y"] == 255
    pss.feed.append(event(1500, Y=1))
    assert await known.catch_up()
    assert known.seats(KEY)["Y"] == 1


async def test_what_changed_before_the_feed_was_found_is_not_missed(
    pss: OneFlight, clock: FakeClock
) -> None:
    pss.head_is_told = False
    known = over(pss, clock)
    assert not await known.catch_up()
    await known.ensure([DAY])  # sold all the same
    pss.left = {"Y": 2}
    pss.feed.append(event(1, Y=2))
    pss.head_is_told = True
    assert await known.catch_up()  # begins behind that event
    await known.ensure([DAY])
    assert known.seats(KEY)["Y"] == 2
    assert pss.fetches == 2


async def test_a_feed_that_is_found_during_a_fetch(pss: OneFlight, clock: FakeClock) -> None:
    known = over(pss, clock)
    pss.gate.clear()
    asking = asyncio.create_task(known.ensure([DAY]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    pss.left = {"Y": 2}  # after the fetch has looked
    pss.feed.append(event(1, Y=2))
    assert await known.catch_up()
    pss.gate.set()
    await asking
    assert known.seats(KEY)["Y"] == 2
    assert pss.fetches == 2


async def test_a_clock_that_is_set_back_makes_nothing_stale_for_longer(
    pss: OneFlight, clock: FakeClock
) -> None:
    known = over(pss, clock)
    await known.catch_up()
    await known.ensure([DAY])
    clock.advance(seconds=-3600)
    pss.left = {"Y": 1}
    await known.ensure([DAY])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert known.seats(KEY)["Y"] == 1


async def test_an_event_during_the_fetch_is_not_lost(pss: OneFlight, clock: FakeClock) -> None:
    known = over(pss, clock)
    pss.gate.clear()
    asking = asyncio.create_task(known.ensure([DAY]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    known.apply(event(1, Y=1))
    pss.gate.set()
    await asking
    assert known.seats(KEY) == {"J": 0, "Y": 1, "K": 0}


async def test_a_silent_feed_makes_a_day_fetched_again_behind_the_scenes(
    pss: OneFlight, clock: FakeClock
) -> None:
    known = over(pss, clock)
    await known.catch_up()
    await known.ensure([DAY])
    clock.advance(seconds=61)
    pss.left = {"Y": 1}
    await known.ensure([DAY])
    assert known.seats(KEY)["Y"] == 255  # nobody waits for it
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert known.seats(KEY)["Y"] == 1
    clock.advance(seconds=61)
    await known.catch_up()
    await known.ensure([DAY])
    assert pss.fetches == 2  # the feed was heard just now
    await known.close()


async def test_following_goes_on_until_cancelled(pss: OneFlight, clock: FakeClock) -> None:
    known = over(pss, clock)
    await known.ensure([DAY])
    following = asyncio.create_task(known.follow(interval_s=0.001))
    await asyncio.sleep(0)
    pss.feed.append(event(1, Y=3))
    while known.seats(KEY)["Y"] != 3:
        await asyncio.sleep(0.001)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_close_ends_a_fetch_under_way(pss: OneFlight, clock: FakeClock) -> None:
    known = over(pss, clock)
    pss.gate.clear()
    asking = asyncio.create_task(known.ensure([DAY]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await known.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_flight_takes_few_bytes(pss: OneFlight, clock: FakeClock) -> None:
    known = over(pss, clock)
    await known.ensure([DAY])
    assert known.day(DAY)[KEY] == bytes([4, 255, 5])
