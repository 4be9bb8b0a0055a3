"""What an offer of a change says of itself to people: money, limits, what becomes of services."""

from collections.abc import Iterator
from datetime import UTC

from ndc_oms.model.items import AncillaryItem
from ndc_oms.model.money import total
from ndc_oms.model.order import Order
from ndc_oms.model.quote import Proposal, Quote, collected_by, refunded_by


def in_words(order: Order, quote: Quote, proposal: Proposal) -> Iterator[str]:
    items = proposal.items
    sums = {
        "is to be paid": collected_by(proposal, quote.currency),
        "comes back": refunded_by(proposal, quote.currency),
        "stays as a value for another purchase": total(
            (each.residual for each in items), quote.currency
        ),
    }
    said = [f"{money} {what}" for what, money in sums.items() if money]
    fees = total((each.penalty for each in items), quote.currency)
    with_fee = f", a fee of {fees} included" if fees else ""
    yield f"{'; '.join(said) or 'Nothing is to be paid'}{with_fee}."
    if proposal.unpaid and proposal.payment_limit_at is None:
        yield "These flights are not held: they are paid for with the change."
    elif proposal.unpaid and proposal.payment_limit_at is not None:
        yield f"It may be paid until {proposal.payment_limit_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}."
    for each in proposal.followed:
        yield f"{_service(order, each.item_id)} goes with the passenger to the new flights."
    for back in proposal.given_up:
        comes = f"{back.refund} of it comes back" if back.old.total else "it cost nothing"
        yield f"{_service(order, back.item_id)} does not go with the passenger: {comes}."


def _service(order: Order, item_id: str) -> str:
    """A service by its name, with whose it is."""
    item = order.item(item_id)
    name = item.product.name if isinstance(item, AncillaryItem) else item.family.name
    return f"{name} ({item_id}, passenger {item.passenger_id})"
