"""What partners add to a search: bounds that they fly whole, and connections of our flights with
theirs at the airports where passengers change between us.

A connection with a partner is looked for where we have no flight without one. It keeps the
airport's minimum connecting time, and after a flight the next two of the partner's are taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

from ndc_oms.model.journey import Segment
from ndc_oms.model.offer import PricedBound
from ndc_oms.model.passenger import PassengerType
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.joining import join
from ndc_oms.offers.party import TYPES, Counts
from ndc_oms.offers.quotes import Quote, Quotes, Terms
from ndc_oms.offers.request import BoundRequest
from ndc_oms.offers.search import MAX_CONNECTION, Found, Search
from ndc_oms.offers.token import MAX_SEGMENTS, ShareClaim, pack_shared, share_mark
from ndc_oms.partners.board import Answers, Board, Question, Silence
from ndc_oms.ports.partner import PartnerOffer, Seek
from ndc_oms.world.partners import PartnerTerms
from ndc_oms.world.world import World

ONWARD: Final = 2  # flights of the one that a flight of the other connects to
MAX_JOINED: Final = 120  # connections with one partner at one airport, the cheapest
NO_FAMILY: Final = 255  # in place of ours, in a token without a flight of ours
_OTHER_LANES: Final = 1000  # partners' families that are shown with none of ours
_KEPT: Final = 8192  # pairs of places; most have no way with a partner, and take 200 bytes
_EVENING_H: Final = 18  # who arrives later may have to go on the next day


class Route(NamedTuple):
    """A way that a partner has a part in. via: where passengers change; None: it flies it whole."""

    partner: int
    terms: PartnerTerms
    origin: str
    destination: str
    via: str | None = None
    ours_first: bool = True


@dataclass(frozen=True, slots=True)
class _Look:
    """One way of one bound: our flights in it, and what its partner is asked."""

    bound: int
    way: Route
    ours: tuple[Found, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """pages: quotes for each bound of the request. silences: partners that did not answer."""

    pages: tuple[tuple[Quote, ...], ...]
    silences: tuple[Silence, ...] = ()


@lru_cache(_KEPT)
def routes(
    world: World, origins: tuple[str, ...], destinations: tuple[str, ...]
) -> tuple[Route, ...]:
    """Every way from one of some airports to one of others with a partner in it."""
    found: list[Route] = []
    for place, terms in enumerate(world.partners):
        for origin in origins:
            for destination in destinations:
                if terms.serves(origin, destination):
                    found.append(Route(place, terms, origin, destination))
                found += _connections(world, place, terms, origin, destination)
    return tuple(found)


def _connections(
    world: World, place: int, terms: PartnerTerms, origin: str, destination: str
) -> Iterator[Route]:
    ours = world.timetable.destinations
    if destination in ours(origin):
        return
    for via in terms.interline:
        if via in {origin, destination}:
            continue
        if via in ours(origin) and terms.serves(via, destination):
            yield Route(place, terms, origin, destination, via)
        if destination in ours(via) and terms.serves(origin, via):
            yield Route(place, terms, origin, destination, via, ours_first=False)


class PartnerContent:
    """Over one world and its board of partners."""

    def __init__(
        self,
        world: World,
        board: Board,
        search: Search,
        availability: Availability,
        quotes: Quotes,
    ) -> None:
        self._world = world
        self._board = board
        self._search = search
        self._availability = availability
        self._quotes = quotes
        self._open = {terms.name for terms in board.terms}

    async def beside(
        self, bounds: Sequence[BoundRequest], terms: Terms, now: datetime
    ) -> Beside | None:
        """None where no partner has a part. Raises Unavailable where the PSS does not say what our
        own part has.
        """
        ways = [(n, way) for n, bound in enumerate(bounds) for way in self._ways(bound)]
        if not ways:
            return None
        closed = sorted({way.terms.name for _, way in ways} - self._open)
        looks = [
            self._look(n, way, bounds[n].day, terms)
            for n, way in ways
            if way.terms.name in self._open
        ]
        await self._availability.ensure({d for look in looks for o in look.ours for d in o.days})
        answers = await self._board.search(each for look in looks for each in look.questions)
        pages: list[list[Quote]] = [[] for _ in bounds]
        for look in looks:
            pages[look.bound] += self._quoted(look, _offers(answers, look.questions), terms, now)
        absent = (Silence(name, "it is not connected") for name in closed)
        return Beside(tuple(map(tuple, pages)), (*absent, *answers.silences))

    def _ways(self, bound: BoundRequest) -> tuple[Route, ...]:
        """None for flights that are named: they are looked for in our own timetable."""
        if bound.named:
            return ()
        places = self._world.locate(bound.origin), self._world.locate(bound.destination)
        return routes(self._world, *places)

    def _look(self, bound: int, way: Route, day: date, terms: Terms) -> _Look:
        ours = self._ours(way, day)
        return _Look(bound, way, ours, self._questions(way, day, ours, terms))

    def _ours(self, way: Route, day: date) -> tuple[Found, ...]:
        """Our flights of a connection; of the onward part those of that day and the next."""
        if way.via is None:
            return ()
        if way.ours_first:
            return self._search.journeys(way.origin, way.via, day)
        following = (day, day + timedelta(days=1))
        return tuple(
            found
            for each in following
            for found in self._search.journeys(way.via, way.destination, each)
        )

    def _questions(
        self, way: Route, day: date, ours: tuple[Found, ...], terms: Terms
    ) -> tuple[Question, ...]:
        """What the partner is asked: after our flights on the days on which they arrive."""
        origin, destination = way.origin, way.destination
        days = {day}
        if way.via is not None and way.ours_first:
            origin = way.via
            arrivals = [j.arrival for each in ours for j in each.journeys if _direct(j.segments)]
            days = {each.date() for each in arrivals}
            late = {each.date() for each in arrivals if each.hour >= _EVENING_H}
            days |= {each + timedelta(days=1) for each in late}
        elif way.via is not None:
            destination = way.via
        seek = Seek(origin, destination, day, party_of(terms.counts), terms.currency)
        return tuple(
            (way.terms.name, Seek(seek.origin, seek.destination, each, seek.party, seek.currency))
            for each in sorted(days)
        )

    def _quoted(
        self, look: _Look, offers: Sequence[PartnerOffer], terms: Terms, now: datetime
    ) -> Iterator[Quote]:
        if look.way.via is None:
            for offer in offers:
                if fits(offer.bound.journey.segments):
                    yield self._quote(look.way, offer, None, terms)
            return
        pages = (self._quotes.of(each, terms, now) for each in look.ours)
        own = [q for page in pages for q in page if _direct(q.bound.journey.segments)]
        joined = sorted(
            self._joined(look.way, own, offers, terms), key=lambda each: (each.minor, each.flown_s)
        )
        yield from joined[:MAX_JOINED]

    def _joined(
        self, way: Route, own: Sequence[Quote], offers: Sequence[PartnerOffer], terms: Terms
    ) -> Iterator[Quote]:
        for quote in own:
            family = quote.bound.family.code
            matching = [
                each
                for each in offers
                if way.terms.families.get(each.bound.family.code, family) == family
                and each.bound.family.cabin is quote.bound.family.cabin
                and fits(each.bound.journey.segments)
            ]
            for offer in _meeting(quote.bound, matching, self._least(way), way.ours_first):
                yield self._quote(way, offer, quote, terms)

    def _least(self, way: Route) -> timedelta:
        airports = self._world.airports
        return self._world.minimum_connection(
            way.via or "", airports[way.origin].country, airports[way.destination].country
        )

    def _quote(self, way: Route, offer: PartnerOffer, own: Quote | None, terms: Terms) -> Quote:
        bound = join(way.terms, offer, own.bound if own else None, ours_first=way.ours_first)
        claim = ShareClaim(
            way.partner,
            len(own.bound.journey.segments) if own else 0,
            way.ours_first,
            share_mark(offer.bound.family.code),
        )
        family = own.family if own else NO_FAMILY
        return Quote(
            bound,
            terms.total(bound),
            own.family if own else self._lane(way.terms, offer.bound.family.code),
            int(bound.journey.departure.timestamp()),
            int(bound.journey.arrival.timestamp()),
            pack_shared(bound, family, claim),
        )

    def _lane(self, terms: PartnerTerms, code: str) -> int:
        """With which of our families a partner's is shown, by its place; else a lane of its own."""
        ours = terms.families.get(code)
        for place, family in enumerate(self._world.families):
            if family.code == ours:
                return place
        return _OTHER_LANES + crc32(f"{terms.carrier}{code}".encode())


