"""What a payment provider calls back with: the payer paid on its page, or gave up.

Signed by the provider; heard once, however often it comes. A callback that is lost costs nothing
either: when the payer's time is over, the provider is asked (`CLOSE_PAGE`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ndc_oms.errors import Conflict, NotFound
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.paying import declined
from ndc_oms.fulfilment.plan import record, waiting_task
from ndc_oms.model.events import Event, PaymentAuthorised
from ndc_oms.model.order import Order
from ndc_oms.model.payment import Payment
from ndc_oms.model.status import PaymentState
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.payment import PaymentGateway, PaymentNotice, RedirectGateway
from ndc_oms.ports.store import Store

_NOT_PAID: Final = "The payer did not pay"


@dataclass(frozen=True, slots=True)
class PaymentCallback:
    store: Store
    gateways: Mapping[str, PaymentGateway]
    deliverer: Deliverer
    clock: Clock

    async def __call__(self, gateway: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Returns when it is on disk, or was before. Raises NotFound (129) for a provider or a
        payment that there is not, NotAllowed (368) for a wrong signature, Invalid (912) for what
        cannot be read, Conflict (476) for money that is no longer wanted: the provider lets it go.
        """
        provider = self.gateways.get(gateway)
        if not isinstance(provider, RedirectGateway):
            raise NotFound(f"No payment provider {gateway!r} calls back here.")
        notice = provider.read_notice(body, headers)
        order_id = notice.reference.partition(":")[0]
        while True:
            found = await self.store.get_order(order_id, None)
            payment = _payment(found.order, gateway, notice)
            if _known(payment, notice):
                return
            now = self.clock.now()
            unit = record(
                found.order,
                _events(found.order, payment, notice, now),
                now,
                done_task=waiting_task(found.order),
            )
            try:
                await self.store.write(unit)
            except Conflict:
                continue
            reached("callback.recorded")
            self.deliverer.wake()
            return


def _payment(order: Order, gateway: str, notice: PaymentNotice) -> Payment:
    for payment in order.payments:
        if (payment.gateway, payment.session) == (gateway, notice.session):
            return payment
    raise NotFound(f"Order {order.order_id} has no such payment.")


def _known(payment: Payment, notice: PaymentNotice) -> bool:
    """Whether nothing is new. Raises Conflict."""
    if payment.state is PaymentState.AWAITING:
        return False
    if notice.authorisation not in (None, payment.authorisation):
        raise Conflict("The payment is no longer wanted.", remedy="Let the authorisation go.")
    return True


def _events(
    order: Order, payment: Payment, notice: PaymentNotice, now: datetime
) -> tuple[Event, ...]:
    if notice.authorisation is None:
        reason = f"{_NOT_PAID}: {notice.reason}." if notice.reason else f"{_NOT_PAID}."
        return declined(order, payment, "466", reason, now)
    return (PaymentAuthorised(at=now, payment_id=payment.id, authorisation=notice.authorisation),)
