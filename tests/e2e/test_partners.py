"""Partners' flights beside and together with ours: searched, ordered, ticketed, given back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from tests import databases
from tests.houses import CheckedClient, serving
from tests.partners.joint import (
    ADULT,
    URL,
    Joint,
    bases,
    booked_where,
    carriers,
    coupons,
    joint,
    texts,
    tickets,
)

from ndc_oms.kit.client import Reply, find_all
from ndc_oms.kit.conversation import OfferSummary, OrderSummary, offers_of, order_of
from ndc_oms.kit.fault_proxy import Spoil
from ndc_oms.kit.requests import Pax, Sender, card
from ndc_oms.kit.servicing import cancel_unpaid, order_change
from ndc_oms.ports.outcome import Confirmed

VISA = "4111111111111111"
DECLINED = "4000000000002008"
FAMILY = (
    Pax("PAX1", surname="Hansen", given="Maren"),
    Pax("PAX2", "CHD", "Hansen", "Ole", birthdate=date(2020, 5, 4)),
    Pax("PAX3", "INF", "Hansen", "Ida", birthdate=date(2026, 6, 1), holder="PAX1"),
)


@pytest.fixture
async def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Joint]:
    async with joint(tmp_path, monkeypatch) as houses:
        yield houses
        assert await houses.findings() == []


# -- one bound, wholly a partner's -------------------------------------------------------------


@pytest.mark.parametrize(
    ("pair", "carrier", "prefix", "family"),
    [
        (("LHR", "ABZ"), "XA", "906", "Aster Basic"),
        (("CPH", "OSL"), "XI", "913", "Blue"),
    ],
)
async def test_a_bound_that_a_partner_flies(
    both: Joint, pair: tuple[str, str], carrier: str, prefix: str, family: str
) -> None:
    shown = await both.ours.talk.shop([(*pair, both.day)], ADULT)
    assert set(carriers(shown)) == {(carrier, carrier)}
    first = offers_of(shown)[0]
    assert first.families == (family,)
    priced = await both.ours.talk.price(first, ADULT)
    (firm,) = offers_of(priced)
    assert firm.amount == first.amount
    made = await both.ours.talk.create(firm, ADULT, "trx-1")
    assert made.errors == ()
    assert made.text("Response/Order/TotalPrice/TotalAmount") == first.amount
    assert tickets(made) == {next(iter(tickets(made))): carrier}
    assert next(iter(tickets(made))).startswith(prefix)
    assert set(texts(made, "//DeliveryStatusCode")) == {"READY TO PROCEED"}
    assert booked_where(made) == {"SEG1": [carrier]}
    again = await both.ours.talk.retrieve(order_of(made).order_id)
    assert tickets(again) == tickets(made)


async def test_a_partner_keeps_its_own_time_limit(both: Joint) -> None:
    shopped = (await both.offers(("LHR", "ABZ")))[0]
    assert shopped.expires == "2027-01-12T09:15:00Z"  # 15 minutes, where ours have 30
    (firm,) = offers_of(await both.ours.talk.price(shopped, ADULT))
    assert firm.expires == "2027-01-12T09:15:00Z"
    both.ours.clock.advance(timedelta(minutes=15))
    for offer in (shopped, firm):
        late = await both.ours.talk.create(offer, ADULT, f"trx-{offer.offer_id[:4]}")
        assert late.errors[0][0] == "913"


async def test_a_shopped_offer_of_a_partner_can_be_ordered_without_being_priced(
    both: Joint,
) -> None:
    offer = (await both.offers(("CPH", "OSL")))[0]
    made = await both.ours.talk.create(offer, ADULT, "trx-1")
    assert made.errors == ()
    assert set(tickets(made).values()) == {"XI"}


# -- ours and theirs in one offer --------------------------------------------------------------


@pytest.mark.parametrize(
    ("pair", "carrier", "via"), [(("YYZ", "ABZ"), "XA", "LHR"), (("YYZ", "OSL"), "XI", "CPH")]
)
async def test_a_connection_from_ours_to_theirs(
    both: Joint, pair: tuple[str, str], carrier: str, via: str
) -> None:
    priced = await both.ours.talk.price((await both.offers(pair, party=FAMILY))[0], FAMILY)
    (firm,) = offers_of(priced)
    assert carriers(priced) == [("T8", "T8"), (carrier, carrier)]
    item = priced.all("//OfferItem")[0]
    ours, theirs = bases(item)
    assert ours != theirs
    made = await both.ours.talk.create(firm, FAMILY, "trx-1")
    assert made.errors == ()
    issuers = sorted(tickets(made).values())
    assert issuers == sorted(["T8", carrier] * 3)
    assert coupons(made) == ["O"] * 6
    assert booked_where(made) == {"SEG1": ["T8"], "SEG2": [carrier]}
    assert set(texts(made, "//DeliveryStatusCode")) == {"READY TO PROCEED"}
    order = (await both.ours.house.store.get_order(order_of(made).order_id, None)).order
    (part,) = order.parts
    assert order.segments[1].flight.origin == via
    sold = sum((d.total.decimal() for d in order.documents), Decimal(0))
    assert sold == order.total.decimal()
    theirs_sold = sum((d.total.decimal() for d in order.documents if d.issuer), Decimal(0))
    assert theirs_sold == part.total("CAD").decimal()


async def test_a_connection_from_theirs_to_ours(both: Joint) -> None:
    priced = await both.ours.talk.price((await both.offers(("ABZ", "YYZ")))[0], ADULT)
    assert carriers(priced) == [("XA", "XA"), ("T8", "T8")]
    made = await both.ours.talk.create(offers_of(priced)[0], ADULT, "trx-1")
    assert made.errors == ()
    assert booked_where(made) == {"SEG1": ["XA"], "SEG2": ["T8"]}


async def test_out_on_ours_and_back_on_theirs(both: Joint) -> None:
    offers = await both.offers(("LGW", "YYZ"), ("LHR", "ABZ"), ("ABZ", "LHR"))
    made = await both.ours.talk.create(offers[0], ADULT, "trx-1")
    assert made.errors == ()
    assert sorted(tickets(made).values()) == ["T8", "XA", "XA"]
    assert booked_where(made) == {"SEG1": ["T8"], "SEG2": ["XA"], "SEG3": ["XA"]}


async def test_the_strictest_rule_and_the_fewest_bags_hold(both: Joint) -> None:
    shown = await both.ours.talk.shop([("YYZ", "ABZ", both.day)], ADULT)
    standard = next(
        each for each in offers_of(shown) if each.families == ("Economy Standard + Aster Plus",)
    )
    (element,) = [
        each for each in shown.all("//Offer") if standard.offer_id in texts_of(each, "OfferID")
    ]
    fees = texts_of(element, "OfferItem/CancelRestrictions/Fee/Amount")
    assert fees == ["283.00"]  # ours 200, and 45 GBP of theirs
    bags = texts_of(element, "BaggageAssociations/BaggageAllowanceRefID")
    assert bags == ["bag.carryon.1x8", "bag.checked.1x20"]


def texts_of(element: etree._Element, path: str) -> list[str]:
    return [each.text or "" for each in find_all(element, path)]


# -- our number on their aircraft --------------------------------------------------------------


async def shared(both: Joint, party: tuple[Pax, ...] = ADULT) -> OfferSummary:
    """To Newcastle on our numbers all the way."""
    offers = await both.offers(("YYZ", "NCL"), party=party)
    return next(each for each in offers if each.families == ("Economy Standard",))


async def test_a_code_share_is_sold_and_ticketed_as_ours(both: Joint) -> None:
    priced = await both.ours.talk.price(await shared(both), ADULT)
    assert carriers(priced) == [("T8", "T8"), ("T8", "XA")]
    assert texts(priced, "//Disclosure/Desc/DescText") == ["Operated by XA, sold by T8."]
    before = await both.aster.seats(both.day + timedelta(days=1))
    made = await both.ours.talk.create(offers_of(priced)[0], ADULT, "trx-1")
    assert made.errors == ()
    assert list(tickets(made).values()) == ["T8"]
    assert coupons(made) == ["O", "O"]
    assert booked_where(made) == {"SEG1": ["T8"], "SEG2": ["T8", "XA"]}
    assert await both.aster.seats(both.day + timedelta(days=1)) != before


async def test_a_code_share_sells_no_more_than_the_partner_leaves_us(both: Joint) -> None:
    party = tuple(Pax(f"PAX{n}", surname="Hansen", given=f"Maren{'a' * n}") for n in range(1, 5))
    # two are shown the same seats; the first one takes them
    first, second = await shared(both, party), await shared(both, party)
    assert (await both.ours.talk.create(first, party, "trx-1")).errors == ()
    late = await both.ours.talk.create(second, party, "trx-2")
    assert late.errors[0][0] == "493"
    assert "nothing was charged and no seat is kept" in late.errors[0][1]
    both.ours.clock.advance(timedelta(seconds=31))
    for _ in range(3):  # a day of the projection is asked for again at each look
        await both.ours.house.availability.catch_up()
    offers = await both.offers(("YYZ", "NCL"), party=party)
    assert _flown(first) not in {_flown(each) for each in offers}


# -- what partners do not say ------------------------------------------------------------------


async def test_a_slow_partner_costs_its_own_offers_only(both: Joint) -> None:
    both.wire.plant(Spoil.LATE, "IATA_AirShoppingRQ", delay_s=2.5)
    shown = await both.ours.talk.shop(
        [("YYZ", "CPH", both.day), ("CPH", "OSL", both.day + timedelta(days=7))], ADULT
    )
    assert shown.errors[0][0] == "496"
    assert "isfugl" in shown.errors[0][1]
    assert "no answer within 1.5 s" in shown.errors[0][1]
    assert ("isfugl", "late", 1) in list(both.ours.house.board)


async def test_what_comes_late_is_there_for_the_next_search(both: Joint) -> None:
    both.wire.plant(Spoil.LATE, "IATA_AirShoppingRQ", delay_s=1.7)
    shown = await both.ours.talk.shop([("CPH", "OSL", both.day)], ADULT)
    assert shown.errors[0][0] == "496"
    while not any(name == "isfugl" for name, _ in both.ours.house.board._kept):
        await asyncio.sleep(0.05)
    assert await both.offers(("CPH", "OSL"))
    assert both.wire.seen["IATA_AirShoppingRQ"] == 1


async def test_a_failed_partner_is_named_in_a_warning_beside_our_offers(both: Joint) -> None:
    await both.aster.side.plant("search:garbage")
    shown = await both.ours.talk.shop([("YYZ", "NCL", both.day)], ADULT)
    assert {families for each in offers_of(shown) for families in each.families} == {
        "Economy Light", "Economy Standard", "Economy Flex",
    }  # fmt: skip
    told = texts(shown, "//Warning/DescText")
    assert any("partner aster are missing" in each for each in told)


async def test_a_partner_that_is_not_connected_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(URL, raising=False)
    async with serving(tmp_path) as house:
        day = house.today + timedelta(days=30)
        shown = await house.talk.shop([("YYZ", "OSL", day)], ADULT)
        assert shown.errors[0][0] == "496"
        assert "isfugl are missing: it is not connected" in shown.errors[0][1]


# -- sold meanwhile, given back ----------------------------------------------------------------


async def test_a_class_that_was_sold_at_the_partner_is_another_price(both: Joint) -> None:
    offer = (await both.offers(("LHR", "ABZ")))[0]
    _take_back(both, "V")
    priced = await both.ours.talk.price(offer, ADULT)
    assert any("711" in each for each in texts(priced, "//Warning/Code"))
    assert Decimal(offers_of(priced)[0].amount) > Decimal(offer.amount)


async def test_seats_that_are_gone_at_the_partner_turn_the_order_round(both: Joint) -> None:
    """Nobody else could have known: the last seats went while our customer was paying."""
    offer = (await both.offers(("YYZ", "ABZ")))[0]
    (firm,) = offers_of(await both.ours.talk.price(offer, ADULT))
    _take_back(both, "V")
    made = await both.ours.talk.create(firm, ADULT, "trx-1")
    assert made.errors[0][0] == "493"
    assert "partner airline" in made.errors[0][1]
    assert "nothing was charged and no seat is kept" in made.errors[0][1]
    assert await both.aster.live_bookings() == {}


async def test_a_paid_order_is_given_back_at_the_partner_too(both: Joint) -> None:
    for pair, trx in ((("YYZ", "ABZ"), "a"), (("YYZ", "OSL"), "b"), (("YYZ", "NCL"), "c")):
        made = await both.ours.talk.create((await both.offers(pair))[0], ADULT, trx)
        assert made.errors == ()
        order = order_of(made)
        quoted = await both.ours.talk.reshop(order.order_id)
        assert quoted.errors == ()
        given = await both.ours.talk.accept_cancelled(order, quoted, f"{trx}-cancel")
        assert given.errors == ()
        closed = await both.settle(order.order_id)
        assert closed.text("Response/Order/StatusCode") == "CLOSED"
        assert set(coupons(closed)) == {"V"}
    assert await both.aster.live_bookings() == {}
    assert not await both.theirs.house.store.list_tasks(None)


@pytest.mark.parametrize("pair", [("YYZ", "OSL"), ("CPH", "OSL")])
async def test_a_partner_that_keeps_nothing_unpaid_is_paid_at_once(
    both: Joint, pair: tuple[str, str]
) -> None:
    held = await both.ours.talk.hold((await both.offers(pair))[0], ADULT, "trx-1")
    assert held.errors[0][0] == "495"


async def held_at_both(both: Joint, pair: tuple[str, str]) -> Reply:
    held = await both.ours.talk.hold((await both.offers(pair))[0], ADULT, "hold")
    assert held.errors == ()
    assert list((await both.aster.live_bookings()).values()) == [order_of(held).order_id]
    assert tickets(held) == {}
    return held


LIMIT = "//PaymentTimeLimitDateTime"


@pytest.mark.parametrize("pair", [("YYZ", "ABZ"), ("LHR", "ABZ")])
async def test_seats_are_held_at_the_partner_until_its_limit_and_paid(
    both: Joint, pair: tuple[str, str]
) -> None:
    held = await held_at_both(both, pair)
    until = both.ours.clock.now() + timedelta(hours=12)  # the partner's; ours would be later
    assert {datetime.fromisoformat(each) for each in texts(held, LIMIT)} == {
        until.replace(microsecond=0)
    }
    both.ours.clock.advance(timedelta(hours=11))
    order = order_of(await both.ours.talk.retrieve(order_of(held).order_id))
    paid = await both.ours.talk.pay(order, card(VISA, order.amount, order.currency), "pay")
    assert paid.errors == ()
    after = await both.settle(order.order_id)
    assert set(coupons(after)) == {"O"}
    assert "XA" in tickets(after).values()
    both.ours.clock.advance(timedelta(hours=2))  # and nothing lapses any more
    assert len(await both.aster.live_bookings()) == 1
    assert set(coupons(await both.settle(order.order_id))) == {"O"}


# -- held over HTTP ----------------------------------------------------------------------------


async def states_there(both: Joint) -> list[str]:
    """Of Isfugl's orders: what it shows of each."""
    rows = databases.read(
        both.theirs.house.config.data, "SELECT status FROM orders ORDER BY created_at"
    )
    return [row[0] for row in rows]


