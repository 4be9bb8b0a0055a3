"""Controls: what the airline lets be sold of what the PSS has, to whom, and for how long."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems

FILE: Final = "controls.toml"
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `seats` are shown on a flight. channel, origin, destination: * for any; first,
    last: local days of departure, None for no bound.
    """

    channel: str
    origin: str
    destination: str
    first: date | None
    last: date | None
    seats: int

    def binds(self, channel: str, origin: str, destination: str, day: date) -> bool:
        return (
            self.channel in {ANY, channel}
            and self.origin in {ANY, origin}
            and self.destination in {ANY, destination}
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, slots=True)
class Controls:
    """safety_stock: seats of each class that are never shown. offer_ttl_s: how long a shopped
    offer can be accepted; price_guarantee_s: how long a priced one keeps its price.
    """

    offer_ttl_s: int
    price_guarantee_s: int
    max_party: int
    max_bounds: int
    safety_stock: int
    caps: tuple[Cap, ...] = field(default=())

    def saleable(
        self, available: int, channel: str, origin: str, destination: str, day: date
    ) -> int:
        """Seats to show of those that the PSS has, never below 0."""
        seats = available - self.safety_stock
        for cap in self.caps:
            if cap.seats < seats and cap.binds(channel, origin, destination, day):
                seats = cap.seats
        return max(seats, 0)


def load_controls(folder: Path, problems: Problems) -> Controls:
    entry = entries(folder, FILE, problems)
    entry.only("offer_ttl_s", "price_guarantee_s", "max_party", "max_bounds", "safety_stock", "cap")
    return Controls(
        entry.integer("offer_ttl_s", 60, 86400),
        entry.integer("price_guarantee_s", 60, 86400),
        entry.integer("max_party", 1, 9),
        entry.integer("max_bounds", 1, 6),
        entry.integer("safety_stock", 0, 50),
        tuple(_cap(each) for each in entry.children("cap")),
    )


def _cap(entry: Entry) -> Cap:
    entry.only("channel", "origin", "destination", "first", "last", "seats")
    return Cap(
        entry.text("channel", r"\*|[a-z_]{1,20}", ANY),
        entry.text("origin", r"\*|[A-Z]{3}", ANY),
        entry.text("destination", r"\*|[A-Z]{3}", ANY),
        entry.day("first"),
        entry.day("last"),
        entry.integer("seats", 0, 999),
    )
