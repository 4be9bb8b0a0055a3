"""The reference checker that every test of a reply relies on."""

import pytest
from lxml import etree
from tests.ndc import grammar as g
from tests.ndc.profile import PROFILE, REPLIES, REQUESTS
from tests.ndc.references import ELSEWHERE, REFERS, dangling, path

REPLY = """
<c:IATA_AirShoppingRS xmlns:c="urn:c"><c:Response>
  <c:DataLists>
    <c:PaxList><c:Pax><c:PaxID>P1</c:PaxID></c:Pax>
      <c:Pax><c:PaxID>P2</c:PaxID><c:PaxRefID>{guardian}</c:PaxRefID></c:Pax></c:PaxList>
    <c:PaxSegmentList><c:PaxSegment><c:PaxSegmentID>{segment}</c:PaxSegmentID></c:PaxSegment>
      <c:PaxSegment><c:PaxSegmentID>S2</c:PaxSegmentID></c:PaxSegment></c:PaxSegmentList>
  </c:DataLists>
  <c:Offer><c:PaxSegmentRefID>S2</c:PaxSegmentRefID></c:Offer>
</c:Response></c:IATA_AirShoppingRS>"""


def reply(guardian: str = "P1", segment: str = "S1") -> etree._Element:
    return etree.fromstring(REPLY.format(guardian=guardian, segment=segment))


def test_a_sound_reply_has_nothing_dangling() -> None:
    assert dangling(reply()) == []
    assert dangling(reply(guardian=" P1\n")) == []


def test_a_reference_to_nothing_is_named_with_its_path() -> None:
    (line,) = dangling(reply(guardian="P9"))
    assert line == (
        "/IATA_AirShoppingRS/Response/DataLists/PaxList/Pax[2]/PaxRefID: nothing is called 'P9'"
    )


def test_an_id_of_another_kind_does_not_do() -> None:
    assert len(dangling(reply(guardian="S2"))) == 1


def test_the_same_id_twice_is_named() -> None:
    (line,) = dangling(reply(segment="S2"))
    assert line.endswith("PaxSegment[2]/PaxSegmentID: a second PaxSegmentID 'S2'")


def test_an_unknown_kind_of_reference_is_named() -> None:
    root = reply()
    etree.SubElement(root, "{urn:c}MealRefID").text = "M1"
    assert dangling(root) == ["/IATA_AirShoppingRS/MealRefID: nothing is called 'M1'"]


def test_an_id_that_documents_name_again_is_no_second_one() -> None:
    root = etree.fromstring(
        "<IATA_OrderViewRS><Order><OrderID>O</OrderID></Order><TicketDocInfo><ReferencedOrder>"
        "<OrderID>O</OrderID></ReferencedOrder></TicketDocInfo></IATA_OrderViewRS>"
    )
    assert dangling(root) == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("<OfferRefID>of an earlier reply</OfferRefID>", 0),
        ("<PaxRefID>of an earlier reply</PaxRefID>", 0),
        ("<Pax><PaxID>P1</PaxID></Pax><PaxRefID>P1</PaxRefID>", 0),
        ("<Pax><PaxID>P1</PaxID></Pax><PaxRefID>P2</PaxRefID>", 1),
        ("<Pax><PaxID>P1</PaxID></Pax><Current><PaxRefID>P2</PaxRefID></Current>", 0),
    ],
)
def test_a_request_may_refer_to_what_came_before(body: str, wrong: int) -> None:
    root = etree.fromstring(f"<IATA_OrderChangeRQ>{body}</IATA_OrderChangeRQ>")
    assert len(dangling(root)) == wrong


@pytest.mark.parametrize(
    "body",
    [
        "<ExistingOrderItem><OrderItemRefID>I1</OrderItemRefID></ExistingOrderItem>",
        "<ExistingService><ServiceRefID>S1</ServiceRefID></ExistingService>",
        "<OriginalOrderItem><OrderItemRefID>I1</OrderItemRefID></OriginalOrderItem>",
        "<RepricedOffer><OfferRefID>Q1</OfferRefID></RepricedOffer>",
    ],
)
def test_a_reshop_reply_names_the_order_as_it_stands(body: str) -> None:
    assert dangling(etree.fromstring(f"<IATA_OrderReshopRS>{body}</IATA_OrderReshopRS>")) == []
    elsewhere = body.replace("Existing", "Other").replace("Original", "Other")
    root = etree.fromstring(
        f"<IATA_OrderReshopRS>{elsewhere.replace('RepricedOffer', 'Some')}</IATA_OrderReshopRS>"
    )
    assert len(dangling(root)) == 1


def test_the_table_knows_every_reference_of_the_profile() -> None:
    declared = {
        str(element.get("name"))
        for root in g.Grammar.read(PROFILE / "ndc.xsd").files.values()
        for element in root.iter(g.XS + "element")
    }
    references = {name for name in declared if name.lower().endswith("refid")}
    assert references - REFERS.keys() - ELSEWHERE == set()
    assert {target for target, _ in REFERS.values()} <= declared
    assert all(name.startswith("IATA_") for name in (*REQUESTS, *REPLIES))


def test_paths_count_only_where_there_are_several() -> None:
    root = etree.fromstring("<a><b/><b><c/></b></a>")
    assert path(root[1][0]) == "/a/b[2]/c"
