"""Asking a partner for one of its offers again: to recall it from a token, and to make it firm.

A token has no room for what a partner calls its offer. It says which flights in which class and
family; the partner is asked again what it has, and among that the offer is known by these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ndc_oms.errors import Unavailable
from ndc_oms.model.offer import PartnerShare, PricedBound
from ndc_oms.offers.joining import join
from ndc_oms.offers.partner_content import party_of
from ndc_oms.offers.party import Counts
from ndc_oms.offers.token import FlightClaim, ShareClaim, share_mark
from ndc_oms.partners.board import Board
from ndc_oms.ports.outcome import Confirmed, Rejected
from ndc_oms.ports.partner import PartnerOffer, Seek
from ndc_oms.world.partners import PartnerTerms
from ndc_oms.world.world import World

RETRY_S: Final = 5


@dataclass(frozen=True, slots=True)
class PartnerRecall:
    """Over one world and its board of partners."""

    world: World
    board: Board

    async def bound(
        self,
        share: ShareClaim,
        flights: Sequence[FlightClaim],
        ours: PricedBound | None,
        counts: Counts,
        currency: str,
    ) -> PricedBound | None:
        """The bound as it was offered, with our part of it; None where the partner does not have
        it any more. flights: the partner's. Raises Unavailable 493 where it does not answer.
        """
        terms = self.world.partners[share.partner]
        first, last = flights[0], flights[-1]
        seek = Seek(first.origin, last.destination, first.day, party_of(counts), currency)
        answers = await self.board.search([(terms.name, seek)])
        for silence in answers.silences:
            raise silent(terms, silence.reason)
        for offer in answers.offers.get((terms.name, seek), ()):
            if _is(offer, share, flights):
                return join(terms, offer, ours, ours_first=share.ours_first)
        return None

    async def firm(
        self, share: PartnerShare, ours: PricedBound | None, counts: Counts, currency: str
    ) -> PricedBound:
        """The same flights and family at the price that the partner keeps now, with our part as
        it is now. Raises Unavailable 493: sold out there, or it does not answer.
        """
        terms = next(each for each in self.world.partners if each.name == share.partner)
        offer = PartnerOffer(share.theirs, share.expires_at, share.reference)
        found = await self.board.price(share.partner, seek_of(share, counts, currency), offer)
        if isinstance(found, Confirmed):
            return join(terms, found.value, ours, ours_first=share.ours_first)
        if isinstance(found, Rejected) and found.final:
            raise Unavailable(
                f"{terms.carrier} has no seats for {share.theirs.family.name} any more: "
                f"{found.reason.rstrip('.')}.",
                remedy="Shop again for other flights or another fare family.",
            )
        raise silent(terms, found.reason)


def seek_of(share: PartnerShare, counts: Counts, currency: str) -> Seek:
    """What a partner was asked for to offer its part."""
    theirs = share.theirs.journey
    day = theirs.departure.date()
    return Seek(theirs.origin, theirs.destination, day, party_of(counts), currency)


def silent(terms: PartnerTerms, reason: str) -> Unavailable:
    return Unavailable(
        f"{terms.carrier}, whose flights are part of this offer, does not answer: "
        f"{reason.rstrip('.')}.",
        remedy=f"Send the request again in {RETRY_S} seconds; the offer stays valid.",
        retry_after_s=RETRY_S,
    )


def earliest_end(bounds: Sequence[PricedBound], end: datetime) -> datetime:
    """Until when an offer of these bounds may stand: no longer than a partner keeps its part."""
    return min([end, *(each.share.expires_at for each in bounds if each.share)])


def _is(offer: PartnerOffer, share: ShareClaim, flights: Sequence[FlightClaim]) -> bool:
    bound = offer.bound
    if share_mark(bound.family.code) != share.mark or len(bound.rbds) != len(flights):
        return False
    return all(
        (s.carrier, s.number, s.departure.date(), s.origin, s.destination, rbd)
        == (f.carrier, f.number, f.day, f.origin, f.destination, f.rbd)
        for s, rbd, f in zip(bound.journey.segments, bound.rbds, flights, strict=True)
    )
