"""What tests of changes by the airline share: flights that change, and what comes of it."""

from datetime import date, timedelta

from lxml import etree
from tests.e2e.servicing import seen, settle, texts
from tests.houses import Served

from ndc_oms.kit.client import Reply
from ndc_oms.kit.conversation import OrderSummary
from ndc_oms.model.airline_change import FlightChange
from ndc_oms.model.items import OrderSegment
from ndc_oms.model.order import Order
from ndc_oms.ports.outcome import Confirmed


async def kept(served: Served, order: OrderSummary) -> Order:
    return (await served.house.store.get_order(order.order_id, None)).order


async def first_segment(served: Served, order: OrderSummary, place: int = 0) -> OrderSegment:
    return (await kept(served, order)).segments[place]


def day(of: date) -> str:
    return f"{of:%d%b%y}".upper()


def asm(action: str, segment: OrderSegment, *lines: str, on: date | None = None) -> str:
    flight = segment.flight
    named = f"{flight.operator}{flight.operator_number}/{day(on or flight.departure.date())}"
    return "\n".join(["ASM", "LT", action, named, *lines])


def cancelled(segment: OrderSegment) -> str:
    return asm("CNL", segment)


def retimed(segment: OrderSegment, by: timedelta) -> str:
    """The same legs, later or earlier."""
    lines = []
    begin = segment.flight.departure.date()
    for leg in segment.flight.legs:
        leaves, arrives = leg.departure + by, leg.arrival + by
        after = [(each.date() - begin).days for each in (leaves, arrives)]
        ends = [f"{code}{each:%H%M}" + (f"/{n}" if n else "")
                for code, each, n in zip((leg.origin, leg.destination), (leaves, arrives), after,
                                         strict=True)]  # fmt: skip
        lines.append(" ".join(ends))
    return asm("TIM", segment, *lines)


async def told(served: Served, messages: str) -> tuple[FlightChange, ...]:
    """The PSS carries the messages out, and the house hears of it and does what is due."""
    done = await served.pss.schedule(messages)
    assert isinstance(done, Confirmed), done
    await heard(served)
    return done.value


async def heard(served: Served) -> None:
    await served.house.availability.catch_up()
    await served.house.feed.run_due()
    await settle(served)


async def after(served: Served, order: OrderSummary) -> Reply:
    await heard(served)
    return await seen(served, order)


def flights(reply: Reply) -> list[str]:
    """As T8101 2027-03-13T18:30, those of PaxSegmentList in its order."""
    lists = reply.all("Response/DataLists")[0]
    known = {
        each.findtext("{*}DatedMarketingSegmentId"): _flight(each)
        for each in lists.iterfind("{*}DatedMarketingSegmentList/{*}DatedMarketingSegment")
    }
    refs = lists.iterfind("{*}PaxSegmentList/{*}PaxSegment/{*}DatedMarketingSegmentRefId")
    return [known[each.text] for each in refs]


def _flight(node: etree._Element) -> str:
    carrier = node.findtext("{*}CarrierDesigCode") or ""
    number = node.findtext("{*}MarketingCarrierFlightNumberText") or ""
    at = node.findtext("{*}Dep/{*}AircraftScheduledDateTime") or ""
    return f"{carrier}{number} {at[:16]}"


def actions(reply: Reply) -> list[tuple[str, str]]:
    """(limit, consequence) of each item that waits for the seller."""
    return [
        (
            each.findtext("{*}ActionTimeLimitDateTime") or "",
            each.findtext("{*}ConsequenceOfInactionCode") or "",
        )
        for each in reply.all("Response/Order/OrderItem/SellerFollowUpAction")
        if each.findtext("{*}ActionInd") == "true"
    ]


def statuses(reply: Reply) -> list[str]:
    return sorted(set(texts(reply, "DeliveryStatusCode")))
