"""Why a request has no offers, for each origin and destination, in figures that help."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ndc_oms.model.journey import Journey
from ndc_oms.model.product import Cabin
from ndc_oms.offers.quotes import Quote, Quotes, Terms
from ndc_oms.offers.request import BoundRequest
from ndc_oms.offers.search import Found


def why_nothing(
    bounds: Sequence[BoundRequest],
    found: Sequence[tuple[Found, ...]],
    *,
    terms: Terms,
    quotes: Quotes,
    closing: datetime,
    booked_at: datetime,
) -> tuple[str, ...]:
    """One text a bound. closing: flights that leave before it are not sold any more."""
    return tuple(
        _why(bound, each, terms=terms, quotes=quotes, closing=closing, booked_at=booked_at)
        for bound, each in zip(bounds, found, strict=True)
    )


def _why(
    bound: BoundRequest,
    found: tuple[Found, ...],
    *,
    terms: Terms,
    quotes: Quotes,
    closing: datetime,
    booked_at: datetime,
) -> str:
    start = f"{bound.origin}–{bound.destination} on {bound.day}: "
    journeys = [journey for each in found for journey in each.journeys]
    if not journeys:
        return start + "no flights on this day."
    fitting = [each for each in journeys if _direct_enough(each, bound)]
    if not fitting:
        return start + f"{_many(journeys)}, none with {bound.max_connections} connections or less."
    leaving = [each for each in fitting if each.departure >= closing]
    if not leaving:
        return start + f"{_many(fitting)}, all closed for sale."
    cabins = tuple(_cabins(bound, quotes))
    seated = [each for each in leaving if _has_seats(each, cabins, terms, quotes)]
    if not seated:
        where = f" in cabin {', '.join(bound.cabins)}" if bound.cabin_required else ""
        return start + f"{_many(leaving)}, none with {terms.seats} seats{where}."
    priced = [q for each in found for q in quotes.of(each, terms, booked_at)]
    if not any(_answers(quote, bound, closing) for quote in priced):
        return start + f"{_many(seated)} with seats, no fare for this party in {terms.currency}."
    return start + f"{_many(seated)} with seats, but none that fits with the other bounds in time."


def _many(journeys: Sequence[Journey]) -> str:
    return f"{len(journeys)} journey{'s' if len(journeys) != 1 else ''} found"


def _direct_enough(journey: Journey, bound: BoundRequest) -> bool:
    return bound.max_connections is None or len(journey.segments) <= bound.max_connections + 1


def _cabins(bound: BoundRequest, quotes: Quotes) -> Iterator[Cabin]:
    for cabin in quotes.cabins:
        if not bound.cabin_required or cabin in bound.cabins:
            yield cabin


def _has_seats(journey: Journey, cabins: Sequence[Cabin], terms: Terms, quotes: Quotes) -> bool:
    if quotes.cap(journey, terms.channel) < terms.seats:
        return False
    counts = quotes.counts(journey)
    return any(any(quotes.open_classes(counts, cabin, terms.seats)) for cabin in cabins)


def _answers(quote: Quote, bound: BoundRequest, closing: datetime) -> bool:
    if quote.departs < closing.timestamp() or not _direct_enough(quote.bound.journey, bound):
        return False
    return not bound.cabin_required or quote.bound.family.cabin in bound.cabins
