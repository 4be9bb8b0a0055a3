"""Statuses as tables: from which state, by which event, to which state.

The words are the wire's own (NDC 21.3 code sets), so that one noun has one name everywhere.
A test walks every table: each state is reachable, each non-final state can end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar


class OrderStatus(StrEnum):
    OPENED = "OPENED"
    CLOSED = "CLOSED"


class ItemStatus(StrEnum):
    ACTIVE = "ACTIVE"
    CANCELLED = "CANCELLED"
    CLOSED = "CLOSED"


class ServiceStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    TRANSFERRED = "TRANSFERRED"


class DeliveryStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    READY_TO_PROCEED = "READY TO PROCEED"
    READY_TO_DELIVER = "READY TO DELIVER"
    IN_PROGRESS = "IN PROGRESS"
    DELIVERED = "DELIVERED"
    REMOVED = "REMOVED"
    REMOVED_HOLD_VALUE = "REMOVED HOLD VALUE"
    SUSPENDED = "SUSPENDED"
    UNABLE_TO_DELIVER = "UNABLE TO DELIVER"


class PaymentState(StrEnum):
    """Finer than the wire's: SUCCESSFUL, PENDING and FAILED are derived in `ndc/`."""

    REQUESTED = "REQUESTED"
    AWAITING = "AWAITING"  # the payer was sent to the provider's page and has not paid yet
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    DECLINED = "DECLINED"
    RELEASED = "RELEASED"  # an authorisation let go, or never used
    REFUNDED = "REFUNDED"


class CouponStatus(StrEnum):
    """Coupon status as displayed. Source: PADIS 4405 and its one-letter display codes."""

    OPEN = "O"
    AIRPORT_CONTROL = "A"
    CHECKED_IN = "C"
    LIFTED = "L"
    FLOWN = "F"
    REFUNDED = "R"
    VOID = "V"
    EXCHANGED = "E"
    PRINTED = "P"
    SUSPENDED = "S"
    UNAVAILABLE = "U"
    IRREGULAR = "I"
    NOTIFICATION = "N"
    CLOSED = "Z"


S = TypeVar("S", bound=StrEnum)


class IllegalTransitionError(AssertionError):
    """A transition that its table does not have: a bug, or a PSS that broke the rules."""


@dataclass(frozen=True)
class Table(Generic[S]):
    """One state machine. moves: what each state may become; a final state moves nowhere."""

    name: str
    initial: S
    moves: Mapping[S, frozenset[S]]

    def check(self, old: S, new: S) -> S:
        """`new`, when the table has the move; raises IllegalTransitionError."""
        if new not in self.moves[old]:
            raise IllegalTransitionError(f"{self.name}: {old} does not become {new}")
        return new

    def may(self, old: S, new: S) -> bool:
        return new in self.moves[old]

    def reaches(self, old: S, new: S) -> bool:
        """Whether moves lead there, one or several: others may have gone unseen."""
        seen, todo = {old}, [old]
        while todo:
            for each in self.moves[todo.pop()] - seen:
                seen.add(each)
                todo.append(each)
        return new in seen

    @property
    def final(self) -> frozenset[S]:
        return frozenset(state for state, to in self.moves.items() if not to)


