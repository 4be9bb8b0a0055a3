"""Each fault of the PSS and of the gateway, at each verb that a sale calls: what the agent is
told, where the order stands while the fault lasts, and that it is settled once the fault is gone.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from tests.faults import stories
from tests.faults.books import Books
from tests.faults.stories import APPROVED, CAPTURE_DECLINES
from tests.houses import Served, serving

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OfferSummary, offers_of
from ndc_oms.kit.seats import seats_for_offer, seats_of
from ndc_oms.model.order import Order
from ndc_oms.model.status import OrderStatus
from ndc_oms.payments.gateways.simulated import SimulatedGateway
from ndc_oms.ports.simulation.faults import FaultKind
from ndc_pss_simulator.simulator import Simulator

# What the agent hears at once …
TICKETED: Final = "the order, ticketed and paid"
PENDING: Final = "the order, with a warning of what is pending"
REFUSED: Final = "a refusal; nothing was done"
CLOSED: Final = "a refusal; the order was made and closed again"
CLOSING: Final = "a refusal; the order is being taken back"
# … and where the order stands when ten minutes passed and the fault lasts.
STANDS: Final = "ticketed and paid"
TAKEN_BACK: Final = "closed, everything taken back"
QUEUED: Final = "in the staff's queue"
NONE: Final = "there is no order"

LATER: Final = timedelta(seconds=30)
ROUNDS: Final = 20
LATE: Final = "slow:1500ms:1x"  # later than the caller waits
PATIENCE_S: Final = 1.0  # of the caller, in tests of what is late
STUCK_S: Final = 1.0  # a sale takes 50 ms on an idle machine


@dataclass(frozen=True)
class Sale:
    """A sale that calls the verb. also: faults of the PSS that lead there."""

    code: str = ""
    pans: tuple[str, ...] = (APPROVED,)
    also_pss: str = ""
    also_gateway: str = ""


Row = tuple[str, str]
_DONE: Final = {  # the verb was done, only its answer was lost or late: asking finds it
    "times-out-after:1x": (TICKETED, STANDS),
    "times-out-after": (TICKETED, STANDS),
    "garbage:1x": (TICKETED, STANDS),
    "garbage": (TICKETED, STANDS),
    "reset:1x": (TICKETED, STANDS),
    "duplicate": (TICKETED, STANDS),
    "slow:100ms": (TICKETED, STANDS),
    LATE: (TICKETED, STANDS),
}
_FORWARD: Final[dict[str, Row]] = {
    "fails": (CLOSED, TAKEN_BACK),
    "rejects-once": (PENDING, STANDS),
    "times-out-before:1x": (PENDING, STANDS),
    "times-out-before": (PENDING, TAKEN_BACK),
    **_DONE,
}
_BACKWARD: Final[dict[str, Row]] = {
    "fails": (CLOSING, QUEUED),
    "rejects-once": (CLOSING, TAKEN_BACK),
    "times-out-before:1x": (CLOSING, TAKEN_BACK),
    "times-out-before": (CLOSING, QUEUED),
    **dict.fromkeys(_DONE, (CLOSED, TAKEN_BACK)),
}
_ASKING: Final[dict[str, Row]] = {  # nobody knows whether the ticket, or the money, was taken
    "slow:100ms": (TICKETED, STANDS),
    "duplicate": (TICKETED, STANDS),
    LATE: (PENDING, STANDS),
    **dict.fromkeys(("fails", "times-out-before", "times-out-after", "garbage"), (PENDING, QUEUED)),
    **dict.fromkeys(
        ("rejects-once", "times-out-before:1x", "times-out-after:1x", "garbage:1x", "reset:1x"),
        (PENDING, STANDS),
    ),
}
_FAILED_BOOKING: Final = Sale("493", also_pss="book:fails:1x")

TABLE: Final[dict[str, tuple[Sale, dict[str, Row]]]] = {
    "pss hold": (
        Sale("493"),
        {
            "fails": (REFUSED, NONE),
            "rejects-once": (REFUSED, NONE),
            "times-out-before:1x": (TICKETED, STANDS),  # asked, proven absent, sent again
            "times-out-before": (REFUSED, NONE),
            **_DONE,
        },
    ),
    "pss book": (Sale("493"), _FORWARD),
    "pss issue": (Sale("182"), _FORWARD),
    "pss void": (Sale("708", (CAPTURE_DECLINES,)), _BACKWARD),
    "pss cancel": (Sale("708", (CAPTURE_DECLINES,)), _BACKWARD),
    "pss release": (
        _FAILED_BOOKING,
        {
            **_BACKWARD,
            # a release says nothing that could be found: it is sent until it is confirmed
            "times-out-after:1x": (CLOSING, TAKEN_BACK),
            "times-out-after": (CLOSING, QUEUED),
            "reset:1x": (CLOSING, TAKEN_BACK),
            LATE: (CLOSING, TAKEN_BACK),
            "garbage:1x": (CLOSING, TAKEN_BACK),
            "garbage": (CLOSING, QUEUED),
        },
    ),
    "pss find": (Sale("182", also_pss="issue:times-out-after:1x"), _ASKING),
    "pss document": (  # looked at only to see whether others voided it
        Sale("708", (CAPTURE_DECLINES,), also_pss="void:times-out-before:1x"),
        dict.fromkeys(_FORWARD, (CLOSING, TAKEN_BACK)),
    ),
    "gateway authorise": (
        Sale("708"),
        {
            **_FORWARD,
            # it certainly did nothing: another gateway is asked
            "rejects-once": (TICKETED, STANDS),
            "times-out-before:1x": (TICKETED, STANDS),
            "times-out-before": (TICKETED, STANDS),
        },
    ),
    "both authorise": (Sale("708"), _FORWARD),
    "gateway capture": (Sale("708"), _FORWARD),
    "gateway release": (_FAILED_BOOKING, _BACKWARD),
    "gateway refund": (Sale("708", (APPROVED, CAPTURE_DECLINES)), _BACKWARD),
    "gateway find": (Sale("708", also_gateway="capture:times-out-after:1x"), _ASKING),
}


async def pass_time(served: Served) -> None:
    for _ in range(ROUNDS):
        served.clock.advance(LATER)
        await served.house.deliverer.run_due()


def sides(served: Served, name: str) -> "tuple[Simulator | SimulatedGateway, ...]":
    """pss; gateway: the first that is asked; both: each that a card can be sent to."""
    second = served.house.sides.gateways["simulated-2"]
    assert isinstance(second, SimulatedGateway)
    return {
        "pss": (served.pss,),
        "gateway": (served.gateway,),
        "both": (served.gateway, second),
    }[name]


def order_of(books: Books, offer: OfferSummary) -> Order | None:
    found = [order for order in books.orders() if order.offer_id == offer.offer_id]
    assert len(found) <= 1
    return found[0] if found else None


def heard(reply: Reply, code: str) -> str:
    """Which of the answers this is; fails for one that it should not be."""
    assert reply.status == 200
    warned = " ".join(each.text or "" for each in reply.all("Response/Warning/DescText"))
    if not reply.errors:
        assert reply.text("Response/Order/StatusCode") == "OPENED"
        return PENDING if "Pending: " in warned else TICKETED
    ((found, text),) = reply.errors
    assert found == code
    if "was made and closed again" in text:
        return CLOSED
    if "is being taken back" in text:
        return CLOSING
    assert "Nothing was done." in text or "No order was made and nothing was charged" in text
    return REFUSED


def standing(books: Books, offer: OfferSummary) -> str:
    order, waiting = order_of(books, offer), books.waiting()
    if order is None:
        return NONE
    if waiting:
        assert all(parked for _, parked in waiting), waiting
        return QUEUED
    return STANDS if order.status is OrderStatus.OPENED else TAKEN_BACK


def test_the_table_has_every_kind() -> None:
    for _, rows in TABLE.values():
        assert {kind.partition(":")[0] for kind in rows} == set(FaultKind)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("verb", "kind"), [(verb, kind) for verb, (_, rows) in TABLE.items() for kind in rows]
)
async def test_fault(tmp_path: Path, verb: str, kind: str) -> None:
    sale, rows = TABLE[verb]
    told, lasting = rows[kind]
    side, _, name = verb.partition(" ")
    books = Books(tmp_path)
    # only where nothing more can happen before the clock moves is the deadline waited for
    deadline_s = STUCK_S if told in {PENDING, CLOSING} else 300.0
    async with serving(tmp_path, reply_deadline_s=deadline_s, deliver=False) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        body = stories.create_body(offer, "sale", sale.pans)
        await served.pss.plant(sale.also_pss)
        await served.gateway.plant(sale.also_gateway)
        faulty = sides(served, side)
        for each in faulty:
            await each.plant(f"{name}:{kind}")
        if kind == LATE:
            served.house.deliverer._call_s = PATIENCE_S

        reply = await served.client.send(body)
        assert heard(reply, sale.code) == told
        if told != REFUSED:
            assert (await served.client.send(body)).body == reply.body
        await pass_time(served)
        assert standing(books, offer) == lasting
        for each in faulty:
            await each.clear_faults()
        await pass_time(served)
        wanted = TAKEN_BACK if told in {CLOSED, CLOSING} else STANDS
        assert standing(books, offer) == (wanted if lasting == QUEUED else lasting)
        assert await books.findings(served.clock.now()) == []


@pytest.mark.parametrize("kind", ["fails", "rejects-once", "times-out-before"])
async def test_a_refused_hold_leaves_key_and_offer_free(tmp_path: Path, kind: str) -> None:
    async with serving(tmp_path) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        body = stories.create_body(offer, "sale")
        await served.pss.plant(f"hold:{kind}")
        refused = await served.client.send(body)
        assert [code for code, _ in refused.errors] == ["493"]
        await served.pss.clear_faults()
        stories.assert_ends(await served.client.send(body), "")
        assert await Books(tmp_path).findings(served.clock.now()) == []


async def test_a_refund_that_waits_is_told_as_one(tmp_path: Path) -> None:
    async with serving(tmp_path, reply_deadline_s=2.0) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        await served.gateway.plant("refund:fails")
        body = stories.create_body(offer, "sale", (APPROVED, CAPTURE_DECLINES))
        ((_, text),) = (await served.client.send(body)).errors
        assert "what was charged is refunded" in text


# -- before there is an order ------------------------------------------------------------------

BEFORE: Final = ("availability", "check", "events", "head", "taken")
SILENT: Final = ("fails", "rejects-once", "times-out-before", "times-out-after", "garbage", "reset")


@pytest.mark.parametrize("kind", SILENT)
async def test_a_pss_without_availability_is_said_and_gets_over_it(
    tmp_path: Path, kind: str
) -> None:
    async with serving(tmp_path) as served:
        bounds = [("YYZ", "LHR", served.today + timedelta(days=30))]
        await served.pss.plant(f"availability:{kind}")
        refused = await served.talk.shop(bounds, stories.PARTY)
        assert [code for code, _ in refused.errors] == ["493"]
        assert "Nothing was done." in refused.errors[0][1]
        assert refused.headers["Retry-After"]
        await served.pss.clear_faults()
        assert offers_of(await served.talk.shop(bounds, stories.PARTY))


@pytest.mark.parametrize("kind", SILENT)
async def test_a_pss_that_cannot_check_prices_nothing(tmp_path: Path, kind: str) -> None:
    async with serving(tmp_path) as served:
        bounds = [("YYZ", "LHR", served.today + timedelta(days=30))]
        offer = offers_of(await served.talk.shop(bounds, stories.PARTY))[0]
        await served.pss.plant(f"check:{kind}")
        refused = await served.talk.price(offer, stories.PARTY)
        assert [code for code, _ in refused.errors] == ["493"]
        assert "Nothing was done." in refused.errors[0][1]
        await served.pss.clear_faults()
        assert (await served.talk.price(offer, stories.PARTY)).errors == ()


@pytest.mark.parametrize("kind", SILENT)
async def test_a_silent_feed_stops_no_sale(tmp_path: Path, kind: str) -> None:
    async with serving(tmp_path) as served:
        await served.pss.plant(f"events:{kind}")
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        stories.assert_ends(await served.client.send(stories.create_body(offer, "sale")), "")


@pytest.mark.parametrize("kind", SILENT)
async def test_a_feed_whose_head_is_not_told_stops_no_sale(tmp_path: Path, kind: str) -> None:
    """From the start of the process; see the first line."""
    async with serving(tmp_path) as served:
        await served.pss.plant(f"head:{kind}")
    async with serving(tmp_path) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        stories.assert_ends(await served.client.send(stories.create_body(offer, "sale")), "")


@pytest.mark.parametrize("kind", SILENT)
async def test_a_pss_that_does_not_say_which_seats_are_taken(tmp_path: Path, kind: str) -> None:
    async with serving(tmp_path) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        await served.pss.plant(f"taken:{kind}")
        refused = await served.client.send(seats_for_offer(offer.offer_id))
        assert [code for code, _ in refused.errors] == ["493"]
        await served.pss.clear_faults()
        assert seats_of(await served.client.send(seats_for_offer(offer.offer_id)))


@pytest.mark.parametrize("kind", ["slow:100ms", "duplicate"])
@pytest.mark.parametrize("verb", BEFORE)
async def test_a_slow_pss_is_waited_for(tmp_path: Path, verb: str, kind: str) -> None:
    async with serving(tmp_path) as served:
        await served.pss.plant(f"{verb}:{kind}")
    async with serving(tmp_path) as served:
        offer = await stories.firm_offer(served.talk, served.today + timedelta(days=30))
        assert seats_of(await served.client.send(seats_for_offer(offer.offer_id)))
