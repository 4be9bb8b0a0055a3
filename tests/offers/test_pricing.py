"""Prices: every family, class and market; taxes and rounding by hand; what cannot be priced."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from ndc_oms import resources
from ndc_oms.errors import Invalid
from ndc_oms.model.journey import Journey, Segment
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, PricedBound
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Stage
from ndc_oms.offers.pricing import price_bound
from ndc_oms.world.load import load
from ndc_oms.world.world import World

ADT, CHD, INF = PassengerType.ADULT, PassengerType.CHILD, PassengerType.INFANT
INS, YTH = PassengerType.INFANT_SEATED, PassengerType.YOUTH
DAY = date(2027, 5, 12)  # a Wednesday in the shoulder season
EARLY = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return load(resources.fixtures() / "airline")


def journey(world: World, *stops: str) -> Journey:
    days = [DAY + timedelta(days=at) for at in range(3)]
    segments: list[Segment] = []
    for origin, destination in itertools.pairwise(stops):
        flights = [
            each for day in days for each in world.timetable.flights(origin, destination, day)
        ]
        ready = segments[-1].arrival if segments else datetime(2027, 5, 12, 4, tzinfo=UTC)
        segments.append(next(each for each in flights if each.departure > ready))
    return Journey(tuple(segments))


def price(
    world: World,
    *stops: str,
    family: str = "STANDARD",
    rbd: str = "K",
    currency: str = "CAD",
    types: tuple[PassengerType, ...] = (ADT,),
    booked_at: datetime = EARLY,
) -> PricedBound | None:
    bound = journey(world, *stops)
    rbds = (rbd,) * len(bound.segments)
    return price_bound(world, bound, world.family(family), rbds, types, currency, booked_at)


def priced(world: World, *stops: str, **how: object) -> PricedBound:
    found = price(world, *stops, **how)  # type: ignore[arg-type]  # passed through
    assert found is not None
    return found


def taxes(fare: Fare) -> dict[str, str]:
    return {tax.code: tax.amount.text() for tax in fare.taxes}


def test_every_market_is_priced_in_every_family_and_class(world: World) -> None:
    zone = {}
    for line in (resources.fixtures() / "airline/zones.csv").read_text().splitlines()[2:]:
        country, name = line.split(",")
        zone[country] = name
    # partners fly to others, at their own prices
    own = {"YYZ", "SYD", "EZE"} | world.timetable.destinations("YYZ")
    outside = sorted(own - {"YYZ", "SYD", "EZE"})
    unpriced = []
    for destination in outside:
        for family in world.families:
            for each in world.classes:
                if each.cabin is family.cabin:
                    found = price(world, "YYZ", destination, family=family.code, rbd=each.rbd)
                    if found is None:
                        unpriced.append((destination, family.code, each.rbd))
    # Light is not filed in the two highest classes, Business Flex not in the lowest.
    assert {pair[1:] for pair in unpriced} == {("LIGHT", "Y"), ("LIGHT", "B"), ("BUSFLEX", "Z")}
    served = {zone[world.airports[code].country] for code in own}
    assert served == set(zone.values())


def test_higher_classes_and_families_cost_more(world: World) -> None:
    def base(family: str, rbd: str) -> int:
        return priced(world, "YYZ", "LHR", family=family, rbd=rbd).fares[ADT].base.minor

    classes = [base("STANDARD", rbd) for rbd in "YBMHQKLT"]
    assert classes == sorted(classes, reverse=True)
    assert base("LIGHT", "K") < base("STANDARD", "K") < base("FLEX", "K") < base("BUSINESS", "D")


def test_a_domestic_fare_by_hand(world: World) -> None:
    fare = priced(world, "YYZ", "YVR").fares[ADT]
    assert fare.basis == "KKSTOW14"
    filed = world.fares.fare("CA-CA-4", "K", "STANDARD", "K", world.fares.step(70))
    assert filed is not None
    assert fare.base == Money(int(filed.amount) * 100, "CAD")
    # 5 % of the base, the carrier charge 28.00, the security charge 9.46 and the airport's 35.00.
    gst = (fare.base.minor + 2800 + 946 + 3500) * 5
    assert taxes(fare) == {
        "YQ": "28.00",
        "CA": "9.46",
        "SQ": "35.00",
        "XG": Money((gst + 50) // 100, "CAD").text(),
    }
    assert fare.total == total([fare.base, *(tax.amount for tax in fare.taxes)], "CAD")


def test_taxes_of_a_flight_to_london_by_hand(world: World) -> None:
    fares = priced(world, "YYZ", "LHR", types=(ADT, CHD, INF)).fares
    charged = {"YQ": "120.00", "YR": "6.00", "CA": "34.42", "SQ": "35.00"}
    assert taxes(fares[ADT]) == taxes(fares[CHD]) == charged
    assert taxes(fares[INF]) == {}
    assert fares[ADT].total - fares[ADT].base == Money(19542, "CAD")


def test_taxes_from_london_by_hand_in_pounds(world: World) -> None:
    fares = priced(world, "LHR", "YYZ", types=(ADT, CHD), currency="GBP").fares
    # 120.00 / 1.84 = 65.2174 and 6.00 / 1.84 = 3.2609, each rounded half up by itself.
    charged = {"YQ": "65.22", "YR": "3.26", "UB": "43.10"}
    assert taxes(fares[CHD]) == charged
    assert taxes(fares[ADT]) == {**charged, "GB": "90.00"}


def test_taxes_from_tokyo_round_to_tens_of_yen(world: World) -> None:
    fares = priced(world, "HND", "YYZ", types=(ADT, CHD), currency="JPY").fares
    # 185.00 / 0.0091 = 20,329.67 and 6.00 / 0.0091 = 659.34.
    charged = {"YQ": "20330", "YR": "660", "OI": "700", "TK": "1000"}
    assert taxes(fares[ADT]) == {**charged, "SW": "2950"}
    assert taxes(fares[CHD]) == {**charged, "SW": "1470"}
    assert all(fare.base.minor % 100 == 0 for fare in fares.values())


def test_taxes_at_a_connection_and_at_the_american_border(world: World) -> None:
    fare = priced(world, "YUL", "YYZ", "LGA", currency="CAD").fares[ADT]
    found = taxes(fare)
    assert found["SQ"] == "42.00"  # 35.00 to leave Montréal and 7.00 to connect in Toronto
    assert found["CA"] == "16.08"
    assert found["US"] == "31.60"  # 22.90 × 1.38 = 31.602
    assert (found["XA"], found["XY"], found["YC"]) == ("5.30", "9.66", "10.20")
    assert "XF" not in found
    back = taxes(priced(world, "LGA", "YYZ", "YUL").fares[ADT])
    assert (back["AY"], back["XF"], back["US"]) == ("7.73", "6.21", "31.60")
    assert back["SQ"] == "7.00"


def test_a_connection_pays_one_through_fare(world: World) -> None:
    through = priced(world, "YUL", "YYZ", "LHR").fares[ADT].base
    legs = [priced(world, *ends).fares[ADT].base for ends in (("YUL", "YYZ"), ("YYZ", "LHR"))]
    assert through < legs[0] + legs[1]


def test_the_highest_of_mixed_classes_is_paid(world: World) -> None:
    bound = journey(world, "YUL", "YYZ", "LHR")
    family = world.family("STANDARD")
    mixed = price_bound(world, bound, family, ("T", "H"), (ADT,), "CAD", EARLY)
    high = price_bound(world, bound, family, ("H", "H"), (ADT,), "CAD", EARLY)
    assert mixed is not None
    assert high is not None
    assert mixed.fares == high.fares
    assert mixed.rbds == ("T", "H")


def test_passenger_types_pay_their_part_rounded_up(world: World) -> None:
    fares = priced(world, "YYZ", "CDG", types=(ADT, CHD, INF, INS, YTH)).fares
    adult = fares[ADT].base.minor
    for kind, percent in ((CHD, 75), (INS, 75), (INF, 10), (YTH, 90)):
        assert fares[kind].base.minor == -(-adult * percent // 10000) * 100
    assert fares[CHD].basis == fares[ADT].basis + "CH"
    assert list(fares) == [ADT, CHD, INF, INS, YTH]


def test_other_currencies_round_fares_up_to_their_unit(world: World) -> None:
    home = priced(world, "YYZ", "LHR").fares[ADT].base.decimal()
    for currency, rate, unit in (
        ("USD", "1.38", 100),
        ("JPY", "0.0091", 100),
        ("INR", "0.0162", 500),
    ):
        base = priced(world, "YYZ", "LHR", currency=currency).fares[ADT].base
        exact = home / world.currencies[currency].rate
        assert str(world.currencies[currency].rate) == rate
        assert base.minor % unit == 0
        assert 0 <= base.decimal() - exact < world.currencies[currency].fare_unit


def test_days_before_departure_and_season_change_the_price(world: World) -> None:
    bound = journey(world, "YYZ", "LHR")

    def base(days: float) -> int | None:
        booked = bound.departure - timedelta(days=days)
        found = price(world, "YYZ", "LHR", booked_at=booked)
        return found.fares[ADT].base.minor if found else None

    early, late = base(14), base(13.9)
    assert early is not None
    assert late is not None
    assert early < late
    assert base(3) == late
    assert base(2.9) is None  # class K is filed with 3 days of advance purchase at least
    assert base(-1) is None
    winter = world.timetable.flights("YYZ", "LHR", date(2027, 2, 10))[:1]
    summer = world.timetable.flights("YYZ", "LHR", date(2027, 7, 14))[:1]
    low, high = (
        price_bound(world, Journey(each), world.family("FLEX"), ("Y",), (ADT,), "CAD", EARLY)
        for each in (world.timetable.flights("YYZ", "LHR", date(2028, 2, 9))[:1], summer)
    )
    assert winter
    assert low is not None
    assert high is not None
    assert low.fares[ADT].base < high.fares[ADT].base
    assert (low.fares[ADT].basis, high.fares[ADT].basis) == ("YLFXOW", "YHFXOW")


def test_restrictions_are_in_the_offers_currency(world: World) -> None:
    bound = priced(world, "YYZ", "LHR", currency="USD")
    fees = {each.stage: each.fee for each in bound.changes}
    assert fees[Stage.BEFORE] == Money(7300, "USD")  # 100.00 / 1.38 = 72.46, up to a whole dollar
    assert fees[Stage.NO_SHOW] is None
    light = priced(world, "YYZ", "LHR", family="LIGHT")
    assert not any(each.permitted for each in (*light.changes, *light.cancellations))


def test_the_same_question_has_the_same_answer_from_another_load(world: World) -> None:
    other = load(resources.fixtures() / "airline")
    assert priced(world, "YUL", "YYZ", "HND") == priced(other, "YUL", "YYZ", "HND")


def test_an_unknown_currency_is_refused_with_those_on_sale(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        price(world, "YYZ", "LHR", currency="XXX")
    assert caught.value.code == "727"
    assert "CAD" in caught.value.remedy


def test_no_fare_is_none(world: World) -> None:
    assert price(world, "YYZ", "LHR", family="LIGHT", rbd="Y") is None
    assert price(world, "LHR", "YYZ", "FRA") is None  # no market between two of Europe's airports
