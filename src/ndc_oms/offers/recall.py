"""From an OfferID back to the offer: a priced one as it was stored, a shopped one from its token.

A token says which flights, families and classes, and what it came to. The fares behind it are
worked out again as at the moment of its issue, with the world of that moment: if the world is
another by now, or the sum differs, nothing is guessed (711).
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ndc_oms.errors import Conflict, Expired, Refusal
from ndc_oms.model.journey import Journey, Segment
from ndc_oms.model.offer import Conditions, Offer, PricedBound
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers import party as parties
from ndc_oms.offers.conditions import unpacked
from ndc_oms.offers.partner_recall import PartnerRecall
from ndc_oms.offers.pricing import price_bound
from ndc_oms.offers.token import (
    BoundClaim,
    Claim,
    FlightClaim,
    Tokens,
    past_offer,
    unknown_offer,
    version_mark,
)
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import Store
from ndc_oms.world.world import World

PRICED: Final = "P"  # begins the id of a stored offer; a token begins with the letter of its layout


# The offer with this id, for this seller and party, as `Recall` reads it back.
RecallOffer = Callable[[str, Seller, tuple[Passenger, ...]], Awaitable[Offer]]


class Recall:
    """Reads offers back, for whoever prices or accepts them."""

    def __init__(
        self,
        world: World,
        tokens: Tokens,
        store: Store,
        clock: Clock,
        partners: PartnerRecall | None = None,
    ) -> None:
        self._world = world
        self._tokens = tokens
        self._store = store
        self._clock = clock
        self._partners = partners

    async def __call__(
        self, offer_id: str, seller: Seller, party: Sequence[Passenger] = ()
    ) -> Offer:
        """The offer, for `party` in the order of offers (see party.py).

        party: () for ids of our own. Raises Expired 913 (not known, not this seller's, past,
        flight gone), Invalid 914 (another party), Conflict 711 (the price moved).
        """
        now = self._clock.now()
        if offer_id.startswith(PRICED):
            offer = await self._stored(offer_id, seller, party, now)
        else:
            claim = self._tokens.read(offer_id, seller.org_id, now)
            offer = await self._rebuilt(offer_id, claim, seller, party)
        departure = offer.bounds[0].journey.departure
        if departure <= now:
            raise Expired(
                f"The offer's first flight left at {departure.astimezone(UTC):%Y-%m-%dT%H:%MZ}.",
                remedy="Shop again for a later flight.",
            )
        return offer

    async def _stored(
        self, offer_id: str, seller: Seller, party: Sequence[Passenger], now: datetime
    ) -> Offer:
        offer = await self._store.find_offer(offer_id)
        if offer is None or offer.seller != seller.org_id:
            raise unknown_offer()
        if now >= offer.expires_at:
            raise past_offer(offer.expires_at)
        if not party:
            return offer
        return replace(offer, party=parties.matched(parties.count(offer.party), party))

    async def _rebuilt(
        self, offer_id: str, claim: Claim, seller: Seller, party: Sequence[Passenger]
    ) -> Offer:
        if claim.version != version_mark(self._world.version):
            raise price_moved("Schedules or fares were changed since the offer was made.")
        passengers = parties.matched(claim.counts, party)
        conditions = unpacked(self._world, claim.terms)
        offer = Offer(
            offer_id,
            self._world.airline.designator,
            seller.org_id,
            claim.currency,
            passengers,
            tuple([await self._either(bound, claim, conditions) for bound in claim.bounds]),
            claim.issued_at,
            claim.expires_at,
            self._world.version,
            conditions=conditions,
        )
        if offer.total.minor != claim.total:
            raise price_moved("The offer's fares do not come to the same any more.")
        return offer

    async def _either(self, bound: BoundClaim, claim: Claim, conditions: Conditions) -> PricedBound:
        """A bound of ours, or one that a partner has a share in."""
        share, flights = bound.share, bound.flights
        if share is None:
            return self._bound(bound, claim, conditions)
        cut = share.ours if share.ours_first else len(flights) - share.ours
        ours, theirs = flights[:cut], flights[cut:]
        if not share.ours_first:
            ours, theirs = theirs, ours
        own = BoundClaim(bound.family, ours)
        found = self._partners and await self._partners.bound(
            share,
            theirs,
            self._bound(own, claim, conditions) if ours else None,
            claim.counts,
            claim.currency,
        )
        if not found:
            raise price_moved("A partner's part of the offer is not to be had any more.")
        return found

    def _bound(self, bound: BoundClaim, claim: Claim, conditions: Conditions) -> PricedBound:
        journey = Journey(tuple(self._segment(flight) for flight in bound.flights))
        kinds = [kind for n, kind in zip(claim.counts, parties.TYPES, strict=True) if n]
        family = self._world.families[bound.family]
        rbds = tuple(flight.rbd for flight in bound.flights)
        priced = price_bound(
            self._world, journey, family, rbds, kinds, claim.currency, claim.issued_at, conditions
        )
        if priced is None:
            raise price_moved("The offer's fares are not filed any more.")
        return priced

    def _segment(self, flight: FlightClaim) -> Segment:
        found = self._world.timetable.find(
            flight.carrier, flight.number, flight.day, flight.origin, flight.destination
        )
        if found is None:
            raise price_moved(f"{flight.carrier}{flight.number} does not operate any more.")
        return found


@contextmanager
def pointing(selection_path: str, party_path: str) -> Iterator[None]:
    """What is refused of an offer points at its reference, of its passengers (914) at those."""
    try:
        yield
    except Refusal as refusal:
        reference = f"{selection_path}/OfferRefID" if selection_path else ""
        refusal.path = refusal.path or (party_path if refusal.code == "914" else reference)
        raise


def price_moved(text: str) -> Conflict:
    return Conflict(text, code="711", remedy="Shop again and use an offer of the new answer.")
