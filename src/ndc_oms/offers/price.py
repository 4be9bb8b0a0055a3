"""Pricing: a shopped offer is checked against the PSS, and then kept to the second it states.

Where its booking class was sold meanwhile, the same flights are offered in the next class that is
open, under a new id, with a notice (711): the sender sees the new price beside the old one, and
nothing was booked.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ndc_oms.errors import Expired, Invalid, Unavailable
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.offer import Offer, OfferedService, OfferItem, PricedBound
from ndc_oms.model.passenger import Passenger
from ndc_oms.offers import party as parties
from ndc_oms.offers.availability import Availability
from ndc_oms.offers.limits import limits_of
from ndc_oms.offers.minting import Mint
from ndc_oms.offers.partner_recall import PartnerRecall, earliest_end
from ndc_oms.offers.pricing import reworded
from ndc_oms.offers.quotes import Quotes, Terms
from ndc_oms.offers.recall import PRICED, Recall, pointing
from ndc_oms.offers.request import Notice, PriceRequest, PriceResult, SelectedItem, Selection
from ndc_oms.offers.selection import one_selection
from ndc_oms.offers.token import Tokens
from ndc_oms.offers.upsell import upsells
from ndc_oms.offers.ways import ways_to_pay
from ndc_oms.ports.clock import Clock, Entropy
from ndc_oms.ports.outcome import Confirmed, Unknown
from ndc_oms.ports.pss import SeatSource
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import KeepOffer, Store
from ndc_oms.world.world import World

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH: Final = 24  # after the first letter; its last 11 alone are 65 bits
RETRY_S: Final = 5
# orders/promise.py: what is picked beside the flights of an offer, firm as long as the offer is
PromiseServices = Callable[
    [Sequence[SelectedItem], Offer, Seller], Awaitable[tuple[OfferedService, ...]]
]
_AGAIN: Final = "Select every item of the offer once, each for one passenger of its type."


class Price:
    """The act behind OfferPrice."""

    def __init__(
        self,
        *,
        world: World,
        recall: Recall,
        availability: Availability,
        pss: SeatSource,
        store: Store,
        clock: Clock,
        entropy: Entropy,
        partners: PartnerRecall | None = None,
        tokens: Tokens | None = None,
        services: PromiseServices | None = None,
    ) -> None:
        self._world = world
        self._recall = recall
        self._availability = availability
        self._quotes = Quotes(world, availability)
        self._pss = pss
        self._store = store
        self._clock = clock
        self._entropy = entropy
        self._partners = partners
        self._mint = Mint(world, tokens, entropy) if tokens else None
        self._services = services
        self._channels = {each.org_id: each.channel for each in world.sellers}

    async def __call__(self, request: PriceRequest, seller: Seller) -> PriceResult:
        """A firm offer, stored, valid while now < expires_at.

        Raises Invalid 912 (several offers), 914 (items or passengers are not the offer's), 727,
        143, 476, 68, 324; Expired 913; Conflict 711 (the world changed); Unavailable 493 (sold
        out, or the PSS does not say); of services what `PromiseServices` refuses.
        """
        selection = one_selection(request.selections, self._world.airline.designator)
        if request.party:
            parties.check_party(request.party, request.party_path, self._world.controls.max_party)
        with pointing(selection.path, request.party_path):
            offer = await self._recall(selection.offer_id, seller, request.party)
        if request.currency not in {None, offer.currency}:
            raise Invalid(
                f"The offer is in {offer.currency}, not in {request.currency}.",
                code="727",
                path=selection.path,
                remedy="Shop again in the other currency.",
            )
        offer = replace(offer, party=_party(offer, selection, request.party))
        said, offer = offer, reworded(self._world, offer, request.languages)
        ours = [each.share.ours if each.share else each for each in offer.bounds]
        counts = await self._fresh(ours)
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        with pointing(selection.path, request.party_path):
            bounds = await self._with_partners(offer, self._firm(offer, ours, counts, now))
        others = self._others(request, offer, counts, now)
        firm, notices = offer, tuple[Notice, ...]()
        same = offer.priced and bounds == offer.bounds and offer.conditions == said.conditions
        if not same or _other_services(offer, request.services):
            firm = self._promise(offer, bounds, now)
            notices = _notices(offer, firm)
            firm = await self._with_services(firm, request.services, seller)
            await self._store.write(KeepOffer(firm))
        ways = ways_to_pay(self._world, firm.total, seller)
        limits = limits_of(self._world.servicing, firm, now)
        return PriceResult(firm, others, notices, ways, limits)

    async def _with_services(
        self, firm: Offer, picked: Sequence[SelectedItem], seller: Seller
    ) -> Offer:
        if not picked:
            return replace(firm, services=())
        if self._services is None:
            raise Unavailable("No services are sold here.", code="496", path=picked[0].path)
        return replace(firm, services=await self._services(picked, firm, seller))

    def _terms(self, offer: Offer) -> Terms:
        channel = self._channels.get(offer.seller, "")
        return Terms(parties.count(offer.party), offer.currency, channel, offer.conditions)

    def _others(
        self,
        request: PriceRequest,
        offer: Offer,
        counts: Mapping[FlightKey, bytes],
        now: datetime,
    ) -> tuple[Offer, ...]:
        if self._mint is None or not request.upsell:
            return ()
        terms = self._terms(offer)
        return upsells(self._mint, self._quotes, offer, counts, terms=terms, now=now)

    async def _fresh(self, bounds: Sequence[PricedBound | None]) -> Mapping[FlightKey, bytes]:
        """What the PSS has on our flights at this moment, less the safety stock."""
        keys = tuple(dict.fromkeys(s.key for b in bounds if b for s in b.journey.segments))
        if not keys:
            return {}
        found = await self._pss.check(keys)
        if not isinstance(found, Confirmed):
            what = "does not answer" if isinstance(found, Unknown) else "cannot check"
            raise Unavailable(
                f"The reservation system {what}: {found.reason.rstrip('.')}.",
                remedy=f"Send the request again in {RETRY_S} seconds; the offer stays valid.",
                retry_after_s=RETRY_S,
            )
        for key, seats in found.value.items():
            self._availability.refresh(key, seats)
        return {key: self._availability.counted(seats) for key, seats in found.value.items()}

    async def _with_partners(
        self, offer: Offer, ours: Sequence[PricedBound | None]
    ) -> tuple[PricedBound, ...]:
        """The bounds, those that a partner has a share in with that at its price of now."""
        firm = []
        for bound, own in zip(offer.bounds, ours, strict=True):
            if bound.share is not None and self._partners is not None:
                counts = parties.count(offer.party)
                firm.append(await self._partners.firm(bound.share, own, counts, offer.currency))
            elif own is not None:
                firm.append(own)
        return tuple(firm)

    def _firm(
        self,
        offer: Offer,
        bounds: Sequence[PricedBound | None],
        counts: Mapping[FlightKey, bytes],
        now: datetime,
    ) -> tuple[PricedBound | None, ...]:
        """Our part of each bound as it was offered or, where that is closed, as it can be had;
        None where a partner flies it whole.
        """
        terms = self._terms(offer)
        firm: list[PricedBound | None] = []
        for bound in bounds:
            if bound is None:
                firm.append(None)
                continue
            left = tuple(counts.get(each.key, b"") for each in bound.journey.segments)
            if self._open(bound, left, terms):
                firm.append(bound)
                continue
            instead = self._quotes.lowest(bound.journey, bound.family, left, terms, now)
            if instead is None:
                raise _sold_out(bound, terms.seats)
            firm.append(instead)
        return tuple(firm)

    def _open(self, bound: PricedBound, left: tuple[bytes, ...], terms: Terms) -> bool:
        column = self._availability.rbds.index
        return self._quotes.cap(bound.journey, terms.channel) >= terms.seats and all(
            counts and counts[column(rbd)] >= terms.seats
            for counts, rbd in zip(left, bound.rbds, strict=True)
        )

    def _promise(self, offer: Offer, bounds: tuple[PricedBound, ...], now: datetime) -> Offer:
        """Flights that stand as they were promised are not promised for longer."""
        latest = now + timedelta(seconds=self._world.controls.price_guarantee_s)
        if offer.priced and bounds == offer.bounds:
            latest = offer.expires_at
        return replace(
            offer,
            offer_id=PRICED + self._entropy.token(LETTERS, ID_LENGTH),
            bounds=bounds,
            created_at=now,
            expires_at=earliest_end(bounds, latest),
            pricing_version=self._world.version,
            priced=True,
        )


def _party(offer: Offer, selection: Selection, party: Sequence[Passenger]) -> tuple[Passenger, ...]:
    """The offer's passengers under the sender's ids: who takes which item says the selection.

    party: as the sender repeats it; without it, types and guardians are the offer's. Raises
    Invalid 914 unless every item is taken once, by one passenger of its type, the same one's
    items running through all bounds.
    """
    takers = _takers(offer, selection)
    by_bound: list[tuple[str, ...]] = [
        tuple(takers[item.id] for item in offer.items if item.bound_index == at)
        for at in range(len(offer.bounds))
    ]
    ids = by_bound[0]
    if len(set(ids)) != len(ids) or any(set(each) != set(ids) for each in by_bound):
        raise _uneven("A passenger takes two items of one journey, or none.", selection.path)
    known = {passenger.id: passenger for passenger in party}
    if not known:
        own = {old.id: new for old, new in zip(offer.party, ids, strict=True)}
        known = {
            new: Passenger(new, old.type, own.get(old.guardian or ""))
            for old, new in zip(offer.party, ids, strict=True)
        }
    for item in offer.items:
        taker = known.get(takers[item.id])
        if taker is None or taker.type is not item.passenger.type:
            text = f"Item {item.id} is for a passenger of type {item.passenger.type}."
            raise _uneven(text, selection.path)
    return tuple(known[each] for each in ids)


def _takers(offer: Offer, selection: Selection) -> dict[str, str]:
    """Passenger ids by item id: every item of the offer, each once."""
    items = {item.id: item for item in offer.items}
    takers: dict[str, str] = {}
    for selected in selection.items:
        if selected.item_id not in items:
            raise Expired(
                f"The offer has no item {selected.item_id}.",
                path=selected.path,
                remedy="Use the OfferItemIDs that came with the offer.",
            )
        takers[selected.item_id] = _taker(items[selected.item_id], selected)
    missing = [each for each in items if each not in takers]
    if missing:
        text = f"The offer is priced as a whole; not selected: {', '.join(missing)}."
        raise _uneven(text, selection.path)
    return takers


def _taker(item: OfferItem, selected: SelectedItem) -> str:
    ids = selected.passenger_ids or (item.passenger.id,)
    if len(ids) > 1:
        text = f"Item {item.id} is for one passenger, and {len(ids)} are named."
        raise _uneven(text, selected.path)
    return ids[0]


def _other_services(offer: Offer, picked: Sequence[SelectedItem]) -> bool:
    """Whether it is not just those that are promised with the offer already."""
    before = {(each.id, (each.passenger_id,)) for each in offer.services}
    return {(each.item_id, each.passenger_ids) for each in picked} != before


def _uneven(text: str, path: str) -> Invalid:
    return Invalid(text, code="914", path=path, remedy=_AGAIN)


def _sold_out(bound: PricedBound, seats: int) -> Unavailable:
    journey = bound.journey
    flights = ", ".join(str(each.key) for each in journey.segments)
    return Unavailable(
        f"{flights} no longer has {seats} seats for {bound.family.name}.",
        remedy="Shop again for other flights or another fare family.",
    )


def _notices(before: Offer, after: Offer) -> tuple[Notice, ...]:
    if after.bounds == before.bounds:
        return ()
    if after.flights_total == before.flights_total:
        text = "The booking class was sold; the offer is in another one, at the same price."
        return (Notice(text),)
    text = (
        f"The price changed from {before.flights_total} to {after.flights_total}, since the "
        f"booking class was sold; this is a new offer, {after.offer_id}. Nothing was booked."
    )
    return (Notice(text, "711"),)
