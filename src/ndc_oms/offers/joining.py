"""One bound of our flights and a partner's: each at its own price, by its own rules.

What a customer gets of the two together is the less of both: a change or a refund only where both
permit it, for the sum of both fees; the bags that both take.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ndc_oms.model.journey import Journey
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, PartnerShare, PricedBound, Tax
from ndc_oms.model.product import Baggage, FareFamily, Restriction, Stage
from ndc_oms.ports.partner import PartnerOffer
from ndc_oms.world.partners import PartnerTerms

MAX_NAME: Final = 64  # characters, of a price class on the wire


def join(
    terms: PartnerTerms,
    offer: PartnerOffer,
    ours: PricedBound | None = None,
    *,
    ours_first: bool = True,
) -> PricedBound:
    """ours: None for a bound that the partner flies whole."""
    theirs = offer.bound
    share = PartnerShare(
        terms.name, terms.carrier, theirs, offer.reference, offer.expires_at, ours, ours_first,
        offer.hold_until,
    )  # fmt: skip
    marked = replace(theirs.family, code=f"{terms.carrier}-{theirs.family.code}")
    if ours is None:
        return replace(theirs, family=marked, share=share)
    first, then = (ours, theirs) if ours_first else (theirs, ours)
    return PricedBound(
        Journey((*first.journey.segments, *then.journey.segments)),
        _family(ours.family, marked, terms.carrier),
        (*first.rbds, *then.rbds),
        {kind: _fare(fare, theirs.fares[kind]) for kind, fare in ours.fares.items()},
        _rules(ours.changes, theirs.changes),
        _rules(ours.cancellations, theirs.cancellations),
        ours.discount,
        share,
    )


def _family(ours: FareFamily, theirs: FareFamily, carrier: str) -> FareFamily:
    bags = (ours.baggage, theirs.baggage)
    return FareFamily(
        code=f"{ours.code}+{theirs.code}",
        name=f"{ours.name} + {theirs.name}"[:MAX_NAME],
        cabin=ours.cabin,
        rank=ours.rank,
        description=(*ours.description, *(f"{carrier}: {text}" for text in theirs.description)),
        baggage=Baggage(
            min(each.carry_on_pieces for each in bags),
            min(each.carry_on_kg for each in bags),
            min(each.checked_pieces for each in bags),
            min(each.checked_kg for each in bags),
        ),
        free_seat=ours.free_seat and theirs.free_seat,
        refundable=ours.refundable and theirs.refundable,
        changeable=ours.changeable and theirs.changeable,
    )


def _fare(ours: Fare, theirs: Fare) -> Fare:
    """Under our fare basis; the partner's stands on its own documents. Taxes of one code are shown
    as one where both or none of them come back.
    """
    taxes: dict[tuple[str, bool], Tax] = {}
    for tax in (*ours.taxes, *theirs.taxes):
        key = (tax.code, tax.refundable)
        before = taxes.get(key)
        taxes[key] = replace(tax, amount=tax.amount + before.amount) if before else tax
    return Fare(ours.basis, ours.base + theirs.base, tuple(taxes.values()))


def _rules(ours: Sequence[Restriction], theirs: Sequence[Restriction]) -> tuple[Restriction, ...]:
    return tuple(
        _rule(stage, found)
        for stage in Stage
        if (found := [each for each in (*ours, *theirs) if each.stage is stage])
    )


def _rule(stage: Stage, rules: Sequence[Restriction]) -> Restriction:
    """A rule that only one of the two states is no permission of the other."""
    text = " ".join(dict.fromkeys(each.text for each in rules))
    fees = [each.fee for each in rules if each.permitted and each.fee is not None]
    if len(rules) < 2 or len(fees) < len(rules):
        return Restriction(stage, False, None, text)
    fee = Money.zero(fees[0].currency)
    for each in fees:
        fee += each
    return Restriction(stage, True, fee, text)
