"""OrderRetrieveRQ read."""

import pytest
from tests.ndc import documents as d
from tests.ndc import samples
from tests.ndc.profile import examples

from ndc_oms.errors import Invalid
from ndc_oms.ndc import order_retrieve
from ndc_oms.ndc.door import guard
from ndc_oms.orders.request import RetrieveRequest

RQ = "IATA_OrderRetrieveRQ"
ENVELOPE = samples.envelope(RQ)
AT = "/IATA_OrderRetrieveRQ/Request/OrderValidationFilterCriteria"
BY_ID = (
    "<OrderFilterCriteria><OrderID> T8ABC </OrderID><OwnerCode>T8</OwnerCode></OrderFilterCriteria>"
)
BY_BOOKING = (
    "<BookingRefFilterCriteria><BookingID>K7PQ2M</BookingID></BookingRefFilterCriteria>"
    "<PaxFilterCriteria><Individual><GivenName>Anna</GivenName><Surname>Roy</Surname></Individual>"
    "</PaxFilterCriteria>"
)


def read(inside: str, *, valid: bool = True) -> RetrieveRequest:
    body = f"<OrderValidationFilterCriteria>{inside}</OrderValidationFilterCriteria>"
    return order_retrieve.read(d.request(RQ, body, valid=valid), ENVELOPE)


def test_by_order_id() -> None:
    assert read(BY_ID) == RetrieveRequest(order_id="T8ABC", owner="T8", path=AT)


def test_by_booking_reference_and_name() -> None:
    assert read(BY_BOOKING) == RetrieveRequest(
        locator="K7PQ2M", surname="Roy", given_name="Anna", path=AT
    )


def test_by_neither() -> None:
    with pytest.raises(Invalid) as caught:
        read("<DocFilterCriteria><DocNumber>9682400000000</DocNumber></DocFilterCriteria>")
    assert (caught.value.code, caught.value.path) == ("912", AT)


@pytest.mark.parametrize(
    "inside", ["<OrderFilterCriteria/>", "<BookingRefFilterCriteria/>", "<PaxFilterCriteria/>"]
)
def test_what_a_lenient_seller_leaves_out_is_refused(inside: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(inside, valid=inside.startswith("<Pax"))
    assert caught.value.path.startswith(AT)


def test_iata_s_own_requests_can_be_read() -> None:
    found = sorted(examples().rglob("*OrderRetrieveRQ.xml"))
    assert found
    for path in found:
        assert order_retrieve.read(guard(path.read_bytes()), ENVELOPE).order_id
