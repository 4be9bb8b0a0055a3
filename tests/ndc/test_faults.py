"""Refusals as replies: what is said, that nothing breaks out, and that IATA's schemas agree."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from ndc_oms import resources
from ndc_oms.errors import (
    CODES,
    Conflict,
    Expired,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    Refusals,
    Unavailable,
)
from ndc_oms.ndc import faults
from ndc_oms.ndc.envelope import COMMON, MESSAGE, Envelope, Notice, open_envelope
from ndc_oms.ndc.schema import Schema

OFFICIAL = Path(__file__).resolve().parents[2].parent / "shared" / "iata-ndc-21.3.5"
NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


def envelope() -> Envelope:
    root = etree.fromstring(
        f'<IATA_AirShoppingRQ xmlns="{MESSAGE}" xmlns:c="{COMMON}"><PayloadAttributes>'
        "<c:CorrelationID>C&amp;1</c:CorrelationID><c:Timestamp>2026-03-01T12:00:00Z</c:Timestamp>"
        "<c:TrxID> T  1 </c:TrxID><c:VersionNumber>21.36</c:VersionNumber>"
        "</PayloadAttributes></IATA_AirShoppingRQ>"
    )
    return open_envelope(root, None, NOW)


def texts(reply: bytes) -> dict[str, str | None]:
    return {etree.QName(e).localname: e.text for e in etree.fromstring(reply).iter() if not len(e)}


@cache
def official() -> Schema:
    if not OFFICIAL.is_dir():
        pytest.skip(f"IATA's schemas are not at {OFFICIAL}")
    return Schema(OFFICIAL)


def test_a_refusal_says_what_where_what_to_do_and_what_was_done() -> None:
    refused = Expired("The offer has expired.", path="/IATA_X/Y", remedy="Shop again.")
    said = texts(faults.render("IATA_OfferPriceRS", refused, echo=envelope(), error_id="E1"))
    assert said == {
        "Code": "913",
        "DescText": "The offer has expired. Shop again. Nothing was done.",
        "ErrorID": "E1",
        "LangCode": "EN",
        "StatusText": "NotProcessed",
        "TagText": "/IATA_X/Y",
        "TypeCode": "Expired",
        "CorrelationID": "C&1",
        "TrxID": "T 1",
        "Timestamp": "2026-03-01T12:30:15Z",
        "VersionNumber": "21.36",
    }


def test_root_and_error_stand_in_the_namespace_of_messages() -> None:
    root = etree.fromstring(faults.render("IATA_OrderViewRS", NotFound("No."), echo=envelope()))
    assert root.tag == f"{{{MESSAGE}}}IATA_OrderViewRS"
    assert [child.tag for child in root] == [
        f"{{{MESSAGE}}}Error",
        f"{{{MESSAGE}}}PayloadAttributes",
    ]
    assert root[0][0].tag == f"{{{COMMON}}}Code"


def test_several_refusals_are_several_errors() -> None:
    refused = Refusals([Invalid("One."), Invalid("Two.", code="73")])
    root = etree.fromstring(faults.render("IATA_OrderViewRS", refused, echo=envelope()))
    assert root.xpath("//*[local-name()='Code']/text()") == ["912", "73"]


@pytest.mark.parametrize(
    ("refused", "kind"),
    [
        (Invalid("x"), "Invalid"),
        (NotFound("x"), "NotFound"),
        (Conflict("x"), "Conflict"),
        (NotAllowed("x"), "NotAllowed"),
        (Unavailable("x"), "Unavailable"),
        (Refusal("x"), "Internal"),
    ],
)
def test_the_type_is_the_kind_of_refusal(refused: Refusal, kind: str) -> None:
    assert texts(faults.render("IATA_OrderViewRS", refused, echo=envelope()))["TypeCode"] == kind


@pytest.mark.parametrize(
    ("done", "status"),
    [
        ("Nothing was done.", "NotProcessed"),
        ("Nothing was done now; an earlier order stands.", "NotProcessed"),
        ("The seats were held.", "Incomplete"),
    ],
)
def test_the_status_tells_what_was_done(done: str, status: str) -> None:
    reply = faults.render("IATA_OrderViewRS", Conflict("x", done=done), echo=envelope())
    assert texts(reply)["StatusText"] == status


def test_a_bug_in_a_writing_message_leaves_open_what_was_done() -> None:
    bug = faults.internal_error(may_have_acted=True)
    said = texts(faults.render("IATA_OrderViewRS", bug, echo=envelope(), error_id="ab12"))
    assert (said["Code"], said["StatusText"], said["ErrorID"]) == ("911", "Unknown", "ab12")
    quiet = faults.internal_error(may_have_acted=False)
    said = texts(faults.render("IATA_OrderViewRS", quiet, echo=envelope()))
    assert said["StatusText"] == "NotProcessed"


def test_markup_and_control_characters_stay_text() -> None:
    nasty = "</DescText><x>&amp;\x00\x0b\ud800\uffff]]>"
    reply = faults.render("IATA_OrderViewRS", Invalid(nasty, path=nasty), echo=envelope())
    root = etree.fromstring(reply)
    assert not root.xpath("//*[local-name()='x']")
    assert (texts(reply)["TagText"] or "").startswith("</DescText><x>&amp;??")


def test_a_version_that_is_no_number_is_not_echoed() -> None:
    root = etree.fromstring(
        "<a><PayloadAttributes><VersionNumber>x&lt;y</VersionNumber></PayloadAttributes></a>"
    )
    assert (
        texts(faults.render("IATA_OrderViewRS", Invalid("x"), echo=open_envelope(root, None, NOW)))[
            "VersionNumber"
        ]
        == "21.3"
    )


def test_a_notice_becomes_a_warning() -> None:
    text = faults.warning(Notice("912", "a < b", "/A/B"))
    assert text == (
        "<Warning><Code>912</Code><DescText>a &lt; b</DescText><LangCode>EN</LangCode>"
        "<TagText>/A/B</TagText></Warning>"
    )
    assert faults.warning(Notice("", "x")) == (
        "<Warning><DescText>x</DescText><LangCode>EN</LangCode></Warning>"
    )


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_valid_by_the_profile(code: str) -> None:
    assert profile().check(reply_with("IATA_OrderViewRS", code)) == []


@pytest.mark.parametrize(
    "reply",
    [
        "IATA_AirShoppingRS",
        "IATA_OfferPriceRS",
        "IATA_OrderViewRS",
        "IATA_OrderReshopRS",
        "IATA_OrderListRS",
        "IATA_OrderHistoryRS",
        "IATA_OrderRulesRS",
        "IATA_SeatAvailabilityRS",
        "IATA_ServiceListRS",
    ],
)
def test_every_reply_can_carry_errors_by_the_official_schemas(reply: str) -> None:
    assert official().check(reply_with(reply, "913")) == []


@cache
def profile() -> Schema:
    return Schema(resources.schemas() / "ndc" / "21.3")


def reply_with(reply: str, code: str) -> etree._Element:
    refused = Refusals(
        [
            Invalid("One.", code=code, path="/IATA_AirShoppingRQ/Request", remedy="Mend it."),
            Unavailable("Two.", done="Something was done."),
        ]
    )
    return etree.fromstring(faults.render(reply, refused, echo=envelope(), error_id="0f"))
