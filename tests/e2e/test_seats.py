"""Seats from the map to the boarding list, over HTTP: shown, chosen, added, given back, refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.e2e.airline import kept
from tests.e2e.servicing import (
    ADULT,
    COUPLE,
    bought,
    codes,
    coupons,
    offer,
    refunded,
    seen,
    texts,
)
from tests.e2e.with_services import current, pay
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, OrderSummary, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.kit.seats import SeatSummary, seats_for_offer, seats_for_order, seats_of
from ndc_oms.kit.services import Picked, ServiceSummary, added, selection, services_of
from ndc_oms.model.events import ItemsAdded
from ndc_oms.model.status import CouponStatus
from ndc_oms.ports.outcome import Confirmed

INFANT = Pax("PAX2", "INF", given="Liv", holder="PAX1")


class Map:
    """A SeatAvailabilityRS."""

    def __init__(self, reply: Reply) -> None:
        self.seats = seats_of(reply)
        self.items = {each.item_id: each for each in services_of(reply)}

    def free(self, code: str = "SEATSTD", segment: str = "SEG1") -> list[SeatSummary]:
        """Free seats of a kind."""
        return [
            each
            for each in self.seats
            if each.free and each.segment == segment and code in self.codes(each)
        ]

    def codes(self, seat: SeatSummary) -> set[str]:
        return {self.items[each].code for each in seat.items}

    def item(self, code: str, segment: str = "SEG1") -> ServiceSummary:
        return next(
            each
            for each in self.items.values()
            if each.code == code and each.segments == (segment,)
        )

    def pick(self, *who: str, code: str = "SEATSTD", segment: str = "SEG1") -> list[Picked]:
        """A free seat of a kind for each of them."""
        item = self.item(code, segment)
        seats = self.free(code, segment)
        return [Picked(item, (each,), 1, seat.name) for each, seat in zip(who, seats, strict=False)]


async def map_of(served: Served, about: OfferSummary | OrderSummary) -> Map:
    asked = (
        seats_for_offer(about.offer_id)
        if isinstance(about, OfferSummary)
        else seats_for_order(about.order_id)
    )
    return Map(await served.client.send(asked))


async def seated(served: Served, order: OrderSummary) -> dict[str, str]:
    """Who sits where, by the PSS."""
    made = await kept(served, order)
    found = await served.pss.pnr(made.bookings[0].locator)
    assert isinstance(found, Confirmed)
    assert found.value is not None
    return {each.passenger_id: str(each.seat) for each in found.value.choices}


async def buy_seated(
    served: Served, party: tuple[Pax, ...], picked: list[Picked], firm: OfferSummary
) -> tuple[OrderSummary, Reply]:
    whole = Decimal(firm.amount) + sum(each.price for each in picked)
    created = await served.talk.create(
        firm, party, "buy", payment=pay(whole), beside=selection(picked)
    )
    assert created.errors == ()
    order = order_of(created)
    return order, await seen(served, order)


# -- the map -----------------------------------------------------------------------------------


async def test_an_offer_shows_its_cabin(served: Served) -> None:
    firm = await offer(served)
    shown = await map_of(served, firm)
    assert len(shown.seats) > 100
    assert 0 < sum(each.free for each in shown.seats) < len(shown.seats)
    assert all(each.items == () for each in shown.seats if not each.free)
    assert all(each.items for each in shown.seats if each.free)
    item = shown.item("SEATSTD")
    assert (item.price, item.currency, item.rfisc) == ("35.00", "CAD", "0B5")
    window = next(each for each in shown.seats if each.name.endswith("A"))
    assert "W" in window.traits


async def test_the_map_is_the_same_for_everybody_and_every_time(served: Served) -> None:
    firm = await offer(served)
    first, again = await map_of(served, firm), await map_of(served, firm)
    assert [(s.name, s.free) for s in first.seats] == [(s.name, s.free) for s in again.seats]


async def test_a_family_that_includes_seats_chooses_for_nothing(served: Served) -> None:
    firm = await offer(served, family="Economy Flex")
    shown = await map_of(served, firm)
    assert shown.item("SEATSTD").price == "0.00"
    assert shown.item("SEATEXT").price == "89.00"


async def test_exit_rows_are_for_those_who_can_help(served: Served) -> None:
    party = (*COUPLE, Pax("PAX3", "CHD", given="Jonas"), Pax("PAX4", "INF", holder="PAX1"))
    firm = await offer(served, party)
    shown = await map_of(served, firm)
    assert shown.item("SEATSTD").passengers == ("PAX1", "PAX2", "PAX3")
    assert shown.item("SEATEXT").passengers == ("PAX2",)


async def test_there_is_no_map_of_what_is_not_ours(served: Served) -> None:
    assert codes(await served.client.send(seats_for_order("T8AAAAAAAAAA"))) == ["129"]
    assert codes(await served.client.send(seats_for_offer("AAAA"))) == ["913"]


# -- buying with the order ---------------------------------------------------------------------


async def test_seats_are_bought_with_the_flight(served: Served) -> None:
    firm = await offer(served, COUPLE)
    shown = await map_of(served, firm)
    picked = shown.pick("PAX1", "PAX2")
    order, view = await buy_seated(served, COUPLE, picked, firm)
    assert await seated(served, order) == {"PAX1": picked[0].seat, "PAX2": picked[1].seat}
    assert texts(view, "TicketDocTypeCode") == ["T", "T", "J", "J"]
    assert [f"{r}{c}" for r, c in zip(texts(view, "RowNumber"), texts(view, "ColumnID"),
                                      strict=True)] == [each.seat for each in picked]  # fmt: skip
    later = await map_of(served, order)
    taken = {each.name for each in later.seats if not each.free}
    assert {each.seat for each in picked} <= taken
    assert await served.findings() == []


async def test_one_seat_has_one_holder(served: Served) -> None:
    firm, other = await offer(served), await offer(served)
    shown = await map_of(served, firm)
    picked = shown.pick("PAX1")
    await buy_seated(served, ADULT, picked, firm)
    whole = Decimal(other.amount) + picked[0].price
    late = await served.talk.create(
        other, ADULT, "late", payment=pay(whole), beside=selection(picked)
    )
    assert codes(late) == ["281"]
    assert await served.findings() == []


async def test_a_seat_that_cannot_be_is_refused(served: Served) -> None:
    party = (*COUPLE, Pax("PAX3", "CHD", given="Jonas"))
    firm = await offer(served, party)
    shown = await map_of(served, firm)
    item, exits = shown.item("SEATSTD"), shown.item("SEATEXT")
    seat, other, *_ = (each.name for each in shown.free())
    exit_seat = shown.free("SEATEXT")[0].name
    for picked, code in (
        ([Picked(item, ("PAX1",), 1, "99A")], "256"),
        ([Picked(item, ("PAX1",), 1, exit_seat)], "256"),  # a dearer seat for the cheaper price
        ([Picked(item, ("PAX1",), 1, "0A")], "257"),
        ([Picked(item, ("PAX1", "PAX2"), 1, seat)], "271"),
        ([Picked(item, ("PAX1",))], "272"),
        ([Picked(item, ("PAX1",), 1, seat), Picked(item, ("PAX1",), 1, other)], "185"),
        ([Picked(item, ("PAX1",), 1, seat), Picked(item, ("PAX2",), 1, seat)], "281"),
        ([Picked(exits, ("PAX3",), 1, exit_seat)], "185"),
    ):
        reply = await served.talk.create(
            firm, party, f"buy-{code}-{len(picked)}", beside=selection(picked)
        )
        assert code in codes(reply), (code, reply.errors)
    assert await served.findings() == []


# -- adding and giving back --------------------------------------------------------------------


async def add(served: Served, order: OrderSummary, trx: str, picked: list[Picked]) -> Reply:
    due = sum((each.price for each in picked), Decimal(0))
    paid = pay(due) if due else ""
    return await served.talk.change(order, trx, added(picked), payments=paid)


async def test_a_seat_is_added_to_a_ticketed_order(served: Served) -> None:
    order = await current(served, await bought(served))
    shown = await map_of(served, order)
    picked = shown.pick("PAX1", code="SEATLEG") or shown.pick("PAX1", code="SEATEXT")
    reply = await add(served, order, "seat", picked)
    assert reply.errors == ()
    view = await seen(served, order)
    assert coupons(view) == ["O", "O"]
    assert await seated(served, order) == {"PAX1": picked[0].seat}
    made = await kept(served, order)
    assert made.ancillaries[0].services[0].delivery == "READY TO PROCEED"
    assert await served.findings() == []


async def test_a_seat_that_somebody_took_meanwhile_is_refused_and_nothing_is_charged(
    served: Served,
) -> None:
    order = await current(served, await bought(served))
    shown = await map_of(served, order)
    picked = shown.pick("PAX1")
    firm = await offer(served)
    theirs = [Picked((await map_of(served, firm)).item("SEATSTD"), ("PAX1",), 1, picked[0].seat)]
    whole = Decimal(firm.amount) + theirs[0].price
    first = await served.talk.create(
        firm, ADULT, "first", payment=pay(whole), beside=selection(theirs)
    )
    assert first.errors == ()
    refused = await add(served, order, "seat", picked)
    assert codes(refused) == ["281"]
    assert await current(served, order) == order
    assert await served.findings() == []


async def test_a_seat_is_given_back_and_free_again(served: Served) -> None:
    order = await current(served, await bought(served))
    picked = (await map_of(served, order)).pick("PAX1")
    assert (await add(served, order, "seat", picked)).errors == ()
    served.clock.advance(timedelta(days=3))  # the void window is over
    (seat,) = (await kept(served, order)).ancillaries
    quoted = await served.talk.reshop(order.order_id, [seat.id])
    assert refunded(quoted) == picked[0].price
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "back")
    assert done.errors == ()
    view = await seen(served, order)
    assert coupons(view) == ["O", "R"]
    assert await seated(served, order) == {}
    names = {each.name for each in (await map_of(served, order)).free()}
    assert picked[0].seat in names
    assert await served.findings() == []


async def test_cancelling_the_order_frees_its_seats(served: Served) -> None:
    firm = await offer(served, COUPLE)
    shown = await map_of(served, firm)
    picked = shown.pick("PAX1", "PAX2")
    order, _ = await buy_seated(served, COUPLE, picked, firm)
    quoted = await served.talk.reshop(order.order_id)
    done = await served.talk.accept_cancelled(await current(served, order), quoted, "all")
    assert done.errors == ()
    await seen(served, order)
    again = await map_of(served, await offer(served))
    assert {each.seat for each in picked} <= {each.name for each in again.free()}
    assert await served.findings() == []


async def test_who_holds_an_infant_sits_elsewhere(served: Served) -> None:
    party = (*ADULT, INFANT)
    firm = await offer(served, party)
    shown = await map_of(served, firm)
    item = shown.item("SEATLEG") if any(
        each.code == "SEATLEG" for each in shown.items.values()
    ) else shown.item("SEATSTD")  # fmt: skip
    assert item.passengers == ("PAX1",)
    assert all(each.code != "SEATEXT" for each in shown.items.values())


async def test_a_seat_is_held_once_however_often_its_request_is_looked_at(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A coupon moves between the hold and the record: the second look holds under the same name."""
    order = await current(served, await bought(served))
    picked = (await map_of(served, order)).pick("PAX1")
    (ticket,) = (await kept(served, order)).documents
    write, moved = served.house.store.write, []

    async def beside(unit: Any) -> Any:
        events = getattr(unit, "events", ())
        if not moved and any(isinstance(event, ItemsAdded) for event in events):
            moved.append(unit)
            control = CouponStatus.AIRPORT_CONTROL
            assert isinstance(
                await served.pss.set_coupon("a", ticket.number, 1, control), Confirmed
            )
            await served.house.feed.run_due()
        return await write(unit)

    monkeypatch.setattr(served.house.store, "write", beside)
    assert (await add(served, order, "add", picked)).errors == ()
    assert moved
    assert await seated(served, order) == {"PAX1": picked[0].seat}
    assert await served.findings() == []
