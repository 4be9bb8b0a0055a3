"""Changes with everything that follows: services and seats of exchanged flights, orders that are
held, others than the airline's flights. Flows of `servicing_flows.py`.
"""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.airline import cancelled, first_segment, kept, told
from tests.e2e.servicing import (
    ADULT,
    AHEAD,
    bought,
    codes,
    coupons,
    hold,
    offer,
    payments,
    seen,
    settle,
)
from tests.e2e.test_seats import map_of, seated
from tests.faults.flow import CAPTURE_DECLINES, VISA, Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.services import Picked, list_for_offer, selection, services_of
from ndc_oms.kit.servicing import accept_quoted
from ndc_oms.model.order import Order
from ndc_oms.model.status import ItemStatus

FOUND = ("BAG23", "LOUNGE", "PRIO", "WCHR")


async def _with_services(served: Served) -> OrderSummary:
    """A ticketed order past the void window: EMD-A, EMD-S, what is free, and a chosen seat."""
    firm = await offer(served)
    shelf = {
        each.code: each
        for each in services_of(await served.client.send(list_for_offer(firm.offer_id)))
    }
    picked = [Picked(shelf[code], ("PAX1",)) for code in FOUND]
    picked += (await map_of(served, firm)).pick("PAX1")
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    made = await served.talk.create(
        firm,
        ADULT,
        "buy",
        payment=card(VISA, f"{whole:.2f}", firm.currency),
        beside=selection(picked),
    )
    await settle(served)
    served.clock.advance(timedelta(days=2))
    return order_of(await seen(served, order_of(made)))


async def _exchanged(
    served: Served, order: OrderSummary, family: str, *, days: int, pan: str = VISA
) -> Prepared:
    stored = await kept(served, order)
    live = [item.id for item in stored.live_items]
    wanted = [("YYZ", "LHR", served.today + timedelta(days=days))]
    quoted = await served.talk.rebook(order.order_id, live, wanted)
    chosen = next(each for each in change_offers_of(quoted) if each.families == (family,))
    paid = card(pan, str(chosen.collect), order.currency) if chosen.collect else ""
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=paid)


def _standing(order: Order) -> dict[str, ItemStatus]:
    return {item.product.code: item.status for item in order.ancillaries}


async def _rebook_with_services(served: Served) -> Prepared:
    return await _exchanged(served, await _with_services(served), "FLEX", days=AHEAD + 2)


async def _followed(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    stored = await kept(served, order_of(reply))
    active, gone = ItemStatus.ACTIVE, ItemStatus.CANCELLED
    assert _standing(stored) == {
        "BAG23": active,
        "LOUNGE": active,
        "WCHR": active,
        "PRIO": gone,
        "SEATSTD": gone,
    }
    assert sorted(coupons(reply)) == ["E", "F", "O", "O", "O", "R", "R"]
    (ticket,) = stored.tickets_of("PAX1")
    assert [d.associated_with for d in stored.documents if d.rfic == "C"] == [ticket.number]
    assert len(payments(reply)) == 3  # bought, collected, given back


async def _rebook_seated(served: Served) -> Prepared:
    """Revalidated: the bag goes with the ticket, and the seat is assigned on the new flight."""
    return await _exchanged(served, await _with_services(served), "STANDARD", days=AHEAD + 2)


async def _all_followed(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    stored = await kept(served, order_of(reply))
    assert set(_standing(stored).values()) == {ItemStatus.ACTIVE}
    assert len(await seated(served, order_of(reply))) == 1
    segment = stored.live_items[0].services[0].segment_id
    assert {s.segment_id for i in stored.ancillaries for s in i.services} == {segment}


async def _rebook_with_services_restored(served: Served) -> Prepared:
    """The money is refused when the ticket is exchanged and the EMDs go with the new one."""
    order = await _with_services(served)
    return await _exchanged(served, order, "FLEX", days=AHEAD + 2, pan=CAPTURE_DECLINES)


async def _all_as_before(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    stored = await kept(served, order_of(reply))
    assert set(_standing(stored).values()) == {ItemStatus.ACTIVE}
    (ticket,) = stored.tickets_of("PAX1")
    associated = [d.associated_with for d in stored.documents if d.type.value == "J"]
    assert associated == [ticket.number] * 3
    assert {s.segment_id for i in stored.ancillaries for s in i.services} == {"SEG1"}
    assert {c.segment_id for d in stored.documents if d.live for c in d.coupons} == {"SEG1"}
    assert len(await seated(served, order_of(reply))) == 1


async def _change_of_a_hold(served: Served) -> Prepared:
    return await _exchanged(served, await hold(served), "FLEX", days=AHEAD + 2)


async def _changed_and_paid(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    stored = await kept(served, order_of(reply))
    assert coupons(reply) == ["O"]
    assert [status for _, status in payments(reply)] == ["SUCCESSFUL"]
    assert stored.live_items[0].family.code == "FLEX"


async def _others_than_the_airline_s(served: Served) -> Prepared:
    order = await bought(served, family="Economy Light")
    await told(served, cancelled(await first_segment(served, order)))
    shown = order_of(await seen(served, order))
    return await _exchanged(served, shown, "LIGHT", days=AHEAD + 2)


async def _chosen(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    stored = await kept(served, order_of(reply))
    assert not stored.open_changes
    assert len(payments(reply)) == 1
    assert [c for c in coupons(reply) if c == "O"] == ["O"]


FOLLOWING = {
    "rebook with services": Flow(_rebook_with_services, _followed),
    "rebook seated": Flow(_rebook_seated, _all_followed),
    "rebook with services restored": Flow(_rebook_with_services_restored, _all_as_before),
    "change of a hold": Flow(_change_of_a_hold, _changed_and_paid),
    "others than the airline's": Flow(_others_than_the_airline_s, _chosen),
}
