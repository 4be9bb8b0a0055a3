# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""The contract of EMDs whose flights are exchanged in `ports/pss.py`, beside kit/pss_contract.py
and run like it:

    class TestMineEmds(EmdContract):
        pass
"""

from dataclasses import replace

from ndc_oms.kit.pss_bench import Bench, done, refused, statuses
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.money import Money
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.pss import CouponRequest, DocumentRequest, Pnr, Revalidation


class EmdContract:
    async def test_an_emd_goes_on_with_the_ticket_that_is_issued_in_exchange(
        self, bench: Bench
    ) -> None:
        """Off the old ticket first: else it would be exchanged with it."""
        pnr = await bench.book(bench.sale(), bench.sale(flight=1))
        (old,) = done(await bench.pss.issue(bench.reference("issue"), bench.ticket(pnr)))
        (emd,) = done(await bench.pss.issue(bench.reference("issue"), _bag(bench, pnr, old)))
        off = bench.reference("associate")
        (alone,) = done(await bench.pss.associate(off, emd.number, None, ()))
        assert alone.associated_with is None
        to = pnr.segments[1]
        coupon = CouponRequest("SEG2", to.flight, to.rbd, "YFLEX", Money(10_000, "CAD"))
        wanted = replace(bench.ticket(pnr), coupons=(coupon,))
        asked = bench.pss.exchange(bench.reference("exchange"), old.number, wanted)
        (new,) = done(await asked)
        shown = done(await bench.pss.document(emd.number))
        assert statuses([shown] if shown else []) == {CouponStatus.OPEN}
        becomes = [Revalidation("SEG1", replace(coupon, fare_basis="", service_id="SRV1"))]
        for wrong in (old.number, emd.number, "9990000000000"):
            refused(await bench.pss.associate(bench.reference("no"), emd.number, wrong, becomes))
        again = bench.reference("associate")
        (after,) = done(await bench.pss.associate(again, emd.number, new.number, becomes))
        assert (after.associated_with, after.coupons[0].flight) == (new.number, to.flight)
        assert after.coupons[0].service_id == "SRV1"
        assert (after.total, after.number) == (emd.total, emd.number)
        assert done(await bench.pss.associate(again, emd.number, new.number, becomes)) == (after,)
        assert done(await bench.pss.find(again)) == (after,)
        # and from now on it follows that one
        done(await bench.pss.void(bench.reference("void"), new.number))
        shown = done(await bench.pss.document(emd.number))
        assert statuses([shown] if shown else []) == {CouponStatus.VOID}
        refused(await bench.pss.associate(bench.reference("no"), emd.number, None, becomes))

    async def test_an_emd_that_stands_alone_goes_with_no_ticket(self, bench: Bench) -> None:
        pnr = await bench.book(bench.sale(), bench.sale(flight=1))
        (ticket,) = done(await bench.pss.issue(bench.reference("issue"), bench.ticket(pnr)))
        lounge = replace(
            _bag(bench, pnr, ticket), type=DocumentType.EMD_STANDALONE, associated_with=None
        )
        (emd,) = done(await bench.pss.issue(bench.reference("issue"), lounge))
        to, coupon = pnr.segments[1], lounge.coupons[0]
        becomes = [Revalidation("SEG1", replace(coupon, segment_id="SEG2", flight=to.flight))]
        reference = bench.reference("associate")
        refused(await bench.pss.associate(reference, emd.number, ticket.number, becomes))
        refused(await bench.pss.associate(reference, ticket.number, None, becomes))
        unbooked = replace(coupon, segment_id="SEG9", flight=bench.flights[4])
        strange = [Revalidation("SEG1", unbooked)]
        refused(await bench.pss.associate(reference, emd.number, None, strange))
        (after,) = done(await bench.pss.associate(reference, emd.number, None, becomes))
        assert (after.associated_with, after.coupons[0].flight) == (None, to.flight)


def _bag(bench: Bench, pnr: Pnr, ticket: Document) -> DocumentRequest:
    """An EMD-A that goes with the ticket's first coupon."""
    return replace(
        bench.ticket(pnr),
        type=DocumentType.EMD_ASSOCIATED,
        rfic="C",
        associated_with=ticket.number,
        coupons=tuple(
            replace(each, fare_basis="", service_id="SRV1", rfisc="0CC")
            for each in bench.ticket(pnr).coupons
        ),
    )
