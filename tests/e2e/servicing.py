"""What the tests of servicing share: an order held or paid, and how a reply is read."""

from datetime import timedelta
from decimal import Decimal

from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, OrderSummary, offers_of, order_of
from ndc_oms.kit.requests import Pax, settlement_plan
from ndc_oms.ports.outcome import Confirmed

AGENCY = "91000000"
ADULT = (Pax("PAX1", surname="Hansen", given="Maren"),)
COUPLE = (*ADULT, Pax("PAX2", surname="Hansen", given="Soren"))
AHEAD = 60  # days to departure: far from every limit


async def offer(
    served: Served,
    party: tuple[Pax, ...] = ADULT,
    *,
    family: str = "Economy Standard",
    ahead: int = AHEAD,
    there_and_back: bool = False,
) -> OfferSummary:
    """A priced offer in this family, one way or there and back."""
    day = served.today + timedelta(days=ahead)
    bounds = [("YYZ", "LHR", day), ("LHR", "YYZ", day + timedelta(days=7))]
    shopped = offers_of(await served.talk.shop(bounds if there_and_back else bounds[:1], party))
    wanted = next(each for each in shopped if family in each.families)
    (firm,) = offers_of(await served.talk.price(wanted, party))
    return firm


async def hold(
    served: Served, party: tuple[Pax, ...] = ADULT, *, there_and_back: bool = False
) -> OrderSummary:
    """Seats without payment."""
    firm = await offer(served, party, there_and_back=there_and_back)
    return order_of(await served.talk.hold(firm, party, "hold"))


async def bought(
    served: Served,
    party: tuple[Pax, ...] = ADULT,
    *,
    family: str = "Economy Standard",
    there_and_back: bool = False,
) -> OrderSummary:
    """A ticketed order, paid by card."""
    firm = await offer(served, party, family=family, there_and_back=there_and_back)
    order = order_of(await served.talk.create(firm, party, "buy"))
    retrieved = await seen(served, order)
    assert set(coupons(retrieved)) == {"O"}
    return order_of(retrieved)


def by_plan(amount: str, currency: str = "CAD") -> str:
    return settlement_plan(AGENCY, amount, currency)


async def settle(served: Served) -> None:
    """Does all that is due."""
    while await served.house.deliverer.run_due():
        pass


async def seen(served: Served, order: OrderSummary) -> Reply:
    """The order after everything that is due is done."""
    await settle(served)
    retrieved = await served.talk.retrieve(order.order_id)
    assert retrieved.errors == ()
    return retrieved


async def seats_left(served: Served, order: OrderSummary) -> list[int]:
    """What the PSS has left in the booked class of each flight of the order."""
    segments = (await served.house.store.get_order(order.order_id, None)).order.segments
    answer = await served.pss.check([each.flight.key for each in segments])
    assert isinstance(answer, Confirmed)
    return [answer.value[each.flight.key][each.rbd] for each in segments]


def texts(reply: Reply, name: str) -> list[str]:
    return [each.text or "" for each in reply.all(f"//{name}")]


def coupons(reply: Reply) -> list[str]:
    return texts(reply, "CouponStatusCode")


def payments(reply: Reply) -> list[tuple[str, str]]:
    """(amount, status) of each payment and refund, in the order of the reply."""
    lines = reply.all("PaymentFunctions/PaymentProcessingSummary")
    return [
        (line.findtext("{*}Amount") or "", line.findtext("{*}PaymentStatusCode") or "")
        for line in lines
    ]


def codes(reply: Reply) -> list[str]:
    return [code for code, _ in reply.errors]


def refunded(quoted: Reply) -> Decimal:
    """What an OrderReshopRS would give back."""
    path = "Response/ReshopResults/ReshopOffers/Offer/TotalPrice/TotalAmount"
    return -Decimal(quoted.text(path))
