"""Any sequence of holding, paying, giving up, updating, waiting, with any faults: nothing is left
between, no seat and no cent is lost, and every change happens once.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.orders.offered import SELLER, T, attempt
from tests.orders.servicing import HOLD, Desk, card, plan, redirect
from tests.timeless import run

from ndc_oms.errors import Refusal
from ndc_oms.fulfilment.plan import next_step, settled
from ndc_oms.model.balance import covered, open_items, outstanding
from ndc_oms.model.documents import DocumentType
from ndc_oms.model.ledger import Account
from ndc_oms.model.money import Money, total
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import LoyaltyAccount, Person
from ndc_oms.model.status import OrderStatus, PaymentState
from ndc_oms.model.stock import taken
from ndc_oms.offers.request import SelectedItem
from ndc_oms.orders.request import (
    ChangeRequest,
    PaymentRequest,
    RenamePerson,
    UpdatePerson,
)
from ndc_oms.payments.allocation import standing

VERBS = {
    "pss": (
        "book",
        "issue",
        "void",
        "refund",
        "cancel",
        "cancel_part",
        "update_services",
        "find",
        "add_flights",
        "drop_flights",
        "divide",
        "exchange",
        "revalidate",
        "rename",
        "associate",
        "hold",
    ),
    "gateway": ("authorise", "capture", "release", "refund", "find"),
    "plan": ("authorise", "capture", "release", "refund"),
    "pages": ("open_page", "close_page", "capture", "release"),
}
KINDS = ("none", "none", "none", "fails", "rejects", "before", "after", "raises")
FORMS = {"card": card, "plan": plan, "redirect": redirect}


@dataclass(frozen=True)
class Act:
    """what, of which passenger, in which form, how many hours later."""

    what: str
    who: int = 1
    form: str = "card"
    hours: int = 0


ACTS = st.builds(
    Act,
    what=st.sampled_from(
        ("pay", "pay", "pay", "pay-one", "pay-two-forms", "reprice", "drop", "drop-one", "cancel",
         "cancel-one", "cancel-way", "change", "change", "change-one", "update", "payer-pays",
         "payer-gives-up", "wait", "fly", "add", "add", "add-unpaid", "add-free", "remove",
         "drop-service", "correct", "rename")
    ),
    who=st.integers(1, 3),
    form=st.sampled_from(sorted(FORMS)),
    hours=st.sampled_from((0, 0, 1, 11, 13, 30, 50)),
)  # fmt: skip
FAULTS = st.lists(
    st.sampled_from([(side, verb) for side, verbs in VERBS.items() for verb in verbs]).flatmap(
        lambda place: st.tuples(st.just(place), st.sampled_from(KINDS))
    ),
    max_size=8,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kinds=st.sampled_from([(T.ADULT,), (T.ADULT, T.INFANT), (T.ADULT, T.ADULT, T.CHILD)]),
    held=st.sampled_from((True, True, False)),
    acts=st.lists(ACTS, max_size=6),
    faults=FAULTS,
    hasty=st.booleans(),
)
def test_any_sequence(kinds: Any, held: bool, acts: list[Act], faults: Any, hasty: bool) -> None:
    run(_play(kinds, held, acts, faults, hasty))


async def _play(kinds: Any, held: bool, acts: list[Act], faults: Any, hasty: bool) -> None:
    house = Desk(holds=(HOLD,), failing_over=True, reply_within_s=0.0 if hasty else 0.3)
    for (side, verb), kind in faults:
        getattr(house, side).plant(verb, kind)
    with suppress(Refusal):
        await (house.hold(*kinds) if held else house.sell(*kinds))
    if not house.store.orders:
        assert house.pss.seats == 100 - sum(house.pss.holds.values())
        return
    for number, act in enumerate(acts):
        await house.wait(hours=act.hours)
        with suppress(Refusal):
            await _do(house, act, f"act:{number}")
        _check(house)
    for side in VERBS:
        getattr(house, side).faults.clear()
    for _ in range(40):
        await house.wait(minutes=6)
        _check(house)
    await house.wait(hours=60)
    await house.wait(minutes=6)
    _check(house)
    _check_end(house)


async def _do(house: Desk, act: Act, key: str) -> None:
    order = house.order
    mine = [i for i in order.live_items if i.passenger_id == f"PAX{act.who}"]
    ids, price = [i.id for i in mine], total((i.fare.total for i in mine), "EUR")
    pay = FORMS[act.form]
    match act.what:
        case "pay":
            await _twice(house, key, pay(order.total))
        case "pay-one":
            await _twice(house, key, pay(price, *ids))
        case "pay-two-forms":
            part = total((i.fare.base for i in mine), "EUR")
            await _twice(house, key, card(part), pay(order.total - part))
        case "reprice":
            quote = await house.requoted(act.who * 7)
            if quote.items:
                await house.agree(quote, pay(quote.new_total), key=key)
        case "drop" | "drop-one":
            await house.drop(*(ids if act.what == "drop-one" else ()), key=key)
        case "cancel" | "cancel-one" | "cancel-way":
            some = {"cancel": [], "cancel-one": ids, "cancel-way": _way(order, act.who)}
            await house.accept(await house.quoted(*some[act.what]))
        case "change" | "change-one":
            await _change(house, act, pay, key)
        case "update" | "correct" | "rename":
            await _update(house, act, pay, key)
        case "add" | "add-unpaid" | "add-free" | "remove" | "drop-service":
            await _do_service(house, act, key)
        case "payer-pays" | "payer-gives-up":
            await _payer(house, pays=act.what == "payer-pays")
        case "fly":
            _fly(house)


# minor units by which an alternative is dearer: (base, each tax)
DIFFERENCES = (((500, 0),), ((-700, 0),), ((0, 0),), ((-9_000, -300),), ((200, -100),))


async def _change(house: Desk, act: Act, pay: Any, key: str) -> None:
    """The first journey a day or so later, or the second one; for all, or for one who may."""
    order, later = house.order, act.who % 2
    house.differences = DIFFERENCES[act.hours % len(DIFFERENCES)]
    who = {p.id for p in order.passengers} if act.what == "change" else _pair(act)
    named = [i for i in _way(order, later) if order.item(i).passenger_id in who]
    if named:
        await house.changed(named, [12 if later else 3 + act.hours % 5], pay=pay, key=key)


async def _update(house: Desk, act: Act, pay: Any, key: str) -> None:
    """What is known of a passenger, a slip of the pen, and another name."""
    who = f"PAX{act.who}"
    if act.what == "update":
        person = Person("P", "", (), loyalty=(LoyaltyAccount("XX", str(act.who)),))
        await house.ask(UpdatePerson(who, who, person), key=key)
    elif act.what == "correct":
        named = Person("P", ("Exempel", "Exampel", "Example")[act.hours % 3], ())
        await house.ask(UpdatePerson(who, who, named), key=key)
    else:
        surname = ("Berg", "Lindqvist", "Okafor")[act.hours % 3]
        await house.renamed(RenamePerson(who, surname), pay, key=key)


def _way(order: Order, place: int) -> list[str]:
    """Items of the first or second journey that is still flown."""
    bounds = sorted({item.bound_index for item in order.live_items})
    wanted = bounds[place % len(bounds)] if bounds else None
    return [i.id for i in order.live_items if i.bound_index == wanted]


def _pair(act: Act) -> set[str]:
    """One who may change alone, or with the infant on its lap."""
    return {f"PAX{act.who}", "PAX2"} if act.who == 1 else {f"PAX{act.who}"}


async def _do_service(house: Desk, act: Act, key: str) -> None:
    order, pay = house.order, FORMS[act.form]
    match act.what:
        case "add" | "add-unpaid":
            items = _services(house, act)
            price = Money(2501 + 4000 * (act.hours > 1), "EUR")
            if open_items(order):
                price += outstanding(order)
            await house.add(*items, paid=(pay(price),) if act.what == "add" else (), key=key)
        case "add-free":
            await house.add(house.service("CHAIR", act.who % 2, f"PAX{act.who}"), key=key)
        case "remove":
            await house.accept(await house.quoted(*_some(order, act)))
        case "drop-service":
            await house.drop(*_some(order, act), key=key)


def _services(house: Desk, act: Act) -> list[SelectedItem]:
    """A bag, and with it perhaps the lounge's only place."""
    who = f"PAX{act.who}"
    bag = house.service("BAG", act.who % 2, who, price=2501)
    lounge = house.service("LOUNGE", 0, who, price=4000)
    return [bag, lounge] if act.hours > 1 else [bag]


