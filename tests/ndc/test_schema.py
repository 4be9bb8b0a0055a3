"""libxml2's findings as readable paths and plain words; the driver that is made in memory."""

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from ndc_oms.errors import Invalid, Refusals
from ndc_oms.ndc.envelope import COMMON, MESSAGE
from ndc_oms.ndc.explain import explain
from ndc_oms.ndc.schema import MAX_VIOLATIONS, Schema, Violation, in_words, notices, refusal

SMALL = Path(__file__).resolve().parent / "small"
SHARED = Path(__file__).resolve().parents[2].parent / "shared"
OFFICIAL = SHARED / "iata-ndc-21.3.5"


@cache
def small() -> Schema:
    return Schema(SMALL)


def request(inside: str, head: str = "") -> etree._Element:
    return etree.fromstring(
        f'<m:IATA_AirShoppingRQ xmlns:m="{MESSAGE}" xmlns="{COMMON}">{head}\n'
        f"<m:Request>{inside}</m:Request></m:IATA_AirShoppingRQ>"
    )


def only(root: etree._Element) -> Violation:
    found = small().check(root)
    assert len(found) == 1, found
    return found[0]


def test_a_valid_document_has_no_violations() -> None:
    assert small().check(request("<Place>YYZ</Place>")) == []


@pytest.mark.parametrize(
    ("inside", "path", "text"),
    [
        (
            "<Place>YYZ</Place><Place>Yyz</Place>",
            "/Place[2]",
            "'Yyz' is not accepted by",
        ),
        ("<Place>YYZ</Place><Date>2026-02-30</Date>", "/Date", "'2026-02-30' is not a date"),
        ("<Date>2026-02-28</Date>", "/Date", "Date is not expected here; expected is Place."),
        ("", "", "Request ends too early: Place is missing."),
        ("<Place>YYZ</Place><Foo/>", "/Foo", "expected is one of Date, CardNumber, Promotion."),
        ("<Place>YYZ</Place>text", "", "Request holds text; only elements may stand in it."),
        ('<Place x="1">YYZ</Place>', "/Place", "The attribute x of Place"),
        (
            '<p:Place xmlns:p="urn:wrong">YYZ</p:Place>',
            "/Place",
            "Place stands in the namespace 'urn:wrong'; it belongs in",
        ),
        ("<Place>YYZ</Place><Promotion/><Date/>", "/Date", "Date is not expected here"),
    ],
)
def test_path_line_and_words(inside: str, path: str, text: str) -> None:
    found = only(request(inside))
    assert found.path == f"/IATA_AirShoppingRQ/Request{path}"
    assert found.line == 2
    assert text in found.text
    assert COMMON not in found.text or "belongs in" in found.text


def test_an_index_stands_only_where_siblings_share_the_name() -> None:
    head = (
        "<m:DistributionChain><DistributionChainLink><OrgRole>Sellr</OrgRole><ParticipatingOrg>"
        "<OrgID>1</OrgID></ParticipatingOrg></DistributionChainLink></m:DistributionChain>"
    )
    found = only(request("<Place>YYZ</Place>", head))
    assert found.path == "/IATA_AirShoppingRQ/DistributionChain/DistributionChainLink/OrgRole"
    assert found.text == "OrgRole: 'Sellr' is not one of Carrier, Seller."


@pytest.mark.parametrize("prefix", ["", "cns:"])
def test_paths_do_not_depend_on_prefixes(prefix: str) -> None:
    root = etree.fromstring(
        f'<IATA_AirShoppingRQ xmlns="{MESSAGE}" xmlns:cns="{COMMON}"><Request>'
        "<cns:Place>YYZ</cns:Place><cns:Place>1</cns:Place></Request></IATA_AirShoppingRQ>"
    )
    assert only(root).path == "/IATA_AirShoppingRQ/Request/Place[2]"


def test_an_unknown_root_and_a_wrong_namespace() -> None:
    assert "not a message of this release" in only(etree.fromstring("<a/>")).text
    wrong = etree.fromstring('<IATA_AirShoppingRQ xmlns="urn:x"/>')
    assert "'urn:x' is not a message" in only(wrong).text


