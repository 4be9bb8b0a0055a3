"""Each error code of OrderCreate and OrderRetrieve, and a request that provokes it."""

from datetime import date, timedelta

from tests.e2e.asking import CHILD, COUPLE, LAPS, Case, Edit
from tests.e2e.codes_of_offers import everything_is_sold
from tests.houses import Served

from ndc_oms.kit.requests import Pax

SELECTED = "Request/CreateOrder/AcceptSelectedQuotedOfferList/SelectedPricedOffer"
ITEM = f"{SELECTED}/SelectedOfferItem"
PARTY = "Request/DataLists/PaxList"
PAX = f"{PARTY}/Pax[1]"
SECOND = f"{PARTY}/Pax[2]"
CONTACT = "Request/DataLists/ContactInfoList/ContactInfo"
PAYMENT = "Request/PaymentFunctions"
CRITERIA = "Request/OrderValidationFilterCriteria"
GONE = "was made and closed again"
TODDLER = (Pax("PAX1"), Pax("PAX2", "CHD", given="Jonas", birthdate=date(2025, 8, 30)))
AMOUNT = '<PaymentProcessingDetails><Amount CurCode="CAD">'


def document(expires: str = "2035-01-01", born: str = "") -> tuple[str, str]:
    """Puts an identity document before the (only) Individual."""
    birth = f"<Birthdate>{born}</Birthdate>" if born else ""
    return (
        "<Individual>",
        f"<IdentityDoc>{birth}<ExpiryDate>{expires}</ExpiryDate><IdentityDocID>X123</IdentityDocID>"
        "<IdentityDocTypeCode>PT</IdentityDocTypeCode><Surname>Hansen</Surname></IdentityDoc>"
        "<Individual>",
    )


def expected(amount: str, currency: str) -> tuple[Edit, ...]:
    """The seller says what it expects to pay."""
    total = f'<TotalOfferPriceAmount CurCode="{currency}">{amount}</TotalOfferPriceAmount>'
    return (("</SelectedPricedOffer>", f"{total}</SelectedPricedOffer>"),)


def plan(type_code: str = "CA", agency: str = "91000000") -> tuple[tuple[str, str], ...]:
    """Pays by the settlement plan instead of a card."""
    method = (
        f"<SettlementPlan><IATA_Number>{agency}</IATA_Number><PaymentTypeCode>{type_code}"
        "</PaymentTypeCode></SettlementPlan>"
    )
    return (("<PaymentCard>", method + "<!--"), ("</PaymentCard>", "-->"))


async def fails(served: Served, verb: str) -> None:
    await served.pss.plant(f"{verb}:fails:1x")


async def hold_fails(served: Served) -> None:
    await fails(served, "hold")


async def hold_and_find_are_silent(served: Served) -> None:
    await served.pss.plant("hold:times-out-before:2x,find:times-out-before:2x")


async def book_fails(served: Served) -> None:
    await fails(served, "book")


async def issue_fails(served: Served) -> None:
    await fails(served, "issue")


async def guarantee_is_over(served: Served) -> None:
    served.clock.advance(timedelta(seconds=1500))


