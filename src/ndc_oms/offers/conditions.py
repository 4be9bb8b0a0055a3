"""Conditions: for whom an offer is another one, and what that does to fares and families.

- A company's agreement and a promotion do not add up: on each bound the one that takes more off
  counts. The tier's part and the trial's come off what is left. Fares only, never taxes.
- What is included (bags, a seat) adds up, and holds on every bound.
- The tier is the programme's own book's, not the one that a request claims. One that lets
  companions share counts for all when one passenger has it; else the lowest of those seated.
- A trial's arm hangs on seller, places, days and party alone (world/experiments.py).

All of it goes into the offer's token, so that recalling gives the same offer.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from ndc_oms.model.offer import FOR_EVERYBODY, Conditions
from ndc_oms.model.passenger import Passenger
from ndc_oms.model.product import FareFamily
from ndc_oms.offers.request import CodeQuoted, Membership, Notice, ShopRequest
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.deals import Benefit, Deal
from ndc_oms.world.experiments import CONTROL, ON
from ndc_oms.world.loyalty import Tier
from ndc_oms.world.world import World

_TERMS: Final = struct.Struct(">HHBB")  # agreement, promotion, tier and language, trial; 0: none
_ARMS: Final = (ON, CONTROL)
_WHOLE: Final = Decimal(100)


class Cut(NamedTuple):
    """What comes off a fare. left: parts of 100 that remain, one after another. designator: for
    the fare basis; code: of the agreement or promotion.
    """

    left: tuple[Decimal, ...] = ()
    designator: str = ""
    code: str | None = None


NO_CUT: Final = Cut()


def agreed(
    world: World, request: ShopRequest, seller: Seller, channel: str, now: datetime
) -> tuple[Conditions, tuple[Notice, ...]]:
    """What holds for a request, and what of it does not, for the sender to know."""
    trial = _trial(world, request, seller, channel)
    if trial is None and not (
        request.agreement
        or request.promotion
        or request.memberships
        or request.languages
        or request.country
    ):
        return FOR_EVERYBODY, ()
    told: list[Notice] = []
    personal, quoted = world.personal, (seller.org_id, now.date())
    made = Conditions(
        agreement=_quoted("agreement", request.agreement, personal.agreements, quoted, told),
        promotion=_quoted("promotion", request.promotion, personal.promotions, quoted, told),
        tier=_tier(world, request.party, request.memberships, told),
        trial=trial,
        language=_language(world, request, told),
    )
    return (made if made != FOR_EVERYBODY else FOR_EVERYBODY), tuple(told)


def _quoted(
    what: str,
    quote: CodeQuoted | None,
    deals: Mapping[str, Deal],
    quoted: tuple[str, date],
    told: list[Notice],
) -> str | None:
    """quoted: by whom, on which day."""
    if quote is None:
        return None
    deal = deals.get(quote.code)
    if deal is not None and deal.quoted(*quoted):
        return quote.code
    # one text: nobody learns which codes there are
    text = f"The {what} {quote.code} is not known, or not valid now; prices are those without it."
    told.append(Notice(text, path=quote.path))
    return None


def _tier(
    world: World,
    party: Sequence[Passenger],
    memberships: Sequence[Membership],
    told: list[Notice],
) -> str | None:
    programme = world.personal.programme
    found: dict[str, Tier] = {}
    for each in memberships:
        tier = programme.tier_of(each.number) if each.owner == world.airline.designator else None
        if tier is not None:
            held = found.get(each.passenger_id, tier)
            found[each.passenger_id] = min(held, tier, key=_rank)
        elif each.owner == world.airline.designator and programme.tiers:
            text = f"The account is not one of {programme.name}; it changes no price."
            told.append(Notice(text, path=each.path))
    shared = [tier for tier in found.values() if tier.companions]
    seated = [found.get(each.id) for each in party if each.type.seated]
    least = max(filter(None, seated), key=_rank) if seated and all(seated) else None
    best = min(filter(None, (*shared, least)), key=_rank, default=None)
    return best.code if best else None


def _rank(tier: Tier) -> int:
    return tier.rank


def _trial(world: World, request: ShopRequest, seller: Seller, channel: str) -> str | None:
    experiments = [each for each in world.personal.experiments if each.runs(channel)]
    if not experiments:
        return None
    kinds = ",".join(sorted(each.type for each in request.party))
    where = ";".join(f"{b.origin}{b.destination}{b.day}" for b in request.bounds)
    for experiment in experiments:
        arm = experiment.arm(seller.org_id, f"{where}|{kinds}")
        if arm:
            return f"{experiment.name}/{arm}"
    return None


def _language(world: World, request: ShopRequest, told: list[Notice]) -> str | None:
    """The first one asked for that there is, else the point of sale's; None for our own."""
    languages = world.phrases.languages
    for wanted in request.languages:
        if wanted in languages:
            return wanted if wanted != languages[0] else None
    if request.languages:
        spoken = ", ".join(languages)
        told.append(Notice(f"There are no texts in {request.languages[0]}, only in {spoken}."))
    point = world.points_of_sale.get(request.country or "")
    return point.language if point and point.language != languages[0] else None


