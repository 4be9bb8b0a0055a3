"""What tests of services share: what is listed, bought with flights, added to orders."""

from decimal import Decimal

from tests.e2e.servicing import offer, seen
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, OrderSummary, order_of
from ndc_oms.kit.requests import Pax, card
from ndc_oms.kit.services import (
    Picked,
    ServiceSummary,
    added,
    list_for_offer,
    list_for_order,
    selection,
    services_of,
)

PAN = "4111111111111111"


async def listed(served: Served, offered: OfferSummary) -> dict[str, ServiceSummary]:
    """The first item of each product."""
    reply = await served.client.send(list_for_offer(offered.offer_id))
    return _first(reply)


async def listed_for(served: Served, order: OrderSummary) -> dict[str, ServiceSummary]:
    return _first(await served.client.send(list_for_order(order.order_id)))


def _first(reply: Reply) -> dict[str, ServiceSummary]:
    found: dict[str, ServiceSummary] = {}
    for each in services_of(reply):
        found.setdefault(each.code, each)
    return found


def pay(amount: Decimal, currency: str = "CAD", pan: str = PAN) -> str:
    return card(pan, f"{amount:.2f}", currency)


async def buy_with(
    served: Served, party: tuple[Pax, ...], *codes_wanted: tuple[str, int]
) -> tuple[OrderSummary, Reply]:
    """An order of flights with services for its first passenger, paid by card together."""
    firm = await offer(served, party)
    services = await listed(served, firm)
    picked = [Picked(services[code], (party[0].id,), count) for code, count in codes_wanted]
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    created = await served.talk.create(
        firm, party, "buy", payment=pay(whole), beside=selection(picked)
    )
    assert created.errors == ()
    order = order_of(created)
    return order, await seen(served, order)


async def add(
    served: Served, order: OrderSummary, trx: str, *wanted: tuple[str, int], pan: str = PAN
) -> Reply:
    services = await listed_for(served, order)
    picked = [Picked(services[code], ("PAX1",), count) for code, count in wanted]
    due = sum((each.price for each in picked), Decimal(0))
    paid = pay(due, pan=pan) if due else ""
    return await served.talk.change(order, trx, added(picked), payments=paid)


async def current(served: Served, order: OrderSummary) -> OrderSummary:
    return order_of(await seen(served, order))


async def add_unpaid(served: Served, order: OrderSummary, code: str) -> Reply:
    item = (await listed_for(served, order))[code]
    reply = await served.talk.change(order, f"add-{code}", added([Picked(item, ("PAX1",))]))
    assert reply.errors == ()
    return reply
