"""Changes of paid orders: money exact by the rules, documents by what differs."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.orders.fake_clock import NOW
from tests.orders.offered import RULES, T, bound, fare
from tests.orders.servicing import Desk, card, desk, plan
from tests.timeless import run

from ndc_oms.errors import Refusal
from ndc_oms.model.change_events import ChangeAbandoned, ItemsChanged
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.ledger import Account
from ndc_oms.model.money import Money, total
from ndc_oms.model.offer import Fare, Tax
from ndc_oms.model.order import Order
from ndc_oms.model.product import Restriction, Stage
from ndc_oms.model.quote import Exchanged
from ndc_oms.model.status import CouponStatus
from ndc_oms.orders.build import build
from ndc_oms.orders.change_quote import exchanged

NO_REFUND = (Restriction(Stage.BEFORE, False, None, "none"),)
ONE_WAY = (bound(2, 1),)
AFTER_THE_VOID_WINDOW = timedelta(days=2)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def kept(order: Order) -> int:
    return sum(p.left.minor for p in order.payments if p.capture is not None)


def accounts(house: Desk) -> Counter[Account]:
    sums: Counter[Account] = Counter()
    for transaction in house.store.ledger:
        for posting in transaction.postings:
            sums[posting.account] += posting.amount.minor
    return sums


def emds(order: Order) -> list[tuple[str | None, int]]:
    return [(d.coupons[0].rfisc, d.total.minor) for d in order.documents if d.of_money]


async def sold(*differences: tuple[int, int], **other: Any) -> Desk:
    house = desk()
    house.differences = differences
    await house.sell(T.ADULT, bounds=ONE_WAY, **other)
    house.clock.time += AFTER_THE_VOID_WINDOW
    return house


async def change(house: Desk, **more: Any) -> Order:
    await house.changed([house.order.live_items[0].id], [6], **more)
    house.check()
    return house.order


# the fee of the rule is 50.00; the fare 100.07 and one tax of 12.34, which may be refunded


async def test_a_dearer_fare_is_paid_with_the_fee() -> None:
    order = await change(await sold((500, 100)))
    assert [p.amount.minor for p in order.payments] == [11_241, 5_600]
    assert kept(order) == order.total.minor + 5_000
    assert emds(order) == [("993", 5_000)]
    old, new = [d for d in order.documents if d.type is DocumentType.TICKET]
    assert (new.exchange_of, new.total) == (old.number, order.total)
    assert not old.live


async def test_a_cheaper_fare_pays_for_the_fee_and_the_rest_comes_back() -> None:
    order = await change(await sold((-8_000, -200)))
    (payment,) = order.payments
    assert payment.returned == eur(8_200 - 5_000)
    assert kept(order) == order.total.minor + 5_000
    assert order.change is None


async def test_what_is_not_refundable_stays_as_a_value() -> None:
    house = desk()
    house.differences = ((-8_000, -200),)
    stiff = (bound(2, 1),)
    object.__setattr__(stiff[0], "cancellations", NO_REFUND)
    await house.sell(T.ADULT, bounds=stiff)
    house.clock.time += AFTER_THE_VOID_WINDOW
    order = await change(house)
    (payment,) = order.payments
    assert payment.returned == eur(200)  # the tax
    assert emds(order) == [("993", 5_000), ("99I", 3_000)]
    assert accounts(house)[Account.RESIDUALS] == -3_000
    assert kept(order) == order.total.minor + 5_000 + 3_000
    # cancelling what is left leaves the value alone
    await house.accept(await house.quoted())
    assert [d.live for d in house.order.documents if d.of_money] == [True, True]


async def test_the_same_fare_on_another_day_is_revalidated() -> None:
    house = await sold((0, 0))
    order = await change(house)
    (ticket,) = [d for d in order.documents if d.type is DocumentType.TICKET]
    assert [c.segment_id for c in ticket.coupons] == ["SEG2"]
    assert [p.amount.minor for p in order.payments] == [11_241, 5_000]
    assert house.pss.applied["revalidate"] == 1
    assert house.pss.applied["exchange"] == 0


async def test_a_revalidation_is_taken_back_as_well() -> None:
    house = await sold((0, 0))
    house.gateway.plant("capture", "fails")
    with pytest.raises(Refusal) as refused:
        await change(house)
    assert refused.value.code == "708"
    order = house.order
    assert [c.segment_id for d in order.documents for c in d.coupons] == ["SEG1"]
    assert isinstance(house.store.events[order.order_id][-1], ChangeAbandoned)
    assert kept(order) == order.total.minor


async def test_what_is_flown_while_an_exchange_waits_is_not_ticketed_once_more() -> None:
    """The return is given up, nobody hears whether the ticket was exchanged, and its bearer flies
    out before anybody does: the ticket stays, and so does all that it is for.
    """
    house = desk()
    order = await house.sell(T.ADULT)
    quote = await house.quoted(*[i.id for i in order.live_items if i.bound_index])
    house.pss.plant("exchange", "before")
    house.pss.plant("find", "before")
    await house.accept(quote)
    house.pss.fly(order.documents[0].number, "SEG1")
    await house.run_out()
    (ticket,) = (house.pss.documents[n] for n in house.pss.live_documents)
    assert ticket.number == order.documents[0].number
    assert [c.status for c in ticket.coupons] == [CouponStatus.FLOWN, *[CouponStatus.OPEN] * 2]
    assert house.order.change is None
    assert house.order.live_items == order.live_items
    assert kept(house.order) == order.total.minor
    house.check()


async def test_two_forms_pay_for_one_change() -> None:
    house = await sold((500, 0))
    item = house.order.live_items[0].id
    with pytest.raises(Refusal):
        await house.changed([item], [6], pay=lambda due: plan(due - eur(1)))
    await house.changed([item], [6], pay=plan)
    assert [p.gateway for p in house.order.payments] == ["cards", "plan"]
    assert kept(house.order) == house.order.total.minor + 5_000


async def test_the_same_message_twice_is_one_change() -> None:
    house = await sold((500, 0))
    item = house.order.live_items[0].id
    version = house.order.version
    await house.changed([item], [6], key="once")
    events = list(house.store.events[house.order.order_id])
    assert sum(isinstance(e, ItemsChanged) for e in events) == 1
    with pytest.raises(Refusal) as stale:
        await house.ask(None, card(eur(1)), version=version)
    assert stale.value.code == "476"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    chain=st.lists(
        st.tuples(
            st.sampled_from((-9_000, -5_000, -77, 0, 3, 500, 12_345)),
            st.sampled_from((-1_234, -1, 0, 7)),
        ),
        min_size=1,
        max_size=5,
    ),
    refundable=st.booleans(),
    both=st.booleans(),
)
def test_a_chain_of_changes(chain: Any, refundable: bool, both: bool) -> None:
    """paid = what the order costs + what was kept + what stays as a value, after each change."""
    run(_chain(chain, refundable, both))


async def _chain(chain: Any, refundable: bool, both: bool) -> None:
    house = desk()
    way = bound(2, 1)
    object.__setattr__(way, "cancellations", RULES if refundable else NO_REFUND)
    await house.sell(*((T.ADULT, T.INFANT) if both else (T.ADULT,)), bounds=(way,))
    for number, (base, tax) in enumerate(chain):
        house.differences = ((base, tax),)
        house.clock.time += timedelta(hours=2)
        before, held = house.order, house.pss.seats
        await house.changed([i.id for i in before.live_items], [3 + number])
        order, sums = house.order, accounts(house)
        house.check()
        assert order.change is None
        assert house.pss.seats == held
        value = -sums[Account.RESIDUALS]
        assert sums[Account.RECEIVABLE] == 0
        assert kept(order) == order.total.minor - sums[Account.PENALTIES] + value
        assert value == sum(m for code, m in emds(order) if code == "99I")
        charged = sum(m for code, m in emds(order) if code == "993")
        assert -sums[Account.PENALTIES] >= charged == (number + 1) * 5_000 * (1 + both)
        assert len(order.live_items) == len(before.live_items)


AMOUNT = st.integers(0, 40_000)
TAXES = st.dictionaries(st.sampled_from(("YR", "YQ", "CA", "DE")), AMOUNT, max_size=4)


@settings(max_examples=300, deadline=None)
@given(
    fares=st.tuples(AMOUNT, AMOUNT), taxes=st.tuples(TAXES, TAXES), fee=AMOUNT, rule=st.booleans()
)
def test_no_cent_appears_or_is_lost(fares: Any, taxes: Any, fee: int, rule: bool) -> None:
    (old, new), (before, after), refundable = fares, taxes, rule
    order = run(_one_item(old, before, refundable))
    (item,) = order.items
    made = exchanged(order, item, _fare(new, after), bound=0, fee=eur(fee), now=NOW)
    forfeited = _forfeited(made)
    assert forfeited.minor == sum(
        max(0, minor - after.get(code, 0)) for code, minor in before.items() if code == "YQ"
    )
    assert min(made.collect.minor, made.refund.minor, made.residual.minor) >= 0
    assert not made.collect or not (made.refund or made.residual)
    assert not (made.residual and refundable)


def _forfeited(made: Exchanged) -> Money:
    """old + collect = new + penalty + refund + residual + forfeited."""
    assert made.new is not None
    left = made.old.total + made.collect - made.new.total - made.penalty
    return left - made.refund - made.residual


def _fare(base: int, taxes: dict[str, int]) -> Fare:
    made = (Tax(code, code, eur(minor), code != "YQ") for code, minor in taxes.items())
    return Fare("Y", eur(base), tuple(made))


async def _one_item(base: int, taxes: dict[str, int], refundable: bool) -> Order:
    house = desk()
    way = bound(2, 1)
    object.__setattr__(way, "fares", {T.ADULT: _fare(base, taxes)})
    object.__setattr__(way, "cancellations", RULES if refundable else NO_REFUND)
    offer = house.offer(T.ADULT, bounds=(way,))
    takers = {item.id: item.passenger for item in offer.items}
    return build(
        offer, order_id="XX1", seller="S", now=NOW, party=offer.party, takers=takers, means=()
    )


def test_the_fakes_fare_is_what_the_figures_above_say() -> None:
    assert fare(T.ADULT).total == eur(11_241)
    assert total((tax.amount for tax in fare(T.ADULT).taxes), "EUR") == eur(1_234)
