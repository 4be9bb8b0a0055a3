"""Names: corrected for nothing, changed for a fee, refused; booking, documents and money follow."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.e2e.servicing import (
    ADULT,
    COUPLE,
    bought,
    by_plan,
    codes,
    coupons,
    hold,
    payments,
    seen,
    texts,
)
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.requests import Pax, card
from ndc_oms.kit.seeing import order_history
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.kit.servicing import accept_quoted, called, order_change, order_rename, update_pax
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import Pnr

DECLINED = "4000000000002008"
FREE = '<Amount CurCode="CAD">0.00</Amount>'


async def stored(served: Served, order: OrderSummary) -> Order:
    return (await served.house.store.get_order(order.order_id, None)).order


async def booked(served: Served, order: OrderSummary, passenger: str = "PAX1") -> Pnr:
    reference = (await stored(served, order)).booking_of(passenger)
    assert reference is not None
    shown = await served.pss.pnr(reference.locator)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return shown.value


async def correct(
    served: Served, order: OrderSummary, surname: str, *given: str, title: str | None = None
) -> Reply:
    """By UpdatePax, at once."""
    lists = f"<PaxList>{called('T1', surname, *given, title=title)}</PaxList>"
    return await served.talk.change(order, "name", update_pax("PAX1", "T1"), lists=lists)


async def test_a_correction_by_update_is_done_at_once(served: Served) -> None:
    order = await bought(served, COUPLE)
    reply = await correct(served, order, "Hanssen", "Maren")
    assert reply.errors == ()
    after = await seen(served, order)
    assert texts(after, "Surname") == ["Hanssen", "Hansen"]
    assert coupons(after) == ["E", "O", "O"]
    assert payments(after) == payments(await served.talk.retrieve(order.order_id))
    assert order_of(after).amount == order.amount
    pnr = await booked(served, order)
    assert [t.surname for t in pnr.travellers] == ["HANSSEN", "HANSEN"]
    now = await stored(served, order)
    (ticket,) = now.tickets_of("PAX1")
    assert ticket.exchange_of is not None
    assert now.corrected == ("PAX1",)
    assert now.people_booked == now.people_changes
    assert await served.findings() == []


async def test_what_the_booking_says_of_a_passport_follows(served: Served) -> None:
    born = Pax("PAX1", surname="Hansen", given="Maren", birthdate=served.today.replace(1985))
    order = await bought(served, (born,))
    assert (await correct(served, order, "Hanssen", "Maren")).errors == ()
    await seen(served, order)
    (docs,) = [s.text for s in (await booked(served, order)).services if s.code == "DOCS"]
    assert docs.endswith("HANSSEN/MAREN")


async def test_a_correction_is_quoted_and_accepted_for_nothing(served: Served) -> None:
    """IATA's flow, which says a payment of nothing."""
    order = await bought(served)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Hanssen", "Maren")
    assert quoted.errors == ()
    (offer,) = change_offers_of(quoted)
    assert Decimal(offer.amount) == 0
    assert texts(quoted, "TaxonomyCode") == ["012C"]
    assert texts(quoted, "Surname") == ["Hanssen"]
    free = (
        f"<PaymentFunctions><PaymentProcessingDetails>{FREE}<PaymentMethod><OfflinePayment>"
        "<PaymentTypeCode>OT</PaymentTypeCode></OfflinePayment></PaymentMethod>"
        "</PaymentProcessingDetails></PaymentFunctions>"
    )
    done = await served.talk.accept_change(order, offer, "name", free)
    assert done.errors == ()
    after = await seen(served, order)
    assert texts(after, "Surname") == ["Hanssen"]
    assert coupons(after) == ["E", "O"]
    assert len(payments(after)) == 1
    assert await served.findings() == []


