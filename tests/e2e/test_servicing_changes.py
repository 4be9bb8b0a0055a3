"""Changing what was paid: quoted first, then done; documents, money and seats follow."""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.servicing import (
    AHEAD,
    bought,
    by_plan,
    coupons,
    seats_left,
    seen,
)
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import change_offers_of, order_of
from ndc_oms.model.order import Order

OUT, BACK = ("YYZ", "LHR"), ("LHR", "YYZ")


def on(served: Served, days: int, pair: tuple[str, str] = OUT) -> list[tuple[str, str, object]]:
    return [(*pair, served.today + timedelta(days=days))]


def statuses(reply: Reply) -> dict[str, str]:
    return {
        item.findtext("{*}OrderItemID") or "": item.findtext("{*}StatusCode") or ""
        for item in reply.all("Response/Order/OrderItem")
    }


async def stored(served: Served, order_id: str) -> Order:
    return (await served.house.store.get_order(order_id, None)).order


async def test_another_date(served: Served) -> None:
    order = await bought(served)
    taken = await seats_left(served, order)
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 4))
    assert quoted.errors == ()
    offers = change_offers_of(quoted)
    assert len({each.families for each in offers}) >= 4
    chosen = offers[0]
    assert chosen.fee > 0
    assert chosen.collect > 0
    paid = by_plan(str(chosen.collect))
    done = await served.talk.accept_change(order, chosen, "change", paid)
    assert done.errors == ()
    after = await seen(served, order)
    now = order_of(after)
    assert Decimal(now.amount) + chosen.fee == Decimal(order.amount) + chosen.collect
    assert sorted(statuses(after).values()) == ["ACTIVE", "CANCELLED"]
    assert coupons(after) == ["E", "O", "F"]
    left = await seats_left(served, order)
    assert left[0] == taken[0] + 1
    assert await served.findings() == []
