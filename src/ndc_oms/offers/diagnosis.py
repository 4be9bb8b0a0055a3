"""Why not: what became of every journey that was found, for each origin and destination, in
figures that help. What is told of an empty or thin answer is a summary of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Final

from ndc_oms.model.journey import Journey
from ndc_oms.offers.quotes import Quote, Quotes, Terms
from ndc_oms.offers.request import BoundRequest, Notice
from ndc_oms.offers.search import Found
from ndc_oms.offers.sieve import Sieve

THIN: Final = 3  # fewer journeys than this are explained

Test = Callable[[Journey], bool]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a journey. removed_by: the first rule that it does not keep; "" where it is
    offered, or could be.
    """

    journey: Journey
    removed_by: str


@dataclass(frozen=True, slots=True)
class BoundDiagnosis:
    """One origin and destination. rules: in the order in which they were tried; each with how many
    journeys were left before it and after it.
    """

    origin: str
    destination: str
    day: date
    fates: tuple[Fate, ...]
    rules: tuple[tuple[str, int, int], ...]

    @property
    def left(self) -> int:
        return sum(not fate.removed_by for fate in self.fates)

    @property
    def removed(self) -> int:
        return len(self.fates) - self.left

    @property
    def text(self) -> str:
        """`YOW–YVR on 2027-04-14: 33 journeys found, 12 with 1 connections or less (21 removed),
        none with a seat.`
        """
        start = f"{self.origin}–{self.destination} on {self.day}: "
        if not self.fates:
            return start + "no flights on this day."
        found = len(self.fates)
        parts = [f"{found} journey{'s' if found != 1 else ''} found"]
        for rule, before, after in self.rules:
            if after < before:
                parts.append(
                    f"{after} {rule} ({before - after} removed)" if after else f"none {rule}"
                )
        return start + ", ".join(parts) + "."


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What staff may see in full. offers: how many the answer has."""

    bounds: tuple[BoundDiagnosis, ...]
    offers: int = 0


def diagnose(
    bounds: Sequence[BoundRequest],
    found: Sequence[tuple[Found, ...]],
    sieves: Sequence[Sieve],
    *,
    terms: Terms,
    quotes: Quotes,
    closing: datetime,
    booked_at: datetime,
    offers: int,
) -> Diagnosis:
    """closing: flights that leave before it are not sold any more. offers: of the answer."""
    made = tuple(
        _bound(bound, each, sieve, terms, quotes, (closing, booked_at))
        for bound, each, sieve in zip(bounds, found, sieves, strict=True)
    )
    if not offers and all(each.left for each in made):
        made = tuple(map(_unfit, made))
    return Diagnosis(made, offers)


def missing_named(
    bounds: Sequence[BoundRequest], found: Sequence[tuple[Found, ...]]
) -> Iterator[Notice]:
    """Of journeys that are named flight by flight, those that cannot be flown."""
    for bound, each in zip(bounds, found, strict=True):
        if not bound.named:
            continue
        flown = {
            tuple((s.carrier, s.number, s.departure.date()) for s in journey.segments)
            for one in each
            for journey in one.journeys
        }
        for journey in bound.named:
            if tuple((f.carrier, f.number, f.day) for f in journey) not in flown:
                names = ", ".join(f"{f.carrier}{f.number} on {f.day}" for f in journey)
                text = (
                    f"{names} cannot be flown: a flight does not operate on that day between the "
                    "airports named, or a connection cannot be reached."
                )
                yield Notice(text, path=bound.path)


def _unfit(bound: BoundDiagnosis) -> BoundDiagnosis:
    """Each bound can be flown for itself, and all of them cannot."""
    rule = "that fits with the other bounds in time"
    fates = tuple(Fate(each.journey, each.removed_by or rule) for each in bound.fates)
    return replace(bound, fates=fates, rules=(*bound.rules, (rule, bound.left, 0)))


def _bound(  # noqa: PLR0917 — one bound's share of what `diagnose` is given
    bound: BoundRequest,
    found: tuple[Found, ...],
    sieve: Sieve,
    terms: Terms,
    quotes: Quotes,
    moments: tuple[datetime, datetime],
) -> BoundDiagnosis:
    closing, booked_at = moments
    priced: dict[int, list[Quote]] = {}
    for each in found:
        for quote in quotes.of(each, terms, booked_at):
            priced.setdefault(id(quote.bound.journey), []).append(quote)
    rules = [
        *_of_flights(sieve, closing),
        *_of_seats(bound, terms, quotes),
        *_of_fares(sieve, terms, priced),
    ]
    return _tried(bound, [j for each in found for j in each.journeys], rules)


def _tried(
    bound: BoundRequest, journeys: list[Journey], rules: list[tuple[str, Test]]
) -> BoundDiagnosis:
    removed: dict[int, str] = {}
    left, counts = journeys, []
    for rule, keeps in rules:
        kept = [journey for journey in left if keeps(journey)]
        if len(kept) < len(left):
            ids = set(map(id, kept))
            removed |= {id(journey): rule for journey in left if id(journey) not in ids}
        counts.append((rule, len(left), len(kept)))
        left = kept
    fates = tuple(Fate(journey, removed.get(id(journey), "")) for journey in journeys)
    return BoundDiagnosis(bound.origin, bound.destination, bound.day, fates, tuple(counts))


def _of_flights(sieve: Sieve, closing: datetime) -> Iterator[tuple[str, Test]]:
    for wish in sieve.flights:
        yield wish.label, wish.admits
    yield "open for sale", lambda journey: journey.departure >= closing


def _of_seats(bound: BoundRequest, terms: Terms, quotes: Quotes) -> Iterator[tuple[str, Test]]:
    cabins = [cabin for cabin in quotes.cabins if not bound.cabin_required or cabin in bound.cabins]
    wanted = "a seat" if terms.seats == 1 else f"{terms.seats} seats"
    where = f" in cabin {', '.join(bound.cabins)}" if bound.cabin_required else ""

    def seated(journey: Journey) -> bool:
        if quotes.cap(journey, terms.channel) < terms.seats:
            return False
        counts = quotes.counts(journey)
        return any(any(quotes.open_classes(counts, cabin, terms.seats)) for cabin in cabins)

    yield f"with {wanted}{where}", seated


def _of_fares(
    sieve: Sieve, terms: Terms, priced: dict[int, list[Quote]]
) -> Iterator[tuple[str, Test]]:
    def with_fare(journey: Journey) -> bool:
        return any(map(sieve.in_cabin, priced.get(id(journey), ())))

    yield f"with a fare for this party in {terms.currency}", with_fare
    for at, wish in enumerate(sieve.fares, 1):
        yield wish.label, partial(_wished, sieve, at, priced)


def _wished(sieve: Sieve, many: int, priced: dict[int, list[Quote]], journey: Journey) -> bool:
    """Whether one and the same quote meets the first `many` wishes."""
    return any(
        sieve.in_cabin(quote) and all(wish.admits(quote.bound) for wish in sieve.fares[:many])
        for quote in priced.get(id(journey), ())
    )
