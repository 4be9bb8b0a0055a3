"""Shopping: what can be flown, at which price, as signed offers. Nothing is written.

A page of a pair and day is worked out once and kept (quotes.py), the choice of what to show as
well (here), so that a repeated request costs a token and a record for each offer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ndc_oms.errors import Unavailable
from ndc_oms.model.offer import Offer, PricedBound
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers import party as parties
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.check import check_shop
from ndc_oms.offers.quotes import Quote, Quotes, Terms
from ndc_oms.offers.rank import deal
from ndc_oms.offers.reasons import why_nothing
from ndc_oms.offers.request import BoundRequest, Notice, ShopRequest, ShopResult
from ndc_oms.offers.search import Found, Search
from ndc_oms.offers.token import Tokens, content
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.world import World

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
SALE_CLOSES: Final = timedelta(minutes=60)  # before departure: check-in is open, lists are made
_KEPT: Final = 256  # choices; one of 200 offers takes about 60 kB


@dataclass(frozen=True, slots=True)
class _Choice:
    """One offer of an answer, without its token."""

    content: bytes  # of the token
    bounds: tuple[PricedBound, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A choice is good while it was made from the very pages that stand now."""

    pages: tuple[tuple[tuple[Quote, ...], ...], ...]
    choices: tuple[_Choice, ...]


class Shop:
    """The act behind AirShopping."""

    def __init__(
        self,
        world: World,
        availability: Availability,
        tokens: Tokens,
        clock: Clock,
        default_limit: int = DEFAULT_LIMIT,
    ) -> None:
        self._world = world
        self._availability = availability
        self._tokens = tokens
        self._clock = clock
        self._default_limit = default_limit
        self._search = Search(world)
        self._quotes = Quotes(world, availability)
        self._channels = {each.org_id: each.channel for each in world.sellers}
        self._answers: dict[object, _Answer] = {}

    async def __call__(self, request: ShopRequest, seller: Seller) -> ShopResult:
        """Raises Refusal(s) for what cannot be asked (see check.py), Unavailable 493 where the PSS
        does not say what it has, 103 where the day's last flight is closed.

        No offers is an answer too: then `reasons` has one text for each origin and destination.
        """
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        currency = request.currency or seller.currency
        check_shop(request, currency, self._world, self._search, now)
        found = [self._search.journeys(b.origin, b.destination, b.day) for b in request.bounds]
        await self._availability.ensure({d for each in found for one in each for d in one.days})
        channel = self._channels.get(seller.org_id, "")
        terms = Terms(parties.count(request.party), currency, channel)
        limit = min(max(request.limit or self._default_limit, 1), MAX_LIMIT)
        choices = self._choices(request, found, terms, limit, now)
        party = parties.ordered(request.party)
        reasons: tuple[str, ...] = ()
        if not choices:
            reasons = why_nothing(
                request.bounds,
                found,
                terms=terms,
                quotes=self._quotes,
                closing=now + SALE_CLOSES,
                booked_at=now,
            )
        offers = self._offers(choices, terms, seller, party, now)
        return ShopResult(offers, party, request.bounds, reasons, tuple(self._notices(request)))

    def _offers(
        self,
        choices: Sequence[_Choice],
        terms: Terms,
        seller: Seller,
        party: tuple[Passenger, ...],
        now: datetime,
    ) -> tuple[Offer, ...]:
        ttl_s = self._world.controls.offer_ttl_s
        expires_at, version = now + timedelta(seconds=ttl_s), self._world.version
        owner, currency, org_id = self._world.airline.designator, terms.currency, seller.org_id
        write = self._tokens.mint(
            seller=org_id,
            issued_at=now,
            ttl_s=ttl_s,
            currency=currency,
            counts=terms.counts,
            version=version,
        )
        return tuple(
            Offer(
                write(each.content),
                owner, org_id, currency, party, each.bounds, now, expires_at, version,
            )
            for each in choices
        )  # fmt: skip

    def _choices(
        self,
        request: ShopRequest,
        found: Sequence[tuple[Found, ...]],
        terms: Terms,
        limit: int,
        now: datetime,
    ) -> tuple[_Choice, ...]:
        pages = tuple(tuple(self._quotes.of(one, terms, now) for one in each) for each in found)
        closing = now + SALE_CLOSES
        _refuse_closed(request.bounds[0], found[0], closing)
        if any(one.journeys[0].departure < closing for one in found[0]):
            return self._deal(request.bounds, pages, limit, closing)  # the clock decides: not kept
        wishes = tuple((b.cabins, b.cabin_required, b.max_connections) for b in request.bounds)
        key = (tuple(found), terms, limit, wishes)
        answer = self._answers.pop(key, None)
        if answer is None or not _same(answer.pages, pages):
            answer = _Answer(pages, self._deal(request.bounds, pages, limit, closing))
        self._answers[key] = answer
        if len(self._answers) > _KEPT:
            del self._answers[next(iter(self._answers))]
        return answer.choices

    def _deal(
        self,
        bounds: Sequence[BoundRequest],
        pages: Sequence[tuple[tuple[Quote, ...], ...]],
        limit: int,
        closing: datetime,
    ) -> tuple[_Choice, ...]:
        closes = int(closing.timestamp())
        quotes = [
            [q for page in each for q in page if q.departs >= closes and suits(q, bound)]
            for bound, each in zip(bounds, pages, strict=True)
        ]
        cabins = set(bounds[0].cabins)
        wanted = frozenset(
            at for at, family in enumerate(self._world.families) if family.cabin in cabins
        )
        return tuple(
            _Choice(
                content(sum(quote.minor for quote in each), [quote.packed for quote in each]),
                tuple(quote.bound for quote in each),
            )
            for each in deal(quotes, limit, wanted)
        )

    def _notices(self, request: ShopRequest) -> Iterable[Notice]:
        if request.limit is not None and request.limit > MAX_LIMIT:
            yield Notice(f"At most {MAX_LIMIT} offers are answered.")
        sold = {family.cabin for family in self._world.families}
        for bound in request.bounds:
            if bound.cabins and not sold & set(bound.cabins):
                text = f"{self._world.airline.name} has no such cabin; every cabin is shown."
                yield Notice(text, "12", bound.path)


def suits(quote: Quote, bound: BoundRequest) -> bool:
    """Whether a quote is an answer to what a bound insists on."""
    if bound.cabin_required and quote.bound.family.cabin not in bound.cabins:
        return False
    most = bound.max_connections
    return most is None or len(quote.bound.rbds) <= most + 1


def _refuse_closed(bound: BoundRequest, found: tuple[Found, ...], closing: datetime) -> None:
    """Flights of a first bound that have all left are no lack of offers, but a wrong time."""
    if found and all(one.journeys[-1].departure < closing for one in found):
        raise Unavailable(
            f"The last flight from {bound.origin} to {bound.destination} on {bound.day} is closed.",
            code="103",
            path=bound.path,
            remedy="Ask for a later day.",
        )


def _same(one: Sequence[Sequence[object]], other: Sequence[Sequence[object]]) -> bool:
    """Whether two choices of pages hold the very same pages."""
    return all(
        a is b
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )
