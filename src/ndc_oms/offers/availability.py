"""What can be sold, in memory: a projection of the PSS by day, kept fresh by its event feed.

A day is fetched when somebody first shops it, once however many ask; after that the feed keeps it.
The feed is read from where it stands when this process starts: what it said before is in the days
that are fetched. A day that was fetched before that place was known is fetched again, since what
the feed said in between is missed.
The PSS stays the authority: what is priced is checked there and what is created is held there.

Small by shape: one tuple of booking classes for all flights, and for each flight one byte a class
(the most that anybody can ask for is 9). 100 days of 320 flights and 12 classes take about 9 MB.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from sys import intern
from typing import Final

from ndc_oms.errors import Unavailable
from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.outcome import Confirmed, Outcome
from ndc_oms.ports.pss import PssEvent, Seats, SeatSource
from ndc_oms.world.controls import Controls

_MOST: Final = 255  # seats that a byte can say
_BATCH: Final = 500  # events a poll
_SILENCE: Final = timedelta(seconds=60)  # without a word of the feed a day is fetched again
_AGAIN: Final = timedelta(seconds=5)  # not sooner than this, when the PSS just failed
_RETRY_S: Final = 5
_KEPT_DAYS: Final = 400
_NO_FLIGHTS: Final[dict[FlightKey, bytes]] = {}


class Availability:
    """rbds: the classes on sale; counts stand in this order. What the PSS says of others is of no
    use here. change: takes what the feed tells of the schedule; changed: what it told before.
    """

    def __init__(
        self,
        pss: SeatSource,
        controls: Controls,
        clock: Clock,
        rbds: Iterable[str],
        *,
        change: Callable[[FlightChange], None] | None = None,
        changed: Callable[[], Awaitable[Outcome[tuple[FlightChange, ...]]]] | None = None,
    ) -> None:
        self.rbds = tuple(rbds)
        self.controls = controls
        self._pss = pss
        self._change = change
        self._changed_flights = changed
        self._clock = clock
        self._days: dict[date, dict[FlightKey, bytes]] = {}
        self._stamps: dict[date, int] = {}  # grows with every change of the day
        self._loaded: dict[date, datetime] = {}
        self._failed: dict[date, datetime] = {}
        self._fetching: dict[date, asyncio.Task[str]] = {}
        self._missed: dict[
            date, list[tuple[FlightKey, Seats]]
        ] = {}  # came while the day was being fetched
        self._heard: datetime | None = None
        self._cursor: int | None = None  # how far the feed was read
        self._changes = 0

    async def ensure(self, days: Iterable[date]) -> None:
        """Sees to it that the days are here; raises Unavailable 493 where the PSS does not say.

        A day that may be stale is served as it is, and fetched again meanwhile.
        """
        missing = [day for day in sorted(days) if not self._ready(day)]  # in one fixed order
        if not missing:
            return
        tasks = [self._fetch(day) for day in missing]
        # shielded: others may wait for the same fetch when this caller goes away
        reasons = await asyncio.gather(*(asyncio.shield(task) for task in tasks))
        for day, reason in zip(missing, reasons, strict=True):
            if reason:
                raise Unavailable(
                    f"Availability of {day} is not known now: {reason}.",
                    remedy=f"Send the request again in {_RETRY_S} seconds.",
                    retry_after_s=_RETRY_S,
                )

    def day(self, day: date) -> Mapping[FlightKey, bytes]:
        """The counts of every flight of a day; empty where the day is not here."""
        return self._days.get(day, _NO_FLIGHTS)

    def stamp(self, day: date) -> int:
        """Another number after every change of the day."""
        return self._stamps.get(day, 0)

    def seats(self, flight: FlightKey, channel: str = "") -> Seats:
        """Seats for sale by class, after all controls. Empty for a flight that is not here."""
        counts = self.day(flight.day).get(flight, b"")
        most = self.cap(flight.origin, flight.destination, flight.day, channel)
        return {rbd: min(many, most) for rbd, many in zip(self.rbds, counts, strict=False)}

    def cap(self, origin: str, destination: str, day: date, channel: str) -> int:
        """The most that the controls let be sold between two airports, whatever the PSS has."""
        if not self.controls.caps:
            return _MOST
        spare = _MOST + self.controls.safety_stock  # so that the stock, already off, counts once
        return self.controls.saleable(spare, channel, origin, destination, day)

    def counted(self, seats: Seats) -> bytes:
        """What the PSS says of a flight, less the safety stock, in the order of `rbds`."""
        stock = self.controls.safety_stock
        return bytes(min(max(seats.get(rbd, 0) - stock, 0), _MOST) for rbd in self.rbds)

    def refresh(self, flight: FlightKey, seats: Seats) -> None:
        """What the PSS just said of one flight."""
        day = self._days.get(flight.day)
        if day is None:
            return
        counts = self.counted(seats)
        if day.get(flight) != counts:
            day[flight] = counts
            self._changed(flight.day)

    def apply(self, event: PssEvent) -> None:
        """One line of the feed; what is about neither flights nor their seats is passed over."""
        if event.change is not None and self._change is not None:
            self._change(event.change)
            return
        if event.kind != "availability" or event.flight is None or event.seats is None:
            return
        if event.flight.day in self._fetching:
            self._missed.setdefault(event.flight.day, []).append((event.flight, event.seats))
        self.refresh(event.flight, event.seats)

    async def catch_up(self) -> bool:
        """Applies what the feed has by now; False where the PSS did not say."""
        if self._cursor is None and not await self._begin():
            return False
        while self._cursor is not None:
            found = await self._pss.events(self._cursor, _BATCH)
            if not isinstance(found, Confirmed):
                return False
            for event in found.value:
                self.apply(event)
                self._cursor = event.cursor
            self._heard = self._clock.now()
            if len(found.value) < _BATCH:
                break
        return True

    async def _begin(self) -> bool:
        """Where the feed stands now; False where the PSS did not say."""
        found = await self._pss.head()
        if not isinstance(found, Confirmed):
            return False
        if not await self._reschedule():
            return False
        if self._cursor is None:
            self._cursor = found.value
            self._loaded.clear()  # whoever shops a day next fetches it again
        return True

    async def _reschedule(self) -> bool:
        """Flights as they are now, before the feed is read on; False where the PSS did not say."""
        if self._changed_flights is None or self._change is None:
            return True
        found = await self._changed_flights()
        if not isinstance(found, Confirmed):
            return False
        for each in found.value:
            self._change(each)
        return True

    async def follow(self, interval_s: float = 0.5, patience_s: float = 5.0) -> None:
        """Keeps the projection fresh until it is cancelled."""
        while True:
            heard = await self.catch_up()
            await asyncio.sleep(interval_s if heard else patience_s)

    async def close(self) -> None:
        """Ends fetches that are under way."""
        tasks = list(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ready(self, day: date) -> bool:
        loaded = self._loaded.get(day)
        if loaded is None:
            return False
        now = self._clock.now()
        known = max(loaded, self._heard or loaded)
        if abs(now - known) > _SILENCE and abs(now - self._failed.get(day, loaded)) > _AGAIN:
            self._fetch(day)  # abs: the clock may have been set back
        return True

    def _fetch(self, day: date) -> "asyncio.Task[str]":
        task = self._fetching.get(day)
        if task is None:
            task = asyncio.create_task(self._load(day), name=f"availability of {day}")
            self._fetching[day] = task
        return task

    async def _load(self, day: date) -> str:
        """Why not, or the empty text."""
        try:
            while True:
                blind = self._cursor is None
                found = await self._pss.availability(day)
                if not isinstance(found, Confirmed):
                    self._failed[day] = self._clock.now()
                    return found.reason.rstrip(".")
                self._keep(day, found.value)
                if not blind or self._cursor is None:
                    return ""
                del self._loaded[day]  # the feed began meanwhile
        finally:
            del self._fetching[day]
            self._missed.pop(day, None)

    def _keep(self, day: date, found: Mapping[FlightKey, Seats]) -> None:
        # interned, since the same few hundred texts come again with every day
        self._days[day] = {
            FlightKey(
                intern(key.carrier), intern(key.number), day, intern(key.origin),
                intern(key.destination),
            ): self.counted(seats)
            for key, seats in found.items()
        }  # fmt: skip
        self._loaded[day] = self._clock.now()
        self._changed(day)
        for flight, seats in self._missed.pop(day, ()):
            self.refresh(flight, seats)
        while len(self._days) > _KEPT_DAYS:
            self._forget(min(self._days))

    def _forget(self, day: date) -> None:
        for kept in (self._days, self._loaded, self._failed, self._stamps):
            kept.pop(day, None)

    def _changed(self, day: date) -> None:
        self._changes += 1
        self._stamps[day] = self._changes
