"""OfferPriceRQ read, OfferPriceRS written."""

import pytest
from tests.ndc import documents as d
from tests.ndc import samples
from tests.ndc.profile import examples

from ndc_oms.errors import Invalid
from ndc_oms.ndc import offer_price
from ndc_oms.ndc.door import guard
from ndc_oms.offers.request import Notice, PriceRequest, PriceResult, SelectedItem, Selection

RQ = "IATA_OfferPriceRQ"
ENVELOPE = samples.envelope(RQ)
AT = "/IATA_OfferPriceRQ/Request/PricedOffer/SelectedOfferList"


def parts(*offers: str, lists: str = "", more: str = "") -> str:
    chosen = "".join(offers or (d.selected(),))
    lists = f"<DataLists>{lists}</DataLists>" if lists else ""
    return (
        f"{lists}<PricedOffer><SelectedOfferList>{chosen}</SelectedOfferList></PricedOffer>{more}"
    )


def read(body: str, *, valid: bool = True) -> PriceRequest:
    return offer_price.read(d.request(RQ, body, valid=valid), ENVELOPE)


def refused(body: str, *, valid: bool = True) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(body, valid=valid)
    return caught.value


def test_a_selection() -> None:
    picked = read(parts(lists=d.pax_list()))
    item = SelectedItem("OFFER-1", ("PAX1",), f"{AT}/SelectedOffer/SelectedOfferItem")
    assert picked.selections == (Selection("OFFER", "T8", (item,), f"{AT}/SelectedOffer"),)
    assert [passenger.id for passenger in picked.party] == ["PAX1"]
    assert picked.currency is None


def test_two_offers_two_items_no_party() -> None:
    two = d.selected("SelectedOffer", d.item("A", ("P1", "P2")), d.item("B"))
    picked = read(parts(two, d.selected()))
    assert [item.passenger_ids for item in picked.selections[0].items] == [("P1", "P2"), ("PAX1",)]
    assert picked.selections[1].path == f"{AT}/SelectedOffer[2]"
    assert picked.party == ()


def test_another_currency() -> None:
    more = (
        "<ResponseParameters><CurParameter><CurCode>EUR</CurCode></CurParameter>"
        "</ResponseParameters>"
    )
    assert read(parts(more=more)).currency == "EUR"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("<SelectedSeat><ColumnID>A</ColumnID><SeatRowNumber>12</SeatRowNumber></SelectedSeat>",
         "12"),
        ("<SelectedALaCarteOfferItem><Qty>1</Qty></SelectedALaCarteOfferItem>", "12"),
        ("<SelectedBundleServices><SelectedServiceRefID>S</SelectedServiceRefID>"
         "</SelectedBundleServices>", "12"),
    ],
)  # fmt: skip
def test_what_would_change_the_purchase_is_refused_not_ignored(more: str, code: str) -> None:
    wrong = refused(parts(d.selected("SelectedOffer", d.item(more=more))))
    assert wrong.code == code
    assert wrong.path.startswith(f"{AT}/SelectedOffer/SelectedOfferItem/Selected")


def test_an_item_picked_twice() -> None:
    wrong = refused(parts(d.selected("SelectedOffer", d.item("A"), d.item("A"))))
    assert wrong.code == "476"
    assert wrong.path == f"{AT}/SelectedOffer/SelectedOfferItem[2]/OfferItemRefID"


SERVICES = d.selected(
    "SelectedOffer",
    d.item("SV.BAG", more="<SelectedALaCarteOfferItem><Qty>2</Qty></SelectedALaCarteOfferItem>"),
    d.item("SF.SEAT-1"),
)


def test_services_stand_beside_flights() -> None:
    picked = read(parts(d.selected(), SERVICES))
    assert [item.item_id for s in picked.selections for item in s.items] == ["OFFER-1"]
    assert [(each.item_id, each.quantity) for each in picked.services] == [
        ("SV.BAG", 2),
        ("SF.SEAT-1", 1),
    ]


def test_services_alone_have_no_flights_to_go_with() -> None:
    assert refused(parts(SERVICES)).code == "912"


def test_a_priced_service_picked_twice() -> None:
    twice = d.selected("SelectedOffer", d.item("SF.SEAT-1"), d.item("SF.SEAT-1"))
    assert refused(parts(d.selected(), twice)).code == "476"


def test_items_of_other_systems_are_not_known() -> None:
    body = (
        "<PricedOffer><AcceptOrderItemList><CreateOrderItem><OwnerCode>XB</OwnerCode>"
        "</CreateOrderItem></AcceptOrderItemList></PricedOffer>"
    )
    assert refused(body).code == "913"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("", "/IATA_OfferPriceRQ/Request/PricedOffer"),
        ("<PricedOffer/>", "/PricedOffer/SelectedOfferList/SelectedOffer"),
        (parts("<SelectedOffer/>"), "/SelectedOffer/SelectedOfferItem"),
        (parts(d.selected("SelectedOffer", d.item(pax_ids=()))), "/SelectedOfferItem/PaxRefID"),
        (parts(d.selected("SelectedOffer", d.item(""))), "/SelectedOfferItem/OfferItemRefID"),
    ],
)
def test_what_a_lenient_seller_leaves_out_is_named(body: str, path: str) -> None:
    root = d.request(RQ, body, valid=False) if "><PaxRefID" not in body else None
    with pytest.raises(Invalid) as caught:
        offer_price.read(root if root is not None else d.request(RQ, body), ENVELOPE)
    assert (caught.value.code, caught.value.path.endswith(path)) == ("912", True)


def test_iata_s_own_requests_can_be_read() -> None:
    found = sorted(examples().rglob("*OfferPriceRQ.xml"))
    assert found
    for path in found:
        root = guard(path.read_bytes())
        if next(root.iter("{*}SelectedALaCarteOfferItem"), None) is None:
            assert offer_price.read(root, ENVELOPE).selections


def test_the_reply_is_valid_and_states_the_guarantee() -> None:
    bounds = (samples.bound(samples.segment(), samples.onward()), samples.bound(samples.back()))
    offer = samples.offer(*bounds, party=samples.FAMILY_OF_FOUR, priced=True)
    notice = Notice("The price changed from 1.00 CAD; nothing was booked.", "711")
    root = samples.check(offer_price.write(PriceResult(offer, notices=(notice,)), ENVELOPE))
    priced = root.find("{*}Response/{*}PricedOffer")
    assert priced is not None
    assert priced.findtext("{*}OfferID") == offer.offer_id
    assert priced.findtext("{*}TotalPrice/{*}TotalAmount") == offer.total.text()
    limits = samples.texts(root, "PriceGuaranteeTimeLimitDateTime")
    assert limits == ["2026-03-01T12:30:00Z"] * len(offer.items)
    assert samples.texts(root, "Code")[-1] == "711"


def test_other_offers_stand_beside_it() -> None:
    offer = samples.offer(priced=True)
    dearer = samples.offer(samples.bound(family=samples.FLEX), number=2)
    for_others = samples.offer(party=samples.FAMILY_OF_FOUR, number=3)
    root = samples.check(offer_price.write(PriceResult(offer, (dearer, for_others)), ENVELOPE))
    assert samples.texts(root, "OfferID") == [dearer.offer_id, offer.offer_id]
