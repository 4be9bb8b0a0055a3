"""Orders that vouchers paid for, given back or changed to what costs less: each voucher has again
what it is owed, to the cent, and can be used for it.
"""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.servicing import ADULT, AHEAD, COUPLE, offer, payments, refunded, seen
from tests.houses import Served

from ndc_oms.kit.conversation import OfferSummary, OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import Pax, card
from ndc_oms.kit.servicing import voucher
from ndc_oms.payments.gateways.vouchers import VoucherBook

VISA = "4111111111111111"
SMALL, LARGE = "VCH100CAD11", "VCH9000CAD12"


async def left_on(served: Served, number: str) -> Decimal:
    book = served.house.sides.gateways["vouchers"]
    assert isinstance(book, VoucherBook)
    balance = await book.balance(number)
    assert balance is not None
    return Decimal(balance.minor) / 100


async def paid_by(
    served: Served, party: tuple[Pax, ...], firm: OfferSummary, *means: str
) -> OrderSummary:
    made = await served.talk.create(firm, party, "buy", payment="".join(means))
    assert made.errors == ()
    return order_of(await seen(served, order_of(made)))


async def given_back(served: Served, order: OrderSummary, key: str, *items: str) -> Decimal:
    """After the void window, so that a fee is kept; what came back."""
    quoted = await served.talk.reshop(order.order_id, items)
    done = await served.talk.accept_cancelled(order, quoted, key)
    assert done.errors == ()
    await seen(served, order)
    return refunded(quoted)


async def test_a_part_goes_back_to_the_last_form_first(served: Served) -> None:
    """Card, then a large voucher, then a small one paid: the small one is full again, the large one
    gets the rest, and the card nothing.
    """
    firm = await offer(served, COUPLE, family="Economy Flex")
    rest = Decimal(firm.amount) - 900
    means = (
        card(VISA, f"{rest:.2f}", "CAD"),
        voucher(LARGE, "800.00", "CAD"),
        voucher(SMALL, "100.00", "CAD"),
    )
    order = await paid_by(served, COUPLE, firm, *means)
    assert (await left_on(served, SMALL), await left_on(served, LARGE)) == (0, 8200)
    served.clock.advance(timedelta(days=2))
    came = await given_back(served, order, "one", order.items[1])
    first = min(came - 100, Decimal(800))
    assert came > 100
    assert await left_on(served, SMALL) == 100
    assert await left_on(served, LARGE) == 8200 + first
    assert await served.findings() == []
    latest = order_of(await seen(served, order))
    more = await given_back(served, latest, "two")
    back = [
        Decimal(amount) for amount, _ in payments(await seen(served, order)) if amount[0] == "-"
    ]
    assert sum(back) == -(came + more)
    assert await left_on(served, LARGE) == min(Decimal(9000), 8200 + came - 100 + more)
    assert await served.findings() == []


async def test_what_a_cheaper_flight_leaves_goes_back_to_the_voucher(served: Served) -> None:
    """A part first, and by another quote all that is left, less its fee."""
    firm = await offer(served, ADULT, family="Economy Flex")
    order = await paid_by(served, ADULT, firm, voucher(LARGE, firm.amount, "CAD"))
    assert await left_on(served, LARGE) == 9000 - Decimal(firm.amount)
    there = [("YYZ", "LHR", served.today + timedelta(days=AHEAD))]
    quoted = await served.talk.rebook(order.order_id, order.items, there)
    cheaper = next(e for e in change_offers_of(quoted) if e.families == ("STANDARD",))
    assert (cheaper.collect, cheaper.back > 0) == (0, True)
    assert (await served.talk.accept_change(order, cheaper, "change", "")).errors == ()
    latest = order_of(await seen(served, order))
    spent = Decimal(firm.amount) - cheaper.back
    assert await left_on(served, LARGE) == 9000 - spent
    assert await served.findings() == []
    came = await given_back(served, latest, "all")
    assert 0 < came < spent
    assert await left_on(served, LARGE) == 9000 - spent + came
    assert await served.findings() == []


async def test_a_voucher_that_came_back_pays_again(served: Served) -> None:
    """Inside the void window nothing is kept, and the number is as good as new."""
    firm = await offer(served, ADULT)
    order = await paid_by(served, ADULT, firm, voucher(LARGE, firm.amount, "CAD"))
    assert await given_back(served, order, "back") == Decimal(firm.amount)
    assert await left_on(served, LARGE) == 9000
    again = await offer(served, ADULT)
    made = await served.talk.create(
        again, ADULT, "again", payment=voucher(LARGE, again.amount, "CAD")
    )
    assert made.errors == ()
    await seen(served, order_of(made))
    assert await left_on(served, LARGE) == 9000 - Decimal(again.amount)
    assert await served.findings() == []
