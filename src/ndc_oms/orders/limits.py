"""Until when an order may stay unpaid, by the airline's rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ndc_oms.model.offer import Offer
from ndc_oms.world.servicing import HoldRule, Servicing


@dataclass(frozen=True, slots=True)
class Limits:
    """payment_at: not paid by then, the seats are given back. guarantee_until: what is not paid
    by then is priced anew; never after payment_at.
    """

    payment_at: datetime
    guarantee_until: datetime


def limits_of(servicing: Servicing, offer: Offer, now: datetime) -> Limits | None:
    """Of an order of the offer; None: it is paid at once.

    A partner's seats are bought when the order is made: nothing of them is held here.
    """
    if any(bound.share is not None for bound in offer.bounds):
        return None
    families = [bound.family.code for bound in offer.bounds]
    return strictest(servicing, families, offer.bounds[0].journey.departure, now)


def strictest(
    servicing: Servicing, families: Iterable[str], departure: datetime, now: datetime
) -> Limits | None:
    """The strictest of what the families say; None where one of them is an instant purchase."""
    rules = [servicing.hold(family, departure, now) for family in families]
    binding = [rule for rule in rules if rule is not None]
    if len(binding) < len(rules):
        return None
    payment_at = min(_payment_at(rule, departure, now) for rule in binding)
    hours = min(rule.guarantee_h for rule in binding)
    return Limits(payment_at, min(now + timedelta(hours=hours), payment_at))


def _payment_at(rule: HoldRule, departure: datetime, now: datetime) -> datetime:
    latest = (departure - timedelta(hours=rule.before_departure_h)).astimezone(now.tzinfo)
    return min(now + timedelta(hours=rule.limit_h), latest)
