"""What a seller does to an order, as a process that may be killed does it: prepared, done, done
again by another process; and how each must end.

Everything here runs in processes of its own (`servicing_process.py`).
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

import aiohttp
from tests.e2e.airline import asm, cancelled, first_segment, heard, kept, told
from tests.e2e.delivering import KEYS, LOUNGES, lounges, reported, statuses
from tests.e2e.receiver import receiving, registered
from tests.e2e.servicing import (
    ADULT,
    AHEAD,
    COUPLE,
    bought,
    by_plan,
    codes,
    coupons,
    hold,
    payments,
    seen,
    settle,
    texts,
)
from tests.e2e.test_airline_seats import with_seats_that_go
from tests.e2e.test_seats import map_of, seated
from tests.e2e.test_services import buy_with
from tests.faults.flow import CAPTURE_DECLINES, DECLINED, VISA, Flow, Prepared, change
from tests.faults.following_flows import FOLLOWING
from tests.faults.protecting_flows import PROTECTING
from tests.houses import Served

from ndc_oms.errors import Refusal
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.delivering import service_status_change
from ndc_oms.kit.requests import Sender, card
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_change,
    accept_quoted,
    accept_repriced,
    cancel_unpaid,
    contact,
    for_items,
    order_change,
    reached_by,
    redirect,
    update_pax,
    voucher,
)
from ndc_oms.model.airline_change import Answer
from ndc_oms.model.order import Order
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.payments.gateways.pages import PaymentPages
from ndc_oms.ports.notify import NoticeState
from ndc_oms.ports.outcome import Confirmed

DAY = timedelta(days=1)


async def act(served: Served, prepared: Prepared) -> Reply | None:
    served.clock.advance(prepared.later)
    if prepared.schedule:
        await _airline(served, prepared.schedule)
    if prepared.split:
        with suppress(Refusal):  # it is done already, or goes on by itself
            await served.house.split(prepared.order_id, prepared.split)
    if prepared.body:
        return await post(served, prepared)
    if prepared.callback is not None:
        body, headers = prepared.callback
        url = served.url.replace("/ndc", "/payment/callback/payment-page")
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as response,
        ):
            assert response.status == 204
    await settle(served)
    return None


async def post(served: Served, prepared: Prepared) -> Reply:
    """What a seller's message sets going is waited for by its reply."""
    if not prepared.provider:
        return await served.client.send(prepared.body)
    reply = await served.client.send(prepared.body, KEYS[prepared.provider])
    await settle(served)
    return reply


async def _airline(served: Served, messages: str) -> None:
    """The PSS refuses what it has done already."""
    async with receiving() as receiver:
        await registered(served, receiver.url)
        await served.pss.schedule(messages)
        await heard(served)
        await served.house.notifier.run_due()
        with (served.house.config.data / "told").open("a") as file:
            file.write("".join(f"{name}\n" for name in receiver.names))


async def held(served: Served, *party: Sequence[object]) -> OrderSummary:
    order = await hold(served, COUPLE if party else ADULT)
    return order_of(await seen(served, order))


def pages(served: Served) -> PaymentPages:
    found = served.house.sides.gateways["payment-page"]
    assert isinstance(found, PaymentPages)
    return found


# -- paying ------------------------------------------------------------------------------------


async def _pay(served: Served) -> Prepared:
    order = await held(served)
    return change(order, paid=card(VISA, order.amount, order.currency))


