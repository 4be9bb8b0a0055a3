"""What an answer of the other side means: events, or asking again later. Pure.

    confirmed                      the step's events
    rejected, a payment, for now   the next gateway of its route, where there is one
    rejected, flights in place     the next partner is looked for, or there is none
        of ours
    rejected, a payment later      that payment failed; the order waits as before
    rejected, of what was added    what was added is withdrawn; the rest stays as it is
    rejected, chosen seats         the seats are given back, with what was paid for them
    rejected, forward, final       the order turns round; a change of it is taken back
    rejected, of an order that     again, for ever; in the staff's queue at once
        was ticketed before, or is
        flown in part
    rejected, forward, may pass    again; after TRIES sendings as if it were final
    rejected, a void given up for  the document is refunded instead
    rejected, an update, final     the booking stays as it is, and the seller is told
    rejected, services asked of a  the partner does not take them, and the seller is told
        partner, final
    rejected, a coupon's use,      the coupon stays as it is at the PSS, the service as it was told
        final
    rejected, chosen seats on a    these are given back, with all that was paid for them
        flight of the airline's
        choice
    rejected, taking back          again, for ever; in the staff's queue at once where final
    unknown                        asked again, for ever; in the staff's queue after PARK_AFTER

Nothing that was begun is ever dropped: an order ends ticketed and paid, closed with everything
taken back, or it stands in the queue.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.fulfilment.airline_changes import lost_seats
from ndc_oms.fulfilment.deed import Deed
from ndc_oms.fulfilment.exchanging import change_failed
from ndc_oms.fulfilment.paying import declined, paid_later
from ndc_oms.fulfilment.plan import FORWARD, turn_round
from ndc_oms.fulfilment.seats import missing_in
from ndc_oms.fulfilment.withdrawing import seatless, withdrawal
from ndc_oms.model.documents import BOARDED, DocumentType
from ndc_oms.model.events import (
    BookingUpdated,
    CancellationAccepted,
    CouponUseRefused,
    Event,
    PartnerServed,
    PaymentDeclined,
    PaymentRerouted,
    ProtectionFailed,
    VoidRefused,
)
from ndc_oms.model.order import Order
from ndc_oms.model.reported import next_use
from ndc_oms.model.split_events import SplitAbandoned
from ndc_oms.model.step import Failure, Step
from ndc_oms.model.with_partners import wanted_there
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown
from ndc_oms.ports.store import Task

TRIES: Final = 4  # sendings of a forward step that is cleanly refused for now
PARK_AFTER: Final = timedelta(minutes=2)
# Seconds before the 2nd, 3rd, … asking. The first ones are short, since a customer waits.
DELAYS_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
PARKED_S: Final = 300.0
MAX_REASON: Final = 300  # characters of another system's words that are kept

# PADIS 9321 for a step that cannot succeed, where the other side's own code is not one; and what
# it comes to, for people.
FAILURES: Final = {
    Step.REDIRECT: ("466", "The page for the payment could not be opened"),
    Step.AUTHORISE: ("708", "The payment was not authorised"),
    Step.BOOK: ("493", "The seats could not be booked"),
    Step.SEAT: ("281", "The seats could not be assigned"),
    Step.ISSUE: ("182", "The tickets could not be issued"),
    Step.ISSUE_EMD: ("182", "The document of a service could not be issued"),
    Step.PARTNER_BOOK: ("493", "A partner airline could not book its flights"),
    Step.PARTNER_ISSUE: ("182", "A partner airline could not issue its tickets"),
    Step.CAPTURE: ("708", "The payment could not be taken"),
    Step.DIVIDE: ("182", "The booking could not be divided"),
    Step.ADD_FLIGHTS: ("493", "The new seats could not be booked"),
    Step.SPLIT: ("182", "The booking could not be divided"),
    Step.RENAME: ("137", "The name could not be changed in the booking"),
    Step.EXCHANGE: ("182", "The ticket could not be exchanged"),
    Step.PARTNER_RENAME: ("137", "A partner airline did not change the name"),
    Step.PARTNER_DIVIDE: ("182", "A partner airline did not divide its booking"),
    Step.REISSUE_EMD: ("182", "The document of a service could not be issued anew"),
    Step.ASSOCIATE: ("182", "A service could not follow to the new flights"),
}
_PAYING: Final = frozenset({Step.AUTHORISE, Step.REDIRECT})
_SPLITTING: Final = frozenset({Step.PARTNER_DIVIDE, Step.SPLIT})
_CARD_CODES: Final = frozenset({"708", "921", "923"})
_OTHER_FORM: Final = "466"  # the code for a payment that is not by card


@dataclass(frozen=True, slots=True)
class Later:
    """Not settled yet. after_s: before jitter. parked: stands in the staff's queue."""

    after_s: float
    error: str
    parked: bool


def decide(
    order: Order, task: Task, deed: Deed, outcome: Outcome[object], now: datetime
) -> tuple[Event, ...] | Later:
    if isinstance(outcome, Confirmed):
        return deed.events(outcome.value, now)
    if isinstance(outcome, Unknown):
        return _later(task, outcome.reason, parked=now - task.created_at >= PARK_AFTER)
    instead = _instead(order, task, outcome, now)
    if instead is not None:
        return (instead,)
    if (
        task.step is Step.SEAT
        and outcome.final
        and (lost := lost_seats(order, missing_in(order, task.subject))) is not None
    ):
        return (CancellationAccepted(at=now, cancellation=lost),)
    back = (
        task.step not in FORWARD
        or (order.change is not None and order.change.failure is not None)
        or (task.step in _SPLITTING and _is_parted(order))
    )
    stuck = back and (outcome.final or now - task.created_at >= PARK_AFTER)
    if not back and (outcome.final or task.attempts >= TRIES):
        if (given_up := _give_up(order, task, outcome, now)) is not None:
            return given_up
        stuck = True
    return _later(task, f"{outcome.code}: {outcome.reason}", parked=stuck)


