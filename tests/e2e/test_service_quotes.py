"""OrderQuote for services and seats, over HTTP: what they cost, what others give back, and what
becomes of the order when it is accepted.
"""

from datetime import timedelta
from decimal import Decimal

from tests.e2e.airline import kept
from tests.e2e.servicing import ADULT, bought, codes, coupons, hold, payments, seen, settle, texts
from tests.e2e.test_seats import buy_seated, map_of, offer, seated
from tests.e2e.with_services import buy_with, listed_for, pay
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import ChangeOffer, OrderSummary, change_offers_of, order_of
from ndc_oms.kit.services import Picked, added
from ndc_oms.kit.servicing import accept_quoted, redirect
from ndc_oms.model.status import ItemStatus

OFFER = "Response/ReshopResults/ReshopOffers/Offer"


async def current(served: Served, order: OrderSummary) -> OrderSummary:
    return order_of(await seen(served, order))


def offered(reply: Reply) -> ChangeOffer:
    (found,) = change_offers_of(reply)
    return found


async def item_of(served: Served, order: OrderSummary, code: str) -> str:
    made = await kept(served, order)
    return next(each.id for each in made.live_ancillaries if each.product.code == code)


# -- adding ------------------------------------------------------------------------------------


async def test_services_are_quoted_and_added(served: Served) -> None:
    order = await bought(served)
    services = await listed_for(served, order)
    picked = [Picked(services["BAG23"], ("PAX1",), 2), Picked(services["WCHR"], ("PAX1",))]
    quote = await served.talk.quote_services(order.order_id, picked)
    chosen = offered(quote)
    assert (chosen.collect, chosen.back, chosen.amount) == (150, 0, "150.00")
    assert chosen.types == ("AddCol", "EvenExchange")
    unpaid = await served.talk.accept_change(order, chosen, "unpaid")
    assert codes(unpaid) == ["495"]
    short = await served.talk.accept_change(order, chosen, "short", pay(Decimal(149)))
    assert codes(short) == ["290"]
    done = await served.talk.accept_change(order, chosen, "add", pay(chosen.collect))
    assert done.errors == ()
    view = await seen(served, order)
    assert texts(view, "TicketDocTypeCode") == ["T", "J"]
    assert Decimal(order_of(view).amount) == Decimal(order.amount) + 150
    again = await served.talk.accept_change(order_of(view), chosen, "again", pay(chosen.collect))
    assert codes(again) == ["913"]
    assert await served.findings() == []


async def test_what_was_quoted_is_kept_to(served: Served) -> None:
    """Its price stands as long as the quote, and no longer."""
    order = await bought(served)
    services = await listed_for(served, order)
    served.clock.advance(timedelta(minutes=20))
    chosen = offered(
        await served.talk.quote_services(order.order_id, [Picked(services["LOUNGE"], ("PAX1",))])
    )
    served.clock.advance(timedelta(minutes=14))  # the list itself is past by now
    done = await served.talk.accept_change(order, chosen, "in time", pay(chosen.collect))
    assert done.errors == ()
    late = offered(
        await served.talk.quote_services(
            order.order_id, [Picked((await listed_for(served, order))["WIFI"], ("PAX1",))]
        )
    )
    served.clock.advance(timedelta(minutes=16))
    refused = await served.talk.accept_change(
        await current(served, order), late, "late", pay(late.collect)
    )
    assert codes(refused) == ["913"]


async def test_a_held_order_takes_what_was_quoted_unpaid(served: Served) -> None:
    order = await hold(served)
    shown = await map_of(served, order)
    chosen = offered(await served.talk.quote_services(order.order_id, shown.pick("PAX1")))
    held = order_of(await served.talk.accept_change(order, chosen, "add"))
    assert Decimal(held.amount) == Decimal(order.amount) + 35
    paid = await served.talk.pay(held, pay(Decimal(held.amount)), "pay")
    assert paid.errors == ()
    assert texts(await seen(served, order), "TicketDocTypeCode") == ["T", "J"]
    assert await served.findings() == []


# -- giving up ---------------------------------------------------------------------------------


async def test_a_service_given_up_alone_is_a_cancellation(served: Served) -> None:
    order, _ = await buy_with(served, ADULT, ("BAG23", 1))
    order = await current(served, order)
    bag = await item_of(served, order, "BAG23")
    quote = await served.talk.quote_services(order.order_id, (), [bag])
    assert quote.text(f"{OFFER}/TotalPrice/TotalAmount") == "-75.00"
    done = await served.talk.accept_cancelled(order, quote, "give up")
    assert done.errors == ()
    assert [amount for amount, _ in payments(await seen(served, order))][-1] == "-75.00"
    assert (await kept(served, order)).live_ancillaries == ()
    assert await served.findings() == []


