"""One seed: who is there, what they do, what goes wrong meanwhile, and whether everything holds
when the storm is over. The seed decides all of it.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import structlog

from ndc_oms.kit.simulation.acts import live
from ndc_oms.kit.simulation.audit import audit
from ndc_oms.kit.simulation.ground import Ground
from ndc_oms.kit.simulation.house import House, SimulatedClock
from ndc_oms.kit.simulation.seller import Notes, SimulatedSeller
from ndc_oms.kit.simulation.timeline import Timeline
from ndc_oms.kit.simulation.trace import Trace
from ndc_oms.kit.simulation.weather import Fault

# Around changes of DST of both sides of the ocean and down under, a leap day, a turn of the year.
_STARTS: Final = (
    datetime(2027, 1, 12, 9, 0, tzinfo=UTC),
    datetime(2027, 3, 13, 23, 50, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 40, tzinfo=UTC),
    datetime(2027, 4, 3, 15, 30, tzinfo=UTC),
    datetime(2027, 10, 30, 23, 30, tzinfo=UTC),
    datetime(2027, 11, 7, 4, 45, tzinfo=UTC),
    datetime(2027, 12, 31, 22, 0, tzinfo=UTC),
    datetime(2028, 2, 28, 20, 0, tzinfo=UTC),
)
_RATES: Final = (0.0, 0.03, 0.1, 0.1, 0.25, 0.4)  # chance that a call meets a fault
_SELLERS: Final = (2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6)
_ACTS: Final = (0, 4)  # of a seller, beyond its first order
_STEPS: Final = (
    timedelta(seconds=-20),
    timedelta(seconds=-2),
    timedelta(seconds=40),
    timedelta(minutes=3),
    timedelta(minutes=26),
    timedelta(hours=1),
    timedelta(hours=7),
    timedelta(days=1),
    timedelta(days=3),
)
_PACES_S: Final = (0.4, 2.0, 8.0)  # between two things that nobody asked for
_ROUNDS: Final = 40  # of ten minutes, within which all must come to rest
_LANDED_S: Final = 150.0  # longer than anything can be on its way


@dataclass(frozen=True)
class Result:
    """findings: what does not hold; none: all is well. digest: of the trace."""

    seed: int
    findings: tuple[str, ...]
    digest: str
    tail: tuple[str, ...]
    acts: Counter[str]
    answers: Counter[str]
    faults: Counter[tuple[str, Fault]]
    orders: int
    deaths: int


def play(seed: int, ground: Ground) -> Result:
    """The same seed on the same ground gives the same result."""
    loop = Timeline(patient=ground.foreign)
    noise: list[Any] = []
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[_Listener(noise)])
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(_play(seed, ground, noise))
    finally:
        structlog.configure(processors=before)
        asyncio.set_event_loop(None)
        loop.close()


class _Listener:
    """Keeps what is logged as an error: whatever it is, it was not meant to happen."""

    def __init__(self, kept: list[Any]) -> None:
        self._kept = kept

    def __call__(self, _logger: Any, method: str, event: Any) -> Any:
        if method in ("error", "exception", "critical"):
            self._kept.append(event)
        raise structlog.DropEvent


async def _play(seed: int, ground: Ground, noise: list[Any]) -> Result:
    random = Random(seed)
    trace, notes = Trace(), Notes()
    clock = SimulatedClock(random.choice(_STARTS))
    house = House(ground, random, clock, trace)
    every: dict[str, str] = {}
    sellers = [
        SimulatedSeller(number, house, random, notes, every)
        for number in range(1, random.choice(_SELLERS) + 1)
    ]
    for _ in range(random.choice((1, 1, 2))):
        await house.start()
    house.weather.rate = random.choice(_RATES)
    sky = asyncio.ensure_future(_happen(house, random))
    lives = (live(seller, random.randint(*_ACTS)) for seller in sellers)
    await asyncio.gather(*lives)
    sky.cancel()
    await asyncio.wait({sky})
    await _settle(house, random)
    found = [*notes.findings, *(await audit(house, sellers))]
    found += [f"logged as an error: {each.get('event')}: {_cause(each)}" for each in noise]
    if not sky.cancelled() and sky.exception() is not None:
        raise AssertionError("the simulation itself failed") from sky.exception()
    orders = len(house.database.orders())
    await house.stop()
    await house.close()
    return Result(
        seed, tuple(found), trace.digest, tuple(trace.tail(400)), notes.acts, notes.answers,
        house.weather.met, orders, house.deaths,
    )  # fmt: skip


def _cause(event: Any) -> str:
    return repr(event.get("exc_info"))


async def _happen(house: House, random: Random) -> None:
    """What nobody asked for: clocks are set, processes die and start, the weather turns."""
    pace_s = random.choice(_PACES_S)
    while True:
        await asyncio.sleep(random.uniform(0.0, pace_s))
        pace_s *= 1.15  # so that a long seed does not drown in it
        what = random.choices(("clock", "death", "start", "weather"), (40, 25, 20, 15))[0]
        if what == "clock":
            house.set_clock(random.choice(_STEPS))
        elif what == "death" and house.running:
            await house.die()
            if not house.running or random.random() < 0.5:
                await asyncio.sleep(random.choice((0.0, 1.0, 6.0)))
                await house.start()
        elif what == "start" and len(house.running) < 3:
            await house.start()
        elif what == "weather":
            house.weather.rate = random.choice(_RATES)


async def _settle(house: House, random: Random) -> None:
    """The storm is over, all that is on its way lands, and what is due is done."""
    house.weather.rate = 0.0
    house.trace.add("weather", "is fine from now on")
    await asyncio.sleep(_LANDED_S)
    if not house.running:
        await house.start()
    await _rest(house)
    if random.random() < 0.5:  # what waits for its time comes to its end too
        house.set_clock(timedelta(days=5))
        await _rest(house)


async def _rest(house: House) -> None:
    for _ in range(_ROUNDS):
        now = house.clock.now()
        tasks = house.database.tasks()
        if all(task.due_at > now and not task.attempts for task in tasks):
            return
        if not await house.deliver_all():
            house.set_clock(timedelta(minutes=10))