async def held_over_http(both: Joint, pair: tuple[str, str]) -> OrderSummary:
    """In a family that Isfugl keeps unpaid for eighteen hours, once it was priced."""
    shown = next(each for each in await both.offers(pair) if "Ice" in each.families[0])
    priced = await both.ours.talk.price(shown, ADULT)
    until = both.ours.clock.now() + timedelta(hours=18)
    stated = {datetime.fromisoformat(each) for each in texts(priced, LIMIT)}
    assert stated == {until.replace(microsecond=0)}
    held = await both.ours.talk.hold(offers_of(priced)[0], ADULT, "hold")
    assert held.errors == ()
    assert tickets(held) == {}
    assert {datetime.fromisoformat(each) for each in texts(held, LIMIT)} == stated
    assert await states_there(both) == ["OPENED"]
    return order_of(held)


@pytest.mark.parametrize("pair", [("YYZ", "OSL"), ("CPH", "OSL")])
async def test_seats_are_held_over_http_until_the_partner_s_limit_and_paid(
    both: Joint, pair: tuple[str, str]
) -> None:
    order = await held_over_http(both, pair)
    both.ours.clock.advance(timedelta(hours=17))
    paid = await both.ours.talk.pay(order, card(VISA, order.amount, order.currency), "pay")
    assert paid.errors == ()
    after = await both.settle(order.order_id)
    assert set(coupons(after)) == {"O"}
    assert "XI" in tickets(after).values()
    both.ours.clock.advance(timedelta(hours=2))  # and nothing lapses any more, there or here
    await both.theirs.house.deliverer.run_due()
    assert await states_there(both) == ["OPENED"]
    assert set(coupons(await both.settle(order.order_id))) == {"O"}


