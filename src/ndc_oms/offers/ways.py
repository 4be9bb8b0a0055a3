"""How an offer can be paid: what some route of payments takes, of its amount and currency, from
its seller.
"""

from collections.abc import Iterator

from ndc_oms.model.money import Money
from ndc_oms.model.payment import PaymentForm
from ndc_oms.offers.request import PaymentWay
from ndc_oms.payments.allocation import permission
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.world import World

# Of a world that leaves the choice of gateways to the house.
_ALWAYS = (PaymentWay(PaymentForm.CARD), PaymentWay(PaymentForm.SETTLEMENT_PLAN))


def ways_to_pay(world: World, total: Money, seller: Seller) -> tuple[PaymentWay, ...]:
    """Those in which this seller may pay."""
    ways = _ways(world, total) if world.routes else _ALWAYS
    return tuple(each for each in ways if seller.may(permission(each.form)))


def _ways(world: World, total: Money) -> Iterator[PaymentWay]:
    for form in PaymentForm:
        routes = [
            route
            for route in world.routes
            if route.takes(form, route.brands[0] if route.brands else "", total)
        ]
        if routes:
            everything = any(not route.brands for route in routes)
            brands = {brand for route in routes for brand in route.brands}
            yield PaymentWay(form, () if everything else tuple(sorted(brands)))
