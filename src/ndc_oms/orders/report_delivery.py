"""ServiceStatusChangeNotif: a provider tells how far the services are that it delivers.

All of a message is looked at before anything of it is recorded; then each order in a transaction of
its own. What a service is already needs no recording. The same message again (by its key) is
answered as the first time and changes nothing, also when more was told meanwhile: each event names
the message that it came with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ndc_oms.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from ndc_oms.fulfilment.deliver import Deliverer
from ndc_oms.fulfilment.plan import record, waiting_task
from ndc_oms.model.events import DeliveryReported, ServiceState
from ndc_oms.model.items import Item, OrderItem, Service
from ndc_oms.model.order import Order
from ndc_oms.model.providers import of_provider, provider_of
from ndc_oms.model.reported import REPORTABLE, may_become, uses_of
from ndc_oms.model.status import DeliveryStatus
from ndc_oms.orders.answer import changed
from ndc_oms.orders.claim import Claims, needed_key
from ndc_oms.orders.request import OrderReference
from ndc_oms.ports.clock import Clock
from ndc_oms.ports.failpoint import reached
from ndc_oms.ports.sellers import Attempt, Seller
from ndc_oms.ports.store import Replay, Store
from ndc_oms.world.providers import Provider

MESSAGE = "IATA_ServiceStatusChangeNotifRQ"
RETRY_S = 5


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """status: in the sender's word. provider: whom it names as the one who delivers."""

    service_id: str
    item_id: str
    passenger_id: str
    status: str
    provider: str
    path: str


