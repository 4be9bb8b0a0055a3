"""Giving up unpaid items at once: whole holds, passengers, journeys; a payer who is on a page."""

from collections import Counter

import pytest
from tests.orders.cancelling import all_gone, balances
from tests.orders.offered import T
from tests.orders.servicing import card, desk, plan, redirect

from ndc_oms.errors import Refusal
from ndc_oms.model.ledger import Account
from ndc_oms.model.money import total
from ndc_oms.model.status import PaymentState

S = PaymentState


async def test_a_hold_is_cancelled_whole() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD, T.INFANT)
    await house.drop()
    assert all_gone(house)
    assert house.order.version > order.version
    assert house.order.failure is None
    assert house.pss.applied["cancel"] == 1
    assert balances(house) == Counter()
    house.check()
    with pytest.raises(Refusal) as refused:
        await house.pay(card(order.total))
    assert refused.value.code == "182"


async def test_a_passenger_leaves_a_hold() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    mine = [item.id for item in order.items if item.passenger_id == "PAX2"]
    await house.drop(*mine)
    after = house.order
    assert {i.id for i in after.live_items} == {i.id for i in order.items} - set(mine)
    assert after.passengers_released == ("PAX2",)
    assert house.pss.seats == 100 - 3
    (pnr,) = house.pss.pnrs.values()
    assert [t.passenger_id for t in pnr.travellers] == ["PAX1"]
    await house.pay(card(after.total))
    assert house.order.tickets_of("PAX1")
    assert not house.order.tickets_of("PAX2")
    assert balances(house)[Account.RECEIVABLE] == 0
    house.check()


async def test_a_journey_leaves_a_hold() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.CHILD)
    back = [item.id for item in order.items if item.bound_index == 1]
    await house.drop(*back)
    assert house.order.segments_released == ("SEG2", "SEG3")
    assert house.pss.seats == 100 - 2
    await house.pay(plan())
    (coupon,) = house.order.documents[0].coupons
    assert coupon.segment_id == "SEG1"
    house.check()


async def test_one_after_the_other_until_nothing_is_left() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT, T.ADULT)
    for passenger in ("PAX1", "PAX2", "PAX3"):
        await house.drop(*(i.id for i in order.items if i.passenger_id == passenger))
    assert all_gone(house)
    assert house.pss.applied["cancel_part"] == 2
    assert balances(house) == Counter()
    house.check()


@pytest.mark.parametrize("kind", ["before", "after", "rejects", "raises"])
async def test_a_part_under_faults_gives_its_seats_back_once(kind: str) -> None:
    house = desk(reply_within_s=0.05)
    order = await house.hold(T.ADULT, T.ADULT)
    house.pss.plant("cancel_part", kind, kind)
    await house.drop(*(i.id for i in order.items if i.passenger_id == "PAX2"))
    for _ in range(4):
        await house.wait(seconds=61)
    assert house.pss.seats == 100 - 3
    assert house.pss.applied["cancel_part"] == 1
    house.check()


REFUSED_PARTS = {
    "one flight of one": ([T.ADULT, T.ADULT], lambda o: [o.items[0].id], "185"),
    "the adult of an infant": (
        [T.ADULT, T.ADULT, T.INFANT],
        lambda o: [i.id for i in o.items if i.passenger_id == "PAX1"],
        "324",
    ),
    "children left alone": (
        [T.ADULT, T.CHILD],
        lambda o: [i.id for i in o.items if i.passenger_id == "PAX1"],
        "143",
    ),
    "no such item": ([T.ADULT], lambda _o: ["XX-99"], "912"),
}


@pytest.mark.parametrize("name", REFUSED_PARTS)
async def test_parts_that_cannot_be_given_up(name: str) -> None:
    kinds, items, code = REFUSED_PARTS[name]
    house = desk()
    order = await house.hold(*kinds)
    with pytest.raises(Refusal) as refused:
        await house.drop(*items(order))
    assert refused.value.code == code
    assert house.order == order


async def test_what_is_ticketed_is_quoted_first() -> None:
    house = desk()
    await house.sell()
    with pytest.raises(Refusal) as refused:
        await house.drop()
    assert refused.value.code == "395"
    assert "OrderReshop" in refused.value.remedy


async def test_a_hold_that_is_paid_in_part_is_cancelled_whole_only() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    mine = [item for item in order.items if item.passenger_id == "PAX1"]
    await house.pay(card(total((i.fare.total for i in mine), "EUR"), *(i.id for i in mine)))
    with pytest.raises(Refusal) as refused:
        await house.drop(*(item.id for item in mine))
    assert refused.value.code == "395"
    await house.drop()
    assert all_gone(house)
    assert house.order.payments[0].state is S.RELEASED
    assert balances(house) == Counter()
    house.check()


async def test_cancelling_closes_the_payers_page() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    session = house.order.payments[0].session or ""
    await house.drop()
    assert all_gone(house)
    assert session not in house.pages.pages
    house.check()


async def test_who_paid_while_it_was_cancelled_gets_it_back() -> None:
    house = desk()
    order = await house.hold()
    await house.pay(redirect(order.total))
    house.pages.pay(house.order.payments[0].session or "")  # the callback is on its way
    await house.drop()
    assert all_gone(house)
    assert house.order.payments[0].state is S.RELEASED
    assert house.pages.released
    house.check()
