"""The airline changed flights, and the seller chooses others: without a fee, and near enough to the
old ones for nothing. And flights that are named one by one.
"""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.airline import actions, after, cancelled, first_segment, kept, retimed, told
from tests.e2e.servicing import AHEAD, COUPLE, bought, codes, coupons, offer, payments, seen
from tests.e2e.test_airline_changes import LATER, strand
from tests.e2e.test_seats import map_of, seated
from tests.e2e.test_servicing_changes import on, settled, statuses
from tests.e2e.with_services import listed, pay
from tests.houses import Served

from ndc_oms.kit.conversation import ChangeOffer, OrderSummary, change_offers_of, order_of
from ndc_oms.kit.services import FlightNamed, Picked, selection
from ndc_oms.kit.servicing import accept_change, order_rebook_named
from ndc_oms.model.airline_change import Answer
from ndc_oms.model.status import ItemStatus


async def shown_after(served: Served, order: OrderSummary) -> OrderSummary:
    """Outside the void window, its flight leaves later."""
    served.clock.advance(timedelta(hours=30))
    await told(served, retimed(await first_segment(served, order), LATER))
    return order_of(await after(served, order))


async def others(served: Served, order: OrderSummary, days: int) -> list[ChangeOffer]:
    live = [item.id for item in (await kept(served, order)).live_items]
    quoted = await served.talk.rebook(order.order_id, live, on(served, days))
    assert quoted.errors == (), quoted.errors
    return change_offers_of(quoted)


def in_family(found: list[ChangeOffer], family: str) -> ChangeOffer:
    return next(each for each in found if each.families == (family,))


async def test_another_day_near_by_costs_nothing(served: Served) -> None:
    """Of a fare that could not be changed by itself."""
    order = await bought(served, COUPLE, family="Economy Light")
    shown = await shown_after(served, order)
    chosen = in_family(await others(served, shown, AHEAD + 1), "LIGHT")  # two days later
    assert (chosen.collect, chosen.back, chosen.fee) == (0, 0, 0)
    assert set(chosen.types) == {"EvenExchange"}
    done = await served.talk.accept_change(shown, chosen, "others")
    assert done.errors == ()
    reply = await after(served, order)
    assert actions(reply) == []
    stored = await kept(served, order)
    assert [each.answer for each in stored.airline_changes] == [Answer.GIVEN_UP]
    assert order_of(reply).amount == order.amount
    assert [c for c in coupons(reply) if c == "O"] == ["O", "O"]
    assert len(payments(reply)) == 1
    assert stored.live_items[0].changes == stored.items[0].changes
    assert await served.findings() == []
    # nothing is left of the question: a change is a change again
    refused = await served.talk.change(order_of(reply), "accept", accept_change(order.items))
    assert codes(refused) == ["368"]
    live = [item.id for item in stored.live_items]
    light = await served.talk.rebook(order.order_id, live, on(served, AHEAD + 2))
    assert codes(light) == ["496"]


async def test_further_away_or_better_costs_the_difference_and_no_fee(served: Served) -> None:
    order = await bought(served, family="Economy Standard")
    shown = await shown_after(served, order)
    near = in_family(await others(served, shown, AHEAD), "FLEX")
    far = in_family(await others(served, shown, AHEAD + 8), "FLEX")
    assert near.fee == far.fee == 0
    assert near.collect > 0
    done = await served.talk.accept_change(shown, near, "better", settled(near))
    assert done.errors == ()
    stored = await kept(served, order)
    assert stored.live_items[0].family.code == "FLEX"
    assert stored.total.decimal() == Decimal(order.amount) + near.collect
    assert not any(document.of_money for document in stored.documents)
    assert not stored.open_changes
    assert await served.findings() == []


