"""OrderCreate from end to end, against fakes: what is sold is held, paid, booked and ticketed."""

from dataclasses import replace

import pytest
from tests.orders.house import House
from tests.orders.offered import CARD, SELLER, T, attempt, bound, request_for

from ndc_oms.errors import NotAllowed, Refusal, Unavailable
from ndc_oms.fulfilment.plan import next_step
from ndc_oms.model.ledger import Account
from ndc_oms.model.money import Money
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.status import DeliveryStatus, ItemStatus, OrderStatus, PaymentState
from ndc_oms.offers.request import SelectedItem, Selection
from ndc_oms.orders.build import ALPHABET
from ndc_oms.orders.request import PaymentRequest

PARTIES = [(T.ADULT,) * n for n in range(1, 10)] + [
    (T.ADULT, T.INFANT),
    (T.ADULT, T.ADULT, T.CHILD, T.INFANT, T.INFANT),
    (T.ADULT, T.YOUTH, T.CHILD, T.INFANT_SEATED, T.INFANT),
    (T.ADULT,) * 9 + (T.INFANT,) * 9,
]


@pytest.mark.parametrize("kinds", PARTIES, ids=lambda kinds: "".join(k[0] for k in kinds))
async def test_ticketed_and_paid(kinds: tuple[PassengerType, ...]) -> None:
    house = House()
    offer = house.offer(*kinds)
    view = await house.create(request_for(offer), SELLER, attempt())
    assert view.record is not None
    order = view.record.order
    assert view.notices == ()
    assert order.total == offer.total
    assert next_step(order) is None
    assert [p.state for p in order.payments] == [PaymentState.CAPTURED]
    assert sum(a.minor for a in house.gateway.captured.values()) == offer.total.minor
    seated = sum(kind.seated for kind in kinds)
    assert house.pss.seats == 100 - 3 * seated
    for passenger in order.passengers:
        (ticket,) = order.tickets_of(passenger.id)
        assert [c.segment_id for c in ticket.coupons] == ["SEG1", "SEG2", "SEG3"]
        paid = sum(i.fare.total.minor for i in order.items if i.passenger_id == passenger.id)
        assert ticket.total == Money(paid, "EUR")
    delivery = {s.delivery for item in order.items for s in item.services}
    assert delivery == {DeliveryStatus.READY_TO_PROCEED}
    assert house.store.tasks == {}
    house.check()


async def test_ids_are_unique_and_speakable() -> None:
    house = House()
    view = await house.create(request_for(house.offer(T.ADULT, T.CHILD)), SELLER, attempt())
    assert view.record is not None
    order = view.record.order
    assert order.order_id[:2] == "XX"
    assert len(order.order_id) == 12
    assert set(order.order_id[2:]) <= set(ALPHABET)
    services = [s.id for item in order.items for s in item.services]
    assert len(set(services)) == len(services) == 6
    assert len({item.id for item in order.items}) == 4
    assert [s.bound_index for s in order.segments] == [0, 1, 1]


async def test_five_flights_take_conjunction_tickets() -> None:
    house = House()
    offer = house.offer(T.ADULT, bounds=(bound(2, 3), bound(9, 2, there=False)))
    view = await house.create(request_for(offer), SELLER, attempt())
    assert view.record is not None
    first, second = view.record.order.tickets_of("PAX1")
    assert (len(first.coupons), len(second.coupons)) == (4, 1)
    assert second.conjunction_of == first.number


async def test_paid_in_parts() -> None:
    house = House()
    offer = house.offer(T.ADULT, T.ADULT)
    part = Money(1000, "EUR")
    payments = (
        PaymentRequest(PaymentForm.CARD, offer.total - part, CARD),
        PaymentRequest(
            PaymentForm.SETTLEMENT_PLAN, part, offer_item_ids=(offer.items[0].id,), path="/two"
        ),
    )
    view = await house.create(request_for(offer, payments=payments), SELLER, attempt())
    assert view.record is not None
    order = view.record.order
    assert [p.gateway for p in order.payments] == ["cards", "plan"]
    assert order.payments[1].item_ids == (order.items[0].id,)
    assert order.payments[1].card is None
    receivable = sum(
        p.amount.minor
        for t in house.store.ledger
        for p in t.postings
        if p.account is Account.RECEIVABLE
    )
    assert receivable == 0


async def test_the_senders_passengers_take_the_offers_items() -> None:
    """The sender may name passengers otherwise than the offer did."""
    house = House()
    offer = house.offer(T.ADULT, T.CHILD)
    names = {"PAX1": "mother", "PAX2": "son"}
    party = (Passenger("son", T.CHILD), Passenger("mother", T.ADULT))
    items = tuple(SelectedItem(i.id, (names[i.passenger.id],)) for i in offer.items)
    people = request_for(offer).people
    people = replace(
        people,
        persons=tuple(replace(p, passenger_id=names[p.passenger_id]) for p in people.persons),
    )
    request = request_for(
        offer,
        selections=(Selection(offer.offer_id, "XX", items),),
        passengers=party,
        people=people,
    )
    view = await house.create(request, SELLER, attempt())
    assert view.record is not None
    order = view.record.order
    assert [i.passenger_id for i in order.items] == ["mother", "son", "mother", "son"]
    assert [len(order.tickets_of(p)) for p in ("mother", "son")] == [1, 1]


