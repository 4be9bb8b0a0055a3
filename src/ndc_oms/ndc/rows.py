"""The messages that are served: for each who reads it, who acts, and who writes the answer.

A new message is a file of this room, its act, and a row here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from ndc_oms.ndc import (
    air_shopping,
    airline_profile,
    ignored,
    offer_price,
    order_change,
    order_create,
    order_history,
    order_list,
    order_quote,
    order_reshop,
    order_retrieve,
    order_rules,
    order_view,
    reshop_offers,
    seat_availability,
    service_list,
)
from ndc_oms.ndc.exchange import Act, Keep, Row
from ndc_oms.offers.profile import Profile, ProfileRequest
from ndc_oms.offers.request import PriceRequest, PriceResult, ShopRequest, ShopResult
from ndc_oms.orders.about import AboutRequest
from ndc_oms.orders.history import HistoryRequest, HistoryResult
from ndc_oms.orders.list_services import ServiceListRequest
from ndc_oms.orders.listing import ListRequest, ListResult
from ndc_oms.orders.request import (
    ChangeRequest,
    CreateRequest,
    OrderView,
    QuoteRequest,
    QuoteResult,
    ReshopRequest,
    RetrieveRequest,
)
from ndc_oms.orders.rules import Rules, RulesRequest
from ndc_oms.orders.service_offer import ServiceOffer
from ndc_oms.orders.show_seats import SeatsResult
from ndc_oms.ports.sellers import Attempt, Caller, Seller

PROFILE: Final = "IATA_AirlineProfileRQ"
Request = TypeVar("Request")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Acts:
    """What the messages set going. keep: how a reply of a writing message is kept for replay."""

    shop: Callable[[ShopRequest, Seller], Awaitable[ShopResult]]
    price: Callable[[PriceRequest, Seller], Awaitable[PriceResult]]
    create: Callable[[CreateRequest, Seller, Attempt | None], Awaitable[OrderView]]
    retrieve: Callable[[RetrieveRequest, Seller], Awaitable[OrderView]]
    change: Callable[[ChangeRequest, Seller, Attempt | None], Awaitable[OrderView]]
    reshop: Callable[[ReshopRequest, Seller], Awaitable[QuoteResult]]
    quote: Callable[[QuoteRequest, Seller], Awaitable[QuoteResult]]
    list_orders: Callable[[ListRequest, Seller], Awaitable[ListResult]]
    history: Callable[[HistoryRequest, Seller], Awaitable[HistoryResult]]
    rules: Callable[[RulesRequest, Seller], Awaitable[tuple[Rules, ...]]]
    profile: Callable[[ProfileRequest, Seller], Awaitable[Profile]]
    services: Callable[[ServiceListRequest, Seller], Awaitable[ServiceOffer]]
    seats: Callable[[AboutRequest, Seller], Awaitable[SeatsResult]]
    keep: Keep | None = None


def rows(acts: Acts) -> tuple[Row, ...]:
    """The table, and at its end the message that tells of all of them."""
    table = _rows(acts)
    return (*table, _profile(acts, [*(row.message for row in table), PROFILE]))


def _profile(acts: Acts, messages: list[str]) -> Row:
    return Row(
        message=PROFILE,
        reply="IATA_AirlineProfileRS",
        read=airline_profile.read,
        act=_for_seller(acts.profile),
        write=airline_profile.writer(messages),
        needs="shop",
        ignored=ignored.AIRLINE_PROFILE,
    )


def _rows(acts: Acts) -> tuple[Row, ...]:
    return (
        Row(
            message="IATA_AirShoppingRQ",
            reply="IATA_AirShoppingRS",
            read=air_shopping.read,
            act=_for_seller(acts.shop),
            write=air_shopping.write,
            needs="shop",
            ignored=ignored.AIR_SHOPPING,
        ),
        Row(
            message="IATA_OfferPriceRQ",
            reply="IATA_OfferPriceRS",
            read=offer_price.read,
            act=_for_seller(acts.price),
            write=offer_price.write,
            needs="shop",
            ignored=ignored.OFFER_PRICE,
        ),
        Row(
            message="IATA_ServiceListRQ",
            reply="IATA_ServiceListRS",
            read=service_list.read,
            act=_for_seller(acts.services),
            write=service_list.write,
            needs="shop",
            ignored=ignored.SERVICE_LIST,
        ),
        Row(
            message="IATA_SeatAvailabilityRQ",
            reply="IATA_SeatAvailabilityRS",
            read=seat_availability.read,
            act=_for_seller(acts.seats),
            write=seat_availability.write,
            needs="shop",
            ignored=ignored.SEAT_AVAILABILITY,
        ),
        Row(
            message="IATA_OrderCreateRQ",
            reply="IATA_OrderViewRS",
            read=order_create.read,
            act=_with_attempt(acts.create),
            write=order_view.write,
            writes=True,
            keep=acts.keep,
            needs="order",
            ignored=ignored.ORDER_CREATE,
        ),
        Row(
            message="IATA_OrderRetrieveRQ",
            reply="IATA_OrderViewRS",
            read=order_retrieve.read,
            act=_for_seller(acts.retrieve),
            write=order_view.write,
            needs="order",
            ignored=ignored.ORDER_RETRIEVE,
        ),
        Row(
            message="IATA_OrderListRQ",
            reply="IATA_OrderListRS",
            read=order_list.read,
            act=_for_seller(acts.list_orders),
            write=order_list.write,
            needs="order",
            ignored=ignored.ORDER_LIST,
        ),
        Row(
            message="IATA_OrderHistoryRQ",
            reply="IATA_OrderHistoryRS",
            read=order_history.read,
            act=_for_seller(acts.history),
            write=order_history.write,
            needs="order",
            ignored=ignored.ORDER_HISTORY,
        ),
        Row(
            message="IATA_OrderRulesRQ",
            reply="IATA_OrderRulesRS",
            read=order_rules.read,
            act=_for_seller(acts.rules),
            write=order_rules.write,
            needs="order",
            ignored=ignored.ORDER_RULES,
        ),
        Row(
            message="IATA_OrderReshopRQ",
            reply="IATA_OrderReshopRS",
            read=order_reshop.read,
            act=_for_seller(acts.reshop),
            write=reshop_offers.write,
            needs="order",
            ignored=ignored.ORDER_RESHOP,
        ),
        Row(
            message="IATA_OrderQuoteRQ",
            reply="IATA_OrderReshopRS",
            read=order_quote.read,
            act=_for_seller(acts.quote),
            write=reshop_offers.write,
            needs="order",
            ignored=ignored.ORDER_QUOTE,
        ),
        Row(
            message="IATA_OrderChangeRQ",
            reply="IATA_OrderViewRS",
            read=order_change.read,
            act=_with_attempt(acts.change),
            write=order_view.write,
            writes=True,
            keep=acts.keep,
            needs="order",
            ignored=ignored.ORDER_CHANGE,
        ),
    )


def _for_seller(
    act: Callable[[Request, Seller], Awaitable[Result]],
) -> Act:
    """The exchange hands over who calls; acts ask only which seller it is."""

    async def called(request: Request, caller: Caller) -> Result:
        return await act(request, caller.seller)

    return called


def _with_attempt(
    act: Callable[[Request, Seller, Attempt | None], Awaitable[OrderView]],
) -> Act:
    async def called(request: Request, caller: Caller, attempt: Attempt) -> OrderView:
        return await act(request, caller.seller, attempt if attempt.key else None)

    return called