CREATE = (
    Case("8", "create", "a passport that expires on the way", (document("2027-02-11"),),
         f"{PAX}/IdentityDoc[1]/ExpiryDate"),
    Case("12", "create", "a service", (
        ("</PaxRefID></SelectedOfferItem>", "</PaxRefID><SelectedALaCarteOfferItem><Qty>1</Qty>"
         "</SelectedALaCarteOfferItem></SelectedOfferItem>"),
    ), f"{ITEM}/SelectedALaCarteOfferItem"),
    Case("73", "create", "a child of one", path=f"{SECOND}/Individual/Birthdate", party=TODDLER),
    Case("73", "create", "a child without a birthdate", (
        ("<Birthdate>2019-08-30</Birthdate>", ""),
    ), f"{SECOND}/Individual/Birthdate", party=CHILD, absent=True),
    Case("73", "create", "two birthdates", (
        document(born="1985-04-12"),
        ("<GivenName>", "<Birthdate>1985-04-21</Birthdate><GivenName>"),
    ), f"{PAX}/IdentityDoc[1]/Birthdate"),
    Case("143", "create", "nobody", (("<PaxList>", "<!--"), ("</PaxList>", "-->")),
         PARTY, absent=True),
    Case("149", "create", "a name too long", (("Maren</Giv", "Maren" * 12 + "</Giv"),),
         f"{PAX}/Individual"),
    Case("151", "create", "nobody named", (("<Individual>", "<!--"), ("</Individual>", "-->")),
         f"{PAX}/Individual", absent=True),
    Case("152", "create", "no given name", (("<GivenName>Maren</GivenName>", ""),),
         f"{PAX}/Individual/GivenName", absent=True),
    Case("12", "create", "a seat beside a flight item", (
        ("</PaxRefID></SelectedOfferItem>", "</PaxRefID><SelectedSeat><ColumnID>A</ColumnID>"
         "<SeatRowNumber>12</SeatRowNumber></SelectedSeat></SelectedOfferItem>"),
    ), f"{ITEM}/SelectedSeat"),
    Case("290", "create", "a cent too much", ((AMOUNT, f"{AMOUNT}1"),), PAYMENT),
    Case("290", "create", "half a cent", (("</Amount>", "5</Amount>"),),
         f"{PAYMENT}/PaymentProcessingDetails/Amount"),
    Case("314", "create", "a name in Greek", (("Maren</Giv", "Μαρία</Giv"),),
         f"{PAX}/Individual/GivenName"),
    Case("316", "create", "no contact", (
        ("<ContactInfoList>", "<!--"), ("</ContactInfoList>", "-->"),
        ("<ContactInfoRefID>C1</ContactInfoRefID>", ""),
    ), "Request/DataLists/ContactInfoList", absent=True),
    Case("316", "create", "a contact that is not there", (("RefID>C1", "RefID>C2"),),
         f"{PAX}/ContactInfoRefID"),
    Case("317", "create", "an address without an at", (("hansen@", "hansen."),),
         f"{CONTACT}[1]/EmailAddress[1]/EmailAddressText"),
    Case("318", "create", "a telephone number of letters", (
        ("</ContactInfo>", "<Phone><PhoneNumber>call me</PhoneNumber></Phone></ContactInfo>"),
    ), f"{CONTACT}[1]/Phone[1]/PhoneNumber"),
    Case("324", "create", "two infants on one lap", (
        ("<PaxRefID>PAX2</PaxRefID><PTC>INF", "<PaxRefID>PAX1</PaxRefID><PTC>INF"),
    ), f"{PARTY}/Pax[4]/PaxRefID", party=LAPS),
    Case("386", "create", "a birthdate beyond calendars", (
        ("<GivenName>", "<Birthdate>11985-04-12</Birthdate><GivenName>"),
    ), f"{PARTY}/Pax/Individual/Birthdate"),
    Case("399", "create", "two of one name", (("Soren", "Maren"),), f"{SECOND}/Individual",
         type="Conflict", party=COUPLE),
    Case("466", "create", "a form not taken", plan("MS"),
         f"{PAYMENT}/PaymentProcessingDetails/PaymentMethod/SettlementPlan/PaymentTypeCode"),
    Case("476", "create", "a passenger twice", (("PAX2</PaxID>", "PAX1</PaxID>"),),
         f"{SECOND}/PaxID", party=COUPLE),
    Case("476", "create", "an item twice", (("-2</OfferItemRefID>", "-1</OfferItemRefID>"),),
         f"{ITEM}[2]/OfferItemRefID", party=COUPLE),
    Case("493", "create", "everything is sold", type="Unavailable", then=everything_is_sold),
    Case("493", "create", "no hold is given", type="Unavailable", then=hold_fails),
    Case("493", "create", "nobody knows of the hold", type="Unavailable",
         then=hold_and_find_are_silent, state="Incomplete", left="No order was made"),
    Case("493", "create", "the booking fails", type="Unavailable", then=book_fails,
         state="Incomplete", left=GONE),
    Case("182", "create", "no ticket is issued", type="Unavailable", then=issue_fails,
         state="Incomplete", left=GONE),
    Case("708", "create", "a number that is none", pan="4111111111111112", path=PAYMENT),
    Case("708", "create", "a card of another brand", (("Code>VI", "Code>AX"),), PAYMENT),
    Case("708", "create", "a card that has expired", (("1235</Exp", "1226</Exp"),), PAYMENT),
    Case("708", "create", "the issuer says no", type="NotAllowed", pan="4000000000002008",
         state="Incomplete", left=GONE),
    Case("708", "create", "a capture is declined", type="NotAllowed", pan="4000000000008005",
         state="Incomplete", left=GONE),
    Case("727", "create", "another currency", (('CurCode="CAD"', 'CurCode="USD"'),), PAYMENT),
    Case("727", "create", "a total in another currency", expected("1.00", "USD"),
         f"{SELECTED}/TotalOfferPriceAmount"),
    Case("729", "create", "another total", expected("1.00", "CAD"),
         f"{SELECTED}/TotalOfferPriceAmount"),
    Case("912", "create", "no key", (("<TrxID>trx-1</TrxID>", ""),), "PayloadAttributes/TrxID",
         absent=True),
    Case("912", "create", "an element that is none", (("<PaxID>", "<Id>"), ("</PaxID>", "</Id>")),
         f"{PARTY}/Pax/Id"),
    Case("913", "create", "an offer nobody made", (("<OfferRefID>", "<OfferRefID>X"),),
         f"{SELECTED}/OfferRefID", type="Expired"),
    Case("913", "create", "its guarantee is over", path=f"{SELECTED}/OfferRefID", type="Expired",
         priced=True, then=guarantee_is_over),
    Case("913", "create", "an item it does not have", (("<OfferItemRefID>", "<OfferItemRefID>X"),),
         ITEM, type="Expired"),
    Case("914", "create", "another party", (("<PTC>ADT", "<PTC>YTH"),), PARTY),
    Case("914", "create", "one item left out", (
        ("</SelectedOfferItem><SelectedOfferItem>", "<!--"),
        ("</SelectedOfferItem></SelectedPricedOffer>", "--></SelectedOfferItem>"
         "</SelectedPricedOffer>"),
    ), SELECTED, party=COUPLE),
    Case("921", "create", "the holder is not known", type="NotAllowed", pan="4000000000003006",
         state="Incomplete", left=GONE),
    Case("923", "create", "the issuer cannot be asked", type="NotAllowed", pan="4000000000004004",
         state="Incomplete", left=GONE),
)  # fmt: skip

