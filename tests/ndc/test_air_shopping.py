"""AirShoppingRQ read, AirShoppingRS written."""

from dataclasses import replace
from datetime import date

import pytest
from lxml import etree
from tests.ndc import documents as d
from tests.ndc import samples
from tests.ndc.profile import examples

from ndc_oms.errors import Invalid, Unavailable
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.model.product import Cabin
from ndc_oms.ndc import air_shopping
from ndc_oms.ndc.door import guard
from ndc_oms.ndc.envelope import Notice as Remark
from ndc_oms.offers.request import BoundRequest, Notice, ShopRequest, ShopResult

RQ = "IATA_AirShoppingRQ"
ENVELOPE = samples.envelope()


def read(parts: str, *, valid: bool = True) -> ShopRequest:
    return air_shopping.read(d.request(RQ, parts, valid=valid), ENVELOPE)


def refused(parts: str, *, valid: bool = True) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(parts, valid=valid)
    return caught.value


def test_one_way_for_one() -> None:
    assert read(d.flights() + d.pax_list()) == ShopRequest(
        bounds=(
            BoundRequest(
                "YYZ",
                "LON",
                date(2026, 9, 1),
                path="/IATA_AirShoppingRQ/Request/FlightRequest"
                "/FlightRequestOriginDestinationsCriteria/OriginDestCriteria",
            ),
        ),
        party=(Passenger("PAX1", PassengerType.ADULT),),
        party_path="/IATA_AirShoppingRQ/Request/PaxList",
    )


def test_bounds_keep_their_order_ids_and_paths() -> None:
    named = "<OriginDestID>out</OriginDestID>"
    back = d.bound("LHR", "YYZ", "2026-09-14")
    out, home = read(d.flights(d.bound(named=named), back) + d.pax_list()).bounds
    assert (out.id, home.id) == ("out", None)
    assert home.path.endswith("/OriginDestCriteria[2]")


def test_an_infant_names_who_holds_it() -> None:
    infant = d.pax("I1", "INF", before="")
    held = infant.replace("</PaxID>", "</PaxID><PaxRefID>A1</PaxRefID>")
    party = read(d.flights() + d.pax_list(d.pax("A1"), d.pax("C1", "CHD"), held)).party
    assert party[2] == Passenger("I1", PassengerType.INFANT, "A1")
    assert party[1].guardian is None


def test_a_reference_to_nobody_is_refused() -> None:
    infant = d.pax("I1", "INF", more="<PaxRefID>X9</PaxRefID>")
    wrong = refused(d.flights() + d.pax_list(d.pax("A1"), infant))
    assert wrong.code == "912"
    assert wrong.path == "/IATA_AirShoppingRQ/Request/PaxList/Pax[2]/PaxRefID"


@pytest.mark.parametrize("ptc", ["XXX", "adt", "CNN", None])
def test_a_passenger_type_that_is_not_sold(ptc: str | None) -> None:
    wrong = refused(d.flights() + d.pax_list(d.pax(ptc=ptc)))
    assert wrong.code == "143"
    assert wrong.path == "/IATA_AirShoppingRQ/Request/PaxList/Pax/PTC"


def test_no_passengers_are_for_the_act_to_refuse() -> None:
    assert read(d.flights()).party == ()


def test_one_pax_id_for_two() -> None:
    wrong = refused(d.flights() + d.pax_list(d.pax("P"), d.pax("P", "CHD")))
    assert (wrong.code, wrong.path) == ("476", "/IATA_AirShoppingRQ/Request/PaxList/Pax[2]/PaxID")


@pytest.mark.parametrize(
    ("wanted", "cabins", "required"),
    [
        ("", (), False),
        (d.cabin("2"), (Cabin.BUSINESS,), True),
        (d.cabin("3"), (Cabin.ECONOMY,), True),
        (d.cabin("5", "Preferred") + d.cabin("4", "Preferred"),
         (Cabin.ECONOMY, Cabin.PREMIUM_ECONOMY), False),
        (d.cabin("1", "Preferred") + d.cabin("2"), (Cabin.BUSINESS,), True),
        (d.cabin("5", "Exclude"), (Cabin.FIRST, Cabin.BUSINESS, Cabin.PREMIUM_ECONOMY), True),
    ],
)  # fmt: skip
def test_cabins(wanted: str, cabins: tuple[Cabin, ...], required: bool) -> None:
    (bound,) = read(d.flights(d.bound(before=wanted)) + d.pax_list()).bounds
    assert (bound.cabins, bound.cabin_required) == (cabins, required)