def _is_parted(order: Order) -> bool:
    """A partner has divided its booking for the split that is under way: no way leads back."""
    going = set(order.split.passenger_ids) if order.split else set[str]()
    divided = (part for part in order.parts if part.live and part.passenger_ids)
    return any(going.issuperset(part.passenger_ids) for part in divided)


def _instead(order: Order, task: Task, why: Rejected, now: datetime) -> Event | None:
    """What can be done where this cannot."""
    reason = why.reason[:MAX_REASON]
    if task.step in _PAYING and not why.final and order.payment(task.subject).routes:
        return _rerouted(order, task, why, now)
    if task.step is Step.VOID and why.final and order.cancellation is not None:
        return VoidRefused(at=now, number=task.subject, reason=reason)
    if task.step is Step.UPDATE_BOOKING and why.final:
        return BookingUpdated(at=now, changes=order.people_changes, refused=reason)
    if task.step is Step.PARTNER_SERVE and why.final:
        ids = tuple(s.id for _, s in wanted_there(order, order.part(task.subject)))
        return PartnerServed(at=now, part_id=task.subject, asked=ids, refused=ids)
    if task.step is Step.USE_COUPON and why.final and (due := next_use(order)) is not None:
        return CouponUseRefused(at=now, use=due[0], reason=reason)
    return None


def _later(task: Task, error: str, *, parked: bool) -> Later:
    parked = parked or task.parked
    place = min(max(task.attempts, 1), len(DELAYS_S)) - 1
    return Later(PARKED_S if parked else DELAYS_S[place], error[:MAX_REASON], parked)


def _rerouted(order: Order, task: Task, why: Rejected, now: datetime) -> Event:
    """The gateway certainly did nothing: the next one may be asked."""
    following = order.payment(task.subject).routes[0]
    reason = f"{why.code}: {why.reason}"[:MAX_REASON]
    return PaymentRerouted(at=now, payment_id=task.subject, gateway=following, reason=reason)


def _give_up(order: Order, task: Task, why: Rejected, now: datetime) -> tuple[Event, ...] | None:
    """None: what there is of the order stands, and people see to the rest."""
    failure = _failure(order, task, why)
    if (apart := _apart(order, task, failure, now)) is not None:
        return (apart,)
    if order.change is not None:
        return change_failed(order, task.subject, failure, now)
    if task.step in _PAYING and paid_later(order, order.payment(task.subject)):
        return declined(order, order.payment(task.subject), failure.code, failure.reason, now)
    if (withdrawn := _withdrawn(order, task, failure, now)) is not None:
        return (withdrawn,)
    return None if _stands(order, task) else _turned(order, task, failure, now)


def _failure(order: Order, task: Task, why: Rejected) -> Failure:
    code, words = FAILURES[task.step]
    if task.step in (*_PAYING, Step.CAPTURE):
        by_card = order.payment(task.subject).card is not None
        code = code if by_card else _OTHER_FORM
        code = why.code if why.code in _CARD_CODES else code
    reason = f"{words}: {why.reason[:MAX_REASON].rstrip('.')}."
    return Failure(task.step, code, reason)


def _withdrawn(order: Order, task: Task, failure: Failure, now: datetime) -> Event | None:
    concerned = _concerned(order, task)
    found = withdrawal(order, concerned, failure, now)
    if found is None and task.step is Step.SEAT:
        return seatless(order, concerned, failure, now)
    return found


def _turned(order: Order, task: Task, failure: Failure, now: datetime) -> tuple[Event, ...]:
    turned = turn_round(order, failure, now)
    if task.step is not Step.AUTHORISE:
        return turned  # a capture's authorisation may stand: it is released like any other
    failed = PaymentDeclined(
        at=now, payment_id=task.subject, reason=failure.reason, code=failure.code
    )
    others = tuple(e for e in turned if getattr(e, "payment_id", "") != task.subject)
    return (failed, *others)


def _apart(order: Order, task: Task, failure: Failure, now: datetime) -> Event | None:
    """Of what may fail while the order stands as it was."""
    if task.step in _SPLITTING:
        return SplitAbandoned(at=now, failure=failure)
    if task.step not in (Step.PARTNER_BOOK, Step.PARTNER_ISSUE):
        return None
    part = order.part(task.subject)
    if part.protection is None:
        return None
    return ProtectionFailed(at=now, part_id=part.id, reason=failure.reason)


def _stands(order: Order, task: Task) -> bool:
    """The order was ticketed before, and the step is for what came later; or somebody has flown: it
    is not taken back as a whole.
    """
    ours = [each for each in order.documents if not each.issuer]
    if any(c.status in BOARDED for each in ours for c in each.coupons if not each.of_money):
        return True
    if task.step is Step.ISSUE:
        tickets = (each for each in ours if each.type is DocumentType.TICKET)
        return any(each.passenger_id == task.subject for each in tickets)
    if task.step is Step.ISSUE_EMD:
        services = {each.id for each in order.item(task.subject).services}
        return any(c.service_id in services for each in ours for c in each.coupons)
    return task.step is Step.SEAT and order.ticketed


def _concerned(order: Order, task: Task) -> tuple[str, ...]:
    """Items for which the step is done."""
    if task.step is Step.ISSUE_EMD:
        return (task.subject,)
    if task.step is Step.SEAT:
        return missing_in(order, task.subject)
    return order.payment(task.subject).item_ids if task.step is Step.CAPTURE else ()
