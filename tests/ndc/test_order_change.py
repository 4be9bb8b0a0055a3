"""OrderChangeRQ read."""

import pytest
from tests.ndc import documents as d
from tests.ndc import samples
from tests.ndc.profile import examples

from ndc_oms.errors import Refusal
from ndc_oms.model.money import Money
from ndc_oms.model.passenger import Contact, IdentityDocument, LoyaltyAccount, Person
from ndc_oms.model.payment import PaymentForm
from ndc_oms.ndc import order_change
from ndc_oms.ndc.door import guard
from ndc_oms.orders.request import (
    AcceptAirlineChange,
    AcceptChange,
    AcceptQuote,
    CancelUnpaid,
    ChangeRequest,
    OrderReference,
    UpdatePerson,
)

RQ = "IATA_OrderChangeRQ"
ENVELOPE = samples.envelope(RQ)
AT = f"/{RQ}/Request"
CHOICE = f"{AT}/ChangeOrderChoice"
PLAN = "<SettlementPlan><PaymentTypeCode>CA</PaymentTypeCode></SettlementPlan>"
WHOLE = (
    "<CancelUnpaidOrder><OrderRefID>T8A</OrderRefID><OwnerCode>T8</OwnerCode></CancelUnpaidOrder>"
)


def order(version: str = "<OrderVersionNumber>3</OrderVersionNumber>") -> str:
    return f"<Order><OrderID>T8A</OrderID>{version}<OwnerCode>T8</OwnerCode></Order>"


def body(choice: str = "", *, lists: str = "", payments: str = "", named: str = "") -> str:
    change = f"<ChangeOrderChoice>{choice}</ChangeOrderChoice>" if choice else ""
    listed = f"<DataLists>{lists}</DataLists>" if lists else ""
    return f"{change}{listed}{named or order()}{payments}"


def read(text: str, *, valid: bool = True) -> ChangeRequest:
    return order_change.read(d.request(RQ, text, valid=valid), ENVELOPE)


def refused(text: str, *, valid: bool = True) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(text, valid=valid)
    return caught.value


def test_which_order_and_as_the_sender_saw_it() -> None:
    assert read(body(WHOLE)).order == OrderReference("T8A", "T8", 3, f"{AT}/Order")
    assert read(body(WHOLE, named=order(""))).order.version is None


@pytest.mark.parametrize("version", ["-1", "9" * 10])
def test_a_version_that_no_order_can_have(version: str) -> None:
    named = order(f"<OrderVersionNumber>{version}</OrderVersionNumber>")
    wrong = refused(body(WHOLE, named=named))
    assert (wrong.code, wrong.path) == ("912", f"{AT}/Order/OrderVersionNumber")


def test_an_unpaid_order_is_cancelled_whole_or_by_items() -> None:
    at = f"{CHOICE}/CancelUnpaidOrder"
    assert read(body(WHOLE)).change == CancelUnpaid((), at)
    items = "".join(
        f"<SelectedOrderItem><OrderItemRefID>{each}</OrderItemRefID></SelectedOrderItem>"
        for each in ("I1", "I2", "I1")
    )
    some = WHOLE.replace("</OwnerCode>", f"</OwnerCode>{items}")
    assert read(body(some)).change == CancelUnpaid(("I1", "I2"), at)
    wrong = refused(body(WHOLE.replace("T8A", "T8B")))
    assert (wrong.code, wrong.path) == ("912", f"{at}/OrderRefID")


def test_quotes_are_accepted() -> None:
    cancelled = "<AcceptCancelledOffer><OfferID>Q1</OfferID><OwnerCode>T8</OwnerCode>"
    found = read(body(cancelled + "</AcceptCancelledOffer>")).change
    assert found == AcceptQuote(("Q1",), cancels=True, path=f"{CHOICE}/AcceptCancelledOffer")
    refs = "<OfferRefID>Q1</OfferRefID><OfferRefID>Q2</OfferRefID>"
    found = read(body(f"<AcceptRepricedOrder>{refs}</AcceptRepricedOrder>")).change
    assert found == AcceptQuote(("Q1", "Q2"), cancels=False, path=f"{CHOICE}/AcceptRepricedOrder")


