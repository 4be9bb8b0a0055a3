"""Names as reservation systems and tickets print them, spelt as `model/spelling.py` says."""

from typing import Final

from ndc_oms.model.passenger import PassengerType, Person
from ndc_oms.model.spelling import on_ticket

LONGEST_NAME: Final = 64  # characters of SURNAME/GIVEN in a PNR's name element (AIRIMP)
LONGEST_PRINTED: Final = 49  # characters of the passenger name on a ticket (resolution 722f)


def surname(person: Person) -> str:
    """As a PNR has it. Names that no check let through leave only their Latin letters."""
    return on_ticket(person.surname)


def given(person: Person) -> str:
    """Given and middle names, as a PNR has them."""
    return " ".join(filter(None, map(on_ticket, (*person.given_names, *person.middle_names))))


_TITLES: Final = frozenset({"MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "REV", "SIR", "DAME"})


def title(person: Person) -> str:
    """Those titles that reservation systems know; "" for others and for none."""
    short = "".join(c for c in (person.title or "").upper() if "A" <= c <= "Z")
    return short if short in _TITLES else ""


def printed(person: Person, kind: PassengerType) -> str:
    """`SURNAME/GIVENTITLE`, with the type in brackets where a ticket names it; cut to fit."""
    mark = {PassengerType.CHILD: "(CHD)", PassengerType.INFANT: "(INF)"}.get(kind, "")
    name = f"{surname(person)}/{given(person)}"
    return name[: LONGEST_PRINTED - len(mark) - len(title(person))] + title(person) + mark
