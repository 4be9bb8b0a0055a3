"""What is being carried out for an order: a change, a name, a split."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.cancellation import GivenUp, RefundDue
from ndc_oms.model.items import OrderItem, OrderSegment
from ndc_oms.model.money import Money
from ndc_oms.model.step import Failure


@dataclass(frozen=True, slots=True)
class Move:
    """What a change does to one item. new_item_id: of what takes its place; None: nothing does.

    penalty: the fee for it. collect: what is paid on top; refund: what comes back to the forms of
    payment; residual: what stays good for another purchase, on a document of its own. At most one
    of collect and the other two is above zero.
    """

    item_id: str
    new_item_id: str | None
    penalty: Money
    collect: Money
    refund: Money
    residual: Money


class ChargeKind(StrEnum):
    """For what an EMD-S is issued with a change."""

    PENALTY = "penalty"
    RESIDUAL = "residual"


@dataclass(frozen=True, slots=True)
class Charge:
    """A document that goes with a change. number: once it is issued."""

    kind: ChargeKind
    passenger_id: str
    amount: Money
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Renaming:
    """A passenger gets another name, or somebody else flies instead. Which name is personal data,
    and stands with the people of the order.

    fee: for it. corrects: it is the same name, spelt rightly; these are counted. booked: the
    booking has the new name. another: somebody else flies, to whom values that are left on
    documents do not go.
    """

    passenger_id: str
    fee: Money
    corrects: bool
    booked: bool = False
    another: bool = False


@dataclass(frozen=True, slots=True)
class ServiceMove:
    """A service of an ancillary item goes with its passenger to another flight."""

    service_id: str
    segment_id: str


@dataclass(frozen=True, slots=True)
class Change:
    """Items that the seller exchanges for others, or a name that is changed, while that is carried
    out.

    number: sequence of the event that accepted it; its payments are the batch of this number.
    dividing: passengers who get a booking of their own first. revalidated: those whose ticket
    stays and only shows other flights. used: items that are flown already, for which no other
    ticket is issued. seats_added, seats_dropped, documented (passengers, ancillary items, numbers
    of documents of values, partners' parts), charges: how far it has come; applied: the items are
    exchanged, only refunds are left.
    refunds: not made yet. failure: it is being taken back.
    moved: services that follow their passengers to the new flights; given_up: ancillary items that
    do not. unpaid: nobody has paid for the items, so the new ones are owed as the old ones were,
    until payment_limit_at, at their prices until price_guarantee_until. declined: partners' parts
    that were to fly in our place, and are not wanted with it; they stand until it is made.
    """

    number: int
    quote_id: str
    moves: tuple[Move, ...]
    segments: tuple[OrderSegment, ...] = ()
    items: tuple[OrderItem, ...] = ()
    hold_reference: str = ""
    dividing: tuple[str, ...] = ()
    revalidated: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    charges: tuple[Charge, ...] = ()
    refunds: tuple[RefundDue, ...] = ()
    seats_added: bool = False
    seats_dropped: bool = False
    documented: tuple[str, ...] = ()
    applied: bool = False
    failure: Failure | None = None
    hold_released: bool = False
    renaming: Renaming | None = None
    moved: tuple[ServiceMove, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    unpaid: bool = False
    payment_limit_at: datetime | None = None
    price_guarantee_until: datetime | None = None
    declined: tuple[str, ...] = ()

    @property
    def item_ids(self) -> frozenset[str]:
        """Flights that are given up."""
        return frozenset(each.item_id for each in self.moves)


@dataclass(frozen=True, slots=True)
class FailedChange:
    """A change that was taken back: the order is as it was before. number: as of Change."""

    number: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class Split:
    """Passengers who get an order of their own, while their booking is divided."""

    order_id: str
    passenger_ids: tuple[str, ...]