@pytest.mark.parametrize("pair", [("YYZ", "OSL"), ("CPH", "OSL")])
async def test_a_hold_that_nobody_pays_ends_here_and_over_http(
    both: Joint, pair: tuple[str, str]
) -> None:
    order = await held_over_http(both, pair)
    both.ours.clock.advance(timedelta(hours=18, seconds=1))
    closed = await both.settle(order.order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    await both.theirs.house.deliverer.run_due()
    assert await states_there(both) == ["CLOSED"]


async def test_a_hold_that_is_given_up_is_given_up_over_http(both: Joint) -> None:
    order = await held_over_http(both, ("YYZ", "OSL"))
    gone = await both.ours.talk.cancel_unpaid(order, "cancel")
    assert gone.errors == ()
    closed = await both.settle(order.order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    assert await states_there(both) == ["CLOSED"]


async def test_a_hold_whose_payment_fails_stays_held_over_http(both: Joint) -> None:
    order = await held_over_http(both, ("YYZ", "OSL"))
    failed = await both.ours.talk.pay(order, card(DECLINED, order.amount, order.currency), "no")
    assert [code for code, _ in failed.errors] == ["708"]
    assert await states_there(both) == ["OPENED"]
    order = order_of(await both.ours.talk.retrieve(order.order_id))
    paid = await both.ours.talk.pay(order, card(VISA, order.amount, order.currency), "yes")
    assert paid.errors == ()
    assert set(coupons(await both.settle(order.order_id))) == {"O"}


async def test_a_hold_that_the_partner_ended_cannot_be_ticketed(both: Joint) -> None:
    """Its staff took it back: who pays gets all of it back."""
    order = await held_over_http(both, ("YYZ", "OSL"))
    there = databases.read(both.theirs.house.config.data, "SELECT order_id FROM orders")[0][0]
    async with CheckedClient(both.theirs.url, "ndc_test_trillium") as client:
        sender = Sender(org_id="92000068", carrier="XI")
        gone = await client.send(
            order_change(there, cancel_unpaid(there, owner="XI"), sender=sender, trx_id="staff")
        )
    assert gone.errors == ()
    paid = await both.ours.talk.pay(order, card(VISA, order.amount, order.currency), "pay")
    assert [code for code, _ in paid.errors] == ["182"]
    closed = await both.settle(order.order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    assert texts(closed, "//PaymentStatusCode") == ["FAILED"]


async def test_a_hold_that_nobody_pays_ends_at_both(both: Joint) -> None:
    held = await held_at_both(both, ("YYZ", "ABZ"))
    both.ours.clock.advance(timedelta(hours=12, seconds=1))
    closed = await both.settle(order_of(held).order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    assert await both.aster.live_bookings() == {}


async def test_a_partner_that_gives_the_seats_back_too_early_ends_the_order(both: Joint) -> None:
    held = await held_at_both(both, ("YYZ", "ABZ"))
    order = order_of(held)
    (part,) = (await both.ours.house.store.get_order(order.order_id, None)).order.parts
    assert isinstance(await both.aster.cancel("staff", part.reference or ""), Confirmed)
    paid = await both.ours.talk.pay(order, card(VISA, order.amount, order.currency), "pay")
    assert [code for code, _ in paid.errors] == ["182"]
    assert "A partner airline could not issue its tickets" in paid.errors[0][1]
    closed = await both.settle(order.order_id)
    assert closed.text("Response/Order/StatusCode") == "CLOSED"
    assert tickets(closed) == {}


async def test_our_own_limit_binds_where_it_is_the_earlier_one(both: Joint) -> None:
    """A flight that leaves in two weeks is held by us for a day; by the partner until it closes."""
    both.aster._filed = replace(both.aster._filed, hold=timedelta(days=20))
    held = await held_at_both(both, ("YYZ", "ABZ"))
    (until,) = {datetime.fromisoformat(each) for each in texts(held, LIMIT)}
    assert until < both.ours.clock.now() + timedelta(days=4)


async def test_a_code_share_can_be_held_and_its_seats_come_back(both: Joint) -> None:
    held = await both.ours.talk.hold(await shared(both), ADULT, "trx-1")
    assert held.errors == ()
    assert len(await both.aster.live_bookings()) == 1
    order = order_of(held)
    given = await both.ours.talk.cancel_unpaid(order, "trx-2")
    assert given.errors == ()
    await both.settle(order.order_id)
    assert await both.aster.live_bookings() == {}


def _flown(offer: OfferSummary) -> str:
    """What the token says of flights and classes, whoever asks and when."""
    return offer.offer_id[32:-12]


def _take_back(both: Joint, rbd: str) -> None:
    """The partner leaves us no more seats of a class."""
    filed = both.aster._filed
    left = {key: 0 if (key[0], key[2]) == ("interline", rbd) else n
            for key, n in filed.allotments.items()}  # fmt: skip
    both.aster._filed = replace(filed, allotments=left)  # others read the same files
