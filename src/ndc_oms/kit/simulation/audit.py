"""Everything that must hold once a simulation has come to rest: in our books, in those of every
other side, between them, and in what sellers were told.
"""

from collections import Counter
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Sequence
from typing import Final, Protocol

from ndc_oms.fulfilment.booking import sales, shared
from ndc_oms.fulfilment.bookings import own_bookings
from ndc_oms.fulfilment.deed import Sides
from ndc_oms.fulfilment.plan import next_step, task_key
from ndc_oms.fulfilment.planned import BOOKING, PlannedStep
from ndc_oms.kit.simulation.memory import Memory
from ndc_oms.kit.simulation.standing import documents, seats
from ndc_oms.model.documents import Document
from ndc_oms.model.journey import FlightKey
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import CouponStatus, OrderStatus, PaymentState
from ndc_oms.model.step import Step
from ndc_oms.payments.gateways.magic import MAGIC
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.ports.partner import AuditedPartner
from ndc_oms.ports.payment import Account, AuditedGateway
from ndc_oms.ports.pss import Audited, Listed, Pnr, Pss, SegmentSale
from ndc_oms.store.in_memory import MemoryDatabase
from ndc_oms.store.verify import Histories, verify_at_rest

_CANCELLED: Final = "HX"  # of a PNR's segment
_UNABLE: Final = "UN"
_S = PaymentState


class Compared(Protocol):
    """Of a house, what is compared: the other sides as they are, the database, the time."""

    @property
    def sides(self) -> Sides: ...
    @property
    def database(self) -> MemoryDatabase: ...
    @property
    def clock(self) -> Clock: ...


class Told(Protocol):
    """A seller, and what it was told."""

    @property
    def org_id(self) -> str: ...
    @property
    def memory(self) -> Memory: ...


async def audit(house: Compared, sellers: Iterable[Told]) -> list[str]:
    """What does not hold, each as `I<number>: …` or `order …`; all is well: an empty list."""
    return [*await compare(house, sellers), *_cards(house)]


async def compare(
    house: Compared, sellers: Iterable[Told], histories: Histories | None = None
) -> list[str]:
    """The same but for a look at every byte of the database. histories: see `verify_at_rest`."""
    found = await verify_at_rest(house.database.look, next_step, histories)
    orders = house.database.orders()
    found += _unfinished(house)
    if isinstance(house.sides.pss, Audited):
        found += [f"I9: PSS: {each}" for each in await house.sides.pss.audit()]
    for order in orders:
        found += [
            f"order {order.order_id}: {each}" async for each in _at_pss(house.sides.pss, order)
        ]
        found += documents(order)
        found += [f"order {order.order_id}: {each}" async for each in seats(house.sides.pss, order)]
    if isinstance(house.sides.pss, Listed):
        found += await _unknown_here(house.sides.pss, orders)
    found += [each async for each in _at_partners(house, orders)]
    found += [each async for each in _at_gateways(house, orders)]
    found += _told(house, orders, sellers)
    return found


def _unfinished(house: Compared) -> Iterator[str]:
    """With every fault gone nothing stands in the queue; what waits, waits for its time."""
    now = house.clock.now()
    for task in house.database.tasks():
        if task.due_at <= now or task.attempts:
            yield f"I20: {task.key} never ends: asked {task.attempts} times, {task.last_error}"


# -- the PSS -----------------------------------------------------------------------------------


