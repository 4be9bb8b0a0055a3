"""How an order stands with its money, out of how its payments stand."""

from dataclasses import replace

import pytest
from tests.store.samples import order

from ndc_oms.model.paid import PaymentStatus, standing_of, status_of
from ndc_oms.model.status import PaymentState

S = PaymentState
FAILED, PENDING, SUCCESSFUL = PaymentStatus.FAILED, PaymentStatus.PENDING, PaymentStatus.SUCCESSFUL


def test_every_state_has_a_status() -> None:
    (payment,) = order().payments
    assert {status_of(replace(payment, state=each)) for each in S} == set(PaymentStatus)


@pytest.mark.parametrize(
    ("states", "standing"),
    [
        ((), None),
        ((S.REQUESTED,), PENDING),
        ((S.DECLINED,), FAILED),
        ((S.DECLINED, S.CAPTURED), SUCCESSFUL),
        ((S.CAPTURED, S.DECLINED), FAILED),
        ((S.AWAITING, S.DECLINED), PENDING),
        ((S.REFUNDED,), SUCCESSFUL),
    ],
)
def test_pending_counts_first_and_then_the_latest(
    states: tuple[PaymentState, ...], standing: PaymentStatus | None
) -> None:
    (payment,) = order().payments
    payments = tuple(replace(payment, id=f"M{n}", state=each) for n, each in enumerate(states))
    assert standing_of(order(payments=payments)) == standing
