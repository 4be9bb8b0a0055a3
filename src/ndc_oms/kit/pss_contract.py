# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""The contract of `ports/pss.py` as tests. An adapter's author runs them with three lines:

    class TestMine(PssContract):
        pass

and a fixture named `bench` that gives each test a fresh `Bench`. Verbs under test must answer: no
faults planted, no time-outs.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar

import pytest

from ndc_oms.model.documents import Document, DocumentType, is_document_number
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
    PssEvent,
    Revalidation,
    SegmentSale,
    SpecialService,
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


@pytest.mark.asyncio
class PssContract:
    """Every promise that the house relies on. Subclass it; give a fixture `bench`."""

    # -- availability and holds ------------------------------------------------------------

    async def test_a_day_and_a_check_say_the_same(self, bench: Bench) -> None:
        flight = bench.flights[0]
        day = done(await bench.pss.availability(flight.day))
        assert day[flight] == done(await bench.pss.check([flight]))[flight]
        assert await bench.left() == bench.seats

    async def test_an_unknown_flight_is_absent_and_cannot_be_held(self, bench: Bench) -> None:
        unknown = bench.flights[0]._replace(number="9999Z")
        assert done(await bench.pss.check([unknown])) == {}
        sale = SegmentSale(unknown, bench.rbd, 1)
        refused(await bench.pss.hold(bench.reference("hold"), [sale], bench.now() + HOLD_TIME))

    async def test_a_hold_takes_its_seats_and_gives_them_back(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale(2))
        assert await bench.left() == bench.seats - 2
        done(await bench.pss.release(kept.reference))
        assert await bench.left() == bench.seats

    async def test_a_hold_is_all_or_none(self, bench: Bench) -> None:
        sales = [bench.sale(1, flight=0), bench.sale(bench.seats + 1, flight=1)]
        answer = await bench.pss.hold(bench.reference("hold"), sales, bench.now() + HOLD_TIME)
        rejected = refused(answer)
        assert rejected.final
        assert bench.flights[1].number in rejected.reason
        assert await bench.left(0) == bench.seats
        assert await bench.left(1) == bench.seats

    async def test_fifty_holds_at_once_never_oversell(self, bench: Bench) -> None:
        until = bench.now() + HOLD_TIME
        answers = await asyncio.gather(
            *(bench.pss.hold(f"contract:race:{n}", [bench.sale()], until) for n in range(50))
        )
        assert sum(isinstance(answer, Confirmed) for answer in answers) == bench.seats
        assert sum(isinstance(answer, Rejected) for answer in answers) == 50 - bench.seats
        assert await bench.left() == 0

    async def test_the_same_hold_again_is_one_hold(self, bench: Bench) -> None:
        reference, until = bench.reference("hold"), bench.now() + HOLD_TIME
        answers = await asyncio.gather(
            *(bench.pss.hold(reference, [bench.sale()], until) for _ in range(8))
        )
        assert len({done(answer) for answer in answers}) == 1
        assert await bench.left() == bench.seats - 1

    async def test_a_release_is_repeatable_and_needs_no_hold(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        for _ in range(3):
            done(await bench.pss.release(kept.reference))
        done(await bench.pss.release(bench.reference("never")))
        assert await bench.left() == bench.seats

    async def test_an_expired_hold_is_released_once(self, bench: Bench) -> None:
        if bench.advance is None:
            pytest.skip("this PSS's clock cannot be moved")
        kept = await bench.hold(bench.sale(2))
        bench.advance(HOLD_TIME - timedelta(seconds=1))
        assert await bench.left() == bench.seats - 2
        bench.advance(timedelta(seconds=1))
        assert await bench.left() == bench.seats
        done(await bench.pss.release(kept.reference))
        assert await bench.left() == bench.seats
        assert done(await bench.pss.find(kept.reference)) is None

    # -- bookings --------------------------------------------------------------------------

    async def test_booking_turns_the_hold_into_sold_seats(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2), bench.sale(2, flight=1))
        assert len(pnr.locator) == 6
        assert {segment.code for segment in pnr.segments} <= {"HK", "KK"}
        assert not pnr.cancelled
        assert [s.flight for s in pnr.segments] == list(bench.flights[:2])
        assert await bench.left(0) == bench.seats - 2
        assert await bench.left(1) == bench.seats - 2
        assert done(await bench.pss.pnr(pnr.locator)) == pnr

    async def test_booking_sells_afresh_where_the_hold_has_lapsed(self, bench: Bench) -> None:
        if bench.advance is None:
            pytest.skip("this PSS's clock cannot be moved")
        kept = await bench.hold(bench.sale())
        bench.advance(HOLD_TIME)
        booking = bench.booking(kept.reference, bench.sale())
        done(await bench.pss.book(bench.reference("book"), booking))
        assert await bench.left() == bench.seats - 1

    async def test_a_lapsed_hold_books_nothing_when_sold_out(self, bench: Bench) -> None:
        if bench.advance is None:
            pytest.skip("this PSS's clock cannot be moved")
        kept = await bench.hold(bench.sale())
        bench.advance(HOLD_TIME)
        await bench.hold(bench.sale(bench.seats))
        booking = bench.booking(kept.reference, bench.sale())
        refused(await bench.pss.book(bench.reference("book"), booking))

    async def test_the_same_booking_again_is_one_pnr(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        booking, reference = bench.booking(kept.reference, bench.sale()), bench.reference("book")
        answers = await asyncio.gather(*(bench.pss.book(reference, booking) for _ in range(8)))
        assert len({done(answer).locator for answer in answers}) == 1
        assert await bench.left() == bench.seats - 1

    async def test_locators_differ(self, bench: Bench) -> None:
        locators = {(await bench.book(bench.sale())).locator for _ in range(bench.seats)}
        assert len(locators) == bench.seats

    async def test_cancelling_gives_the_seats_back_once(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2))
        reference = bench.reference("cancel")
        first = done(await bench.pss.cancel(reference, pnr.locator))
        assert first.cancelled
        assert {segment.code for segment in first.segments} == {"HX"}
        assert done(await bench.pss.cancel(reference, pnr.locator)) == first
        done(await bench.pss.cancel(bench.reference("cancel"), pnr.locator))
        assert await bench.left() == bench.seats

    async def test_a_flight_is_cancelled_alone_and_once(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2), bench.sale(2, flight=1))
        reference, gone = bench.reference("part"), [bench.flights[1]]
        first = done(await bench.pss.cancel_part(reference, pnr.locator, gone, []))
        assert [segment.code for segment in first.segments] == ["HK", "HX"]
        assert not first.cancelled
        assert done(await bench.pss.cancel_part(reference, pnr.locator, gone, [])) == first
        assert (await bench.left(0), await bench.left(1)) == (bench.seats - 2, bench.seats)
        refused(await bench.pss.cancel_part(bench.reference("part"), pnr.locator, gone, []))
        refused(
            await bench.pss.cancel_part(
                bench.reference("part"), pnr.locator, [bench.flights[0]], []
            )
        )
        done(await bench.pss.cancel(bench.reference("cancel"), pnr.locator))
        assert (await bench.left(0), await bench.left(1)) == (bench.seats, bench.seats)

    async def test_a_traveller_leaves_alone_and_once(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2), bench.sale(2, flight=1))
        reference = bench.reference("part")
        first = done(await bench.pss.cancel_part(reference, pnr.locator, [], ["PAX1"]))
        assert [t.passenger_id for t in first.travellers] == ["PAX2"]
        assert [segment.seats for segment in first.segments] == [1, 1]
        assert done(await bench.pss.cancel_part(reference, pnr.locator, [], ["PAX1"])) == first
        assert done(await bench.pss.find(reference)) == first
        assert await bench.left() == bench.seats - 1
        refused(await bench.pss.cancel_part(bench.reference("part"), pnr.locator, [], ["PAX2"]))
        refused(await bench.pss.issue(bench.reference("issue"), bench.ticket(pnr)))

    async def test_an_infant_leaves_with_its_adult(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale(2))
        booking = bench.booking(kept.reference, bench.sale(2))
        infant = Traveller("INF1", PassengerType.INFANT, "HANSEN", "LIV", guardian="PAX1")
        booking = replace(booking, travellers=(*booking.travellers, infant))
        pnr = done(await bench.pss.book(bench.reference("book"), booking))
        asked = bench.pss.cancel_part(bench.reference("part"), pnr.locator, [], ["PAX1"])
        after = done(await asked)
        assert [t.passenger_id for t in after.travellers] == ["PAX2"]

    async def test_services_are_replaced(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale())
        reference = bench.reference("services")
        wanted = (SpecialService("CTCM", "PAX1", "4712345678"),)
        after = done(await bench.pss.update_services(reference, pnr.locator, wanted))
        assert after.services == wanted
        assert done(await bench.pss.update_services(reference, pnr.locator, wanted)) == after
        assert done(await bench.pss.find(reference)) == after
        assert done(await bench.pss.pnr(pnr.locator)) == after
        stranger = (SpecialService("CTCM", "PAX9", "4712345678"),)
        refused(await bench.pss.update_services(bench.reference("services"), pnr.locator, stranger))

    async def test_flights_are_added_beside_those_that_are_there(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2))
        kept = await bench.hold(bench.sale(2, flight=1))
        reference, new = bench.reference("add"), [bench.sale(2, flight=1)]
        asked = (reference, pnr.locator, kept.reference, new)
        first = done(await bench.pss.add_flights(*asked))
        assert [s.flight for s in first.segments] == list(bench.flights[:2])
        assert done(await bench.pss.add_flights(*asked)) == first
        assert done(await bench.pss.find(reference)) == first
        assert (await bench.left(0), await bench.left(1)) == (bench.seats - 2, bench.seats - 2)
        twice = await bench.pss.add_flights(
            bench.reference("add"), pnr.locator, bench.reference("hold"), new
        )
        refused(twice)
        too_few = [bench.sale(1, flight=2)]
        refused(
            await bench.pss.add_flights(
                bench.reference("add"), pnr.locator, bench.reference("hold"), too_few
            )
        )
        assert await bench.left(2) == bench.seats

    async def test_flights_are_dropped_by_class_and_once(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(), bench.sale(flight=1))
        reference, gone = bench.reference("drop"), [bench.sale()]
        first = done(await bench.pss.drop_flights(reference, pnr.locator, gone))
        assert [segment.code for segment in first.segments] == ["HX", "HK"]
        assert done(await bench.pss.drop_flights(reference, pnr.locator, gone)) == first
        assert done(await bench.pss.find(reference)) == first
        assert (await bench.left(0), await bench.left(1)) == (bench.seats, bench.seats - 1)
        refused(await bench.pss.drop_flights(bench.reference("drop"), pnr.locator, gone))
        last = [bench.sale(flight=1)]
        refused(await bench.pss.drop_flights(bench.reference("drop"), pnr.locator, last))

    async def test_a_divided_booking_is_two_with_the_same_seats(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(3))
        (ticket,) = done(await bench.pss.issue(bench.reference("issue"), bench.ticket(pnr)))
        reference = bench.reference("divide")
        new = done(await bench.pss.divide(reference, pnr.locator, ["PAX1"]))
        assert new.locator != pnr.locator
        assert [t.passenger_id for t in new.travellers] == ["PAX1"]
        assert done(await bench.pss.divide(reference, pnr.locator, ["PAX1"])) == new
        assert done(await bench.pss.find(reference)) == new
        old = done(await bench.pss.pnr(pnr.locator))
        assert old is not None
        assert [t.passenger_id for t in old.travellers] == ["PAX2", "PAX3"]
        assert [old.segments[0].seats, new.segments[0].seats] == [2, 1]
        assert await bench.left() == bench.seats - 3
        refused(await bench.pss.divide(bench.reference("divide"), new.locator, ["PAX1"]))
        refused(await bench.pss.divide(bench.reference("divide"), old.locator, ["PAX1"]))
        # its documents went with the traveller, and each booking ends alone
        done(await bench.pss.void(bench.reference("void"), ticket.number))
        done(await bench.pss.cancel(bench.reference("cancel"), new.locator))
        assert await bench.left() == bench.seats - 2
        done(await bench.pss.cancel(bench.reference("cancel"), old.locator))
        assert await bench.left() == bench.seats

    async def test_a_divided_booking_may_be_another_order_s(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2))
        reference = bench.reference("divide")
        new = done(await bench.pss.divide(reference, pnr.locator, ["PAX1"], "T8SPLIT1"))
        assert (new.order_id, new.locator != pnr.locator) == ("T8SPLIT1", True)
        assert done(await bench.pss.divide(reference, pnr.locator, ["PAX1"], "T8SPLIT1")) == new
        old = done(await bench.pss.pnr(pnr.locator))
        assert old is not None
        assert old.order_id == pnr.order_id
        # of a booking that everybody leaves, the order is another one
        again = bench.reference("divide")
        whole = done(await bench.pss.divide(again, new.locator, ["PAX1"], "T8SPLIT2"))
        assert whole == replace(new, order_id="T8SPLIT2")
        assert done(await bench.pss.find(again)) == whole
        assert await bench.left() == bench.seats - 2

    async def test_a_traveller_is_renamed_and_keeps_the_rest(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2))
        (ticket,) = done(await bench.pss.issue(bench.reference("issue"), bench.ticket(pnr)))
        first, second = pnr.travellers
        reference = bench.reference("rename")
        wanted = replace(first, surname="HANSSEN", given="MARIT", title="MS")
        after = done(await bench.pss.rename(reference, pnr.locator, wanted))
        assert after == replace(pnr, travellers=(wanted, second))
        assert done(await bench.pss.rename(reference, pnr.locator, wanted)) == after
        assert done(await bench.pss.find(reference)) == after
        assert done(await bench.pss.pnr(pnr.locator)) == after
        assert done(await bench.pss.document(ticket.number)) == ticket
        stranger = replace(wanted, passenger_id="PAX9")
        refused(await bench.pss.rename(bench.reference("rename"), pnr.locator, stranger))
        twice = replace(wanted, surname=second.surname, given=second.given)
        refused(await bench.pss.rename(bench.reference("rename"), pnr.locator, twice))
        assert done(await bench.pss.pnr(pnr.locator)) == after

    async def test_flights_are_replaced_all_or_none_and_once(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2))
        old = [pnr.segments[0].flight]
        too_many = [bench.sale(bench.seats + 1, flight=1)]
        refused = await bench.pss.reaccommodate(
            bench.reference("reaccommodate"), pnr.locator, old, too_many
        )
        assert isinstance(refused, Rejected)
        assert (await bench.left(0), await bench.left(1)) == (bench.seats - 2, bench.seats)
        reference = bench.reference("reaccommodate")
        for _ in range(2):
            made = done(
                await bench.pss.reaccommodate(
                    reference, pnr.locator, old, [bench.sale(2, flight=1)]
                )
            )
        assert [s.code for s in made.segments] == ["HX", "HK"]
        assert (await bench.left(0), await bench.left(1)) == (bench.seats, bench.seats - 2)
        assert done(await bench.pss.find(reference)) == made

    async def test_a_ticket_is_revalidated_for_a_flight_of_its_pnr(self, bench: Bench) -> None:
        (ticket,) = await bench.issue()
        (coupon,) = ticket.coupons
        other, value = bench.flights[1], Money(10_000, "CAD")
        wanted = [Revalidation("SEG1", CouponRequest("SEG9", other, bench.rbd, "YFLEX", value))]
        stranger = await bench.pss.revalidate(bench.reference("revalidate"), ticket.number, wanted)
        assert isinstance(stranger, Rejected)
        assert done(await bench.pss.document(ticket.number)) == ticket
        assert coupon.flight is not None

    async def test_an_unknown_pnr_is_none_and_cannot_be_cancelled(self, bench: Bench) -> None:
        assert done(await bench.pss.pnr("ZZZZZZ")) is None
        refused(await bench.pss.cancel(bench.reference("cancel"), "ZZZZZZ"))

    # -- documents -------------------------------------------------------------------------

    async def test_a_ticket_has_open_coupons_and_can_be_displayed(self, bench: Bench) -> None:
        (ticket,) = await bench.issue(2)
        assert is_document_number(ticket.number)
        assert [coupon.number for coupon in ticket.coupons] == [1, 2]
        assert statuses([ticket]) == {CouponStatus.OPEN}
        assert done(await bench.pss.document(ticket.number)) == ticket
        assert done(await bench.pss.document("9990000000000")) is None

    async def test_more_than_four_coupons_take_conjunction_tickets(self, bench: Bench) -> None:
        first, second = await bench.issue(6)
        assert (len(first.coupons), len(second.coupons)) == (4, 2)
        assert int(second.number) == int(first.number) + 1
        assert second.conjunction_of == first.number
        assert first.conjunction_of is None

    async def test_the_same_issue_again_is_one_document(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale())
        reference = bench.reference("issue")
        answers = await asyncio.gather(
            *(bench.pss.issue(reference, bench.ticket(pnr)) for _ in range(8))
        )
        assert len({done(answer) for answer in answers}) == 1

    async def test_a_number_is_never_used_again(self, bench: Bench) -> None:
        (voided,) = await bench.issue()
        done(await bench.pss.void(bench.reference("void"), voided.number))
        (other,) = await bench.issue()
        assert other.number != voided.number

    async def test_void_takes_the_whole_set(self, bench: Bench) -> None:
        first, second = await bench.issue(5)
        done(await bench.pss.void(bench.reference("void"), first.number))
        now = [done(await bench.pss.document(d.number)) for d in (first, second)]
        assert statuses(d for d in now if d) == {CouponStatus.VOID}

    async def test_void_only_while_every_coupon_is_open(self, bench: Bench) -> None:
        (ticket,) = await bench.issue(2)
        control = CouponStatus.AIRPORT_CONTROL
        done(await bench.pss.set_coupon(bench.reference("coupon"), ticket.number, 1, control))
        refused(await bench.pss.void(bench.reference("void"), ticket.number))

    async def test_refund_takes_what_is_open(self, bench: Bench) -> None:
        (ticket,) = await bench.issue(2)
        for status in (CouponStatus.CHECKED_IN, CouponStatus.LIFTED, CouponStatus.FLOWN):
            reference = bench.reference("coupon")
            done(await bench.pss.set_coupon(reference, ticket.number, 1, status))
        after = done(await bench.pss.refund(bench.reference("refund"), ticket.number))
        flown, refunded = after.coupons
        assert (flown.status, refunded.status) == (CouponStatus.FLOWN, CouponStatus.REFUNDED)
        refused(await bench.pss.refund(bench.reference("refund"), ticket.number))
        refused(await bench.pss.void(bench.reference("void"), ticket.number))

    async def test_void_and_refund_are_repeatable(self, bench: Bench) -> None:
        (one,), (other,) = await bench.issue(), await bench.issue()
        void, refund = bench.reference("void"), bench.reference("refund")
        voided = done(await bench.pss.void(void, one.number))
        assert done(await bench.pss.void(void, one.number)) == voided
        refunded = done(await bench.pss.refund(refund, other.number))
        assert done(await bench.pss.refund(refund, other.number)) == refunded

    async def test_an_illegal_coupon_move_is_refused(self, bench: Bench) -> None:
        (ticket,) = await bench.issue()
        lifted = CouponStatus.LIFTED
        refused(await bench.pss.set_coupon(bench.reference("coupon"), ticket.number, 1, lifted))
        refused(
            await bench.pss.set_coupon(
                bench.reference("coupon"), ticket.number, 4, CouponStatus.CHECKED_IN
            )
        )

    async def test_no_ticket_for_a_stranger_or_a_cancelled_pnr(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale())
        stranger = replace(bench.ticket(pnr), passenger_id="PAX9")
        refused(await bench.pss.issue(bench.reference("issue"), stranger))
        done(await bench.pss.cancel(bench.reference("cancel"), pnr.locator))
        refused(await bench.pss.issue(bench.reference("issue"), bench.ticket(pnr)))

    async def test_an_associated_emd_needs_a_usable_ticket_coupon(self, bench: Bench) -> None:
        """It says what it is for, and goes alone; without a usable ticket there is none."""
        pnr = await bench.book(bench.sale())
        (ticket,) = done(await bench.pss.issue(bench.reference("issue"), bench.ticket(pnr)))
        emd = replace(
            bench.ticket(pnr),
            type=DocumentType.EMD_ASSOCIATED,
            rfic="C",
            associated_with=ticket.number,
            coupons=tuple(
                replace(each, fare_basis="", service_id="SRV1", rfisc="0CC")
                for each in bench.ticket(pnr).coupons
            ),
        )
        reference = bench.reference("issue")
        (issued,) = done(await bench.pss.issue(reference, emd))
        assert issued.type is DocumentType.EMD_ASSOCIATED
        assert (issued.rfic, issued.associated_with) == ("C", ticket.number)
        assert [(c.service_id, c.rfisc) for c in issued.coupons] == [("SRV1", "0CC")]
        assert done(await bench.pss.find(reference)) == (issued,)
        done(await bench.pss.void(bench.reference("void"), issued.number))
        left = done(await bench.pss.document(ticket.number))
        assert left is not None
        assert statuses([left]) == {CouponStatus.OPEN}
        done(await bench.pss.void(bench.reference("void"), ticket.number))
        refused(await bench.pss.issue(bench.reference("issue"), emd))

    async def test_an_exchange_takes_what_is_unused(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(), bench.sale(flight=1), bench.sale(flight=2))
        both = bench.ticket(pnr, 2)
        (old,) = done(await bench.pss.issue(bench.reference("issue"), both))
        for status in (CouponStatus.CHECKED_IN, CouponStatus.LIFTED, CouponStatus.FLOWN):
            done(await bench.pss.set_coupon(bench.reference("coupon"), old.number, 1, status))
        third = pnr.segments[2]
        coupon = CouponRequest("SEG3", third.flight, third.rbd, "YFLEX", Money(9_000, "CAD"))
        wanted = replace(both, coupons=(coupon,), total=Money(9_000, "CAD"))
        reference = bench.reference("exchange")
        (new,) = done(await bench.pss.exchange(reference, old.number, wanted))
        assert (new.exchange_of, statuses([new])) == (old.number, {CouponStatus.OPEN})
        assert done(await bench.pss.exchange(reference, old.number, wanted)) == (new,)
        assert done(await bench.pss.find(reference)) == (new,)
        shown = done(await bench.pss.document(old.number))
        assert shown is not None
        assert [c.status for c in shown.coupons] == [CouponStatus.FLOWN, CouponStatus.EXCHANGED]
        for number in (old.number, "9990000000000"):
            refused(await bench.pss.exchange(bench.reference("exchange"), number, wanted))
        refused(await bench.pss.refund(bench.reference("refund"), old.number))
        # what was issued in exchange can be exchanged, voided and refunded like any other
        done(await bench.pss.exchange(bench.reference("exchange"), new.number, wanted))

    async def test_no_exchange_of_what_is_checked_in_or_another_s(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(2), bench.sale(2, flight=1))
        ticket = bench.ticket(pnr, 2)
        (old,) = done(await bench.pss.issue(bench.reference("issue"), ticket))
        other = replace(ticket, passenger_id="PAX2")
        refused(await bench.pss.exchange(bench.reference("exchange"), old.number, other))
        unbooked = CouponRequest("SEG9", bench.flights[4], bench.rbd, "YFLEX", Money(1, "CAD"))
        elsewhere = replace(ticket, coupons=(unbooked,))
        refused(await bench.pss.exchange(bench.reference("exchange"), old.number, elsewhere))
        checked_in = CouponStatus.CHECKED_IN
        done(await bench.pss.set_coupon(bench.reference("coupon"), old.number, 1, checked_in))
        reference = bench.reference("exchange")
        refused(await bench.pss.exchange(reference, old.number, ticket))
        assert done(await bench.pss.find(reference)) is None
        shown = done(await bench.pss.document(old.number))
        assert statuses([shown] if shown else []) == {checked_in, CouponStatus.OPEN}

    async def test_a_revalidation_keeps_number_and_route(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(), bench.sale(flight=1))
        one = bench.ticket(pnr)
        (old,) = done(await bench.pss.issue(bench.reference("issue"), one))
        to = pnr.segments[1]
        same_route = to.flight[3:] == pnr.segments[0].flight[3:]
        becomes = replace(one.coupons[0], segment_id="SEG2", flight=to.flight)
        reference, wanted = bench.reference("revalidate"), [Revalidation("SEG1", becomes)]
        answer = await bench.pss.revalidate(reference, old.number, wanted)
        if same_route:
            (after,) = done(answer)
            assert (after.number, after.coupons[0].flight) == (old.number, to.flight)
            assert done(await bench.pss.revalidate(reference, old.number, wanted)) == (after,)
            assert done(await bench.pss.find(reference)) == (after,)
        else:
            refused(answer)
        dearer = replace(becomes, fare_basis="YOTHER")
        back = [Revalidation("SEG2" if same_route else "SEG1", dearer)]
        refused(await bench.pss.revalidate(bench.reference("revalidate"), old.number, back))
        nothing = [Revalidation("SEG7", becomes)]
        refused(await bench.pss.revalidate(bench.reference("revalidate"), old.number, nothing))

    async def test_a_fee_s_document_is_used_when_it_is_issued(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale())
        coupon = CouponRequest(None, None, None, None, Money(5_000, "CAD"), rfisc="993")
        fee = replace(
            bench.ticket(pnr),
            type=DocumentType.EMD_STANDALONE,
            coupons=(coupon,),
            rfic="D",
            consumed=True,
        )
        (emd,) = done(await bench.pss.issue(bench.reference("issue"), fee))
        assert (emd.rfic, emd.coupons[0].rfisc) == ("D", "993")
        assert statuses([emd]) == {CouponStatus.FLOWN}
        refused(await bench.pss.refund(bench.reference("refund"), emd.number))

    async def test_an_emd_s_is_exchanged_for_another(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale())
        coupon = CouponRequest(None, None, None, None, Money(5_000, "CAD"), "S1", "0BX")
        stand_alone = DocumentType.EMD_STANDALONE
        wanted = replace(bench.ticket(pnr), type=stand_alone, coupons=(coupon,), rfic="E")
        (old,) = done(await bench.pss.issue(bench.reference("issue"), wanted))
        (new,) = done(await bench.pss.exchange(bench.reference("exchange"), old.number, wanted))
        assert (new.type, new.exchange_of) == (stand_alone, old.number)
        shown = done(await bench.pss.document(old.number))
        assert statuses([shown] if shown else []) == {CouponStatus.EXCHANGED}
        ticket = bench.ticket(pnr)
        refused(await bench.pss.exchange(bench.reference("exchange"), new.number, ticket))

    async def test_an_emd_a_follows_its_ticket_into_an_exchange(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale())
        one = bench.ticket(pnr)
        (old,) = done(await bench.pss.issue(bench.reference("issue"), one))
        bag = replace(
            one,
            type=DocumentType.EMD_ASSOCIATED,
            coupons=(replace(one.coupons[0], service_id="S1", rfisc="0CC"),),
            rfic="C",
            associated_with=old.number,
        )
        (emd,) = done(await bench.pss.issue(bench.reference("issue"), bag))
        (new,) = done(await bench.pss.exchange(bench.reference("exchange"), old.number, one))
        shown = done(await bench.pss.document(emd.number))
        assert statuses([shown] if shown else []) == {CouponStatus.EXCHANGED}
        again = replace(bag, associated_with=new.number)
        (other,) = done(await bench.pss.issue(bench.reference("issue"), again))
        assert (other.associated_with, statuses([other])) == (new.number, {CouponStatus.OPEN})
        refused(await bench.pss.issue(bench.reference("issue"), bag))

    # -- references and the feed -----------------------------------------------------------

    async def test_what_was_never_sent_is_not_found(self, bench: Bench) -> None:
        assert done(await bench.pss.find(bench.reference("never"))) is None

    async def test_a_refused_call_is_not_found(self, bench: Bench) -> None:
        reference = bench.reference("hold")
        sales = [bench.sale(bench.seats + 1)]
        refused(await bench.pss.hold(reference, sales, bench.now() + HOLD_TIME))
        assert done(await bench.pss.find(reference)) is None

    async def test_find_answers_for_every_verb(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        assert done(await bench.pss.find(kept.reference)) == kept
        book, issue = bench.reference("book"), bench.reference("issue")
        booking = bench.booking(kept.reference, bench.sale())
        pnr = done(await bench.pss.book(book, booking))
        assert done(await bench.pss.find(book)) == pnr
        made = done(await bench.pss.issue(issue, bench.ticket(pnr)))
        assert done(await bench.pss.find(issue)) == made
        coupon, void, cancel = (bench.reference(v) for v in ("coupon", "void", "cancel"))
        number = made[0].number
        for status in (CouponStatus.AIRPORT_CONTROL, CouponStatus.OPEN):
            coupon = bench.reference("coupon")
            changed = done(await bench.pss.set_coupon(coupon, number, 1, status))
            assert done(await bench.pss.find(coupon)) == (changed,)
        voided = done(await bench.pss.void(void, number))
        assert done(await bench.pss.find(void)) == (voided,)
        cancelled = done(await bench.pss.cancel(cancel, pnr.locator))
        assert done(await bench.pss.find(cancel)) == cancelled

    async def test_a_released_hold_is_not_found_and_not_booked(self, bench: Bench) -> None:
        kept = await bench.hold(bench.sale())
        done(await bench.pss.release(kept.reference))
        assert done(await bench.pss.find(kept.reference)) is None
        booking = bench.booking(kept.reference, bench.sale())
        refused(await bench.pss.book(bench.reference("book"), booking))
        assert await bench.left() == bench.seats

    async def test_the_feed_grows_and_tells_what_changed(self, bench: Bench) -> None:
        before = done(await bench.pss.events(0, 1000))
        start = before[-1].cursor if before else 0
        (ticket,) = await bench.issue()
        control = CouponStatus.AIRPORT_CONTROL
        done(await bench.pss.set_coupon(bench.reference("coupon"), ticket.number, 1, control))
        new = done(await bench.pss.events(start, 1000))
        cursors = [event.cursor for event in new]
        assert cursors == sorted(set(cursors))
        assert all(cursor > start for cursor in cursors)
        assert _latest_seats(new, bench.flights[0], bench.rbd) == bench.seats - 1
        coupons = [(e.document, e.coupon, e.status) for e in new if e.kind == "coupon"]
        assert (ticket.number, 1, control) in coupons
        assert done(await bench.pss.events(cursors[-1], 1000)) == ()
        assert done(await bench.pss.events(start, 1)) == new[:1]

    async def test_the_head_of_the_feed_is_its_newest_cursor(self, bench: Bench) -> None:
        before = done(await bench.pss.head())
        assert done(await bench.pss.events(before, 1000)) == ()
        await bench.hold(bench.sale())
        new = done(await bench.pss.events(before, 1000))
        assert _latest_seats(new, bench.flights[0], bench.rbd) == bench.seats - 1
        assert done(await bench.pss.head()) == new[-1].cursor


def _latest_seats(events: Iterable[PssEvent], flight: FlightKey, rbd: str) -> int | None:
    """Seats of the class by the feed's last word on the flight."""
    latest = None
    for event in events:
        if event.kind == "availability" and event.flight == flight and event.seats is not None:
            latest = event.seats[rbd]
    return latest
