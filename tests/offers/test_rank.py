"""The order of offers: every family, every sensible flight, not 200 variants of the cheapest."""

from typing import Any, cast

from ndc_oms.offers.quotes import Quote
from ndc_oms.offers.rank import Combination, deal

LIGHT, FLEX, BUSINESS = 0, 1, 2


def quote(family: int, minor: int, departs: int, hours: int = 2) -> Quote:
    return Quote(cast(Any, None), minor, family, departs, departs + hours * 3600, b"")


def page(flights: int, start: int = 0, families: int = 3) -> list[Quote]:
    """Flights an hour apart; each family dearer than the one before, later flights dearer."""
    return [
        quote(family, 100 * (family + 1) + at, start + at * 3600)
        for at in range(flights)
        for family in range(families)
    ]


def dealt(
    *bounds: list[Quote], limit: int = 50, wanted: frozenset[int] = frozenset()
) -> list[Combination]:
    return deal(bounds, limit, wanted)


def families(found: list[Combination]) -> list[int]:
    return [each[0].family for each in found]


def test_families_are_dealt_in_turn_the_cheapest_first() -> None:
    found = dealt(page(4), limit=7)
    assert families(found) == [LIGHT, FLEX, BUSINESS, LIGHT, FLEX, BUSINESS, LIGHT]
    assert [each[0].minor for each in found[::3]] == [100, 101, 102]


def test_a_family_with_few_flights_leaves_its_turns_to_the_others() -> None:
    found = dealt([quote(LIGHT, 1, 0), *(quote(FLEX, 9, n) for n in range(5))])
    assert families(found) == [LIGHT, FLEX, FLEX, FLEX, FLEX, FLEX]


def test_the_fastest_stands_second() -> None:
    slow = [quote(LIGHT, 100 + n, n, hours=9) for n in range(6)]
    found = dealt([*slow, quote(LIGHT, 900, 7, hours=3)], limit=3)
    assert [each[0].minor for each in found] == [100, 900, 101]


def test_equal_prices_stand_by_time_in_the_air() -> None:
    found = dealt([quote(LIGHT, 100, 0, hours=5), quote(LIGHT, 100, 1, hours=3)])
    assert [each[0].flown_s // 3600 for each in found] == [3, 5]


def test_wanted_families_come_first() -> None:
    assert families(dealt(page(1), wanted=frozenset({BUSINESS}))) == [BUSINESS, LIGHT, FLEX]


def test_no_more_than_the_limit() -> None:
    assert len(dealt(page(90), limit=200)) == 200
    assert len(dealt(page(90), limit=1)) == 1
    assert dealt([], limit=5) == []
    assert dealt([], page(3), limit=5) == []


def test_two_bounds_are_flown_in_one_family() -> None:
    found = dealt(page(20), page(20, start=10**6), limit=200)
    assert len(found) == 200
    assert all(out.family == back.family for out, back in found)
    assert len(set(families(found)[:3])) == 3


def test_two_bounds_show_many_flights_each_a_few_times() -> None:
    found = dealt(page(20), page(20, start=10**6), limit=60)
    for at in (0, 1):
        light = [each[at].departs for each in found if each[0].family == LIGHT]
        assert len(set(light)) >= 5
        assert max(light.count(departs) for departs in light) <= 7


def test_the_cheapest_combination_comes_first() -> None:
    found = dealt(page(9), page(9, start=10**6))
    assert found[0][0].minor + found[0][1].minor == 200


def test_six_bounds_stay_bounded() -> None:
    found = dealt(*(page(40, start=n * 10**6) for n in range(6)), limit=200)
    assert len(found) == 200
    assert len({tuple(q.departs for q in each) for each in found if each[0].family == LIGHT}) > 30


def test_a_bound_leaves_after_the_one_before_has_arrived() -> None:
    found = dealt(page(12), page(12), limit=200)
    assert found
    assert all(out.arrives < back.departs for out, back in found)
    # one that arrives at the very second another leaves is too late for it
    assert not dealt([quote(LIGHT, 1, 0)], [quote(LIGHT, 1, 7200)])
    assert dealt([quote(LIGHT, 1, 0)], [quote(LIGHT, 1, 7201)])


def test_only_the_last_flights_fit_together() -> None:
    """The few best of each bound do not fit in time: others are looked for."""
    out = [quote(LIGHT, n, 100 * 3600 - n) for n in range(30)]  # the cheapest leaves last
    back = [*page(20, families=1), quote(LIGHT, 5000, 110 * 3600)]
    found = dealt(out, back, limit=10)
    assert len(found) == 10
    assert {each[1].minor for each in found} == {5000}


def test_families_are_mixed_where_none_flies_every_bound() -> None:
    out = [quote(LIGHT, 100, 0), quote(FLEX, 150, 0)]
    back = [quote(BUSINESS, 900, 10**6)]
    found = dealt(out, back)
    assert [(a.family, b.family) for a, b in found] == [(LIGHT, BUSINESS), (FLEX, BUSINESS)]


def test_what_meets_a_preference_comes_first_in_every_lane_and_nothing_is_left_out() -> None:
    found = deal([page(6)], 50, frozenset(), lambda quote: quote.departs < 4 * 3600)
    assert len(found) == 18
    assert all(each[0].departs >= 4 * 3600 for each in found[:6])
    assert families(found[:3]) == [LIGHT, FLEX, BUSINESS]


def test_the_fastest_does_not_overtake_what_is_preferred() -> None:
    slow = [quote(LIGHT, 100 + n, n, hours=9) for n in range(6)]
    fast = quote(LIGHT, 900, 7, hours=3)
    found = deal([[*slow, fast]], 3, frozenset(), lambda each: each is fast)
    assert [each[0].minor for each in found] == [100, 101, 102]


def test_a_family_that_is_preferred_leads_though_it_is_dearer() -> None:
    found = deal([page(2)], 50, frozenset(), lambda quote: quote.family != FLEX)
    assert families(found)[0] == FLEX


def test_preferences_of_several_bounds_add_up() -> None:
    out, back = page(3, families=1), page(3, start=10**6, families=1)
    wished = {id(out[2]), id(back[1])}
    found = deal([out, back], 50, frozenset(), lambda quote: id(quote) not in wished)
    assert (found[0][0], found[0][1]) == (out[2], back[1])
    assert found[-1][0] is not out[2]
