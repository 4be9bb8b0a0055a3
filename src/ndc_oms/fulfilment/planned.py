"""A step that an order needs, as the plan names it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
