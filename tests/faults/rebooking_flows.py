"""Other flights for what was bought: dearer, the same fare, declined, taken back."""

from datetime import timedelta

from tests.e2e.servicing import AHEAD, COUPLE, bought, codes, coupons, payments
from tests.faults.flow import CAPTURE_DECLINES, DECLINED, VISA, Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.servicing import accept_quoted


async def _rebook(served: Served) -> Prepared:
    """The second traveller alone, to a dearer day: everything that a change may need."""
    order = await bought(served, COUPLE)
    wanted = [("YYZ", "LHR", served.today + timedelta(days=AHEAD + 4))]
    quoted = await served.talk.rebook(order.order_id, order.items[1:], wanted)
    chosen = change_offers_of(quoted)[0]
    paid = card(VISA, str(chosen.collect), order.currency)
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=paid)


async def _rebooked(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert sorted(coupons(order)) == ["E", "F", "O", "O"]
    assert (len(found.bookings), len(found.live_items)) == (2, 2)
    assert {payment.state.value for payment in found.payments} == {"CAPTURED"}


async def _rebook_revalidated(served: Served) -> Prepared:
    """The same fare on the other day."""
    order = await bought(served)
    wanted = [("YYZ", "LHR", served.today + timedelta(days=AHEAD + 4))]
    quoted = await served.talk.rebook(order.order_id, order.items, wanted)
    chosen = next(each for each in change_offers_of(quoted) if each.families == ("STANDARD",))
    paid = card(VISA, str(chosen.collect), order.currency)
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=paid)


async def _revalidated(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O", "F"]
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    (ticket,) = found.tickets_of("PAX1")
    assert [coupon.segment_id for coupon in ticket.coupons] == ["SEG2"]


async def _rebook_declined(served: Served) -> Prepared:
    asked = await _rebook(served)
    return Prepared(asked.order_id, asked.body.replace(VISA.encode(), DECLINED.encode()))


async def _rebook_restored(served: Served) -> Prepared:
    """The money is refused once the ticket is exchanged."""
    asked = await _rebook(served)
    pan = CAPTURE_DECLINES.encode()
    return Prepared(asked.order_id, asked.body.replace(VISA.encode(), pan))


async def _restored(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert sorted(coupons(order)) == ["E", "E", "O", "O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL", "FAILED"]


async def _as_before(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert coupons(order) == ["O", "O"]
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert found.failed_change is not None


REBOOKING = {
    "rebook": Flow(_rebook, _rebooked),
    "rebook revalidated": Flow(_rebook_revalidated, _revalidated),
    "rebook restored": Flow(_rebook_restored, _restored),
    "rebook declined": Flow(_rebook_declined, _as_before),
}
