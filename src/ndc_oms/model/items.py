"""What an order consists of: flights, and what was bought on them for whom."""

from dataclasses import dataclass
from datetime import datetime

from ndc_oms.model.ancillary import EmdKind, Product
from ndc_oms.model.journey import Segment
from ndc_oms.model.offer import Fare
from ndc_oms.model.product import Baggage, Cabin, Restriction
from ndc_oms.model.seat import Seat, Trait
from ndc_oms.model.status import (
    DeliveryStatus,
    ItemStatus,
    ServiceStatus,
)
from ndc_oms.model.step import Failure


@dataclass(frozen=True, slots=True)
class OrderSegment:
    """A flight of the order. id: unique in the order. bound_index: which bound it belongs to."""

    id: str
    bound_index: int
    flight: Segment
    rbd: str
    cabin: Cabin


@dataclass(frozen=True, slots=True)
class Service:
    """One passenger on one flight: the smallest thing that is delivered. product: of a service of
    a bundle, the code of which part it is.
    """

    id: str
    segment_id: str
    status: ServiceStatus = ServiceStatus.CONFIRMED
    delivery: DeliveryStatus = DeliveryStatus.CONFIRMED
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """The fare family as it was when it was sold."""

    code: str
    name: str
    cabin: Cabin
    description: tuple[str, ...]
    baggage: Baggage


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One passenger on one bound: the smallest thing that is bought, changed and cancelled.

    added: sequence of the event that brought it into the order.
    """

    id: str
    offer_item_id: str
    passenger_id: str
    bound_index: int
    family: Family
    fare: Fare
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]
    services: tuple[Service, ...]
    status: ItemStatus = ItemStatus.ACTIVE
    added: int = 1


@dataclass(frozen=True, slots=True)
class AncillaryItem:
    """A product that a passenger has on one flight or several.

    fare: what all of it costs, `quantity` of them on all its flights; its basis is empty.
    services: one a flight; of a bundle, one a part and flight. traits: of the seat, as it was sold.
    added: see OrderItem; added_at: None with the order itself. withdrawn: it was
    added later, and taken back since that could not be carried out. hold: under which the PSS keeps
    a seat that was chosen after the booking was made, until it is assigned. followed: it went with
    its passenger to other flights.
    """

    id: str
    offer_item_id: str
    passenger_id: str
    product: Product
    fare: Fare
    services: tuple[Service, ...]
    quantity: int = 1
    seat: Seat | None = None
    traits: tuple[Trait, ...] = ()
    status: ItemStatus = ItemStatus.ACTIVE
    added: int = 1
    added_at: datetime | None = None
    withdrawn: Failure | None = None
    hold: str = ""
    followed: bool = False

    @property
    def needs_document(self) -> bool:
        """Paid services stand on an EMD, where the product has one."""
        return bool(self.fare.total) and self.product.emd is not EmdKind.NONE

    def product_of(self, service: Service) -> Product:
        """What is delivered: of a bundle, the part."""
        found = (part for part in self.product.parts if part.code == service.product)
        return next(found, self.product)

    @property
    def shown(self) -> bool:
        """Whether the booking shows it, or a part of it."""
        return any(self.product_of(service).ssr for service in self.services)

    @property
    def goes_along(self) -> bool:
        """Whether a partner can be asked for it on its flights: free, and nothing but an SSR."""
        product = self.product
        apart = product.stock is not None or product.provider or product.parts or self.seat
        return bool(product.ssr) and not apart and not self.fare.total

    @property
    def service_ids(self) -> frozenset[str]:
        return frozenset(service.id for service in self.services)


Item = OrderItem | AncillaryItem
