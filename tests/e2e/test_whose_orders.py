"""Every message that can name an order, against the seller's own, another seller's, and none: the
last two read alike (I24).

Which messages those are says the wire profile; how each is sent stands in a table here. A message
that is new and not in the table fails the test.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from lxml import etree
from tests.e2e.servicing import bought, codes, hold, texts
from tests.houses import Served
from tests.ndc import grammar as g
from tests.ndc.profile import PROFILE, REQUESTS

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary
from ndc_oms.kit.requests import Sender, order_retrieve
from ndc_oms.kit.seats import seats_for_order
from ndc_oms.kit.seeing import order_history, order_list, order_rules
from ndc_oms.kit.services import list_for_order
from ndc_oms.kit.servicing import (
    accept_cancelled,
    accept_quoted,
    accept_repriced,
    called,
    cancel_unpaid,
    contact,
    order_change,
    order_quote,
    order_quote_services,
    order_rename,
    order_reshop,
    reached_by,
    redirect,
    update_pax,
)

CORNER, CORNER_KEY = Sender("91000011"), {"X-API-Key": "ndc_test_corner"}
NONE = "T8ZZZZZZZZZZ"
NO_LOCATOR = "ZZZZZZ"
# An order is named by one of these; elsewhere they only repeat it.
NAMES = frozenset({"OrderID", "OrderRefID", "BookingID"})
# They may hold a booking reference, which is not read; a list only filters the seller's own. What
# a provider names is another matter: see test_providers.py.
NAME_NONE = frozenset({"IATA_OrderCreateRQ", "IATA_ServiceStatusChangeNotifRQ"})


@dataclass(frozen=True)
class Named:
    """What is asked about. quote: of the order, whatever the message is about."""

    order_id: str
    item: str
    locator: str
    sender: Sender


Send = Callable[[Named], bytes]


def changing(change: str = "", **more: str) -> Callable[[Named], bytes]:
    def composed(named: Named) -> bytes:
        said = change.format(order=named.order_id, item=named.item)
        return order_change(
            named.order_id, said, sender=named.sender, trx_id=f"trx-{named.order_id}", **more
        )

    return composed


WAYS: dict[str, tuple[str, Send]] = {
    "retrieve by id": (
        "IATA_OrderRetrieveRQ",
        lambda n: order_retrieve(n.order_id, sender=n.sender),
    ),
    "retrieve by booking": (
        "IATA_OrderRetrieveRQ",
        lambda n: order_retrieve(locator=n.locator, surname="Hansen", sender=n.sender),
    ),
    "history": ("IATA_OrderHistoryRQ", lambda n: order_history(n.order_id, sender=n.sender)),
    "rules": ("IATA_OrderRulesRQ", lambda n: order_rules(n.order_id, sender=n.sender)),
    "rules of an item": (
        "IATA_OrderRulesRQ",
        lambda n: order_rules(n.order_id, [n.item], sender=n.sender),
    ),
    "rules of a version": (
        "IATA_OrderRulesRQ",
        lambda n: order_rules(n.order_id, version=99, sender=n.sender),
    ),
    "list on": ("IATA_OrderListRQ", lambda n: order_list(after=n.order_id, sender=n.sender)),
    "reshop": ("IATA_OrderReshopRQ", lambda n: order_reshop(n.order_id, sender=n.sender)),
    "reshop an item": (
        "IATA_OrderReshopRQ",
        lambda n: order_reshop(n.order_id, [n.item], sender=n.sender),
    ),
    "reshop a name": (
        "IATA_OrderReshopRQ",
        lambda n: order_rename(n.order_id, "PAX1", "Hanssen", sender=n.sender),
    ),
    "quote": ("IATA_OrderQuoteRQ", lambda n: order_quote(n.order_id, sender=n.sender)),
    "quote an item": (
        "IATA_OrderQuoteRQ",
        lambda n: order_quote(n.order_id, [n.item], sender=n.sender),
    ),
    "quote a service given up": (
        "IATA_OrderQuoteRQ",
        lambda n: order_quote_services(n.order_id, given_up=[n.item], sender=n.sender),
    ),
    "services": ("IATA_ServiceListRQ", lambda n: list_for_order(n.order_id, sender=n.sender)),
    "seats": ("IATA_SeatAvailabilityRQ", lambda n: seats_for_order(n.order_id, sender=n.sender)),
    "pay": ("IATA_OrderChangeRQ", changing(payments=redirect("10.00", "CAD"))),
    "cancel unpaid": ("IATA_OrderChangeRQ", changing(cancel_unpaid("{order}"))),
    "cancel an unpaid item": ("IATA_OrderChangeRQ", changing(cancel_unpaid("{order}", ["{item}"]))),
    "accept a cancellation": ("IATA_OrderChangeRQ", changing(accept_cancelled("QNONE"))),
    "accept a repricing": ("IATA_OrderChangeRQ", changing(accept_repriced("QNONE"))),
    "accept a name": (
        "IATA_OrderChangeRQ",
        changing(accept_quoted("QNONE", [("QNONE-1", "PAX1")])),
    ),
    "correct a name": (
        "IATA_OrderChangeRQ",
        changing(update_pax("PAX1", "NEW"), lists=f"<PaxList>{called('NEW', 'Hanssen')}</PaxList>"),
    ),
    "accept services": ("IATA_OrderChangeRQ", changing(accept_quoted("QNONE", [("SF.A-1", "P")]))),
    "update a passenger": (
        "IATA_OrderChangeRQ",
        changing(
            update_pax("PAX1", "NEW"),
            lists=f"<ContactInfoList>{contact('C9', email='a@example.com')}</ContactInfoList>"
            f"<PaxList>{reached_by('NEW', 'C9')}</PaxList>",
        ),
    ),
}


def naming() -> set[str]:
    """The requests in which the profile has a place for an order's name that is read."""
    grammar = g.Grammar.read(PROFILE / "ndc.xsd")
    found = set()
    for message in REQUESTS:
        todo, done = [grammar.message(message)], set()
        while todo:
            element = todo.pop()
            if element.get("name") in NAMES:
                found.add(message)
            body = grammar.body(element)
            if not isinstance(body, str) and body not in done:
                done.add(body)
                todo += body.iter(g.XS + "element")
    return found