@pytest.mark.parametrize("code", ["9", "Y", "ECONOMY"])
def test_a_cabin_that_is_not_known(code: str) -> None:
    wrong = refused(d.flights(d.bound(before=d.cabin(code))) + d.pax_list())
    assert wrong.code == "12"
    assert wrong.path.endswith("/OriginDestCriteria/CabinType/CabinTypeCode")


def connections(most: str, ref: str = "CC1") -> str:
    criteria = (
        "<FlightRelatedCriteria><ConnectionCriteria><ConnectionCriteriaID>CC1"
        f"</ConnectionCriteriaID><MaximumConnectionQty>{most}</MaximumConnectionQty>"
        "</ConnectionCriteria></FlightRelatedCriteria>"
    )
    bound = d.bound(connection=f"<ConnectionCriteriaRefID>{ref}</ConnectionCriteriaRefID>")
    return criteria + d.flights(bound) + d.pax_list()


@pytest.mark.parametrize(("sent", "most"), [("0", 0), ("1", 1), (" 2.0 ", 2)])
def test_how_many_connections_at_most(sent: str, most: int) -> None:
    assert read(connections(sent)).bounds[0].max_connections == most


def test_connection_criteria_that_are_not_there() -> None:
    assert refused(connections("1", ref="CC2")).path.endswith("/ConnectionCriteriaRefID")


@pytest.mark.parametrize("sent", ["-1", "0.5", "1" + "0" * 20])
def test_a_count_that_is_none(sent: str) -> None:
    assert refused(connections(sent)).code == "912"


PARAMETERS = "<ResponseParameters>{}</ResponseParameters>"


@pytest.mark.parametrize(
    ("parameters", "currency"),
    [
        ("<CurParameter><CurCode>EUR</CurCode></CurParameter>", "EUR"),
        ("<CurParameter><CurCode>EUR</CurCode></CurParameter><CurParameter>"
         "<AppCode>Requested</AppCode><CurCode>JPY</CurCode></CurParameter>", "JPY"),
        ("<CurParameter><AppCode>Display</AppCode><CurCode>JPY</CurCode></CurParameter>", None),
        ("<PricingParameter><OverrideCurCode>USD</OverrideCurCode></PricingParameter>", "USD"),
        ("<ReasonCode>1</ReasonCode>", None),
    ],
)  # fmt: skip
def test_the_currency_wanted(parameters: str, currency: str | None) -> None:
    parts = d.flights() + d.pax_list() + PARAMETERS.format(parameters)
    assert read(parts).currency == currency


def test_a_currency_that_is_none() -> None:
    wrong = refused(
        d.flights()
        + d.pax_list()
        + PARAMETERS.format("<CurParameter><CurCode>Euro</CurCode></CurParameter>")
    )
    assert (wrong.code, wrong.path.rpartition("/")[2]) == ("727", "CurCode")


def test_the_most_offers_wanted() -> None:
    limit = "<PayloadRestrictions><Limit>20</Limit><ObjectName>OFFER</ObjectName>"
    parts = d.flights() + d.pax_list() + limit + "</PayloadRestrictions>"
    assert read(parts).limit == 20


@pytest.mark.parametrize("day", ["2026-09-01Z", "2026-09-01+14:00"])
def test_a_zone_on_a_date_does_not_move_it(day: str) -> None:
    assert read(d.flights(d.bound(day=day)) + d.pax_list()).bounds[0].day == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("day", "valid"),
    [("12026-09-01", True), ("-0001-09-01", True), ("2026-02-30", False), ("tomorrow", False)],
)
def test_a_date_of_no_calendar(day: str, valid: bool) -> None:
    wrong = refused(d.flights(d.bound(day=day)) + d.pax_list(), valid=valid)
    assert (wrong.code, wrong.path.endswith("/OriginDepCriteria/Date")) == ("386", True)


