"""Days and places that are not fixed: calendars of prices, and searches by affinity."""

from datetime import date, timedelta

import pytest
from tests.e2e.options import (
    asked,
    bound,
    connecting,
    durations,
    families,
    found,
    journeys,
    level,
    search,
    totals,
    warnings,
)
from tests.houses import Served, demo_world

from ndc_oms.kit.client import Reply, child_text, find_all
from ndc_oms.kit.conversation import offers_of
from ndc_oms.kit.requests import Pax

ADULT = (Pax("PAX1"),)


def calendar(reply: Reply) -> dict[tuple[str, ...], tuple[float, bool]]:
    """Amount, and whether it is one of other days, by the days of the bounds."""
    found_there = {}
    for node in reply.all("Response/OffersGroup/CarrierOffers/PriceCalendar"):
        days = tuple(child_text(each, "Date") for each in find_all(node, "PriceCalendarDate"))
        lead = child_text(node, "LeadPriceInd") == "true"
        found_there[days] = (float(child_text(node, "TotalPriceAmount")), lead)
    return found_there


async def test_a_calendar_shows_what_a_search_of_each_day_would(served: Served) -> None:
    day = served.today + timedelta(days=30)
    reply = await found(served, search(bound("YYZ", "YVR", day, around=(3, 3))))
    prices = calendar(reply)
    days = [day + timedelta(days=shift) for shift in range(-3, 4)]
    assert list(prices) == [(str(each),) for each in days]
    assert [lead for _, lead in prices.values()] == [each != day for each in days]
    for each in days:
        alone = await found(served, search(bound("YYZ", "YVR", each), limit=200))
        assert min(totals(alone)) == prices[str(each),][0], each
    refs = {each.text for each in reply.all("//OriginDestRefID")}
    assert refs == {"OD1"}


async def test_a_calendar_for_a_return_has_every_pair_of_days(served: Served) -> None:
    out, back = served.today + timedelta(days=30), served.today + timedelta(days=37)
    reply = await found(
        served,
        search(
            bound("YYZ", "LHR", out, around=(1, 1)),
            bound("LHR", "YYZ", back, name="OD2", around=(2, None)),
        ),
    )
    prices = calendar(reply)
    assert len(prices) == 9
    asked_for = str(out), str(back)
    assert prices[asked_for] == (min(totals(reply)), False)
    assert all(lead for days, (_, lead) in prices.items() if days != asked_for)
    other = out - timedelta(days=1), back - timedelta(days=2)
    alone = await found(
        served, search(bound("YYZ", "LHR", other[0]), bound("LHR", "YYZ", other[1], name="OD2"))
    )
    assert prices[str(other[0]), str(other[1])][0] == min(totals(alone))


async def test_a_calendar_keeps_to_the_wishes_of_the_search(served: Served) -> None:
    day = served.today + timedelta(days=30)
    fares = f"<FareCriteria><NoPenaltyInd>true</NoPenaltyInd>{level('Required')}</FareCriteria>"
    free = calendar(await found(served, search(bound("YYZ", "YVR", day, around=(1, 1)))))
    firm = calendar(
        await found(served, search(bound("YYZ", "YVR", day, around=(1, 1)), offers=fares))
    )
    assert firm.keys() == free.keys()
    assert all(firm[each][0] > free[each][0] for each in free)


async def test_days_that_are_past_are_left_out(served: Served) -> None:
    day = served.today + timedelta(days=1)
    reply = await found(served, search(bound("YYZ", "YVR", day, around=(5, 0))))
    assert set(calendar(reply)) <= {(str(served.today),), (str(day),)}
    assert (str(day),) in calendar(reply)


async def test_a_day_without_offers_has_a_calendar_of_those_with(served: Served) -> None:
    """Three flights a day leave for London; on the day asked for none arrives at such an hour."""
    day = served.today + timedelta(days=30)
    cabin = f"<CabinType><CabinTypeCode>2</CabinTypeCode>{level('Required')}</CabinType>"
    reply = await asked(
        served,
        search(
            bound("YYZ", "HAV", day, around=(3, 3), cabins=cabin),
            related=connecting("<MaximumConnectionQty>0</MaximumConnectionQty>"),
        ),
    )
    assert reply.errors == () or reply.errors[0][0] == "496"
    if not reply.errors:
        assert calendar(reply)