def party_of(counts: Counts) -> tuple[tuple[PassengerType, int], ...]:
    """As a Seek names it."""
    return tuple((kind, many) for kind, many in zip(TYPES, counts, strict=True) if many)


def fits(segments: Sequence[Segment]) -> bool:
    """Whether a token has room for these flights."""
    return len(segments) < MAX_SEGMENTS and all(
        len(each.carrier) == 2
        and each.number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").lstrip("0").isdigit()
        and not each.number.startswith("0")
        for each in segments
    )


def _direct(segments: Sequence[Segment]) -> bool:
    return len(segments) == 1


def _offers(answers: Answers, questions: Sequence[Question]) -> list[PartnerOffer]:
    return [offer for each in questions for offer in answers.offers.get(each, ())]


def _meeting(
    ours: PricedBound,
    offers: Sequence[PartnerOffer],
    least: timedelta,
    ours_first: bool,
) -> Iterator[PartnerOffer]:
    """Those that connect, of the flights with the shortest waits."""

    def wait(offer: PartnerOffer) -> timedelta:
        theirs = offer.bound.journey
        if ours_first:
            return theirs.departure - ours.journey.arrival
        return ours.journey.departure - theirs.arrival

    reached = [each for each in offers if least <= wait(each) <= MAX_CONNECTION]
    nearest = sorted({wait(each) for each in reached})[:ONWARD]
    return (each for each in reached if wait(each) in nearest)
