"""Shopping: what can be flown, at which price, as signed offers. Nothing is written.

A page of a pair and day is worked out once and kept (quotes.py), the choice of what to show as
well (here), so that a repeated request costs a token and a record for each offer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.model.offer import FOR_EVERYBODY, Conditions, Offer, PricedBound
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers import party as parties
from ndc_oms.offers.answers import Answer, Answers, Pages
from ndc_oms.offers.anywhere import Anywhere, Outcome
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.calendar import Calendar
from ndc_oms.offers.check import check_shop, on_sale
from ndc_oms.offers.conditions import agreed
from ndc_oms.offers.diagnosis import THIN, Diagnosis, diagnose, missing_named
from ndc_oms.offers.minting import Choice, Mint, choice
from ndc_oms.offers.partner_content import Beside, PartnerContent
from ndc_oms.offers.partner_recall import earliest_end
from ndc_oms.offers.quotes import Quotes, Terms
from ndc_oms.offers.request import (
    Affinity,
    BoundRequest,
    CalendarPrice,
    Notice,
    ShopRequest,
    ShopResult,
)
from ndc_oms.offers.search import Found, Search
from ndc_oms.offers.settle import settled
from ndc_oms.offers.sieve import Sieve
from ndc_oms.offers.token import Tokens
from ndc_oms.offers.trials import Trials
from ndc_oms.partners.board import Board
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.world import World

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
SALE_CLOSES: Final = timedelta(minutes=60)  # before departure: check-in is open, lists are made


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with what was settled before the search."""

    request: ShopRequest
    terms: Terms
    party: tuple[Passenger, ...]
    now: datetime
    limit: int
    notices: tuple[Notice, ...]

    @property
    def closing(self) -> datetime:
        return self.now + SALE_CLOSES


