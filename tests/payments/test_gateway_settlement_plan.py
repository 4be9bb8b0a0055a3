"""The settlement plan: an agency's number, and answers that follow from the reference."""

import pytest

from ndc_oms.errors import Invalid
from ndc_oms.model.money import Money
from ndc_oms.payments.gateways.settlement_plan import SettlementPlan, is_agency_number
from ndc_oms.ports.outcome import Confirmed, Rejected
from ndc_oms.ports.payment import CardData, Charge

FARE = Money(12_345, "CAD")


@pytest.mark.parametrize("number", ["91000000", "12345675", "1234567", "9100000"])
def test_agency_numbers(number: str) -> None:
    assert is_agency_number(number)


@pytest.mark.parametrize("number", ["", "91000001", "12345670", "910000", "910000000", "9100000x"])
def test_what_is_no_agency_number(number: str) -> None:
    assert not is_agency_number(number)


async def test_a_sale_is_repeatable() -> None:
    plan = SettlementPlan()
    charge = Charge("T8ORDER", FARE, None, "91000000")
    first = await plan.authorise("a", charge)
    assert isinstance(first, Confirmed)
    assert await plan.authorise("a", charge) == first
    captured = await plan.capture("c", first.value, FARE)
    assert isinstance(captured, Confirmed)
    assert await plan.capture("c", first.value, FARE) == captured
    assert isinstance(await plan.refund("r", captured.value, FARE), Confirmed)
    assert await plan.release("l", first.value) == Confirmed(None)
    assert await plan.find("a") == Confirmed(None)


async def test_it_takes_no_strangers_and_no_cards() -> None:
    plan = SettlementPlan()
    for number in (None, "91000001"):
        answer = await plan.authorise("a", Charge("T8ORDER", FARE, None, number))
        assert isinstance(answer, Rejected)
        assert answer.final
    assert isinstance(
        await plan.authorise("a", Charge("T8ORDER", FARE * 0, None, "91000000")), Rejected
    )
    with pytest.raises(Invalid):
        await plan.tokenise(CardData("4111111111111111", "1235", "VI"))