async def _at_pss(pss: Pss, order: Order) -> AsyncIterator[str]:
    """Asked by our own references, so that what it has and we do not know comes out."""
    booked = await pss.find(task_key(order.order_id, PlannedStep(Step.BOOK, BOOKING)))
    pnr = booked.value if isinstance(booked, Confirmed) and isinstance(booked.value, Pnr) else None
    if order.original_order_id is not None and order.own_booking is not None:
        passed_on = await pss.pnr(order.own_booking.locator)  # booked for the order that it was
        pnr = passed_on.value if isinstance(passed_on, Confirmed) else None
    divided = [pnr] if pnr is not None else []
    for own in own_bookings(order):
        other = None if pnr is not None and own.locator == pnr.locator else own.locator
        parted = await pss.pnr(other) if other else None
        if isinstance(parted, Confirmed) and parted.value is not None:
            divided.append(parted.value)
    for finding in _booking(order, pnr, divided):
        yield finding
    known = {document.number: document for document in order.documents if not document.issuer}
    for document in known.values():
        shown = await pss.document(document.number)
        if not isinstance(shown, Confirmed) or shown.value is None:
            yield f"I18: the PSS has no document {document.number}"
        elif _states(shown.value) != _states(document):
            theirs = _states(shown.value)
            yield f"I17: {document.number} is {_states(document)}, {theirs} at the PSS"


async def _unknown_here(pss: Listed, orders: list[Order]) -> list[str]:
    """What the PSS keeps of an order, and the order knows nothing of."""
    numbers = {document.number for order in orders for document in order.documents}
    locators = {booking.locator for order in orders for booking in order.bookings}
    found = [
        f"I16: {number} was issued for order {order_id}, which knows nothing of it"
        for number, order_id in (await pss.issued()).items()
        if number not in numbers
    ]
    return found + [
        f"I22: booking {locator} was made for order {order_id}, which knows nothing of it"
        for locator, order_id in (await pss.live_bookings()).items()
        if locator not in locators
    ]


def _booking(order: Order, pnr: Pnr | None, divided: Sequence[Pnr]) -> Iterator[str]:
    """divided: the bookings that the order has now, `pnr` and what was parted from it."""
    own = order.own_booking
    if own is None or pnr is None:
        if own is not None:
            yield f"the PSS has no booking {own.locator}"
        if pnr is not None and not pnr.cancelled:
            yield f"I22: the PSS has booking {pnr.locator}, and we know nothing of it"
        return
    if pnr.locator != own.locator:
        yield f"I22: booked as {own.locator} and as {pnr.locator}"
    standing = order.status is OrderStatus.OPENED and not order.seats_released
    # one that everybody has left is cancelled, though others have a booking of their own
    peopled = own.locator in {each.locator for each in own_bookings(order)}
    if pnr.cancelled is (standing and peopled):
        yield f"I9: {pnr.locator} is {'not ' if pnr.cancelled is False else ''}cancelled at the PSS"
    elif standing and not _under_way(order):
        unable = {s.flight for each in divided for s in each.segments if s.code == _UNABLE}
        wanted, kept = _wanted(order, unable), _kept(divided, unable)
        if wanted != kept:
            yield f"I9: {pnr.locator} keeps {kept}, the order needs {wanted}"


def _under_way(order: Order) -> bool:
    taken_back = order.cancellation is not None or order.failure is not None
    return taken_back or order.change is not None or bool(order.open_changes)


def _wanted(order: Order, unable: Container[FlightKey]) -> Counter[str]:
    """Seats by flight and class of what is not cancelled. unable: flights on which some booking has
    no seat any more, whoever has boarded them before: these are not compared.
    """
    seated = {each.id for each in order.passengers if each.type.seated}
    ours = {_sale(sale) for sale in (*sales(order), *shared(order))}
    needed: Counter[str] = Counter()
    for item in order.live_items:
        for service in item.services if item.passenger_id in seated else ():
            segment = order.segment(service.segment_id)
            sale = _sale(SegmentSale(segment.flight.key, segment.rbd, 1))
            if sale in ours and segment.flight.key not in unable:
                needed[sale] += 1
    return needed


def _kept(bookings: Sequence[Pnr], unable: Container[FlightKey]) -> Counter[str]:
    kept: Counter[str] = Counter()
    for pnr in bookings:
        for each in pnr.segments if not pnr.cancelled else ():
            if each.code != _CANCELLED and each.flight not in unable:
                kept[_sale(SegmentSale(each.flight, each.rbd, each.seats))] += each.seats
    return kept


def _sale(sale: SegmentSale) -> str:
    return f"{sale.flight} {sale.rbd}"


def _states(document: Document) -> list[CouponStatus]:
    return [coupon.status for coupon in document.coupons]