def test_paying_only() -> None:
    association = (
        "<OrderAssociation><OrderItemRefID>I1</OrderItemRefID><OrderRefID>T8A</OrderRefID>"
        "</OrderAssociation>"
    )
    paying = d.payment(PLAN).replace("<PaymentFunctions>", f"<PaymentFunctions>{association}")
    asked = read(body(payments=paying + d.payment(PLAN)))
    assert asked.change is None
    first, second = asked.payments
    assert (first.form, first.amount) == (PaymentForm.SETTLEMENT_PLAN, Money(12_050, "CAD"))
    assert (first.item_ids, second.item_ids) == (("I1",), ())
    wrong = refused(body(payments=paying.replace("<OrderRefID>T8A", "<OrderRefID>T8B")))
    assert (wrong.code, wrong.path) == (
        "912",
        f"{AT}/PaymentFunctions/OrderAssociation/OrderRefID",
    )


def test_a_change_may_be_paid_in_the_same_message() -> None:
    asked = read(body(WHOLE, payments=d.payment(PLAN)))
    assert (isinstance(asked.change, CancelUnpaid), len(asked.payments)) == (True, 1)


def test_a_message_that_asks_for_nothing() -> None:
    assert (refused(body()).code, refused(body()).path) == ("912", AT)
    announced = (
        "<PaymentFunctions><PaymentMethodCriteria><PaymentTypeCode>CA</PaymentTypeCode>"
        "</PaymentMethodCriteria></PaymentFunctions>"
    )
    assert refused(body(payments=announced)).path == AT
    assert refused(body(payments="<PaymentFunctions/>")).path == (
        f"{AT}/PaymentFunctions/PaymentProcessingDetails"
    )


def test_how_a_refund_is_wanted_is_no_payment() -> None:
    wish = (
        "<PaymentFunctions><RefundMethodCriteria><OriginalPaymentMethodInd>true"
        "</OriginalPaymentMethodInd><PaymentTypeCode>CC</PaymentTypeCode></RefundMethodCriteria>"
        "</PaymentFunctions>"
    )
    assert read(body(WHOLE, payments=wish)).payments == ()


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (
            "<AcceptSelectedQuotedOfferList>"
            + 2 * d.selected("SelectedPricedOffer")
            + "</AcceptSelectedQuotedOfferList>",
            "912",
        ),
        ("<AcceptOrderItemList/>", "913"),
    ],
)
def test_changes_that_are_not_made_here_are_refused_with_a_remedy(choice: str, code: str) -> None:
    wrong = refused(body(choice))
    assert wrong.code == code
    assert wrong.path.startswith(f"{CHOICE}/A")
    assert wrong.remedy


# -- UpdatePax ---------------------------------------------------------------------------------

CONTACTS = (
    "<ContactInfoList><ContactInfo><ContactInfoID>OLD</ContactInfoID><EmailAddress>"
    "<EmailAddressText>old@example.com</EmailAddressText></EmailAddress></ContactInfo>"
    "<ContactInfo><ContactInfoID>NEW</ContactInfoID><EmailAddress>"
    "<EmailAddressText>new@example.com</EmailAddressText></EmailAddress></ContactInfo>"
    "</ContactInfoList>"
)
OLD, NEW = (
    Contact("OLD", emails=("old@example.com",)),
    Contact("NEW", emails=("new@example.com",)),
)


def update(current: str = "", new: str = "") -> str:
    was = f"<Current><PaxRefID>{current}</PaxRefID></Current>" if current else ""
    will = f"<New><PaxRefID>{new}</PaxRefID></New>" if new else ""
    return f"<UpdatePax>{was}{will}</UpdatePax>"


def listed(pax_id: str, inside: str) -> str:
    return f"<Pax>{inside}<PaxID>{pax_id}</PaxID></Pax>"


def contact(name: str) -> str:
    return f"<ContactInfoRefID>{name}</ContactInfoRefID>"


def updated(choice: str, lists: str) -> UpdatePerson:
    found = read(body(choice, lists=lists)).change
    assert isinstance(found, UpdatePerson)
    return found