@dataclass(frozen=True, slots=True)
class OrderReport:
    order: OrderReference
    services: tuple[ServiceReport, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    orders: tuple[OrderReport, ...]


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """changed: services that are at another status by this message. replay: bytes that were sent
    for it before.
    """

    changed: int
    replay: bytes | None = None


@dataclass(frozen=True, slots=True)
class ReportDelivery:
    """owner: our designator. providers: of the world, by OrgID."""

    store: Store
    owner: str
    providers: Mapping[str, Provider]
    deliverer: Deliverer
    clock: Clock
    reply_within_s: float = 8.0

    async def __call__(
        self, request: DeliveryRequest, sender: Seller, attempt: Attempt | None
    ) -> DeliveryResult:
        """Raises NotAllowed (368) for who delivers nothing, or not this; NotFound (129) for an
        order of which the sender delivers nothing; NotAllowed (182) for a status that the service
        cannot come to; Unavailable (182) while the order is being changed; Conflict (476) for a
        key that came with another message.
        """
        key = needed_key(attempt, MESSAGE)
        provider = self._provider(sender, request)
        claims = Claims(
            self.store,
            self.clock,
            sender.org_id,
            key,
            changed,
            self.deliverer.owner,
            changes=True,
        )
        first = request.orders[0].order.order_id
        standing = await claims.reserve(first, "", self.reply_within_s)
        if isinstance(standing, Replay) and standing.reply is not None:
            return DeliveryResult(0, standing.reply)
        reached("delivery.claimed")
        try:
            return DeliveryResult(await self._carry_out(request, provider, key))
        except Exception:
            await claims.drop()
            raise

    async def _carry_out(self, request: DeliveryRequest, provider: Provider, key: Attempt) -> int:
        for report in request.orders:
            order = await self._find(report, provider)
            if not await self._came_before(order, provider, key):
                _states(order, report, provider)
        moved = 0
        for report in request.orders:
            moved += await self._record(report, provider, key)
        if moved:
            self.deliverer.wake()
        return moved

    def _provider(self, sender: Seller, request: DeliveryRequest) -> Provider:
        provider = self.providers.get(sender.org_id)
        if provider is None:
            raise NotAllowed(
                f"{sender.org_id} is no provider of this airline.",
                remedy="Ask the airline to enter it as one.",
            )
        for report in request.orders:
            for each in report.services:
                if each.provider != provider.org_id:
                    raise NotAllowed(
                        "The DeliveryProvider is not the one whose key was sent.",
                        path=f"{each.path}/DeliveryProvider/ID",
                        remedy="Name the ID that belongs to the key.",
                    )
        return provider

    async def _find(self, report: OrderReport, provider: Provider) -> Order:
        """An order of which it delivers nothing reads like none."""
        asked = report.order
        try:
            found = (await self.store.get_order(asked.order_id.strip().upper(), None)).order
        except NotFound:
            raise _unknown(asked.path) from None
        flights = {segment.flight.operator for segment in found.segments}
        own = of_provider(found, provider.org_id) or flights & provider.carriers
        if asked.owner != self.owner or not own:
            raise _unknown(asked.path)
        return found

    async def _came_before(self, order: Order, provider: Provider, key: Attempt) -> bool:
        """Whether what the message says of the order was recorded."""
        return any(
            isinstance(event, DeliveryReported)
            and (event.provider, event.key) == (provider.org_id, key.key)
            for event in await self.store.list_events(order.order_id)
        )

    async def _record(self, report: OrderReport, provider: Provider, key: Attempt) -> int:
        """How many services it moved. Raises what `_states` does, where the order has changed."""
        while True:
            order = await self._find(report, provider)
            if await self._came_before(order, provider, key):
                return 0
            states = _states(order, report, provider)
            if not states:
                return 0
            now = self.clock.now()
            event = DeliveryReported(
                at=now,
                provider=provider.org_id,
                key=key.key,
                services=states,
                uses=uses_of(order, states),
            )
            unit = record(order, (event,), now, done_task=waiting_task(order))
            reached("delivery.before")
            try:
                await self.store.write(unit)
            except Conflict:
                continue  # something else happened to it meanwhile
            reached("delivery.recorded")
            return len(states)


def _states(order: Order, report: OrderReport, provider: Provider) -> tuple[ServiceState, ...]:
    """What is news of it; see `ReportDelivery` for what is raised."""
    found = []
    for each in report.services:
        item, service = _service(order, each)
        _check_whose(order, item, service, each, provider)
        told = _status(each)
        if service.delivery is told:
            continue
        _check_at_rest(order, each)
        if not may_become(service, told):
            raise NotAllowed(
                f"Service {service.id} is {service.delivery} and does not become {told}.",
                code="182",
                path=f"{each.path}/DeliveryStatusCode",
                remedy="Tell what follows from where it stands.",
            )
        found.append(ServiceState(service.id, told))
    return tuple(found)


def _service(order: Order, report: ServiceReport) -> tuple[Item, Service]:
    every: Sequence[Item] = (*order.items, *order.ancillaries)
    for item in every:
        for service in item.services:
            if service.id == report.service_id:
                if (item.id, item.passenger_id) != (report.item_id, report.passenger_id):
                    break
                return item, service
    raise NotFound(
        "The order has no such service of this item and passenger.",
        path=f"{report.path}/ServiceID",
        remedy="Name item, passenger and service as ServiceDeliveryNotifRQ does.",
    )


def _check_whose(
    order: Order, item: Item, service: Service, report: ServiceReport, provider: Provider
) -> None:
    whose = provider_of(order, item, service)
    own = whose in provider.carriers if isinstance(item, OrderItem) else whose == provider.org_id
    if not own:
        raise NotAllowed(
            f"Service {service.id} is delivered by somebody else.",
            path=f"{report.path}/ServiceID",
            remedy="Tell only of services of your own.",
        )


def _status(report: ServiceReport) -> DeliveryStatus:
    path = f"{report.path}/DeliveryStatusCode"
    word = report.status.upper()
    known = sorted(each.value for each in REPORTABLE)
    if word not in known:
        raise Invalid(
            f"{report.status[:40]!r} is not for a provider to tell.",
            path=path,
            remedy=f"Tell one of: {', '.join(known)}.",
        )
    return DeliveryStatus(word)


def _check_at_rest(order: Order, report: ServiceReport) -> None:
    """What is being taken back, or exchanged, is not delivered meanwhile."""
    if order.cancellation is None and order.change is None and order.failure is None:
        return
    raise Unavailable(
        f"Order {order.order_id} is being changed at the moment.",
        code="182",
        path=report.path,
        remedy="Send the message again.",
        retry_after_s=RETRY_S,
    )


def _unknown(path: str) -> NotFound:
    return NotFound(
        "There is no such order, or nothing of it is yours to deliver.",
        path=path,
        remedy="Check the OrderID and its OwnerCode.",
    )
