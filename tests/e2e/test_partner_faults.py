"""What partners do wrong, verb by verb: whatever it is, our order ends ticketed whole or taken
back whole, at the partner as here, and is never done twice.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests import databases
from tests.partners.joint import ADULT, Joint, impatient_world, joint, tickets

from ndc_oms.fulfilment.plan import settled
from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, offers_of, order_of
from ndc_oms.kit.fault_proxy import Spoil
from ndc_oms.kit.requests import card
from ndc_oms.model.order import Order
from ndc_oms.model.status import OrderStatus
from ndc_oms.ports.simulation.faults import FaultKind

# waits for replies that do not come
pytestmark = [pytest.mark.slow, pytest.mark.wide]

MADE_BY = ("book", "documents", "find", "booking")
VERBS = (*MADE_BY, "cancel", "search", "seats", "price")
MESSAGES = (
    "IATA_OrderCreateRQ",
    "IATA_OrderRetrieveRQ",
    "IATA_OrderReshopRQ",
    "IATA_OrderChangeRQ",
    "IATA_AirShoppingRQ",
    "IATA_OfferPriceRQ",
)
APPROVED = "4111111111111111"
FILED = ("YYZ", "ABZ")  # with the partner that is fed by files
ASKED = ("YYZ", "OSL")  # with the one that is asked over HTTP

# How an order ends where a verb of the partner shows a fault once. Refusals for good turn an
# order round while it is made; whatever leaves it open whether something was done is cleared up.
ANSWERED = {FaultKind.SLOW, FaultKind.DUPLICATE}
MAKING = dict.fromkeys(FaultKind, "ticketed") | {FaultKind.FAILS: "closed"}


@pytest.fixture
async def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Joint]:
    async with joint(tmp_path, monkeypatch, world=impatient_world(), reply_s=0.8) as houses:
        yield houses


async def sell(both: Joint, pair: tuple[str, str], trx: str) -> Reply:
    (firm,) = offers_of(await both.ours.talk.price((await both.offers(pair))[0], ADULT))
    return await both.ours.talk.create(firm, ADULT, trx)


def our_orders(both: Joint) -> list[str]:
    data = both.ours.house.config.data
    return [
        row[0] for row in databases.read(data, "SELECT order_id FROM orders ORDER BY created_at")
    ]


def theirs_of(both: Joint, order: Order) -> tuple[int, int]:
    """Orders that Isfugl ever made for one of ours, and how many of them are open."""
    rows = databases.read(
        both.theirs.house.config.data,
        "SELECT c.key, o.status FROM orders o JOIN claims c ON c.order_id = o.order_id",
    )
    states = [state for key, state in rows if f"{order.order_id}:partner-book:" in key]
    return len(states), states.count("OPENED")


async def ending(both: Joint, known: set[str]) -> str:
    """How the one new order has ended; what the partner has of it is looked at as well."""
    (new,) = set(our_orders(both)) - known
    shown = await both.settle(new)
    order = (await both.ours.house.store.get_order(new, None)).order
    (part,) = order.parts
    if part.partner == "aster":
        live = list((await both.aster.live_bookings()).values()).count(new)
    else:
        made, live = theirs_of(both, order)
        assert made <= 1
    if order.status is OrderStatus.OPENED:
        assert sorted(tickets(shown).values()) == sorted(["T8", part.carrier])
        assert live == 1
        return "ticketed"
    assert not any(document.live for document in order.documents)
    assert live == 0
    return "closed"


async def sound(both: Joint) -> bool:
    """Every invariant, on both sides."""
    await both.theirs.house.deliverer.run_due()
    return await both.findings() == []


# -- the partner that is fed by files ----------------------------------------------------------


@pytest.mark.parametrize("verb", MADE_BY)
async def test_faults_of_a_filed_partner_while_an_order_is_made(both: Joint, verb: str) -> None:
    for at, kind in enumerate(FaultKind):
        known = set(our_orders(both))
        delay = ":50ms" if kind is FaultKind.SLOW else ":1x"
        if verb in {"find", "booking"}:  # asked only where the answer before was lost
            lost = "book" if verb == "find" else "documents"
            await both.aster.side.plant(f"{lost}:times-out-after:1x")
        await both.aster.side.plant(f"{verb}:{kind}{delay}")
        await sell(both, FILED, f"trx-{at}")
        ended = await ending(both, known)
        await both.aster.side.clear_faults()
        assert ended == (MAKING[kind] if verb in {"book", "documents"} else "ticketed"), kind
    assert await sound(both)


@pytest.mark.parametrize("kind", list(FaultKind))
async def test_faults_of_a_filed_partner_while_an_order_is_given_back(
    both: Joint, kind: FaultKind
) -> None:
    made = await sell(both, FILED, "trx-1")
    order = order_of(made)
    times = ":50ms" if kind is FaultKind.SLOW else ":2x"
    await both.aster.side.plant(f"cancel:{kind}{times}")
    quoted = await both.ours.talk.reshop(order.order_id)
    await both.ours.talk.accept_cancelled(order, quoted, "trx-2")
    closed = await both.settle(order.order_id, rounds=80)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    assert await both.aster.live_bookings() == {}
    assert await sound(both)


@pytest.mark.parametrize("kind", list(FaultKind))
async def test_faults_of_a_filed_partner_while_one_shops(both: Joint, kind: FaultKind) -> None:
    """Our own flights are there whatever it does; its own are there again when it answers."""
    delay = {FaultKind.SLOW: ":50ms", FaultKind.REJECTS_ONCE: ":9x"}.get(kind, "")
    await both.aster.side.plant(f"search:{kind}{delay},seats:{kind}{delay}")
    assert await both.offers(("YYZ", "LHR"))
    shown = await both.ours.talk.shop([(*FILED, both.day)], ADULT)
    assert bool(offers_of(shown)) is (kind in ANSWERED)
    await both.aster.side.clear_faults()
    assert await both.offers(FILED)
    await both.aster.side.plant(f"price:{kind}{delay}")
    priced = await both.ours.talk.price((await both.offers(FILED))[0], ADULT)
    assert [code for code, _ in priced.errors] == ([] if kind in ANSWERED else ["493"])


# -- the partner that is asked over HTTP -------------------------------------------------------


@pytest.mark.parametrize("message", MESSAGES[:2])
async def test_spoilt_talk_while_an_order_is_made(both: Joint, message: str) -> None:
    """Nothing of this proves that nothing was done: so all of it ends ticketed, and once."""
    for at, spoil in enumerate(Spoil):
        known = set(our_orders(both))
        (firm,) = offers_of(await both.ours.talk.price((await both.offers(ASKED))[0], ADULT))
        both.wire.plant(spoil, message, delay_s=2.4)
        await both.ours.talk.create(firm, ADULT, f"trx-{at}")
        assert await ending(both, known) == "ticketed", spoil
        both.wire.clear()
    assert await sound(both)


@pytest.mark.parametrize("message", MESSAGES[2:4])
async def test_spoilt_talk_while_an_order_is_given_back(both: Joint, message: str) -> None:
    for at, spoil in enumerate(Spoil):
        made = await sell(both, ASKED, f"trx-{at}")
        order = order_of(made)
        quoted = await both.ours.talk.reshop(order.order_id)
        both.wire.plant(spoil, message, delay_s=2.4)
        await both.ours.talk.accept_cancelled(order, quoted, f"trx-{at}-cancel")
        closed = await both.settle(order.order_id)
        assert closed.text("Response/Order/StatusCode") == "CLOSED", spoil
        record = (await both.ours.house.store.get_order(order.order_id, None)).order
        assert theirs_of(both, record) == (1, 0), spoil
        both.wire.clear()
    assert await sound(both)


HELD = {  # which message is spoilt, while a hold is made, paid, given up
    "held": "IATA_OrderCreateRQ",
    "paid": "IATA_OrderChangeRQ",
    "given up": "IATA_OrderChangeRQ",
}


@pytest.mark.parametrize("what", HELD)
async def test_spoilt_talk_about_what_is_held(both: Joint, what: str) -> None:
    for at, spoil in enumerate(Spoil):
        known = set(our_orders(both))
        shown = next(each for each in await both.offers(ASKED) if "Ice" in each.families[0])
        (firm,) = offers_of(await both.ours.talk.price(shown, ADULT))
        if what == "held":
            both.wire.plant(spoil, HELD[what], delay_s=2.4)
        await both.ours.talk.hold(firm, ADULT, f"trx-{at}")
        (new,) = set(our_orders(both)) - known
        order = await held_still(both, new)
        if what != "held":
            both.wire.plant(spoil, HELD[what], delay_s=2.4)
        if what == "given up":
            await both.ours.talk.cancel_unpaid(order, f"trx-{at}-end")
        else:
            paid = card(APPROVED, order.amount, order.currency)
            await both.ours.talk.pay(order, paid, f"trx-{at}-end")
        assert await ending(both, known) == ("closed" if what == "given up" else "ticketed"), spoil
        both.wire.clear()
    assert await sound(both)


async def held_still(both: Joint, order_id: str) -> OrderSummary:
    """The order when it waits for its payment, booked at the partner."""
    for _ in range(40):
        record = (await both.ours.house.store.get_order(order_id, None)).order
        if settled(record) and all(part.live for part in record.parts):
            break
        both.ours.clock.advance(timedelta(seconds=20))
        await both.ours.house.deliverer.run_due()
    return order_of(await both.ours.talk.retrieve(order_id))


async def test_spoilt_talk_while_one_shops(both: Joint) -> None:
    for spoil in Spoil:
        both.ours.clock.advance(_LONG_ENOUGH)
        both.wire.plant(spoil, MESSAGES[4], delay_s=2.4)
        shown = await both.ours.talk.shop([(*ASKED, both.day)], ADULT)
        understood = spoil in {Spoil.DUPLICATE, Spoil.SLICED}
        assert bool(offers_of(shown)) is understood, spoil
        both.wire.clear()
        if not understood:
            assert "isfugl are missing" in shown.errors[0][1]


async def test_spoilt_talk_while_one_prices(both: Joint) -> None:
    for spoil in Spoil:
        offer = (await both.offers(ASKED))[0]
        both.wire.plant(spoil, MESSAGES[5], delay_s=2.4)
        priced = await both.ours.talk.price(offer, ADULT)
        understood = spoil in {Spoil.DUPLICATE, Spoil.SLICED}
        assert [code for code, _ in priced.errors] == ([] if understood else ["493"]), spoil
        if not understood:
            assert "the offer stays valid" in priced.errors[0][1]
        assert (await both.ours.talk.price(offer, ADULT)).errors == ()


async def test_a_partner_that_stays_silent_is_asked_until_it_answers(both: Joint) -> None:
    """The order waits, in the staff's queue in the end; it is neither dropped nor done twice."""
    (firm,) = offers_of(await both.ours.talk.price((await both.offers(ASKED))[0], ADULT))
    both.wire.plant(Spoil.REPLY_LOST, "IATA_OrderCreateRQ", times=40)
    made = await both.ours.talk.create(firm, ADULT, "trx-1")
    assert made.errors == ()
    order_id = order_of(made).order_id
    for _ in range(9):
        both.ours.clock.advance(_LONG_ENOUGH)
        await both.ours.house.deliverer.run_due()
    (task,) = await both.ours.house.store.list_tasks(order_id)
    assert task.parked
    both.wire.clear()
    shown = await both.settle(order_id)
    assert sorted(tickets(shown).values()) == ["T8", "XI"]
    record = (await both.ours.house.store.get_order(order_id, None)).order
    assert theirs_of(both, record) == (1, 1)
    assert await sound(both)


async def test_an_offer_that_ends_before_the_partner_is_reached_is_taken_back(
    both: Joint,
) -> None:
    (firm,) = offers_of(await both.ours.talk.price((await both.offers(ASKED))[0], ADULT))
    both.wire.plant(Spoil.LOST_BEFORE, "IATA_OrderCreateRQ", times=3)
    made = await both.ours.talk.create(firm, ADULT, "trx-1")
    both.wire.clear()
    both.ours.clock.advance(timedelta(minutes=21))
    order_id = our_orders(both)[0]
    assert made.errors == ()
    closed = await both.settle(order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    assert await sound(both)


_LONG_ENOUGH = timedelta(seconds=40)  # for answers to grow old, and partners to have rested