async def test_a_wide_calendar_is_narrowed_aloud(served: Served) -> None:
    out, back = served.today + timedelta(days=30), served.today + timedelta(days=60)
    reply = await found(
        served,
        search(
            bound("YYZ", "YUL", out, around=(9, 9)),
            bound("YUL", "YYZ", back, name="OD2", around=(9, 9)),
            limit=5,
        ),
    )
    assert len(calendar(reply)) == 121
    assert warnings(reply) == [
        "The calendar has at most 5 days to each side of a date in this search."
    ]


async def test_a_calendar_without_days_is_refused(served: Served) -> None:
    day = served.today + timedelta(days=30)
    body = search(bound("YYZ", "YVR", day, around=(None, None)))
    assert (await asked(served, body)).errors[0][0] == "102"


# -- affinity ----------------------------------------------------------------------------------


def place(
    tag: str,
    *,
    station: str = "",
    country: str = "",
    miles: int | None = None,
    days: tuple[date, date] | None = None,
) -> str:
    """AffinityDepRequest or AffinityArrivalRequest."""
    parts = f"<Country><CountryCode>{country}</CountryCode></Country>" if country else ""
    if days:
        parts += (
            f"<DateTimeFrom>{days[0]}T00:00:00</DateTimeFrom>"
            f"<DateTimeTo>{days[1]}T00:00:00</DateTimeTo>"
        )
    if miles is not None:
        parts += f'<ProximityDistanceMeasure UnitCode="SMI">{miles}</ProximityDistanceMeasure>'
    if station:
        parts += f"<Station><IATA_LocationCode>{station}</IATA_LocationCode></Station>"
    return f"<{tag}>{parts}</{tag}>"


def affinity(departure: str, arrival: str = "", *, more: str = "", keyword: str = "") -> str:
    region = (
        f"<KeywordPref><KeyText>REGION</KeyText><ValueText>{keyword}</ValueText></KeywordPref>"
        if keyword
        else ""
    )
    return f"<AffinityOriginDest>{arrival}{departure}</AffinityOriginDest>{region}{more}"


def ends(reply: Reply) -> set[str]:
    return {each[-1].destination for each in journeys(reply)}


@pytest.fixture
def month(served: Served) -> tuple[date, date]:
    first = served.today + timedelta(days=40)
    return first, first + timedelta(days=27)


async def test_anywhere_shows_the_cheapest_trip_to_each_place(
    served: Served, month: tuple[date, date]
) -> None:
    reply = await found(
        served,
        search(affinity=affinity(place("AffinityDepRequest", station="YYZ", days=month))),
    )
    assert totals(reply) == sorted(totals(reply))
    assert len(ends(reply)) == len(totals(reply)) > 5
    for each in journeys(reply):
        assert str(month[0]) <= each[0].departs[:10] <= str(month[1])


