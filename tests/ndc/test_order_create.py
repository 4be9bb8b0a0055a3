"""OrderCreateRQ read."""

from datetime import date

import pytest
from tests.ndc import documents as d
from tests.ndc import samples
from tests.ndc.profile import examples

from ndc_oms.errors import Invalid
from ndc_oms.model.money import Money
from ndc_oms.model.passenger import Contact, IdentityDocument, LoyaltyAccount, Person
from ndc_oms.model.payment import PaymentForm
from ndc_oms.ndc import order_create
from ndc_oms.ndc.door import guard
from ndc_oms.orders.request import CreateRequest, PaymentRequest
from ndc_oms.ports.payment import CardAuthentication, CardData

RQ = "IATA_OrderCreateRQ"
ENVELOPE = samples.envelope(RQ)
AT = "/IATA_OrderCreateRQ/Request"
PAN = "4111111111111111"


def read(body: str, *, valid: bool = True) -> CreateRequest:
    return order_create.read(d.request(RQ, body, valid=valid), ENVELOPE)


def refused(body: str, *, valid: bool = True) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(body, valid=valid)
    return caught.value


def person(inside: str, *, before: str = "", more: str = "") -> str:
    return d.create(lists=d.pax_list(d.pax(before=before + inside, more=more)))


def test_an_accepted_offer() -> None:
    asked = read(d.create())
    assert [selection.offer_id for selection in asked.selections] == ["OFFER"]
    assert asked.selections[0].items[0].path == (
        f"{AT}/CreateOrder/AcceptSelectedQuotedOfferList/SelectedPricedOffer/SelectedOfferItem"
    )
    assert [passenger.id for passenger in asked.passengers] == ["PAX1"]
    assert asked.passengers_path == f"{AT}/DataLists/PaxList"
    assert (asked.people.persons, asked.payments) == ((), ())


def test_who_a_passenger_is() -> None:
    body = person(
        "<CitizenshipCountryCode>DE</CitizenshipCountryCode>"
        "<ContactInfoRefID>C1</ContactInfoRefID>"
        "<IdentityDoc><Birthdate>1980-02-29</Birthdate><CitizenshipCountryCode>DE"
        "</CitizenshipCountryCode><ExpiryDate>2030-01-01</ExpiryDate><GenderCode>F</GenderCode>"
        "<GivenName>Anna</GivenName><IdentityDocID>C01X00T47</IdentityDocID>"
        "<IdentityDocTypeCode>PT</IdentityDocTypeCode><IssueDate>2020-01-02</IssueDate>"
        "<IssuingCountryCode>DE</IssuingCountryCode><Surname>Mueller</Surname></IdentityDoc>"
        "<Individual><Birthdate>1980-02-29</Birthdate><GenderCode>F</GenderCode>"
        "<GivenName>Anna</GivenName><GivenName>Maria</GivenName><MiddleName>Eva</MiddleName>"
        "<SuffixName>Jr</SuffixName><Surname> Müller \n Lang </Surname><TitleName>Ms</TitleName>"
        "</Individual><LoyaltyProgramAccount><AccountNumber>123</AccountNumber><LoyaltyProgram>"
        "<Carrier><AirlineDesigCode>T8</AirlineDesigCode></Carrier></LoyaltyProgram>"
        "<TierCode>GOLD</TierCode></LoyaltyProgramAccount>"
    )
    assert read(body).people.persons == (
        Person(
            "PAX1", "Müller Lang", ("Anna", "Maria"), "Ms", ("Eva",), "Jr", "F",
            date(1980, 2, 29), "DE", ("C1",),
            (
                IdentityDocument(
                    "PT", "C01X00T47", "Mueller", ("Anna",), "DE", "DE", date(1980, 2, 29), "F",
                    date(2020, 1, 2), date(2030, 1, 1),
                ),
            ),
            (LoyaltyAccount("T8", "123", "GOLD"),),
        ),
    )  # fmt: skip


def test_a_document_names_who_is_not_named_otherwise() -> None:
    body = person(
        "<IdentityDoc><Birthdate>2001-01-01</Birthdate><IdentityDocID>9</IdentityDocID>"
        "<IdentityDocTypeCode>PT</IdentityDocTypeCode><Surname>Roy</Surname></IdentityDoc>"
    )
    (found,) = read(body).people.persons
    assert (found.surname, found.birthdate) == ("Roy", date(2001, 1, 1))


def test_a_form_of_identification_is_a_document_of_its_kind() -> None:
    foid = "<FOID><FOID_ID>{}</FOID_ID><FOID_TypeCode>{}</FOID_TypeCode></FOID>"
    named = "<Individual><Surname>Roy</Surname></Individual>"
    (found,) = read(person(foid.format("B7", "DL") + named)).people.persons
    assert found.documents == (IdentityDocument("DL", "B7", "Roy"),)
    wrong = refused(person(foid.format(PAN, "CC") + named))
    assert (wrong.path, PAN in str(wrong)) == (f"{AT}/DataLists/PaxList/Pax/FOID", False)


