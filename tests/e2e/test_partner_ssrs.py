"""Free services on a journey with a partner's flights: the partner is asked for them, and the
seller is told of what it does not take.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.e2e.airline import after, cancelled, first_segment, kept
from tests.e2e.airline import told as airline_told
from tests.e2e.protected import aster, to_edinburgh
from tests.e2e.test_partner_servicing import COUPLE, FILED, MIXED, filed, stored
from tests.e2e.with_services import add_unpaid, listed, listed_for
from tests.houses import Served
from tests.partners.joint import ADULT, Joint, joint, texts

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, offers_of, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.kit.services import (
    Picked,
    ServiceSummary,
    added,
    list_for_offer,
    selection,
    services_of,
)
from ndc_oms.partners.filed_books import located
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import SpecialService
from ndc_oms.ports.simulation.faults import FaultKind

VERBS = ("serve",)  # of a partner
ASKED, ASKED_MIXED = ("CPH", "OSL"), ("YYZ", "OSL")


@pytest.fixture
async def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Joint]:
    async with joint(tmp_path, monkeypatch) as houses:
        yield houses
        assert await houses.findings() == []


async def bought(
    both: Joint,
    pair: tuple[str, str],
    *wanted: str,
    party: tuple[Pax, ...] = ADULT,
    paid: bool = True,
) -> Reply:
    """With these for its first passenger, wherever they can be had."""
    shown = (await both.offers(pair, party=party))[0]
    (firm,) = offers_of(await both.ours.talk.price(shown, party))
    found = services_of(await both.ours.client.send(list_for_offer(firm.offer_id)))
    picked = [Picked(each, (party[0].id,)) for each in found if each.code in wanted]
    assert {each.service.code for each in picked} == set(wanted)
    payment = None if paid else ""
    made = await both.ours.talk.create(
        firm, party, "buy", payment=payment, beside=selection(picked) if picked else ""
    )
    assert made.errors == ()
    if paid:
        await both.settle(order_of(made).order_id)
    return await both.ours.talk.retrieve(order_of(made).order_id)


async def there(both: Joint, order: OrderSummary) -> set[tuple[str, str]]:
    """What Aster has of it: code and passenger."""
    return {
        (each.code, each.passenger_id)
        for kept in await filed(both, await stored(both, order))
        for each in kept.booking.services
    }


async def here(both: Joint, order: OrderSummary) -> list[SpecialService]:
    """Wheelchairs and meals in our own booking."""
    own = (await stored(both, order)).own_booking
    shown = await both.ours.pss.pnr(own.locator if own else "")
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return [each for each in shown.value.services if each.code in {"WCHR", "VGML", "KSML"}]


def told(reply: Reply) -> list[str]:
    return [each for each in texts(reply, "//DescText") if "does not take" in each]


async def test_what_is_chosen_with_the_order_goes_to_both_airlines(both: Joint) -> None:
    shown = await bought(both, MIXED, "WCHR", "VGML")
    order = order_of(shown)
    assert await there(both, order) == {("WCHR", "PAX1"), ("VGML", "PAX1")}
    own = await here(both, order)
    assert sorted(each.code for each in own) == ["VGML", "WCHR"]
    assert {each.segment.carrier for each in own if each.segment} == {"T8"}
    assert told(shown) == []


async def test_what_a_partner_does_not_take_is_said_and_kept(both: Joint) -> None:
    shown = await bought(both, MIXED, "WCHR", "KSML")
    order = order_of(shown)
    assert await there(both, order) == {("WCHR", "PAX1")}
    assert sorted(each.code for each in await here(both, order)) == ["KSML", "WCHR"]
    (said,) = told(shown)
    assert said.startswith("XA does not take Kosher meal (KSML) for passenger PAX1 on XA")
    made = await stored(both, order)
    assert len(made.live_ancillaries) == 3  # a meal on each flight, one chair for the journey


@pytest.mark.parametrize("pair", [ASKED, ASKED_MIXED])
async def test_what_cannot_be_asked_for_over_ndc_is_said(
    both: Joint, pair: tuple[str, str]
) -> None:
    shown = await bought(both, pair, "WCHR")
    (said,) = told(shown)
    assert said.startswith("XI does not take Wheelchair to the gate (WCHR) for passenger PAX1")
    order = order_of(shown)
    (chair,) = (await stored(both, order)).live_ancillaries
    gone = await both.ours.talk.cancel_unpaid(order, "remove", [chair.id])
    assert gone.errors == ()
    assert told(await both.settle(order.order_id)) == []


async def add(both: Joint, order: OrderSummary, code: str, who: str = "PAX1") -> Reply:
    item: ServiceSummary = (await listed_for(both.ours, order))[code]
    return await both.ours.talk.change(order, f"add-{code}", added([Picked(item, (who,))]))


@pytest.mark.parametrize("pair", [FILED, MIXED])
async def test_what_is_added_and_removed_later_is_asked_and_taken_back(
    both: Joint, pair: tuple[str, str]
) -> None:
    order = order_of(await bought(both, pair, party=COUPLE))
    assert await there(both, order) == set()
    reply = await add(both, order, "WCHR", "PAX2")
    assert reply.errors == ()
    shown = await both.settle(order.order_id)
    assert await there(both, order) == {("WCHR", "PAX2")}
    (chair,) = (await stored(both, order)).live_ancillaries
    gone = await both.ours.talk.cancel_unpaid(order_of(shown), "remove", [chair.id])
    assert gone.errors == ()
    await both.settle(order.order_id)
    assert await there(both, order) == set()


async def test_what_is_held_is_asked_for_while_it_waits(both: Joint) -> None:
    order = order_of(await bought(both, MIXED, "WCHR", paid=False))
    assert await there(both, order) == {("WCHR", "PAX1")}
    assert (await both.ours.talk.cancel_unpaid(order, "gone")).errors == ()
    closed = await both.settle(order.order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"


async def test_services_go_with_whom_they_are_for(both: Joint) -> None:
    order = order_of(await bought(both, MIXED, "WCHR", party=COUPLE))
    done = await both.ours.house.split(order.order_id, ["PAX1"])
    await both.settle(order.order_id)
    new = done.going.order.order_id
    await both.settle(new)
    assert await there(both, order) == set()
    (theirs,) = await filed(both, (await both.ours.house.store.get_order(new, None)).order)
    assert [(each.code, each.passenger_id) for each in theirs.booking.services] == [
        ("WCHR", "PAX1")
    ]


async def test_what_costs_something_is_not_sold_on_a_partner_s_flights(both: Joint) -> None:
    (firm, *_) = await both.offers(FILED)
    found = await listed(both.ours, firm)
    assert found.keys() >= {"WCHR", "VGML"}
    assert all(not Decimal(each.price) for each in found.values())


async def test_what_goes_with_a_flight_that_a_partner_takes_over_goes_there(served: Served) -> None:
    order = await to_edinburgh(served)
    reply = await add_unpaid(served, order, "WCHR")
    assert reply.errors == ()
    await airline_told(served, cancelled(await first_segment(served, order)))
    await after(served, order)
    (part,) = (await kept(served, order)).parts
    found = await aster(served).side.look(lambda c: located(c, part.reference or ""))
    assert found is not None
    services = found[1].booking.services
    assert [(each.code, each.passenger_id) for each in services] == [("WCHR", "PAX1")]
    assert [each.segment.carrier for each in services if each.segment] == ["XA"]


@pytest.mark.slow
@pytest.mark.wide
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", list(FaultKind))
async def test_faults_of_a_filed_partner_that_is_asked(
    both: Joint, verb: str, kind: FaultKind
) -> None:
    order = order_of(await bought(both, MIXED))
    times = ":50ms" if kind is FaultKind.SLOW else ":2x"
    await both.aster.side.plant(f"{verb}:{kind}{times}")
    await add(both, order, "WCHR")
    shown = await both.settle(order.order_id, rounds=80)
    taken = kind is not FaultKind.FAILS
    assert await there(both, order) == ({("WCHR", "PAX1")} if taken else set())
    assert bool(told(shown)) is not taken