async def test_a_seat_for_another(served: Served) -> None:
    firm = await offer(served)
    shown = await map_of(served, firm)
    order, _ = await buy_seated(served, ADULT, shown.pick("PAX1"), firm)
    order = await current(served, order)
    before = await seated(served, order)
    old = await item_of(served, order, "SEATSTD")
    later = await map_of(served, order)
    better = later.pick("PAX1", code="SEATEXT")
    two = await served.talk.quote_services(order.order_id, better)
    assert codes(two) == ["272"]  # nobody sits on two seats
    quote = await served.talk.quote_services(order.order_id, better, [old])
    chosen = offered(quote)
    assert chosen.collect == better[0].price
    assert chosen.amount == f"{better[0].price - 35:.2f}"
    assert chosen.types == ("AddCol", "Void")
    done = await served.talk.accept_change(order, chosen, "move", pay(chosen.collect))
    assert done.errors == ()
    view = await seen(served, order)
    assert await seated(served, order) == {"PAX1": better[0].seat}
    assert before["PAX1"] in {each.name for each in (await map_of(served, order)).free()}
    made = await kept(served, order)
    assert made.item(old).status is ItemStatus.CANCELLED
    assert made.replacing is None
    assert coupons(view) == ["O", "V", "O"]
    assert await served.findings() == []


async def test_a_bag_for_a_lounge_long_after_is_refunded(served: Served) -> None:
    order, _ = await buy_with(served, ADULT, ("BAG23", 1))
    served.clock.advance(timedelta(days=3))  # the void window is over
    order = await current(served, order)
    lounge = Picked((await listed_for(served, order))["LOUNGE"], ("PAX1",))
    quote = await served.talk.quote_services(
        order.order_id, [lounge], [await item_of(served, order, "BAG23")]
    )
    chosen = offered(quote)
    assert (chosen.types, chosen.amount) == (("AddCol", "Refund"), "-13.05")
    done = await served.talk.accept_change(order, chosen, "swap", pay(chosen.collect))
    assert done.errors == ()
    view = await seen(served, order)
    assert coupons(view) == ["O", "R", "O"]
    assert Decimal(order_of(view).amount) == Decimal(order.amount) - 75 + lounge.price
    assert await served.findings() == []


async def test_what_is_not_paid_gives_up_nothing(served: Served) -> None:
    order, _ = await buy_with(served, ADULT, ("BAG23", 1))
    order = await current(served, order)
    before = await kept(served, order)
    lounge = Picked((await listed_for(served, order))["LOUNGE"], ("PAX1",))
    bag = await item_of(served, order, "BAG23")
    chosen = offered(await served.talk.quote_services(order.order_id, [lounge], [bag]))
    declined = pay(chosen.collect, pan="4000000000002008")
    assert codes(await served.talk.accept_change(order, chosen, "swap", declined)) == ["708"]
    await settle(served)
    after = await kept(served, order)
    assert after.live == before.live
    assert after.documents == before.documents
    assert after.replacing is None
    page = await served.talk.quote_services(order.order_id, [lounge], [bag])
    waiting = await served.talk.accept_change(
        await current(served, order), offered(page), "page", redirect("61.95", "CAD")
    )
    assert codes(waiting) == ["466"]
    assert await served.findings() == []


async def test_what_has_no_document_gives_up_nothing(served: Served) -> None:
    """The seat was moved before its document failed: it moves back."""
    firm = await offer(served)
    shown = await map_of(served, firm)
    order, _ = await buy_seated(served, ADULT, shown.pick("PAX1"), firm)
    order = await current(served, order)
    before, sat = await kept(served, order), await seated(served, order)
    better = (await map_of(served, order)).pick("PAX1", code="SEATEXT")
    quote = await served.talk.quote_services(
        order.order_id, better, [await item_of(served, order, "SEATSTD")]
    )
    chosen = offered(quote)
    await served.pss.plant("issue:fails")
    refused = await served.talk.accept_change(order, chosen, "move", pay(chosen.collect))
    assert codes(refused) == ["182"]
    await served.pss.clear_faults()
    await settle(served)
    after = await kept(served, order)
    assert after.live == before.live
    assert after.documents == before.documents
    assert after.seated == before.seated
    assert await seated(served, order) == sat
    assert await served.findings() == []


