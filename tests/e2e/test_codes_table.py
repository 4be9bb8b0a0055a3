"""The table of error codes that agents code against, row by row: who reaches each code, with which
message; and the ones that only other messages than shop, price, create and retrieve can give.
"""

import ast
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from tests.e2e.servicing import ADULT, bought, codes, hold, offer, seen
from tests.e2e.test_codes import CASES
from tests.e2e.with_services import pay
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import offers_of, order_of
from ndc_oms.kit.requests import Pax
from ndc_oms.kit.seats import seats_for_offer, seats_for_order, seats_of
from ndc_oms.kit.servicing import contact, reached_by, update_pax
from ndc_oms.model.seat import Seat, SeatChoice
from ndc_oms.ports.outcome import Confirmed

HERE: Final = Path(__file__).parent
ROUTINE: Final = "every message"

# Source: the project's table of codes (PADIS 9321), row by row, with the messages that give them.
ROWS: Final[tuple[tuple[str, str], ...]] = (
    ("8 103 386", "shop"),
    ("12", "shop reshop"),
    ("68", "shop price"),
    ("73", "create change"),
    ("100 130", "shop"),
    ("102", "shop reshop"),
    ("111 717", ROUTINE),
    ("129", "retrieve change reshop quote"),
    ("137", "reshop"),
    ("143", "shop price"),
    ("149 151 152 160 314", "create retrieve"),
    ("182 185", "create change"),
    ("197 200 207 208", "seats"),
    ("256 257 271 272 281", "create change"),
    ("290 727 729", "create change"),
    ("303", "change quote retrieve"),
    ("316 317 318", "create change"),
    ("324", "shop price"),
    ("368", ROUTINE),
    ("395", "change"),
    ("399", "create change"),
    ("466 495", "create change"),
    ("476", ROUTINE),
    ("493 496", "shop price reshop"),
    ("708 921 923", "create change"),
    ("711", "price create"),
    ("724", "shop"),
    ("911 912", ROUTINE),
    ("913", "price create change"),
    ("914", "price create"),
)
# Beside the cases of test_codes.py: (code, message), and the test that gets this code by it.
WITNESSES: Final[dict[tuple[str, str], str]] = {
    ("102", "reshop"): "test_servicing_changes::test_what_is_not_a_change",
    ("111", ROUTINE): "test_codes::test_111_a_key_that_nobody_has",
    ("717", ROUTINE): "test_codes::test_717_another_sellers_name",
    ("129", "change"): "test_whose_orders::test_another_sellers_order_reads_like_none",
    ("129", "reshop"): "test_whose_orders::test_another_sellers_order_reads_like_none",
    ("129", "quote"): "test_whose_orders::test_another_sellers_order_reads_like_none",
    ("137", "reshop"): "test_servicing_rules::test_a_name_is_not_changed_as_personal_data",
    (
        "182",
        "change",
    ): "test_adding::test_an_emd_that_cannot_be_issued_undoes_the_addition_alone",
    ("185", "change"): "test_bundles::test_what_is_in_a_bundle_counts",
    ("197", "seats"): "test_codes_table::test_197_every_seat_is_taken",
    ("200", "seats"): "test_codes_table::test_200_seats_are_given_at_the_airport",
    ("208", "seats"): "test_codes_table::test_208_the_flight_has_left",
    ("256", "create"): "test_seats::test_a_seat_that_cannot_be_is_refused",
    ("257", "create"): "test_seats::test_a_seat_that_cannot_be_is_refused",
    ("271", "create"): "test_seats::test_a_seat_that_cannot_be_is_refused",
    ("272", "create"): "test_seats::test_a_seat_that_cannot_be_is_refused",
    ("281", "create"): "test_priced_services::test_a_promised_seat_may_be_gone_when_it_is_ordered",
    ("281", "change"): "test_seats::test_one_seat_has_one_holder",
    ("290", "change"): "test_service_quotes::test_services_are_quoted_and_added",
    ("727", "change"): "test_service_quotes::test_another_total_than_was_expected",
    ("729", "change"): "test_service_quotes::test_another_total_than_was_expected",
    ("303", "change"): "test_codes_table::test_303_too_late",
    ("303", "quote"): "test_codes_table::test_303_too_late",
    ("12", "reshop"): "test_codes_table::test_12_a_cabin_that_there_is_not",
    ("316", "change"): "test_codes_table::test_contacts_that_are_none",
    ("317", "change"): "test_codes_table::test_contacts_that_are_none",
    ("318", "change"): "test_codes_table::test_contacts_that_are_none",
    ("368", ROUTINE): "test_codes::test_368_a_seller_that_may_not",
    ("395", "change"): "test_servicing_payments::test_what_is_paid_is_not_paid_again",
    ("466", "change"): "test_service_quotes::test_what_is_not_paid_gives_up_nothing",
    ("495", "create"): "test_servicing_holds::test_near_departure_nothing_is_held",
    ("495", "change"): "test_adding::test_what_costs_is_paid_with_the_addition",
    ("476", ROUTINE): "test_codes::test_476_another_request_under_the_same_key",
    ("496", "reshop"): "test_servicing_changes::test_a_family_that_permits_no_change",
    ("708", "change"): "test_adding::test_a_declined_addition_leaves_the_order_as_it_was",
    ("711", "price"): "test_codes::test_711_another_price_is_a_new_offer_with_a_warning",
    ("711", "create"): "test_codes::test_711_fares_were_filed_anew",
    ("911", ROUTINE): "test_codes::test_911_a_bug_has_an_id",
    ("912", ROUTINE): "test_codes::test_912_not_xml",
    ("913", "change"): "test_service_quotes::test_services_are_quoted_and_added",
    ("73", "reshop"): "test_codes_table::test_73_a_child_that_grows_up_until_then",
}
# What this house does not give there, and why.
REASONS: Final[dict[tuple[str, str], str]] = {
    ("73", "change"): "the age is looked at when the flights are offered, by reshop",
    ("160", "retrieve"): "names that do not match read as not found (129): nobody tries names out",
    ("207", "seats"): "seats are offered wherever there is a map; 200 says where there is none",
    ("303", "retrieve"): "an order that was not paid in time is shown: closed, and why",
    ("399", "change"): "who flies is not changed by OrderChange but by corrected names",
}