def test_a_card_number_is_not_repeated() -> None:
    found = only(request("<Place>YYZ</Place><CardNumber>4111-1111-1111-1111</CardNumber>"))
    assert "1111" not in found.text
    assert "its value" in found.text
    elsewhere = only(request("<Place>4111111111111111</Place>"))
    assert "411111" not in elsewhere.text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "[facet 'minLength'] The value has a length of '0'; this underruns the allowed minimum "
            "length of '1'.",
            "Name has 0 characters; it takes at least 1.",
        ),
        (
            "[facet 'maxLength'] The value 'ABC' has a length of '3'; this exceeds the allowed "
            "maximum length of '2'.",
            "Name has 3 characters; it takes at most 2.",
        ),
    ],
)
def test_lengths_in_words(said: str, told: str) -> None:
    assert in_words(f"Element '{{{COMMON}}}Name': {said}") == told


def test_hostile_documents_end_soon_and_ten_violations_are_told() -> None:
    # thousands of errors under one parent: libxml2 names the position of each
    root = etree.fromstring(
        f'<IATA_AirShoppingRQ xmlns="{MESSAGE}"><DistributionChain>'
        + f'<DistributionChainLink xmlns="{COMMON}"/>' * 2_000
        + "</DistributionChain></IATA_AirShoppingRQ>"
    )
    assert len(small().check(root)) == MAX_VIOLATIONS


def test_a_strict_seller_is_refused_with_all_of_them() -> None:
    refused = refusal([Violation("/A/B", 7, "B is wrong."), Violation("/A/C", 0, "C is wrong.")])
    assert isinstance(refused, Refusals)
    assert [(type(r), r.code, r.path, r.text) for r in refused.each] == [
        (Invalid, "912", "/A/B", "B is wrong (line 7)."),
        (Invalid, "912", "/A/C", "C is wrong."),
    ]


def test_a_lenient_seller_is_warned() -> None:
    (notice,) = notices([Violation("/A/B", 7, "B is wrong.")])
    assert (notice.code, notice.path) == ("912", "/A/B")
    assert "B is wrong (line 7)." in notice.text


def test_words_that_are_not_known_pass_through_without_namespaces() -> None:
    assert in_words("Element '{http://x}A': Something {http://y}new.") == "A: Something new."
    assert in_words("No subject {http://y}here.") == "No subject here."


def test_a_folder_without_schemas_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="neither"):
        Schema(tmp_path)
    (tmp_path / "ndc.xsd").write_text("<schema/>")
    with pytest.raises(ValueError, match="compiled"):
        Schema(tmp_path)


def test_the_official_folder_serves_as_it_is() -> None:
    if not OFFICIAL.is_dir():
        pytest.skip(f"IATA's schemas are not at {OFFICIAL}")
    schema = Schema(OFFICIAL)
    examples = sorted((SHARED / "iata-examples-21.3.5").glob("*/*RQ.xml"))
    assert examples
    for path in examples:
        assert schema.check(etree.parse(path).getroot()) == [], path


def test_explain_names_every_violation() -> None:
    body = etree.tostring(request("<Place>Yyz</Place><Place>YYZ</Place><Date>x</Date><Foo/>"))
    found = explain(body, SMALL)
    assert {v.path.rpartition("/")[2] for v in found} == {"Place[1]", "Date", "Request"}
    assert all(v.line == 2 for v in found)
    assert all(v.path.startswith("/IATA_AirShoppingRQ/Request") for v in found)


def test_explain_reads_files_and_refuses_strangers(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(etree.tostring(request("<Place>YYZ</Place>")))
    assert explain(path, SMALL) == []
    with pytest.raises(Invalid, match="namespace"):
        explain(b"<IATA_AirShoppingRQ/>", SMALL)
    with pytest.raises(Invalid, match="DOCTYPE"):
        explain(b"<!DOCTYPE a><a/>", SMALL)


def test_explain_does_not_repeat_card_numbers() -> None:
    inside = "<Place>YYZ</Place><CardNumber>4111-1111-1111-1111</CardNumber>"
    (found,) = explain(etree.tostring(request(inside)), SMALL)
    assert "1111" not in found.text
