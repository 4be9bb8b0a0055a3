"""Orders with partner flights: names that are corrected, and passengers who get an order of their
own, here and at the partner.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from tests.e2e.test_names import correct
from tests.e2e.test_partners import shared
from tests.partners.joint import Joint, coupons, impatient_world, joint, texts, tickets

from ndc_oms.errors import NotAllowed, Unavailable
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, order_of
from ndc_oms.kit.fault_proxy import Spoil
from ndc_oms.kit.requests import Pax, card
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus, OrderStatus
from ndc_oms.orders.split import SplitDone, SplitOrder
from ndc_oms.partners.filed_books import Kept, located
from ndc_oms.ports.simulation.faults import FaultKind

COUPLE = (
    Pax("PAX1", surname="Hansen", given="Maren"),
    Pax("PAX2", surname="Hansen", given="Soren"),
)
FILED, MIXED = ("LHR", "ABZ"), ("YYZ", "ABZ")  # wholly Aster's; ours, then Aster's
ASKED, ASKED_MIXED = ("CPH", "OSL"), ("YYZ", "OSL")  # the same with Isfugl

VERBS = ("rename", "divide")  # of a partner, where refusals have tests of their own


@pytest.fixture
async def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Joint]:
    async with joint(tmp_path, monkeypatch) as houses:
        yield houses
        assert await houses.findings() == []


@pytest.fixture
async def hurried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Joint]:
    """Where a message to a partner has little time."""
    async with joint(tmp_path, monkeypatch, world=impatient_world(), reply_s=0.8) as houses:
        yield houses
        assert await houses.findings() == []


async def bought(both: Joint, pair: tuple[str, str]) -> OrderSummary:
    """For two; to Newcastle on our number."""
    offer = (
        await shared(both, COUPLE)
        if pair == ("YYZ", "NCL")
        else (await both.offers(pair, party=COUPLE))[0]
    )
    made = await both.ours.talk.create(offer, COUPLE, "buy")
    assert made.errors == ()
    return order_of(await both.settle(order_of(made).order_id))


async def stored(both: Joint, order: OrderSummary) -> Order:
    return (await both.ours.house.store.get_order(order.order_id, None)).order


async def filed(both: Joint, order: Order) -> list[Kept]:
    """Aster's bookings of the order."""
    found = []
    for part in order.parts:
        reference = part.reference or ""
        kept = await both.aster.side.look(lambda c, of=reference: located(c, of))
        assert kept is not None
        found.append(kept[1])
    return found


async def corrected(both: Joint, order: OrderSummary) -> Reply:
    reply = await correct(both.ours, order, "Hanssen", "Maren")
    assert reply.errors == ()
    return await both.settle(order.order_id)


# -- names -------------------------------------------------------------------------------------


