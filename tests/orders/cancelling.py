"""What tests of giving up items share: rules of cancelling, and what is left in the end."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from tests.orders.offered import T, bound
from tests.orders.servicing import Desk

from ndc_oms.model.ledger import Account
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, PricedBound, Tax
from ndc_oms.model.product import Restriction, Stage
from ndc_oms.model.status import DeliveryStatus, ItemStatus, OrderStatus, ServiceStatus

AFTER_THE_VOID_WINDOW = timedelta(hours=24)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def balances(house: Desk) -> Counter[Account]:
    """By account, without those at zero."""
    sums: Counter[Account] = Counter()
    for transaction in house.store.ledger:
        for posting in transaction.postings:
            sums[posting.account] += posting.amount.minor
    return Counter({account: minor for account, minor in sums.items() if minor})


def all_gone(house: Desk) -> bool:
    order = house.order
    return (
        order.status is OrderStatus.CLOSED
        and {item.status for item in order.items} == {ItemStatus.CANCELLED}
        and {s.status for i in order.items for s in i.services} == {ServiceStatus.CANCELLED}
        and {s.delivery for i in order.items for s in i.services} == {DeliveryStatus.REMOVED}
        and house.pss.seats == 100
        and house.pss.live_documents == []
        and not house.store.tasks
    )


# -- paid ------------------------------------------------------------------------------------


def priced(*rules: Restriction, taxes: tuple[Tax, ...] = ()) -> tuple[PricedBound, ...]:
    """There and back, sold with these rules of cancelling."""
    given = taxes or (
        Tax("CA", "security", eur(700), True),
        Tax("YQ", "carrier", eur(300), False),
    )
    fares = {kind: Fare("YFLEX", eur(10_000), given) for kind in T}
    return tuple(
        replace(each, fares=fares, cancellations=rules)
        for each in (bound(2, 1), bound(9, 2, there=False))
    )


BEFORE = Restriction(Stage.BEFORE, True, eur(2_500), "25 EUR")
AFTER = Restriction(Stage.AFTER, True, eur(4_000), "40 EUR")
NO_SHOW = Restriction(Stage.NO_SHOW, False, None, "nothing")
NEVER = tuple(Restriction(stage, False, None, "never") for stage in Stage)
