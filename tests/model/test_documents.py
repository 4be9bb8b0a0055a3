"""Accountable documents: numbers, and what counts as live."""

from dataclasses import replace

import pytest
from tests.fulfilment.test_plan import ticket

from ndc_oms.model.documents import check_digit, is_document_number
from ndc_oms.model.status import CouponStatus


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("9991234567890", True), ("999123456789", False), ("99912345678901", False),
     ("999123456789X", False), ("٩٩٩١٢٣٤٥٦٧٨٩٠", False), ("", False)],
)  # fmt: skip
def test_numbers(text: str, is_one: bool) -> None:
    assert is_document_number(text) is is_one


def test_check_digit() -> None:
    assert check_digit("9991234567890") == 9991234567890 % 7


@pytest.mark.parametrize("status", CouponStatus)
def test_live(status: CouponStatus) -> None:
    document = ticket("9991234567890", "PAX1")
    document = replace(document, coupons=(replace(document.coupons[0], status=status),))
    dead = (CouponStatus.VOID, CouponStatus.REFUNDED, CouponStatus.EXCHANGED)
    assert document.live is (status not in dead)