# -- partners ----------------------------------------------------------------------------------


async def _at_partners(house: Compared, orders: list[Order]) -> AsyncIterator[str]:
    parts = {
        (part.partner, part.reference): part.live
        for order in orders
        for part in order.parts
        if part.reference is not None
    }
    for name, partner in house.sides.partners.items():
        if not isinstance(partner, AuditedPartner):
            continue
        for finding in await partner.audit():
            yield f"I9: {name}: {finding}"
        live = await partner.live_bookings()
        for reference, order_id in live.items():
            if (name, reference) not in parts:
                yield f"I22: {name} has booking {reference} of {order_id}, we know nothing of it"
        for (of, reference), standing in parts.items():
            if of == name and standing is not (reference in live):
                yield f"I22: booking {reference} at {name} stands with one of us only"


# -- money -------------------------------------------------------------------------------------


async def _at_gateways(house: Compared, orders: list[Order]) -> AsyncIterator[str]:
    for name, gateway in house.sides.gateways.items():
        if not isinstance(gateway, AuditedGateway):
            continue
        accounts = {each.authorisation: each for each in await gateway.accounts()}
        for authorisation, shares in _by_authorisation(orders, name).items():
            account = accounts.pop(authorisation, None)
            if account is None or not _agrees([each for _, each in shares], account):
                told = ", ".join(
                    f"order {order_id}: {each.id} over {each.amount} is {each.state}, "
                    f"{each.returned} came back"
                    for order_id, each in shares
                )
                yield f"I12: {told}; {name} has {account}"
        awaited = {
            order.order_id
            for order in orders
            if any(p.gateway == name and p.state is _S.AWAITING for p in order.payments)
        }  # whose payers may have paid on a page, and nobody called back yet
        for account in accounts.values():
            if account.order_id in awaited and not account.captured:
                continue
            if account.captured or not account.released:
                yield f"I4: {name} has {account}, and we know nothing of it"


def _by_authorisation(
    orders: Iterable[Order], gateway: str
) -> dict[str, list[tuple[str, Payment]]]:
    """What an order paid that was split since, each of the two has a share of."""
    found: dict[str, list[tuple[str, Payment]]] = {}
    for order in orders:
        for payment in order.payments:
            if payment.gateway == gateway and payment.authorisation is not None:
                found.setdefault(payment.authorisation, []).append((order.order_id, payment))
    return found


def _agrees(shares: Sequence[Payment], account: Account) -> bool:
    """One that is not captured is nobody's in shares."""
    states = {each.state for each in shares}
    amount = sum(each.amount.minor for each in shares)
    returned = sum(each.returned.minor for each in shares)
    whole = (account.authorised, account.captured, account.refunded, account.released)
    if states <= {_S.CAPTURED, _S.REFUNDED}:
        ended = all(each.state is not _S.REFUNDED or not each.left for each in shares)
        return ended and whole == (amount, amount, returned, False)
    alone = {_S.AUTHORISED: (amount, 0, 0, False), _S.RELEASED: (amount, 0, 0, True)}
    return len(shares) == 1 and whole == alone.get(shares[0].state)


# -- sellers -----------------------------------------------------------------------------------


def _told(house: Compared, orders: list[Order], sellers: Iterable[Told]) -> Iterator[str]:
    """What was acknowledged is there, and is what would be said again."""
    owners = {order.order_id: order.seller for order in orders}
    replies = house.database.replies()
    for seller in sellers:
        for sent in seller.memory.sent:
            if sent.done is None:
                continue
            if owners.get(sent.order_id) != seller.org_id:
                yield f"I1: {sent.order_id} was acknowledged to {seller.org_id}, and is not there"
            if replies.get((seller.org_id, f"trx:{sent.key}")) != sent.done:
                yield f"I2: the reply to {sent.key} ({sent.what}) would be another one now"


def _cards(house: Compared) -> Iterator[str]:
    contents = house.database.contents()
    for each in MAGIC:
        if each.number.encode() in contents:
            yield f"I25: the card number {each.number[:4]}… is in the database"
