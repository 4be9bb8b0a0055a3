# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""Documents exchanged and revalidated, as part of kit/pss_contract.py."""

from dataclasses import replace

import pytest

from ndc_oms.kit.pss_bench import Bench, done, refused, statuses
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.money import Money
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.pss import (
    CouponRequest,
    Revalidation,
)


@pytest.mark.asyncio
class ExchangeContract:
    """What is unused is exchanged; a revalidation keeps number and route."""

    async def test_an_exchange_takes_what_is_unused(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(), bench.sale(flight=1), bench.sale(flight=2))
        both = bench.ticket(pnr, 2)
        (old,) = done(await bench.pss.issue(bench.reference("issue"), both))
        for status in (CouponStatus.CHECKED_IN, CouponStatus.LIFTED, CouponStatus.FLOWN):
            done(await bench.pss.set_coupon(bench.reference("coupon"), old.number, 1, status))
        third = pnr.segments[2]
        coupon = CouponRequest("SEG3", third.flight, third.rbd, "YFLEX", Money(9_000, "CAD"))
        wanted = replace(both, coupons=(coupon,), total=Money(9_000, "CAD"))
        again = replace(wanted, coupons=(both.coupons[0], coupon))
        refused(await bench.pss.exchange(bench.reference("exchange"), old.number, again))
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
