"""Deliveries follow coupons, whatever walk these take and whatever of it is heard late."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.store.samples import NOW, life, order

from ndc_oms.model.delivery import MEANS, is_news
from ndc_oms.model.events import CouponMoved, DocumentsVoided
from ndc_oms.model.fold import apply, fold
from ndc_oms.model.order import Order
from ndc_oms.model.status import COUPON, DELIVERY, TABLES, CouponStatus, DeliveryStatus

TICKET = "9990000000001"
TOLD = sorted(MEANS)


def told(status: CouponStatus, *, no_show: bool = False, coupon: int = 1) -> CouponMoved:
    at = NOW + timedelta(minutes=1)
    return CouponMoved(at=at, document=TICKET, coupon=coupon, status=status, no_show=no_show)


def sold() -> Order:
    return fold(life(order()))


def state(of: Order) -> tuple[CouponStatus, DeliveryStatus]:
    return of.documents[0].coupons[0].status, of.items[0].services[0].delivery


@given(st.lists(st.tuples(st.sampled_from(TOLD), st.booleans()), max_size=12))
def test_what_is_news_can_be_recorded_and_is_then_known(
    walk: list[tuple[CouponStatus, bool]],
) -> None:
    current = sold()
    others = current.items[1:]
    for status, no_show in walk:
        event = told(status, no_show=no_show)
        if not is_news(current, event):
            continue
        before = state(current)
        current = apply(current, event)
        coupon, delivery = state(current)
        assert coupon is status
        assert delivery is before[1] or DELIVERY.reaches(before[1], delivery)
        if not no_show and before[1] not in DELIVERY.final:
            assert delivery is MEANS[status]
        assert not is_news(current, event) or no_show
    assert current.items[1:] == others


def test_nothing_is_news_of_a_coupon_that_is_done() -> None:
    flown = apply(sold(), told(CouponStatus.FLOWN))
    for status in CouponStatus:
        assert not is_news(flown, told(status))
    assert not is_news(sold(), told(CouponStatus.CHECKED_IN, coupon=2))
    assert not is_news(sold(), told(CouponStatus.REFUNDED))


def test_a_void_after_an_offload_that_nobody_told_of() -> None:
    checked_in = apply(sold(), told(CouponStatus.CHECKED_IN))
    void = apply(checked_in, DocumentsVoided(at=NOW, numbers=(TICKET,)))
    assert state(void)[0] is CouponStatus.VOID


def test_reaching_is_moving_any_number_of_times() -> None:
    for table in TABLES:
        for old in table.moves:
            steps = {old}
            while wider := {new for each in steps for new in table.moves[each]} - steps:
                steps |= wider
            assert {new for new in table.moves if table.reaches(old, new)} == steps
    assert not COUPON.reaches(CouponStatus.VOID, CouponStatus.OPEN)
