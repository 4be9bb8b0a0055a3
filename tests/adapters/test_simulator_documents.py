"""What the simulator does beyond the contract: EMDs that follow, coupons in sequence, totals."""

from dataclasses import replace
from pathlib import Path

from tests.adapters.simulated_airline import MovingClock, settings

from ndc_oms.kit.pss_bench import Bench, done, refused, statuses
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.money import total
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.pss import Pnr
from ndc_pss_simulator.simulator import Simulator


async def ticket_with_emd(bench: Bench) -> tuple[Pnr, Document, Document]:
    pnr = await bench.book(bench.sale(), bench.sale(flight=1))
    (ticket,) = done(await bench.pss.issue("ticket", bench.ticket(pnr, 2)))
    asked = replace(
        bench.ticket(pnr, 1),
        type=DocumentType.EMD_ASSOCIATED,
        rfic="C",
        associated_with=ticket.number,
    )
    (emd,) = done(await bench.pss.issue("emd", asked))
    return pnr, ticket, emd


async def status_of(bench: Bench, number: str) -> list[CouponStatus]:
    shown = done(await bench.pss.document(number))
    assert shown is not None
    return [coupon.status for coupon in shown.coupons]


async def test_an_associated_emd_follows_its_ticket_coupon(bench: Bench) -> None:
    _, ticket, emd = await ticket_with_emd(bench)
    done(await bench.pss.set_coupon("c", ticket.number, 1, CouponStatus.CHECKED_IN))
    assert await status_of(bench, emd.number) == [CouponStatus.CHECKED_IN]
    done(await bench.pss.set_coupon("l", ticket.number, 1, CouponStatus.LIFTED))
    done(await bench.pss.set_coupon("f", ticket.number, 1, CouponStatus.FLOWN))
    assert await status_of(bench, emd.number) == [CouponStatus.FLOWN]
    assert await status_of(bench, ticket.number) == [CouponStatus.FLOWN, CouponStatus.OPEN]


async def test_an_associated_emd_is_void_with_its_ticket(bench: Bench) -> None:
    _, ticket, emd = await ticket_with_emd(bench)
    done(await bench.pss.void("v", ticket.number))
    assert await status_of(bench, emd.number) == [CouponStatus.VOID]


async def test_a_stand_alone_emd_follows_nobody(bench: Bench) -> None:
    pnr, ticket, _ = await ticket_with_emd(bench)
    asked = replace(bench.ticket(pnr, 1), type=DocumentType.EMD_STANDALONE, rfic="D")
    (emd,) = done(await bench.pss.issue("alone", asked))
    done(await bench.pss.void("v", ticket.number))
    assert await status_of(bench, emd.number) == [CouponStatus.OPEN]
    refused(await bench.pss.issue("without", replace(asked, rfic=None)))


async def test_an_emd_of_another_passengers_ticket_is_refused(bench: Bench) -> None:
    _, ticket, _ = await ticket_with_emd(bench)
    pnr = await bench.book(bench.sale(2, flight=3))
    asked = replace(
        bench.ticket(pnr),
        type=DocumentType.EMD_ASSOCIATED,
        passenger_id="PAX2",
        rfic="C",
        associated_with=ticket.number,
    )
    assert refused(await bench.pss.issue("x", asked)).code == "ASSOCIATION"


async def test_coupons_are_used_in_sequence(bench: Bench) -> None:
    _, ticket, _ = await ticket_with_emd(bench)
    early = await bench.pss.set_coupon("c2", ticket.number, 2, CouponStatus.CHECKED_IN)
    assert refused(early).code == "SEQUENCE"
    done(await bench.pss.set_coupon("c1", ticket.number, 1, CouponStatus.CHECKED_IN))
    done(await bench.pss.set_coupon("c2", ticket.number, 2, CouponStatus.CHECKED_IN))


async def test_one_coupon_is_not_voided_alone(bench: Bench) -> None:
    _, ticket, _ = await ticket_with_emd(bench)
    refused(await bench.pss.set_coupon("v", ticket.number, 1, CouponStatus.VOID))


async def test_a_set_bears_its_total_once_and_is_void_as_one(bench: Bench) -> None:
    first, second = await bench.issue(6)
    assert total((first.total, second.total), "CAD") == first.total
    voided = done(await bench.pss.void("by the second", second.number))
    assert voided.number == second.number
    done(await bench.pss.void("by the first", first.number))  # nothing is left to do
    assert statuses([voided]) == {CouponStatus.VOID}
    assert set(await status_of(bench, first.number)) == {CouponStatus.VOID}


async def test_a_reference_is_one_requests(bench: Bench) -> None:
    pnr = await bench.book(bench.sale())
    done(await bench.pss.issue("same", bench.ticket(pnr)))
    changed = replace(bench.ticket(pnr), passenger_name="OTHER/NAME")
    assert refused(await bench.pss.issue("same", changed)).code == "REFERENCE"


async def test_an_order_has_one_live_pnr(bench: Bench) -> None:
    booking = bench.booking("no hold", bench.sale())
    pnr = done(await bench.pss.book("one", booking))
    assert refused(await bench.pss.book("two", booking)).code == "DUPLICATE"
    done(await bench.pss.cancel("cancel", pnr.locator))
    done(await bench.pss.book("two", booking))


async def test_seats_and_names_must_agree(bench: Bench) -> None:
    booking = bench.booking("no hold", bench.sale(2))
    short = replace(booking, travellers=booking.travellers[:1])
    assert refused(await bench.pss.book("short", short)).code == "NAMES"
    assert await bench.left() == bench.seats


async def test_everything_is_there_after_a_restart(bench: Bench, tmp_path: Path) -> None:
    first, second = await bench.issue(5)
    again = Simulator(settings(str(tmp_path), MovingClock()))
    assert done(await again.document(first.number)) == first
    assert done(await again.document(second.number)) == second
    assert done(await again.check(bench.flights[:1]))[bench.flights[0]]["B"] == 3
    await again.close()
