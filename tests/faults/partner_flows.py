"""Names, services and splits of orders that a partner flies a part of. Flows of
`servicing_flows.py`.
"""

from datetime import timedelta

from tests.e2e.airline import kept
from tests.e2e.servicing import COUPLE, codes, seen, texts
from tests.e2e.with_services import listed_for
from tests.faults.flow import CAPTURE_DECLINES, Flow, Prepared, change
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary, change_offers_of, offers_of, order_of
from ndc_oms.kit.requests import card
from ndc_oms.kit.services import Picked, added
from ndc_oms.kit.servicing import accept_quoted, called, update_pax
from ndc_oms.model.order import Order
from ndc_oms.partners.file import FilePartner
from ndc_oms.partners.filed_books import Kept, located


async def _bought(served: Served, place: str) -> OrderSummary:
    """For two, over London to `place`, where Aster flies."""
    bounds = [("YYZ", place, served.today + timedelta(days=30))]
    shopped = offers_of(await served.talk.shop(bounds, COUPLE))
    wanted = next((e for e in shopped if e.families == ("Economy Standard",)), shopped[0])
    made = order_of(await served.talk.create(wanted, COUPLE, "buy"))
    return order_of(await seen(served, made))


async def _theirs(served: Served, order: Order) -> Kept:
    """Aster's booking of the order."""
    aster = served.house.sides.partners["aster"]
    assert isinstance(aster, FilePartner)
    (part,) = order.parts
    found = await aster.side.look(lambda c: located(c, part.reference or ""))
    assert found is not None
    return found[1]


async def _correct(served: Served) -> Prepared:
    """On a bound that is ours and then theirs, each with documents of its own."""
    order = await _bought(served, "ABZ")
    lists = f"<PaxList>{called('T1', 'Hanssen', 'Maren')}</PaxList>"
    return change(order, update_pax("PAX1", "T1"), lists=lists)


async def _corrected(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    assert texts(reply, "Surname") == ["Hanssen", "Hansen"]
    order = await kept(served, order_of(reply))
    theirs = await _theirs(served, order)
    assert dict(theirs.names)["PAX1"] == "HANSSEN/MAREN"
    known = {each.number for each in order.documents if each.issuer}
    assert known == {each.number for each in theirs.booking.documents}
    assert len(known) == 3


async def _unpaid_name(served: Served) -> Prepared:
    """On our number and their aircraft; the fee cannot be taken in the end."""
    order = await _bought(served, "NCL")
    quoted = await served.talk.rename(order.order_id, "PAX1", "Lindqvist", "Maren")
    (chosen,) = change_offers_of(quoted)
    paid = card(CAPTURE_DECLINES, chosen.amount, order.currency)
    return change(order, accept_quoted(chosen.offer_id, chosen.items), paid=paid)


async def _as_before(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert codes(again) == ["708"]
    assert texts(reply, "Surname") == ["Hansen", "Hansen"]
    theirs = await _theirs(served, await kept(served, order_of(reply)))
    assert dict(theirs.names)["PAX1"] == "HANSEN/MAREN"


async def _split(served: Served) -> Prepared:
    return Prepared((await _bought(served, "ABZ")).order_id, split=("PAX2",))


async def _in_two(served: Served, _again: Reply | None, reply: Reply) -> None:
    old = await kept(served, order_of(reply))
    (made,) = old.splits
    new = (await served.house.store.get_order(made.order_id, None)).order
    for order, who in ((old, "PAX1"), (new, "PAX2")):
        theirs = await _theirs(served, order)
        assert theirs.booking.order_id == order.order_id
        assert list(dict(theirs.names)) == [who]
        assert [sale.seats for sale in theirs.sales] == [1]


async def _ask(served: Served) -> Prepared:
    order = await _bought(served, "ABZ")
    chair = (await listed_for(served, order))["WCHR"]
    return change(order, added([Picked(chair, ("PAX1",))]))


async def _asked(served: Served, again: Reply | None, reply: Reply) -> None:
    assert again is not None
    assert again.errors == ()
    order = await kept(served, order_of(reply))
    theirs = await _theirs(served, order)
    assert [(each.code, each.passenger_id) for each in theirs.booking.services] == [
        ("WCHR", "PAX1")
    ]
    (part,) = order.parts
    assert (len(part.asked), part.refused, part.askings) == (1, (), 1)


PARTNERS = {
    "ask a partner for help": Flow(_ask, _asked),
    "correct with a partner": Flow(_correct, _corrected),
    "name restored at a partner": Flow(_unpaid_name, _as_before),
    "split with a partner": Flow(_split, _in_two),
}
