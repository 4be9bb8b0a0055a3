"""Exactly one offer, one of ours, each item once; and the total that is expected."""

from dataclasses import replace

import pytest

from ndc_oms.errors import Refusal
from ndc_oms.model.money import Money
from ndc_oms.offers.request import SelectedItem, Selection
from ndc_oms.offers.selection import check_total, one_selection

ONE = Selection("O1", "T8", (SelectedItem("I1", ("P1",), "/i1"),), "/one")
OTHER = replace(ONE, offer_id="O2", path="/two")
TWICE = replace(ONE, items=(*ONE.items, replace(ONE.items[0], path="/i2")))


def test_one_of_ours_is_taken() -> None:
    assert one_selection((ONE,), "T8") is ONE


@pytest.mark.parametrize(
    ("selections", "owner", "code", "path"),
    [
        ((), "T8", "912", ""),
        ((ONE, OTHER), "T8", "912", "/two"),
        ((ONE,), "ZZ", "913", "/one"),
        ((TWICE,), "T8", "476", "/i2"),
    ],
)
def test_others_are_refused(
    selections: tuple[Selection, ...], owner: str, code: str, path: str
) -> None:
    with pytest.raises(Refusal) as refused:
        one_selection(selections, owner)
    assert (refused.value.code, refused.value.path) == (code, path)


def test_the_total_is_compared_to_the_cent() -> None:
    cost = Money(10_000, "CAD")
    check_total(ONE, cost)
    check_total(replace(ONE, total=cost), cost)
    for expected, code in ((Money(10_001, "CAD"), "729"), (Money(10_000, "USD"), "727")):
        with pytest.raises(Refusal) as refused:
            check_total(replace(ONE, total=expected), cost)
        assert refused.value.code == code
        assert refused.value.path == "/one/TotalOfferPriceAmount"
