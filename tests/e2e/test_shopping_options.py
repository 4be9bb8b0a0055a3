"""What a search may say of flights: connections, times, airlines, traits, named flights."""

from datetime import timedelta

import pytest
from tests.e2e.options import (
    asked,
    bound,
    connecting,
    durations,
    found,
    journeys,
    level,
    search,
    warnings,
)
from tests.houses import Served

from ndc_oms.kit.client import Reply


def day(served: Served, ahead: int = 30) -> object:
    return served.today + timedelta(days=ahead)


def via(reply: Reply) -> set[str]:
    return {flight.destination for each in journeys(reply) for flight in each[:-1]}


@pytest.mark.parametrize(("most", "flights"), [(0, {1}), (1, {1, 2})])
async def test_direct_only_and_connections_at_most(
    served: Served, most: int, flights: set[int]
) -> None:
    criteria = connecting(f"<MaximumConnectionQty>{most}</MaximumConnectionQty>")
    body = search(bound("YUL", "LHR", day(served), connections="CC"), related=criteria, limit=200)
    reply = await asked(served, body)
    if reply.errors:
        assert reply.errors[0][0] == "496"
        assert f"none with {most} connections or less" in reply.errors[0][1]
    else:
        assert {len(each) for each in journeys(reply)} <= flights


STATIONS = (
    "<StationCriteria>{level}<Station><IATA_LocationCode>{code}</IATA_LocationCode></Station>"
    "</StationCriteria>"
)


async def test_connection_points(served: Served) -> None:
    """All connections of the demo airline are at its hub."""
    pair = bound("YHZ", "YVR", day(served), connections="CC")

    def body(name: str, code: str) -> bytes:
        wanted = STATIONS.format(level=level(name), code=code)
        return search(pair, related=connecting(wanted), limit=200)

    free = journeys(await found(served, search(pair, related=connecting(""), limit=200)))
    for name, code in (("Required", "YYZ"), ("Exclude", "YUL"), ("Preferred", "YUL")):
        assert len(journeys(await found(served, body(name, code)))) == len(free)
    for name, code, why in (
        ("Required", "YUL", "none connecting at YUL"),
        ("Exclude", "YYZ", "none not connecting at YYZ"),
    ):
        none = await asked(served, body(name, code))
        assert none.errors[0][0] == "496"
        assert why in none.errors[0][1]


async def test_a_city_is_all_its_airports_as_a_connection_point(served: Served) -> None:
    wanted = STATIONS.format(level=level("Required"), code="YTO")
    body = search(bound("YHZ", "YVR", day(served)), related=connecting(wanted), limit=200)
    assert via(await found(served, body)) == {"YYZ"}


async def test_connection_times(served: Served) -> None:
    times = (
        "<MaximumConnectionDuration>PT6H</MaximumConnectionDuration>"
        "<MinimumConnectionDuration>PT4H</MinimumConnectionDuration>"
    )
    reply = await found(
        served, search(bound("YOW", "YVR", day(served)), related=connecting(times), limit=200)
    )
    for first, second in journeys(reply):
        wait = int(second.departs[11:13]) * 60 + int(second.departs[14:16])
        wait -= int(first.arrives[11:13]) * 60 + int(first.arrives[14:16])
        assert 240 <= wait % 1440 <= 360


async def test_the_longest_journey_and_the_longest_flight(served: Served) -> None:
    limit = (
        "<JourneyDurationCriteria><MaximumTimeDuration>PT7H30M</MaximumTimeDuration>"
        "<PrefCode>{}</PrefCode></JourneyDurationCriteria>"
    )
    pair = ("YOW", "YVR", day(served))
    required = await found(served, search(bound(*pair, lasts=limit.format("Required")), limit=200))
    assert durations(required)
    assert all(minutes(each) <= 450 for each in durations(required))
    preferred = await found(
        served, search(bound(*pair, lasts=limit.format("Preferred")), limit=200)
    )
    lengths = [minutes(each) for each in durations(preferred)]
    assert max(lengths) > 450
    assert lengths[0] <= 450
    flights = (
        '<SegmentDurationCriteria><MaximumTimeMeasure UnitCode="HUR">3</MaximumTimeMeasure>'
        "<PrefCode>Required</PrefCode></SegmentDurationCriteria>"
    )
    none = await asked(served, search(bound(*pair), related=flights))
    assert none.errors[0][0] == "496"
    assert "none with flights of 3:00 h or less" in none.errors[0][1]


