"""Escaping, values, kept fragments; and the quick composer against the slow one."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.ndc import samples, slow_air_shopping

from ndc_oms.model.money import Money
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.ndc import air_shopping, compose
from ndc_oms.ndc.envelope import COMMON, MESSAGE
from ndc_oms.offers.request import BoundRequest, Notice, ShopResult


def test_what_means_something_to_xml_is_escaped() -> None:
    assert compose.leaf("A", 'a & b < c > "d"') == "<A>a &amp; b &lt; c &gt; &quot;d&quot;</A>"


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert compose.text("a\0b\x1fc\ufffed\ud800") == "abcd"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back_as_it_was_but_for_what_xml_forbids(value: str) -> None:
    read = etree.fromstring(f'<a b="{compose.text(value)}">{compose.text(value)}</a>'.encode())
    allowed = "".join(c for c in value if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    assert (read.text or "") == allowed
    # an attribute's white space is normalised by any parser
    assert read.get("b") == allowed.replace("\n", " ").replace("\t", " ")


def test_nothing_is_written_for_nothing() -> None:
    assert compose.leaf("A", None) == compose.leaf("A", "") == compose.group("A", "", "") == ""
    assert compose.group("A", "", "<b/>") == "<A><b/></A>"


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(12_050, "CAD"), "120.50"),
        (Money(12_000, "JPY"), "12000"),
        (Money(-5, "EUR"), "-0.05"),
        (Money(1_250, "KWD"), "1.250"),
    ],
)
def test_amounts_bear_the_decimals_of_their_currency(money: Money, written: str) -> None:
    assert compose.amount("A", money) == f'<A CurCode="{money.currency}">{written}</A>'


def test_limits_are_utc_and_schedules_are_local() -> None:
    moment = datetime(2026, 9, 1, 20, 35, tzinfo=timezone(timedelta(hours=-4)))
    assert compose.instant(moment) == "2026-09-02T00:35:00Z"
    assert compose.local_time(moment) == "2026-09-01T20:35:00"
    assert compose.duration(timedelta(days=1, hours=2, minutes=5)) == "PT26H5M"


def test_a_fragment_is_made_once_for_an_object_and_again_for_its_equal() -> None:
    made: list[list[int]] = []
    kept = compose.Kept(lambda thing: made.append(thing) or len(made), limit=2)
    one, equal = [1], [1]
    assert (kept(one), kept(one), kept(equal)) == (1, 1, 2)


def test_kept_fragments_are_bounded() -> None:
    kept = compose.Kept(str, limit=10)
    things = [[at] for at in range(1000)]
    assert [kept(thing) for thing in things] == [str(thing) for thing in things]
    assert len(kept) <= 10


ONE_WAY = (BoundRequest("YYZ", "LON", date(2026, 9, 1)),)
RETURN = (*ONE_WAY, BoundRequest("LON", "YYZ", date(2026, 9, 14), id="back & forth"))


def one_way() -> ShopResult:
    flights = [samples.segment(str(100 + at), hop=at % 2 == 1) for at in range(4)]
    bounds = [
        samples.bound(flight, family=family, step=at)
        for at, flight in enumerate(flights)
        for family in samples.FAMILIES
    ]
    offers = tuple(samples.offer(bound, number=at) for at, bound in enumerate(bounds))
    return ShopResult(offers, (samples.ADULT,), ONE_WAY)


def family_return() -> ShopResult:
    party = (*samples.FAMILY_OF_FOUR, Passenger('<"5">', PassengerType.INFANT_SEATED))
    out = [
        samples.bound(samples.segment(), family=family, currency="JPY", step=7)
        for family in samples.FAMILIES
    ]
    home = [
        samples.bound(samples.back(str(n)), family=family, currency="JPY")
        for n in (102, 104)
        for family in samples.FAMILIES
    ]
    offers = [
        samples.offer(a, b, party=party, number=at)
        for at, (a, b) in enumerate((a, b) for a in out for b in home)
    ]
    notices = (Notice("Prices are in <JPY> & not in CAD.", "727", "/IATA_AirShoppingRQ"),)
    return ShopResult(tuple(offers), party, RETURN, notices=notices)


def connecting() -> ShopResult:
    bound = samples.bound(samples.segment(), samples.onward(), family=samples.FLEX)
    direct = samples.bound(samples.segment(), family=samples.LIGHT)
    # one bound in two offers, and a second object for the same bound
    again = samples.bound(samples.segment(), samples.onward(), family=samples.FLEX)
    offers = [samples.offer(b, number=at) for at, b in enumerate((bound, direct, bound, again))]
    return ShopResult(tuple(offers), (samples.ADULT,), ONE_WAY)


@pytest.mark.parametrize("result", [one_way(), family_return(), connecting()])
def test_the_quick_composer_equals_the_slow_one(result: ShopResult) -> None:
    envelope = samples.envelope()
    quick = etree.fromstring(air_shopping.write(result, envelope))
    names = f'xmlns="{COMMON}" xmlns:m="{MESSAGE}"'
    echo = envelope.echo.replace("<m:PayloadAttributes>", f"<m:PayloadAttributes {names}>")
    slow = slow_air_shopping.write(result, echo.encode())
    assert etree.tostring(quick, method="c14n") == etree.tostring(slow, method="c14n")


def test_a_second_message_from_kept_fragments_is_the_same() -> None:
    result = family_return()
    first = air_shopping.write(result, samples.envelope())
    assert air_shopping.write(result, samples.envelope()) == first
