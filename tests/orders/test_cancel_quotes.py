"""Quotes of what comes back: how long they hold, whose they are, what they need to know."""

from collections import Counter
from datetime import timedelta

import pytest
from tests.orders.cancelling import AFTER, BEFORE, NO_SHOW, all_gone, balances, eur, priced
from tests.orders.offered import SELLER, T, attempt
from tests.orders.servicing import card, desk

from ndc_oms.errors import Refusal
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus
from ndc_oms.orders.request import AcceptQuote, ChangeRequest, ReshopRequest


async def test_a_quote_is_for_its_time_and_version() -> None:
    house = desk()
    await house.sell(T.ADULT, T.ADULT)
    first, second = await house.quoted(), await house.quoted()
    house.clock.time += timedelta(seconds=900)
    with pytest.raises(Refusal) as refused:
        await house.accept(first)
    assert refused.value.code == "913"
    third, fourth = await house.quoted(), await house.quoted()
    await house.accept(third)
    for stale in (third, fourth, second):
        with pytest.raises(Refusal) as refused:
            await house.accept(stale)
        assert refused.value.code in ("182", "913")
    assert house.gateway.applied["refund"] == 1


async def test_quotes_that_are_not_of_this_order() -> None:
    house = desk()
    order = await house.sell()
    quote = await house.quoted()
    strange = (
        AcceptQuote(("Q-none",), cancels=True),
        AcceptQuote((quote.quote_id,), cancels=False),
    )
    for change in strange:
        with pytest.raises(Refusal) as refused:
            await house.ask(change)
        assert refused.value.code == "913"
    with pytest.raises(Refusal) as refused:
        await house.ask(AcceptQuote((quote.quote_id, "Q-2"), cancels=True))
    assert refused.value.code == "912"
    accept = AcceptQuote((quote.quote_id,), cancels=True)
    request = ChangeRequest(house.reference(), accept, (card(order.total),))
    with pytest.raises(Refusal) as refused:
        await house.change(request, SELLER, attempt("with payment"))
    assert refused.value.code == "912"


async def test_a_passenger_who_boards_after_the_quote() -> None:
    house = desk()
    order = await house.sell(bounds=priced(BEFORE, AFTER, NO_SHOW))
    house.clock.time = order.segments[0].flight.departure - timedelta(minutes=5)
    quote = await house.quoted()
    house.pss.fly(order.documents[0].number, "SEG1")
    with pytest.raises(Refusal) as refused:
        await house.accept(quote)
    assert refused.value.code == "913"


async def test_a_passenger_who_has_checked_in() -> None:
    house = desk()
    order = await house.sell()
    house.pss.fly(order.documents[0].number, "SEG1", CouponStatus.CHECKED_IN)
    with pytest.raises(Refusal) as refused:
        await house.quoted()
    assert refused.value.code == "182"


async def test_a_pss_that_does_not_show_documents() -> None:
    house = desk()
    order = await house.sell()
    number = order.documents[0].number
    hidden = house.pss.documents.pop(number)
    with pytest.raises(Refusal) as refused:
        await house.quoted()
    assert refused.value.code == "182"
    house.pss.documents[number] = hidden


async def test_a_hold_is_quoted_too() -> None:
    house = desk()
    order = await house.hold(T.ADULT)
    quote = await house.quoted()
    assert (quote.refund, quote.old_total) == (eur(0), order.total)
    await house.accept(quote)
    assert all_gone(house)
    assert balances(house) == Counter()


async def test_a_quote_changes_nothing() -> None:
    house = desk()
    order: Order = await house.sell()
    await house.quoted()
    assert house.order == order
    with pytest.raises(Refusal) as refused:
        await house.reshop(ReshopRequest(house.reference(version=9)), SELLER)
    assert refused.value.code == "476"