def test_contacts() -> None:
    contact = (
        "<ContactInfoList><ContactInfo><ContactInfoID>C1</ContactInfoID>"
        "<ContactPurposeText>8</ContactPurposeText><EmailAddress>"
        "<EmailAddressText>anna@example.com</EmailAddressText></EmailAddress><Phone>"
        "<AreaCodeNumber>416</AreaCodeNumber><CountryDialingCode>1</CountryDialingCode>"
        "<PhoneNumber>5550100</PhoneNumber></Phone><Phone><PhoneNumber>+41 1</PhoneNumber></Phone>"
        "<PostalAddress><CityName>Toronto</CityName><CountryCode>CA</CountryCode>"
        "<PostalCode>M5H 1A1</PostalCode><StreetText>1 King St</StreetText></PostalAddress>"
        "</ContactInfo><ContactInfo><ContactInfoID>C2</ContactInfoID>"
        "<ContactRefusedInd>true</ContactRefusedInd></ContactInfo></ContactInfoList>"
    )
    assert read(d.create(lists=contact + d.pax_list())).people.contacts == (
        Contact(
            "C1", "8", ("anna@example.com",), ("+1 416 5550100", "+41 1"), street=("1 King St",),
            city="Toronto", postal_code="M5H 1A1", country="CA",
        ),
        Contact("C2", refused=True),
    )  # fmt: skip
    wrong = refused(d.create(lists=contact.replace("C2", "C1") + d.pax_list()))
    assert (wrong.code, wrong.path) == (
        "476",
        f"{AT}/DataLists/ContactInfoList/ContactInfo[2]/ContactInfoID",
    )


CARD = (
    "<PaymentCard><CardBrandCode>VI</CardBrandCode><CardHolderName>ROY/J</CardHolderName>"
    f"<CardNumber>{PAN}</CardNumber><CardSecurityCode>737</CardSecurityCode>"
    "<ExpirationDate>1130</ExpirationDate></PaymentCard>"
)
PLAN = "<SettlementPlan>{}<PaymentTypeCode>{}</PaymentTypeCode></SettlementPlan>"


def pay(payments: str, *, valid: bool = True) -> PaymentRequest:
    (found,) = read(d.create(payments=payments), valid=valid).payments
    return found


def test_a_card() -> None:
    found = pay(d.payment(CARD))
    assert (found.form, found.amount) == (PaymentForm.CARD, Money(12_050, "CAD"))
    assert found.card == CardData(PAN, "1130", "VI", "737", "ROY/J")
    assert found.path == f"{AT}/PaymentFunctions"
    assert PAN not in repr(found)


def test_the_settlement_plan() -> None:
    found = pay(d.payment(PLAN.format("<IATA_Number>91000000</IATA_Number>", "CA")))
    assert (found.form, found.agency_number) == (PaymentForm.SETTLEMENT_PLAN, "91000000")


def test_a_form_alone_announces_how_a_later_message_pays() -> None:
    criteria = (
        "<PaymentFunctions><OfferAssociation><OfferItemRefID>OFFER-1</OfferItemRefID>"
        "<OfferRefID>OFFER</OfferRefID><OwnerCode>T8</OwnerCode></OfferAssociation>"
        "<PaymentMethodCriteria><PaymentTypeCode>{}</PaymentTypeCode></PaymentMethodCriteria>"
        "</PaymentFunctions>"
    )
    assert read(d.create(payments=criteria.format("CA"))).payments == ()
    assert read(d.create(payments=criteria.format("CC"))).payments == ()
    assert refused(d.create(payments=criteria.format("XX"))).code == "466"


def test_several_payments() -> None:
    both = d.payment(CARD) + d.payment("<Voucher><VoucherID>V-9</VoucherID></Voucher>")
    found = read(d.create(payments=both)).payments
    assert [each.form for each in found] == [PaymentForm.CARD, PaymentForm.VOUCHER]
    assert [each.path for each in found] == [
        f"{AT}/PaymentFunctions[1]",
        f"{AT}/PaymentFunctions[2]",
    ]


def test_authentication_of_a_card() -> None:
    secure = (
        "<SecurePaymentVersion2><AuthenticationValue>AAAB</AuthenticationValue>"
        "<DirectoryServerTrxID>ds-1</DirectoryServerTrxID>"
        "<ElectronicCommerceInd>05</ElectronicCommerceInd>"
        "<ProgramProtocolText>2.2.0</ProgramProtocolText><TrxStatusText>C</TrxStatusText>"
        "<TrxStatusText>Y</TrxStatusText></SecurePaymentVersion2>"
    )
    found = pay(d.payment(CARD.replace("</PaymentCard>", f"{secure}</PaymentCard>")))
    assert found.authentication == CardAuthentication("2.2.0", "05", "AAAB", "ds-1", "Y")
    assert "AAAB" not in repr(found)
    assert pay(d.payment(CARD)).authentication is None