async def test_who_is_stranded_chooses_flights_that_there_are(served: Served) -> None:
    order = await bought(served)
    await strand(served, order.order_id)
    shown = order_of(await after(served, order))
    chosen = in_family(await others(served, shown, AHEAD + 10), "STANDARD")
    assert chosen.fee == 0
    done = await served.talk.accept_change(shown, chosen, "others", settled(chosen))
    assert done.errors == ()
    reply = await after(served, order)
    stored = await kept(served, order)
    assert not stored.open_changes
    assert sorted(statuses(reply).values()) == ["ACTIVE", "CANCELLED"]
    (ticket,) = stored.tickets_of("PAX1")
    assert [c.status.value for c in ticket.coupons] == ["O"]
    assert await served.findings() == []


async def test_services_that_do_not_follow_come_back_whole(served: Served) -> None:
    """Also those that give nothing back by themselves."""
    firm = await offer(served)
    shelf = await listed(served, firm)
    picked = [Picked(shelf[code], ("PAX1",)) for code in ("BAG23", "PRIO")]
    picked += (await map_of(served, firm)).pick("PAX1")
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    made = await served.talk.create(
        firm, COUPLE[:1], "buy", payment=pay(whole), beside=selection(picked)
    )
    order = order_of(await seen(served, order_of(made)))
    shown = await shown_after(served, order)
    chosen = in_family(await others(served, shown, AHEAD), "FLEX")
    done = await served.talk.accept_change(shown, chosen, "better", settled(chosen))
    assert done.errors == ()
    await after(served, order)
    stored = await kept(served, order)
    standing = {item.product.code: item for item in stored.ancillaries}
    assert standing["BAG23"].status is ItemStatus.ACTIVE
    gone = [standing[code] for code in ("PRIO", "SEATSTD")]
    assert {each.status for each in gone} == {ItemStatus.CANCELLED}
    assert stored.payments[0].returned == gone[0].fare.total + gone[1].fare.total
    assert await seated(served, order) == {}
    assert await served.findings() == []


async def test_a_cancelled_flight_s_replacement_is_exchanged_too(served: Served) -> None:
    order = await bought(served)
    await told(served, cancelled(await first_segment(served, order)))
    shown = order_of(await after(served, order))
    chosen = in_family(await others(served, shown, AHEAD - 2), "STANDARD")
    assert (chosen.collect, chosen.back, chosen.fee) == (0, 0, 0)
    assert (await served.talk.accept_change(shown, chosen, "others")).errors == ()
    await after(served, order)
    stored = await kept(served, order)
    assert len({segment.id for segment in stored.segments}) == len(stored.segments)
    assert not stored.open_changes
    assert await served.findings() == []


# -- flights that are named ----------------------------------------------------------------------


async def test_the_very_flight_that_is_named(served: Served) -> None:
    order = await bought(served)
    segment = await first_segment(served, order)
    departs = segment.flight.departure + timedelta(days=2)
    named = FlightNamed("T8", segment.flight.number, departs, "YYZ", "LHR")
    quoted = await served.client.send(order_rebook_named(order.order_id, order.items, [[named]]))
    offered = change_offers_of(quoted)
    assert len({each.families for each in offered}) == len(offered) >= 3
    chosen = in_family(offered, "STANDARD")
    done = await served.talk.accept_change(order, chosen, "change", settled(chosen))
    assert done.errors == ()
    now = (await kept(served, order)).segments[-1].flight
    assert (now.number, now.departure.date()) == (segment.flight.number, departs.date())
    assert await served.findings() == []


async def test_named_flights_that_there_are_not(served: Served) -> None:
    order = await bought(served)
    segment = await first_segment(served, order)
    nowhere = FlightNamed("T8", "9264", segment.flight.departure, "YYZ", "LHR")
    refused = await served.client.send(order_rebook_named(order.order_id, order.items, [[nowhere]]))
    assert codes(refused) == ["496"]
    body = order_rebook_named(order.order_id, order.items, [[nowhere]])
    dangling = body.replace(b"<PaxJourneyID>J1<", b"<PaxJourneyID>J9<")
    assert codes(await served.client.send(dangling)) == ["102"]
