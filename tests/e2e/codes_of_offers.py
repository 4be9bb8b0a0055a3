"""Each error code of AirShopping and OfferPrice, and a request that provokes it."""

from datetime import timedelta

from tests.e2e.asking import CHILD, COUPLE, LAPS, Case
from tests.houses import Served

from ndc_oms.model.journey import FlightKey
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.pss import SegmentSale

OD = "Request/FlightRequest/FlightRequestOriginDestinationsCriteria/OriginDestCriteria"
DAY = "<Date>2027-02-11</Date>"
ONE = "<Pax><PaxID>PAX1</PaxID><PTC>ADT</PTC></Pax>"
CRITERIA = "</OriginDestCriteria></FlightRequestOriginDestinationsCriteria>"
SELECTED = "Request/PricedOffer/SelectedOfferList/SelectedOffer"
ITEM = f"{SELECTED}/SelectedOfferItem"
PARTY = "Request/DataLists/PaxList"


def pax(number: int, kind: str = "ADT") -> str:
    return f"<Pax><PaxID>PAX{number}</PaxID><PTC>{kind}</PTC></Pax>"


def bound(origin: str, destination: str, day: str) -> str:
    return (
        f"<OriginDestCriteria><DestArrivalCriteria><IATA_LocationCode>{destination}"
        f"</IATA_LocationCode></DestArrivalCriteria><OriginDepCriteria><Date>{day}</Date>"
        f"<IATA_LocationCode>{origin}</IATA_LocationCode></OriginDepCriteria></OriginDestCriteria>"
    )


def more(*bounds: str) -> str:
    return f"</OriginDestCriteria>{''.join(bounds)}</FlightRequestOriginDestinationsCriteria>"


async def late_in_the_evening(served: Served) -> None:
    served.clock.advance(timedelta(hours=18, minutes=30))


async def half_an_hour_passes(served: Served) -> None:
    served.clock.advance(timedelta(minutes=30))


async def a_month_passes(served: Served) -> None:
    served.clock.advance(timedelta(days=30, hours=20))


async def availability_is_silent(served: Served) -> None:
    await served.pss.plant("availability:times-out-before:1x")


async def checking_is_silent(served: Served) -> None:
    await served.pss.plant("check:times-out-before:1x")


async def everything_is_sold(served: Served) -> None:
    """Whatever flies Toronto–London that day is held by somebody else, class by class."""
    day = served.today + timedelta(days=30)
    found = await served.pss.availability(day)
    assert isinstance(found, Confirmed)
    flights = [key for key in found.value if (key.origin, key.destination) == ("YYZ", "LHR")]
    for key in flights:
        for rbd in found.value[key]:
            await _take_all(served, key, rbd)


async def _take_all(served: Served, key: FlightKey, rbd: str) -> None:
    left = await served.pss.check((key,))
    assert isinstance(left, Confirmed)
    if seats := left.value[key].get(rbd, 0):
        sale = SegmentSale(key, rbd, seats)
        until = served.clock.now() + timedelta(hours=1)
        held = await served.pss.hold(f"another:{key}:{rbd}", (sale,), until)
        assert isinstance(held, Confirmed)


