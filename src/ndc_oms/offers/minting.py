"""Offers of one request, made out of choices: a signed token each, nothing written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ndc_oms.model.offer import Offer, PricedBound
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers.conditions import packed
from ndc_oms.offers.quotes import Quote, Terms
from ndc_oms.offers.token import NONCE, Tokens, content
from ndc_oms.ports.clock import Entropy
from ndc_oms.world.world import World

_HEX: Final = "0123456789abcdef"


class Choice(NamedTuple):
    """One offer without its token. content: of the token."""

    content: bytes
    bounds: tuple[PricedBound, ...]


def choice(quotes: Iterable[Quote]) -> Choice:
    each = tuple(quotes)
    return Choice(
        content(sum(quote.minor for quote in each), [quote.packed for quote in each]),
        tuple(quote.bound for quote in each),
    )


@dataclass(frozen=True, slots=True)
class Mint:
    world: World
    tokens: Tokens
    entropy: Entropy

    def offers(
        self,
        choices: Iterable[Choice],
        terms: Terms,
        party: tuple[Passenger, ...],
        seller: str,
        now: datetime,
    ) -> tuple[Offer, ...]:
        """party: in the order of offers. seller: OrgID. now: to the whole second."""
        ttl_s = self.world.controls.offer_ttl_s
        expires_at, version = now + timedelta(seconds=ttl_s), self.world.version
        owner, currency = self.world.airline.designator, terms.currency
        write = self.writer(terms, seller, now, ttl_s)
        conditions = terms.conditions
        return tuple(
            Offer(
                write(each.content),
                owner, seller, currency, party, each.bounds, now, expires_at, version,
                False, conditions,
            )
            for each in choices
        )  # fmt: skip

    def writer(
        self, terms: Terms, seller: str, now: datetime, ttl_s: int
    ) -> Callable[[bytes], str]:
        """A function of an offer's content that writes its token; with a nonce of its own."""
        return self.tokens.mint(
            seller=seller,
            issued_at=now,
            ttl_s=ttl_s,
            currency=terms.currency,
            counts=terms.counts,
            version=self.world.version,
            nonce=bytes.fromhex(self.entropy.token(_HEX, 2 * NONCE)),
            terms=packed(self.world, terms.conditions),
        )