def test_searching_by_affinity_needs_to_know_where_from() -> None:
    parts = (
        "<FlightRequest><AffinityShoppingCriteria><AffinityOriginDest/></AffinityShoppingCriteria>"
        "</FlightRequest>" + d.pax_list()
    )
    wrong = refused(parts)
    assert (wrong.code, wrong.path.rpartition("/")[2]) == ("912", "AffinityDepRequest")


def test_named_flights_give_their_day() -> None:
    point = "<IATA_LocationCode>{}</IATA_LocationCode>"
    moment = "<AircraftScheduledDateTime>2026-09-01T20:35:00</AircraftScheduledDateTime>"
    parts = (
        "<DatedMarketingSegmentList><DatedMarketingSegment><Arrival>" + point.format("LHR")
        + "</Arrival><CarrierDesigCode>T8</CarrierDesigCode>"
        "<DatedMarketingSegmentId>M1</DatedMarketingSegmentId>"
        "<DatedOperatingSegmentRefId>O1</DatedOperatingSegmentRefId><Dep>" + moment
        + point.format("YYZ") + "</Dep><MarketingCarrierFlightNumberText>101"
        "</MarketingCarrierFlightNumberText></DatedMarketingSegment></DatedMarketingSegmentList>"
        "<FlightRequest><FlightRequestSpecificOriginDestinations><SpecificOriginDestCriteria>"
        "<DestCode>LHR</DestCode><OriginCode>YYZ</OriginCode><OriginDestID>OD9</OriginDestID>"
        "<PaxJourneyRefID>J1</PaxJourneyRefID></SpecificOriginDestCriteria>"
        "</FlightRequestSpecificOriginDestinations></FlightRequest><PaxJourneyList><PaxJourney>"
        "<PaxJourneyID>{}</PaxJourneyID><PaxSegment><DatedMarketingSegmentRefId>M1"
        "</DatedMarketingSegmentRefId><PaxSegmentID>S1</PaxSegmentID></PaxSegment></PaxJourney>"
        "</PaxJourneyList>" + d.pax_list()
    )  # fmt: skip
    (bound,) = read(parts.format("J1")).bounds
    assert (bound.origin, bound.destination, bound.id) == ("YYZ", "LHR", "OD9")
    assert bound.day == date(2026, 9, 1)
    assert refused(parts.format("J2")).code == "102"


def test_prefixes_and_inner_declarations_are_the_same_document() -> None:
    plain = d.request(RQ, d.flights() + d.pax_list())
    prefixed = etree.tostring(plain).decode().replace("xmlns=", "xmlns:c=")
    for name in ("IATA_AirShoppingRQ", "Request", "DistributionChain"):
        prefixed = prefixed.replace(f"m:{name}", f"m-{name}")
    prefixed = prefixed.replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:")
    prefixed = prefixed.replace("c:m-", "m:")
    assert air_shopping.read(etree.fromstring(prefixed), ENVELOPE) == air_shopping.read(
        plain, ENVELOPE
    )


def test_iata_s_own_requests_can_be_read() -> None:
    found = sorted(examples().rglob("*AirShoppingRQ.xml"))
    assert found
    for path in found:
        asked = air_shopping.read(guard(path.read_bytes()), ENVELOPE)
        assert asked.bounds
        assert asked.party


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ("<PaxList/>", "/IATA_AirShoppingRQ/Request/FlightRequest"),
        ("<FlightRequest/><PaxList/>", "/IATA_AirShoppingRQ/Request/FlightRequest"),
        (d.flights("<OriginDestCriteria/>"), "OriginDestCriteria/OriginDepCriteria"),
        (d.flights(d.bound(origin="")), "OriginDepCriteria/IATA_LocationCode"),
        (d.flights() + "<PaxList><Pax/></PaxList>", "/PaxList/Pax/PaxID"),
    ],
)
def test_what_a_lenient_seller_leaves_out_is_named(parts: str, path: str) -> None:
    wrong = refused(parts, valid=False)
    assert wrong.code == "912"
    assert wrong.path.endswith(path)


