"""UpdatePax: what goes, what comes, what stays; the booking follows."""

from dataclasses import replace
from datetime import date

import pytest
from tests.orders.offered import SELLER, T, attempt
from tests.orders.servicing import Desk, card, desk

from ndc_oms.errors import Refusal
from ndc_oms.model.events import PeopleUpdated
from ndc_oms.model.passenger import Contact, IdentityDocument, LoyaltyAccount, People, Person
from ndc_oms.orders.request import ChangeRequest, UpdatePerson

PASSPORT = IdentityDocument("PT", "X1", "Example", ("Aaa",), expires_on=date(2040, 1, 1))
ACCOUNT = LoyaltyAccount("XX", "123")
NEW = Contact("N1", emails=("new@example.com",))


def said(**facts: object) -> Person:
    """What a message says of PAX1, and nothing else."""
    return replace(Person("T1", "", ()), **facts)  # type: ignore[arg-type]  # a test names its own facts


def coming(person: Person, *contacts: Contact, current: str | None = "PAX1") -> UpdatePerson:
    return UpdatePerson(current, "PAX1", person, contacts, path="/RQ/UpdatePax")


def people(house: Desk) -> People:
    (record,) = house.store.orders.values()
    return record.people


async def test_documents_and_accounts_come_and_are_in_the_booking() -> None:
    house = desk()
    order = await house.sell(T.ADULT, T.CHILD)
    before = people(house)
    await house.ask(coming(said(documents=(PASSPORT,), loyalty=(ACCOUNT,))))
    person = people(house).person("PAX1")
    assert (person.documents, person.loyalty) == ((PASSPORT,), (ACCOUNT,))
    assert person.surname == before.person("PAX1").surname
    assert people(house).person("PAX2") == before.person("PAX2")
    assert people(house).contacts == before.contacts
    assert house.order.version == order.version + 1
    assert house.order.people_changes == house.order.people_booked == 1
    (pnr,) = house.pss.pnrs.values()
    texts = {s.code: s.text for s in pnr.services if s.passenger_id == "PAX1"}
    assert texts["FQTV"] == "XX123"
    assert "/X1/" in texts["DOCS"]
    house.check()


async def test_no_personal_data_is_in_the_history() -> None:
    house = desk()
    await house.sell()
    await house.ask(coming(said(documents=(PASSPORT,), contact_ids=("N1",)), NEW))
    (event,) = (e for e in house.store.events[house.order.order_id] if isinstance(e, PeopleUpdated))
    assert (event.passenger_id, event.kinds) == ("PAX1", ("contacts", "documents"))
    history = repr(house.store.events)
    for secret in ("X1", "new@example.com", "Aaa", "a@example.com"):
        assert f"'{secret}'" not in history


async def test_a_contact_takes_the_place_of_another() -> None:
    house = desk()
    await house.sell()
    old = Contact("C1", emails=("a@example.com",))
    change = UpdatePerson(
        "PAX1",
        "T1",
        said(contact_ids=("N1",)),
        (NEW,),
        removed=said(contact_ids=("C1",)),
        removed_contacts=(old,),
    )
    await house.ask(change)
    (contact,) = people(house).contacts
    assert contact == replace(NEW, id="C1")
    assert people(house).person("PAX1").contact_ids == ("C1",)
    (pnr,) = house.pss.pnrs.values()
    assert [s.text for s in pnr.services if s.code == "CTCE"] == ["NEW//EXAMPLE.COM"]


async def test_a_contact_comes_beside_the_others() -> None:
    house = desk()
    await house.sell(T.ADULT, T.ADULT)
    await house.ask(
        UpdatePerson("PAX2", "PAX2", said(contact_ids=("C1",)), (replace(NEW, id="C1"),))
    )
    assert [c.id for c in people(house).contacts] == ["C1", "C1N"]  # C1 is the other passenger's
    assert people(house).person("PAX1").contact_ids == ("C1",)
    assert people(house).person("PAX2").contact_ids == ("C1N",)


async def test_a_document_goes_and_another_comes() -> None:
    house = desk()
    await house.sell()
    await house.ask(coming(said(documents=(PASSPORT,))))
    other = replace(PASSPORT, number="X2")
    await house.ask(
        UpdatePerson("PAX1", "T1", said(documents=(other,)), removed=said(documents=(PASSPORT,)))
    )
    assert people(house).person("PAX1").documents == (other,)
    await house.ask(UpdatePerson("PAX1", None, None, removed=said(documents=(other,))))
    assert people(house).person("PAX1").documents == ()
    assert house.order.people_booked == 3


