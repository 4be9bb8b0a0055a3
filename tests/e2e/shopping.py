"""Searching as the tests of shopping do it: bounds in days from today, replies read at once."""

from collections.abc import Sequence
from datetime import date, timedelta

from tests.e2e.reading import Flight, Offer, offers
from tests.houses import Served

from ndc_oms.kit.requests import Pax
from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import SegmentSale

ADULT = (Pax("PAX1"),)


def ahead(served: Served, days: int = 30) -> date:
    return served.today + timedelta(days=days)


async def shop(
    served: Served,
    *bounds: tuple[str, str, int],
    party: Sequence[Pax] = ADULT,
    limit: int | None = None,
    cabin: str | None = None,
    currency: str | None = None,
) -> list[Offer]:
    """bounds: with days from today. Raises AssertionError where there are no offers."""
    asked = [(origin, destination, ahead(served, days)) for origin, destination, days in bounds]
    return offers(await served.talk.shop(asked, party, limit=limit, cabin=cabin, currency=currency))


def flights(found: Sequence[Offer]) -> list[Flight]:
    return [flight for offer in found for journey in offer.journeys for flight in journey]


def key_of(flight: Flight) -> FlightKey:
    day = flight.departs.date()
    return FlightKey("T8", flight.name.removeprefix("T8"), day, flight.origin, flight.destination)


async def seats(served: Served, flight: Flight, rbd: str) -> int:
    """By the reservation system's own word."""
    key = key_of(flight)
    found = await served.pss.check((key,))
    assert isinstance(found, Confirmed)
    return found.value[key][rbd]


async def sell_out(served: Served, offer: Offer) -> None:
    """Somebody else takes what is left of the class of a direct flight's offer."""
    ((flight,),), (rbd,) = offer.journeys, offer.items[0].rbds
    sale = SegmentSale(key_of(flight), rbd, await seats(served, flight, rbd))
    until = served.clock.now() + timedelta(hours=1)
    assert isinstance(await served.pss.hold("another", (sale,), until), Confirmed)
