"""Holds that end, are priced anew, given up in part or whole; what is paid and given back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.e2e.servicing import ADULT, COUPLE, bought, coupons, hold, payments, seen, texts
from tests.faults.flow import DAY, Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.servicing import accept_cancelled, accept_repriced, cancel_unpaid


async def held(served: Served, *party: Sequence[object]) -> OrderSummary:
    order = await hold(served, COUPLE if party else ADULT)
    return order_of(await seen(served, order))


async def _unpaid(served: Served) -> Prepared:
    return Prepared((await held(served)).order_id, later=4 * DAY)


async def expired(_served: Served, _again: Reply | None, order: Reply) -> None:
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


HOLDING = {
    "give back one way": Flow(_give_back_one_way, _one_way_given_back),
    "reprice": Flow(_reprice, _repriced),
    "drop all": Flow(_drop_all, _dropped),
    "expire": Flow(_unpaid, expired),
    "drop one": Flow(_drop_one, _one_left),
    "cancel": Flow(_cancel, _cancelled),
}