async def _paid(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"]


async def _pay_declined(served: Served) -> Prepared:
    order = await held(served)
    return change(order, paid=card(DECLINED, order.amount, order.currency))


async def _declined(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert payments(order) == [(order_of(order).amount, "FAILED")]
    left = order_of(order)
    paid = await served.talk.pay(left, by_plan(left.amount), "another")
    assert paid.errors == ()  # the hold is as it was


async def _pay_wrongly(served: Served) -> Prepared:
    return change(await held(served), paid=by_plan("1.00"))


async def _refused(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["290"]
    assert payments(order) == []


async def _pay_half_declined(served: Served) -> Prepared:
    order = await held(served)
    rest = f"{float(order.amount) - 100:.2f}"
    both = card(VISA, "100.00", order.currency) + card(DECLINED, rest, order.currency)
    return change(order, paid=both)


async def _let_go(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert [status for _, status in payments(order)] == ["FAILED", "FAILED"]


async def _pay_on_a_page(served: Served) -> Prepared:
    order = await held(served)
    return change(order, paid=redirect(order.amount, order.currency))


async def _awaited(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert [status for _, status in payments(order)] == ["PENDING"]


async def _page_paid(served: Served) -> Prepared:
    asked = await _pay_on_a_page(served)
    await served.client.send(asked.body)
    (payment,) = (await served.house.store.get_order(asked.order_id, None)).order.payments
    return Prepared(asked.order_id, callback=await pages(served).pay(payment.session or ""))


async def _page_paid_unheard(served: Served) -> Prepared:
    heard = await _page_paid(served)
    return Prepared(heard.order_id, later=timedelta(hours=1))


async def _pay_by_voucher(served: Served) -> Prepared:
    order = await held(served)
    rest = str(Decimal(order.amount) - 100)
    both = voucher("VCH100CAD01", "100.00", "CAD") + card(VISA, rest, order.currency)
    return change(order, paid=both)


async def _paid_by_both(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2


async def _pay_by_voucher_declined(served: Served) -> Prepared:
    order = await held(served)
    rest = str(Decimal(order.amount) - 100)
    both = voucher("VCH100CAD01", "100.00", "CAD") + card(DECLINED, rest, order.currency)
    return change(order, paid=both)


async def _voucher_holds_as_much(served: Served, again: Reply | None, order: Reply) -> None:
    await _let_go(served, again, order)
    left = order_of(order)
    rest = str(Decimal(left.amount) - 100)
    both = voucher("VCH100CAD01", "100.00", "CAD") + card(VISA, rest, left.currency)
    assert (await served.talk.pay(left, both, "another")).errors == ()


async def _give_back(served: Served, paid: Prepared, later: timedelta) -> Prepared:
    """What was bought is quoted and given back, so much later."""
    await act(served, paid)
    order = order_of(await served.talk.retrieve(paid.order_id))
    assert order.status == "OPENED"
    served.clock.advance(later)
    quoted = await served.talk.reshop(order.order_id)
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    return change(order, accept_cancelled(offer_id), key="back")


async def _give_back_voucher(served: Served) -> Prepared:
    """While all of it comes back: else the card has enough of what comes back."""
    return await _give_back(served, await _pay_by_voucher(served), timedelta(hours=1))


async def _give_back_page(served: Served) -> Prepared:
    return await _give_back(served, await _page_paid(served), 3 * DAY)


async def _given_back(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert order_of(order).status == "CLOSED"
    assert coupons(order) in (["R"], ["V"])


async def _page_paid_in_part(served: Served) -> Prepared:
    """On a page, a part; the rest never comes."""
    shown = await seen(served, await hold(served, COUPLE))
    order, item = order_of(shown), shown.all("Response/Order/OrderItem")[0]
    price = item.findtext("{*}Price/{*}TotalAmount") or ""
    paid_by = for_items(redirect(price, order.currency), order.order_id, order.items[:1])
    asked = change(order, paid=paid_by)
    await served.client.send(asked.body)
    (payment,) = (await served.house.store.get_order(asked.order_id, None)).order.payments
    paid = Prepared(asked.order_id, callback=await pages(served).pay(payment.session or ""))
    await act(served, paid)
    return Prepared(asked.order_id, later=4 * DAY)


async def _ticketed(_served: Served, _again: Reply | None, order: Reply) -> None:
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"]


# -- holding, giving up, updating --------------------------------------------------------------


async def _unpaid(served: Served) -> Prepared:
    return Prepared((await held(served)).order_id, later=4 * DAY)


async def _expired(_served: Served, _again: Reply | None, order: Reply) -> None:
    assert order_of(order).status == "CLOSED"
    assert coupons(order) == []


async def _reprice(served: Served) -> Prepared:
    order = await held(served)
    shown = await served.talk.retrieve(order.order_id)
    (until,) = texts(shown, "PriceGuaranteeTimeLimitDateTime")
    served.clock.advance(datetime.fromisoformat(until) - served.clock.now())
    quoted = await served.talk.quote(order.order_id)
    offer_id = quoted.text("Response/ReshopResults/RepricedOffer/OfferRefID")
    return change(order, accept_repriced(offer_id))


async def _repriced(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert order_of(again).version == order_of(order).version
    assert texts(order, "PriceGuaranteeTimeLimitDateTime") != []


async def _drop_all(served: Served) -> Prepared:
    order = await held(served)
    return change(order, cancel_unpaid(order.order_id))


async def _dropped(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert order_of(order).status == "CLOSED"


async def _drop_one(served: Served) -> Prepared:
    order = await held(served, COUPLE)
    return change(order, cancel_unpaid(order.order_id, order.items[:1]))


async def _one_left(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert len(found.live_items) == len(found.passengers_released) == 1


async def _cancel(served: Served) -> Prepared:
    order = await bought(served, COUPLE)
    served.clock.advance(3 * DAY)
    quoted = await served.talk.reshop(order.order_id)
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    asked = change(order, accept_cancelled(offer_id))
    return Prepared(asked.order_id, asked.body, later=timedelta())


async def _cancelled(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert order_of(order).status == "CLOSED"
    assert coupons(order) == ["R", "R"]
    assert len(payments(order)) == 2  # what was paid, and what came back


async def _update(served: Served) -> Prepared:
    order = order_of(await seen(served, await bought(served)))
    lists = (
        f"<ContactInfoList>{contact('C9', email='new@example.com')}</ContactInfoList>"
        f"<PaxList>{reached_by('T1', 'C9')}</PaxList>"
    )
    return change(order, update_pax("PAX1", "T1"), lists=lists)


async def _updated(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert found.people_changes == found.people_booked == 1


# -- names -------------------------------------------------------------------------------------


async def _rename(served: Served) -> Prepared:
    """Of somebody who has a bag: everything that a name may need."""
    order = await bought(served, COUPLE)
    listed = services_of(await served.client.send(list_for_order(order.order_id)))
    bag = next(each for each in listed if each.code == "BAG23")
    wanted = added([Picked(bag, ("PAX1",))])
    assert not (await served.talk.change(order, "bag", wanted, payments=by_plan(bag.price))).errors
    latest = order_of(await seen(served, order))
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (chosen,) = change_offers_of(quoted)
    paid = card(VISA, chosen.amount, order.currency)
    return change(latest, accept_quoted(chosen.offer_id, chosen.items), paid=paid)


async def _renamed(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert texts(order, "Surname") == ["Lindqvist", "Hansen"]
    assert sorted(coupons(order)) == ["E", "E", "F", "O", "O", "O"]
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert (found.change, found.people_booked) == (None, found.people_changes)
    assert await _surnames_booked(served, found) == ["LINDQVIST", "HANSEN"]


async def _surnames_booked(served: Served, order: Order) -> list[str]:
    booking = order.booking_of("PAX1")
    assert booking is not None
    shown = await served.pss.pnr(booking.locator)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return [traveller.surname for traveller in shown.value.travellers]


async def _rename_restored(served: Served) -> Prepared:
    """The fee is authorised, and cannot be taken: ticket, EMD and name are what they were."""
    asked = await _rename(served)
    return Prepared(asked.order_id, asked.body.replace(VISA.encode(), CAPTURE_DECLINES.encode()))


async def _name_restored(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert texts(order, "Surname") == ["Hansen", "Hansen"]
    assert coupons(order).count("O") == 3
    record = await served.house.store.get_order(order_of(order).order_id, None)
    assert [person.becomes for person in record.people.persons] == [None, None]
    assert await _surnames_booked(served, record.order) == ["HANSEN", "HANSEN"]


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


async def _give_back_one_way(served: Served) -> Prepared:
    order = await bought(served, COUPLE, there_and_back=True)
    served.clock.advance(3 * DAY)
    quoted = await served.talk.reshop(order.order_id, order.items[2:])
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    return change(order, accept_cancelled(offer_id))


async def _one_way_given_back(_served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert sorted(coupons(order)) == ["E"] * 4 + ["O"] * 2
    assert len(payments(order)) == 2


# -- services ----------------------------------------------------------------------------------


async def _services(served: Served, order: OrderSummary, *wanted: str, pan: str = VISA) -> Prepared:
    """Adds a piece of each product, paid by card."""
    listed = {
        each.code: each
        for each in services_of(await served.client.send(list_for_order(order.order_id)))
    }
    picked = [Picked(listed[code], ("PAX1",)) for code in wanted]
    price = sum((each.price for each in picked), Decimal(0))
    return change(order, added(picked), paid=card(pan, f"{price:.2f}", order.currency))


async def _add(served: Served) -> Prepared:
    order = order_of(await seen(served, await bought(served)))
    return await _services(served, order, "BAG23", "AVIH")


async def _added(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O"] * 3
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert len(made.live_ancillaries) == 2
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {"AVIH": 1}


async def _add_declined(served: Served) -> Prepared:
    order = order_of(await seen(served, await bought(served)))
    return await _services(served, order, "AVIH", pan=DECLINED)


async def _not_added(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert coupons(order) == ["O"]
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert made.live_ancillaries == ()
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {}


async def _remove(served: Served) -> Prepared:
    prepared = await _add(served)
    order = order_of(await served.client.send(prepared.body))
    quoted = await served.talk.reshop(order.order_id, order.items[-2:])
    offer_id = quoted.text("Response/ReshopResults/ReshopOffers/Offer/OfferID")
    body = order_change(
        order.order_id, accept_cancelled(offer_id), version=order.version, trx_id="remove"
    )
    return Prepared(order.order_id, body)


async def _removed(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert coupons(order) == ["O", "V", "V"]
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {}


async def _add_seat(served: Served) -> Prepared:
    """A chosen seat, paid with it: kept at the PSS, assigned, and documented by an EMD."""
    order = order_of(await seen(served, await bought(served)))
    (picked,) = (await map_of(served, order)).pick("PAX1")
    paid = card(VISA, f"{picked.price:.2f}", order.currency)
    return change(order, added([picked]), paid=paid)


async def _seated(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == (), again.errors
    assert coupons(order) == ["O", "O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 2
    assert len(await seated(served, order_of(order))) == 1


async def _swap_seat(served: Served) -> Prepared:
    """Another seat in place of one that is paid for: added, documented, and the first given up."""
    first = await _add_seat(served)
    order = order_of(await served.client.send(first.body))
    (better,) = (await map_of(served, order)).pick("PAX1", code="SEATEXT")
    quoted = await served.talk.quote_services(order.order_id, [better], order.items[1:])
    (chosen,) = change_offers_of(quoted)
    paid = card(VISA, f"{chosen.collect:.2f}", order.currency)
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=paid, key="swap")


async def _swapped(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == (), again.errors
    assert coupons(order) == ["O", "V", "O"]
    made = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert [item.product.code for item in made.live_ancillaries] == ["SEATEXT"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"] * 4
    (seat,) = (await seated(served, order_of(order))).values()
    assert await served.house.store.stock_taken(made.segments[0].flight.key) == {f"seat {seat}": 1}


FLOWS = {
    "rename": Flow(_rename, _renamed),
    "rename restored": Flow(_rename_restored, _name_restored),
    **FOLLOWING,
    **PROTECTING,
    "airline": Flow(_flight_cancelled, _moved_and_told),
    "split": Flow(_split, _in_two),
    "other equipment": Flow(_other_equipment, _seated_anew),
    "deliver": Flow(_deliver, _delivered),
    "lapse": Flow(_nobody_answers, _counts_as_accepted),
    "take as changed": Flow(_take_as_changed, _taken),
    "rebook": Flow(_rebook, _rebooked),
    "rebook revalidated": Flow(_rebook_revalidated, _revalidated),
    "rebook restored": Flow(_rebook_restored, _restored),
    "rebook declined": Flow(_rebook_declined, _as_before),
    "give back one way": Flow(_give_back_one_way, _one_way_given_back),
    "add seat": Flow(_add_seat, _seated),
    "swap seat": Flow(_swap_seat, _swapped),
    "pay": Flow(_pay, _paid),
    "declined": Flow(_pay_declined, _declined),
    "refused": Flow(_pay_wrongly, _refused),
    "half declined": Flow(_pay_half_declined, _let_go),
    "page": Flow(_pay_on_a_page, _awaited),
    "callback": Flow(_page_paid, _ticketed),
    "callback lost": Flow(_page_paid_unheard, _ticketed),
    "voucher": Flow(_pay_by_voucher, _paid_by_both),
    "voucher let go": Flow(_pay_by_voucher_declined, _voucher_holds_as_much),
    "voucher given back": Flow(_give_back_voucher, _given_back),
    "page given back": Flow(_give_back_page, _given_back),
    "page let go": Flow(_page_paid_in_part, _expired),
    "reprice": Flow(_reprice, _repriced),
    "drop all": Flow(_drop_all, _dropped),
    "expire": Flow(_unpaid, _expired),
    "drop one": Flow(_drop_one, _one_left),
    "cancel": Flow(_cancel, _cancelled),
    "update": Flow(_update, _updated),
    "add": Flow(_add, _added),
    "add declined": Flow(_add_declined, _not_added),
    "remove": Flow(_remove, _removed),
}
