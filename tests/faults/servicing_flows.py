"""What a seller does to an order, as a process that may be killed does it: prepared, done, done
again by another process; and how each must end.

Everything here runs in processes of its own (`servicing_process.py`).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import aiohttp
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
)
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_quoted,
    cancel_unpaid,
    contact,
    order_change,
    reached_by,
    redirect,
    update_pax,
)
from ndc_oms.payments.gateways.pages import PaymentPages

VISA, DECLINED = "4111111111111111", "4000000000002008"
CAPTURE_DECLINES = "4000000000008005"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Prepared:
    """order_id: of the order that something is done to. body: the message that does it; else the
    callback of a payment provider; else what is done is due `later`.
    """

    order_id: str
    body: bytes = b""
    callback: tuple[bytes, dict[str, str]] | None = None
    later: timedelta = timedelta()


@dataclass(frozen=True)
class Flow:
    """ends: looks at what came of it: the reply to the repetition (None where nothing was sent),
    and the order as it is retrieved once all is settled.
    """

    prepare: Callable[[Served], Awaitable[Prepared]]
    ends: Callable[[Served, Reply | None, Reply], Awaitable[None]]


async def act(served: Served, prepared: Prepared) -> Reply | None:
    served.clock.advance(prepared.later)
    if prepared.body:
        return await served.client.send(prepared.body)
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


def change(order: OrderSummary, wanted: str = "", *, paid: str = "", lists: str = "") -> Prepared:
    body = order_change(
        order.order_id, wanted, version=order.version, payments=paid, lists=lists, trx_id="act"
    )
    return Prepared(order.order_id, body)


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


async def _ticketed(_served: Served, _again: Reply | None, order: Reply) -> None:
    assert coupons(order) == ["O"]
    assert [status for _, status in payments(order)] == ["SUCCESSFUL"]


# -- holding, giving up, updating --------------------------------------------------------------


async def _unpaid(served: Served) -> Prepared:
    return Prepared((await held(served)).order_id, later=4 * DAY)


async def _expired(_served: Served, _again: Reply | None, order: Reply) -> None:
    assert order_of(order).status == "CLOSED"
    assert coupons(order) == []


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


async def _given_back(_served: Served, again: Reply | None, order: Reply) -> None:
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


FLOWS = {
    "rebook": Flow(_rebook, _rebooked),
    "rebook restored": Flow(_rebook_restored, _restored),
    "rebook declined": Flow(_rebook_declined, _as_before),
    "give back one way": Flow(_give_back_one_way, _given_back),
    "pay": Flow(_pay, _paid),
    "declined": Flow(_pay_declined, _declined),
    "refused": Flow(_pay_wrongly, _refused),
    "half declined": Flow(_pay_half_declined, _let_go),
    "page": Flow(_pay_on_a_page, _awaited),
    "callback": Flow(_page_paid, _ticketed),
    "callback lost": Flow(_page_paid_unheard, _ticketed),
    "expire": Flow(_unpaid, _expired),
    "drop one": Flow(_drop_one, _one_left),
    "cancel": Flow(_cancel, _cancelled),
    "update": Flow(_update, _updated),
    "add": Flow(_add, _added),
    "add declined": Flow(_add_declined, _not_added),
    "remove": Flow(_remove, _removed),
}
