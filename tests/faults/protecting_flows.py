"""A partner flies passengers whom we cannot, as a process that may be killed does it: the airline
cancels their flight; the seller takes the partner's, or its money.
"""

from tests.e2e.airline import cancelled, first_segment, kept, told
from tests.e2e.protected import aster, to_edinburgh
from tests.e2e.servicing import ADULT, coupons, payments, seen
from tests.faults.flow import Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.servicing import accept_cancelled, accept_change
from ndc_oms.model.airline_change import Answer
from ndc_oms.model.protecting import protection_of


async def _lost(served: Served) -> Prepared:
    order = await to_edinburgh(served, ADULT)
    return Prepared(order.order_id, schedule=cancelled(await first_segment(served, order)))


async def _protected(served: Served, _again: Reply | None, reply: Reply) -> None:
    """Booked once, ticketed once, told once."""
    order = await kept(served, order_of(reply))
    (part,) = order.parts
    assert protection_of(part).placed
    assert await aster(served).live_bookings() == {part.reference: order.order_id}
    assert [segment.flight.operator for segment in order.segments] == ["XA"]
    assert coupons(reply) == ["O", "O"]
    (note,) = await served.house.store.list_notifications(order.order_id)
    told_of = (served.house.config.data / "told").read_text().split()
    assert set(told_of) <= {f"{order.order_id}.{note.sequence}"}


async def _with_a_partner(served: Served) -> OrderSummary:
    order = await to_edinburgh(served, ADULT)
    await told(served, cancelled(await first_segment(served, order)))
    return order_of(await seen(served, order))


async def _take(served: Served) -> Prepared:
    shown = await _with_a_partner(served)
    return change(shown, accept_change(shown.items))


async def _taken(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    order = await kept(served, order_of(reply))
    assert [each.answer for each in order.airline_changes] == [Answer.ACCEPTED]
    assert protection_of(order.parts[0]).handed_over
    assert sorted(coupons(reply)) == ["E", "O"]
    assert len(await aster(served).live_bookings()) == 1


async def _give_back(served: Served) -> Prepared:
    shown = await _with_a_partner(served)
    quoted = await served.talk.reshop(shown.order_id)
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    return change(shown, accept_cancelled(offer_id))


async def _given_back(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert order_of(reply).status == "CLOSED"
    assert coupons(reply) == ["V", "V"]
    first, back = payments(reply)
    assert back == (f"-{first[0]}", "SUCCESSFUL")
    assert await aster(served).live_bookings() == {}


PROTECTING = {
    "a partner flies": Flow(_lost, _protected),
    "take the partner's": Flow(_take, _taken),
    "give back the partner's": Flow(_give_back, _given_back),
}