RETRIEVE = (
    Case("129", "retrieve", "no such order", (("<OrderID>T8", "<OrderID>T8X"),), CRITERIA,
         type="NotFound"),
    Case("129", "retrieve", "another airline", (("<OwnerCode>T8", "<OwnerCode>9Z"),), CRITERIA,
         type="NotFound"),
    Case("129", "retrieve", "no such booking", (
        ("<OrderFilterCriteria>", "<BookingRefFilterCriteria><BookingID>ZZZZZZ</BookingID>"
         "</BookingRefFilterCriteria><!--"),
        ("</OrderFilterCriteria>", "--><PaxFilterCriteria><Individual><Surname>Hansen</Surname>"
         "</Individual></PaxFilterCriteria>"),
    ), CRITERIA, type="NotFound"),
    Case("151", "retrieve", "a booking without a name", (
        ("<OrderFilterCriteria>", "<BookingRefFilterCriteria><BookingID>ZZZZZZ</BookingID>"
         "</BookingRefFilterCriteria><!--"),
        ("</OrderFilterCriteria>", "-->"),
    ), CRITERIA),
    Case("912", "retrieve", "nothing named", (
        ("<OrderFilterCriteria>", "<!--"), ("</OrderFilterCriteria>", "-->"),
    ), CRITERIA),
)  # fmt: skip
