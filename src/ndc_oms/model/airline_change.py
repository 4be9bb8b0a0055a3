"""What the airline changes in an order: flights that it retimes, re-equips or cancels.

    heard       the PSS told of a flight that the order has; its booking is looked at next
    changed     other flights are in the order, or none could be found for some
    answered    the seller accepted or gave the items up; or the time limit passed, and what was
                announced was done

A change asks the seller for an answer while `answer` is None; a small one asks nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.journey import FlightKey, Segment
from ndc_oms.model.product import Cabin


class Reason(StrEnum):
    TIME = "time"
    EQUIPMENT = "equipment"
    CANCELLED = "cancelled"
    CONNECTION = "connection"  # a flight before it comes too late, or leaves after it
    REINSTATED = "reinstated"  # it is flown again, after all


class Inaction(StrEnum):
    """What happens when the time limit passes. Source: ConsequenceOfInactionCode of 21.3."""

    ACCEPT = "Auto-acceptance"
    CANCEL = "Auto-cancellation"


class Answer(StrEnum):
    NOT_ASKED = "not asked"  # too small a change to ask
    ACCEPTED = "accepted"
    GIVEN_UP = "given up"  # the seller cancelled, or took other flights
    LAPSED = "lapsed"  # the limit passed, and what was announced is done
    REPLACED = "replaced"  # by another change of the same flights


@dataclass(frozen=True, slots=True)
class FlightChange:
    """One board-to-off pair of one flight on one day, as the PSS told of it.

    message: the kind of schedule message (NEW, CNL, TIM, EQT, RPL, RIN, CON). key: under which it
    was known. old: None for a new flight. new: None where it does not operate any more.
    """

    message: str
    key: FlightKey
    old: Segment | None
    new: Segment | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A change of which the order's booking is still to be looked at. id: unique in the order."""

    id: str
    change: FlightChange


@dataclass(frozen=True, slots=True)
class Flown:
    """A flight of the order under its segment's id."""

    segment_id: str
    flight: Segment
    rbd: str
    cabin: Cabin


@dataclass(frozen=True, slots=True)
class Rerouted:
    """Flights of one bound. new: none where nothing was found; the old ones then stay in the
    order and cannot be flown. passenger_ids: whose flights they are; none: everybody's. Who has
    boarded an old flight keeps it, as the others who are not named.
    """

    bound_index: int
    reason: Reason
    old: tuple[Flown, ...]
    new: tuple[Flown, ...]
    passenger_ids: tuple[str, ...] = ()

    def concerns(self, passenger_id: str) -> bool:
        return not self.passenger_ids or passenger_id in self.passenger_ids


@dataclass(frozen=True, slots=True)
class AirlineChange:
    """id: of the first line of the feed that it answers. limit_at: until when the seller may act,
    None where nothing is asked. inaction: what happens then. refundable: everything paid for the
    items comes back without a fee, if the seller wants it so.
    """

    id: str
    bounds: tuple[Rerouted, ...]
    item_ids: tuple[str, ...]
    limit_at: datetime | None = None
    inaction: Inaction | None = None
    refundable: bool = False
    answer: Answer | None = None
    answered_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether the seller still has to say something."""
        return self.answer is None

    @property
    def stranded(self) -> bool:
        """Whether no flight was found for some bound."""
        return any(not bound.new for bound in self.bounds)
