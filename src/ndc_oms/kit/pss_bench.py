# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""What the contract tests of a PSS work on (kit/pss_contract.py)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.money import Money
from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected
from ndc_oms.ports.pss import (
    Booking,
    CouponRequest,
    DocumentRequest,
    Hold,
    Pnr,
    Pss,
    SegmentSale,
    Traveller,
)

T = TypeVar("T")
HOLD_TIME = timedelta(minutes=15)


@dataclass
class Bench:
    """What the tests work on.

    flights: at least six that operate, different, in the future. rbd: a class with exactly
    `seats` seats left on each of them, at least 3 and at most 30. now: the time the PSS goes by.
    advance: moves it; None where that cannot be, and the tests of expiry are skipped.
    """

    pss: Pss
    flights: tuple[FlightKey, ...]
    rbd: str
    seats: int
    now: Callable[[], datetime]
    advance: Callable[[timedelta], None] | None = None
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def reference(self, verb: str) -> str:
        """One that no call had."""
        return f"contract:{verb}:{next(self.numbers)}"

    def sale(self, seats: int = 1, flight: int = 0) -> SegmentSale:
        return SegmentSale(self.flights[flight], self.rbd, seats)

    async def left(self, flight: int = 0) -> int:
        """Seats for sale, by the PSS's own word."""
        key = self.flights[flight]
        return done(await self.pss.check([key]))[key][self.rbd]

    async def hold(self, *sales: SegmentSale) -> Hold:
        reference = self.reference("hold")
        return done(await self.pss.hold(reference, sales, self.now() + HOLD_TIME))

    def booking(self, hold_reference: str, *sales: SegmentSale) -> Booking:
        return Booking(
            order_id=f"T8CONTRACT{next(self.numbers)}",
            hold_reference=hold_reference,
            sales=sales,
            travellers=tuple(
                Traveller(f"PAX{at + 1}", PassengerType.ADULT, "HANSEN", f"MAREN{at}")
                for at in range(sales[0].seats)
            ),
        )

    async def book(self, *sales: SegmentSale) -> Pnr:
        """A PNR from a hold of its own."""
        kept = await self.hold(*sales)
        booking = self.booking(kept.reference, *sales)
        return done(await self.pss.book(self.reference("book"), booking))

    def ticket(self, pnr: Pnr, coupons: int = 1) -> DocumentRequest:
        """For the PNR's first passenger, over its first flights."""
        return DocumentRequest(
            locator=pnr.locator,
            type=DocumentType.TICKET,
            passenger_id="PAX1",
            passenger_name="HANSEN/MAREN0",
            coupons=tuple(
                CouponRequest(f"SEG{at + 1}", s.flight, s.rbd, "YFLEX", Money(10_000, "CAD"))
                for at, s in enumerate(pnr.segments[:coupons])
            ),
            total=Money(10_000 * coupons, "CAD"),
        )

    async def issue(self, coupons: int = 1) -> tuple[Document, ...]:
        pnr = await self.book(*(self.sale(flight=at) for at in range(coupons)))
        return done(await self.pss.issue(self.reference("issue"), self.ticket(pnr, coupons)))


def done(outcome: Outcome[T]) -> T:
    """The value; fails the test where there is none."""
    assert isinstance(outcome, Confirmed), outcome  # this is a test
    return outcome.value


def refused(outcome: Outcome[object]) -> Rejected:
    """The refusal; fails the test where there is none."""
    assert isinstance(outcome, Rejected), outcome  # this is a test
    return outcome


def statuses(documents: Iterable[Document]) -> set[CouponStatus]:
    return {coupon.status for document in documents for coupon in document.coupons}
