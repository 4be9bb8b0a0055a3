"""One order through its life, small: two passengers, one flight, one card."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

from ndc_oms.model.documents import Coupon, Document, DocumentType
from ndc_oms.model.events import (
    DocumentsIssued,
    Event,
    OrderCreated,
    PaymentAuthorised,
    PaymentCaptured,
    SeatsBooked,
)
from ndc_oms.model.fold import apply
from ndc_oms.model.items import Family, OrderItem, OrderSegment, Service
from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.ledger import transaction
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, Offer, PricedBound, Tax
from ndc_oms.model.order import BookingReference, Order
from ndc_oms.model.passenger import Contact, Passenger, PassengerType, People, Person
from ndc_oms.model.payment import Card, Payment, PaymentForm
from ndc_oms.model.product import Baggage, Cabin, FareFamily, Restriction, Stage
from ndc_oms.model.status import CouponStatus
from ndc_oms.model.step import Step
from ndc_oms.ports.store import ClaimKey, RecordOrder, Task

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SELLER = "91000000"
EAST = timezone(timedelta(hours=9))


@dataclass
class StoppedClock:
    """A clock that a test moves."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


def order(order_id: str = "ZZ0000000001", seller: str = SELLER, **changes: object) -> Order:
    """An order as it is created."""
    fare = Fare("YOW", Money(10000, "EUR"), (Tax("YQ", "carrier", Money(550, "EUR"), True),))
    family = Family("LIGHT", "Light", Cabin.ECONOMY, ("no bag",), Baggage(1, 8, 0, 0))
    rules = (Restriction(Stage.BEFORE, True, Money(5000, "EUR"), "for a fee"),)
    party = (Passenger("P1", PassengerType.ADULT), Passenger("P2", PassengerType.CHILD))
    departure = datetime(2026, 4, 1, 9, 30, tzinfo=EAST)
    leg = Leg("NRT", "CTS", departure, departure + timedelta(hours=2), "7M8")
    made = Order(
        order_id=order_id,
        owner="ZZ",
        seller=seller,
        offer_id=f"offer-{order_id}",
        currency="EUR",
        created_at=NOW,
        changed_at=NOW,
        passengers=party,
        segments=(
            OrderSegment("S1", 0, Segment("ZZ", "101", "ZZ", "101", (leg,)), "Y", Cabin.ECONOMY),
        ),
        items=tuple(
            OrderItem(
                f"{order_id}-I{n}",
                f"{order_id}-{n}",
                passenger.id,
                0,
                family,
                fare,
                rules,
                rules,
                (Service(f"V{n}", "S1"),),
            )
            for n, passenger in enumerate(party, 1)
        ),
        payments=(
            Payment(
                "M1",
                PaymentForm.CARD,
                "simulated",
                Money(21100, "EUR"),
                card=Card("tok_1", "VI", "1111"),
            ),
        ),
        hold_reference=f"{order_id}:hold",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names its own changes


def offer(offer_id: str = "o1") -> Offer:
    """The offer that `order` would be made of, priced."""
    sold = order()
    family = FareFamily(
        "LIGHT", "Light", Cabin.ECONOMY, 1, ("x",), Baggage(1, 8, 0, 0), False, False, True
    )
    bound = PricedBound(
        Journey((sold.segments[0].flight,)),
        family,
        ("Y",),
        {passenger.type: sold.items[0].fare for passenger in sold.passengers},
        sold.items[0].changes,
        (),
    )
    return Offer(
        offer_id=offer_id,
        owner="ZZ",
        seller=SELLER,
        currency="EUR",
        party=sold.passengers,
        bounds=(bound,),
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=20),
        pricing_version="v1",
        priced=True,
    )


def document(number: str, passenger_id: str) -> Document:
    flight = order().segments[0].flight.key
    value = Money(10550, "EUR")
    return Document(
        number,
        DocumentType.TICKET,
        passenger_id,
        NOW,
        (Coupon(1, CouponStatus.OPEN, "S1", flight, "Y", "YOW", value),),
        value,
    )


PEOPLE = People(
    (
        Person("P1", "Näslund", ("Åsa",), birthdate=date(1980, 2, 29), contact_ids=("C1",)),
        Person("P2", "Näslund", ("Bo",), birthdate=date(2018, 5, 1)),
    ),
    (Contact("C1", emails=("asa@example.com",), phones=("+4612345",)),),
)


def life(made: Order, serial: int = 1) -> list[Event]:
    """From its creation to its capture. serial: of its first document number."""
    at = iter(NOW + timedelta(seconds=second) for second in range(1, 9))
    return [
        OrderCreated(at=NOW, order=made),
        PaymentAuthorised(at=next(at), payment_id="M1", authorisation="A1"),
        SeatsBooked(at=next(at), booking=BookingReference("ZZ", "ABC123")),
        DocumentsIssued(
            at=next(at), passenger_id="P1", documents=(document(f"999{serial:010d}", "P1"),)
        ),
        DocumentsIssued(
            at=next(at), passenger_id="P2", documents=(document(f"999{serial + 1:010d}", "P2"),)
        ),
        PaymentCaptured(at=next(at), payment_id="M1", capture="K1", amount=Money(21100, "EUR")),
    ]


def record(
    before: Order | None, events: Sequence[Event], people: People | None = None, **more: object
) -> RecordOrder:
    """The unit that records these events after `before`, with what they post."""
    state, posted = before, []
    for event in events:
        previous, state = state, apply(state, event)
        moved = transaction(previous, event, state)
        if moved is not None:
            posted.append(moved)
    assert state is not None
    sequence = 0 if before is None else before.sequence
    return RecordOrder(state, sequence, tuple(events), tuple(posted), people, **more)  # type: ignore[arg-type]


def creation(
    order_id: str = "ZZ0000000001", seller: str = SELLER, **changes: object
) -> RecordOrder:
    made = order(order_id, seller, **changes)
    return record(None, [OrderCreated(at=NOW, order=made)], PEOPLE, next_task=task(order_id))


def task(order_id: str, step: Step = Step.AUTHORISE, due_at: datetime = NOW) -> Task:
    return Task(f"{order_id}:{step}:M1", order_id, step, "M1", due_at, NOW)


def claim(
    key: str = "k1", order_id: str = "ZZ0000000001", now: datetime = NOW, **changes: object
) -> ClaimKey:
    made = ClaimKey(
        seller=SELLER,
        key=key,
        body_hash="b1",
        order_id=order_id,
        offer_id=f"offer-{order_id}",
        now=now,
        lease_until=now + timedelta(seconds=30),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