OFFLINE = (
    "<OfflinePayment>{}<PaymentTypeCode>{}</PaymentTypeCode>"
    "<RedirectionAcceptanceInd>{}</RedirectionAcceptanceInd></OfflinePayment>"
)
BACK = "<PayerReturnURI>https://agency.example/back</PayerReturnURI>"


def test_a_payment_by_redirection() -> None:
    found = pay(d.payment(OFFLINE.format(BACK, "CC", "true")))
    assert (found.form, found.return_url) == (PaymentForm.REDIRECT, "https://agency.example/back")
    assert pay(d.payment(OFFLINE.format("", "CC", "1"))).return_url is None
    unsafe = BACK.replace("https:", "javascript:")
    wrong = refused(d.create(payments=d.payment(OFFLINE.format(unsafe, "CC", "true"))))
    assert (wrong.code, wrong.path.rpartition("/")[2]) == ("912", "PayerReturnURI")


@pytest.mark.parametrize(
    "method",
    [
        "<AccountableDoc><DocNumber>1</DocNumber></AccountableDoc>",
        "<IATA_EasyPay/>",
        "<LoyaltyRedemption/>",
        OFFLINE.format(BACK, "CA", "true"),
        OFFLINE.format(BACK, "CC", "false"),
        "<OfflinePayment><PaymentTypeCode>CC</PaymentTypeCode></OfflinePayment>",
        "<PaymentCard><TokenizedCardID>T</TokenizedCardID></PaymentCard>",
        PLAN.format("", "CC"),
    ],
)
def test_forms_of_payment_that_are_not_taken(method: str) -> None:
    wrong = refused(d.create(payments=d.payment(method)))
    assert wrong.code == "466"
    assert wrong.path.startswith(f"{AT}/PaymentFunctions/PaymentProcessingDetails/PaymentMethod/")


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("<Amount>120.50</Amount>", "727"),
        ('<Amount CurCode="cad">120.50</Amount>', "727"),
        ('<Amount CurCode="JPY">120.50</Amount>', "290"),
        (f'<Amount CurCode="CAD">{"9" * 60}</Amount>', "290"),
        ('<Amount CurCode="CAD">0.00000000000000000001</Amount>', "290"),
    ],
)
def test_an_amount_that_is_none(amount: str, code: str) -> None:
    wrong = refused(d.create(payments=d.payment(CARD, amount=amount)))
    assert wrong.code == code
    assert "/PaymentProcessingDetails/Amount" in wrong.path


def test_a_card_without_a_number_is_named_by_path() -> None:
    wrong = refused(d.create(payments=d.payment("<PaymentCard/>")))
    assert (wrong.code, wrong.path.rpartition("/")[2]) == ("912", "CardNumber")


def test_no_passengers_and_a_passenger_of_no_type() -> None:
    nobody = d.create().replace(f"<DataLists>{d.pax_list()}</DataLists>", "")
    assert refused(nobody).code == "143"
    assert refused(d.create(lists=d.pax_list(d.pax(ptc=None)))).code == "143"


@pytest.mark.parametrize("day", ["0000-01-01", "2026-13-01", "x" * 600])
def test_a_birthday_of_no_calendar(day: str) -> None:
    body = person(f"<Individual><Birthdate>{day}</Birthdate><Surname>Roy</Surname></Individual>")
    wrong = refused(body, valid=False)
    assert wrong.path == f"{AT}/DataLists/PaxList/Pax/Individual/Birthdate"


@pytest.mark.parametrize(
    "body",
    [
        "<CreateOrder/>",
        "",
        d.create(offers="<SelectedPricedOffer/>"),
        d.create(payments="<PaymentFunctions><PaymentProcessingDetails/></PaymentFunctions>"),
        d.create(payments=d.payment("")),
        person("<Individual><GenderCode>?</GenderCode><Surname>Roy</Surname></Individual>"),
    ],
)
def test_what_a_lenient_seller_leaves_out_is_refused_with_its_path(body: str) -> None:
    wrong = refused(body, valid=False)
    assert wrong.code == "912"
    assert wrong.path.startswith(AT)


def test_iata_s_own_requests_can_be_read() -> None:
    found = sorted(examples().rglob("*OrderCreateRQ.xml"))
    assert found
    for path in found:
        asked = order_create.read(guard(path.read_bytes()), ENVELOPE)
        assert asked.people.persons
        assert asked.people.contacts
        assert asked.payments == ()  # each pays by a later OrderChange