def _some(order: Order, act: Act) -> list[str]:
    """One of the services; an order without any has none of this name."""
    live = order.live_ancillaries
    return [live[act.who % len(live)].id if live else "none"]


def _fly(house: Desk) -> None:
    """Not on a new ticket while its change is under way: were that taken back then, people would
    have to see to what is left.
    """
    still = settled(house.order)
    for number in house.pss.live_documents:
        if still or house.pss.documents[number].exchange_of is None:
            house.pss.fly(number, "SEG1")


async def _twice(house: Desk, key: str, *payments: PaymentRequest) -> None:
    """The same message is sent two times at once."""
    request = ChangeRequest(house.reference(), None, payments)
    sent = [house.change(request, SELLER, attempt(key)) for _ in range(2)]
    for each in await asyncio.gather(*sent, return_exceptions=True):
        if isinstance(each, BaseException) and not isinstance(each, Refusal):
            raise each


async def _payer(house: Desk, *, pays: bool) -> None:
    for payment in house.order.payments:
        if payment.state is PaymentState.AWAITING and payment.session in house.pages.pages:
            session = payment.session
            body = house.pages.pay(session) if pays else f"{session} ".encode()
            await house.callback("pages", body, {"signed": "yes"})


def _check(house: Desk) -> None:
    """After every act."""
    house.check()
    order = house.order
    money = standing(order)
    assert money.refunded <= money.captured <= money.authorised
    assert settled(order) or house.store.tasks
    sold = sum(house.pss.sold(pnr) for pnr in house.pss.pnrs.values() if not pnr.cancelled)
    assert house.pss.seats == 100 - sold - sum(house.pss.holds.values())
    live = {p.locator for p in house.pss.pnrs.values() if not p.cancelled}
    known = {booking.locator for booking in order.bookings}
    assert live <= known or not settled(order) or house.store.tasks
    captured = [p for p in order.payments if p.capture is not None]
    charged = sum(p.left.minor for p in captured)
    gateways = (house.gateway, house.second, house.plan, house.pages)
    held = Counter(
        {place: count for place, (count, _) in taken(order).items()}
        if order.status is OrderStatus.OPENED
        else {}
    )
    assert +house.store.stock == held
    if settled(order):
        assert sum(gateway.kept for gateway in gateways) == charged


