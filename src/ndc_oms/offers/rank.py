"""Which offers are shown, and in which order.

An agent wants to see each family, and each sensible flight, not 200 variants of the cheapest. So:

1. Every family has a lane. Its offers stand by price, then by time in the air; the fastest is
   moved to the second place, so that a short list still has it.
2. The lanes are dealt in turn, one offer each, the lane with the cheapest offer first; lanes of a
   cabin that was asked for come before the others.
3. Several bounds are flown in one family. A lane then combines the best few quotes of each bound,
   as many as it needs to fill its share: with two bounds and a share of 25 the best 5 of each, so
   that no flight is in more than 5 of them. A bound leaves only after the one before has arrived.
4. Where no family can be had on every bound, families are mixed.
5. What misses a preference of the request stands after what meets it, in its lane and among the
   lanes: it counts as dearer and slower than anything that does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import Final, TypeVar

from ndc_oms.offers.quotes import Quote

MAX_COMBINATIONS: Final = 4096  # looked at in one lane
_HEAVY: Final = 10**12  # more than any price in minor units, and any journey in seconds

T = TypeVar("T")
Combination = tuple[Quote, ...]
Quotes = Sequence[Quote]


def deal(
    bounds: Sequence[Quotes],
    limit: int,
    wanted: frozenset[int],
    misses: Callable[[Quote], int] | None = None,
) -> list[Combination]:
    """The best `limit` combinations of one quote a bound, by the rule above.

    wanted: families of the cabins that were asked for. misses: how many preferences a quote does
    not meet; None where there are none.
    """
    if misses is not None:
        weighed = [[_weighed(quote, misses(quote)) for quote in bound] for bound in bounds]
        plain = {id(heavy): quote for heavy, quote in chain.from_iterable(weighed)}
        heavies = [[heavy for heavy, _ in bound] for bound in weighed]
        return [tuple(plain[id(q)] for q in each) for each in deal(heavies, limit, wanted)]
    split = [_by_family(bound) for bound in bounds]
    families = [family for family in split[0] if all(family in each for each in split)]
    share = 2 * -(-limit // len(families)) if families else limit
    lanes = [(f, _lane([each[f] for each in split], share)) for f in families]
    if not any(lane for _, lane in lanes):
        lanes = [(-1, _lane([_mixed(each) for each in split], limit))]
    ranked = sorted(
        ((family not in wanted, _price(lane[0]), lane) for family, lane in lanes if lane),
        key=lambda each: each[:2],
    )
    return list(_in_turn([lane for _, _, lane in ranked], limit))


def _weighed(quote: Quote, misses: int) -> tuple[Quote, Quote]:
    """A quote as it counts, and as it is."""
    return replace(quote, minor=quote.minor + misses * _HEAVY, slow_s=misses * _HEAVY), quote


def _by_family(quotes: Quotes) -> dict[int, list[Quote]]:
    found: dict[int, list[Quote]] = {}
    for quote in quotes:
        found.setdefault(quote.family, []).append(quote)
    return {
        family: _fastest_second(sorted(each, key=_worth), _flown) for family, each in found.items()
    }


def _mixed(split: dict[int, list[Quote]]) -> list[Quote]:
    lanes = sorted(split.values(), key=lambda lane: _worth(lane[0]))
    return list(_in_turn(lanes, sum(map(len, lanes))))


def _lane(bounds: list[list[Quote]], share: int) -> list[Combination]:
    if len(bounds) == 1:
        return [(quote,) for quote in bounds[0]]
    longest = max(map(len, bounds))
    few = 1
    while few ** len(bounds) < share:
        few += 1
    while True:
        found = _flyable([bound[:few] for bound in bounds])
        few += few
        if len(found) >= share or few // 2 >= longest or few ** len(bounds) > MAX_COMBINATIONS:
            break
    found.sort(key=_BY_PRICE_AND_TIME)
    return [each[2] for each in _fastest_second(found, _TIME)]


# What a combination costs and how long it flies, summed up while it grows: sorting thousands of
# them would otherwise add the same figures up again and again.
_Sums = tuple[int, int, Combination]
_BY_PRICE_AND_TIME: Final = itemgetter(0, 1)
_TIME: Final = itemgetter(1)


def _flyable(bounds: list[list[Quote]]) -> list[_Sums]:
    """Every combination of one quote a bound in which each leaves after the one before."""
    grown: list[_Sums] = [(each.minor, each.flown_s, (each,)) for each in bounds[0]]
    for bound in bounds[1:]:
        onward = [(each.departs, each.minor, each.flown_s, each) for each in bound]
        grown = [
            (minor + more, flown + longer, (*combination, quote))
            for minor, flown, combination in grown
            for departs, more, longer, quote in onward
            if combination[-1].arrives < departs
        ]
    return grown


def _fastest_second(lane: list[T], time: Callable[[T], int]) -> list[T]:
    if len(lane) > 2:
        at = min(range(len(lane)), key=lambda n: time(lane[n]))
        if at > 1 and time(lane[at]) < time(lane[0]):
            lane.insert(1, lane.pop(at))
    return lane


def _in_turn(lanes: Iterable[Sequence[T]], limit: int) -> Iterator[T]:
    """The first of each lane, then the second of each, …"""
    left = limit
    going = list(lanes)
    at = 0
    while going:
        going = [lane for lane in going if at < len(lane)]
        for lane in going[:left]:
            yield lane[at]
        left -= len(going)
        at += 1
        if left <= 0:
            return


def _worth(quote: Quote) -> tuple[int, int, int]:
    return quote.minor, quote.flown_s, quote.departs


def _flown(quote: Quote) -> int:
    return quote.flown_s


def _price(combination: Combination) -> int:
    return sum(quote.minor for quote in combination)
