"""OrderCreateRQ read."""

from datetime import date

import pytest
from tests.ndc import documents as d
from tests.ndc import samples
from tests.ndc.profile import examples

from ndc_oms.errors import Invalid
from ndc_oms.model.money import Money
from ndc_oms.model.order import PaymentForm
from ndc_oms.model.passenger import Contact, IdentityDocument, LoyaltyAccount, Person
from ndc_oms.ndc import order_create
from ndc_oms.ndc.door import guard
from ndc_oms.orders.request import CreateRequest, PaymentRequest
from ndc_oms.ports.payment import CardData

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


def test_a_form_alone_pays_everything() -> None:
    criteria = (
        "<PaymentFunctions><OfferAssociation><OfferItemRefID>OFFER-1</OfferItemRefID>"
        "<OfferRefID>OFFER</OfferRefID><OwnerCode>T8</OwnerCode></OfferAssociation>"
        "<PaymentMethodCriteria><PaymentTypeCode>{}</PaymentTypeCode></PaymentMethodCriteria>"
        "</PaymentFunctions>"
    )
    found = pay(criteria.format("CA"))
    assert (found.form, found.amount) == (PaymentForm.SETTLEMENT_PLAN, None)
    assert found.offer_item_ids == ("OFFER-1",)
    wrong = refused(d.create(payments=criteria.format("CC")))
    assert (wrong.code, wrong.path) == ("495", f"{AT}/PaymentFunctions/PaymentProcessingDetails")
    assert refused(d.create(payments=criteria.format("XX"))).code == "466"


@pytest.mark.parametrize(
    "method",
    [
        "<Voucher><VoucherID>1</VoucherID></Voucher>",
        "<AccountableDoc><DocNumber>1</DocNumber></AccountableDoc>",
        "<IATA_EasyPay/>",
        "<LoyaltyRedemption/>",
        "<OfflinePayment><PaymentTypeCode>CA</PaymentTypeCode></OfflinePayment>",
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
        root = guard(path.read_bytes())
        if any(node.text == "CC" for node in root.iter("{*}PaymentTypeCode")):
            # it pays by a later OrderChange
            with pytest.raises(Invalid, match="495"):
                order_create.read(root, ENVELOPE)
            continue
        asked = order_create.read(root, ENVELOPE)
        assert asked.people.persons
        assert asked.people.contacts