BOUNDS = (BoundRequest("YYZ", "LON", date(2026, 9, 1), id="OD1"),)


def result(**changes: object) -> ShopResult:
    bounds = (
        samples.bound(samples.segment(hop=True)),
        samples.bound(samples.segment(), samples.onward(), family=samples.FLEX),
        samples.bound(samples.segment(), family=samples.BUSINESS),
    )
    offers = tuple(
        samples.offer(each, party=samples.FAMILY_OF_FOUR, number=at)
        for at, each in enumerate(bounds)
    )
    return replace(ShopResult(offers, samples.FAMILY_OF_FOUR, BOUNDS), **changes)


def test_the_reply_is_valid_and_nothing_dangles() -> None:
    root = samples.check(air_shopping.write(result(), ENVELOPE))
    ids = samples.texts(root, "OfferItemID")
    offers = result().offers
    assert ids == [item.id for offer in offers for item in offer.items]
    assert samples.texts(root, "OfferID") == [offer.offer_id for offer in offers]
    assert samples.texts(root, "TrxID") == ["T-1"]


def test_totals_are_the_offers_own() -> None:
    root = etree.fromstring(air_shopping.write(result(), ENVELOPE))
    for node, offer in zip(root.iter("{*}Offer"), result().offers, strict=True):
        price = node.find("{*}TotalPrice")
        assert price is not None
        assert price.findtext("{*}TotalAmount") == offer.total.text()
        items = [i.findtext("{*}Price/{*}TotalAmount") for i in node.iterchildren("{*}OfferItem")]
        assert items == [item.fare.total.text() for item in offer.items]


def test_a_return_in_yen_is_valid() -> None:
    out = samples.bound(samples.segment(), currency="JPY")
    home = samples.bound(samples.back(), family=samples.BUSINESS, currency="JPY")
    bounds = (*BOUNDS, BoundRequest("LON", "YYZ", date(2026, 9, 14)))
    shown = ShopResult((samples.offer(out, home),), (samples.ADULT,), bounds)
    root = samples.check(air_shopping.write(shown, ENVELOPE))
    assert samples.texts(root, "OriginDestID") == ["OD1", "OD2"]


def test_made_ids_of_pairs_do_not_collide_with_given_ones() -> None:
    bounds = (
        BoundRequest("YYZ", "LHR", date(2026, 9, 1)),
        BoundRequest("LHR", "YYZ", date(2026, 9, 14), id="OD1"),
    )
    offer = samples.offer(samples.bound(), samples.bound(samples.back()))
    shown = ShopResult((offer,), (samples.ADULT,), bounds)
    root = samples.check(air_shopping.write(shown, ENVELOPE))
    assert samples.texts(root, "OriginDestID") == ["OD2", "OD1"]


def test_nothing_to_offer_says_why() -> None:
    with pytest.raises(Unavailable) as caught:
        air_shopping.write(result(offers=(), reasons=("YYZ–LON: full.",)), ENVELOPE)
    assert (caught.value.code, caught.value.text) == ("496", "YYZ–LON: full.")


def test_notices_of_act_and_exchange_are_warnings() -> None:
    told = result(notices=(Notice("One.", "727"),))
    envelope = replace(ENVELOPE, warnings=(Remark("", "Two & three.", "/IATA_AirShoppingRQ/X"),))
    root = samples.check(air_shopping.write(told, envelope))
    warnings = list(root.iter("{*}Warning"))
    assert [w.findtext("{*}DescText") for w in warnings] == ["One.", "Two & three."]
    assert [w.findtext("{*}Code") for w in warnings] == ["727", None]


def test_a_hostile_pax_id_stays_a_text() -> None:
    party = (Passenger("<X/>\"&amp;'", PassengerType.ADULT),)
    shown = ShopResult((samples.offer(party=party),), party, BOUNDS)
    root = samples.check(air_shopping.write(shown, ENVELOPE))
    assert set(samples.texts(root, "PaxRefID")) == {party[0].id}