SHOP = (
    Case("8", "shop", "a day that is past", ((DAY, "<Date>2027-01-11</Date>"),), OD),
    Case("8", "shop", "a day not on sale yet", ((DAY, "<Date>2028-02-11</Date>"),), OD),
    Case("12", "shop", "a cabin nobody knows", (
        ("<OriginDestCriteria>", "<OriginDestCriteria><CabinType><CabinTypeCode>99</CabinTypeCode>"
         "<PrefLevel><PrefLevelCode>Required</PrefLevelCode></PrefLevel></CabinType>"),
    ), f"{OD}/CabinType/CabinTypeCode"),
    Case("12", "shop", "first class is required", (
        ("<OriginDestCriteria>", "<OriginDestCriteria><CabinType><CabinTypeCode>1</CabinTypeCode>"
         "<PrefLevel><PrefLevelCode>Required</PrefLevelCode></PrefLevel></CabinType>"),
    ), OD),
    Case("68", "shop", "ten seats", ((ONE, "".join(map(pax, range(1, 11)))),), "Request/PaxList"),
    Case("100", "shop", "an airport not served", (("YYZ", "PAE"),), OD),
    Case("102", "shop", "back before out", (
        (CRITERIA, more(bound("LHR", "YYZ", "2027-02-01"))),
    ), f"{OD}[2]"),
    Case("102", "shop", "a journey without a day", (
        ("<FlightRequestOriginDestinationsCriteria>", "<!--"),
        ("</FlightRequestOriginDestinationsCriteria>", "-->"
         "<FlightRequestSpecificOriginDestinations><SpecificOriginDestCriteria><DestCode>LHR</DestCode><OriginCode>YYZ</OriginCode>"
         "<OriginDestID>OD1</OriginDestID><PaxJourneyRefID>J1</PaxJourneyRefID>"
         "</SpecificOriginDestCriteria></FlightRequestSpecificOriginDestinations>"),
    ), "Request/FlightRequest/FlightRequestSpecificOriginDestinations/SpecificOriginDestCriteria"),
    Case("103", "shop", "the last flight is closed", ((DAY, "<Date>2027-01-12</Date>"),), OD,
         type="Unavailable", then=late_in_the_evening),
    Case("130", "shop", "one place", (("LHR", "YTO"),), OD),
    Case("143", "shop", "a type not sold", (("<PTC>ADT", "<PTC>MIL"),), "Request/PaxList/Pax/PTC"),
    Case("143", "shop", "no type", (("<PTC>ADT</PTC>", ""),), "Request/PaxList/Pax/PTC",
         absent=True),
    Case("143", "shop", "a child alone", (("<PTC>ADT", "<PTC>CHD"),), "Request/PaxList"),
    Case("143", "shop", "nobody", ((f"<PaxList>{ONE}</PaxList>", ""),), "Request/PaxList",
         absent=True),
    Case("324", "shop", "two infants with one adult", (
        (ONE, pax(1) + pax(2, "INF") + pax(3, "INF")),
    ), "Request/PaxList"),
    Case("386", "shop", "a year beyond calendars", ((DAY, "<Date>12027-02-11</Date>"),),
         f"{OD}/OriginDepCriteria/Date"),
    Case("476", "shop", "a passenger twice", ((ONE, ONE + ONE),), "Request/PaxList/Pax[2]/PaxID"),
    Case("493", "shop", "availability is not known", type="Unavailable",
         then=availability_is_silent),
    Case("496", "shop", "everything is sold", type="Unavailable", then=everything_is_sold),
    Case("724", "shop", "seven bounds", (
        (CRITERIA, more(*[bound("LHR", "YYZ", f"2027-03-{n:02}") for n in range(1, 7)])),
    ), f"{OD}[7]"),
    Case("727", "shop", "a currency not sold in", (
        ("</PayloadRestrictions>", "</PayloadRestrictions><ResponseParameters><CurParameter>"
         "<CurCode>XAU</CurCode></CurParameter></ResponseParameters>"),
    )),
    Case("912", "shop", "an element that is none", (("<PaxID>", "<Id>"), ("</PaxID>", "</Id>")),
         "Request/PaxList/Pax/Id"),
    Case("912", "shop", "a search by affinity from nowhere", (
        ("<FlightRequestOriginDestinationsCriteria>", "<!--"),
        ("</FlightRequestOriginDestinationsCriteria>", "--><AffinityShoppingCriteria>"
         "<AffinityOriginDest/></AffinityShoppingCriteria>"),
    ), "Request/FlightRequest/AffinityShoppingCriteria/AffinityOriginDest/AffinityDepRequest",
        absent=True),
)  # fmt: skip

