"""What a file-fed partner asks for a flight: a fare in a class with seats, taxes, rules."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from ndc_oms.model.journey import Journey, Segment
from ndc_oms.model.money import Money, round_half_up, round_up
from ndc_oms.model.offer import Fare, PricedBound, Tax
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import FareFamily, Restriction
from ndc_oms.partners.filed import Filed, FiledPrice
from ndc_oms.ports.partner import PartnerOffer, Seek
from ndc_oms.world.currencies import convert
from ndc_oms.world.passengers import PassengerRule
from ndc_oms.world.products import StageRule

Left = Callable[[Segment, str], int]  # seats of a class that are left on a flight

_HUNDRED: Final = Decimal(100)


def offers(filed: Filed, seek: Seek, left: Left, now: datetime) -> Iterator[PartnerOffer]:
    """Each flight in each family, in the cheapest class with seats for everybody.

    Nothing for a currency, a passenger type or a place that the partner does not have.
    """
    known = {kind for kind, _ in seek.party} <= filed.passenger_types.keys()
    if seek.currency not in filed.currencies or not known:
        return
    until = now + timedelta(seconds=filed.offer_ttl_s)
    for segment in filed.timetable.flights(seek.origin, seek.destination, seek.day):
        if segment.departure - filed.sale_closes <= now:
            continue
        for family in filed.families:
            bound = _cheapest(filed, segment, family, seek, left)
            if bound is not None:
                closing = segment.departure - filed.sale_closes
                held = filed.held_until(segment, now)
                yield PartnerOffer(bound, min(until, closing), hold_until=held)


def _cheapest(
    filed: Filed, segment: Segment, family: FareFamily, seek: Seek, left: Left
) -> PricedBound | None:
    for price in filed.prices.get((frozenset((seek.origin, seek.destination)), family.code), ()):
        if left(segment, price.rbd) >= seek.seats:
            return bound(filed, segment, family, price, seek)
    return None


def bound(
    filed: Filed, segment: Segment, family: FareFamily, price: FiledPrice, seek: Seek
) -> PricedBound:
    """One flight at one filed price, in the currency asked for."""
    rules = filed.rules[family.code]
    fares = {}
    for kind, _ in seek.party:
        rule = filed.passenger_types[kind]
        basis = f"{price.rbd}{rules.basis}{rule.basis_suffix}"
        base = _base(filed, price, rule, seek.currency)
        fares[kind] = Fare(basis, base, tuple(_taxes(filed, segment, family, kind, seek.currency)))
    return PricedBound(
        Journey((segment,)),
        family,
        (price.rbd,),
        fares,
        tuple(_restriction(filed, each, seek.currency) for each in rules.changes),
        tuple(_restriction(filed, each, seek.currency) for each in rules.cancellations),
    )


def _base(filed: Filed, price: FiledPrice, rule: PassengerRule, currency: str) -> Money:
    part = price.amount * rule.fare_percent / _HUNDRED
    unit = filed.currencies[currency].fare_unit
    return round_up(convert(part, price.currency, currency, filed.currencies), unit, currency)


def _taxes(
    filed: Filed, segment: Segment, family: FareFamily, kind: PassengerType, currency: str
) -> Iterator[Tax]:
    stops = (filed.airports[segment.origin], filed.airports[segment.destination])
    charged: dict[str, Tax] = {}
    for rule in filed.taxes.due(stops, family.cabin, kind):
        value = convert(rule.amount, rule.currency, currency, filed.currencies)
        amount = round_half_up(value, filed.currencies[currency].tax_unit, currency)
        before = charged.get(rule.code)
        if before:
            amount += before.amount
        charged[rule.code] = Tax(rule.code, rule.name, amount, rule.refundable)
    yield from charged.values()


def _restriction(filed: Filed, rule: StageRule, currency: str) -> Restriction:
    fee = None
    if rule.fee is not None:
        value = convert(rule.fee.decimal(), rule.fee.currency, currency, filed.currencies)
        fee = round_up(value, filed.currencies[currency].fare_unit, currency)
    return Restriction(rule.stage, rule.permitted, fee, rule.text)
