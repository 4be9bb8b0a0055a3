"""The profile by itself: it compiles, it is documented, it says what it says."""

import random
import re
from functools import cache

import pytest
import xmlschema
from lxml import etree
from tests.ndc import grammar as g
from tests.ndc.containment import Containment
from tests.ndc.generate import Generator
from tests.ndc.patterns import matching
from tests.ndc.profile import PROFILE, REPLIES, REQUESTS, unread

COMMON = "{http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersCommonTypes}"
REQUEST = f"""
<m:IATA_OrderRetrieveRQ xmlns:m="{g.MESSAGES}" xmlns="{COMMON[1:-1]}">
  <m:DistributionChain><DistributionChainLink><Ordinal>1</Ordinal><OrgRole>Seller</OrgRole>
    <ParticipatingOrg><OrgID>91000000</OrgID></ParticipatingOrg>
  </DistributionChainLink></m:DistributionChain>
  <m:Request><OrderValidationFilterCriteria>
    {{}}
    <OrderFilterCriteria><OrderID>X1</OrderID><OwnerCode>T8</OwnerCode></OrderFilterCriteria>
    {{}}
  </OrderValidationFilterCriteria></m:Request>
</m:IATA_OrderRetrieveRQ>"""
BOOKING = "<BookingRefFilterCriteria><BookingID>AB</BookingID></BookingRefFilterCriteria>"
UNREAD = "<PaxFilterCriteria><PaxGroup a='1'>free <b/>text</PaxGroup></PaxFilterCriteria>"


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(PROFILE / "ndc.xsd"))


@cache
def read() -> g.Grammar:
    return g.Grammar.read(PROFILE / "ndc.xsd")


def documented(node: g.Node) -> bool:
    text = node.findtext(f"{g.XS}annotation/{g.XS}documentation") or ""
    return bool(text.strip())


def reached(message: str) -> set[g.Node]:
    """The element declarations that a document of the message can use."""
    found: set[g.Node] = set()
    todo = [read().message(message)]
    while todo:
        element = todo.pop()
        if element in found:
            continue
        found.add(element)
        body = read().body(element)
        if not isinstance(body, str):
            todo += body.iter(g.XS + "element")
    return found


def test_the_driver_compiles_with_both_validators() -> None:
    names = {f"{{{g.MESSAGES}}}{name}" for name in (*REQUESTS, *REPLIES)}
    assert set(xmlschema.XMLSchema(PROFILE / "ndc.xsd").maps.elements) >= names
    assert set(read().elements) == names
    assert len(schema().error_log) == 0


def test_each_message_compiles_alone() -> None:
    for message in (*REQUESTS, *REPLIES):
        assert len(etree.XMLSchema(etree.parse(PROFILE / f"{message}.xsd")).error_log) == 0


def test_everything_that_is_read_or_written_is_documented() -> None:
    for path, root in read().files.items():
        assert documented(root) or path.name.startswith("IATA_"), path
        for element in root.iter(g.XS + "element"):
            ignored = g.is_anything(read().body(element))
            assert documented(element) is not ignored, f"{path.name}: {element.get('name')}"
        for simple in root.iter(g.XS + "simpleType"):
            assert documented(simple), f"{path.name}: {simple.get('name')}"


def test_every_type_is_used() -> None:
    used = {read().body(e) for m in (*REQUESTS, *REPLIES) for e in reached(m)}
    unused = [
        name
        for name, node in read().types.items()
        if node.tag == g.XS + "complexType" and node not in used
    ]
    assert unused == []


@pytest.mark.parametrize("message", [*REQUESTS, *REPLIES])
def test_generated_documents_are_valid(message: str) -> None:
    generator = Generator(read(), seed=3)
    for document in generator.documents(message, 60):
        schema().assertValid(document)


@pytest.mark.parametrize("message", REPLIES)
def test_replies_hold_no_part_that_is_not_described(message: str) -> None:
    assert [e.get("name") for e in reached(message) if g.is_anything(read().body(e))] == []


def test_what_is_not_read_can_be_listed() -> None:
    listed = unread("IATA_OrderCreateRQ")
    assert "Request/DataLists/PaxList/Pax/Remark" in listed
    assert "Request/CreateOrder/AcceptOrderItemList" in listed
    assert unread("IATA_OrderViewRS") == []


@pytest.mark.parametrize("message", REPLIES)
def test_replies_cannot_hold_card_secrets(message: str) -> None:
    secrets = {"CardNumber", "CardSecurityCode", "EncryptedData", "TrackData", "CypherData"}
    assert secrets.isdisjoint(str(element.get("name")) for element in reached(message))


def test_what_is_not_read_may_hold_anything() -> None:
    schema().assertValid(etree.fromstring(REQUEST.format(BOOKING, UNREAD)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<Surprise/>", ""),
        ("", "<OrderFilterCriteria/>"),
        ("", BOOKING),
        ("<BookingRefFilterCriteria/>", ""),
    ],
)
def test_what_is_read_is_checked(first: str, second: str) -> None:
    assert not schema().validate(etree.fromstring(REQUEST.format(first, second)))


def test_the_profile_is_within_itself_and_a_change_is_noticed() -> None:
    for message in (*REQUESTS, *REPLIES):
        assert Containment(read(), read()).differences(message) == []
    other = g.Grammar.read(PROFILE / "ndc.xsd")
    element = other.types[COMMON + "OfferPriceRequestType"].find(".//*[@name='PricedOffer']")
    assert element is not None
    element.set("minOccurs", "0")
    found = Containment(read(), other).differences("IATA_OfferPriceRQ")
    assert found == ["/IATA_OfferPriceRQ/Request/PricedOffer: 0 to 1 times, where 1 to 1 is right"]


@pytest.mark.parametrize(
    "pattern", ["[A-Za-z0-9]{1,15}", "(0[1-9]|1[0-2])[0-9][0-9]", "(IATAC|BLTRL)[A-Z]{2}", "a?b*c+"]
)
def test_texts_match_their_pattern(pattern: str) -> None:
    source = random.Random(4)
    assert all(re.fullmatch(pattern, matching(pattern, source)) for _ in range(200))


def test_the_same_seed_gives_the_same_documents() -> None:
    one, other = (Generator(read(), seed=5).document("IATA_OrderViewRS") for _ in range(2))
    assert etree.tostring(one) == etree.tostring(other)
