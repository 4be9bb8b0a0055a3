"""OrderList over HTTP: every criterion finds what it says and nothing else, page by page."""

from datetime import timedelta

import pytest
from tests.e2e.servicing import (
    ADULT,
    COUPLE,
    bought,
    by_plan,
    codes,
    hold,
    offer,
    seen,
    settle,
    texts,
)
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, order_of
from ndc_oms.kit.requests import Pax, Sender, card
from ndc_oms.kit.seeing import order_list

CORNER, CORNER_KEY = Sender("91000011"), {"X-API-Key": "ndc_test_corner"}
MUELLER = (Pax("PAX1", surname="Müller", given="Jörg"),)
DECLINED = "4000000000002008"


def listed(reply: Reply) -> list[str]:
    assert reply.errors == ()
    return texts(reply, "OrderRefID")


async def ask(served: Served, criteria: str = "", **more: object) -> list[str]:
    return listed(await served.client.send(order_list(criteria, **more)))  # type: ignore[arg-type]


def within(name: str, inside: str) -> str:
    return f"<{name}>{inside}</{name}>"


def place(name: str, station: str, day: object) -> str:
    """`Dep` or `Arrival` of a flight."""
    kind = "Dep" if name.startswith("Dep") else "Arrival"
    return within(name, f"<{kind}Date>{day}</{kind}Date><StationCode>{station}</StationCode>")


def pair(name: str, origin: str, day: object, destination: str, arrival: object) -> str:
    return within(name, place("Arrival", destination, arrival) + place("Dep", origin, day))


def span(name: str, first: object = None, last: object = None, kind: str = "DateTime") -> str:
    one, two = ("From", "To") if kind == "DateTime" else ("Effective", "Expiration")
    begin = f"<{one}{kind}>{first}</{one}{kind}>" if first else ""
    end = f"<{two}{kind}>{last}</{two}{kind}>" if last else ""
    return within(name, begin + end)


def pax(inside: str) -> str:
    return within("PaxFilterCriteria", inside)


def individual(surname: str, given: str = "") -> str:
    name = f"<GivenName>{given}</GivenName>" if given else ""
    return pax(within("Individual", f"{name}<Surname>{surname}</Surname>"))


async def facts(served: Served, order: OrderSummary) -> dict[str, str]:
    """What can be asked for of an order, by name."""
    view = await served.talk.retrieve(order.order_id)
    segment = (await served.house.store.get_order(order.order_id, None)).order.segments[0]
    flight = segment.flight
    return {
        "locator": texts(view, "BookingID")[0],
        "ticket": texts(view, "TicketNumber")[0],
        "basis": texts(view, "FareBasisCode")[0],
        "service": texts(view, "ServiceID")[0],
        "payment": texts(view, "PaymentID")[0],
        "number": flight.number,
        "rbd": segment.rbd,
        "leaves": flight.departure.date().isoformat(),
        "arrives": flight.arrival.date().isoformat(),
        "amount": order.amount,
        "made": texts(view, "CreationDateTime")[0],
        "changed": texts(view, "LastModifiedDateTime")[0],
    }


