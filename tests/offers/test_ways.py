"""How an offer can be paid follows the routes of payments."""

from dataclasses import replace
from decimal import Decimal

from tests.houses import demo_world

from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.offers.request import PaymentWay
from ndc_oms.offers.ways import ways_to_pay
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.payments import Route

F = PaymentForm
TOTAL = Money(10_000, "CAD")


SELLER = Seller("91000000", "Demo Travel", "CAD")


def forms(*routes: Route, seller: Seller = SELLER) -> list[PaymentWay]:
    return list(ways_to_pay(replace(demo_world(), routes=routes), TOTAL, seller))


def test_a_route_that_takes_any_brand_makes_every_card_good() -> None:
    some, any_brand = Route(F.CARD, ("a",), brands=("AX",)), Route(F.CARD, ("b",))
    assert forms(some, any_brand) == [PaymentWay(F.CARD)]
    assert forms(some) == [PaymentWay(F.CARD, ("AX",))]


def test_what_no_route_takes_is_not_offered() -> None:
    small = Route(F.VOUCHER, ("v",), up_to=Decimal(99))
    foreign = Route(F.REDIRECT, ("r",), currencies=("EUR",))
    plan = Route(F.SETTLEMENT_PLAN, ("p",), currencies=("CAD",))
    assert forms(small, foreign, plan) == [PaymentWay(F.SETTLEMENT_PLAN)]


def test_without_routes_there_are_cards_and_the_settlement_plan() -> None:
    assert [way.form for way in forms()] == [F.CARD, F.SETTLEMENT_PLAN]


def test_a_seller_sees_what_it_may_pay_by() -> None:
    some = replace(SELLER, can=frozenset({"pay:settlement-plan"}))
    assert [way.form for way in forms(seller=some)] == [F.SETTLEMENT_PLAN]
    both = Route(F.CARD, ("a",)), Route(F.SETTLEMENT_PLAN, ("p",))
    assert forms(*both, seller=some) == [PaymentWay(F.SETTLEMENT_PLAN)]
