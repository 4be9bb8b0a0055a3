"""Answers: what of the quotes is shown, worked out once while the quotes are the very same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ndc_oms.model.product import FareFamily
from ndc_oms.offers.minting import Choice, choice
from ndc_oms.offers.quotes import Quote, Terms
from ndc_oms.offers.rank import deal
from ndc_oms.offers.request import ShopRequest
from ndc_oms.offers.search import Found
from ndc_oms.offers.sieve import Sieve

_KEPT: Final = 128  # answers; one of 200 offers takes about 60 kB

Pages = tuple[tuple[tuple[Quote, ...], ...], ...]  # by bound, by pair of airports


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice is good while it was made from the very pages that stand now. journeys: that are
    an answer, of the bound that has fewest.
    """

    pages: Pages
    choices: tuple[Choice, ...]
    journeys: int


class Answers:
    """families: the world's."""

    def __init__(self, families: Sequence[FareFamily]) -> None:
        self._families = families
        self._kept: dict[object, Answer] = {}

    def kept(
        self,
        request: ShopRequest,
        found: Sequence[tuple[Found, ...]],
        pages: Pages,
        *,
        terms: Terms,
        limit: int,
        closing: datetime,
    ) -> Answer:
        """As `made`; the very same where the same was asked and no quote changed."""
        wishes = tuple(
            (b.cabins, b.cabin_required, b.max_connections, b.wishes) for b in request.bounds
        )
        key = (tuple(found), terms, limit, wishes, request.fares)
        answer = self._kept.pop(key, None)
        if answer is None or not _same(answer.pages, pages):
            answer = self.made(request, pages, limit, closing)
        self._kept[key] = answer
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return answer

    def made(self, request: ShopRequest, pages: Pages, limit: int, closing: datetime) -> Answer:
        """closing: flights that leave before it are not sold any more."""
        closes = int(closing.timestamp())
        sieves = [Sieve(bound, request.fares) for bound in request.bounds]
        quotes = [
            [q for page in each for q in page if q.departs >= closes and sieve.admits(q)]
            for sieve, each in zip(sieves, pages, strict=True)
        ]
        cabins = set(request.bounds[0].cabins)
        wanted = frozenset(at for at, each in enumerate(self._families) if each.cabin in cabins)
        dealt = deal(quotes, limit, wanted, _misses(sieves, quotes))
        journeys = [len({id(quote.bound.journey) for quote in each}) for each in quotes]
        return Answer(pages, tuple(map(choice, dealt)), min(journeys))


def _misses(
    sieves: Sequence[Sieve], quotes: Sequence[Sequence[Quote]]
) -> Callable[[Quote], int] | None:
    """How many preferences of its bound a quote does not meet; None where there are none."""
    if not any(sieve.prefers for sieve in sieves):
        return None
    known = {
        id(quote): sieve.misses(quote)
        for sieve, each in zip(sieves, quotes, strict=True)
        for quote in each
    }
    return lambda quote: known[id(quote)]


def _same(one: Sequence[Sequence[object]], other: Sequence[Sequence[object]]) -> bool:
    """Whether two choices of pages hold the very same pages."""
    return all(
        a is b
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )
