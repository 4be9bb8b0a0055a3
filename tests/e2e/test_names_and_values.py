"""What a name that is corrected leaves as it was: the free void, and values on documents."""

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.e2e.airline import kept
from tests.e2e.servicing import (
    ADULT,
    AHEAD,
    bought,
    by_plan,
    codes,
    coupons,
    payments,
    refunded,
    seen,
    settle,
    texts,
)
from tests.e2e.test_names import correct
from tests.e2e.test_servicing_changes import on
from tests.e2e.with_services import buy_with
from tests.houses import Served

from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.model.change import residual_values
from ndc_oms.model.documents import Document
from ndc_oms.ports.outcome import Confirmed, Outcome
from ndc_oms.ports.pss import DocumentRequest

CAPTURE_DECLINES = "4000000000008005"


# -- the void window ---------------------------------------------------------------------------


async def test_who_was_corrected_cancels_for_nothing_as_before(served: Served) -> None:
    order = await bought(served)
    served.clock.advance(timedelta(hours=3))
    assert (await correct(served, order, "Hanssen", "Maren")).errors == ()
    corrected = order_of(await seen(served, order))
    quoted = await served.talk.reshop(order.order_id)
    assert texts(quoted, "DifferentialTypeCode") == ["Void"]
    assert refunded(quoted) == Decimal(order.amount)
    done = await served.talk.accept_cancelled(corrected, quoted, "cancel")
    assert done.errors == ()
    after = await seen(served, order)
    assert order_of(after).status == "CLOSED"
    assert coupons(after) == ["E", "V"]
    assert payments(after)[-1] == (f"-{order.amount}", "SUCCESSFUL")
    assert await served.findings() == []


async def test_a_correction_makes_the_void_window_no_longer(served: Served) -> None:
    """Neither that of the ticket nor that of a bag whose EMD was issued anew."""
    order, view = await buy_with(served, ADULT, ("BAG23", 1))
    served.clock.advance(timedelta(hours=20))
    assert (await correct(served, order_of(view), "Hanssen", "Maren")).errors == ()
    assert coupons(await seen(served, order)) == ["E", "E", "O", "O"]
    bag = (await kept(served, order)).live_ancillaries[0].id
    whole = await served.talk.reshop(order.order_id)
    assert texts(whole, "DifferentialTypeCode") == ["Void", "Void"]
    alone = await served.talk.reshop(order.order_id, [bag])
    assert texts(alone, "DifferentialTypeCode") == ["Void"]
    served.clock.advance(timedelta(hours=5))  # 25 after the sale, 5 after the correction
    whole = await served.talk.reshop(order.order_id)
    assert texts(whole, "DifferentialTypeCode") == ["Refund", "Refund"]
    assert refunded(whole) < Decimal(order.amount)
    alone = await served.talk.reshop(order.order_id, [bag])
    assert texts(alone, "DifferentialTypeCode") == ["Refund"]


async def test_a_name_that_was_paid_for_is_not_paid_back(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    paid = await served.talk.accept_change(order, offer, "name", by_plan(offer.amount))
    assert paid.errors == ()
    quoted = await served.talk.reshop(order.order_id)
    assert refunded(quoted) == Decimal(order.amount)
    done = await served.talk.accept_cancelled(order_of(paid), quoted, "cancel")
    assert done.errors == ()
    after = await seen(served, order)
    assert coupons(after) == ["E", "V", "F"]
    back = [Decimal(amount) for amount, _ in payments(after)]
    assert sum(back) == Decimal(offer.amount)  # the fee is kept, and nothing else
    assert await served.findings() == []


async def test_other_flights_are_not_voided_for_the_first_sale(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 4))
    chosen = change_offers_of(quoted)[0]
    paid = by_plan(str(chosen.collect))
    changed = await served.talk.accept_change(order, chosen, "change", paid)
    assert changed.errors == ()
    assert (await correct(served, order_of(changed), "Hanssen", "Maren")).errors == ()
    await settle(served)
    quoted = await served.talk.reshop(order.order_id)
    assert texts(quoted, "DifferentialTypeCode") == ["Refund"]