ORDER: Final = Table(
    "order",
    OrderStatus.OPENED,
    {OrderStatus.OPENED: frozenset({OrderStatus.CLOSED}), OrderStatus.CLOSED: frozenset()},
)
ITEM: Final = Table(
    "order item",
    ItemStatus.ACTIVE,
    {
        ItemStatus.ACTIVE: frozenset({ItemStatus.CANCELLED, ItemStatus.CLOSED}),
        ItemStatus.CANCELLED: frozenset(),
        ItemStatus.CLOSED: frozenset(),
    },
)
SERVICE: Final = Table(
    "service",
    ServiceStatus.CONFIRMED,
    {
        ServiceStatus.CONFIRMED: frozenset({ServiceStatus.CANCELLED, ServiceStatus.TRANSFERRED}),
        ServiceStatus.CANCELLED: frozenset(),
        ServiceStatus.TRANSFERRED: frozenset(),
    },
)
_D = DeliveryStatus
DELIVERY: Final = Table(
    "delivery",
    _D.CONFIRMED,
    {
        _D.CONFIRMED: frozenset({_D.READY_TO_PROCEED, _D.REMOVED, _D.UNABLE_TO_DELIVER}),
        _D.READY_TO_PROCEED: frozenset(
            {
                _D.READY_TO_DELIVER,
                _D.REMOVED,
                _D.REMOVED_HOLD_VALUE,
                _D.SUSPENDED,
                _D.UNABLE_TO_DELIVER,
            }
        ),
        _D.READY_TO_DELIVER: frozenset(
            {
                _D.IN_PROGRESS,
                _D.READY_TO_PROCEED,
                _D.REMOVED,
                _D.SUSPENDED,
                _D.UNABLE_TO_DELIVER,
            }
        ),
        _D.IN_PROGRESS: frozenset({_D.DELIVERED, _D.UNABLE_TO_DELIVER}),
        _D.SUSPENDED: frozenset({_D.READY_TO_PROCEED, _D.REMOVED, _D.REMOVED_HOLD_VALUE}),
        _D.UNABLE_TO_DELIVER: frozenset({_D.READY_TO_PROCEED, _D.REMOVED, _D.REMOVED_HOLD_VALUE}),
        _D.DELIVERED: frozenset(),
        _D.REMOVED: frozenset(),
        _D.REMOVED_HOLD_VALUE: frozenset(),
    },
)
_P = PaymentState
PAYMENT: Final = Table(
    "payment",
    _P.REQUESTED,
    {
        _P.REQUESTED: frozenset({_P.AWAITING, _P.AUTHORISED, _P.DECLINED, _P.RELEASED}),
        _P.AWAITING: frozenset({_P.AUTHORISED, _P.DECLINED}),
        _P.AUTHORISED: frozenset({_P.CAPTURED, _P.RELEASED, _P.DECLINED}),
        _P.CAPTURED: frozenset({_P.REFUNDED}),
        _P.DECLINED: frozenset(),
        _P.RELEASED: frozenset(),
        _P.REFUNDED: frozenset(),
    },
)
_C = CouponStatus
COUPON: Final = Table(
    "coupon",
    _C.OPEN,
    {
        # void only from O; refund and exchange from O and A (exchange also from U); the flight's
        # own way is A, C, L, F. F, R, V, E, P and Z are final.
        _C.OPEN: frozenset(
            {
                _C.AIRPORT_CONTROL,
                _C.CHECKED_IN,
                _C.REFUNDED,
                _C.VOID,
                _C.EXCHANGED,
                _C.PRINTED,
                _C.SUSPENDED,
                _C.UNAVAILABLE,
                _C.IRREGULAR,
                _C.NOTIFICATION,
                _C.CLOSED,
                _C.FLOWN,
            }
        ),
        _C.AIRPORT_CONTROL: frozenset(
            {_C.OPEN, _C.CHECKED_IN, _C.REFUNDED, _C.EXCHANGED, _C.IRREGULAR, _C.SUSPENDED}
        ),
        _C.CHECKED_IN: frozenset({_C.AIRPORT_CONTROL, _C.OPEN, _C.LIFTED, _C.IRREGULAR}),
        _C.LIFTED: frozenset({_C.FLOWN, _C.CHECKED_IN}),
        _C.SUSPENDED: frozenset({_C.OPEN, _C.CLOSED}),
        _C.UNAVAILABLE: frozenset({_C.OPEN, _C.EXCHANGED, _C.CLOSED}),
        _C.IRREGULAR: frozenset({_C.OPEN, _C.AIRPORT_CONTROL, _C.CLOSED}),
        _C.NOTIFICATION: frozenset({_C.OPEN, _C.AIRPORT_CONTROL, _C.CLOSED}),
        _C.FLOWN: frozenset(),
        _C.REFUNDED: frozenset(),
        _C.VOID: frozenset(),
        _C.EXCHANGED: frozenset(),
        _C.PRINTED: frozenset(),
        _C.CLOSED: frozenset(),
    },
)
TABLES: Final = (ORDER, ITEM, SERVICE, DELIVERY, PAYMENT, COUPON)
