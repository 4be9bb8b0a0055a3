"""What the airline does to flights and orders, what the seller says to it, what providers tell."""

from tests.e2e.airline import asm, cancelled, first_segment, kept, told
from tests.e2e.delivering import LOUNGES, lounges, reported, statuses
from tests.e2e.servicing import ADULT, COUPLE, bought, coupons, seen
from tests.e2e.test_airline_seats import with_seats_that_go
from tests.e2e.test_seats import seated
from tests.e2e.with_services import buy_with
from tests.faults.flow import DAY, Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import order_of
from ndc_oms.kit.delivering import service_status_change
from ndc_oms.kit.requests import Sender
from ndc_oms.kit.servicing import accept_change
from ndc_oms.model.airline_change import Answer
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.ports.notify import NoticeState

# -- what the airline does ---------------------------------------------------------------------


async def _flight_cancelled(served: Served) -> Prepared:
    order = await bought(served, COUPLE)
    return Prepared(order.order_id, schedule=cancelled(await first_segment(served, order)))


async def _moved_and_told(served: Served, _again: Reply | None, reply: Reply) -> None:
    order = order_of(reply)
    (change,) = (await kept(served, order)).airline_changes
    assert change.open
    assert coupons(reply) == ["O", "O"]
    (note,) = await served.house.store.list_notifications(order.order_id)
    assert note.state is NoticeState.RECEIVED
    told = (served.house.config.data / "told").read_text().split()
    assert set(told) <= {f"{order.order_id}.{note.sequence}"}


async def _split(served: Served) -> Prepared:
    order = await bought(served, COUPLE)
    return Prepared(order.order_id, split=("PAX2",))


async def _in_two(served: Served, _again: Reply | None, reply: Reply) -> None:
    order = await kept(served, order_of(reply))
    (split,) = order.splits
    new = (await served.house.store.get_order(split.order_id, None)).order
    assert [each.id for each in new.passengers] == ["PAX2"]
    assert (coupons(reply), order.split) == (["O"], None)
    assert order.total == order.payments[0].left
    assert new.total == new.payments[0].left
    assert set((await served.pss.live_bookings()).values()) == {order.order_id, new.order_id}


async def _other_equipment(served: Served) -> Prepared:
    order, _ = await with_seats_that_go(served, "223")
    schedule = asm("EQT", await first_segment(served, order), "J 223")
    return Prepared(order.order_id, schedule=schedule)


async def _seated_anew(served: Served, _again: Reply | None, reply: Reply) -> None:
    order = await kept(served, order_of(reply))
    assert coupons(reply) == ["O"] * 4
    seats = await seated(served, order_of(reply))
    assert {each.passenger_id: str(each.seat) for each in order.seated} == seats
    assert len({name[:-1] for name in seats.values()}) == 1  # one row


async def _nobody_answers(served: Served) -> Prepared:
    order = await bought(served)
    await told(served, cancelled(await first_segment(served, order)))
    return Prepared(order.order_id, later=4 * DAY)


async def _counts_as_accepted(served: Served, _again: Reply | None, reply: Reply) -> None:
    (change,) = (await kept(served, order_of(reply))).airline_changes
    assert change.answer is Answer.LAPSED


async def _take_as_changed(served: Served) -> Prepared:
    order = await bought(served)
    await told(served, cancelled(await first_segment(served, order)))
    shown = order_of(await seen(served, order))
    return change(shown, accept_change(shown.items))


async def _taken(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    (change,) = (await kept(served, order_of(reply))).airline_changes
    assert change.answer is Answer.ACCEPTED
    assert coupons(reply) == ["O"]


# -- what providers tell -----------------------------------------------------------------------


async def _deliver(served: Served) -> Prepared:
    order, _ = await buy_with(served, ADULT, ("LOUNGE", 1))
    (lounge,) = lounges(await kept(served, order))
    body = service_status_change(
        order.order_id, [reported(lounge, "DELIVERED")], sender=Sender(LOUNGES), trx_id="act"
    )
    return Prepared(order.order_id, body, provider=LOUNGES)


async def _delivered(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert sorted(coupons(reply)) == ["F", "O"]
    order = await kept(served, order_of(reply))
    assert order.uses == ()
    assert statuses(lounges(order)) == [DeliveryStatus.DELIVERED]


AIRLINE = {
    "airline": Flow(_flight_cancelled, _moved_and_told),
    "split": Flow(_split, _in_two),
    "other equipment": Flow(_other_equipment, _seated_anew),
    "deliver": Flow(_deliver, _delivered),
    "lapse": Flow(_nobody_answers, _counts_as_accepted),
    "take as changed": Flow(_take_as_changed, _taken),
}
