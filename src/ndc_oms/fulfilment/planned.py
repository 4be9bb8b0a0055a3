"""A step that an order needs, as the plan names it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ndc_oms.model.payment import Payment, PaymentForm
from ndc_oms.model.step import Step

BOOKING: Final = "booking"  # the subject of steps that concern the whole order


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """subject: a payment's id, a passenger's id, a document's number, or BOOKING.

    mark: tells steps apart that an order may need several times. due_at: None for now.
    """

    step: Step
    subject: str
    mark: str = ""
    due_at: datetime | None = None


def ask_for(payment: Payment) -> PlannedStep:
    """A gateway that is tried after another is asked under a reference of its own."""
    mark = f"@{payment.gateway}" if payment.tried else ""
    step = Step.REDIRECT if payment.form is PaymentForm.REDIRECT else Step.AUTHORISE
    return PlannedStep(step, payment.id, mark)
