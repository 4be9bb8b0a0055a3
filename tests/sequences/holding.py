"""What must hold after every step: every invariant of the store, the books of the PSS, the
gateways and partners beside ours, each document beside what it is good for, the ledger beside
what was paid.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator

from sqlalchemy import func, select
from tests.sequences.life import BrokenError, Life, awaiting

from ndc_oms.fulfilment.bookings import own_bookings
from ndc_oms.fulfilment.plan import settled
from ndc_oms.kit.simulation.audit import audit, compare
from ndc_oms.model.balance import unpaid_items
from ndc_oms.model.documents import Document, DocumentType
from ndc_oms.model.ledger import Account
from ndc_oms.model.order import Order
from ndc_oms.model.seat import SeatChoice
from ndc_oms.model.seating import wanted
from ndc_oms.model.status import CouponStatus, OrderStatus, PaymentState
from ndc_oms.ports.outcome import Confirmed
from ndc_oms.store.tables import ledger_entries

_DEAD = {CouponStatus.VOID, CouponStatus.REFUNDED, CouponStatus.EXCHANGED}
_SUMS = select(ledger_entries.c.account, func.sum(ledger_entries.c.minor)).group_by(
    ledger_entries.c.account
)


async def check(life: Life) -> None:
    """Raises BrokenError with everything that does not hold. Events that were looked at before and
    stand there still are not folded again until the end.
    """
    found = await compare(life.house, [life], life.histories)
    order = life.order
    found += _documents(order)
    found += _money(life, order)
    found += [each async for each in _seats(life, order)]
    if found:
        raise BrokenError("; ".join(found))


async def check_end(life: Life) -> None:
    """And when it is over, all of it from the first event on."""
    if found := await audit(life.house, [life]):
        raise BrokenError("; ".join(found))


def _documents(order: Order) -> Iterator[str]:
    """Each live coupon is good for something that the order has, at the value that was paid."""
    if not settled(order):
        return
    flown = {
        (item.passenger_id, each.segment_id) for item in order.live_items for each in item.services
    }
    waiting = {  # our flights that a partner took over, until the seller has taken that
        (passenger_id, segment_id)
        for part in order.parts
        if part.kept and part.protection is not None and not part.protection.handed_over
        for passenger_id in part.protection.passenger_ids
        for segment_id in part.protection.replaces
    }
    services = {each.id: item for item in order.live_ancillaries for each in item.services}
    for document in order.documents:
        for coupon in document.coupons if not document.of_money else ():
            if coupon.status in _DEAD:
                continue
            name = f"{document.number}/{coupon.number}"
            if document.type is DocumentType.TICKET:
                if (document.passenger_id, coupon.segment_id) not in flown | waiting:
                    yield f"I19: {name} is {coupon.status}, and nobody has its flight"
            elif coupon.service_id not in services:
                yield f"I19: {name} is {coupon.status}, and nobody has its service"
            elif services[coupon.service_id].passenger_id != document.passenger_id:
                yield f"I16: {name} is another passenger's"
            else:
                yield from _association(order, document, coupon.segment_id, name)


def _association(order: Order, emd: Document, segment_id: str | None, name: str) -> Iterator[str]:
    """An EMD-A goes with a ticket of its passenger that has a coupon for its flight."""
    if emd.type is not DocumentType.EMD_ASSOCIATED:
        return
    first = {d.number: d.conjunction_of or d.number for d in order.documents}
    tickets = [d for d in order.documents if d.type is DocumentType.TICKET]
    own = [d for d in tickets if first[d.number] == first.get(emd.associated_with or "")]
    if any(d.passenger_id != emd.passenger_id for d in own):
        yield f"I16: {name} goes with another passenger's ticket"
    coupons = [c for d in own for c in d.coupons if c.segment_id == segment_id]
    if not any(each.status not in _DEAD for each in coupons):
        yield f"I16: {name} goes with {emd.associated_with}, which has no coupon for {segment_id}"


def _money(life: Life, order: Order) -> Iterator[str]:
    """What is kept is what the order costs, and what was kept of changes."""
    sums = Counter(dict(life.house.database.rows(_SUMS, {})))
    captured = [p for p in order.payments if p.state in _CAPTURED]
    kept = sum(each.left.minor for each in captured)
    if not settled(order):
        return
    if sums[Account.CLEARING] != kept:
        yield f"I11: {sums[Account.CLEARING]} is posted as received, {kept} was"
    if unpaid_items(order) or order.status is OrderStatus.CLOSED:
        return
    retained = -(sums[Account.PENALTIES] + sums[Account.RESIDUALS])
    if kept != order.total.minor + retained:
        yield f"I12: {kept} is kept for an order of {order.total} and {retained} of changes"
    values = sum(
        d.total.minor
        for d in order.documents
        for c in d.coupons
        if d.of_money and c.status is CouponStatus.OPEN
    )
    if sums[Account.RESIDUALS] != -values:
        yield f"I11: {values} stands on documents as values, {sums[Account.RESIDUALS]} is posted"


_CAPTURED = {PaymentState.CAPTURED, PaymentState.REFUNDED}


async def _seats(life: Life, order: Order) -> AsyncIterator[str]:
    """Who sits where is the same here and at the PSS, once it is booked."""
    if not settled(order) or order.own_booking is None or order.seats_released:
        return
    shown: set[SeatChoice] = set()
    for booking in own_bookings(order):
        found = await life.house.pss.pnr(booking.locator)
        if isinstance(found, Confirmed) and found.value is not None and not found.value.cancelled:
            shown |= set(found.value.choices)
    if awaiting(order):  # the payer first
        return
    if shown != set(order.seated):
        yield f"I9: the PSS has the seats {shown}, the order {order.seated}"
    due = set(wanted(order))
    if not due <= shown:
        yield f"I9: the PSS has the seats {shown}, the order needs {due}"
