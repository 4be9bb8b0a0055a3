"""What an answer of the other side means: events, or asking again later. Pure.

    confirmed                      the step's events
    rejected, forward, final       the order turns round
    rejected, forward, may pass    again; after TRIES sendings the order turns round
    rejected, taking back          again, for ever; in the staff's queue at once where final
    unknown                        asked again, for ever; in the staff's queue after PARK_AFTER

Nothing that was begun is ever dropped: an order ends ticketed and paid, closed with everything
taken back, or it stands in the queue.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ndc_oms.fulfilment.plan import FORWARD, turn_round
from ndc_oms.fulfilment.steps import Deed
from ndc_oms.model.events import Event, PaymentDeclined
from ndc_oms.model.order import Failure, Order, Step
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
    Step.AUTHORISE: ("708", "The payment was not authorised"),
    Step.BOOK: ("493", "The seats could not be booked"),
    Step.ISSUE: ("182", "The tickets could not be issued"),
    Step.CAPTURE: ("708", "The payment could not be taken"),
}
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
    forward = task.step in FORWARD
    if forward and (outcome.final or task.attempts >= TRIES):
        return _give_up(order, task, outcome, now)
    stuck = not forward and (outcome.final or now - task.created_at >= PARK_AFTER)
    return _later(task, f"{outcome.code}: {outcome.reason}", parked=stuck)


def _later(task: Task, error: str, *, parked: bool) -> Later:
    parked = parked or task.parked
    place = min(max(task.attempts, 1), len(DELAYS_S)) - 1
    return Later(PARKED_S if parked else DELAYS_S[place], error[:MAX_REASON], parked)


def _give_up(order: Order, task: Task, why: Rejected, now: datetime) -> tuple[Event, ...]:
    code, words = FAILURES[task.step]
    reason = f"{words}: {why.reason[:MAX_REASON].rstrip('.')}."
    if task.step in (Step.AUTHORISE, Step.CAPTURE):
        by_card = order.payment(task.subject).card is not None
        code = code if by_card else _OTHER_FORM
        code = why.code if why.code in _CARD_CODES else code
    turned = turn_round(order, Failure(task.step, code, reason), now)
    if task.step is not Step.AUTHORISE:
        return turned  # a capture's authorisation may stand: it is released like any other
    declined = PaymentDeclined(at=now, payment_id=task.subject, reason=reason)
    others = tuple(e for e in turned if getattr(e, "payment_id", "") != task.subject)
    return (declined, *others)
