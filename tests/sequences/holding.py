"""What must hold after every step: every invariant of the store, the books of the PSS, the
gateways and partners beside ours, each document beside what it is good for, the ledger
beside what was paid.
"""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from tests.sequences.life import BrokenError, Life
from tests.sequences.telling import unsound

from ndc_oms.fulfilment.plan import settled
from ndc_oms.kit.simulation.audit import audit, compare
from ndc_oms.model.balance import unpaid_items
from ndc_oms.model.ledger import Account
from ndc_oms.model.order import Order
from ndc_oms.model.status import CouponStatus, OrderStatus, PaymentState
from ndc_oms.store.tables import ledger_entries

_SUMS = select(ledger_entries.c.account, func.sum(ledger_entries.c.minor)).group_by(
    ledger_entries.c.account
)


async def check(life: Life) -> None:
    """Raises BrokenError with everything that does not hold. Events that were looked at before and
    stand there still are not folded again until the end.
    """
    found = await compare(life.house, [life], life.histories)
    order = life.order
    found += _money(life, order)
    if found:
        raise BrokenError("; ".join(found))


async def check_end(life: Life) -> None:
    """And when it is over, all of it from the first event on."""
    if found := [*await audit(life.house, [life]), *unsound(life.house.database)]:
        raise BrokenError("; ".join(found))


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
