"""Seats on partners' flights that bear our number, beside those of our own PSS.

Shopping and pricing see one source of seats. A partner that does not answer takes nobody else's
seats away: its flights are as if they were sold out until it answers again. Since partners send no
news, what is known of a day is asked for again after a while.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.partner import Partner
from ndc_oms.ports.pss import PssEvent, Seats, SeatSource
from ndc_oms.world.partners import PartnerTerms

FRESH: Final = timedelta(seconds=30)
CALL_S: Final = 3.0
_DAYS: Final = 60  # that are asked for again; the least recently shopped ones are left

log = structlog.get_logger(__name__)


class SharedSeats:
    """own: our PSS. partners: those that share codes with us."""

    def __init__(
        self,
        own: SeatSource,
        partners: Iterable[tuple[PartnerTerms, Partner]],
        clock: Clock,
    ) -> None:
        self._own = own
        self._partners = {terms.carrier: each for terms, each in partners if terms.code_share}
        self._clock = clock
        self._asked: dict[date, datetime] = {}

    async def availability(self, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        found, shared = await asyncio.gather(self._own.availability(day), self._shared(day))
        if not isinstance(found, Confirmed):
            return found
        self._asked.pop(day, None)
        self._asked[day] = self._clock.now()
        return Confirmed({**found.value, **shared})

    async def check(self, flights: Sequence[FlightKey]) -> Outcome[Mapping[FlightKey, Seats]]:
        """Unknown where one of the flights is a partner's that does not answer."""
        theirs = [key for key in flights if key.carrier in self._partners]
        own = [key for key in flights if key.carrier not in self._partners]
        found = await self._own.check(own) if own else Confirmed({})
        if not isinstance(found, Confirmed) or not theirs:
            return found
        seats = dict(found.value)
        for carrier, day in dict.fromkeys((key.carrier, key.day) for key in theirs):
            said = await self._say(carrier, day)
            if not isinstance(said, Confirmed):
                return Unknown(f"{carrier} does not say what it has: {said.reason}")
            seats |= {key: said.value[key] for key in theirs if key in said.value}
        return Confirmed(seats)

    async def head(self) -> Outcome[int]:
        return await self._own.head()

    async def events(self, after: int, limit: int) -> Outcome[tuple[PssEvent, ...]]:
        """The PSS's feed; behind it what partners have now, of one day that was not asked for
        lately, under the cursor that was reached.
        """
        found = await self._own.events(after, limit)
        stale = self._stale() if isinstance(found, Confirmed) else None
        if stale is None or not isinstance(found, Confirmed) or len(found.value) >= limit:
            return found
        cursor = found.value[-1].cursor if found.value else after
        shared = await self._shared(stale)
        news = tuple(PssEvent(cursor, "availability", key, seats) for key, seats in shared.items())
        return Confirmed((*found.value, *news))

    def _stale(self) -> date | None:
        """A day whose seats are to be asked for again; asked for from now on."""
        while len(self._asked) > _DAYS:
            del self._asked[next(iter(self._asked))]
        now = self._clock.now()
        for day, asked_at in self._asked.items():
            # also where the clock was set back since
            if self._partners and not timedelta(0) <= now - asked_at < FRESH:
                self._asked[day] = now
                return day
        return None

    async def _shared(self, day: date) -> dict[FlightKey, Seats]:
        """Of every partner that answers."""
        said = await asyncio.gather(*(self._say(carrier, day) for carrier in self._partners))
        seats: dict[FlightKey, Seats] = {}
        for each in said:
            if isinstance(each, Confirmed):
                seats |= each.value
        return seats

    async def _say(self, carrier: str, day: date) -> Outcome[Mapping[FlightKey, Seats]]:
        try:
            async with asyncio.timeout(CALL_S):
                said = await self._partners[carrier].seats(day)
        except TimeoutError:
            said = Unknown(f"no answer within {CALL_S:g} s")
        except Exception as bug:
            log.exception("a partner's adapter raised", carrier=carrier)
            said = Unknown(f"its adapter failed: {type(bug).__name__}")
        if not isinstance(said, Confirmed):
            log.warning("partner does not say its seats", carrier=carrier, reason=said.reason)
        return said
