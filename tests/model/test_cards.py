"""Luhn, and taking card numbers out of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ndc_oms.model.cards import last_four, luhn, without_cards

CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117"]


@pytest.mark.parametrize("number", CARDS)
def test_luhn_knows_the_published_test_numbers(number: str) -> None:
    assert luhn(number)
    assert not luhn(number[:-1] + str((int(number[-1]) + 1) % 10))


@given(st.text("0123456789", min_size=11, max_size=18), st.sampled_from("123456"))
def test_every_number_with_a_check_digit_is_hidden(middle: str, first: str) -> None:
    digits = first + middle[1:]
    number = next(digits + check for check in "0123456789" if luhn(digits + check))
    hidden = without_cards(f"pay {number}.")
    assert number not in hidden
    assert hidden.endswith(f"{number[-4:]}.")


@pytest.mark.parametrize("gap", [" ", "-", ""])
@pytest.mark.parametrize("number", CARDS)
def test_groups_do_not_hide_a_number(number: str, gap: str) -> None:
    grouped = gap.join(number[n : n + 4] for n in range(0, len(number), 4))
    for text in (grouped, f"{grouped} 737", f"12 {grouped}", f"a{grouped}b"):
        hidden = without_cards(text)
        assert grouped[:9] not in hidden
        assert number[-4:] in hidden


@given(st.text(max_size=200))
def test_it_takes_any_text_and_is_done_once(text: str) -> None:
    once = without_cards(text)
    assert without_cards(once) == once


@pytest.mark.parametrize(
    "text", ["2026-03-01T12:30:15Z", "0812345678901", "411111111111", "1" * 40]
)
def test_what_is_no_card_stays(text: str) -> None:
    assert without_cards(text) == text


def test_last_four() -> None:
    assert last_four("4111111111111111") == "************1111"
    assert last_four("1234567") == "*******"


@pytest.mark.parametrize(
    "text",
    [
        "cvv 9317",
        "CVV9317",
        "CVC: 931",
        "cvv2 is 9317",
        "Security code no. 931",
        "csc=931",
        "cvn-931;",
    ],
)
def test_a_code_that_is_called_one_is_hidden(text: str) -> None:
    assert "931" not in without_cards(f"pay with it, {text}")
    assert "931" not in without_cards(text)


@pytest.mark.parametrize("text", ["cvv 12345", "code 931", "T8 931", "cv 9317", "security 931"])
def test_other_short_numbers_stay(text: str) -> None:
    assert without_cards(text) == text
