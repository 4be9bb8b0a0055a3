"""Upsell: what else the very flights of an offer can be had for, in the families above its own."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.offer import Offer
from ndc_oms.offers.minting import Mint, choice
from ndc_oms.offers.quotes import Quote, Quotes, Terms
from ndc_oms.offers.token import pack


def upsells(
    mint: Mint,
    quotes: Quotes,
    offer: Offer,
    counts: Mapping[FlightKey, bytes],
    *,
    terms: Terms,
    now: datetime,
) -> tuple[Offer, ...]:
    """One shopped offer a family, the next one first. counts: what the PSS has at this moment.

    A family is shown where it has seats and a fare on every bound. None where a partner flies a
    part: its families are its own.
    """
    if any(bound.share is not None for bound in offer.bounds):
        return ()
    families = mint.world.families
    codes = [each.code for each in families]
    own = max(codes.index(bound.family.code) for bound in offer.bounds)
    found = []
    for at in range(own + 1, len(families)):
        priced = tuple(_priced(at, mint, quotes, offer, counts, terms, now))
        if len(priced) == len(offer.bounds):
            found.append(choice(priced))
    return mint.offers(found, terms, offer.party, offer.seller, now)


def _priced(  # noqa: PLR0917 — of `upsells`, with the family's place
    at: int,
    mint: Mint,
    quotes: Quotes,
    offer: Offer,
    counts: Mapping[FlightKey, bytes],
    terms: Terms,
    now: datetime,
) -> Iterator[Quote]:
    for bound in offer.bounds:
        left = tuple(counts.get(each.key, b"") for each in bound.journey.segments)
        found = quotes.lowest(bound.journey, mint.world.families[at], left, terms, now)
        if found is not None:
            departs = int(found.journey.departure.timestamp())
            arrives = int(found.journey.arrival.timestamp())
            yield Quote(found, terms.total(found), at, departs, arrives, pack(found, at))