def minutes(duration: str) -> int:
    hours, _, rest = duration.removeprefix("PT").partition("H")
    return int(hours) * 60 + int(rest.removesuffix("M"))


@pytest.mark.parametrize(
    ("leaves", "earliest", "latest"),
    [
        ("<Time>12:00:00</Time><TimeAfterDuration>PT3H</TimeAfterDuration>", "12:00", "15:00"),
        ("<Time>12:00:00</Time><TimeBeforeDuration>PT3H</TimeBeforeDuration>", "09:00", "12:00"),
        (
            "<Time>12:00:00</Time><TimeAfterDuration>PT1H</TimeAfterDuration>"
            "<TimeBeforeDuration>PT2H</TimeBeforeDuration>",
            "10:00",
            "13:00",
        ),
    ],
)
async def test_departure_windows(served: Served, leaves: str, earliest: str, latest: str) -> None:
    reply = await found(served, search(bound("YYZ", "YVR", day(served), leaves=leaves), limit=200))
    times = {each[0].departs[11:16] for each in journeys(reply)}
    assert times
    assert all(earliest <= each <= latest for each in times)


async def test_a_time_alone_is_a_preference(served: Served) -> None:
    reply = await found(
        served,
        search(bound("YYZ", "YVR", day(served), leaves="<Time>15:00:00</Time>"), limit=200),
    )
    times = [each[0].departs[11:16] for each in journeys(reply)]
    assert "13:00" <= times[0] <= "17:00"
    assert min(times) < "13:00"


async def test_arrival_windows_and_days(served: Served) -> None:
    pair = ("YYZ", "LHR", day(served))
    window = "{}<Time>08:00:00</Time><TimeAfterDuration>PT1H</TimeAfterDuration>"
    reply = await found(served, search(bound(*pair, arrives=window), limit=200))
    assert {each[-1].arrives[11:16] for each in journeys(reply)} == {"08:20"}
    on = "<Date>{}</Date>"
    same_day = await found(
        served, search(bound(*pair, arrives=on.format(day(served)) + "{}"), limit=200)
    )
    assert {each[-1].arrives[:10] for each in journeys(same_day)} == {str(day(served))}
    next_day = await found(
        served, search(bound(*pair, arrives=on.format(day(served, 31)) + "{}"), limit=200)
    )
    assert {each[-1].arrives[:10] for each in journeys(next_day)} == {str(day(served, 31))}


def carriers(*wanted: tuple[str, str]) -> str:
    return "".join(
        f"<CarrierCriteria><Carrier><AirlineDesigCode>{code}</AirlineDesigCode></Carrier>"
        f"{level(name)}</CarrierCriteria>"
        for code, name in wanted
    )


async def test_airlines_wanted_and_not(served: Served) -> None:
    pair = bound("YYZ", "YVR", day(served))
    wanted = await found(served, search(pair, related=carriers(("T8", "Required"))))
    assert {flight.carrier for each in journeys(wanted) for flight in each} == {"T8"}
    for related in (carriers(("T8", "Exclude")), carriers(("QQ", "Required"))):
        none = await asked(served, search(pair, related=related))
        assert none.errors[0][0] == "496"
    assert "none of QQ" in none.errors[0][1]
    some = await found(served, search(pair, related=carriers(("QQ", "Preferred"))))
    assert journeys(some)


async def test_alliances(served: Served) -> None:
    def alliance(code: str, name: str) -> str:
        return (
            f"<AllianceCriteria><Alliance><AllianceCode>{code}</AllianceCode></Alliance>"
            f"{level(name)}</AllianceCriteria>"
        )

    pair = bound("YYZ", "YVR", day(served))
    assert journeys(await found(served, search(pair, related=alliance("NLA", "Required"))))
    for related in (alliance("NLA", "Exclude"), alliance("ZZZ", "Required")):
        none = await asked(served, search(pair, related=related))
        assert none.errors[0][0] == "496"
    assert "none of alliance ZZZ" in none.errors[0][1]


