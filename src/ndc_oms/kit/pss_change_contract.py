# ruff: noqa: S101  # tests are made of asserts; these are shipped for adapter authors to run
"""Bookings that change, as part of kit/pss_contract.py."""

from dataclasses import replace

import pytest

from ndc_oms.kit.pss_bench import Bench, done, refused
from ndc_oms.model.money import Money
from ndc_oms.model.passenger import PassengerType
from ndc_oms.ports.outcome import Rejected
from ndc_oms.ports.pss import (
    CouponRequest,
    Revalidation,
    SpecialService,
    Traveller,
)


@pytest.mark.asyncio
class ChangeContract:
    """Flights, travellers, services come and go; a booking is divided; a traveller is renamed."""

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
