"""Names as tickets print them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ndc_oms.fulfilment import names
from ndc_oms.model.passenger import PassengerType, Person
from ndc_oms.model.spelling import latin


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Müller", "MUELLER"),
        ("Mu\u0308ller", "MUELLER"),
        ("Straße", "STRASSE"),
        ("Ångström", "AANGSTROEM"),
        ("Sørensen", "SOERENSEN"),
        ("Þórr", "THORR"),
        ("Łukasz", "LUKASZ"),
        ("Nuñez", "NUNEZ"),
        ("Đặng", "DANG"),
        ("İpek Işık", "IPEK ISIK"),
        ("O’Neill", "O'NEILL"),
        ("d'Artagnan", "D'ARTAGNAN"),
        ("Smith-Jones", "SMITH-JONES"),
        ("  van   der Berg ", "VAN DER BERG"),
        ("X", "X"),
        ("Иванов", None),
        ("王", None),
        ("R2D2", None),
        ("A/B", None),
        ("A.", None),
        ("-", None),
        ("", None),
        ("A\u0000", None),
        ("A\nB\u2028C", "A B C"),
    ],
)
def test_latin(written: str, printed: str | None) -> None:
    assert latin(written) == printed


def person(surname: str, *given: str, title: str | None = None) -> Person:
    return Person("PAX1", surname, given, title=title)


def test_printed() -> None:
    mr = person("Müller-O'Neill", "Zoë", "Ann", title="mr.")
    assert names.printed(mr, PassengerType.ADULT) == "MUELLER O NEILL/ZOE ANNMR"
    assert names.printed(person("Li", "Xu", title="Herr"), PassengerType.CHILD) == "LI/XU(CHD)"
    assert names.printed(person("Li", "Xu"), PassengerType.INFANT) == "LI/XU(INF)"
    long = names.printed(person("A" * 40, "B" * 20, title="Mrs"), PassengerType.ADULT)
    assert len(long) == names.LONGEST_PRINTED
    assert long.endswith("BMRS")


@given(st.text(max_size=40))
def test_whatever_is_written_prints_in_capitals(text: str) -> None:
    plain = latin(text)
    assert plain is None or set(plain) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ '-")
    assert plain is None or latin(plain) == plain
    assert set(names.surname(person(text, "A"))) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