# -- what they change --------------------------------------------------------------------------


def _benefits(world: World, conditions: Conditions) -> Iterator[Benefit]:
    """Of all that a family's services hang on; an arm of control grants nothing."""
    personal = world.personal
    agreement = personal.agreements.get(conditions.agreement or "")
    promotion = personal.promotions.get(conditions.promotion or "")
    yield from (deal.benefit for deal in (agreement, promotion) if deal)
    yield from _own_benefits(world, conditions)


def _own_benefits(world: World, conditions: Conditions) -> Iterator[Benefit]:
    """Of the tier and the trial."""
    tier = world.personal.programme.tiers.get(conditions.tier or "")
    if tier is not None:
        yield tier.benefit
    name, _, arm = (conditions.trial or "").partition("/")
    for experiment in world.personal.experiments:
        if experiment.name == name and arm == ON:
            yield experiment.benefit


@lru_cache(1024)
def cut(world: World, conditions: Conditions, ends: tuple[str, str], family: str, day: date) -> Cut:
    """What comes off the fare of a bound. ends: its airports; day: of departure."""
    origin, destination = (frozenset(_codes(world, each)) for each in ends)
    deals = (
        world.personal.agreements.get(conditions.agreement or ""),
        world.personal.promotions.get(conditions.promotion or ""),
    )
    binding = [d for d in deals if d and d.binds(origin, destination, family, day)]
    deal = max(binding, key=lambda each: each.benefit.percent_off, default=None)
    parts = [deal.benefit.percent_off] if deal else []
    parts += [b.percent_off for b in _own_benefits(world, conditions) if b.grants(family)]
    left = tuple(_WHOLE - each for each in parts if each)
    return Cut(left, deal.designator if deal else "", deal.code if deal else None)


def _codes(world: World, airport: str) -> Iterator[str]:
    yield airport
    known = world.airports.get(airport)
    if known is not None:
        yield from (known.city, known.country)
        yield from filter(None, (world.fares.zone(known.country),))


@lru_cache(1024)
def dressed(world: World, family: str, conditions: Conditions) -> FareFamily:
    """A family with what the conditions include, in their language; always the same object."""
    plain = world.family(family)
    if conditions == FOR_EVERYBODY:
        return plain
    granted = [b for b in _benefits(world, conditions) if b.grants(family) and b.services]
    say, language = world.phrases.say, conditions.language
    bags, kg = plain.baggage.checked_pieces, plain.baggage.checked_kg
    more = sum(each.extra_bags for each in granted)
    if more and not bags:
        kg = max(each.bag_kg for each in granted if each.extra_bags)
    return replace(
        plain,
        name=say(plain.name, language),
        description=tuple(
            say(line, language) for line in (*plain.description, *(b.text for b in granted))
        ),
        baggage=replace(plain.baggage, checked_pieces=bags + more, checked_kg=kg),
        free_seat=plain.free_seat or any(each.free_seat for each in granted),
    )


# -- in a token --------------------------------------------------------------------------------


def packed(world: World, conditions: Conditions) -> bytes:
    """As a token carries them; no bytes for an offer for everybody."""
    if conditions == FOR_EVERYBODY:
        return b""
    personal, languages = world.personal, world.phrases.languages
    name, _, arm = (conditions.trial or "").partition("/")
    names = [each.name for each in personal.experiments]
    tier = _place(list(personal.programme.tiers), conditions.tier)
    return _TERMS.pack(
        _place(list(personal.agreements), conditions.agreement),
        _place(list(personal.promotions), conditions.promotion),
        tier << 4 | _place(languages, conditions.language),
        2 * names.index(name) + _ARMS.index(arm) + 1 if name else 0,
    )


def unpacked(world: World, terms: bytes) -> Conditions:
    """Of a token of this very world."""
    if not terms:
        return FOR_EVERYBODY
    personal = world.personal
    agreement, promotion, both, trial = _TERMS.unpack(terms)
    return Conditions(
        _at(list(personal.agreements), agreement),
        _at(list(personal.promotions), promotion),
        _at(list(personal.programme.tiers), both >> 4),
        f"{personal.experiments[(trial - 1) // 2].name}/{_ARMS[(trial - 1) % 2]}"
        if trial
        else None,
        _at(world.phrases.languages, both & 0xF),
    )


def _place(codes: Sequence[str], code: str | None) -> int:
    return codes.index(code) + 1 if code else 0


def _at(codes: Sequence[str], place: int) -> str | None:
    return codes[place - 1] if place else None