class Shop:
    """The act behind AirShopping."""

    def __init__(
        self,
        world: World,
        availability: Availability,
        tokens: Tokens,
        clock: Clock,
        entropy: Entropy,
        *,
        default_limit: int = DEFAULT_LIMIT,
        board: Board | None = None,
        trials: Trials | None = None,
    ) -> None:
        self._world = world
        self._availability = availability
        self._mint = Mint(world, tokens, entropy)
        self._clock = clock
        self._default_limit = default_limit
        self._search = Search(world)
        self._quotes = Quotes(world, availability)
        self._calendar = Calendar(self._search, availability, self._quotes)
        self._elsewhere = Anywhere(world, self._search, availability, self._quotes)
        self._partners = (
            PartnerContent(world, board, self._search, availability, self._quotes)
            if board is not None
            else None
        )
        self._trials = trials or Trials()
        self._channels = {each.org_id: each.channel for each in world.sellers}
        self._answers = Answers(world.families)

    async def __call__(self, request: ShopRequest, seller: Seller) -> ShopResult:
        """Raises Refusal(s) for what cannot be asked (see check.py), Unavailable 493 where the PSS
        does not say what it has, 103 where the day's last flight is closed.

        No offers is an answer too: then `reasons` has one text for each origin and destination.
        """
        asked = self._asked(request, seller)
        request = asked.request
        self._trials.searched(asked.terms.conditions.trial)
        if request.affinity is not None:
            return await self._anywhere(request.affinity, asked, seller)
        found = await self._found(request)
        beside = await self._beside(request, asked)
        answer = self._answer(request, found, asked, beside)
        reasons, notices = self._why(asked, found, answer)
        if beside is not None and beside.silences:
            unheard = tuple(each.text for each in beside.silences)
            reasons = (*reasons, *unheard) if reasons else ()
            notices += tuple(map(Notice, unheard)) if answer.choices else ()
        calendar: tuple[CalendarPrice, ...] = ()
        if any(bound.around for bound in request.bounds):
            calendar, narrowed = await self._calendar.prices(
                request.bounds,
                [Sieve(bound, request.fares) for bound in request.bounds],
                asked.terms,
                span=on_sale(self._world, asked.now),
                closing=asked.closing,
                booked_at=asked.now,
            )
            notices += narrowed
        offers = self._offers(answer.choices, asked, seller)
        if beside is not None:
            pairs = zip(offers, answer.choices, strict=True)
            offers = tuple(self._as_long_as_theirs(offer, shown) for offer, shown in pairs)
        return ShopResult(
            offers,
            asked.party,
            request.bounds,
            reasons,
            (*asked.notices, *notices, *self._notices(request)),
            calendar,
        )

    async def alternatives(
        self, request: ShopRequest, seller: Seller, conditions: Conditions
    ) -> tuple[tuple[tuple[PricedBound, ...], ...], tuple[str, ...]]:
        """What could be flown instead of something that is booked, ranked as offers are, each as
        its bounds; and why there is nothing. conditions: under which the order was made. Our own
        flights only. Raises as a search does.
        """
        asked = self._asked(request, seller)
        same = FOR_EVERYBODY if conditions == FOR_EVERYBODY else conditions
        asked = replace(asked, terms=replace(asked.terms, conditions=same))
        found = await self._found(asked.request)
        answer = self._answer(asked.request, found, asked, None)
        reasons = self._why(asked, found, answer)[0]
        return tuple(each.bounds for each in answer.choices), reasons

    async def explain(self, request: ShopRequest, seller: Seller) -> Diagnosis:
        """What became of every journey, for staff. Raises as a search does, but for 103; Invalid
        912 for a search by affinity, which looks at no single pair.
        """
        if request.affinity is not None:
            raise Invalid(
                "A search by affinity cannot be explained journey by journey.",
                path=request.affinity.path,
                remedy="Ask about one origin, destination and day.",
            )
        asked = self._asked(request, seller)
        request = asked.request
        found = await self._found(request)
        pages = self._pages(found, asked)
        answer = self._answers.made(request, pages, asked.limit, asked.closing)
        return self._diagnosis(asked, found, len(answer.choices))

    def _asked(self, request: ShopRequest, seller: Seller) -> _Asked:
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        request = settled(request, self._world)
        point = self._world.points_of_sale.get(request.country or "")
        currency = request.currency or (point.currency if point else seller.currency)
        check_shop(request, currency, self._world, self._search, now)
        channel = self._channels.get(seller.org_id, "")
        conditions, notices = agreed(self._world, request, seller, channel, now)
        return _Asked(
            request,
            Terms(parties.count(request.party), currency, channel, conditions),
            parties.ordered(request.party),
            now,
            min(max(request.limit or self._default_limit, 1), MAX_LIMIT),
            (*request.unmet, *notices),
        )

    async def _found(self, request: ShopRequest) -> list[tuple[Found, ...]]:
        found = [
            self._search.named(b.named)
            if b.named
            else self._search.journeys(b.origin, b.destination, b.day, b.least_connection)
            for b in request.bounds
        ]
        await self._availability.ensure({d for each in found for one in each for d in one.days})
        return found

    async def _anywhere(self, affinity: Affinity, asked: _Asked, seller: Seller) -> ShopResult:
        outcome = await self._elsewhere.trips(
            affinity,
            asked.request.fares,
            asked.terms,
            closing=asked.closing,
            booked_at=asked.now,
        )
        choices = [choice(each.quotes) for each in outcome.trips[: asked.limit]]
        return ShopResult(
            self._offers(choices, asked, seller),
            asked.party,
            (),
            () if choices else (_nowhere(affinity, outcome),),
            (*asked.notices, *self._notices(asked.request)),
        )

    def _offers(
        self,
        choices: Sequence[Choice],
        asked: _Asked,
        seller: Seller,
    ) -> tuple[Offer, ...]:
        return self._mint.offers(choices, asked.terms, asked.party, seller.org_id, asked.now)

    def _as_long_as_theirs(self, offer: Offer, shown: Choice) -> Offer:
        """The offer, ending when a partner's part of it does."""
        until = earliest_end(offer.bounds, offer.expires_at)
        if until >= offer.expires_at:
            return offer
        ttl_s = max(int((until - offer.created_at).total_seconds()), 1)
        terms = Terms(parties.count(offer.party), offer.currency, conditions=offer.conditions)
        write = self._mint.writer(terms, offer.seller, offer.created_at, ttl_s)
        ends = offer.created_at + timedelta(seconds=ttl_s)
        return replace(offer, offer_id=write(shown.content), expires_at=ends)

    async def _beside(self, request: ShopRequest, asked: _Asked) -> Beside | None:
        """What partners have; None where none has a part in the search."""
        if self._partners is None:
            return None
        return await self._partners.beside(request.bounds, asked.terms, asked.now)

    def _pages(self, found: Sequence[tuple[Found, ...]], asked: _Asked) -> Pages:
        of, terms, now = self._quotes.of, asked.terms, asked.now
        return tuple(tuple(of(one, terms, now) for one in each) for each in found)

    def _answer(
        self,
        request: ShopRequest,
        found: Sequence[tuple[Found, ...]],
        asked: _Asked,
        beside: Beside | None,
    ) -> Answer:
        pages = self._pages(found, asked)
        closing = asked.closing
        if beside is not None and any(beside.pages):
            joined = ((*own, theirs) for own, theirs in zip(pages, beside.pages, strict=True))
            # partners keep their own answers: not kept here
            return self._answers.made(request, tuple(joined), asked.limit, closing)
        if not request.bounds[0].around:
            _refuse_closed(request.bounds[0], found[0], closing)
        if any(one.journeys[0].departure < closing for one in found[0]):
            # the clock decides: not kept
            return self._answers.made(request, pages, asked.limit, closing)
        return self._answers.kept(
            request, found, pages, terms=asked.terms, limit=asked.limit, closing=closing
        )

    def _why(
        self, asked: _Asked, found: Sequence[tuple[Found, ...]], answer: Answer
    ) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
        """Reasons for an empty answer; notices for a thin one."""
        missing = tuple(missing_named(asked.request.bounds, found))
        if not answer.choices:
            bounds = self._diagnosis(asked, found, 0).bounds
            return (*(each.text for each in bounds), *(each.text for each in missing)), ()
        if answer.journeys >= THIN:
            return (), missing
        bounds = self._diagnosis(asked, found, len(answer.choices)).bounds
        thin = tuple(
            Notice(each.text, path=bound.path)
            for bound, each in zip(asked.request.bounds, bounds, strict=True)
            if each.left < THIN and each.removed
        )
        return (), (*missing, *thin)

    def _diagnosis(
        self, asked: _Asked, found: Sequence[tuple[Found, ...]], offers: int
    ) -> Diagnosis:
        return diagnose(
            asked.request.bounds,
            found,
            [Sieve(bound, asked.request.fares) for bound in asked.request.bounds],
            terms=asked.terms,
            quotes=self._quotes,
            closing=asked.closing,
            booked_at=asked.now,
            offers=offers,
        )

    def _notices(self, request: ShopRequest) -> Iterable[Notice]:
        if request.limit is not None and request.limit > MAX_LIMIT:
            yield Notice(f"At most {MAX_LIMIT} offers are answered.")
        sold = {family.cabin for family in self._world.families}
        for bound in request.bounds:
            if bound.cabins and not sold & set(bound.cabins):
                text = f"{self._world.airline.name} has no such cabin; every cabin is shown."
                yield Notice(text, "12", bound.path)


def _nowhere(affinity: Affinity, outcome: Outcome) -> str:
    start = affinity.origin.station or affinity.origin.country
    what = f"{outcome.looked_at} places were looked at from {start}"
    if outcome.over and affinity.most is not None:
        return f"{what}; {outcome.over} trips cost more than {affinity.most}, none less."
    return f"{what}; none has flights, seats and fares on days that fit."


def _refuse_closed(bound: BoundRequest, found: tuple[Found, ...], closing: datetime) -> None:
    """Flights of a first bound that have all left are no lack of offers, but a wrong time."""
    if found and all(one.journeys[-1].departure < closing for one in found):
        raise Unavailable(
            f"The last flight from {bound.origin} to {bound.destination} on {bound.day} is closed.",
            code="103",
            path=bound.path,
            remedy="Ask for a later day.",
        )
