"""What the kit composes about orders is valid, and means what its caller said."""

import pytest
from lxml import etree
from tests.ndc import samples
from tests.ndc.profile import PROFILE, SHARED

from ndc_oms.kit import servicing
from ndc_oms.kit.requests import card
from ndc_oms.model.payment import PaymentForm
from ndc_oms.ndc import order_change, order_quote, order_reshop
from ndc_oms.orders.request import AcceptQuote, CancelUnpaid, ChangeRequest, UpdatePerson

ENVELOPE = samples.envelope()
PEOPLE = (
    f"<ContactInfoList>{servicing.contact('C9', email='a@example.com', phone='+41 1')}"
    f"</ContactInfoList><PaxList>{servicing.reached_by('T1', 'C9')}</PaxList>"
)
CARD = card("4111111111111111", "10.00", "CAD")


def checked(body: bytes) -> etree._Element:
    """Valid by the profile, and by IATA's schemas where they are."""
    root = etree.fromstring(body)
    official = SHARED / "iata-ndc-21.3.5"
    for source in (PROFILE, *([official] if official.is_dir() else [])):
        assert samples.schema(source).check(root) == []
    return root


def changed(change: str = "", lists: str = "", payments: str = "") -> ChangeRequest:
    body = servicing.order_change(
        "T8A", change, version=2, lists=lists, payments=payments, trx_id="t"
    )
    return order_change.read(checked(body), ENVELOPE)


def test_changes() -> None:
    whole, some = servicing.cancel_unpaid("T8A"), servicing.cancel_unpaid("T8A", ["I1", "I2"])
    assert changed(whole).order.version == 2
    for change, items in ((whole, ()), (some, ("I1", "I2"))):
        found = changed(change).change
        assert isinstance(found, CancelUnpaid)
        assert found.item_ids == items
    for change, cancels in (
        (servicing.accept_cancelled("Q1"), True),
        (servicing.accept_repriced("Q1"), False),
    ):
        accepted = changed(change).change
        assert isinstance(accepted, AcceptQuote)
        assert (accepted.quote_ids, accepted.cancels) == (("Q1",), cancels)


def test_an_update_of_a_contact() -> None:
    found = changed(servicing.update_pax("PAX1", "T1"), PEOPLE).change
    assert isinstance(found, UpdatePerson)
    assert (found.current, found.new) == ("PAX1", "T1")
    assert found.contacts[0].emails == ("a@example.com",)


@pytest.mark.parametrize(
    ("composed", "form"),
    [
        (servicing.voucher("V1", "10.00", "CAD"), PaymentForm.VOUCHER),
        (servicing.redirect("10.00", "CAD"), PaymentForm.REDIRECT),
        (servicing.authenticated(CARD, value="AAAB"), PaymentForm.CARD),
    ],
)
def test_payments(composed: str, form: PaymentForm) -> None:
    (found,) = changed(payments=servicing.for_items(composed, "T8A", ["I1"])).payments
    assert (found.form, found.item_ids) == (form, ("I1",))
    assert (found.authentication is not None) is (form is PaymentForm.CARD)


@pytest.mark.parametrize("items", [(), ("I1", "I2")])
def test_questions(items: tuple[str, ...]) -> None:
    reshopped = order_reshop.read(checked(servicing.order_reshop("T8A", items)), ENVELOPE)
    assert (reshopped.order.order_id, reshopped.item_ids) == ("T8A", items)
    quoted = order_quote.read(checked(servicing.order_quote("T8A", items, trx_id="t")), ENVELOPE)
    assert (quoted.order.order_id, quoted.order.owner, quoted.item_ids) == ("T8A", "T8", items)