async def test_a_region_and_a_budget(served: Served, month: tuple[date, date]) -> None:
    start = place("AffinityDepRequest", station="YTO", days=month)
    free = await found(served, search(affinity=affinity(start, keyword="SUN")))
    prices = totals(free)
    middle = prices[len(prices) // 2]
    budget = f'<MaximumAmount CurCode="CAD">{middle}</MaximumAmount>'
    within = await found(served, search(affinity=affinity(start, keyword="SUN", more=budget)))
    assert totals(within) == [each for each in prices if each <= middle]
    least = budget + f'<MinimumAmount CurCode="CAD">{middle}</MinimumAmount>'
    exact = await found(served, search(affinity=affinity(start, keyword="SUN", more=least)))
    assert set(totals(exact)) == {middle}
    poor = '<MaximumAmount CurCode="CAD">5</MaximumAmount>'
    none = await asked(served, search(affinity=affinity(start, keyword="SUN", more=poor)))
    assert none.errors[0][0] == "496"
    assert "trips cost more than 5.00 CAD" in none.errors[0][1]


async def test_a_country_and_what_is_around_a_place(
    served: Served, month: tuple[date, date]
) -> None:
    start = place("AffinityDepRequest", station="YYZ", days=month)
    britain = place("AffinityArrivalRequest", country="GB")
    reply = await found(served, search(affinity=affinity(start, britain)))
    assert {demo_world().airports[each].country for each in ends(reply)} == {"GB"}
    assert len(ends(reply)) > 1
    near = place("AffinityArrivalRequest", station="MCO", miles=120)
    reply = await found(served, search(affinity=affinity(start, near)))
    assert "MCO" in ends(reply)
    assert ends(reply) <= {"MCO", "TPA", "RSW", "PBI"}


async def test_a_stay_is_there_and_back(served: Served, month: tuple[date, date]) -> None:
    stay = (
        "<StayPeriod><MaximumStayDuration>P9D</MaximumStayDuration>"
        "<MinimumStayDuration>P7D</MinimumStayDuration></StayPeriod>"
    )
    start = place("AffinityDepRequest", station="YYZ", days=month)
    reply = await found(served, search(affinity=affinity(start, keyword="SUN", more=stay)))
    for offer in reply.all("Response/OffersGroup/CarrierOffers/Offer"):
        assert len(find_all(offer, "JourneyOverview/JourneyPriceClass")) == 2
    priced = await served.talk.price(offers_of(reply)[0], ADULT)
    assert priced.errors == ()
    assert offers_of(priced)[0].amount == offers_of(reply)[0].amount
    out, back = (date.fromisoformat(each[0].departs[:10]) for each in journeys(priced))
    assert 7 <= (back - out).days <= 9


async def test_a_period_of_stay_fixes_both_days(served: Served) -> None:
    first = served.today + timedelta(days=50)
    period = (
        f"<StayPeriod><EndDate>{first + timedelta(days=10)}</EndDate>"
        f"<StartDate>{first}</StartDate></StayPeriod>"
    )
    start = place("AffinityDepRequest", station="YYZ")
    reply = await found(served, search(affinity=affinity(start, keyword="SUN", more=period)))
    days = {each[0].departs[:10] for each in journeys(reply)}
    assert days == {str(first), str(first + timedelta(days=10))}


async def test_affinity_keeps_to_cabin_connections_and_fares(
    served: Served, month: tuple[date, date]
) -> None:
    start = place("AffinityDepRequest", station="YOW", days=month)
    cabin = f"<CabinType><CabinTypeCode>2</CabinTypeCode>{level('Required')}</CabinType>"
    europe = f"<AffinityOriginDest>{start}{cabin}</AffinityOriginDest>" + (
        "<KeywordPref><KeyText>Region</KeyText><ValueText>EU</ValueText></KeywordPref>"
    )
    reply = await found(served, search(affinity=europe))
    assert set(families(reply)) <= {"BUSINESS", "BUSFLEX"}
    assert any(len(each) == 2 for each in journeys(reply))
    direct = await asked(
        served,
        search(
            affinity=europe, related=connecting("<MaximumConnectionQty>0</MaximumConnectionQty>")
        ),
    )
    assert direct.errors or all(len(each) == 1 for each in journeys(direct))
    assert durations(reply)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (affinity(""), "912"),
        (affinity(place("AffinityDepRequest", station="XXX")), "100"),
        (
            affinity(
                place("AffinityDepRequest", station="YYZ"),
                more='<MaximumAmount CurCode="XXX">5</MaximumAmount>',
            ),
            "727",
        ),
        (
            affinity(
                place(
                    "AffinityDepRequest",
                    station="YYZ",
                    days=(date(2027, 5, 2), date(2027, 5, 1)),
                )
            ),
            "102",
        ),
        (
            affinity(
                place(
                    "AffinityDepRequest",
                    station="YYZ",
                    days=(date(2029, 5, 1), date(2029, 5, 2)),
                )
            ),
            "8",
        ),
    ],
)
async def test_what_cannot_be_asked(served: Served, body: str, code: str) -> None:
    assert (await asked(served, search(affinity=body))).errors[0][0] == code