async def test_another_surname_is_paid_for(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    assert Decimal(offer.amount) == 150
    unpaid = await served.talk.accept_change(order, offer, "unpaid")
    assert codes(unpaid) == ["290"]
    done = await served.talk.accept_change(order, offer, "name", by_plan(offer.amount))
    assert done.errors == ()
    after = await seen(served, order)
    assert texts(after, "Surname") == ["Lindqvist"]
    assert coupons(after) == ["E", "O", "F"]
    assert [status for _, status in payments(after)] == ["SUCCESSFUL"] * 2
    assert order_of(after).amount == order.amount
    now = await stored(served, order)
    assert now.corrected == ()
    told = await served.client.send(order_history(order.order_id))
    assert {"TRAVELLER RENAMED", "NAME CHANGED"} <= {*texts(told, "ChangeTypeCode")}
    (fee,) = [document for document in now.documents if document.of_money]
    assert fee.total.minor == 15_000
    assert await served.findings() == []
    # what is then given back, is given back of what the ticket cost
    served.clock.advance(timedelta(days=3))
    back = await served.talk.reshop(order.order_id)
    over = await served.talk.accept_cancelled(order_of(after), back, "cancel")
    assert over.errors == ()
    assert await served.findings() == []


async def test_somebody_else_takes_the_seat(served: Served) -> None:
    born = Pax("PAX1", surname="Hansen", given="Maren", birthdate=served.today.replace(1985))
    order = await bought(served, (born,), family="Economy Flex")
    quoted = await served.talk.rename(order.order_id, "PAX1", "Okafor", "Chidi")
    (offer,) = change_offers_of(quoted)
    assert Decimal(offer.amount) == 75
    done = await served.talk.accept_change(order, offer, "name", by_plan(offer.amount))
    assert done.errors == ()
    after = await seen(served, order)
    assert texts(after, "Surname") == ["Okafor"]
    assert texts(after, "Birthdate") == []
    (traveller,) = (await booked(served, order)).travellers
    assert (traveller.surname, traveller.given, traveller.birthdate) == ("OKAFOR", "CHIDI", None)
    assert await served.findings() == []


async def test_documents_of_services_follow(served: Served) -> None:
    """Of one that goes with the ticket, and of one that does not."""
    order = await bought(served)
    listed = services_of(await served.client.send(list_for_order(order.order_id)))
    bag = next(each for each in listed if each.code == "BAG23")
    lounge = next(each for each in listed if each.code == "LOUNGE")
    picked = [Picked(each, ("PAX1",)) for each in (bag, lounge)]
    price = sum(Decimal(each.price) for each in (bag, lounge))
    paid = by_plan(str(price))
    assert (await served.talk.change(order, "add", added(picked), payments=paid)).errors == ()
    latest = order_of(await seen(served, order))
    before = await stored(served, order)
    assert (await correct(served, latest, "Hanssen", "Maren")).errors == ()
    await seen(served, order)
    now = await stored(served, order)
    (ticket,) = now.tickets_of("PAX1")
    for item in now.live_ancillaries:
        (old,), (new,) = before.emds_of(item), now.emds_of(item)
        assert old.number != new.number
        assert (new.total, new.type) == (old.total, old.type)
        assert new.associated_with in {None, ticket.number}
    assert await served.findings() == []


async def test_a_held_order_is_corrected_before_it_is_paid(served: Served) -> None:
    order = await hold(served)
    order = order_of(await seen(served, order))
    assert (await correct(served, order, "Hanssen", "Maren")).errors == ()
    latest = order_of(await seen(served, order))
    assert [t.surname for t in (await booked(served, order)).travellers] == ["HANSSEN"]
    quoted = await served.talk.rename(order.order_id, "PAX1", "Okafor", "Chidi")
    assert codes(quoted) == ["137"]
    assert (await served.talk.pay(latest, by_plan(order.amount), "pay")).errors == ()
    assert coupons(await seen(served, order)) == ["O"]
    assert await served.findings() == []


async def test_more_than_a_correction_is_not_done_by_update(served: Served) -> None:
    order = await bought(served)
    before = await served.house.store.list_events(order.order_id)
    refused = await correct(served, order, "Lindqvist", "Maren")
    assert codes(refused) == ["137"]
    assert "CAD" in texts(refused, "DescText")[0]
    assert await served.house.store.list_events(order.order_id) == before
    assert texts(await seen(served, order), "Surname") == ["Hansen"]


async def test_a_name_is_corrected_once_for_nothing(served: Served) -> None:
    order = await bought(served)
    assert (await correct(served, order, "Hanssen", "Maren")).errors == ()
    await seen(served, order)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Hansson", "Maren")
    (offer,) = change_offers_of(quoted)
    assert Decimal(offer.amount) == 150


@pytest.mark.parametrize(
    ("surname", "given", "code"),
    [
        ("Hansen", "Soren", "399"),
        ("Иванов", "Maren", "314"),
        ("H" * 64, "Maren", "149"),
        ("Hansen", "Maren", "137"),
    ],
)
async def test_names_that_cannot_be(served: Served, surname: str, given: str, code: str) -> None:
    order = await bought(served, COUPLE)
    refused = await served.talk.rename(order.order_id, "PAX1", surname, given)
    assert codes(refused) == [code]
    assert "UpdatePaxName" in texts(refused, "TagText")[0]


async def test_the_cheapest_fare_is_only_corrected(served: Served) -> None:
    order = await bought(served, family="Economy Light")
    refused = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    assert codes(refused) == ["137"]
    assert (await correct(served, order, "Hansne", "Maren")).errors == ()


async def test_a_child_becomes_nobody_else(served: Served) -> None:
    child = Pax("PAX2", "CHD", "Hansen", "Jonas", birthdate=served.today.replace(2019))
    order = await bought(served, (*ADULT, child))
    refused = await served.talk.rename(order.order_id, "PAX2", "Okafor", "Chidi")
    assert codes(refused) == ["137"]
    married = await served.talk.rename(order.order_id, "PAX2", "Lindqvist", "Jonas")
    assert married.errors == ()


async def fly(served: Served, order: OrderSummary, coupon: int, *statuses: CouponStatus) -> None:
    (ticket,) = (await stored(served, order)).tickets_of("PAX1")
    for status in statuses:
        moved = await served.pss.set_coupon(f"fly {coupon} {status}", ticket.number, coupon, status)
        assert isinstance(moved, Confirmed)


async def test_a_partly_flown_ticket_is_only_corrected(served: Served) -> None:
    order = await bought(served, there_and_back=True)
    checked_in = (CouponStatus.CHECKED_IN,)
    await fly(served, order, 1, *checked_in)
    held_up = await served.talk.rename(order.order_id, "PAX1", "Hanssen", "Maren")
    assert codes(held_up) == ["137"]
    await fly(served, order, 1, CouponStatus.LIFTED, CouponStatus.FLOWN)
    refused = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    assert codes(refused) == ["137"]
    latest = order_of(await seen(served, order))
    assert (await correct(served, latest, "Hanssen", "Maren")).errors == ()
    now = await stored(served, order)
    assert [[c.status.value for c in d.coupons] for d in now.documents] == [["F", "E"], ["O"]]
    assert await served.findings() == []


async def test_near_departure_it_is_too_late(served: Served) -> None:
    order = await bought(served)
    departs = (await stored(served, order)).segments[0].flight.departure
    served.clock.advance(departs - served.clock.now() - timedelta(hours=23))
    refused = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    assert codes(refused) == ["137"]
    assert (await served.talk.rename(order.order_id, "PAX1", "Hanssen", "Maren")).errors == ()


async def test_the_title_alone_is_free_and_not_counted(served: Served) -> None:
    order = await bought(served)
    assert (await correct(served, order, "Hansen", "Maren", title="Dr")).errors == ()
    assert (await stored(served, order)).corrected == ()
    assert texts(await seen(served, order), "TitleName") == ["Dr"]


async def test_a_quote_is_for_one_version_and_its_passenger(served: Served) -> None:
    order = await bought(served, COUPLE)
    (offer,) = change_offers_of(
        await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    )
    ((item, _),) = offer.items
    other = accept_quoted(offer.offer_id, [(item, "PAX2")])
    paid = by_plan(offer.amount)
    assert codes(await served.talk.change(order, "other", other, payments=paid)) == ["914"]
    assert (await correct(served, order, "Hanssen", "Maren")).errors == ()
    latest = order_of(await seen(served, order))
    late = await served.talk.accept_change(latest, offer, "late", paid)
    assert codes(late) == ["913"]
    stale = replace(latest, version=order.version)
    again = await served.talk.change(stale, "stale", update_pax("PAX1", "T1"), lists=(
        f"<PaxList>{called('T1', 'Hansen', 'Maren')}</PaxList>"
    ))  # fmt: skip
    assert codes(again) == ["476"]


async def test_repeated_it_is_done_once(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    body = order_change(
        order.order_id,
        accept_quoted(offer.offer_id, offer.items),
        version=order.version,
        payments=by_plan(offer.amount),
        trx_id="once",
    )
    first, again = await served.client.send(body), await served.client.send(body)
    assert first.errors == ()
    assert again.body == first.body
    assert coupons(await seen(served, order)) == ["E", "O", "F"]


async def test_a_declined_fee_leaves_the_name(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    paid = card(DECLINED, offer.amount, offer.currency)
    refused = await served.talk.accept_change(order, offer, "name", paid)
    assert codes(refused) == ["708"]
    after = await seen(served, order)
    assert texts(after, "Surname") == ["Hansen"]
    assert coupons(after) == ["O"]
    people = (await served.house.store.get_order(order.order_id, None)).people
    assert [person.becomes for person in people.persons] == [None]
    assert await served.findings() == []


@pytest.mark.parametrize("verb", ["rename", "exchange", "issue"])
async def test_a_step_that_fails_takes_it_back(served: Served, verb: str) -> None:
    order = await bought(served)
    listed = services_of(await served.client.send(list_for_order(order.order_id)))
    bag = next(each for each in listed if each.code == "BAG23")
    wanted = added([Picked(bag, ("PAX1",))])
    added_one = await served.talk.change(order, "add", wanted, payments=by_plan(bag.price))
    assert added_one.errors == ()
    latest = order_of(await seen(served, order))
    before = await booked(served, order)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    await served.pss.plant(f"{verb}:fails:1x")
    refused = await served.talk.accept_change(latest, offer, "name", by_plan(offer.amount))
    assert codes(refused) == [{"rename": "137"}.get(verb, "182")]
    after = await seen(served, order)
    assert texts(after, "Surname") == ["Hansen"]
    assert (await booked(served, order)).travellers == before.travellers
    now = await stored(served, order)
    (item,) = now.live_ancillaries
    assert len(now.emds_of(item)) == len(now.tickets_of("PAX1")) == 1
    people = (await served.house.store.get_order(order.order_id, None)).people
    assert [person.becomes for person in people.persons] == [None]
    assert await served.findings() == []


async def test_no_event_says_a_name(served: Served) -> None:
    order = await bought(served)
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    await served.talk.accept_change(order, offer, "name", by_plan(offer.amount))
    await seen(served, order)
    for event in await served.house.store.list_events(order.order_id):
        assert "indqvist" not in repr(event).lower()


async def test_one_name_for_several_is_refused(served: Served) -> None:
    order = await bought(served, COUPLE)
    body = order_rename(order.order_id, "PAX1", "Lindqvist").replace(
        b"<PaxRefID>PAX1</PaxRefID>", b"<PaxRefID>PAX1</PaxRefID><PaxRefID>PAX2</PaxRefID>"
    )
    assert codes(await served.client.send(body)) == ["137"]
    nobody = order_rename(order.order_id, "PAX7", "Lindqvist")
    assert codes(await served.client.send(nobody)) == ["143"]
