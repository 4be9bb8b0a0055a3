"""An offer, its seller, and the request that accepts it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.orders.fake_clock import NOW

from ndc_oms.model.ancillary import EmdKind, Product
from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Fare, Offer, PricedBound, Tax
from ndc_oms.model.passenger import Contact, Passenger, PassengerType, People, Person
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.product import Baggage, Cabin, FareFamily, Restriction, Stage
from ndc_oms.offers.request import SelectedItem, Selection
from ndc_oms.orders.request import CreateRequest, PaymentRequest
from ndc_oms.ports.payment import CardData
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.world.currencies import CurrencyRule
from ndc_oms.world.passengers import PassengerRule
from ndc_oms.world.services import Catalogue, CatalogueProduct, Rates, ServicePrice

SELLER = Seller("91000000", "Demo travel", "EUR")
OTHER = Seller("92000000", "Other travel", "EUR")
T = PassengerType


AGES = {
    kind: PassengerRule(kind, kind.name, low, high, Decimal(100), "")
    for kind, low, high in (
        (T.ADULT, 12, 130),
        (T.CHILD, 2, 11),
        (T.INFANT, 0, 1),
        (T.INFANT_SEATED, 0, 1),
        (T.YOUTH, 12, 24),
    )
}
BORN = {
    T.ADULT: date(1990, 5, 5),
    T.CHILD: date(2025, 1, 2),
    T.INFANT: date(2030, 6, 1),
    T.INFANT_SEATED: date(2030, 6, 1),
    T.YOUTH: date(2012, 1, 1),
}
FAMILY = FareFamily(
    "FLEX", "Flex", Cabin.ECONOMY, 1, ("a bag",), Baggage(1, 8, 1, 23), True, True, True
)
RULES = (Restriction(Stage.BEFORE, True, Money(5000, "EUR"), "50 EUR"),)


def catalogue() -> Catalogue:
    """A bag on an EMD-A, a lounge on an EMD-S of which there is one a flight, a wheelchair."""
    everybody = frozenset(PassengerType)

    def product(code: str, emd: EmdKind, price: str, **more: Any) -> CatalogueProduct:
        known = {"ssr": "WCHR"} if not Decimal(price) else {"rfic": "C", "rfisc": "0CC"}
        return CatalogueProduct(
            Product(code, code.title(), emd=emd, **known | more),
            taxonomy="",
            per="flight",
            passengers=everybody,
            cabins=frozenset(Cabin),
            families=frozenset(),
            included_in=frozenset(),
            most=3,
            notice_h=0,
            bundle=(),
            prices=(ServicePrice("*", None, Decimal(price), "EUR"),),
        )

    found = (
        product("BAG", EmdKind.ASSOCIATED, "25.01", ssr="XBAG", refund_until_h=24),
        product("LOUNGE", EmdKind.STANDALONE, "40.00", stock=1, refundable=False),
        product("CHAIR", EmdKind.NONE, "0"),
    )
    zones: Any = None  # every price is for everywhere
    euro = CurrencyRule("EUR", Decimal(1), Decimal("0.01"), Decimal("0.01"))
    return Catalogue(rates=Rates(zones, {}, {"EUR": euro}), found=found)


def fare(kind: PassengerType, currency: str = "EUR") -> Fare:
    base = 1003 if kind is T.INFANT else 10007
    taxes = (Tax("YR", "carrier", Money(1234, currency), True),)
    return Fare(f"YFLEX{kind}", Money(base, currency), taxes)


def bound(day: int, flights: int, there: bool = True, currency: str = "EUR") -> PricedBound:
    start = datetime(2031, 5, day, 8, tzinfo=UTC)
    segments = []
    for at in range(flights):
        stops = [f"AA{chr(65 + at)}", f"AA{chr(66 + at)}"][:: 1 if there else -1]
        leaves = start + timedelta(hours=3 * at)
        leg = Leg(stops[0], stops[1], leaves, leaves + timedelta(hours=2), "320")
        segments.append(Segment("XX", str(100 + at), "XX", str(100 + at), (leg,)))
    return PricedBound(
        Journey(tuple(segments)),
        FAMILY,
        ("Y",) * flights,
        {kind: fare(kind, currency) for kind in T},
        RULES,
        RULES,
    )


def party_of(*kinds: PassengerType) -> tuple[Passenger, ...]:
    """PAX1 and on; infants go to the adults in turn."""
    adults = [f"PAX{n}" for n, kind in enumerate(kinds, 1) if kind is T.ADULT]
    laps = iter(adults)
    return tuple(
        Passenger(f"PAX{n}", kind, next(laps) if kind is T.INFANT else None)
        for n, kind in enumerate(kinds, 1)
    )


def offer_for(
    party: tuple[Passenger, ...], bounds: tuple[PricedBound, ...] | None = None, **other: Any
) -> Offer:
    given: dict[str, Any] = {
        "offer_id": "OFFER-0123456789A",
        "owner": "XX",
        "seller": SELLER.org_id,
        "currency": "EUR",
        "party": party,
        "bounds": bounds or (bound(2, 1), bound(9, 2, there=False)),
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=30),
        "pricing_version": "v1",
    }
    return Offer(**given | other)


def people_of(party: tuple[Passenger, ...]) -> People:
    persons = tuple(
        Person(
            p.id,
            "Example",
            (chr(64 + n) * 3,),
            birthdate=BORN[p.type],
            title="Mr",
            contact_ids=("C1",) if n == 1 else (),
        )
        for n, p in enumerate(party, 1)
    )
    return People(persons, (Contact("C1", emails=("a@example.com",), phones=("+49 30 123456",)),))


CARD = CardData("4000000000000002", "1233", "VI", "123", "A EXAMPLE")


def request_for(offer: Offer, **other: Any) -> CreateRequest:
    items = tuple(SelectedItem(i.id, (i.passenger.id,), "/item") for i in offer.items)
    given: dict[str, Any] = {
        "selections": (Selection(offer.offer_id, offer.owner, items, "/offer"),),
        "passengers": offer.party,
        "people": people_of(offer.party),
        "payments": (PaymentRequest(PaymentForm.CARD, offer.total, CARD, path="/PaymentDetails"),),
        "passengers_path": "/RQ/DataLists/PaxList",
    }
    return CreateRequest(**given | other)


def attempt(key: str = "trx:1", body: str = "aa") -> Attempt:
    return Attempt(key, body)