async def test_a_change_that_was_taken_back_leaves_the_void_window(served: Served) -> None:
    """The ticket is another one, and good for what was sold at first."""
    order = await bought(served)
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, AHEAD + 4))
    chosen = next(each for each in change_offers_of(quoted) if each.families == ("FLEX",))
    declined = card(CAPTURE_DECLINES, str(chosen.collect), chosen.currency)
    refused = await served.talk.accept_change(order, chosen, "change", declined)
    assert codes(refused) == ["708"]
    assert coupons(await seen(served, order)) == ["E", "E", "O"]
    quoted = await served.talk.reshop(order.order_id)
    assert texts(quoted, "DifferentialTypeCode") == ["Void"]


# -- values ------------------------------------------------------------------------------------


async def with_value(served: Served) -> OrderSummary:
    """A passenger who did not show in business class, flies on in economy, and keeps the rest."""
    order = await bought(served, family="Business Standard")
    served.clock.advance(timedelta(days=AHEAD + 1))
    quoted = await served.talk.rebook(order.order_id, order.items, on(served, 90))
    offers = [each for each in change_offers_of(quoted) if each.families == ("STANDARD",)]
    chosen = next(each for each in offers if each.types == ("Residual",))
    done = await served.talk.accept_change(order_of(await seen(served, order)), chosen, "change")
    assert done.errors == ()
    return order_of(await seen(served, order))


async def value_of(served: Served, order: OrderSummary) -> Document:
    (value,) = residual_values(await kept(served, order), "PAX1")
    return value


def printed(served: Served, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """By number, the name on each document that is issued for another from now on."""
    names: dict[str, str] = {}
    exchange = served.pss.exchange

    async def exchanging(
        reference: str, number: str, request: DocumentRequest
    ) -> Outcome[tuple[Document, ...]]:
        made = await exchange(reference, number, request)
        assert isinstance(made, Confirmed)
        names.update(dict.fromkeys((each.number for each in made.value), request.passenger_name))
        return made

    monkeypatch.setattr(served.pss, "exchange", exchanging)
    return names


async def test_a_value_follows_a_corrected_name(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await with_value(served)
    before, names = await value_of(served, order), printed(served, monkeypatch)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Hanssen", "Maren")
    assert any(before.number in text for text in texts(quoted, "DescText"))
    (offer,) = change_offers_of(quoted)
    done = await served.talk.accept_change(order, offer, "name")
    assert done.errors == ()
    await settle(served)
    after = await value_of(served, order)
    assert (after.exchange_of, after.total) == (before.number, before.total)
    assert [(each.rfisc, each.value) for each in after.coupons] == [("99I", before.total)]
    assert names[after.number].startswith("HANSSEN/MAREN")
    assert await served.findings() == []


async def test_a_value_is_nobody_else_s(served: Served) -> None:
    order = await with_value(served)
    before = await value_of(served, order)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Signe")
    assert any("stays in the name" in text for text in texts(quoted, "DescText"))
    (offer,) = change_offers_of(quoted)
    paid = by_plan(offer.amount) if Decimal(offer.amount) else ""
    assert (await served.talk.accept_change(order, offer, "name", paid)).errors == ()
    await settle(served)
    assert await value_of(served, order) == before
    assert await served.findings() == []


async def test_a_value_is_as_it_was_where_the_name_cannot_be_changed(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await with_value(served)
    before, names = await value_of(served, order), printed(served, monkeypatch)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    declined = card(CAPTURE_DECLINES, offer.amount, offer.currency)
    refused = await served.talk.accept_change(order, offer, "name", declined)
    assert codes(refused) == ["708"]
    await settle(served)
    after = await value_of(served, order)
    assert after.total == before.total
    stored = await kept(served, order)
    between = next(d for d in stored.documents if d.number == after.exchange_of)
    assert between.exchange_of == before.number
    assert names[between.number].startswith("LINDQVIST/MAREN")
    assert names[after.number].startswith("HANSEN/MAREN")
    assert await served.findings() == []
