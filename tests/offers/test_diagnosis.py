"""Why not: every journey, and the rule that removed it."""

from datetime import timedelta

import pytest
from tests.offers.offer_fakes import ADULT, DAY, SELLER, House, bound, party

from ndc_oms.errors import Invalid
from ndc_oms.model.product import Cabin
from ndc_oms.offers.diagnosis import Diagnosis
from ndc_oms.offers.flight_wishes import ConnectionTime, Departure
from ndc_oms.offers.request import Affinity, BoundRequest, Place, ShopRequest
from ndc_oms.offers.wishes import Fare, FareTrait, Level, Wish

MORNING = Wish(Departure(360, 480), Level.REQUIRED)
QUICK = Wish(ConnectionTime(None, timedelta(hours=2)), Level.REQUIRED)


async def explained(
    *bounds: BoundRequest,
    kinds: str = "ADT",
    fares: tuple[Wish, ...] = (),  # type: ignore[type-arg]
) -> Diagnosis:
    request = ShopRequest(bounds, party(kinds), fares=fares)
    return await House().shop.explain(request, SELLER)


async def test_every_journey_has_its_fate() -> None:
    (only,) = (await explained(bound("YOW", "YVR", wishes=(MORNING, QUICK)))).bounds
    assert len(only.fates) == only.left + only.removed
    for fate in only.fates:
        first = fate.journey.departure
        if not 360 <= first.hour * 60 + first.minute <= 480:
            assert fate.removed_by == MORNING.label
        elif fate.removed_by == QUICK.label:
            wait = fate.journey.segments[1].departure - fate.journey.segments[0].arrival
            assert wait > timedelta(hours=2)


async def test_counts_go_from_rule_to_rule() -> None:
    (only,) = (await explained(bound("YOW", "YVR", wishes=(MORNING, QUICK)))).bounds
    left = len(only.fates)
    for _, before, after in only.rules:
        assert before == left >= after
        left = after
    assert left == only.left


async def test_fares_are_tried_together() -> None:
    """A light fare has no bag and a flexible one a penalty-free change: none has both of none."""
    no_bag = Wish(Fare(frozenset({FareTrait.WITH_BAG})), Level.EXCLUDED)
    free = Wish(Fare(frozenset({FareTrait.NO_PENALTY})), Level.REQUIRED)
    found = await explained(bound("YYZ", "YVR"), fares=(no_bag, free))
    (only,) = found.bounds
    assert (found.offers, only.left) == (0, 0)
    assert {each.removed_by for each in only.fates} == {free.label}
    assert only.text.endswith("none without penalty.")


async def test_seats_and_cabins() -> None:
    cabin = {"cabins": (Cabin.BUSINESS,), "cabin_required": True}
    (only,) = (await explained(bound("YYZ", "YVR", **cabin), kinds="ADT " * 9)).bounds
    rules = {rule: before - after for rule, before, after in only.rules}
    assert rules["with 9 seats in cabin 2"] > 0


async def test_bounds_that_do_not_fit_together() -> None:
    found = await explained(bound("YYZ", "SYD"), bound("SYD", "YYZ"))
    assert found.offers == 0
    for each in found.bounds:
        assert each.left == 0
        assert "fits with the other bounds in time" in each.text


async def test_the_same_figures_stand_in_the_answer() -> None:
    house = House()
    request = ShopRequest((bound("YOW", "YVR", wishes=(MORNING,), max_connections=0),), ADULT)
    result = await house.shop(request, SELLER)
    diagnosis = await house.shop.explain(request, SELLER)
    assert result.reasons == tuple(each.text for each in diagnosis.bounds)
    assert diagnosis.offers == len(result.offers) == 0


async def test_no_single_pair_no_explanation() -> None:
    affinity = Affinity(Place("YYZ"), Place())
    with pytest.raises(Invalid):
        await House().shop.explain(ShopRequest((), ADULT, affinity=affinity), SELLER)


async def test_a_day_without_flights_says_so() -> None:
    house = House()
    days = (DAY + timedelta(days=n) for n in range(7))
    for day in days:
        result = await house.shopped(bound("YYZ", "YAM", day, max_connections=0))
        if not result.offers:
            assert result.reasons
