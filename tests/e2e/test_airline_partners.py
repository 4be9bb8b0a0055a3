"""Passengers whom we cannot fly are flown by a partner: what the order has then, what the seller is
asked, what each answer and none comes to, and who pays.
"""

from datetime import timedelta

from tests.e2e.airline import actions, after, cancelled, first_segment, flights, kept, statuses, told
from tests.e2e.protected import aster, to_edinburgh
from tests.e2e.servicing import coupons, payments, refunded
from tests.houses import Served
from tests.partners.joint import booked_where, tickets

from ndc_oms.kit.conversation import order_of
from ndc_oms.kit.servicing import accept_change
from ndc_oms.model.airline_change import Answer, Reason

ANSWER_BY = "2027-01-15T09:00:00Z"  # 72 hours after the change


async def test_a_partner_flies_what_we_cannot(served: Served) -> None:
    order = await to_edinburgh(served)
    old = await first_segment(served, order)
    await told(served, cancelled(old))
    reply = await after(served, order)
    stored = await kept(served, order)
    (new,) = stored.segments
    assert new.flight.carrier == "XA"
    assert (new.flight.origin, new.flight.destination) == ("YYZ", "EDI")
    assert flights(reply) == [f"XA{new.flight.number} {new.flight.departure:%Y-%m-%dT%H:%M}"]
    assert actions(reply) == [(ANSWER_BY, "Auto-acceptance")]
    assert booked_where(reply) == {new.id: ["XA"]}
    assert sorted(tickets(reply).values()) == ["T8", "XA"]
    assert statuses(reply) == ["READY TO PROCEED"]
    assert order_of(reply).amount == order.amount  # the customer pays nothing for it
    (change,) = stored.airline_changes
    assert [each.reason for each in change.bounds] == [Reason.CANCELLED]
    assert list(await aster(served).live_bookings()) == [stored.parts[0].reference]
