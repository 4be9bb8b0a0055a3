"""A booking that was on its way when its order was given up: whoever is faster, nothing is left."""

from dataclasses import replace

import pytest
from tests.e2e.servicing import ADULT, offer, settle
from tests.houses import Served

from ndc_oms.fulfilment.booking import booking
from ndc_oms.fulfilment.bookings import release_seats
from ndc_oms.fulfilment.deed import Ask
from ndc_oms.kit.conversation import order_of
from ndc_oms.ports.outcome import Confirmed, Rejected
from ndc_oms.ports.pss import Pnr


@pytest.mark.parametrize("faster", [True, False])
async def test_a_booking_that_comes_late_is_taken_back(served: Served, faster: bool) -> None:
    firm = await offer(served)
    record = await served.house.store.get_order(
        order_of(await served.talk.hold(firm, ADULT, "hold")).order_id, None
    )
    await settle(served)
    # the same party once more, held and not booked
    order = replace(
        record.order, order_id="T8LATE222222", hold_reference="T8LATE:hold", bookings=()
    )
    wanted = booking(order, record.people)
    assert isinstance(
        await served.pss.hold("T8LATE:hold", wanted.sales, record.order.payment_limit_at), Confirmed
    )
    before = await served.pss.check([each.flight for each in wanted.sales])
    reference = f"{order.order_id}:book:booking"
    if faster:
        assert isinstance(await served.pss.book(reference, wanted), Confirmed)
    ask = Ask(served.house.sides, order, record.people, "booking", f"{order.order_id}:release")
    assert isinstance(await release_seats(ask).send(), Confirmed)
    assert isinstance(await release_seats(ask).send(), Confirmed)
    if not faster:
        assert isinstance(await served.pss.book(reference, wanted), Rejected)
    made = await served.pss.find(reference)
    assert isinstance(made, Confirmed)
    if faster:
        assert isinstance(made.value, Pnr)
        shown = await served.pss.pnr(made.value.locator)
        assert isinstance(shown, Confirmed)
        assert shown.value is not None
        assert {each.code for each in shown.value.segments} == {"HX"}
    after = await served.pss.check([each.flight for each in wanted.sales])
    assert isinstance(before, Confirmed)
    assert isinstance(after, Confirmed)
    for sale in wanted.sales:
        free = after.value[sale.flight][sale.rbd]
        assert free == before.value[sale.flight][sale.rbd] + sale.seats
