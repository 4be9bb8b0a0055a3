"""OrderReshopRQ and OrderQuoteRQ read."""

from datetime import date, datetime

import pytest
from tests.ndc import documents as d
from tests.ndc import samples
from tests.ndc.profile import examples

from ndc_oms.errors import Refusal
from ndc_oms.kit.services import FlightNamed
from ndc_oms.kit.servicing import order_rebook_named
from ndc_oms.ndc import order_quote, order_reshop
from ndc_oms.ndc.door import guard
from ndc_oms.orders.request import OrderReference, QuoteRequest, ReshopRequest

RESHOP, QUOTE = "IATA_OrderReshopRQ", "IATA_OrderQuoteRQ"
AT = f"/{RESHOP}/Request"
ORDER = OrderReference("T8A", "", None, f"{AT}/OrderRefID")
CANCEL = "<CancelOrderRef><OrderRefID>T8A</OrderRefID></CancelOrderRef>"
NAME = "<UpdatePaxName><PaxRefID>PAX1</PaxRefID><Surname>Roy</Surname></UpdatePaxName>"
ITEM = "<OrderItemRefID>{}</OrderItemRefID>"
SEARCH = f"<AddOfferItems>{d.flights()}</AddOfferItems>"
BY_AFFINITY = (
    "<AddOfferItems><FlightRequest><AffinityShoppingCriteria><AffinityOriginDest/>"
    "</AffinityShoppingCriteria></FlightRequest></AddOfferItems>"
)


def reshop(update: str, *, valid: bool = True) -> ReshopRequest:
    parts = f"<OrderRefID>T8A</OrderRefID><UpdateOrder>{update}</UpdateOrder>"
    return order_reshop.read(d.request(RESHOP, parts, valid=valid), samples.envelope(RESHOP))


def choice(inside: str) -> str:
    inside = f"<ReshopOrderChoice>{inside}</ReshopOrderChoice>"
    return f"<ReshopOrder>{inside}</ReshopOrder>"


def service(*items: str, added: str = "") -> str:
    deleted = "".join(f"<DeleteOrderItem>{item}</DeleteOrderItem>" for item in items)
    return choice(f"<ServiceOrder>{added}{deleted}</ServiceOrder>")


def quote(parts: str) -> QuoteRequest:
    return order_quote.read(d.request(QUOTE, parts), samples.envelope(QUOTE))


def test_the_whole_order() -> None:
    assert reshop(CANCEL) == ReshopRequest(ORDER)


def test_items() -> None:
    items = (ITEM.format("I1"), f"{ITEM.format('I2')}<RespendInd>false</RespendInd>")
    assert reshop(service(*items)) == ReshopRequest(ORDER, ("I1", "I2"))


def test_flights_in_place_of_items() -> None:
    asked = reshop(service(ITEM.format("I1"), added=SEARCH))
    assert asked.item_ids == ("I1",)
    assert asked.search is not None
    (bound,) = asked.search.bounds
    assert (bound.origin, bound.destination) == ("YYZ", "LON")
    assert (
        asked.search.path
        == f"{AT}/UpdateOrder/ReshopOrder/ReshopOrderChoice/ServiceOrder/AddOfferItems"
    )


def test_flights_that_are_named() -> None:
    flight = FlightNamed("T8", "101", datetime(2026, 9, 1, 20, 35), "YYZ", "LHR")  # noqa: DTZ001  # local time
    sent = order_rebook_named("T8A", ["I1"], [[flight]])
    asked = order_reshop.read(guard(sent), samples.envelope(RESHOP))
    assert asked.item_ids == ("I1",)
    assert asked.search is not None
    (bound,) = asked.search.bounds
    assert (bound.origin, bound.destination, bound.day) == ("YYZ", "LHR", date(2026, 9, 1))
    assert [[each.number for each in flights] for flights in bound.named] == [["101"]]


@pytest.mark.parametrize(
    ("update", "code", "where"),
    [
        (CANCEL.replace("T8A", "T8B"), "912", "CancelOrderRef/OrderRefID"),
        (service(), "912", "ServiceOrder/DeleteOrderItem"),
        (service(ITEM.format("I1"), added=BY_AFFINITY), "496", "AddOfferItems/FlightRequest"),
        (
            service(ITEM.format("I1"), ITEM.format("I1")),
            "476",
            "ServiceOrder/DeleteOrderItem[2]/OrderItemRefID",
        ),
        (
            service(f"{ITEM.format('I1')}<RetainServiceID>S1</RetainServiceID>"),
            "182",
            "DeleteOrderItem/RetainServiceID",
        ),
        (choice(NAME), "137", "ReshopOrderChoice/UpdatePaxName"),
        (choice("<UpdatePax/>"), "368", "ReshopOrderChoice/UpdatePax"),
    ],
)
def test_what_is_not_quoted_is_refused_with_a_remedy(update: str, code: str, where: str) -> None:
    with pytest.raises(Refusal) as caught:
        reshop(update)
    assert caught.value.code == code
    assert caught.value.path.startswith(f"{AT}/UpdateOrder/")
    assert caught.value.path.endswith(where)
    assert caught.value.remedy


@pytest.mark.parametrize("update", ["", choice(""), "<ReshopOrder/>"])
def test_what_a_lenient_seller_leaves_out_is_refused_with_its_path(update: str) -> None:
    with pytest.raises(Refusal) as caught:
        reshop(update, valid=False)
    assert (caught.value.code, caught.value.path.startswith(AT)) == ("912", True)


def test_iata_s_name_changes_are_refused_and_say_so() -> None:
    found = sorted(examples().rglob("*OrderReshopRQ.xml"))
    assert found
    for path in found:
        with pytest.raises(Refusal, match="137"):
            order_reshop.read(guard(path.read_bytes()), samples.envelope(RESHOP))


def test_an_unpaid_order_s_new_price() -> None:
    order = "<RepricedOrder><OrderID>T8A</OrderID>{}<OwnerCode>T8</OwnerCode></RepricedOrder>"
    reference = OrderReference("T8A", "T8", None, f"/{QUOTE}/Payload/RepricedOrder")
    assert quote(order.format("")) == QuoteRequest(reference)
    some = "".join(map(ITEM.format, ("I1", "I2", "I1")))
    assert quote(order.format(some)) == QuoteRequest(reference, ("I1", "I2"))


@pytest.mark.parametrize(
    ("parts", "code", "where"),
    [
        ("", "912", "RepricedOrder"),
        (d.selected("SelectedOffers"), "496", "SelectedOffers"),
        (
            "<ExistingOrder><OrderID>T8A</OrderID><OwnerCode>T8</OwnerCode></ExistingOrder>",
            "496",
            "ExistingOrder",
        ),
    ],
)
def test_additions_are_not_quoted(parts: str, code: str, where: str) -> None:
    with pytest.raises(Refusal) as caught:
        quote(parts)
    assert (caught.value.code, caught.value.path) == (code, f"/{QUOTE}/Payload/{where}")
