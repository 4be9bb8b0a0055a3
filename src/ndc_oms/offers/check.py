"""What can be said of a shopping request before anything is looked for, all of it in one pass."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ndc_oms.errors import Invalid, Refusal, Refusals
from ndc_oms.offers.anywhere import MAX_SPAN, airports_of, dated
from ndc_oms.offers.partner_content import routes
from ndc_oms.offers.party import check_party
from ndc_oms.offers.request import Affinity, BoundRequest, ShopRequest
from ndc_oms.offers.search import Search
from ndc_oms.world.world import World


def check_shop(
    request: ShopRequest, currency: str, world: World, search: Search, now: datetime
) -> None:
    """Raises Refusal, or Refusals for several. Codes: 143, 476, 68, 324 the party; 727 the
    currency; 912, 724 how many bounds; 100, 130 where; 8 when; 102 in which order; 12 the cabin.
    """
    most = world.controls.max_party
    found = list(_refusals(lambda: check_party(request.party, request.party_path, most)))
    found += _refusals(lambda: _check_currency(currency, world))
    affinity = request.affinity
    if affinity is not None:
        found += _refusals(lambda: _check_budget(affinity, currency))
        found += _refusals(lambda: _check_from(affinity, world))
        found += _refusals(lambda: _check_span(dated(affinity, now.date()), world, now))
        _raise(found)
        return
    number = list(_refusals(lambda: _check_number(request, world)))
    found += number
    for bound in () if number else request.bounds:  # too many are not worth a look
        found += _refusals(lambda: _check_bound(bound, world, search, now))  # noqa: B023 — called at once
    if not found:
        found += _refusals(lambda: _check_order(request.bounds, world, search))
    _raise(found)


def on_sale(world: World, now: datetime) -> tuple[date, date]:
    """The first and the last day of departure, anywhere."""
    today = _today(world.airline.zone, now)
    # where the airline's day has begun, it may still be the day before elsewhere
    return today - timedelta(days=1), world.timetable.last_day(today)


def _raise(found: list[Refusal]) -> None:
    if len(found) == 1:
        raise found[0]
    if found:
        raise Refusals(found)


def _refusals(check: Callable[[], None]) -> Iterator[Refusal]:
    try:
        check()
    except Refusal as refusal:
        yield refusal


def _check_currency(currency: str, world: World) -> None:
    if currency not in world.currencies:
        raise Invalid(
            f"Offers are not made in {currency}.",
            code="727",
            remedy=f"Ask for one of {', '.join(sorted(world.currencies))}.",
        )


def _check_budget(affinity: Affinity, currency: str) -> None:
    for amount in (affinity.least, affinity.most):
        if amount is not None and amount.currency != currency:
            raise Invalid(
                f"The budget is in {amount.currency}, the offers are in {currency}.",
                code="727",
                path=affinity.path,
                remedy="Ask for offers in the currency of the budget.",
            )


def _check_from(affinity: Affinity, world: World) -> None:
    if not any(map(world.timetable.destinations, airports_of(world, affinity.origin))):
        where = affinity.origin.station or affinity.origin.country
        raise Invalid(
            f"{world.airline.name} does not serve {where}.",
            code="100",
            path=affinity.path,
            remedy="Ask for an airport, city or country of the airline's network.",
        )


def _check_span(affinity: Affinity, world: World, now: datetime) -> None:
    """affinity: dated."""
    first, last_out = affinity.first or now.date(), affinity.last or now.date()
    if last_out < first:
        raise Invalid(
            f"The days of departure end on {last_out}, before they begin on {first}.",
            code="102",
            path=affinity.path,
            remedy="Send the first day of departure before the last.",
        )
    today, last = on_sale(world, now)
    if last_out < today or first > last or (last_out - first).days > MAX_SPAN:
        raise Invalid(
            f"The days from {first} to {last_out} are not on sale, or are too many.",
            code="8",
            path=affinity.path,
            remedy=f"Ask for days from {today} to {last}, {MAX_SPAN} at most.",
        )


def _check_number(request: ShopRequest, world: World) -> None:
    most = world.controls.max_bounds
    if not request.bounds:
        raise Invalid(
            "The request names no origin and destination.",
            remedy=f"Give 1 to {most} origins and destinations, each with a date.",
        )
    if len(request.bounds) > most:
        raise Invalid(
            f"{len(request.bounds)} origins and destinations; {most} is the most.",
            code="724",
            path=request.bounds[most].path,
            remedy="Divide the trip.",
        )


def _check_bound(bound: BoundRequest, world: World, search: Search, now: datetime) -> None:
    _check_route(bound, world, search)
    _check_day(bound, world, now)
    if bound.cabin_required:
        sold = {family.cabin for family in world.families}
        if not sold & set(bound.cabins):
            raise Invalid(
                f"{world.airline.name} has no such cabin.",
                code="12",
                path=bound.path,
                remedy=f"Ask for one of the cabins {', '.join(sorted(sold))}.",
            )


def _check_route(bound: BoundRequest, world: World, search: Search) -> None:
    places = (world.locate(bound.origin), world.locate(bound.destination))
    if bound.origin != bound.destination and routes(world, *places):
        return  # with a partner, if not by ourselves
    for code in (bound.origin, bound.destination):
        if not any(world.timetable.destinations(each) for each in world.locate(code)):
            raise Invalid(
                f"{world.airline.name} does not serve {code}.",
                code="100",
                path=bound.path,
                remedy="Ask for an airport or city of the airline's network.",
            )
    pairs = search.pairs(bound.origin, bound.destination)
    if bound.origin == bound.destination or not pairs:
        raise Invalid(
            f"{bound.origin} and {bound.destination} are one place.",
            code="130",
            path=bound.path,
            remedy="Ask for two places.",
        )
    if not any(search.connected(*pair) for pair in pairs):
        raise Invalid(
            f"No flights join {bound.origin} and {bound.destination}, nor do two connections.",
            code="130",
            path=bound.path,
            remedy="Divide the trip at a place that both have flights with.",
        )


def _check_day(bound: BoundRequest, world: World, now: datetime) -> None:
    today = _today(world.airports[world.locate(bound.origin)[0]].zone, now)
    last = world.timetable.last_day(_today(world.airline.zone, now))
    if today <= bound.day <= last:
        return
    what = "is past" if bound.day < today else "is not on sale yet"
    raise Invalid(
        f"{bound.day} {what} in {bound.origin}.",
        code="8",
        path=bound.path,
        remedy=f"Ask for a day from {today} to {last}.",
    )


def _check_order(bounds: tuple[BoundRequest, ...], world: World, search: Search) -> None:
    """A later bound may bear an earlier date only where the date line gives that day back."""
    for before, after in pairwise(bounds):
        if after.day < before.day and after.day < _earliest(before, after, world, search):
            raise Invalid(
                f"{after.origin}–{after.destination} on {after.day} leaves before "
                f"{before.origin}–{before.destination} on {before.day} has arrived.",
                code="102",
                path=after.path,
                remedy="Put the origins and destinations in the order of travel.",
            )


def _earliest(before: BoundRequest, after: BoundRequest, world: World, search: Search) -> date:
    """The local day at the next origin on which the bound before can be over."""
    found = search.journeys(before.origin, before.destination, before.day)
    arrivals = [journey.arrival for each in found for journey in each.journeys]
    zone = world.airports[world.locate(after.origin)[0]].zone
    return _today(zone, min(arrivals)) if arrivals else before.day


def _today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()