async def test_an_infant_that_names_nobody_gets_a_free_lap() -> None:
    house = House()
    offer = house.offer(T.ADULT, T.ADULT, T.INFANT, T.INFANT)
    party = (*offer.party[:2], Passenger("PAX3", T.INFANT, "PAX1"), Passenger("PAX4", T.INFANT))
    view = await house.create(request_for(offer, passengers=party), SELLER, attempt())
    assert view.record is not None
    assert view.record.order.passengers[3].guardian == "PAX2"
    assert "PAX4" in view.notices[0].text


async def test_no_card_number_stays_in_reach() -> None:
    house = House()
    view = await house.create(request_for(house.offer()), SELLER, attempt())
    kept = repr((view.record, house.store.events, house.store.tasks, house.store.ledger))
    assert CARD.number not in kept
    assert "0002" in kept


async def test_sold_out() -> None:
    house = House()
    house.pss.seats = 2
    with pytest.raises(Unavailable) as refused:
        await house.create(request_for(house.offer()), SELLER, attempt())
    assert refused.value.code == "493"
    assert "XX100" in refused.value.text
    assert refused.value.done == "Nothing was done."
    assert not house.store.orders
    assert not house.store.claims


@pytest.mark.parametrize(
    ("faults", "held"),
    [
        (("after",), True),
        (("before",), True),  # proven absent, sent again
        (("before", "after"), False),
        (("before", "before"), False),
        (("raises", "slow"), True),
        (("rejects",), False),
    ],
)
async def test_hold_does_not_answer(faults: tuple[str, ...], held: bool) -> None:
    house = House()
    house.pss.plant("hold", *faults)
    request = request_for(house.offer())
    if held:
        view = await house.create(request, SELLER, attempt())
        assert view.record is not None
        assert house.pss.applied["hold"] == 1
        return
    with pytest.raises(Unavailable) as refused:
        await house.create(request, SELLER, attempt())
    assert refused.value.retry_after_s
    assert house.pss.seats == 100
    assert not house.store.orders
    view = await house.create(request, SELLER, attempt())  # the key is free again
    assert view.record is not None


async def test_hold_unknown_for_good() -> None:
    house = House()
    house.pss.plant("hold", "after")
    house.pss.plant("find", "before")
    with pytest.raises(Unavailable) as refused:
        await house.create(request_for(house.offer()), SELLER, attempt())
    assert "lapses by itself" in refused.value.done
    assert house.pss.seats == 100  # and it was released at once


@pytest.mark.parametrize(
    ("code", "kind"), [("708", NotAllowed), ("921", NotAllowed), ("DECLINED", NotAllowed)]
)
async def test_declined(code: str, kind: type[Refusal]) -> None:
    house = House()
    house.gateway.plant("authorise", f"code:{code}")
    with pytest.raises(kind) as refused:
        await house.create(request_for(house.offer()), SELLER, attempt())
    (record,) = house.store.orders.values()
    order = record.order
    assert refused.value.code == (code if code.isdigit() else "708")
    assert order.order_id in refused.value.done
    assert "nothing was charged and no seat is kept" in refused.value.done
    assert refused.value.kept
    assert order.status is OrderStatus.CLOSED
    assert order.payments[0].state is PaymentState.DECLINED
    assert {item.status for item in order.items} == {ItemStatus.CANCELLED}
    assert order.total == Money(0, "EUR")
    assert house.pss.seats == 100
    assert house.store.tasks == {}
    house.check()


async def test_second_payment_declined_frees_the_first() -> None:
    house = House()
    offer = house.offer()
    house.plan.plant("authorise", "fails")
    part = Money(1000, "EUR")
    payments = (
        PaymentRequest(PaymentForm.CARD, offer.total - part - part, CARD),
        PaymentRequest(PaymentForm.SETTLEMENT_PLAN, part),
        PaymentRequest(PaymentForm.CARD, part, CARD),
    )
    with pytest.raises(NotAllowed) as refused:
        await house.create(request_for(offer, payments=payments), SELLER, attempt())
    assert refused.value.code == "466"
    assert refused.value.text == "The payment was not authorised: authorise refused."
    (record,) = house.store.orders.values()
    assert [p.state for p in record.order.payments] == [
        PaymentState.RELEASED,
        PaymentState.DECLINED,
        PaymentState.RELEASED,
    ]
    assert len(house.gateway.released) == 1
    assert house.gateway.calls["authorise"] == 1


async def test_reply_comes_at_the_deadline_and_the_work_goes_on() -> None:
    house = House(reply_within_s=0.1)
    house.pss.plant("issue", *["before"] * 2)
    house.pss.plant("find", *["before"] * 2)
    view = await house.create(request_for(house.offer()), SELLER, attempt())
    assert view.record is not None
    assert next_step(view.record.order) is not None
    assert "Pending" in view.notices[0].text
    await house.run_out()
    order = house.store.orders[view.record.order.order_id].order
    assert next_step(order) is None
    assert order.failure is None
    assert house.pss.applied["issue"] == 1


async def test_keys_are_needed() -> None:
    house = House()
    request = request_for(house.offer())
    for missing in (None, attempt("")):
        with pytest.raises(Refusal) as refused:
            await house.create(request, SELLER, missing)
        assert refused.value.code == "912"
        assert refused.value.remedy
