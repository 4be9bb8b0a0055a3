"""What a PSS is asked for: names, special services, coupons."""

from dataclasses import replace
from datetime import date

from tests.fulfilment.test_plan import order_of
from tests.orders.fake_clock import NOW
from tests.orders.offered import T, people_of

from ndc_oms.fulfilment.booking import booking, sales, ticket
from ndc_oms.model.events import SeatsBooked
from ndc_oms.model.fold import apply
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import BookingReference
from ndc_oms.model.passenger import Contact, IdentityDocument, LoyaltyAccount, People

PASSPORT = IdentityDocument(
    "PT", "C01X00T47", "Example", issuing_country="DE", citizenship="DE", gender="F",
    expires_on=date(2035, 10, 23),
)  # fmt: skip


def test_infants_take_no_seat() -> None:
    order = order_of(T.ADULT, T.INFANT, T.CHILD)
    assert [(s.flight.number, s.rbd, s.seats) for s in sales(order)] == [
        ("100", "Y", 2),
        ("100", "Y", 2),
        ("101", "Y", 2),
    ]


def test_special_services() -> None:
    order = order_of(T.ADULT, T.CHILD, T.INFANT)
    people = people_of(order.passengers)
    mother = replace(
        people.persons[0], documents=(PASSPORT,), loyalty=(LoyaltyAccount("XX", "12345"),)
    )
    infant = replace(people.persons[2], gender="M")
    contacts = (
        Contact("C1", emails=("Ann_b-c@example.com",), phones=("+49 (30) 12-34",)),
        Contact("C2", refused=True),
    )
    asked = booking(order, People((mother, people.persons[1], infant), contacts))
    texts = [(s.code, s.passenger_id, s.text) for s in asked.services if s.code != "INFT"]
    assert texts == [
        ("DOCS", "PAX1", "P/DE/C01X00T47/DE/05MAY90/F/23OCT35/EXAMPLE/AAA"),
        ("FQTV", "PAX1", "XX12345"),
        ("DOCS", "PAX2", "////02JAN25///EXAMPLE/BBB"),
        ("CHLD", "PAX2", "02JAN25"),
        ("DOCS", "PAX3", "////01JUN30/MI//EXAMPLE/CCC"),
        ("CTCE", "PAX1", "ANN..B./C//EXAMPLE.COM"),
        ("CTCM", "PAX1", "49301234"),
        ("CTCR", "PAX1", "REFUSED"),
    ]
    laps = [s for s in asked.services if s.code == "INFT"]
    assert {(s.passenger_id, s.text) for s in laps} == {("PAX1", "EXAMPLE/CCC 01JUN30")}
    assert [s.segment for s in laps] == [s.flight.key for s in order.segments]


def test_travellers() -> None:
    order = order_of(T.ADULT, T.INFANT)
    first, second = booking(order, people_of(order.passengers)).travellers
    assert (first.surname, first.given, first.title, first.guardian) == (
        "EXAMPLE", "AAA", "MR", None,
    )  # fmt: skip
    assert (second.type, second.guardian) == (T.INFANT, "PAX1")


def test_coupons_share_the_base_fare() -> None:
    order = order_of(T.ADULT, T.INFANT)
    order = apply(order, SeatsBooked(at=NOW, booking=BookingReference("XX", "ABC234")))
    asked = ticket(order, people_of(order.passengers), "PAX1")
    assert [c.segment_id for c in asked.coupons] == ["SEG1", "SEG2", "SEG3"]
    assert total((c.value for c in asked.coupons), "EUR") == Money(2 * 10007, "EUR")
    assert asked.total == Money(2 * (10007 + 1234), "EUR")
    assert asked.coupons[0].fare_basis == "YFLEXADT"
    assert asked.locator == "ABC234"
    assert asked.passenger_name == "EXAMPLE/AAAMR"