def criteria(f: dict[str, str]) -> list[tuple[str, str]]:
    """Of each kind one that holds for the order, and one that does not."""

    def flight(inside: str) -> str:
        return within("FlightFilterCriteria", inside)

    def carrier(designator: str, number: str, rbd: str = "") -> str:
        booked = f"<RBD_Code>{rbd}</RBD_Code>" if rbd else ""
        return flight(
            within(
                "MarketingCarrierInfoNEW",
                f"<CarrierDesigCode>{designator}</CarrierDesigCode><MarketingCarrierFlightNumberText>"
                f"{number}</MarketingCarrierFlightNumberText>{booked}",
            )
        )

    def paid(inside: str) -> str:
        return within("PaymentFilterCriteria", inside)

    def booking(locator: str, designator: str) -> str:
        entity = within(
            "BookingEntity", f"<Carrier><AirlineDesigCode>{designator}</AirlineDesigCode></Carrier>"
        )
        return within("BookingRefFilterCriteria", f"{entity}<BookingID>{locator}</BookingID>")

    def doc(number: str) -> str:
        return within("DocFilterCriteria", f"<DocNumber>{number}</DocNumber>")

    def ticket(inside: str) -> str:
        return within("TicketFilterCriteria", inside)

    def reached(mail: str) -> str:
        email = f"<EmailAddress><EmailAddressText>{mail}</EmailAddressText></EmailAddress>"
        return pax(f"<ContactInfo><ContactInfoID>C</ContactInfoID>{email}</ContactInfo>")

    def served(service: str, delivery: str) -> str:
        return within(
            "ServiceFilterCriteria",
            f"<DeliveryStatusCode>{delivery}</DeliveryStatusCode><ServiceID>{service}</ServiceID>",
        )

    def cabin(code: str) -> str:
        return flight(f"<CabinTypeFilterCriteria><CabinTypeCode>{code}</CabinTypeCode>"
                      "</CabinTypeFilterCriteria>")  # fmt: skip

    def owner(code: str) -> str:
        return within("CarrierFilterCriteria", f"<AirlineDesigCode>{code}</AirlineDesigCode>")

    def by_card(brand: str) -> str:
        return paid(f"<PaymentCardCriteria><CardBrandCode>{brand}</CardBrandCode>"
                    "</PaymentCardCriteria>")  # fmt: skip

    early, late = "2001-01-01", "2001-01-02"
    out, home = ("YYZ", f["leaves"]), ("LHR", f["arrives"])
    status = "<PaymentStatusCode>{}</PaymentStatusCode>"
    journey, segment = "OriginDestFilterCriteria", "SegmentFilterCriteria"
    created, modified = "CreationDateTimeFilterCriteria", "LastModifiedDateTimeFilterCriteria"
    travel, day = "TravelDateFilterCriteria", "Date"
    return [
        (booking(f["locator"], "T8"), booking(f["locator"], "ZZ")),
        (owner("T8"), owner("ZZ")),
        (span(created, f["made"], f["made"]), span(created, None, f"{late}T00:00:00Z")),
        (span(modified, f["changed"]), span(modified, None, f"{late}T00:00:00Z")),
        (doc(f["ticket"]), doc("9990000000000")),
        (flight(place("DepFilterCriteria", *out)), flight(place("DepFilterCriteria", *home))),
        (
            flight(place("ArrivalFilterCriteria", *home)),
            flight(place("ArrivalFilterCriteria", *out)),
        ),
        (flight(pair(journey, *out, *home)), flight(pair(journey, *home, *out))),
        (flight(pair(segment, *out, *home)), flight(pair(segment, *home, *out))),
        (carrier("T8", f"0{f['number']}"[-4:]), carrier("T8", "9999")),
        (carrier("T8", f["number"], f["rbd"]), carrier("T8", f["number"], "?")),
        (cabin("5"), cabin("1")),
        (
            flight(f"<FareBasisCode>{f['basis']}</FareBasisCode>"),
            flight("<FareBasisCode>X</FareBasisCode>"),
        ),
        (individual("Müller"), individual("Schmidt")),
        (individual("MUELLER", "Joerg"), individual("MUELLER", "Anna")),
        (reached("Maren.Hansen@example.com"), reached("nobody@example.com")),
        (paid(status.format("SUCCESSFUL")), paid(status.format("FAILED"))),
        (
            paid(f'<Amount CurCode="CAD">{f["amount"]}</Amount>'),
            paid('<Amount CurCode="CAD">1.00</Amount>'),
        ),
        (
            paid(f"<PaymentInfoID>{f['payment']}</PaymentInfoID>"),
            paid("<PaymentInfoID>X</PaymentInfoID>"),
        ),
        (by_card("VI"), by_card("AX")),
        (
            paid(f"<AccountableDoc><DocNumber>{f['ticket']}</DocNumber></AccountableDoc>"),
            paid("<AccountableDoc><DocNumber>9990000000000</DocNumber></AccountableDoc>"),
        ),
        (served(f["service"], "READY TO PROCEED"), served(f["service"], "DELIVERED")),
        (
            ticket(f"<TicketNumber>{f['ticket']}</TicketNumber>"),
            ticket("<TicketNumber>1</TicketNumber>"),
        ),
        (
            ticket(span("IssueDateRange", early, None, day)),
            ticket(span("IssueDateRange", early, late, day)),
        ),
        (span(travel, f["leaves"], f["leaves"], day), span(travel, early, late, day)),
    ]


async def test_each_criterion_finds_what_it_says(served: Served) -> None:
    order = await bought(served, MUELLER)
    elsewhen = await offer(served, ADULT, ahead=61, family="Economy Flex")
    other = await served.talk.hold(elsewhen, ADULT, "hold")
    assert other.errors == ()
    found = await facts(served, order)
    pairs = criteria(found)
    held = order_of(other).order_id
    for right, wrong in pairs:
        assert order.order_id in await ask(served, right), right
        assert order.order_id not in await ask(served, wrong), wrong
    narrow = [right for right, _ in pairs if held not in await ask(served, right)]
    assert len(narrow) >= 15
    together = individual("Müller") + within(
        "PaymentFilterCriteria", "<PaymentStatusCode>SUCCESSFUL</PaymentStatusCode>"
    )
    assert await ask(served, together) == [order.order_id]


