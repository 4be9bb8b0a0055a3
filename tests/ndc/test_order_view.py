"""OrderViewRS written."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from lxml import etree
from tests.ndc import samples

from ndc_oms.model.cancellation import Cancellation, RefundDue
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import People
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import (
    CouponStatus,
    ItemStatus,
    OrderStatus,
    PaymentState,
    ServiceStatus,
)
from ndc_oms.ndc import order_view
from ndc_oms.offers.request import Notice
from ndc_oms.orders.request import OrderView
from ndc_oms.ports.store import OrderRecord

ENVELOPE = samples.envelope("IATA_OrderRetrieveRQ")
PAYING = "{*}PaymentFunctions/{*}PaymentProcessingSummary"
LIMIT = samples.NOW + timedelta(days=3)
GUARANTEE = samples.NOW + timedelta(days=1)


def write(order: Order, people: People | None = None, *notices: Notice) -> etree._Element:
    record = OrderRecord(order, samples.people() if people is None else people)
    return samples.check(order_view.write(OrderView(record, notices), ENVELOPE))


def test_a_ticketed_order_is_valid_and_whole() -> None:
    order = samples.order()
    root = write(order)
    shown = root.find("{*}Response/{*}Order")
    assert shown is not None
    assert shown.findtext("{*}OrderID") == order.order_id
    assert shown.findtext("{*}OrderVersionNumber") == "1"
    assert shown.findtext("{*}StatusCode") == "OPENED"
    assert shown.findtext("{*}TotalPrice/{*}TotalAmount") == order.total.text()
    items = [item.findtext("{*}OrderItemID") for item in shown.iterchildren("{*}OrderItem")]
    assert items == [item.id for item in order.items]


def test_each_flight_and_included_bag_is_a_service_of_each_passenger() -> None:
    order = samples.order()
    root = write(order)
    services = {
        node.findtext("{*}ServiceID"): node
        for node in root.iter("{*}Service")
        if node.find("{*}OrderServiceAssociation") is not None
    }
    flown = [service.id for item in order.items for service in item.services]
    assert set(services) == {f"{id_}{bag}" for id_ in flown for bag in ("", "-CARRYON", "-CHECKED")}
    bag = services[f"{flown[0]}-CHECKED"]
    assert bag.findtext("{*}ServiceRefID") == flown[0]
    assert next(bag.iter("{*}ServiceDefinitionRefID")).text == "def.bag.checked.2x23"
    assert bag.findtext("{*}BookingRef/{*}BookingID") == "K7PQ2M"


def test_no_bag_is_no_service() -> None:
    order = samples.order(bounds=(samples.bound(family=samples.LIGHT),))
    assert not any(id_.endswith("-CHECKED") for id_ in samples.texts(write(order), "ServiceID"))


def test_who_and_how_to_reach_them() -> None:
    root = write(samples.order())
    pax = next(root.iter("{*}Pax"))
    assert pax.findtext("{*}Individual/{*}Surname") == "Müller & Söhne"
    assert pax.findtext("{*}IdentityDoc/{*}ExpiryDate") == "2030-01-01"
    assert pax.findtext("{*}LoyaltyProgramAccount/{*}AccountNumber") == "123456789"
    assert samples.texts(root, "EmailAddressText") == ["anna@example.com"]
    assert samples.texts(root, "ContactRefusedInd") == ["true"]


def test_erased_people_are_ids_and_types() -> None:
    root = write(samples.order(), People())
    assert samples.texts(root, "PaxID") == ["PAX1", "PAX2"]
    assert samples.texts(root, "Surname") == []


def test_tickets() -> None:
    order = samples.order()
    infos = list(write(order).iter("{*}TicketDocInfo"))
    assert [info.findtext("{*}PaxRefID") for info in infos] == ["PAX1", "PAX2"]
    ticket = infos[0].find("{*}Ticket")
    assert ticket is not None
    assert ticket.findtext("{*}TicketNumber") == "9682400000000"
    assert ticket.findtext("{*}TicketDocTypeCode") == "T"
    assert ticket.findtext("{*}ReportingTypeCode") == "Airline"
    coupons = list(ticket.iterchildren("{*}Coupon"))
    assert [c.findtext("{*}CouponStatusCode") for c in coupons] == ["O", "O", "O"]
    assert [c.findtext("{*}ServiceRefID") for c in coupons] == ["S1-SEG1", "S1-SEG2", "S3-SEG3"]
    assert coupons[0].findtext("{*}ValueAmount") == "100.00"


def test_tickets_name_the_payments_that_paid() -> None:
    order = samples.order()
    failed = replace(order.payments[0], id="PAY0", state=PaymentState.DECLINED)
    root = write(replace(order, payments=(failed, *order.payments)))
    info = next(root.iter("{*}TicketDocInfo"))
    assert [ref.text for ref in info.iterchildren("{*}PaymentRefID")] == ["PAY1"]


def test_conjunction_tickets_are_one_set() -> None:
    days = [samples.segment(str(100 + at), date(2026, 9, at)) for at in range(1, 6)]
    order = samples.order(bounds=tuple(samples.bound(each) for each in days))
    info = next(write(order).iter("{*}TicketDocInfo"))
    assert info.findtext("{*}BookletQty") == "2"
    tickets = list(info.iterchildren("{*}Ticket"))
    assert [t.findtext("{*}PrimaryDocInd") for t in tickets] == ["true", "false"]
    assert tickets[1].findtext("{*}ConnectedDocNumber") == tickets[0].findtext("{*}TicketNumber")


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (CouponStatus.VOID, "CurrentAirlinePaxSegmentRef"),
        (CouponStatus.CHECKED_IN, "CheckedInAirlinePaxSegmentRef"),
        (CouponStatus.FLOWN, "FlownAirlinePaxSegmentRef"),
    ],
)
def test_a_coupon_says_where_its_flight_stands(status: CouponStatus, name: str) -> None:
    order = samples.order()
    first = order.documents[0]
    coupon = replace(first.coupons[0], status=status)
    changed = replace(first, coupons=(coupon, replace(first.coupons[1], segment_id="GONE")))
    root = write(replace(order, documents=(changed,)))
    info = next(root.iter("{*}CurrentCouponFlightInfoRef"))
    assert [etree.QName(child).localname for child in info] == [name]
    assert samples.texts(root, "CouponStatusCode") == [status, "O"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (PaymentState.REQUESTED, "PENDING"),
        (PaymentState.AWAITING, "PENDING"),
        (PaymentState.AUTHORISED, "PENDING"),
        (PaymentState.CAPTURED, "SUCCESSFUL"),
        (PaymentState.DECLINED, "FAILED"),
        (PaymentState.RELEASED, "FAILED"),
    ],
)
def test_payment_statuses(state: PaymentState, status: str) -> None:
    root = write(samples.order(state=state))
    assert samples.texts(root, "PaymentStatusCode") == [status]
    summary = root.find(PAYING)
    assert summary is not None
    reason = summary.findtext("{*}Desc/{*}DescText")
    assert reason == ("The card was refused." if state is PaymentState.DECLINED else None)


def paid(**facts: Any) -> Order:
    order = samples.order()
    return replace(order, payments=(replace(order.payments[0], **facts),))


def test_a_refund_is_a_payment_of_its_own() -> None:
    whole = samples.order().payments[0].amount
    root = write(paid(state=PaymentState.REFUNDED, refunded=whole))
    was, refunded = root.findall(PAYING)
    assert was.findtext("{*}PaymentStatusCode") == "SUCCESSFUL"
    assert refunded.findtext("{*}Amount") == (-whole).text()
    assert refunded.findtext("{*}PaymentRefID") == was.findtext("{*}PaymentID")


def test_a_partial_refund_and_one_to_come() -> None:
    part, rest = samples.money(5000), samples.money(1250)
    order = paid(refunded=part)
    due = Cancellation((), "x", refunds=(RefundDue("PAY1", rest), RefundDue("PAY9", rest)))
    lines = write(replace(order, cancellation=due)).findall(PAYING)
    assert [(x.findtext("{*}Amount"), x.findtext("{*}PaymentStatusCode")) for x in lines] == [
        (order.payments[0].amount.text(), "SUCCESSFUL"),
        ("-50.00", "SUCCESSFUL"),
        ("-12.50", "PENDING"),
    ]


def test_a_payer_s_page_is_shown_while_it_waits() -> None:
    facts = {"form": PaymentForm.REDIRECT, "card": None, "redirect_url": "https://pay.example/1"}
    waiting = write(paid(state=PaymentState.AWAITING, **facts))
    assert samples.texts(waiting, "PaymentGatewayURI") == ["https://pay.example/1"]
    assert samples.texts(waiting, "PaymentTypeCode") == ["CC"]
    done = write(paid(state=PaymentState.AUTHORISED, **facts))
    assert samples.texts(done, "PaymentGatewayURI") == []


def test_a_voucher_is_shown_by_its_number() -> None:
    root = write(paid(form=PaymentForm.VOUCHER, card=None, voucher="V-1"))
    assert samples.texts(root, "VoucherID") == ["V-1"]


def test_limits_stand_on_what_is_held() -> None:
    order = samples.order(ticketed=False)
    held = replace(order, payments=(), payment_limit_at=LIMIT, price_guarantee_until=GUARANTEE)
    root = write(held)
    assert samples.texts(root, "PaymentTimeLimitDateTime") == ["2026-03-04T12:00:00Z"] * 4
    assert samples.texts(root, "PriceGuaranteeTimeLimitDateTime") == ["2026-03-02T12:00:00Z"] * 4
    first, *rest = held.items
    gone = replace(held, items=(replace(first, status=ItemStatus.CANCELLED), *rest))
    assert len(samples.texts(write(gone), "PaymentTimeLimitDateTime")) == 3
    assert samples.texts(write(order), "PaymentTimeLimitDateTime") == []


def test_limits_are_gone_once_an_item_is_paid() -> None:
    order = replace(samples.order(), payment_limit_at=LIMIT)  # its payment names one item
    shown = [
        item.find("{*}PaymentTimeLimitDateTime") is not None
        for item in write(order).iterfind("{*}Response/{*}Order/{*}OrderItem")
    ]
    assert shown == [False, True, True, True]


def test_of_a_card_the_last_four_are_shown() -> None:
    root = write(samples.order())
    assert samples.texts(root, "MaskedCardID") == ["xxxxxxxxxxxx1111"]
    assert samples.texts(root, "CardNumber") == []


def test_the_settlement_plan_reports_documents() -> None:
    root = write(samples.order(form=PaymentForm.SETTLEMENT_PLAN))
    assert samples.texts(root, "IATA_Number") == ["91000000"]
    assert set(samples.texts(root, "ReportingTypeCode")) == {"BSP"}


def test_an_order_on_its_way_has_no_documents_yet() -> None:
    notice = Notice("Pending: tickets are being issued.")
    root = write(samples.order(ticketed=False, state=PaymentState.AUTHORISED), None, notice)
    assert next(root.iter("{*}TicketDocInfo"), None) is None
    warning = next(root.iter("{*}Warning"))
    assert warning.findtext("{*}DescText") == notice.text


def test_a_closed_order_costs_nothing() -> None:
    order = samples.order(ticketed=False, state=PaymentState.RELEASED)
    items = tuple(
        replace(
            item,
            status=ItemStatus.CANCELLED,
            services=tuple(replace(s, status=ServiceStatus.CANCELLED) for s in item.services),
        )
        for item in order.items
    )
    root = write(replace(order, items=items, status=OrderStatus.CLOSED))
    assert root.findtext("{*}Response/{*}Order/{*}TotalPrice/{*}TotalAmount") == "0.00"
    assert root.findtext("{*}Response/{*}Order/{*}StatusCode") == "CLOSED"


def test_one_flight_in_two_classes_is_two_pax_segments() -> None:
    flight = samples.segment()
    bounds = (samples.bound(flight), samples.bound(flight, family=samples.BUSINESS))
    root = write(samples.order(bounds=bounds))
    assert samples.texts(root, "PaxSegmentID") == ["SEG1", "SEG2"]
    assert len(samples.texts(root, "DatedMarketingSegmentId")) == 1


def test_a_replay_is_sent_as_it_was() -> None:
    assert order_view.write(OrderView(None, replay=b"<as/>"), ENVELOPE) == b"<as/>"
    with pytest.raises(AssertionError):
        order_view.write(OrderView(None), ENVELOPE)
