"""Partners that do wrong while they are asked to fly passengers of ours: nobody is booked twice,
and where none takes them they are told that there is no flight, as if no partner had been asked.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.e2e.airline import actions, after, cancelled, first_segment, kept, statuses, told
from tests.e2e.protected import aster, to_edinburgh
from tests.e2e.servicing import COUPLE, seen
from tests.houses import Served, demo_world, serving
from tests.partners.joint import Joint, joint, tickets

from ndc_oms.fulfilment.plan import settled
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import offers_of, order_of
from ndc_oms.kit.fault_proxy import Spoil
from ndc_oms.model.order import Order
from ndc_oms.model.protecting import protection_of
from ndc_oms.ports.simulation.faults import FaultKind
from ndc_oms.world.world import World

ANSWERED = {FaultKind.SLOW, FaultKind.DUPLICATE}


@pytest.mark.parametrize("verb", ["search", "price"])
async def test_a_partner_that_does_not_say_what_it_has_has_nothing(
    served: Served, verb: str
) -> None:
    for week, kind in enumerate(FaultKind):
        order = await to_edinburgh(served, key=f"buy {kind}", later=timedelta(weeks=week))
        delay = {FaultKind.SLOW: ":50ms", FaultKind.REJECTS_ONCE: ":9x"}.get(kind, "")
        await aster(served).side.plant(f"{verb}:{kind}{delay}")
        await told(served, cancelled(await first_segment(served, order)))
        reply = await after(served, order)
        takes = kind in ANSWERED
        assert statuses(reply) == ["READY TO PROCEED" if takes else "UNABLE TO DELIVER"], kind
        consequence = "Auto-acceptance" if takes else "Auto-cancellation"
        assert [each for _, each in actions(reply)] == [consequence], kind
        assert bool((await kept(served, order)).parts) is takes
        await aster(served).side.clear_faults()


@pytest.mark.parametrize("verb", ["book", "documents"])
async def test_a_partner_that_refuses_leaves_nothing_behind(served: Served, verb: str) -> None:
    order = await to_edinburgh(served, COUPLE)
    await aster(served).side.plant(f"{verb}:fails")
    await told(served, cancelled(await first_segment(served, order)))
    reply = await after(served, order)
    assert statuses(reply) == ["UNABLE TO DELIVER"]
    assert {each for _, each in actions(reply)} == {"Auto-cancellation"}
    (part,) = (await kept(served, order)).parts
    assert part.cancelled
    assert protection_of(part).failure.startswith("A partner airline could not")
    assert await aster(served).live_bookings() == {}
    assert [d.issuer for d in (await kept(served, order)).documents] == ["", ""]


async def test_our_own_flight_that_comes_back_meanwhile_is_taken(served: Served) -> None:
    """The partner is in doubt; when it says that it booked, nobody needs it any more."""
    order = await to_edinburgh(served)
    old = await first_segment(served, order)
    lost = "times-out-after:1x"
    await aster(served).side.plant(f"book:{lost},find:times-out-before:1x")
    await told(served, cancelled(old))
    assert (await kept(served, order)).parts[0].reference is None
    await told(served, cancelled(old).replace("CNL", "RIN"))
    for _ in range(4):
        served.clock.advance(timedelta(seconds=30))
        reply = await after(served, order)
    stored = await kept(served, order)
    assert stored.segments[0].flight == old.flight
    assert protection_of(stored.parts[0]).declined
    assert await aster(served).live_bookings() == {}
    assert statuses(reply) == ["READY TO PROCEED"]
    assert actions(reply) == []


# -- one that is asked over HTTP, behind one that has no such flight -----------------------------


def both_to_copenhagen() -> World:
    world = demo_world()
    partners = tuple(replace(e, protects=(("YYZ", "CPH"),)) for e in world.partners)
    return replace(world, partners=partners)


async def copenhagen(both: Joint) -> Order:
    """An order whose flight, and the next one, are cancelled."""
    day = both.ours.today + timedelta(days=62)
    shopped = offers_of(await both.ours.talk.shop([("YYZ", "CPH", day)], COUPLE))
    wanted = next(each for each in shopped if each.families == ("Economy Standard",))
    (firm,) = offers_of(await both.ours.talk.price(wanted, COUPLE))
    made = order_of(await both.ours.talk.create(firm, COUPLE, "buy"))
    order = order_of(await seen(both.ours, made))
    segment = await first_segment(both.ours, order)
    on = segment.flight.departure
    messages = [cancelled(segment)]
    messages.append(messages[0].replace(f"{on:%d%b%y}".upper(), f"{on + _TWO:%d%b%y}".upper()))
    await told(both.ours, "\n".join(messages))
    return await kept(both.ours, order)


_TWO = timedelta(days=2)


async def at_rest(both: Joint, order_id: str) -> Reply:
    """Nothing is being done for the order any more; it waits for the seller's answer."""
    for _ in range(40):
        await both.ours.house.deliverer.run_due()
        order = (await both.ours.house.store.get_order(order_id, None)).order
        if settled(order):
            return await both.ours.talk.retrieve(order_id)
        both.ours.clock.advance(timedelta(seconds=20))
    raise AssertionError("it does not come to rest")


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [None, Spoil.REPLY_LOST])
async def test_the_next_partner_flies_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Spoil | None
) -> None:
    async with joint(tmp_path, monkeypatch, world=both_to_copenhagen()) as both:
        if spoil is not None:
            both.wire.plant(spoil, "IATA_OrderCreateRQ")
        order = await copenhagen(both)
        shown = await at_rest(both, order.order_id)
        order = (await both.ours.house.store.get_order(order.order_id, None)).order
        assert [segment.flight.operator for segment in order.segments] == ["XI"]
        assert sorted(tickets(shown).values()) == ["T8", "T8", "XI", "XI"]
        quoted = await both.ours.talk.reshop(order.order_id)
        done = await both.ours.talk.accept_cancelled(order_of(shown), quoted, "refund")
        assert done.errors == ()
        closed = await both.settle(order.order_id)
        assert closed.text("Response/Order/StatusCode") == "CLOSED"
        assert await both.findings() == []


@pytest.mark.slow
async def test_no_partner_that_can_be_reached(tmp_path: Path) -> None:
    """Isfugl is not connected here: there is no flight, as the seller is told."""
    async with serving(tmp_path, world=both_to_copenhagen()) as served:
        order = await copenhagen(Joint(served, served, None))  # type: ignore[arg-type]  # nobody talks
        assert order.parts == ()
        assert [each.stranded for each in order.airline_changes] == [True]
