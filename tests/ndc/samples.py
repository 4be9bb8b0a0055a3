"""Offers, orders and people for tests of messages: made by hand, small, the same every time."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from lxml import etree
from tests.ndc.profile import PROFILE, SHARED
from tests.ndc.references import dangling

from ndc_oms.model.ancillary import EmdKind, Product
from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.items import Family, OrderItem, OrderSegment, Service
from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, Offer, PricedBound, Tax
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.passenger import (
    Contact,
    IdentityDocument,
    LoyaltyAccount,
    Passenger,
    PassengerType,
    People,
    Person,
)
from ndc_oms.model.payment import Card, Payment, PaymentForm
from ndc_oms.model.product import Baggage, Cabin, FareFamily, Restriction, Stage
from ndc_oms.model.seat import Seat, Trait
from ndc_oms.model.status import CouponStatus, PaymentState
from ndc_oms.ndc.envelope import COMMON, MESSAGE, Envelope, open_envelope
from ndc_oms.ndc.schema import Schema
from ndc_oms.offers.services import Flown, ServiceItem
from ndc_oms.orders.service_offer import ServiceOffer
from ndc_oms.orders.show_seats import SeatedFlight, SeatsResult
from ndc_oms.world.seat_maps import CabinMap, Component, MapSeat, Zone
from ndc_oms.world.services import CatalogueProduct

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
TORONTO = timezone(timedelta(hours=-4))
LONDON = timezone(timedelta(hours=1))
TYPES = PassengerType

ADULT = Passenger("PAX1", TYPES.ADULT)
SECOND = Passenger("PAX2", TYPES.ADULT)
CHILD = Passenger("PAX3", TYPES.CHILD)
INFANT = Passenger("PAX4", TYPES.INFANT, guardian="PAX1")
FAMILY_OF_FOUR = (ADULT, SECOND, CHILD, INFANT)


def money(minor: int, currency: str = "CAD") -> Money:
    return Money(minor, currency)


def envelope(message: str = "IATA_AirShoppingRQ") -> Envelope:
    root = etree.fromstring(
        f'<m:{message} xmlns:m="{MESSAGE}" xmlns="{COMMON}"><m:PayloadAttributes>'
        "<TrxID>T-1</TrxID></m:PayloadAttributes></m:" + message + ">"
    )
    return open_envelope(root, None, NOW)


def segment(number: str = "101", day: date = date(2026, 9, 1), *, hop: bool = False) -> Segment:
    """Toronto to London, overnight; hop: by way of Halifax under one flight number."""
    out = datetime(day.year, day.month, day.day, 20, 35, tzinfo=TORONTO)
    arrive = (out + timedelta(hours=7, minutes=5)).astimezone(LONDON)
    if not hop:
        legs = (Leg("YYZ", "LHR", out, arrive, "788", "1", "2"),)
    else:
        stop = out + timedelta(hours=2)
        legs = (
            Leg("YYZ", "YHZ", out, stop, "7M8"),
            Leg("YHZ", "LHR", stop + timedelta(minutes=50), arrive, "7M8"),
        )
    return Segment("T8", number, "T8", number, legs)


def onward(day: date = date(2026, 9, 2)) -> Segment:
    """A codeshare from London to Paris on the next morning."""
    out = datetime(day.year, day.month, day.day, 11, 0, tzinfo=LONDON)
    paris = timezone(timedelta(hours=2))
    arrive = (out + timedelta(hours=1, minutes=20)).astimezone(paris)
    return Segment("T8", "5002A", "XB", "842", (Leg("LHR", "CDG", out, arrive, "320"),))


def back(number: str = "102", day: date = date(2026, 9, 14)) -> Segment:
    out = datetime(day.year, day.month, day.day, 12, 0, tzinfo=LONDON)
    arrive = (out + timedelta(hours=7, minutes=50)).astimezone(TORONTO)
    return Segment("T8", number, "T8", number, (Leg("LHR", "YYZ", out, arrive, "788"),))


LIGHT = FareFamily(
    "ECOLIGHT", "Economy Light", Cabin.ECONOMY, 1, ("No bag < 23 kg", "Seats & meals: paid"),
    Baggage(1, 8, 0, 0), free_seat=False, refundable=False, changeable=False,
)  # fmt: skip
FLEX = FareFamily(
    "ECOFLEX", "Economy Flex", Cabin.ECONOMY, 3, ("Two bags",),
    Baggage(1, 8, 2, 23), free_seat=True, refundable=True, changeable=True,
)  # fmt: skip
BUSINESS = FareFamily(
    "BIZ", "Business", Cabin.BUSINESS, 5, (),
    Baggage(2, 8, 2, 32), free_seat=True, refundable=True, changeable=True,
)  # fmt: skip
FAMILIES = (LIGHT, FLEX, BUSINESS)


def rules(family: FareFamily, currency: str) -> tuple[Restriction, ...]:
    fee = money(7500, currency)
    return tuple(
        Restriction(stage, family.changeable, fee if family.changeable else None, f"{stage}: see")
        for stage in Stage
    )


@cache
def rules_kept(family: FareFamily, currency: str) -> tuple[Restriction, ...]:
    """The same objects for the same family, as the world hands them out."""
    return rules(family, currency)


def fare(kind: PassengerType, family: FareFamily, currency: str = "CAD", step: int = 0) -> Fare:
    base = (20_000 + step * 100) * family.rank // (10 if kind is TYPES.INFANT else 1)
    taxes = tuple(
        Tax(code, name, money(amount, currency), refundable=code != "YQ")
        for code, name, amount in (
            ("CA", "Air travellers security charge", 2512),
            ("SQ", "Airport improvement fee", 3500),
            ("YQ", "Carrier surcharge & fuel", 12_000),
        )
    )
    return Fare(f"K{family.code[:4]}{step}", money(base, currency), taxes)


def bound(
    *segments: Segment, family: FareFamily = LIGHT, currency: str = "CAD", step: int = 0
) -> PricedBound:
    flown = segments or (segment(),)
    return PricedBound(
        Journey(flown),
        family,
        tuple("KBJ"[at % 3] for at in range(len(flown))),
        {kind: fare(kind, family, currency, step) for kind in TYPES},
        rules_kept(family, currency),
        rules_kept(family, currency),
    )


def offer(
    *bounds: PricedBound,
    party: tuple[Passenger, ...] = (ADULT,),
    number: int = 1,
    priced: bool = False,
) -> Offer:
    """number: of which the id is made, in the alphabet and length of a real one."""
    digest = hashlib.sha512(str(number).encode()).digest()
    offer_id = base64.urlsafe_b64encode(digest)[:60].decode()
    made = bounds or (bound(),)
    currency = made[0].fares[TYPES.ADULT].base.currency
    return Offer(offer_id, "T8", "91000000", currency, party, made, NOW, LATER, "v1", priced=priced)


def people() -> People:
    return People(
        (
            Person(
                "PAX1", "Müller & Söhne", ("Anna", "Maria"), "Ms", ("Eva",), "Jr", "F",
                date(1980, 2, 29), "DE", ("CON1",),
                (
                    IdentityDocument(
                        "PT", "C01X00T47", "Mueller", ("Anna",), "DE", "DE", date(1980, 2, 29),
                        "F", date(2020, 1, 2), date(2030, 1, 1),
                    ),
                ),
                (LoyaltyAccount("T8", "123456789", "GOLD"),),
            ),
            Person("PAX2", "Roy", ("Jean",), gender="M"),
        ),
        (
            Contact(
                "CON1", "8", ("anna@example.com",), ("+1 416 5550100",), street=("1 King St", "B"),
                city="Toronto", postal_code="M5H 1A1", country="CA",
            ),
            Contact("CON2", refused=True),
        ),
    )  # fmt: skip


PARTY = (ADULT, SECOND)


def order(
    *,
    form: PaymentForm = PaymentForm.CARD,
    state: PaymentState = PaymentState.CAPTURED,
    ticketed: bool = True,
    bounds: tuple[PricedBound, ...] = (),
) -> Order:
    """Two adults, there with a connection and back, on tickets of one coupon a flight."""
    flown = bounds or (bound(segment(), onward(), family=FLEX), bound(back(), family=FLEX))
    accepted = offer(*flown, party=PARTY)
    segments = tuple(
        OrderSegment(f"SEG{number}", at, flight, rbd, each.family.cabin)
        for number, (at, each, flight, rbd) in enumerate(
            (
                (at, each, flight, rbd)
                for at, each in enumerate(flown)
                for flight, rbd in zip(each.journey.segments, each.rbds, strict=True)
            ),
            start=1,
        )
    )
    items = tuple(_item(accepted, number, segments) for number in range(len(accepted.items)))
    card = Card("tok_1", "VI", "1111") if form is PaymentForm.CARD else None
    payment = Payment(
        "PAY1", form, "simulated", accepted.total, (items[0].id,), card,
        None if card else "91000000", state,
        failure="The card was refused." if state is PaymentState.DECLINED else None,
    )  # fmt: skip
    return Order(
        "T8ABCDEFGH23", "T8", "91000000", accepted.offer_id, "CAD", NOW, LATER, PARTY, segments,
        items, (payment,), "T8ABCDEFGH23:hold",
        tuple(documents(segments, PARTY)) if ticketed else (),
        (BookingReference("T8", "K7PQ2M"),) if ticketed else (),
    )  # fmt: skip


def _item(accepted: Offer, number: int, segments: tuple[OrderSegment, ...]) -> OrderItem:
    item = accepted.items[number]
    priced = accepted.bounds[item.bound_index]
    family = priced.family
    return OrderItem(
        f"T8ABCDEFGH23-{number + 1}", item.id, item.passenger.id, item.bound_index,
        Family(family.code, family.name, family.cabin, family.description, family.baggage),
        item.fare, priced.changes, priced.cancellations,
        tuple(
            Service(f"S{number + 1}-{each.id}", each.id)
            for each in segments
            if each.bound_index == item.bound_index
        ),
    )  # fmt: skip


def documents(segments: tuple[OrderSegment, ...], party: tuple[Passenger, ...]) -> list[Document]:
    """A ticket a passenger; beyond four coupons a conjunction ticket."""
    made = []
    for at, passenger in enumerate(party):
        first = f"968240000{at}000"
        for page, start in enumerate(range(0, len(segments), 4)):
            coupons = tuple(
                Coupon(number, CouponStatus.OPEN, each.id, each.flight.key, each.rbd, "KFLEX",
                       money(10_000))
                for number, each in enumerate(segments[start : start + 4], start=1)
            )  # fmt: skip
            made.append(
                Document(
                    str(int(first) + page), DocumentType.TICKET, passenger.id, NOW, coupons,
                    money(40_000), first if page else None,
                )
            )  # fmt: skip
    return made


@cache
def catalogue_product(code: str = "BAG23", bundle: tuple[str, ...] = ()) -> CatalogueProduct:
    product = Product(
        code,
        f"Product {code}",
        ("One more & another.",),
        rfic="C",
        rfisc="0CC",
        emd=EmdKind.ASSOCIATED,
        ssr="XBAG",
        parts=tuple(catalogue_product(each).product for each in bundle),
    )
    return CatalogueProduct(
        product,
        taxonomy="13EC",
        per="flight",
        passengers=frozenset(PassengerType),
        cabins=frozenset(Cabin),
        families=frozenset(),
        included_in=frozenset(),
        most=3,
        notice_h=0,
        bundle=bundle,
        prices=(),
        parts=tuple(map(catalogue_product, bundle)),
    )


def service_list() -> ServiceOffer:
    """A bag, and a bundle with it, on one flight."""
    flown = Flown("S1", segment(), Cabin.ECONOMY, "LIGHT", 0)
    price = Fare("", money(7500), (Tax("XG", "Tax", money(375), refundable=True),))
    items = tuple(
        ServiceItem(f"SV.{each.product.code}", each, price, (ADULT.id,), (flown,))
        for each in (catalogue_product(), catalogue_product("PACK", ("BAG23",)))
    )
    return ServiceOffer("SVO1", "T8", NOW, (ADULT,), (flown,), items)


def seats() -> SeatsResult:
    """A row of three, one taken, in front of a galley."""
    flown = Flown("S1", segment(), Cabin.ECONOMY, "LIGHT", 0)
    product = replace(catalogue_product("SEATSTD"), seat=Zone.STANDARD)
    item = ServiceItem("SV.SEAT", product, Fare("", money(3500), ()), (ADULT.id,), (flown,))
    places = [(Seat(12, "A"), Trait.WINDOW), (Seat(12, "B"), Trait.CENTRE)]
    places.append((Seat(12, "C"), Trait.AISLE))
    cabin = CabinMap(
        Cabin.ECONOMY,
        ("A", "B", "C"),
        frozenset({"C"}),
        12,
        12,
        frozenset({12}),
        tuple(MapSeat(seat, Zone.STANDARD, (trait,)) for seat, trait in places),
        (Component("galley", before=False, row=12, columns=("A", "B")),),
        31,
        17,
    )
    flight = SeatedFlight(flown, cabin, frozenset({Seat(12, "B")}))
    return SeatsResult(ServiceOffer("SVO1", "T8", NOW, (ADULT,), (flown,), (item,)), (flight,))


def schema(source: Path) -> Schema:
    return Schema(source)


def check(reply: bytes) -> etree._Element:
    """The reply's tree, valid against the official schemas where they are, and the profile
    always; no reference dangles.
    """
    root = etree.fromstring(reply)
    official = SHARED / "iata-ndc-21.3.5"
    for source in (PROFILE, *([official] if official.is_dir() else [])):
        found = schema(source).check(root)
        assert not found, "\n".join(f"{source.name}: {v.path}: {v.text}" for v in found)
    assert dangling(root) == []
    return root


def texts(root: etree._Element, name: str) -> list[str]:
    """The texts of every common-types element of this name."""
    return [node.text or "" for node in root.iter(f"{{{COMMON}}}{name}")]
