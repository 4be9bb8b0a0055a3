"""What counts as the same name, as a slip of the pen, and as somebody else's."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.fulfilment.test_plan import forward, order_of
from tests.orders.fake_clock import NOW
from tests.orders.offered import T

from ndc_oms.errors import Refusal
from ndc_oms.model.change_events import ChangeAbandoned, NameChanged
from ndc_oms.model.fold import apply
from ndc_oms.model.money import Money
from ndc_oms.model.naming import announced, people_after, renamed
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import IdentityDocument, LoyaltyAccount, NewName, People, Person
from ndc_oms.model.quote import QuotedName
from ndc_oms.orders.name_desk import NameDesk
from ndc_oms.orders.request import RenamePerson
from ndc_oms.world.name_rules import NameCorrection, NameFee
from ndc_oms.world.servicing import Servicing

RULES = Servicing(
    correction=NameCorrection(letters=3, times=1, swapped=True, middle=True),
    name_fees=(NameFee((), Decimal(50), 0),),
)
MAREN = Person("PAX1", "Hansen", ("Maren",), title="Ms", middle_names=("Elin",))
PEOPLE = People((MAREN, Person("PAX2", "Li", ("Wu",))))


def booked(*kinds: T) -> Order:
    """Booked, and not ticketed: its names are corrected only."""
    order = order_of(*kinds)
    for planned, event in forward(order):
        if planned.step.value in {"authorise", "book"}:
            order = apply(order, event)
    return order


def price(value: Decimal, currency: str) -> Money:
    return Money(int(value * 100), currency)


def decide(asked: RenamePerson, order: Order | None = None) -> QuotedName:
    desk = NameDesk(RULES, price)
    return desk.decide(order or booked(T.ADULT, T.ADULT), PEOPLE, asked, None, NOW)


def said(surname: str, *given: str, middle: tuple[str, ...] | None = None, **more: str):  # type: ignore[no-untyped-def]  # a test names its own facts
    return RenamePerson("PAX1", surname, given, middle, **more)


CORRECTIONS = {
    "a letter": said("Hanssen", "Maren"),
    "three letters": said("Hansson", "Marin"),
    "two neighbours": said("Hasnen", "Maren"),
    "each in the other's place": said("Maren", "Hansen"),
    "no middle name": said("Hansen", "Maren", middle=()),
    "another middle name": said("Hansen", "Maren", middle=("Elina",)),
}


@pytest.mark.parametrize("name", CORRECTIONS)
def test_corrections_are_free_and_counted(name: str) -> None:
    made = decide(CORRECTIONS[name])
    assert (made.renaming.fee.minor, made.renaming.corrects) == (0, True)
    assert not made.name.another


@pytest.mark.parametrize(
    "asked",
    [said("HANSEN", "Maren"), said("Hansen", "Maren", title="Dr"), said("Hánsen", "Maren")],
)
def test_what_is_spelt_the_same_is_not_counted(asked: RenamePerson) -> None:
    made = decide(asked)
    assert (made.renaming.fee.minor, made.renaming.corrects) == (0, False)


@pytest.mark.parametrize(
    "asked",
    [
        said("Hanssons", "Marina"),  # four letters
        said("Berg", "Maren"),
        replace(said("Ba", "Wu"), passenger_id="PAX2"),  # every letter of a short one
    ],
)
def test_anything_else_is_not_done_for_nothing(asked: RenamePerson) -> None:
    with pytest.raises(Refusal, match="137"):
        decide(asked)


def test_once_for_each_passenger() -> None:
    order = replace(booked(T.ADULT, T.ADULT), corrected=("PAX1",))
    with pytest.raises(Refusal, match="137"):
        decide(CORRECTIONS["a letter"], order)
    assert decide(replace(said("Lii", "Wu"), passenger_id="PAX2"), order).renaming.corrects


PASSPORT = IdentityDocument("PT", "X1", "HANSEN", ("Maren",))
OTHER_PASSPORT = IdentityDocument("PT", "X2", "Hanssen", ("Maren",))


def test_a_corrected_person_keeps_the_rest() -> None:
    person = replace(
        MAREN,
        documents=(PASSPORT, OTHER_PASSPORT),
        loyalty=(LoyaltyAccount("T8", "1"),),
        becomes=NewName("Hanssen", ("Maren",)),
    )
    after = renamed(person)
    assert [each.surname for each in after.documents] == ["Hanssen", "Hanssen"]
    assert after.loyalty == person.loyalty
    assert after.becomes is None


def test_of_somebody_else_nothing_is_known() -> None:
    person = replace(
        MAREN,
        documents=(PASSPORT,),
        contact_ids=("C1",),
        becomes=NewName("Okafor", ("Chidi",), another=True),
    )
    assert renamed(person) == Person("PAX1", "Okafor", ("Chidi",), contact_ids=("C1",))


def test_a_name_that_is_given_up_is_forgotten() -> None:
    people = announced(PEOPLE, "PAX1", NewName("Berg", ("Maren",)))
    assert people_after(people, (ChangeAbandoned(at=NOW),)) == PEOPLE
    done = people_after(people, (NameChanged(at=NOW, passenger_id="PAX1"),))
    assert done.person("PAX1").surname == "Berg"
