"""Events of an order from which some passengers go into an order of their own."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ndc_oms.model.cancellation import RefundDue
from ndc_oms.model.event import Event
from ndc_oms.model.order import BookingReference
from ndc_oms.model.step import Failure
from ndc_oms.model.under_way import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitAccepted(Event):
    """The airline's staff want it so; OrderSplit or SplitAbandoned ends it."""

    bumps: ClassVar[bool] = True
    split: Split


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerDivided(Event):
    """A partner's booking is two: one of those who stay, one of those who go.

    part_id: of the order; new_part_id: of those who go, with `booking`, whose reference at the
    partner is `reference`.
    """

    part_id: str
    new_part_id: str
    reference: str
    booking: BookingReference


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSplit(Event):
    """The passengers and all that is theirs are in the other order, which is made in the same
    moment. booking: theirs from now on. shares: of each payment, what it paid for them.
    """

    bumps: ClassVar[bool] = True
    tells: ClassVar[bool] = True
    booking: BookingReference
    shares: tuple[RefundDue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitAbandoned(Event):
    """The booking could not be divided: the order is as it was."""

    bumps: ClassVar[bool] = True
    failure: Failure


SPLIT_EVENTS: Final[tuple[type[Event], ...]] = (
    SplitAccepted,
    PartnerDivided,
    OrderSplit,
    SplitAbandoned,
)
