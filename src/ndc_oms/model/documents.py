"""Accountable documents: e-tickets and EMDs, their coupons and numbers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.money import Money
from ndc_oms.model.status import COUPON, CouponStatus

FINANCIAL = "D"  # reason for issuance: financial impact
RESIDUAL = "99I"  # its sub code for a value that is left for future travel
_DEAD = frozenset({CouponStatus.VOID, CouponStatus.REFUNDED, CouponStatus.EXCHANGED})
# states of a coupon that is neither used nor held up: it may become refunded
REFUNDABLE = frozenset(each for each in CouponStatus if COUPON.may(each, CouponStatus.REFUNDED))
BOARDED = frozenset({CouponStatus.LIFTED, CouponStatus.FLOWN})  # somebody is, or was, on board
COUPONS_A_DOCUMENT = 4  # more flights take conjunction tickets (resolution 722g)


class DocumentType(StrEnum):
    """Source: TicketDocTypeCode (PADIS 1001)."""

    TICKET = "T"
    EMD_ASSOCIATED = "J"
    EMD_STANDALONE = "Y"


@dataclass(frozen=True, slots=True)
class Coupon:
    """One flight or service on a document. number: 1 to 4. segment_id: of the order.

    service_id, rfisc: on an EMD, the order's service that it is good for, and its sub code.
    """

    number: int
    status: CouponStatus
    segment_id: str | None
    flight: FlightKey | None
    rbd: str | None = None
    fare_basis: str | None = None
    value: Money | None = None
    service_id: str | None = None
    rfisc: str | None = None

    @property
    def live(self) -> bool:
        """It can still be used or has been."""
        return self.status not in _DEAD


@dataclass(frozen=True, slots=True)
class CouponUse:
    """What a coupon has to become at the PSS, since who delivers what it is good for told of it.
    document: its number. told: sequence of the event that told of it, 0 before it is recorded.
    """

    document: str
    coupon: int
    status: CouponStatus
    told: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One ticket or EMD. number: 13 digits, the airline's accounting prefix first.

    conjunction_of: the first ticket's number, on its conjunction tickets. issuer: designator of
    the partner whose document it is; empty for our own. rfic: an EMD's reason for issuance.
    associated_with: the ticket that an EMD-A goes with, by its number. exchange_of: the ticket
    that it was issued in exchange for, by its first number.
    """

    number: str
    type: DocumentType
    passenger_id: str
    issued_at: datetime
    coupons: tuple[Coupon, ...]
    total: Money
    conjunction_of: str | None = None
    issuer: str = ""
    rfic: str | None = None
    associated_with: str | None = None
    exchange_of: str | None = None

    @property
    def live(self) -> bool:
        """Some coupon can still be used or has been; void, refunded, exchanged ones cannot."""
        return any(coupon.live for coupon in self.coupons)

    @property
    def of_money(self) -> bool:
        """An EMD for a fee or a value: it goes with no flight, and stays when flights are given
        back.
        """
        return self.rfic == FINANCIAL

    @property
    def refundable(self) -> bool:
        """Some coupon may become refunded."""
        return any(each.status in REFUNDABLE for each in self.coupons)

    @property
    def checked_in(self) -> tuple[Coupon, ...]:
        """Of an EMD-A, those with which its passenger has checked in. The airline opens them again
        where it does not deliver what they are for; those of a flight it leaves to the airport.
        """
        if self.type is not DocumentType.EMD_ASSOCIATED:
            return ()
        return tuple(each for each in self.coupons if each.status is CouponStatus.CHECKED_IN)


def is_document_number(text: str) -> bool:
    """13 digits: 3 of accounting prefix, 10 of form and serial."""
    return len(text) == 13 and text.isascii() and text.isdigit()


def check_digit(number: str) -> int:
    """The separate check digit printed beside a number: number mod 7."""
    return int(number) % 7