def traits(*wanted: tuple[str, str]) -> str:
    inside = "".join(
        f"<FlightCharacteristicsCriteria><CharacteristicCode>{code}</CharacteristicCode>"
        f"{level(name)}</FlightCharacteristicsCriteria>"
        for code, name in wanted
    )
    return f"<FlightCriteria>{inside}</FlightCriteria>"


async def test_traits_of_flights(served: Served) -> None:
    pair = bound("YYZ", "LHR", day(served))
    red_eye = await found(served, search(pair, related=traits(("RedEye", "Required")), limit=200))
    assert {each[0].departs[11:16] for each in journeys(red_eye)} == {"22:05"}
    by_day = await found(served, search(pair, related=traits(("RedEye", "Exclude")), limit=200))
    assert {each[0].departs[11:16] for each in journeys(by_day) if len(each) == 1} == {
        "08:30",
        "20:05",
    }
    west = bound("YVR", "LHR", day(served))
    overnight = await found(
        served, search(west, related=traits(("OvernightStop", "Required")), limit=200)
    )
    for first, second in journeys(overnight):
        assert first.arrives[:10] < second.departs[:10]
    stopless = await asked(served, search(west, related=traits(("NonStop", "Required"))))
    assert "none non-stop" in stopless.errors[0][1]
    changing = await asked(served, search(pair, related=traits(("AirportChange", "Required"))))
    assert changing.errors[0][0] == "496"


async def test_aircraft_are_preferred(served: Served) -> None:
    types = (
        "<IATA_AircraftType><IATA_AircraftTypeCode>{}</IATA_AircraftTypeCode></IATA_AircraftType>"
    )
    pair = bound("YUL", "YVR", day(served))
    free = await found(served, search(pair, limit=200))
    flown = free.all("//IATA_AircraftTypeCode")
    kinds = {each.text for each in flown}
    assert kinds
    for kind in kinds:
        related = f"<FlightCriteria>{types.format(kind)}</FlightCriteria>"
        reply = await found(served, search(pair, related=related, limit=200))
        assert len(journeys(reply)) == len(journeys(free))


# -- named flights -----------------------------------------------------------------------------


def named(served: Served, *flights: tuple[str, str, str, str], ahead: int = 30) -> tuple[str, str]:
    """The two lists for one journey. flights: number, origin, destination, time of departure."""
    sold = "".join(
        f"<DatedMarketingSegment><Arrival><IATA_LocationCode>{end}</IATA_LocationCode></Arrival>"
        "<CarrierDesigCode>T8</CarrierDesigCode>"
        f"<DatedMarketingSegmentId>M{number}</DatedMarketingSegmentId>"
        f"<DatedOperatingSegmentRefId>O{number}</DatedOperatingSegmentRefId><Dep>"
        f"<AircraftScheduledDateTime>{day(served, ahead)}T{at}:00</AircraftScheduledDateTime>"
        f"<IATA_LocationCode>{start}</IATA_LocationCode></Dep>"
        f"<MarketingCarrierFlightNumberText>{number}</MarketingCarrierFlightNumberText>"
        "</DatedMarketingSegment>"
        for number, start, end, at in flights
    )
    segments = "".join(
        f"<PaxSegment><DatedMarketingSegmentRefId>M{number}</DatedMarketingSegmentRefId>"
        f"<PaxSegmentID>S{number}</PaxSegmentID></PaxSegment>"
        for number, *_ in flights
    )
    return (
        f"<DatedMarketingSegmentList>{sold}</DatedMarketingSegmentList>",
        f"<PaxJourneyList><PaxJourney><PaxJourneyID>J1</PaxJourneyID>{segments}</PaxJourney>"
        "</PaxJourneyList>",
    )


def pair_of(origin: str, destination: str) -> str:
    return (
        f"<SpecificOriginDestCriteria><DestCode>{destination}</DestCode>"
        f"<OriginCode>{origin}</OriginCode><OriginDestID>OD1</OriginDestID>"
        "<PaxJourneyRefID>J1</PaxJourneyRefID></SpecificOriginDestCriteria>"
    )


