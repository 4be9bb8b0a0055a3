"""Calendars: the lowest price for the party on each day, or pair of days, around those asked for.

The figure of a day is what the cheapest offer of a search for that day costs, under the same
wishes; days on which nothing can be had are left out. A day's quotes are worked out once, whatever
the number of combinations that it is in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise, product
from math import prod
from typing import Final

from ndc_oms.model.money import Money
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.quotes import Quote, Quotes, Terms
from ndc_oms.offers.rank import deal
from ndc_oms.offers.request import BoundRequest, CalendarPrice, Notice
from ndc_oms.offers.search import Search
from ndc_oms.offers.sieve import Sieve

MAX_COMBINATIONS: Final = 121  # of days: two bounds with 5 days to each side
MAX_AROUND: Final = 15  # days to each side
_LOOKED_AT: Final = 10  # offers, where it is not plain that bounds fit together in time


@dataclass(frozen=True, slots=True)
class _Day:
    """A bound on a day. lowest: minor units by family. departs, arrives: the first and the last,
    seconds since 1970.
    """

    quotes: tuple[Quote, ...]
    lowest: dict[int, int]
    departs: int
    arrives: int


class Calendar:
    """Over one search and its quotes."""

    def __init__(self, search: Search, availability: Availability, quotes: Quotes) -> None:
        self._search = search
        self._availability = availability
        self._quotes = quotes

    async def prices(
        self,
        bounds: Sequence[BoundRequest],
        sieves: Sequence[Sieve],
        terms: Terms,
        *,
        span: tuple[date, date],
        closing: datetime,
        booked_at: datetime,
    ) -> tuple[tuple[CalendarPrice, ...], tuple[Notice, ...]]:
        """span: the days on sale. closing: flights that leave before it are not sold any more.
        Raises Unavailable 493 where the PSS does not say what it has.
        """
        windows, notices = _windows(bounds, span)
        closes = int(closing.timestamp())
        days: list[dict[date, _Day]] = []
        for bound, sieve, window in zip(bounds, sieves, windows, strict=True):
            made: dict[date, _Day] = {}
            for day in window:
                fit = [
                    quote
                    for quote in await self._day(bound, day, terms, booked_at)
                    if quote.departs >= closes and sieve.admits(quote)
                ]
                if fit:
                    made[day] = _summed(fit)
            days.append(made)
        asked = tuple(bound.day for bound in bounds)
        return tuple(_priced(days, asked, terms.currency)), notices

    async def _day(
        self, bound: BoundRequest, day: date, terms: Terms, booked_at: datetime
    ) -> list[Quote]:
        found = (
            self._search.named(bound.named)
            if bound.named
            else self._search.journeys(bound.origin, bound.destination, day, bound.least_connection)
        )
        await self._availability.ensure({each for one in found for each in one.days})
        return [quote for one in found for quote in self._quotes.of(one, terms, booked_at)]


def _summed(quotes: list[Quote]) -> _Day:
    lowest: dict[int, int] = {}
    for quote in quotes:
        lowest[quote.family] = min(lowest.get(quote.family, quote.minor), quote.minor)
    return _Day(
        tuple(quotes),
        lowest,
        min(quote.departs for quote in quotes),
        max(quote.arrives for quote in quotes),
    )


def _priced(
    days: Sequence[dict[date, _Day]], asked: tuple[date, ...], currency: str
) -> Iterator[CalendarPrice]:
    for chosen in product(*days):
        minor = _lowest([each[day] for each, day in zip(days, chosen, strict=True)])
        if minor is not None:
            yield CalendarPrice(chosen, Money(minor, currency), chosen == asked)


def _lowest(bounds: Sequence[_Day]) -> int | None:
    """What the cheapest combination costs; None where there is none in time."""
    if any(before.arrives >= after.departs for before, after in pairwise(bounds)):
        dealt = deal([each.quotes for each in bounds], _LOOKED_AT, frozenset())
        return min((sum(quote.minor for quote in each) for each in dealt), default=None)
    common = set.intersection(*(set(each.lowest) for each in bounds))
    if common:
        return min(sum(each.lowest[family] for each in bounds) for family in common)
    return sum(min(each.lowest.values()) for each in bounds)


def _windows(
    bounds: Sequence[BoundRequest], span: tuple[date, date]
) -> tuple[list[list[date]], tuple[Notice, ...]]:
    """The days of each bound; fewer, evenly, where there would be too many combinations."""
    around = [each.around or (0, 0) for each in bounds]
    most = MAX_AROUND
    while prod(min(b, most) + min(a, most) + 1 for b, a in around) > MAX_COMBINATIONS:
        most -= 1
    windows = [
        [day for day in _days(each.day, before, after, most) if span[0] <= day <= span[1]]
        for each, (before, after) in zip(bounds, around, strict=True)
    ]
    if all(max(each) <= most for each in around):
        return windows, ()
    text = f"The calendar has at most {most} days to each side of a date in this search."
    return windows, (Notice(text),)


def _days(day: date, before: int, after: int, most: int) -> Iterator[date]:
    for shift in range(-min(before, most), min(after, most) + 1):
        yield day + timedelta(days=shift)
