"""A new name that is accepted, as events and people; and an update that may say one."""

from dataclasses import dataclass
from datetime import datetime

from ndc_oms.errors import NotAllowed
from ndc_oms.model.change_events import ChangeAccepted
from ndc_oms.model.event import Event
from ndc_oms.model.events import PeopleUpdated
from ndc_oms.model.fold import apply
from ndc_oms.model.naming import announced
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.model.quote import Quote, QuotedName
from ndc_oms.model.under_way import Change, Charge, ChargeKind
from ndc_oms.orders.coupons import Shown, show
from ndc_oms.orders.name_desk import check_usable
from ndc_oms.orders.persons import new_name, update
from ndc_oms.orders.prepare import Rules, names_of
from ndc_oms.orders.request import UpdatePerson
from ndc_oms.ports.pss import Pss
from ndc_oms.ports.store import OrderRecord


@dataclass(frozen=True, slots=True)
class Renamed:
    """accepted: without what is paid for it. people: with the name that is to be."""

    accepted: ChangeAccepted
    people: People


def accept_name(
    order: Order, people: People, named: QuotedName, now: datetime, quote_id: str = ""
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


def as_quoted(order: Order, quote: Quote, shown: Shown | None, path: str) -> QuotedName | None:
    """What the quote says; None where a flight was flown since. Raises NotAllowed (137) where the
    documents do not permit it any more.
    """
    if quote.naming is None:
        raise AssertionError(f"{quote.quote_id} is no quote of a name")
    naming = quote.naming
    used = check_usable(order, naming.renaming.passenger_id, shown, path)
    return naming if used == naming.used else None


async def update_person(
    found: OrderRecord, asked: UpdatePerson, pss: Pss, rules: Rules, now: datetime
) -> tuple[tuple[Event, ...], People]:
    """What an UpdatePax brings about. A name that is another is corrected with it, where that
    costs nothing. Raises what `persons.update` and `NameDesk.decide` do; NotAllowed (137) for a
    name that is to be paid for.
    """
    order = found.order
    made = update(order, found.people, asked)
    event = PeopleUpdated(at=now, passenger_id=made.passenger_id, kinds=made.kinds)
    wanted = new_name(found.people, asked)
    if wanted is None:
        return (event,), made.people
    events: tuple[Event, ...] = (event,) if made.kinds else ()
    before = apply(order, event) if made.kinds else order
    shown = await show_if_any(pss, order)
    named = names_of(rules, wanted.path).decide(before, made.people, wanted, shown, now)
    if named.renaming.fee:
        raise NotAllowed(
            f"This is more than a correction: {named.renaming.fee} is to be paid for it.",
            code="137",
            path=wanted.path,
            remedy="Send OrderReshop with UpdatePaxName, and accept and pay what it offers.",
        )
    done = accept_name(before, made.people, named, now)
    return (*events, done.accepted), done.people


async def show_if_any(pss: Pss, order: Order) -> Shown | None:
    """The order's documents at the PSS; None where it has none."""
    if not order.ticketed:
        return None
    return await show(pss, order)