async def test_a_list_says_of_an_order_what_tells_it_apart(served: Served) -> None:
    order = await bought(served, COUPLE, there_and_back=True)
    reply = await served.client.send(order_list())
    (matched,) = reply.all("Response/MatchedOrder")
    assert listed(reply) == [order.order_id]
    assert texts(reply, "StationCode") == ["YYZ", "YYZ"]
    assert texts(reply, "GivenName") == ["Maren", "Soren"]
    assert texts(reply, "TicketingStatusCode") == ["TICKETED"]
    assert texts(reply, "OrderStatusCode") == ["OPENED"]
    assert texts(reply, "EmailAddressText") == []
    assert len(matched) == 7


async def test_nobody_sees_another_sellers_orders(served: Served) -> None:
    order = await bought(served)
    for criterion, _ in criteria(await facts(served, order)):
        asked = order_list(criterion, sender=CORNER)
        assert listed(await served.client.send(asked, CORNER_KEY)) == []
    after = [
        await served.client.send(order_list(after=each, sender=CORNER), CORNER_KEY)
        for each in (order.order_id, "T8ZZZZZZZZZZ")
    ]
    assert [codes(each) for each in after] == [["129"], ["129"]]
    assert after[0].errors == after[1].errors


async def test_a_list_goes_on_where_it_ended(served: Served) -> None:
    made = []
    for number in range(3):
        made.append(
            order_of(await served.talk.hold(await offer(served), ADULT, f"{number}")).order_id
        )
        served.clock.advance(timedelta(seconds=5))
    newest = made[::-1]
    first = await served.client.send(order_list(limit=2))
    assert listed(first) == newest[:2]
    (remark,) = texts(first, "RemarkText")
    assert remark == f"AFTER {newest[1]}"
    assert remark in texts(first, "DescText")[0]
    rest = await served.client.send(order_list(limit=2, after=newest[1]))
    assert listed(rest) == newest[2:]
    assert texts(rest, "RemarkText") == texts(rest, "DescText") == []


async def test_a_cancelled_order_is_found_by_its_day(served: Served) -> None:
    order = await hold(served)
    day = served.today.isoformat()
    cancelled = "OrderCancellationDateFilterCriteria"
    assert await ask(served, span(cancelled, day, day, "Date")) == []
    assert (await served.talk.cancel_unpaid(order, "cancel")).errors == ()
    await settle(served)
    assert await ask(served, span(cancelled, day, day, "Date")) == [order.order_id]
    assert await ask(served, span(cancelled, "2001-01-01", "2001-01-02", "Date")) == []


async def test_payments_are_found_as_they_stand(served: Served) -> None:
    def paying(status: str) -> str:
        return within("PaymentFilterCriteria", f"<PaymentStatusCode>{status}</PaymentStatusCode>")

    order = await hold(served)
    assert await ask(served, paying("PENDING")) == []
    failed = await served.talk.pay(order, card(DECLINED, order.amount, order.currency), "fails")
    assert codes(failed) == ["708"]
    assert await ask(served, paying("FAILED")) == [order.order_id]
    held = order_of(await seen(served, order))
    assert (await served.talk.pay(held, by_plan(order.amount), "pays")).errors == ()
    await settle(served)
    assert await ask(served, paying("SUCCESSFUL")) == [order.order_id]
    assert await ask(served, paying("FAILED")) == []


async def test_what_is_not_weighed_is_named(served: Served) -> None:
    group = within("PaxGroupFilterCriteria", "<PaxGroupName>Choir</PaxGroupName>")
    reply = await served.client.send(order_list(group))
    assert texts(reply, "TagText") == [
        "/IATA_OrderListRQ/Request/OrderSearchFilterCriteria/PaxGroupFilterCriteria"
    ]


@pytest.mark.parametrize(
    ("criterion", "code"),
    [
        (span("CreationDateTimeFilterCriteria", "2027-02-30T00:00:00Z"), "912"),
        (span("CreationDateTimeFilterCriteria", "10000-02-28T00:00:00Z"), "386"),
        (span("TravelDateFilterCriteria", "10000-01-01", kind="Date"), "386"),
    ],
)
async def test_days_that_no_calendar_has_are_refused(
    served: Served, criterion: str, code: str
) -> None:
    assert codes(await served.client.send(order_list(criterion))) == [code]


async def test_a_remark_that_says_nothing_known_is_refused(served: Served) -> None:
    wrong = order_list(limit=5).replace(b"LIMIT 5", b"SORT BY NAME")
    assert codes(await served.client.send(wrong)) == ["912"]