def test_a_contact_in_place_of_another() -> None:
    people = d.pax_list(listed("PAX1", contact("OLD")), listed("T1", contact("NEW")))
    assert updated(update("PAX1", "T1"), CONTACTS + people) == UpdatePerson(
        "PAX1",
        "T1",
        Person("T1", "", (), contact_ids=("NEW",)),
        (NEW,),
        Person("PAX1", "", (), contact_ids=("OLD",)),
        (OLD,),
        f"{CHOICE}/UpdatePax",
    )


def test_one_id_for_both_says_what_shall_come() -> None:
    found = updated(update("PAX1", "PAX1"), CONTACTS + d.pax_list(listed("PAX1", contact("NEW"))))
    assert (found.removed, found.removed_contacts, found.contacts) == (None, (), (NEW,))


def test_documents_and_loyalty_of_somebody_who_is_not_named_again() -> None:
    inside = (
        "<IdentityDoc><IdentityDocID>C9</IdentityDocID><IdentityDocTypeCode>PT"
        "</IdentityDocTypeCode><Surname>Roy</Surname></IdentityDoc>"
        "<LoyaltyProgramAccount><AccountNumber>7</AccountNumber><LoyaltyProgram><Carrier>"
        "<AirlineDesigCode>T8</AirlineDesigCode></Carrier></LoyaltyProgram>"
        "</LoyaltyProgramAccount>"
    )
    found = updated(update(new="PAX1"), d.pax_list(listed("PAX1", inside)))
    assert found.current is None
    assert found.person == Person(
        "PAX1",
        "",
        (),
        documents=(IdentityDocument("PT", "C9", "Roy"),),
        loyalty=(LoyaltyAccount("T8", "7"),),
    )


def test_something_may_only_go() -> None:
    found = updated(update("PAX1"), CONTACTS + d.pax_list(listed("PAX1", contact("OLD"))))
    assert (found.new, found.person) == (None, None)
    assert found.removed_contacts == (OLD,)


@pytest.mark.parametrize(
    ("choice", "lists", "where"),
    [
        (update(), d.pax_list(), f"{CHOICE}/UpdatePax/New"),
        (update("PAX1", "T1"), d.pax_list(), f"{CHOICE}/UpdatePax/New/PaxRefID"),
        (update("PAX9"), d.pax_list(), f"{CHOICE}/UpdatePax/Current/PaxRefID"),
        (update("PAX9"), "", f"{CHOICE}/UpdatePax/Current/PaxRefID"),
    ],
)
def test_an_update_that_says_nothing(choice: str, lists: str, where: str) -> None:
    wrong = refused(body(choice, lists=lists))
    assert (wrong.code, wrong.path) == ("912", where)


def test_two_of_one_id() -> None:
    wrong = refused(body(update(new="PAX1"), lists=d.pax_list(d.pax(), d.pax())))
    assert (wrong.code, wrong.path) == ("476", f"{AT}/DataLists/PaxList/Pax[2]/PaxID")


def test_iata_s_own_requests_can_be_read() -> None:
    found = {path.parent.name: path for path in sorted(examples().rglob("*OrderChangeRQ.xml"))}
    assert len(found) >= 5
    for story, path in found.items():
        asked = order_change.read(guard(path.read_bytes()), ENVELOPE)
        assert asked.order.order_id
        if story.endswith("name-changes"):
            assert isinstance(asked.change, AcceptChange)
            assert [item.item_id for item in asked.change.selection.items] == ["OFITM01"]
            assert len(asked.payments) == int(story.startswith("paid"))
            continue
        assert asked.payments or isinstance(asked.change, UpdatePerson)


def test_a_change_of_the_airline_s_is_accepted_for_some_items() -> None:
    refs = "<OrderItemRefID>I1</OrderItemRefID><OrderItemRefID>I2</OrderItemRefID>"
    asked = read(body(f"<AcceptChange>{refs}</AcceptChange>"))
    assert asked.change == AcceptAirlineChange(("I1", "I2"), f"{CHOICE}/AcceptChange")