def _check_end(house: Desk) -> None:
    """When nothing is left to be done."""
    order = house.order
    assert next_step(order) is None
    assert house.store.tasks == {}
    accounts = _balances(house)
    assert accounts[Account.RECEIVABLE] == 0
    assert accounts[Account.CLEARING] == sum(
        p.left.minor for p in order.payments if p.capture is not None
    )
    for gateway in (house.gateway, house.second, house.plan, house.pages):
        used = {p.authorisation for p in order.payments if p.capture is not None}
        assert set(gateway.authorised) - used <= gateway.released
    # paid: what the order costs, what was kept of changes and cancellations, what stays as a value
    kept = accounts[Account.PENALTIES] + accounts[Account.RESIDUALS]
    assert accounts[Account.CLEARING] == order.total.minor - kept
    assert accounts[Account.RESIDUALS] == -sum(
        d.total.minor for d in order.documents for c in d.coupons if d.of_money and c.status == "O"
    )
    _check_names(house)
    flown = {(i.passenger_id, s.segment_id) for i in order.live_items for s in i.services}
    paid = {s.id for i in order.live_ancillaries if i.needs_document for s in i.services}
    tickets, emds = _live_coupons(house)
    assert tickets == Counter(flown)
    assert emds == Counter(paid)
    assert order.total == total((item.fare.total for item in order.live), "EUR")
    if order.status is OrderStatus.CLOSED:
        assert house.pss.seats == 100
    else:
        assert covered(order)
        assert _seats(order) == 100 - house.pss.seats


def _check_names(house: Desk) -> None:
    """Bookings call everybody as we do, and nobody is about to be called otherwise."""
    (record,) = house.store.orders.values()
    assert {person.becomes for person in record.people.persons} == {None}
    called = {p.passenger_id: p.surname.upper() for p in record.people.persons}
    for pnr in house.pss.pnrs.values():
        for traveller in () if pnr.cancelled else pnr.travellers:
            assert traveller.surname == called[traveller.passenger_id]


def _balances(house: Desk) -> Counter[Account]:
    sums: Counter[Account] = Counter()
    for transaction in house.store.ledger:
        for posting in transaction.postings:
            sums[posting.account] += posting.amount.minor
    return sums


def _live_coupons(house: Desk) -> tuple[Counter[tuple[str, str | None]], Counter[str | None]]:
    """Of tickets by passenger and flight, of EMDs by service."""
    live = [
        (house.pss.documents[n], coupon)
        for n in house.pss.live_documents
        for coupon in house.pss.documents[n].coupons
        if coupon.status in "OAF" and not house.pss.documents[n].of_money
    ]
    return (
        Counter(
            (document.passenger_id, coupon.segment_id)
            for document, coupon in live
            if document.type is DocumentType.TICKET
        ),
        Counter(c.service_id for d, c in live if d.type is not DocumentType.TICKET),
    )


def _seats(order: Order) -> int:
    kinds = {p.id: p.type for p in order.passengers}
    return sum(kinds[item.passenger_id].seated for item in order.live_items for _ in item.services)