async def test_what_is_said_again_replaces_what_was_known() -> None:
    house = desk()
    await house.sell()
    await house.ask(coming(said(documents=(PASSPORT,))))
    longer = replace(PASSPORT, expires_on=date(2041, 1, 1))
    await house.ask(coming(said(documents=(longer,))))
    assert people(house).person("PAX1").documents == (longer,)


async def test_a_hold_is_kept_up_to_date_and_expires_all_the_same() -> None:
    house = desk()
    await house.hold()
    await house.ask(coming(said(loyalty=(ACCOUNT,))))
    (pnr,) = house.pss.pnrs.values()
    assert any(s.code == "FQTV" for s in pnr.services)
    (task,) = house.store.tasks.values()
    assert task.due_at == house.order.payment_limit_at
    await house.wait(hours=48)
    assert house.pss.seats == 100
    house.check()


async def test_names_said_again_are_the_same() -> None:
    house = desk()
    await house.sell()
    await house.ask(coming(said(surname="example", given_names=("AAA",), loyalty=(ACCOUNT,))))
    assert people(house).person("PAX1").surname == "Example"


REFUSED: dict[str, tuple[UpdatePerson, str]] = {
    "no such passenger": (coming(said(), current="PAX9"), "143"),
    "another surname": (coming(said(surname="Other")), "137"),
    "another given name": (coming(said(given_names=("Bbb",))), "137"),
    "another birthdate": (coming(said(birthdate=date(1991, 1, 1))), "137"),
    "no address": (coming(said(), replace(NEW, emails=("nowhere",))), "317"),
    "no number": (coming(said(), replace(NEW, phones=("12",))), "318"),
    "a contact that is not there": (coming(said(contact_ids=("C7",))), "316"),
    "the last contact": (
        UpdatePerson("PAX1", None, None, removed=said(contact_ids=("C1",))),
        "316",
    ),
    "an old passport": (
        coming(said(documents=(replace(PASSPORT, expires_on=date(2031, 5, 8)),))),
        "8",
    ),
    "somebody else's passport": (
        coming(said(documents=(replace(PASSPORT, birthdate=date(2001, 1, 1)),))),
        "73",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(name: str) -> None:
    change, code = REFUSED[name]
    house = desk()
    order = await house.sell()
    before = people(house)
    with pytest.raises(Refusal) as refused:
        await house.ask(change)
    assert refused.value.code == code
    assert (house.order, people(house)) == (order, before)


async def test_a_passenger_who_left() -> None:
    house = desk()
    order = await house.hold(T.ADULT, T.ADULT)
    await house.drop(*(i.id for i in order.items if i.passenger_id == "PAX2"))
    with pytest.raises(Refusal) as refused:
        await house.ask(UpdatePerson("PAX2", "PAX2", said(loyalty=(ACCOUNT,))))
    assert refused.value.code == "182"
    await house.ask(coming(said(loyalty=(ACCOUNT,))))
    (pnr,) = house.pss.pnrs.values()
    assert {s.passenger_id for s in pnr.services} == {"PAX1"}


@pytest.mark.parametrize("kind", ["before", "after", "rejects", "raises"])
async def test_the_booking_follows_in_the_end(kind: str) -> None:
    house = desk(reply_within_s=0.05)
    await house.sell()
    await house.deliverer.run_due()
    house.pss.plant("update_services", kind, kind)
    await house.ask(coming(said(loyalty=(ACCOUNT,))))
    for _ in range(4):
        await house.wait(seconds=61)
    assert house.order.people_booked == 1
    assert house.store.tasks == {}
    house.check()


async def test_a_pss_that_takes_no_update_blocks_nothing() -> None:
    house = desk()
    order = await house.hold()
    house.pss.plant("update_services", "fails")
    view = await house.ask(coming(said(loyalty=(ACCOUNT,))))
    assert "update_services refused" in view.notices[-1].text
    assert people(house).person("PAX1").loyalty == (ACCOUNT,)
    await house.ask(coming(said(loyalty=(replace(ACCOUNT, number="4"),))))
    assert house.order.update_refused == ""
    house.pss.plant("update_services", "fails")
    await house.ask(coming(said(loyalty=(replace(ACCOUNT, number="5"),))))
    await house.pay(card(order.total))
    assert house.order.documents
    house.check()


async def test_it_is_done_once() -> None:
    house = desk()
    await house.sell()
    request = ChangeRequest(house.reference(version=None), coming(said(loyalty=(ACCOUNT,))))
    for _ in range(3):
        await house.change(request, SELLER, attempt("same"))
        house.clock.advance(seconds=31)
    assert house.order.people_changes == 1


async def test_updated_and_paid() -> None:
    house = desk()
    order = await house.hold()
    await house.ask(coming(said(loyalty=(ACCOUNT,))))
    await house.pay(card(order.total))
    assert house.order.documents
    assert house.pss.applied["update_services"] == 1
