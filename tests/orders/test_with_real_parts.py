"""Orders on the real store, the simulated PSS and gateways: what the fakes promise holds there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.orders.fake_clock import FakeClock, FakeEntropy
from tests.orders.offered import AGES, SELLER, T, attempt, offer_for, party_of, request_for

from ndc_oms.errors import Refusal
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.plan import next_step
from ndc_oms.model.fold import fold
from ndc_oms.model.offer import Offer
from ndc_oms.model.order import Order
from ndc_oms.model.payment import PaymentForm
from ndc_oms.model.product import Cabin
from ndc_oms.model.status import OrderStatus
from ndc_oms.orders.create import CreateOrder
from ndc_oms.orders.prepare import Rules
from ndc_oms.orders.request import CreateRequest, PaymentRequest
from ndc_oms.orders.tender import Tills
from ndc_oms.payments.gateways.settlement_plan import SettlementPlan
from ndc_oms.payments.gateways.simulated import SimulatedGateway, open_gateway
from ndc_oms.ports.payment import CardData
from ndc_oms.ports.pss import CabinInventory, PssSettings
from ndc_oms.store.sql_store import SqlStore, open_store
from ndc_oms.world.payments import Route
from ndc_pss_simulator.simulator import Simulator, open_pss


class Flights:
    """Every flight has nine seats in one class."""

    def cabins(self, _flight: object) -> tuple[CabinInventory, ...]:
        return (CabinInventory(Cabin.ECONOMY, 9, (("Y", 9),), (("Y", 0),)),)

    def seats(self, _flight: object) -> dict[Cabin, tuple[Any, ...]]:
        return {}

    def on(self, _day: date) -> tuple[Any, ...]:
        return ()


class Parts:
    def __init__(self, store: SqlStore, folder: Path, clock: FakeClock) -> None:
        self.store, self.clock = store, clock
        self.offer = offer_for(party_of(T.ADULT, T.CHILD, T.INFANT))
        settings = PssSettings(str(folder / "pss"), "XX", "999", Flights(), clock.now, {})  # type: ignore[arg-type]  # keys are names here, nothing is flown
        self.pss: Simulator = open_pss(settings)
        self.gateway: SimulatedGateway = open_gateway(folder / "payment", clock)
        plan = SettlementPlan()
        sides = Sides(self.pss, {"simulated": self.gateway, plan.name: plan})
        self.deliverer = Deliverer(store, sides, clock, FakeEntropy(2), "this")
        routes = (
            Route(PaymentForm.CARD, ("simulated",)),
            Route(PaymentForm.SETTLEMENT_PLAN, (plan.name,)),
        )
        tills = Tills(sides.gateways, routes)
        self.create = CreateOrder(
            store,
            self.pss,
            self.recall,
            Rules("XX", tills, AGES),
            self.deliverer,
            clock,
            FakeEntropy(),
            reply_within_s=0.5,
        )

    async def recall(self, *_asked: object) -> Offer:
        return self.offer

    def request(self, number: str = "4111111111111111") -> CreateRequest:
        card = CardData(number, "1235", "VI", "123")
        paid = PaymentRequest(PaymentForm.CARD, self.offer.total, card, path="/pay")
        return request_for(self.offer, payments=(paid,))

    async def settle(self) -> Order:
        """The worker, until nothing moves; the order, checked against its history."""
        for _ in range(12):
            await self.deliverer.run_due()
            self.clock.advance(minutes=6)
        (order_id,) = {task.order_id for task in await self.store.list_tasks(None)} or {self.known}
        record = await self.store.get_order(order_id, None)
        assert fold(await self.store.list_events(order_id)) == record.order
        assert await self.pss.audit() == []
        return record.order

    known = ""

    async def order(self, number: str = "4111111111111111") -> Order:
        try:
            view = await self.create(self.request(number), SELLER, attempt())
            assert view.record is not None
            self.known = view.record.order.order_id
        except Refusal as refused:
            self.known = next(w for w in refused.done.split() if w.startswith("XX"))
        return await self.settle()


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    clock = FakeClock()
    store = await open_store(f"sqlite:///{tmp_path}/house.sqlite3", clock=clock)
    made = Parts(store, tmp_path, clock)
    yield made
    await made.deliverer.finish()
    await made.pss.close()
    await made.gateway.close()
    await store.close()


async def seats_left(parts: Parts) -> set[int]:
    keys = [s.key for b in parts.offer.bounds for s in b.journey.segments]
    found = await parts.pss.check(keys)
    return {seats["Y"] for seats in found.value.values()}  # type: ignore[union-attr]  # no fault is planted


async def test_sold(parts: Parts) -> None:
    order = await parts.order()
    assert next_step(order) is None
    assert order.failure is None
    assert [len(order.tickets_of(p.id)) for p in order.passengers] == [1, 1, 1]
    assert await seats_left(parts) == {7}
    again = await parts.create(parts.request(), SELLER, attempt())
    assert again.record is not None
    assert again.record.order == order


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000000000002008", "708"),
        ("4000000000003006", "921"),
        ("4000000000004004", "923"),
        ("4000000000006009", "708"),
        ("4000000000008005", "708"),
        ("4000000000012007", "708"),
    ],
)
async def test_refused_cards(parts: Parts, number: str, code: str) -> None:
    order = await parts.order(number)
    assert order.status is OrderStatus.CLOSED
    assert order.failure is not None
    assert order.failure.code == code
    assert await seats_left(parts) == {9}


@pytest.mark.parametrize("number", ["4000000000005001", "4000000000007007", "4000000000011009"])
async def test_cards_that_time_out(parts: Parts, number: str) -> None:
    order = await parts.order(number)
    assert next_step(order) is None
    assert order.failure is None


FAULTS = ("fails", "rejects-once", "times-out-before", "times-out-after", "garbage", "slow:20ms")


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("verb", ["book", "issue", "authorise", "capture"])
async def test_faults_of_the_way_there(parts: Parts, verb: str, kind: str) -> None:
    side = parts.gateway if verb in ("authorise", "capture") else parts.pss
    await side.plant(f"{verb}:{kind}:1x")
    order = await parts.order()
    if kind == "fails":
        assert order.status is OrderStatus.CLOSED
        assert await seats_left(parts) == {9}
    else:
        assert order.failure is None
        assert next_step(order) is None
        assert await seats_left(parts) == {7}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("verb", ["void", "cancel", "release"])
async def test_faults_of_the_way_back(parts: Parts, verb: str, kind: str) -> None:
    await parts.gateway.plant("capture:fails:1x")
    await (parts.gateway if verb == "release" else parts.pss).plant(f"{verb}:{kind}:1x")
    order = await parts.order()
    assert order.status is OrderStatus.CLOSED
    assert not any(document.live for document in order.documents)
    assert await seats_left(parts) == {9}


async def test_sixteen_at_once(parts: Parts) -> None:
    parts.create = replace(parts.create, reply_within_s=0.5)
    sent = [parts.create(parts.request(), SELLER, attempt()) for _ in range(16)]
    results = await asyncio.gather(*sent, return_exceptions=True)
    made = {
        r.record.order.order_id for r in results if not isinstance(r, BaseException) and r.record
    }
    assert len(made) == 1
    assert all(isinstance(r, Refusal) for r in results if isinstance(r, BaseException))
    assert await seats_left(parts) == {7}


async def test_an_agency_that_there_is_not(parts: Parts) -> None:
    paid = PaymentRequest(PaymentForm.SETTLEMENT_PLAN, None, agency_number="12", path="/pay")
    with pytest.raises(Refusal) as refused:
        await parts.create(replace(parts.request(), payments=(paid,)), SELLER, attempt())
    assert refused.value.code == "466"
    parts.clock.time += timedelta(minutes=1)
    assert await seats_left(parts) == {9}
