"""Every step that an order can stand at is put into words for whoever waits for it."""

from ndc_oms.fulfilment.decide import FAILURES
from ndc_oms.fulfilment.plan import FORWARD
from ndc_oms.fulfilment.steps import DEEDS
from ndc_oms.model.step import Step
from ndc_oms.orders.answer import _PENDING


def test_every_step_has_its_deed_and_its_words() -> None:
    assert set(DEEDS) == set(Step)
    assert set(_PENDING) >= set(Step) - {Step.EXPIRE, Step.LAPSE}  # these two only wait
    assert set(FAILURES) == set(FORWARD)
