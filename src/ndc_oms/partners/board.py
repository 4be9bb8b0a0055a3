"""Asking partners what they have: together, within a time, and never at the cost of our own offers.

A search waits for each partner no longer than its budget. What comes later is not lost: it is kept
for the next search that asks the same, as is what came in time. Equal questions under way are one.
A partner that failed several times in a row rests for a while; a search then goes on without it
at once. Silence has a reason, which goes to whoever asks why there is so little.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from ndc_oms.ports.clock import Clock
from ndc_oms.ports.outcome import Confirmed, Outcome, Unknown
from ndc_oms.ports.partner import Partner, PartnerOffer, Seek
from ndc_oms.world.partners import PartnerTerms

CALL_S: Final = 10.0  # a search that nobody waits for any more ends then
AT_ONCE: Final = 32  # searches under way at one partner; more are not sent
FAILURES: Final = 3  # in a row; then the partner rests
REST: Final = timedelta(seconds=5)
LEAST_LEFT: Final = timedelta(seconds=60)  # an offer that expires sooner is not shown
_KEPT: Final = 2048  # answers of all partners

log = structlog.get_logger(__name__)

Offers = tuple[PartnerOffer, ...]
Question = tuple[str, Seek]  # a partner by name, and what it is asked


@dataclass(frozen=True, slots=True)
class Silence:
    """A partner that did not say what it has, and why."""

    partner: str
    reason: str

    @property
    def text(self) -> str:
        """For a seller: which offers are missing, and why."""
        return f"Flights of partner {self.partner} are missing: {self.reason}."


@dataclass(frozen=True, slots=True)
class Answers:
    """What the partners said in time."""

    offers: Mapping[Question, Offers]
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    offers: Offers
    came_at: datetime


@dataclass(slots=True)
class _Side:
    """One partner as this process knows it."""

    partner: Partner
    terms: PartnerTerms
    failures: int = 0
    rests_until: datetime | None = None
    under_way: dict[Seek, "asyncio.Task[Outcome[Offers]]"] = field(default_factory=dict)


class Board:
    """Every partner of a house. Iterated: partner, how searches ended, how many, for metrics."""

    def __init__(
        self,
        partners: Iterable[tuple[PartnerTerms, Partner]],
        clock: Clock,
    ) -> None:
        self._sides = {terms.name: _Side(partner, terms) for terms, partner in partners}
        self._clock = clock
        self._kept: dict[Question, _Kept] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        for (partner, outcome), count in sorted(self._counts.items()):
            yield partner, outcome, count

    @property
    def terms(self) -> tuple[PartnerTerms, ...]:
        return tuple(side.terms for side in self._sides.values())

    def partner(self, name: str) -> Partner:
        """Raises KeyError."""
        return self._sides[name].partner

    async def search(self, questions: Iterable[Question]) -> Answers:
        """Every question answered, or its partner's silence explained once."""
        asked = tuple(dict.fromkeys(questions))
        found = await asyncio.gather(*(self._answer(*each) for each in asked))
        offers: dict[Question, Offers] = {}
        silences: dict[str, Silence] = {}
        for question, outcome in zip(asked, found, strict=True):
            if isinstance(outcome, Confirmed):
                offers[question] = outcome.value
            else:
                name = question[0]
                silences.setdefault(name, Silence(name, outcome.reason.rstrip(".")))
        return Answers(offers, tuple(silences.values()))

    async def price(self, name: str, seek: Seek, offer: PartnerOffer) -> Outcome[PartnerOffer]:
        """The offer, firm; Unknown where the partner does not answer within a call's time."""
        side = self._sides.get(name)
        if side is None:
            return Unknown("it is not connected")
        try:
            async with asyncio.timeout(CALL_S):
                return await side.partner.price(seek, offer)
        except TimeoutError:
            return Unknown(f"no answer within {CALL_S:g} s")
        except Exception as bug:
            log.exception("a partner's adapter raised", partner=name)
            return Unknown(f"its adapter failed: {type(bug).__name__}")

    async def close(self) -> None:
        """Ends searches that are under way, and the partners."""
        tasks = [task for side in self._sides.values() for task in side.under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for side in self._sides.values():
            await side.partner.close()

    async def _answer(self, name: str, seek: Seek) -> Outcome[Offers]:
        side = self._sides.get(name)
        if side is None:
            return Unknown("it is not connected")
        kept = self._fresh((name, seek))
        if kept is not None:
            self._counts[name, "kept"] += 1
            return Confirmed(kept)
        task = side.under_way.get(seek) or self._ask(side, seek)
        if isinstance(task, str):
            self._counts[name, "spared"] += 1
            return Unknown(task)
        # not cancelled when the time is over: others may wait, and its answer is kept
        done, _ = await asyncio.wait({task}, timeout=side.terms.budget_s)
        if not done:
            self._counts[name, "late"] += 1
            return Unknown(f"no answer within {side.terms.budget_s:g} s")
        outcome = task.result()
        self._counts[name, "answered" if isinstance(outcome, Confirmed) else "failed"] += 1
        return outcome

    def _ask(self, side: _Side, seek: Seek) -> "asyncio.Task[Outcome[Offers]] | str":
        """The search, begun; or why it is not."""
        if side.rests_until is not None and self._clock.now() < side.rests_until:
            return "it failed several times and is not asked for some seconds"
        if len(side.under_way) >= AT_ONCE:
            return "it is asked too much at this moment"
        task = asyncio.create_task(self._call(side, seek), name=f"search at {side.terms.name}")
        side.under_way[seek] = task
        return task

    async def _call(self, side: _Side, seek: Seek) -> Outcome[Offers]:
        name = side.terms.name
        try:
            async with asyncio.timeout(CALL_S):
                outcome = await side.partner.search(seek)
        except TimeoutError:
            outcome = Unknown(f"no answer within {CALL_S:g} s")
        except Exception as bug:
            log.exception("a partner's adapter raised", partner=name)
            outcome = Unknown(f"its adapter failed: {type(bug).__name__}")
        finally:
            side.under_way.pop(seek, None)
        if isinstance(outcome, Confirmed):
            side.failures = 0
            self._keep((name, seek), outcome.value, side.terms.keep_s)
        else:
            self._failed(side, outcome.reason)
        return outcome

    def _failed(self, side: _Side, reason: str) -> None:
        side.failures += 1
        log.warning("partner did not answer a search", partner=side.terms.name, reason=reason)
        if side.failures >= FAILURES:
            side.failures = FAILURES - 1  # after the rest one failure more is enough
            side.rests_until = self._clock.now() + REST

    def _keep(self, question: Question, offers: Offers, keep_s: float) -> None:
        self._kept.pop(question, None)
        if keep_s > 0:
            self._kept[question] = _Kept(offers, self._clock.now())
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]

    def _fresh(self, question: Question) -> Offers | None:
        """The answer that is kept, unless it grew old or one of its offers is about to expire."""
        kept = self._kept.get(question)
        if kept is None:
            return None
        now = self._clock.now()
        age_s = (now - kept.came_at).total_seconds()
        young = 0 <= age_s <= self._sides[question[0]].terms.keep_s
        if not young or any(each.expires_at - now < LEAST_LEFT for each in kept.offers):
            del self._kept[question]
            return None
        return kept.offers
