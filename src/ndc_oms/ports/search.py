"""How orders are looked for: by one index, newest first, page by page.

An index narrows what has to be looked at; whatever else is asked is weighed order by order
(`orders/criteria.py`). So a search costs what it shows, however many orders there are.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Span:
    """From and until, both included; None: open. Replies show whole seconds, so a whole second
    includes all that happened within it.
    """

    first: datetime | None = None
    last: datetime | None = None

    @property
    def end(self) -> datetime | None:
        """The last moment of the span, to the microsecond."""
        if self.last is None or self.last.microsecond:
            return self.last
        return self.last.replace(microsecond=999_999)

    def holds(self, moment: datetime) -> bool:
        end = self.end
        return (self.first is None or self.first <= moment) and (end is None or moment <= end)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Calendar days from and until, both included; None: open."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


EVER: Final = Span()
ANY_DAY: Final = DaySpan()


@dataclass(frozen=True, slots=True)
class Place:
    """Where and on which local day."""

    station: str
    day: date


@dataclass(frozen=True, slots=True)
class ByCreation:
    """All of them, newest first."""


@dataclass(frozen=True, slots=True)
class ByChange:
    """Those that changed within the span; the latest changed first."""

    span: Span


@dataclass(frozen=True, slots=True)
class ByDeparture:
    """Those whose journey begins within the span; the last to depart first."""

    span: DaySpan


@dataclass(frozen=True, slots=True)
class BySurname:
    surname: str


@dataclass(frozen=True, slots=True)
class ByLocator:
    locator: str


@dataclass(frozen=True, slots=True)
class ByDocument:
    number: str


@dataclass(frozen=True, slots=True)
class ByPaying:
    """status: of model.paid.PaymentStatus."""

    status: str


@dataclass(frozen=True, slots=True)
class ByFlight:
    """Marketing designator and number."""

    carrier: str
    number: str


@dataclass(frozen=True, slots=True)
class ByFlightDeparture:
    place: Place


@dataclass(frozen=True, slots=True)
class ByFlightArrival:
    place: Place


Index = (
    ByCreation
    | ByChange
    | ByDeparture
    | BySurname
    | ByLocator
    | ByDocument
    | ByPaying
    | ByFlight
    | ByFlightDeparture
    | ByFlightArrival
)


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """seller: whose orders. created: weighed by the index itself, unless it is in another order.
    after: the order id that the page before ended with; limit: of orders.
    """

    seller: str
    by: Index
    created: Span = EVER
    after: str | None = None
    limit: int = 50