async def test_a_name_on_flights_that_a_partner_files(both: Joint) -> None:
    order = await bought(both, MIXED)
    after = await corrected(both, order)
    assert texts(after, "//Surname") == ["Hanssen", "Hansen"]
    made = await stored(both, order)
    (theirs,) = await filed(both, made)
    assert dict(theirs.names) == {"PAX1": "HANSSEN/MAREN", "PAX2": "HANSEN/SOREN"}
    mine = [each for each in made.documents if each.passenger_id == "PAX1"]
    assert sorted(c.status for d in mine for c in d.coupons) == [
        CouponStatus.EXCHANGED, CouponStatus.EXCHANGED, CouponStatus.OPEN, CouponStatus.OPEN,
    ]  # fmt: skip
    (new,) = [each for each in mine if each.issuer and each.live]
    old = next(each for each in mine if each.number == new.exchange_of)
    assert [c.segment_id for c in new.coupons] == [c.segment_id for c in old.coupons] != [None]
    assert {d.number: d for d in theirs.booking.documents}.keys() >= {new.number, old.number}
    # and it is given back whole
    quoted = await both.ours.talk.reshop(order.order_id)
    done = await both.ours.talk.accept_cancelled(order_of(after), quoted, "cancel")
    assert done.errors == ()
    closed = await both.settle(order.order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    assert sorted(coupons(closed)) == ["E", "E", "V", "V", "V", "V"]
    assert await both.aster.live_bookings() == {}


async def test_a_name_where_a_partner_flies_all_of_it(both: Joint) -> None:
    order = await bought(both, FILED)
    after = await corrected(both, order)
    assert texts(after, "//Surname") == ["Hanssen", "Hansen"]
    assert sorted(coupons(after)) == ["E", "O", "O"]
    assert set(tickets(after).values()) == {"XA"}
    assert (await stored(both, order)).corrected == ("PAX1",)
    other = await both.ours.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    assert other.errors[0][0] == "137"
    assert "Partner airlines fly all of it" in other.errors[0][1]


async def test_a_name_on_our_number_and_their_aircraft(both: Joint) -> None:
    order = await bought(both, ("YYZ", "NCL"))
    after = await corrected(both, order)
    assert sorted(coupons(after)) == ["E", "E", "O", "O", "O", "O"]
    (theirs,) = await filed(both, await stored(both, order))
    assert dict(theirs.names)["PAX1"] == "HANSSEN/MAREN"


@pytest.mark.wide
@pytest.mark.parametrize("pair", [ASKED, ASKED_MIXED])
async def test_a_name_at_a_partner_that_speaks_ndc(both: Joint, pair: tuple[str, str]) -> None:
    order = await bought(both, pair)
    after = await corrected(both, order)
    assert texts(after, "//Surname") == ["Hanssen", "Hansen"]
    (part,) = (await stored(both, order)).parts
    theirs = await both.theirs.house.store.get_order(part.reference or "", None)
    assert [each.surname for each in theirs.people.persons] == ["Hanssen", "Hansen"]
    mine = [d for d in theirs.order.documents if d.passenger_id == "PAX1"]
    ours = [d for d in (await stored(both, order)).documents if d.issuer == "XI"]
    assert {d.number for d in mine} <= {d.number for d in ours}
    assert len(mine) == 2


async def test_what_a_partner_s_own_rules_refuse_is_said_in_its_words(both: Joint) -> None:
    """Three letters: ours permit it, its own do not."""
    order = await bought(both, ASKED_MIXED)
    refused = await correct(both.ours, order, "Hanssseen", "Maren")
    assert refused.errors[0][0] == "137"
    assert "permits corrections only" in refused.errors[0][1]
    after = await both.settle(order.order_id)
    assert texts(after, "//Surname") == ["Hansen", "Hansen"]
    assert sorted(coupons(after)) == ["E", "E", "O", "O", "O", "O"]


async def test_what_a_partner_refuses_is_refused_and_taken_back(both: Joint) -> None:
    order = await bought(both, MIXED)
    before = await stored(both, order)
    await both.aster.side.plant("rename:fails:1x")
    refused = await correct(both.ours, order, "Hanssen", "Maren")
    assert refused.errors[0][0] == "137"
    assert "A partner airline did not change the name" in refused.errors[0][1]
    after = await both.settle(order.order_id)
    assert texts(after, "//Surname") == ["Hansen", "Hansen"]
    now = await stored(both, order)
    assert (now.live_items, now.corrected) == (before.live_items, ())
    assert [d.number for d in now.documents if d.issuer and d.live] == [
        d.number for d in before.documents if d.issuer
    ]


async def test_a_name_that_is_not_paid_in_the_end_is_the_old_one_everywhere(both: Joint) -> None:
    """The partner had the new one by then."""
    order = await bought(both, ("YYZ", "NCL"))
    quoted = await both.ours.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (offer,) = change_offers_of(quoted)
    declined = card("4000000000008005", offer.amount, offer.currency)
    refused = await both.ours.talk.accept_change(order, offer, "name", declined)
    assert refused.errors[0][0] == "708"
    after = await both.settle(order.order_id)
    assert texts(after, "//Surname") == ["Hansen", "Hansen"]
    (theirs,) = await filed(both, await stored(both, order))
    assert dict(theirs.names)["PAX1"] == "HANSEN/MAREN"


# -- two orders of one -------------------------------------------------------------------------


def hasty(both: Joint) -> SplitOrder:
    """Of staff who do not wait."""
    return replace(both.ours.house.split, reply_within_s=0.5)


async def split(both: Joint, order: OrderSummary) -> SplitDone:
    done = await both.ours.house.split(order.order_id, ["PAX2"])
    await both.settle(done.going.order.order_id)
    await both.settle(order.order_id)
    get = both.ours.house.store.get_order
    pair = [await get(each.order.order_id, None) for each in (done.staying, done.going)]
    assert await both.findings() == []
    return SplitDone(*pair)


@pytest.mark.wide
@pytest.mark.parametrize("pair", [MIXED, FILED, ("YYZ", "NCL")])
async def test_each_has_a_booking_at_the_partner(both: Joint, pair: tuple[str, str]) -> None:
    order = await bought(both, pair)
    before = await stored(both, order)
    done = await split(both, order)
    old, new = done.staying.order, done.going.order
    assert old.total + new.total == before.total
    ((here,), (there,)) = await filed(both, old), await filed(both, new)
    assert [sale.seats for kept in (here, there) for sale in kept.sales] == [1] * len(
        (*here.sales, *there.sales)
    )
    assert (dict(here.names).keys(), dict(there.names).keys()) == ({"PAX1"}, {"PAX2"})
    assert await both.aster.live_bookings() == {
        here.booking.reference: old.order_id,
        there.booking.reference: new.order_id,
    }
    numbers = {d.number for d in before.documents}
    assert {d.number for d in (*old.documents, *new.documents)} == numbers
    seen = await both.ours.talk.retrieve(new.order_id)
    assert seen.errors == ()
    assert there.booking.locator in texts(seen, "//BookingID")
    # the one is given back, the other flies
    quoted = await both.ours.talk.reshop(new.order_id)
    gone = await both.ours.talk.accept_cancelled(order_of(seen), quoted, "cancel")
    assert gone.errors == ()
    closed = await both.settle(new.order_id)
    assert closed.text("Response/Order/StatusCode") == OrderStatus.CLOSED
    assert list((await both.aster.live_bookings()).values()) == [old.order_id]
    left = await both.ours.talk.retrieve(old.order_id)
    assert set(coupons(left)) == {"O"}
    # and who stayed can still be renamed
    await corrected(both, order_of(left))


async def test_a_hold_in_two_is_paid_apart(both: Joint) -> None:
    offer = (await both.offers(MIXED, party=COUPLE))[0]
    held = order_of(await both.ours.talk.hold(offer, COUPLE, "hold"))
    done = await both.ours.house.split(held.order_id, ["PAX2"])
    for each in (done.staying.order, done.going.order):
        order = order_of(await both.ours.talk.retrieve(each.order_id))
        paid = card("4111111111111111", order.amount, order.currency)
        assert (await both.ours.talk.pay(order, paid, f"pay {each.order_id}")).errors == ()
        after = await both.settle(each.order_id)
        assert sorted(tickets(after).values()) == ["T8", "XA"]
        assert coupons(after) == ["O", "O"]


async def test_a_partner_that_divides_nothing_keeps_the_order_whole(both: Joint) -> None:
    order = await bought(both, ASKED_MIXED)
    before = await stored(both, order)
    with pytest.raises(NotAllowed, match="Partner isfugl flies a part of it") as refused:
        await both.ours.house.split(order.order_id, ["PAX2"])
    assert refused.value.code == "185"
    assert await stored(both, order) == before


async def test_a_partner_that_refuses_keeps_the_order_whole(both: Joint) -> None:
    order = await bought(both, MIXED)
    await both.aster.side.plant("divide:fails:1x")
    with pytest.raises(Unavailable, match="A partner airline did not divide its booking"):
        await both.ours.house.split(order.order_id, ["PAX2"])
    now = await stored(both, order)
    assert (now.split, now.splits) == (None, ())
    assert list((await both.aster.live_bookings()).values()) == [order.order_id]
    done = await split(both, order)  # it may be tried again
    assert done.going.order.original_order_id == order.order_id


async def test_what_our_own_side_refuses_then_waits_for_staff(both: Joint) -> None:
    """The partner has divided its booking: no way leads back."""
    order = await bought(both, MIXED)
    await both.ours.pss.plant("divide:fails")
    with pytest.raises(Unavailable, match="still being divided"):
        await hasty(both)(order.order_id, ["PAX2"])
    (task,) = await both.ours.house.store.list_tasks(order.order_id)
    assert (task.step, task.parked) == ("split", True)
    await both.ours.pss.clear_faults()
    await both.settle(order.order_id)
    (made,) = (await stored(both, order)).splits
    assert sorted((await both.aster.live_bookings()).values()) == sorted(
        [order.order_id, made.order_id]
    )


# -- faults ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.wide
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", [each for each in FaultKind if each is not FaultKind.FAILS])
async def test_faults_of_a_filed_partner_that_pass(both: Joint, verb: str, kind: FaultKind) -> None:
    order = await bought(both, MIXED)
    times = ":50ms" if kind is FaultKind.SLOW else ":2x"
    await both.aster.side.plant(f"{verb}:{kind}{times}")
    if verb == "rename":
        await correct(both.ours, order, "Hanssen", "Maren")
        after = await both.settle(order.order_id, rounds=80)
        assert texts(after, "//Surname") == ["Hanssen", "Hansen"]
        (theirs,) = await filed(both, await stored(both, order))
        assert dict(theirs.names)["PAX1"] == "HANSSEN/MAREN"
        assert sorted(coupons(after)) == ["E", "E", "O", "O", "O", "O"]
        return
    with suppress(Unavailable):  # it goes on by itself
        await hasty(both)(order.order_id, ["PAX2"])
    await both.settle(order.order_id, rounds=80)
    (made,) = (await stored(both, order)).splits
    await both.settle(made.order_id)
    assert sorted((await both.aster.live_bookings()).values()) == sorted(
        [order.order_id, made.order_id]
    )


@pytest.mark.slow
@pytest.mark.wide
@pytest.mark.parametrize("spoil", list(Spoil))
async def test_spoilt_talk_while_a_name_is_corrected(hurried: Joint, spoil: Spoil) -> None:
    order = await bought(hurried, ASKED_MIXED)
    hurried.wire.plant(spoil, "IATA_OrderChangeRQ", delay_s=2.4)
    await correct(hurried.ours, order, "Hanssen", "Maren")
    after = await hurried.settle(order.order_id, rounds=80)
    hurried.wire.clear()
    assert texts(after, "//Surname") == ["Hanssen", "Hansen"]
    (part,) = (await stored(hurried, order)).parts
    theirs = await hurried.theirs.house.store.get_order(part.reference or "", None)
    assert [each.surname for each in theirs.people.persons] == ["Hanssen", "Hansen"]
    assert theirs.order.corrected == ("PAX1",)  # once
