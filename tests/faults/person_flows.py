"""What changes about those who fly: how they are reached, what they are called."""

from tests.e2e.servicing import COUPLE, bought, by_plan, codes, coupons, seen, texts
from tests.faults.flow import CAPTURE_DECLINES, VISA, Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import change_offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.services import Picked, added, list_for_order, services_of
from ndc_oms.kit.servicing import accept_quoted, contact, reached_by, update_pax
from ndc_oms.model.order import Order
from ndc_oms.ports.outcome import Confirmed

# -- how they are reached -----------------------------------------------------------------------


async def _update(served: Served) -> Prepared:
    order = order_of(await seen(served, await bought(served)))
    lists = (
        f"<ContactInfoList>{contact('C9', email='new@example.com')}</ContactInfoList>"
        f"<PaxList>{reached_by('T1', 'C9')}</PaxList>"
    )
    return change(order, update_pax("PAX1", "T1"), lists=lists)


async def _updated(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert found.people_changes == found.people_booked == 1


# -- names -------------------------------------------------------------------------------------


async def _rename(served: Served) -> Prepared:
    """Of somebody who has a bag: everything that a name may need."""
    order = await bought(served, COUPLE)
    listed = services_of(await served.client.send(list_for_order(order.order_id)))
    bag = next(each for each in listed if each.code == "BAG23")
    wanted = added([Picked(bag, ("PAX1",))])
    assert not (await served.talk.change(order, "bag", wanted, payments=by_plan(bag.price))).errors
    latest = order_of(await seen(served, order))
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (chosen,) = change_offers_of(quoted)
    paid = card(VISA, chosen.amount, order.currency)
    return change(latest, accept_quoted(chosen.offer_id, chosen.items), paid=paid)


async def _renamed(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert texts(order, "Surname") == ["Lindqvist", "Hansen"]
    assert sorted(coupons(order)) == ["E", "E", "F", "O", "O", "O"]
    found = (await served.house.store.get_order(order_of(order).order_id, None)).order
    assert (found.change, found.people_booked) == (None, found.people_changes)
    assert await _surnames_booked(served, found) == ["LINDQVIST", "HANSEN"]


async def _surnames_booked(served: Served, order: Order) -> list[str]:
    booking = order.booking_of("PAX1")
    assert booking is not None
    shown = await served.pss.pnr(booking.locator)
    assert isinstance(shown, Confirmed)
    assert shown.value is not None
    return [traveller.surname for traveller in shown.value.travellers]


async def _rename_restored(served: Served) -> Prepared:
    """The fee is authorised, and cannot be taken: ticket, EMD and name are what they were."""
    asked = await _rename(served)
    return Prepared(asked.order_id, asked.body.replace(VISA.encode(), CAPTURE_DECLINES.encode()))


async def _name_restored(served: Served, again: Reply | None, order: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert texts(order, "Surname") == ["Hansen", "Hansen"]
    assert coupons(order).count("O") == 3
    record = await served.house.store.get_order(order_of(order).order_id, None)
    assert [person.becomes for person in record.people.persons] == [None, None]
    assert await _surnames_booked(served, record.order) == ["HANSEN", "HANSEN"]


PERSONS = {
    "rename": Flow(_rename, _renamed),
    "rename restored": Flow(_rename_restored, _name_restored),
    "update": Flow(_update, _updated),
}
