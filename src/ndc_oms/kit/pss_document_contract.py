# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""Documents issued, voided and refunded, as part of kit/pss_contract.py."""

import asyncio
from dataclasses import replace

import pytest

from ndc_oms.kit.pss_bench import Bench, done, refused, statuses
from ndc_oms.model.documents import DocumentType, is_document_number
from ndc_oms.model.status import CouponStatus


@pytest.mark.asyncio
class DocumentContract:
    """Numbers are used once; coupons move as the table says."""

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