async def test_an_unpaid_seat_is_exchanged_at_once(served: Served) -> None:
    order = await hold(served)
    shown = await map_of(served, order)
    chosen = offered(await served.talk.quote_services(order.order_id, shown.pick("PAX1")))
    order = order_of(await served.talk.accept_change(order, chosen, "add"))
    first = await item_of(served, order, "SEATSTD")
    (better,) = (await map_of(served, order)).pick("PAX1", code="SEATEXT")
    quote = await served.talk.quote_services(order.order_id, [better], [first])
    moved = await served.talk.accept_change(order, offered(quote), "move")
    assert moved.errors == ()
    await settle(served)
    assert await seated(served, order) == {"PAX1": better.seat}
    third = await item_of(served, order, "SEATEXT")
    (back,) = (await map_of(served, order)).pick("PAX1")
    quote = await served.talk.quote_services(order.order_id, [back], [third])
    order = order_of(moved)
    whole = Decimal(order.amount) - better.price + back.price
    paid = await served.talk.accept_change(order, offered(quote), "and pay", pay(whole))
    assert paid.errors == ()
    assert texts(await seen(served, order), "TicketDocTypeCode") == ["T", "J"]
    assert await seated(served, order) == {"PAX1": back.seat}
    assert await served.findings() == []


# -- refused -----------------------------------------------------------------------------------


async def test_what_cannot_be_quoted(served: Served) -> None:
    order = await bought(served)
    services = await listed_for(served, order)
    bag = Picked(services["BAG23"], ("PAX1",))

    async def refused(*picked: Picked, items: tuple[str, ...] = ()) -> list[str]:
        return codes(await served.talk.quote_services(order.order_id, picked, items))

    assert await refused() == ["912"]
    assert await refused(bag, items=(order.items[0],)) == ["185"]
    assert await refused(bag, items=("none",)) == ["912"]
    assert await refused(Picked(services["BAG23"], ("PAX1",), 4)) == ["185"]
    assert await refused(Picked(services["BAG23"], ("PAX9",))) == ["914"]
    taken = next(e for e in (await map_of(served, order)).seats if not e.free)
    seat = (await map_of(served, order)).pick("PAX1")[0]
    assert await refused(Picked(seat.service, ("PAX1",), 1, taken.name)) in (["281"], ["256"])


async def test_another_total_than_was_expected(served: Served) -> None:
    order = await bought(served)
    services = await listed_for(served, order)
    picked = [Picked(services["BAG23"], ("PAX1",))]
    chosen = offered(await served.talk.quote_services(order.order_id, picked))
    rebook = [("YYZ", "LHR", served.today + timedelta(days=64))]
    (flown, *_) = change_offers_of(await served.talk.rebook(order.order_id, order.items, rebook))
    end = "</SelectedPricedOffer>"
    for accepted in (
        accept_quoted(chosen.offer_id, chosen.items),
        added(picked),
        accept_quoted(flown.offer_id, flown.items),
    ):
        for currency, code in (("CAD", "729"), ("USD", "727")):
            said = f'<TotalOfferPriceAmount CurCode="{currency}">7.00</TotalOfferPriceAmount>{end}'
            wanted = accepted.replace(end, said)
            paid = pay(chosen.collect)
            reply = await served.talk.change(order, f"{code}", wanted, payments=paid)
            assert codes(reply) == [code]
    right = '<TotalOfferPriceAmount CurCode="CAD">75.00</TotalOfferPriceAmount>'
    wanted = accept_quoted(chosen.offer_id, chosen.items).replace(end, right + end)
    reply = await served.talk.change(order, "right", wanted, payments=pay(chosen.collect))
    assert reply.errors == ()


async def test_an_accepted_quote_is_accepted_whole(served: Served) -> None:
    order = await bought(served)
    services = await listed_for(served, order)
    picked = [Picked(services["BAG23"], ("PAX1",)), Picked(services["WIFI"], ("PAX1",))]
    chosen = offered(await served.talk.quote_services(order.order_id, picked))

    async def refused(items: tuple[tuple[str, str], ...], key: str) -> list[str]:
        part = ChangeOffer(chosen.offer_id, items, chosen.collect, Decimal(0), Decimal(0), (), (),
                           chosen.amount, chosen.currency)  # fmt: skip
        paid = pay(chosen.collect)
        return codes(await served.talk.accept_change(order, part, key, paid))

    assert await refused(chosen.items[:1], "part") == ["914"]
    assert await refused(((chosen.items[0][0], "PAX2"), chosen.items[1]), "whose") == ["914"]
    assert await refused((*chosen.items, ("SF.none-1", "PAX1")), "what") == ["913"]
    assert (await kept(served, order)).ancillaries == ()
