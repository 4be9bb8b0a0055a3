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

    Partners have limits of their own: the earliest of all binds. Their prices stand as long, since
    nobody prices them anew.
    """
    shares = [bound.share for bound in offer.bounds if bound.share is not None]
    theirs = [share.hold_until for share in shares if share.hold_until is not None]
    if len(theirs) < len(shares) or any(until <= now for until in theirs):
        return None
    ours = (bound.share.ours if bound.share else bound for bound in offer.bounds)
    families = [each.family.code for each in ours if each is not None]
    limits: Limits | None = None
    if families:
        limits = strictest(servicing, families, offer.bounds[0].journey.departure, now)
        if limits is None or not theirs:
            return limits
    latest = min((*theirs, *((limits.payment_at,) if limits else ()))).astimezone(now.tzinfo)
    return Limits(latest, latest)


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
