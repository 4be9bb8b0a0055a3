"""A new name that is accepted, as events and people."""

from dataclasses import dataclass
from datetime import datetime

from ndc_oms.model.change_events import ChangeAccepted
from ndc_oms.model.naming import announced
from ndc_oms.model.order import Change, Charge, ChargeKind, Order
from ndc_oms.model.passenger import People
from ndc_oms.model.quote import Quote, QuotedName
from ndc_oms.orders.coupons import Shown
from ndc_oms.orders.name_desk import NewlyNamed, check_usable


@dataclass(frozen=True, slots=True)
class Renamed:
    """accepted: without what is paid for it. people: with the name that is to be."""

    accepted: ChangeAccepted
    people: People


def accept_name(
    order: Order, people: People, named: NewlyNamed, now: datetime, quote_id: str = ""
) -> Renamed:
    renaming = named.renaming
    fee = Charge(ChargeKind.PENALTY, renaming.passenger_id, renaming.fee)
    change = Change(
        number=order.sequence + 1,
        quote_id=quote_id,
        moves=(),
        used=named.used,
        charges=(fee,) if renaming.fee else (),
        renaming=renaming,
    )
    accepted = ChangeAccepted(at=now, change=change)
    return Renamed(accepted, announced(people, renaming.passenger_id, named.name))


def quoted_name(named: NewlyNamed) -> QuotedName:
    return QuotedName(named.renaming, named.name, named.used)


def as_quoted(order: Order, quote: Quote, shown: Shown | None, path: str) -> NewlyNamed | None:
    """What the quote says; None where a flight was flown since. Raises NotAllowed (137) where the
    documents do not permit it any more.
    """
    if quote.naming is None:
        raise AssertionError(f"{quote.quote_id} is no quote of a name")
    naming = quote.naming
    used = check_usable(order, naming.renaming.passenger_id, shown, path)
    return NewlyNamed(naming.renaming, naming.name, used) if used == naming.used else None