async def test_named_flights_and_no_others(served: Served) -> None:
    lists = named(served, ("264", "YYZ", "YVR", "13:15"))
    reply = await found(served, search(named=pair_of("YYZ", "YVR"), lists=lists, limit=200))
    assert [[f.name for f in each] for each in journeys(reply)] == [["T8264"]] * len(
        journeys(reply)
    )


async def test_a_named_connection_that_a_search_would_not_find(served: Served) -> None:
    """Three flights leave before the one that is named: a search keeps only those."""
    lists = named(served, ("169", "YOW", "YYZ", "06:00"), ("274", "YYZ", "YVR", "21:50"))
    reply = await found(served, search(named=pair_of("YOW", "YVR"), lists=lists, limit=200))
    assert {tuple(f.name for f in each) for each in journeys(reply)} == {("T8169", "T8274")}


@pytest.mark.parametrize(
    "flights",
    [
        (("9264", "YYZ", "YVR", "13:15"),),
        (("161", "YOW", "YYZ", "17:30"), ("258", "YYZ", "YVR", "08:10")),
    ],
)
async def test_named_flights_that_cannot_be_flown(
    served: Served, flights: tuple[tuple[str, str, str, str], ...]
) -> None:
    lists = named(served, *flights)
    reply = await asked(served, search(named=pair_of(flights[0][1], flights[-1][2]), lists=lists))
    assert reply.errors[0][0] == "496"
    assert f"T8{flights[0][0]} on {day(served)}" in reply.errors[0][1]


# -- why not -----------------------------------------------------------------------------------


async def test_an_empty_answer_counts_what_each_rule_removed(served: Served) -> None:
    criteria = connecting("<MaximumConnectionDuration>PT2H</MaximumConnectionDuration>")
    body = search(
        bound("YOW", "YVR", day(served), leaves="<Time>06:00:00</Time>"
              "<TimeAfterDuration>PT1H</TimeAfterDuration>"),
        related=carriers(("T8", "Exclude")) + criteria,
    )  # fmt: skip
    (error,) = (await asked(served, body)).errors
    assert error[0] == "496"
    assert "33 journeys found, none not of T8." in error[1]
    body = body.replace(b"Exclude", b"Preferred").replace(b"PT2H", b"PT20M")
    (error,) = (await asked(served, body)).errors
    assert "33 journeys found, none with connections of at most 0:20 h" in error[1]
    body = body.replace(b"PT20M", b"PT2H").replace(b"06:00:00", b"08:00:00")
    (error,) = (await asked(served, body)).errors
    assert "33 journeys found, 9 with connections of at most 2:00 h (24 removed), none" in error[1]


async def test_a_thin_answer_says_why_in_warnings(served: Served) -> None:
    window = "<Time>08:00:00</Time><TimeAfterDuration>PT20M</TimeAfterDuration>"
    reply = await found(served, search(bound("YYZ", "YVR", day(served), leaves=window)))
    (told,) = warnings(reply)
    assert "11 journeys found, 1 departing from 08:00 to 08:20 (10 removed)" in told
    (path,) = [each.text for each in reply.all("Response/Warning/TagText")]
    assert (path or "").endswith("/OriginDestCriteria")


async def test_a_full_answer_has_no_warnings(served: Served) -> None:
    assert warnings(await found(served, search(bound("YYZ", "YVR", day(served))))) == []


async def test_what_is_not_looked_at_is_named(served: Served) -> None:
    kind = "<FareCriteria><FareBasisCode>KL</FareBasisCode><FareTypeCode>ZZZ</FareTypeCode>"
    reply = await found(
        served,
        search(
            bound("YYZ", "YVR", day(served)),
            related="<FlightCriteria><RBD><RBD_Code>K</RBD_Code></RBD></FlightCriteria>",
            offers=f"{kind}{level('Preferred')}</FareCriteria>",
        ),
    )
    paths = [(each.text or "").rpartition("/")[2] for each in reply.all("Response/Warning/TagText")]
    assert sorted(paths) == ["FareBasisCode", "FareTypeCode", "RBD"]
    assert "Fares of kind ZZZ are not known" in " ".join(warnings(reply))