def named() -> set[tuple[str, str]]:
    cases = {(case.code, case.message) for case in CASES}
    return cases | WITNESSES.keys()


@pytest.mark.parametrize(("listed", "messages"), ROWS)
def test_every_row_is_reached_or_has_a_reason(listed: str, messages: str) -> None:
    """Each of its codes, and each of its messages with one of them."""
    wanted = set(listed.split())
    places = [messages] if messages == ROUTINE else messages.split()
    found = {(code, where) for code, where in named() | REASONS.keys() if code in wanted}
    assert {code for code, _ in found} == wanted
    assert set(places) <= {where for _, where in found}


def test_a_reason_stands_only_where_nothing_reaches() -> None:
    assert REASONS.keys() & named() == set()


@pytest.mark.parametrize(("code", "where"), WITNESSES)
def test_each_witness_is_there_and_names_its_code(code: str, where: str) -> None:
    module, _, function = WITNESSES[code, where].partition("::")
    tree = ast.parse((HERE / f"{module}.py").read_text("utf-8"))
    (test,) = (
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
    )
    said = {node.value for node in ast.walk(test) if isinstance(node, ast.Constant)}
    decorated = {
        node.value
        for each in test.decorator_list
        for node in ast.walk(each)
        if isinstance(node, ast.Constant)
    }
    assert code in said | decorated


# -- seats -------------------------------------------------------------------------------------


async def test_197_every_seat_is_taken(served: Served) -> None:
    firm = await offer(served)
    free = [each.name for each in seats_of(await _map(served, firm.offer_id)) if each.free]
    shown = await served.talk.create(firm, ADULT, "buy")
    kept = await served.house.store.get_order(order_of(shown).order_id, None)
    flight = kept.order.segments[0].flight.key
    others = tuple(SeatChoice(flight, f"P{n}", Seat.parse(name)) for n, name in enumerate(free))
    held = await served.pss.hold_seats("others", others, served.clock.now() + timedelta(hours=1))
    assert isinstance(held, Confirmed)
    again = await offer(served)
    reply = await _map(served, again.offer_id)
    assert codes(reply) == ["197"]


async def _map(served: Served, offer_id: str) -> Reply:
    return await served.client.send(seats_for_offer(offer_id))


async def test_200_seats_are_given_at_the_airport(served: Served) -> None:
    """On what a partner flies."""
    day = served.today + timedelta(days=30)
    shown = offers_of(await served.talk.shop([("LHR", "ABZ", day)], ADULT))
    reply = await _map(served, shown[0].offer_id)
    assert codes(reply) == ["200"]


async def test_208_the_flight_has_left(served: Served) -> None:
    order = await bought(served)
    served.clock.advance(timedelta(days=61))
    reply = await served.client.send(seats_for_order(order.order_id))
    assert codes(reply) == ["208"]


# -- servicing ---------------------------------------------------------------------------------


async def test_73_a_child_that_grows_up_until_then(served: Served) -> None:
    party = (*ADULT, Pax("PAX2", "CHD", given="Jonas", birthdate=date(2015, 4, 1)))
    order = await bought(served, party)
    soon = [("YYZ", "LHR", served.today + timedelta(days=64))]
    late = [("YYZ", "LHR", served.today + timedelta(days=90))]
    assert (await served.talk.rebook(order.order_id, order.items, soon)).errors == ()
    reply = await served.talk.rebook(order.order_id, order.items, late)
    assert codes(reply) == ["73"]


@pytest.mark.parametrize("cabin", ["9", "1"])  # nobody's, and first class, which is not flown
async def test_12_a_cabin_that_there_is_not(served: Served, cabin: str) -> None:
    order = await bought(served)
    wanted = [("YYZ", "LHR", served.today + timedelta(days=64))]
    reply = await served.talk.rebook(order.order_id, order.items, wanted, cabin=cabin)
    assert codes(reply) == ["12"]


async def test_303_too_late(served: Served) -> None:
    order = await hold(served)
    served.clock.advance(timedelta(days=10))
    now = order_of(await seen(served, order))
    assert codes(await served.talk.quote(order.order_id)) == ["303"]
    assert codes(await served.talk.pay(now, pay(Decimal(order.amount)), "pay")) == ["303"]


@pytest.mark.parametrize(
    ("code", "lists"),
    [
        ("316", ""),
        ("317", contact("C9", email="nobody.example.com")),
        ("318", contact("C9", phone="call me")),
    ],
)
async def test_contacts_that_are_none(served: Served, code: str, lists: str) -> None:
    order = await hold(served)
    people = f"<PaxList>{reached_by('NEW', 'C9')}</PaxList>"
    told = f"<ContactInfoList>{lists}</ContactInfoList>" if lists else ""
    reply = await served.talk.change(
        order, "change", update_pax("PAX1", "NEW"), lists=told + people
    )
    assert codes(reply) == [code]