PRICE = (
    Case("12", "price", "a service", (
        ("</PaxRefID></SelectedOfferItem>", "</PaxRefID><SelectedALaCarteOfferItem><Qty>1</Qty>"
         "</SelectedALaCarteOfferItem></SelectedOfferItem>"),
    ), f"{ITEM}/SelectedALaCarteOfferItem"),
    Case("68", "price", "ten seats", ((ONE, "".join(map(pax, range(1, 11)))),), PARTY),
    Case("143", "price", "a type not sold", (("<PTC>ADT", "<PTC>MIL"),), f"{PARTY}/Pax/PTC"),
    Case("12", "price", "a seat beside a flight item", (
        ("</PaxRefID></SelectedOfferItem>", "</PaxRefID><SelectedSeat><ColumnID>A</ColumnID>"
         "<SeatRowNumber>12</SeatRowNumber></SelectedSeat></SelectedOfferItem>"),
    ), f"{ITEM}/SelectedSeat"),
    Case("324", "price", "two infants on one lap", (("<PaxRefID>PAX2</PaxRefID><PTC>INF",
         "<PaxRefID>PAX1</PaxRefID><PTC>INF"),), PARTY, party=LAPS),
    Case("476", "price", "a passenger twice", ((ONE, ONE + ONE),), f"{PARTY}/Pax[2]/PaxID"),
    Case("493", "price", "everything is sold", path=f"{SELECTED}/OfferRefID", type="Unavailable",
         then=everything_is_sold),
    Case("493", "price", "availability is not known", type="Unavailable", then=checking_is_silent),
    Case("727", "price", "another currency", (
        ("</m:Request>", "<ResponseParameters><CurParameter><CurCode>USD</CurCode></CurParameter>"
         "</ResponseParameters></m:Request>"),
    ), SELECTED),
    Case("912", "price", "an element that is none", (("<PaxID>", "<Id>"), ("</PaxID>", "</Id>")),
         f"{PARTY}/Pax/Id"),
    Case("913", "price", "an offer nobody made", (("<OfferRefID>", "<OfferRefID>X"),),
         f"{SELECTED}/OfferRefID", type="Expired"),
    Case("913", "price", "a priced offer nobody made", (("<OfferRefID>", "<OfferRefID>P"),),
         f"{SELECTED}/OfferRefID", type="Expired"),
    Case("913", "price", "its time is over", path=f"{SELECTED}/OfferRefID", type="Expired",
         then=half_an_hour_passes),
    Case("913", "price", "its guarantee is over", path=f"{SELECTED}/OfferRefID", type="Expired",
         priced=True, then=half_an_hour_passes),
    Case("913", "price", "an item it does not have", (("<OfferItemRefID>", "<OfferItemRefID>X"),),
         ITEM, type="Expired"),
    Case("913", "price", "another airline", (("<OwnerCode>T8", "<OwnerCode>9Z"),), SELECTED,
         type="Expired"),
    Case("914", "price", "another party", ((ONE, pax(1) + pax(2)),), PARTY),
    Case("476", "price", "an item twice", (("-2</OfferItemRefID>", "-1</OfferItemRefID>"),),
         f"{ITEM}[2]/OfferItemRefID", party=COUPLE),
    Case("914", "price", "an item left out", (
        ("</SelectedOfferItem><SelectedOfferItem>", "<!--"),
        ("</SelectedOfferItem></SelectedOffer>", "--></SelectedOfferItem></SelectedOffer>"),
    ), SELECTED, party=COUPLE),
    Case("914", "price", "an item of another type", (
        ("<PaxRefID>PAX1</PaxRefID>", "<PaxRefID>PAX9</PaxRefID>"),
        ("<PaxRefID>PAX2</PaxRefID>", "<PaxRefID>PAX1</PaxRefID>"),
        ("<PaxRefID>PAX9</PaxRefID>", "<PaxRefID>PAX2</PaxRefID>"),
    ), SELECTED, party=CHILD),
)  # fmt: skip