def test_every_message_that_names_an_order_is_in_the_table() -> None:
    assert {message for message, _ in WAYS.values()} == naming() - NAME_NONE


def test_each_way_sends_its_message() -> None:
    for message, send in WAYS.values():
        root = etree.fromstring(send(Named(NONE, f"{NONE}-1", NO_LOCATOR, CORNER)))
        assert etree.QName(root).localname == message


def plain(reply: Reply, named: Named) -> str:
    """What the sender is told, but for what it sent itself."""
    said = repr((reply.status, reply.errors, texts(reply, "TagText"), texts(reply, "StatusText")))
    return said.replace(named.order_id, "ORDER").replace(named.locator, "LOCATOR")


@pytest.mark.parametrize("held", [True, False], ids=["held", "ticketed"])
async def test_another_sellers_order_reads_like_none(served: Served, held: bool) -> None:
    order = await (hold(served) if held else bought(served))
    view = await served.talk.retrieve(order.order_id)
    before = view.body
    theirs = Named(order.order_id, order.items[0], texts(view, "BookingID")[0], CORNER)
    none = Named(NONE, f"{NONE}-1", NO_LOCATOR, CORNER)
    for way, (_, send) in WAYS.items():
        refused = await served.client.send(send(theirs), CORNER_KEY)
        missing = await served.client.send(send(none), CORNER_KEY)
        assert codes(refused) == codes(missing) == ["129"], way
        assert plain(refused, theirs) == plain(missing, none), way
        for secret in (b"Hansen", order.amount.encode(), theirs.locator.encode()):
            assert secret not in refused.body, way
    again = await served.talk.retrieve(order.order_id)
    assert _but_sent(again.body) == _but_sent(before)


def _but_sent(body: bytes) -> bytes:
    return body.partition(b"<m:PayloadAttributes>")[0]


async def test_the_sellers_own_order_is_found(served: Served) -> None:
    """Whatever else may be wrong with the request: the order is there. The one that gives it up
    comes last.
    """
    order = await hold(served)
    own = await _own(served, order)
    ways = sorted(WAYS, key=lambda way: way.startswith(("pay", "cancel")))
    for way in ways:
        reply = await served.client.send(WAYS[way][1](own))
        assert "129" not in codes(reply), way


async def _own(served: Served, order: OrderSummary) -> Named:
    view = await served.talk.retrieve(order.order_id)
    return Named(order.order_id, order.items[0], texts(view, "BookingID")[0], Sender())
