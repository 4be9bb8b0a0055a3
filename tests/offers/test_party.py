"""Parties: their order, their names when nobody names them, and which cannot be sold."""

import pytest
from tests.offers.offer_fakes import party

from ndc_oms.errors import Invalid
from ndc_oms.model.passenger import Passenger, PassengerType
from ndc_oms.offers.party import check_party, count, matched, named, ordered, worded


def test_order_is_by_type_then_as_sent() -> None:
    sent = party("INF CHD ADT INS YTH ADT")
    assert [each.id for each in ordered(sent)] == ["P3", "P6", "P5", "P2", "P4", "P1"]


def test_counts_and_their_words() -> None:
    assert count(party("CHD ADT ADT INF")) == (2, 0, 1, 0, 1)
    assert worded((2, 0, 1, 0, 1)) == "2 ADT, 1 CHD, 1 INF"


def test_a_party_of_our_own_names_gives_each_infant_an_adult() -> None:
    made = named((2, 0, 1, 0, 2))
    assert [each.id for each in made] == ["PAX1", "PAX2", "PAX3", "PAX4", "PAX5"]
    assert [each.guardian for each in made] == [None, None, None, "PAX1", "PAX2"]
    check_party(made, "")


def test_another_party_is_refused() -> None:
    with pytest.raises(Invalid, match=r"2 ADT.* 1 ADT, 1 CHD") as caught:
        matched((2, 0, 0, 0, 0), party("ADT CHD"))
    assert caught.value.code == "914"
    assert matched((1, 0, 0, 0, 1), party("INF ADT"))[0].id == "P2"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "143"),
        ("CHD", "143"),
        ("INS CHD", "143"),
        ("ADT " * 10, "68"),
        ("ADT " * 8 + "CHD INS", "68"),
        ("INF", "324"),
        ("ADT INF INF", "324"),
        ("YTH INF", "324"),
    ],
)
def test_parties_that_cannot_be_sold(text: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_party(party(text), "/here")
    assert caught.value.code == code
    assert caught.value.path == "/here"
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["ADT", "YTH", "YTH CHD", "ADT INF", "ADT " * 9 + "INF " * 9])
def test_parties_that_can(text: str) -> None:
    check_party(party(text), "")


@pytest.mark.parametrize("guardians", [("B", None), ("X", None), ("A", "A")])
def test_an_infants_adult_must_be_one_and_its_own(guardians: tuple[str | None, ...]) -> None:
    adults = [Passenger("A", PassengerType.ADULT), Passenger("C", PassengerType.ADULT)]
    child = Passenger("B", PassengerType.CHILD)
    infants = [Passenger(f"I{n}", PassengerType.INFANT, g) for n, g in enumerate(guardians)]
    with pytest.raises(Invalid) as caught:
        check_party([*adults, child, *infants], "")
    assert caught.value.code == "324"


def test_an_id_twice() -> None:
    with pytest.raises(Invalid) as caught:
        check_party([Passenger("A", PassengerType.ADULT)] * 2, "")
    assert caught.value.code == "476"
