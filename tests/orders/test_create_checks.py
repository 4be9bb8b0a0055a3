"""Every rule that a request to order is checked against: its code, its place, and no effect."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.orders.house import House
from tests.orders.offered import CARD, SELLER, T, attempt, request_for

from ndc_oms.errors import Expired, Refusal, Refusals
from ndc_oms.model.money import Money
from ndc_oms.model.offer import Offer
from ndc_oms.model.passenger import Contact, IdentityDocument, Passenger, People, Person
from ndc_oms.model.payment import PaymentForm
from ndc_oms.offers.request import SelectedItem, Selection
from ndc_oms.orders.check_passengers import completed_years
from ndc_oms.orders.request import CreateRequest, PaymentRequest
from ndc_oms.ports.sellers import Seller

Change = Callable[[CreateRequest, Offer], CreateRequest]
PAX = "/RQ/DataLists/PaxList/Pax"
CONTACT = "/RQ/DataLists/ContactInfoList"


def person(index: int, **changes: Any) -> Change:
    def change(request: CreateRequest, _offer: Offer) -> CreateRequest:
        persons = list(request.people.persons)
        persons[index] = replace(persons[index], **changes)
        return replace(request, people=replace(request.people, persons=tuple(persons)))

    return change


def contacts(*made: Contact) -> Change:
    def change(request: CreateRequest, _offer: Offer) -> CreateRequest:
        persons = tuple(replace(p, contact_ids=()) for p in request.people.persons)
        return replace(request, people=People(persons, made))

    return change


def passengers(*party: Passenger) -> Change:
    return lambda request, _offer: replace(request, passengers=party)


def payments(make: Callable[[Offer], tuple[PaymentRequest, ...]]) -> Change:
    return lambda request, offer: replace(request, payments=make(offer))


def items(make: Callable[[tuple[SelectedItem, ...]], tuple[SelectedItem, ...]]) -> Change:
    def change(request: CreateRequest, _offer: Offer) -> CreateRequest:
        (selection,) = request.selections
        return replace(request, selections=(replace(selection, items=make(selection.items)),))

    return change


def card(amount: Money | None, **other: Any) -> PaymentRequest:
    return PaymentRequest(PaymentForm.CARD, amount, CARD, path="/pay", **other)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


PASSPORT = IdentityDocument("PT", "C01X", "Example", expires_on=date(2031, 5, 8))
NAMED = (T.ADULT, T.CHILD, T.INFANT)  # PAX1, PAX2, PAX3

CASES: dict[str, tuple[Change, str, str]] = {
    "no surname": (person(0, surname=" "), "151", f"{PAX}[1]/Individual/Surname"),
    "no given name": (person(1, given_names=()), "152", f"{PAX}[2]/Individual/GivenName"),
    "nobody named": (
        lambda r, _o: replace(r, people=replace(r.people, persons=r.people.persons[:2])),
        "151",
        f"{PAX}[3]/Individual",
    ),
    "cyrillic": (person(0, surname="Иванов"), "314", f"{PAX}[1]/Individual/Surname"),
    "digits": (person(1, given_names=("R2D2",)), "314", f"{PAX}[2]/Individual/GivenName"),
    "slash": (person(0, middle_names=("A/B",)), "314", f"{PAX}[1]/Individual/MiddleName"),
    "too long": (
        person(0, surname="A" * 50, given_names=("B" * 14,)),
        "149",
        f"{PAX}[1]/Individual",
    ),
    "two of one name": (person(1, given_names=("aaa",)), "399", f"{PAX}[2]/Individual"),
    "infant of one name": (person(2, given_names=("ÁAA",)), "399", f"{PAX}[3]/Individual"),
    "child too old": (
        person(1, birthdate=date(2019, 5, 2)),
        "73",
        f"{PAX}[2]/Individual/Birthdate",
    ),
    "child without birthdate": (
        person(1, birthdate=None),
        "73",
        f"{PAX}[2]/Individual/Birthdate",
    ),
    "adult of two": (person(0, birthdate=date(2029, 1, 1)), "73", f"{PAX}[1]/Individual/Birthdate"),
    "infant turns two on the way": (
        person(2, birthdate=date(2029, 5, 5)),
        "73",
        f"{PAX}[3]/Individual/Birthdate",
    ),
    "not born yet": (person(2, birthdate=date(2031, 5, 3)), "73", f"{PAX}[3]/Individual/Birthdate"),
    "infant of a child": (
        passengers(
            Passenger("PAX1", T.ADULT),
            Passenger("PAX2", T.CHILD),
            Passenger("PAX3", T.INFANT, "PAX2"),
        ),
        "324",
        f"{PAX}[3]/PaxRefID",
    ),
    "infant of nobody": (
        passengers(
            Passenger("PAX1", T.ADULT),
            Passenger("PAX2", T.CHILD),
            Passenger("PAX3", T.INFANT, "PAX9"),
        ),
        "324",
        f"{PAX}[3]/PaxRefID",
    ),
    "expired passport": (
        person(0, documents=(PASSPORT,)),
        "8",
        f"{PAX}[1]/IdentityDoc[1]/ExpiryDate",
    ),
    "two birthdates": (
        person(0, documents=(replace(PASSPORT, expires_on=None, birthdate=date(1991, 1, 1)),)),
        "73",
        f"{PAX}[1]/IdentityDoc[1]/Birthdate",
    ),
    "no contact": (contacts(), "316", CONTACT),
    "empty contact": (contacts(Contact("C1", city="Berlin")), "316", CONTACT),
    "e-mail": (
        contacts(Contact("C1", emails=("a@b", "ok@example.com"))),
        "317",
        f"{CONTACT}/ContactInfo[1]/EmailAddress[1]/EmailAddressText",
    ),
    "telephone": (
        contacts(Contact("C1", emails=("ok@example.com",), phones=("+49 30", "call me"))),
        "318",
        f"{CONTACT}/ContactInfo[1]/Phone[1]/PhoneNumber",
    ),
    "contact not there": (person(0, contact_ids=("C9",)), "316", f"{PAX}[1]/ContactInfoRefID"),
    "contact twice": (
        contacts(Contact("C1", emails=("a@example.com",)), Contact("C1")),
        "476",
        f"{CONTACT}/ContactInfo[2]/ContactInfoID",
    ),
    "passenger twice": (
        passengers(Passenger("PAX1", T.ADULT), Passenger("PAX1", T.CHILD)),
        "476",
        f"{PAX}[2]/PaxID",
    ),
    "nobody travels": (passengers(), "143", "/RQ/DataLists/PaxList"),
    "item twice": (items(lambda all_: (*all_, all_[0])), "476", "/item"),
    "item missing": (items(lambda all_: all_[1:]), "914", "/offer"),
    "item not known": (items(lambda all_: (SelectedItem("X-1", (), "/x"), *all_)), "913", "/x"),
    "item for another type": (
        items(lambda all_: (replace(all_[0], passenger_ids=("PAX2",)), *all_[1:])),
        "914",
        "/item",
    ),
    "item for two": (
        items(lambda all_: (replace(all_[0], passenger_ids=("PAX1", "PAX2")), *all_[1:])),
        "914",
        "/item",
    ),
    "item for a stranger": (
        items(lambda all_: (replace(all_[0], passenger_ids=("PAX9",)), *all_[1:])),
        "914",
        "/item",
    ),
    "one passenger more": (
        lambda r, _o: replace(r, passengers=(*r.passengers, Passenger("PAX4", T.ADULT))),
        "914",
        "/RQ/DataLists/PaxList",
    ),
    "another airline's": (
        lambda r, _o: replace(r, selections=(replace(r.selections[0], owner="ZZ"),)),
        "913",
        "/offer",
    ),
    "two offers": (
        lambda r, _o: replace(r, selections=(*r.selections, Selection("O2", "XX", (), "/two"))),
        "912",
        "/two",
    ),
    "not paid": (payments(lambda _o: ()), "495", ""),
    "paid too little": (payments(lambda o: (card(o.total - eur(1)),)), "290", "/pay"),
    "paid too much": (payments(lambda o: (card(o.total), card(eur(1)))), "290", "/pay"),
    "paid nothing": (payments(lambda o: (card(o.total), card(eur(0)))), "290", "/pay"),
    "one of two without amount": (payments(lambda o: (card(o.total), card(None))), "290", "/pay"),
    "paid in dollars": (payments(lambda _o: (card(Money(44964, "USD")),)), "727", "/pay"),
    "card without number": (
        payments(lambda o: (replace(card(o.total), card=None),)),
        "912",
        "/pay",
    ),
    "card that cannot be": (
        payments(lambda o: (replace(card(o.total), card=replace(CARD, number="x")),)),
        "708",
        "/pay",
    ),
    "pays an item not offered": (
        payments(lambda o: (card(o.total, offer_item_ids=("X-9",)),)),
        "913",
        "/pay",
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_refused(name: str) -> None:
    change, code, path = CASES[name]
    house = House()
    offer = house.offer(*NAMED)
    request = change(request_for(offer), offer)
    with pytest.raises(Refusal) as refused:
        await house.create(request, SELLER, attempt())
    assert (refused.value.code, refused.value.path) == (code, path)
    assert refused.value.remedy
    assert refused.value.done == "Nothing was done."
    assert not house.pss.calls
    assert not house.gateway.calls
    assert not house.store.claims
    assert CARD.number not in str(refused.value)


async def test_several_at_once() -> None:
    house = House()
    offer = house.offer(*NAMED)
    request = person(0, surname="")(request_for(offer), offer)
    request = person(1, birthdate=None)(request, offer)
    request = replace(request, payments=())
    with pytest.raises(Refusals) as refused:
        await house.create(request, SELLER, attempt())
    assert [each.code for each in refused.value.each] == ["151", "73", "495"]


async def test_form_not_permitted_to_the_seller() -> None:
    house = House()
    seller = Seller("91000000", "Plan only", "EUR", can=frozenset({"order", "pay:settlement-plan"}))
    with pytest.raises(Refusal) as refused:
        await house.create(request_for(house.offer()), seller, attempt())
    assert refused.value.code == "466"
    assert "settlement plan" in refused.value.remedy


async def test_offer_expired_to_the_second() -> None:
    house = House()
    offer = house.offer()
    house.clock.time = offer.expires_at
    with pytest.raises(Expired) as refused:
        await house.create(request_for(offer), SELLER, attempt())
    assert refused.value.code == "913"


@pytest.mark.parametrize(
    "change",
    [
        person(0, surname="Ó Dálaigh-Müller", given_names=("Zoë", "X")),
        person(0, surname="O’Neill"),
        person(1, given_names=("Aaa",), suffix="Jr."),
        person(0, birthdate=None),
        person(1, birthdate=date(2019, 5, 3)),  # 11 on the day of departure, 12 on the next
        person(2, birthdate=date(2029, 5, 10)),  # two on the day after the last flight
        person(0, documents=(replace(PASSPORT, expires_on=date(2031, 5, 9)),)),
        contacts(Contact("C1", phones=("030/123 45-67",))),
        contacts(Contact("C1", refused=True)),
        payments(lambda _o: (card(None),)),
        items(lambda all_: tuple(replace(each, passenger_ids=()) for each in all_)),
    ],
)
async def test_accepted(change: Change) -> None:
    house = House()
    offer = house.offer(*NAMED)
    view = await house.create(change(request_for(offer), offer), SELLER, attempt())
    assert view.record is not None


async def test_only_travellers_are_kept() -> None:
    house = House()
    offer = house.offer()
    request = request_for(offer)
    guest = Person("PAX9", "Guest", ("G",))
    request = replace(
        request, people=replace(request.people, persons=(*request.people.persons, guest))
    )
    view = await house.create(request, SELLER, attempt())
    assert view.record is not None
    assert [p.passenger_id for p in view.record.people.persons] == ["PAX1"]


def test_leap_day_children_age_in_march() -> None:
    assert completed_years(date(2028, 2, 29), date(2030, 2, 28)) == 1
    assert completed_years(date(2028, 2, 29), date(2030, 3, 1)) == 2
    assert completed_years(date(2028, 2, 29), date(2032, 2, 29)) == 4
