"""OrderRetrieve: an order by its id, or by booking reference and surname."""

from dataclasses import dataclass

from ndc_oms.errors import Invalid, NotFound
from ndc_oms.fulfilment import names
from ndc_oms.model.passenger import People
from ndc_oms.model.spelling import on_ticket
from ndc_oms.orders.answer import view
from ndc_oms.orders.request import OrderView, RetrieveRequest
from ndc_oms.ports.sellers import Seller
from ndc_oms.ports.store import OrderRecord, Store


@dataclass(frozen=True, slots=True)
class RetrieveOrder:
    """owner: our designator."""

    store: Store
    owner: str

    async def __call__(self, request: RetrieveRequest, seller: Seller | None) -> OrderView:
        """seller: None for the airline's own staff, who see every order.

        Raises NotFound (129): no such order, another seller's, another airline's, or the name is
        not on it; the four read alike, so that nobody learns what exists. Invalid (912) where the
        request names no order.
        """
        org_id = seller.org_id if seller else None
        if request.owner is not None and request.owner != self.owner:
            raise _not_found(request)
        if request.order_id:
            return view(await self._by_id(request, request.order_id, org_id))
        if request.locator:
            return view(await self._by_booking(request, request.locator, org_id))
        raise Invalid(
            "The request names no order.",
            path=request.path,
            remedy="Send an OrderID with its OwnerCode, or a booking reference with a surname.",
        )

    async def _by_id(
        self, request: RetrieveRequest, order_id: str, org_id: str | None
    ) -> OrderRecord:
        try:
            return await self.store.get_order(order_id.strip().upper(), org_id)
        except NotFound:
            raise _not_found(request) from None

    async def _by_booking(
        self, request: RetrieveRequest, locator: str, org_id: str | None
    ) -> OrderRecord:
        if not request.surname:
            raise Invalid(
                "A booking reference comes with the surname of one of its passengers.",
                code="151",
                path=request.path,
                remedy="Add the surname.",
            )
        found = await self.store.find_by_booking(locator.strip().upper(), org_id)
        if found is None or not _names(found.people, request.surname, request.given_name):
            raise _not_found(request)
        return found


def _names(people: People, surname: str, given: str | None) -> bool:
    """Whether somebody of them is called so, spelt as a ticket spells it."""
    wanted = on_ticket(surname)
    return any(
        names.surname(person) == wanted
        and (not given or names.given(person).split()[:1] == on_ticket(given).split()[:1])
        for person in people.persons
    )


def _not_found(request: RetrieveRequest) -> NotFound:
    return NotFound(
        "There is no such order, or it is not yours.",
        path=request.path,
        remedy="Check the OrderID, or the booking reference and the name, and who made the order.",
    )
