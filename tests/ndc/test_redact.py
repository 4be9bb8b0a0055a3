"""No card number and no security code in the copy that may be kept."""

import pytest
from lxml import etree

from ndc_oms.ndc.envelope import COMMON, MESSAGE
from ndc_oms.ndc.redact import redact

CARD = "4111111111111111"


def message(inside: str) -> etree._Element:
    return etree.fromstring(f'<m:R xmlns:m="{MESSAGE}" xmlns="{COMMON}">{inside}</m:R>')


def kept(inside: str) -> str:
    return etree.tostring(etree.fromstring(redact(message(inside)))[0], encoding="unicode")


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (f"<PaymentCard><CardNumber>{CARD}</CardNumber></PaymentCard>", "************1111"),
        ("<CardNumber>4111111111111112</CardNumber>", "************1112"),  # no valid check digit
        ("<CardSecurityCode>737</CardSecurityCode>", "***"),
        (f"<IATA_EasyPay><AccountNumber>{CARD}</AccountNumber></IATA_EasyPay>", "************1111"),
        ("<EncryptedCardNumber>aGVsbG8=</EncryptedCardNumber>", "***"),
        (
            "<SecurePaymentVersion2><AuthenticationValue>AAAB</AuthenticationValue>"
            "</SecurePaymentVersion2>",
            "***",
        ),
        (f"<RemarkText>card {CARD} exp 12/28</RemarkText>", "card ************1111 exp 12/28"),
        ("<RemarkText>4111 1111 1111 1111 737</RemarkText>", "************1111 737"),
        (f"<A>x<B/>{CARD}</A>", "************1111"),
        (f'<A id="{CARD}"/>', "************1111"),
        (f"<T>;{CARD}=28121010000000000?</T>", "[track]"),
        (f"<T>%B{CARD}^DOE/JANE^2812?</T>", "[track]"),
    ],
)
def test_cards_are_hidden(inside: str, text: str) -> None:
    result = kept(inside)
    assert text in result
    assert CARD not in result


@pytest.mark.parametrize(
    "inside",
    [
        "<TicketNumber>4111111111111111</TicketNumber>",  # passes the check by chance
        "<LoyaltyProgramAccount><AccountNumber>900123456</AccountNumber></LoyaltyProgramAccount>",
        "<TotalAmount>1234.56</TotalAmount>",
        "<Birthdate>1971-01-01</Birthdate>",
        "<RemarkText>968 1234567890</RemarkText>",
        "<PhoneNumber>+41 22 345 67 89</PhoneNumber>",
    ],
)
def test_other_numbers_stay(inside: str) -> None:
    assert etree.tostring(message(inside)[0], encoding="unicode") == kept(inside)


def test_the_message_itself_stays_as_it_is() -> None:
    root = message(f"<CardNumber>{CARD}</CardNumber>")
    redact(root)
    assert root[0].text == CARD
