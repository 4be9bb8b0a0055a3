"""Searching over HTTP on the demo airline: what is flown, by how many, and what is shown."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from tests.e2e.reading import Flight, offers
from tests.e2e.shopping import ADULT, ahead, flights, seats, sell_out, shop
from tests.houses import Served, demo_world

from ndc_oms.kit.requests import Pax

FAMILIES = {family.code for family in demo_world().families}


# -- what is flown -------------------------------------------------------------------------------


async def test_direct_flights_leave_on_the_day_that_was_asked_for(served: Served) -> None:
    found = await shop(served, ("YYZ", "LHR", 30))
    direct = [offer for offer in found if len(offer.journeys[0]) == 1]
    assert direct
    for flight in flights(direct):
        assert (flight.origin, flight.destination) == ("YYZ", "LHR")
    assert {offer.journeys[0][0].departs.date() for offer in found} == {ahead(served)}


async def test_connections_keep_the_minimum_connecting_time(served: Served) -> None:
    world, connections = demo_world(), 0
    for origin, destination in (("YOW", "YVR"), ("YHZ", "LHR"), ("LHR", "YVR"), ("BOS", "YQB")):
        for offer in await shop(served, (origin, destination, 30), limit=40):
            for arriving, departing in zip(offer.journeys[0], offer.journeys[0][1:], strict=False):
                assert arriving.destination == departing.origin
                least = world.minimum_connection(
                    arriving.destination,
                    world.airports[arriving.origin].country,
                    world.airports[departing.destination].country,
                )
                wait = departing.departs - arriving.arrives
                assert least <= wait <= timedelta(hours=24)
                connections += 1
    assert connections > 50


async def test_a_connection_may_last_a_night(served: Served) -> None:
    found = await shop(served, ("YOW", "YVR", 30), limit=50)
    nights = [
        offer
        for offer in found
        if offer.journeys[0][-1].departs.date() > offer.journeys[0][0].arrives.date()
    ]
    assert nights
    assert len(nights) < len(found) / 2  # and is not what is shown first
    assert found[0] not in nights


async def test_the_date_line_takes_a_day_and_gives_it_back(served: Served) -> None:
    (out, *_), (back, *_) = (
        await shop(served, ("YVR", "SYD", 30), limit=1),
        await shop(served, ("SYD", "YVR", 30), limit=1),
    )
    for offer, days in ((out, 2), (back, 0)):
        ((flight,),) = offer.journeys
        assert (flight.arrives.date() - flight.departs.date()).days == days
        assert flight.arrives - flight.departs == flight.duration
    ((home,),) = back.journeys
    assert home.arrives.replace(tzinfo=None) < home.departs.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("origin", "destination", "day"),
    [
        ("YYZ", "YUL", date(2027, 3, 14)),  # clocks go forward in North America
        ("YVR", "YYZ", date(2027, 3, 13)),  # through that night
        ("YYZ", "LHR", date(2027, 3, 27)),  # through the night in which they do in Europe
        ("YYZ", "LHR", date(2027, 3, 28)),
        ("YVR", "YYZ", date(2027, 11, 6)),  # through the night in which they go back
    ],
)
async def test_durations_hold_where_the_clocks_change(
    served: Served, origin: str, destination: str, day: date
) -> None:
    found = offers(await served.talk.shop([(origin, destination, day)], ADULT, limit=30))
    assert found
    for flight in flights(found):
        assert flight.arrives - flight.departs == flight.duration
        assert timedelta(minutes=30) < flight.duration < timedelta(hours=12)


async def test_the_hour_that_is_lost_in_the_night_shows_on_the_wall(served: Served) -> None:
    """The same flights a week before: by local times the two differ by an hour."""
    usual, changed = [
        {flight.name: flight for flight in flights(offers(reply))}
        for reply in [
            await served.talk.shop([("YVR", "YYZ", day)], ADULT, limit=50)
            for day in (date(2027, 3, 6), date(2027, 3, 13))
        ]
    ]
    nights = [f for f in changed.values() if f.arrives.date() > f.departs.date()]
    both = [(usual[flight.name], flight) for flight in nights if flight.name in usual]
    assert both
    for before, after in both:
        assert on_the_wall(before) - before.duration == timedelta(hours=3)
        assert on_the_wall(after) - after.duration == timedelta(hours=4)


def on_the_wall(flight: Flight) -> timedelta:
    return flight.arrives.replace(tzinfo=None) - flight.departs.replace(tzinfo=None)


async def test_a_citys_code_means_all_its_airports(served: Served) -> None:
    found = flights(await shop(served, ("WAS", "LON", 30), limit=100))
    assert {"IAD", "DCA"} <= {flight.origin for flight in found}
    assert {"LHR", "LGW"} & {flight.destination for flight in found}
    reply = await served.talk.shop([("WAS", "LON", ahead(served))], ADULT, limit=1)
    asked = "Response/DataLists/OriginDestList/OriginDest"
    assert [reply.text(f"{asked}/{end}") for end in ("OriginCode", "DestCode")] == ["WAS", "LON"]


async def test_six_bounds_in_their_order(served: Served) -> None:
    asked = [
        ("YYZ", "YUL", 30),
        ("YUL", "YHZ", 31),
        ("YHZ", "YYZ", 32),
        ("YYZ", "YOW", 33),
        ("YOW", "YVR", 34),
        ("YVR", "YYC", 35),
    ]
    found = await shop(served, *asked, limit=10)
    assert found
    for offer in found:
        ends = [(journey[0].origin, journey[-1].destination) for journey in offer.journeys]
        assert ends == [(origin, destination) for origin, destination, _ in asked]
        for before, after in zip(offer.journeys, offer.journeys[1:], strict=False):
            assert before[-1].arrives < after[0].departs
        assert len(offer.items) == 6
        assert sum(item.total for item in offer.items) == offer.total


async def test_what_has_left_or_is_about_to_is_not_offered(served: Served) -> None:
    now = served.clock.now()
    found = await shop(served, ("YYZ", "YUL", 0), limit=100)
    assert found
    assert min(flight.departs for flight in flights(found)) >= now + timedelta(hours=1)


# -- how many seats -------------------------------------------------------------------------------


async def test_nine_travel_together_or_not_at_all(served: Served) -> None:
    """A class that has fewer seats is skipped, whatever it costs."""
    nine = [Pax(f"PAX{n}") for n in range(1, 10)]
    one = await shop(served, ("YYZ", "LHR", 30), limit=50)
    all_of_them = await shop(served, ("YYZ", "LHR", 30), party=nine, limit=50)
    assert all_of_them
    for offer in all_of_them:
        (journey,), rbds = offer.journeys, offer.items[0].rbds
        for flight, rbd in zip(journey, rbds, strict=True):
            assert await seats(served, flight, rbd) >= 9
    cheapest = min(offer.items[0].total for offer in all_of_them)
    assert cheapest > min(offer.items[0].total for offer in one)


async def test_a_class_that_sells_out_is_left_for_the_next(served: Served) -> None:
    (before,) = await shop(served, ("YYZ", "LHR", 30), limit=1)
    (rbd,) = before.items[0].rbds
    await sell_out(served, before)
    await served.house.availability.catch_up()
    after = await shop(served, ("YYZ", "LHR", 30), limit=50)
    same = [o for o in after if o.journeys == before.journeys and o.families == before.families]
    assert all(offer.items[0].rbds != (rbd,) for offer in same)
    assert all(offer.total > before.total for offer in same)


# -- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bounds",
    [
        (("YYZ", "LHR", 30),),
        (("YOW", "YVR", 30),),
        (("YYZ", "YVR", 30), ("YVR", "YYZ", 40)),
        (("YYZ", "CDG", 30), ("FCO", "YYZ", 44)),
    ],
)
async def test_every_family_stands_among_the_first_offers(
    served: Served, bounds: tuple[tuple[str, str, int], ...]
) -> None:
    found = await shop(served, *bounds, limit=30)
    first = found[: len(FAMILIES)]
    assert {family for offer in first for family in offer.families} == FAMILIES
    assert first[0].total == min(offer.total for offer in found)
    assert len({offer.id for offer in found}) == len(found)


async def test_a_required_cabin_is_the_only_one(served: Served) -> None:
    found = await shop(served, ("YYZ", "LHR", 30), cabin="2", limit=30)
    assert {flight.cabin for flight in flights(found)} == {"2"}


async def test_nothing_says_why(served: Served) -> None:
    eight = [Pax(f"PAX{n}") for n in range(1, 9)]
    cases: dict[str, tuple[tuple[str, str, int], Sequence[Pax]]] = {
        "none with 8 seats": (("YYZ", "SYD", 30), eight),
        "no flights on this day": (("YYZ", "DXB", 31), ADULT),
    }
    for words, ((origin, destination, days), party) in cases.items():
        reply = await served.talk.shop([(origin, destination, ahead(served, days))], party)
        ((code, text),) = reply.errors
        assert code == "496"
        assert words in text
        assert f"{origin}–{destination} on {ahead(served, days)}" in text
