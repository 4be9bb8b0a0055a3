"""What another name costs: nothing for a correction, a fee by family for anything else. Pure.

spelt the same        free: only how it is written differs, or the title
a correction          free, so often for each passenger: see world/name_rules.py
any other name        the fee of the dearest family, until so many hours before departure, of
                      tickets of which nothing is used
refused (137)         else; and somebody else's name for anybody but an adult, since nobody
                      knows how old that passenger is
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from ndc_oms.errors import Conflict, Invalid, NotAllowed, Refusal
from ndc_oms.fulfilment import names
from ndc_oms.model.items import Item, OrderItem
from ndc_oms.model.money import Money
from ndc_oms.model.naming import letters_apart
from ndc_oms.model.order import Order
from ndc_oms.model.passenger import NewName, Passenger, PassengerType, People, Person
from ndc_oms.model.quote import QuotedName
from ndc_oms.model.stranded import stranded
from ndc_oms.model.under_way import Renaming
from ndc_oms.model.with_partners import flying, protected
from ndc_oms.orders.check_names import check_name
from ndc_oms.orders.coupons import Shown, Use, unused
from ndc_oms.orders.request import RenamePerson
from ndc_oms.world.name_rules import NameCorrection
from ndc_oms.world.servicing import Servicing

_ANEW: Final = "Cancel the order, and make another one in the right name; or ask the airline."


@dataclass(frozen=True, slots=True)
class NameDesk:
    """price: of an amount in the home currency, one in another."""

    servicing: Servicing
    price: Callable[[Decimal, str], Money]

    def decide(
        self, order: Order, people: People, asked: RenamePerson, shown: Shown | None, now: datetime
    ) -> QuotedName:
        """shown: the documents; None where there are none. Raises Invalid 143, 149, 151, 152, 314;
        Conflict 399; NotAllowed 137, 182.
        """
        passenger = travelling_passenger(order, asked.passenger_id, asked.path)
        old = people.person(passenger.id)
        new = _called(old, asked)
        _check(people, new, asked.path)
        if _name(new) == _name(old):
            raise _refused("The passenger is called so already.", asked.path, "Nothing is to do.")
        used = check_usable(order, passenger.id, shown, asked.path)
        corrects, another = self._kind(old, new)
        fee = Money.zero(order.currency)
        counted = corrects and _spelt(old) != _spelt(new)
        if not corrects or (counted and not self._is_free(order, passenger.id, used, now)):
            if shown is None:
                raise _refused(
                    "The name of an order that is not paid for is only corrected.",
                    asked.path,
                    "Pay for the order first, or cancel it and make another one.",
                )
            fee, counted = self._fee(order, passenger, used, now, asked.path), False
        if another and passenger.type is not PassengerType.ADULT:
            raise _refused("Somebody else takes the place of an adult only.", asked.path, _ANEW)
        return QuotedName(
            Renaming(passenger.id, fee, corrects=counted, another=another),
            _new_name(new, asked, another=another),
            used,
        )

    def _kind(self, old: Person, new: Person) -> tuple[bool, bool]:
        """Whether it is a correction; whether it is somebody else's name: another given name is,
        and another surname alone is not.
        """
        rule = self.servicing.correction
        if _spelt(old) == _spelt(new):
            return True, False
        same_given = _near(names.given(_plain(old)), names.given(_plain(new)), rule.letters)
        apart = _apart(old, new, rule)
        corrects = apart is not None and apart <= rule.letters
        return corrects, not corrects and not same_given

    def _is_free(self, order: Order, passenger_id: str, used: Sequence[str], now: datetime) -> bool:
        rule = self.servicing.correction
        until = _departs(order, passenger_id, used) - timedelta(hours=rule.before_departure_h)
        return order.corrected.count(passenger_id) < rule.times and now <= until

    def _fee(
        self, order: Order, passenger: Passenger, used: Sequence[str], now: datetime, path: str
    ) -> Money:
        """Raises NotAllowed (137)."""
        if order.booking_of(passenger.id) is None:  # where a document of the fee would belong
            text = "Partner airlines fly all of it: a name is only corrected."
            raise _refused(text, path, _ANEW)
        if used:
            raise _refused("A part of the journey was flown under this name.", path, _ANEW)
        departs = _departs(order, passenger.id, used)
        fees = []
        for item in _flights(order, passenger.id):
            rule = self.servicing.name_fee(item.family.code)
            if rule is None:
                raise _refused(f"{item.family.name} permits corrections only.", path, _ANEW)
            if now > departs - timedelta(hours=rule.before_departure_h):
                text = f"Names are changed until {rule.before_departure_h} hours before departure."
                raise _refused(text, path, _ANEW)
            fees.append(self.price(rule.fee, order.currency))
        return max(fees)


def travelling_passenger(order: Order, passenger_id: str, path: str) -> Passenger:
    """Named by its id in the order. Raises Invalid (143), NotAllowed (182) for who has left."""
    for passenger in order.passengers:
        if passenger.id == passenger_id:
            if all(item.passenger_id != passenger.id for item in order.live_items):
                text = f"Passenger {passenger.id} is no longer in the order."
                raise NotAllowed(text, code="182", path=path)
            return passenger
    raise Invalid(
        f"The order has no passenger {passenger_id}.",
        code="143",
        path=path,
        remedy="Name the passenger by the PaxID of OrderViewRS.",
    )


def check_usable(
    order: Order, passenger_id: str, shown: Shown | None, path: str
) -> tuple[str, ...]:
    """Items of the passenger that are flown already. Raises NotAllowed (137) where nobody has
    booked it yet, a partner flies it in our place or nobody can, or a coupon is neither open nor
    used.
    """
    if protected(order, (passenger_id,)):
        raise _refused("A partner airline flies it in our place.", path, _ANEW)
    theirs = any(part.live and passenger_id in flying(order, part) for part in order.parts)
    if order.booking_of(passenger_id) is None and not theirs:
        raise _refused("The passenger is not booked yet.", path, "Send the request again later.")
    if shown is None:
        return ()
    if any(who == passenger_id for who, _ in stranded(order)):
        text = "A flight of the passenger's cannot be flown, and no ticket is issued for it."
        raise _refused(text, path, "Take other flights, or give these up, first.")
    try:
        left = unused(order, shown, path)
    except NotAllowed as refused:
        raise _refused(refused.text, path, refused.remedy) from refused
    used = [item for item in order.live if shown.use(item) is Use.SOME]
    if not any(item in left for item in _flights(order, passenger_id)):
        raise _refused("The passenger has flown everything.", path, "Nothing is left to name.")
    return tuple(item.id for item in used if item.passenger_id == passenger_id)


def _flights(order: Order, passenger_id: str) -> tuple[OrderItem, ...]:
    return tuple(item for item in order.live_items if item.passenger_id == passenger_id)


def _departs(order: Order, passenger_id: str, used: Sequence[str]) -> datetime:
    """The next flight of the passenger."""
    left: Iterator[Item] = (i for i in _flights(order, passenger_id) if i.id not in used)
    return min(order.segment(s.segment_id).flight.departure for i in left for s in i.services)


# -- names -------------------------------------------------------------------------------------


def _called(old: Person, asked: RenamePerson) -> Person:
    """What is not said is as it was."""
    middle = old.middle_names if asked.middle_names is None else asked.middle_names
    return replace(
        old,
        surname=asked.surname or old.surname,
        given_names=asked.given_names or old.given_names,
        middle_names=middle,
        title=asked.title or old.title,
        suffix=old.suffix if asked.suffix is None else asked.suffix or None,
    )


def _new_name(new: Person, asked: RenamePerson, *, another: bool) -> NewName:
    """Somebody else has neither the title nor the suffix of whom the seat was for."""
    return NewName(
        surname=new.surname,
        given_names=new.given_names,
        title=asked.title if another else new.title,
        middle_names=(asked.middle_names or ()) if another else new.middle_names,
        suffix=asked.suffix if another else new.suffix,
        another=another,
    )


def _check(people: People, new: Person, path: str) -> None:
    """Raises what `check_name` finds first; Conflict (399)."""

    def at(*below: str) -> str:
        return "/".join((path, *below)) if path else ""

    refused: list[Refusal] = list(check_name(new.passenger_id, new, at))
    others = (p for p in people.persons if p.passenger_id != new.passenger_id)
    refused.extend(
        Conflict(
            f"Passengers {other.passenger_id} and {new.passenger_id} would have the same name.",
            code="399",
            path=path,
            remedy="Add a middle name or a suffix.",
        )
        for other in others
        if _spelt(other) == _spelt(new)
    )
    if refused:
        raise refused[0]


def _name(person: Person) -> tuple[object, ...]:
    """As it is written, with the title that a ticket prints."""
    parts = (person.surname, person.given_names, person.middle_names, person.suffix or "")
    return (*parts, names.title(person))


def _spelt(person: Person) -> tuple[str, str, str]:
    """As booking and ticket have it."""
    return names.surname(person), names.given(person), (person.suffix or "").upper()


def _plain(person: Person) -> Person:
    """Without what may come and go."""
    return replace(person, middle_names=())


def _near(one: str, other: str, letters: int) -> bool:
    """A name of which every letter is another is another name, however short it is."""
    apart = letters_apart(one, other)
    return apart <= letters and (not apart or apart < max(len(one), len(other)))


def _apart(old: Person, new: Person, rule: NameCorrection) -> int | None:
    """Letters between the two names, as the rule counts; None where one is another name."""
    suffixes = letters_apart((old.suffix or "").upper(), (new.suffix or "").upper())
    old_middle, new_middle = names.given(_middle(old)), names.given(_middle(new))
    middle = letters_apart(old_middle, new_middle)
    if rule.middle and not (old_middle and new_middle):
        middle = 0
    old, new = _plain(old), _plain(new)
    pair = (names.surname(old), names.surname(new)), (names.given(old), names.given(new))
    if rule.swapped and pair[0] == pair[1][::-1]:
        return suffixes + middle
    if not all(_near(one, other, rule.letters) for one, other in pair):
        return None
    return suffixes + middle + sum(letters_apart(one, other) for one, other in pair)


def _middle(person: Person) -> Person:
    return replace(person, given_names=())


def _refused(text: str, path: str, remedy: str) -> NotAllowed:
    return NotAllowed(text, code="137", path=path, remedy=remedy)
