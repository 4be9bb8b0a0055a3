"""A tiny inventory and a clock that moves: what the simulator's tests stand on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from ndc_oms.model.journey import FlightKey
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat
from ndc_oms.ports.pss import CabinInventory, PssSettings

DAY = date(2031, 5, 20)
FLIGHTS = tuple(FlightKey("T8", str(100 + n), DAY, "YYZ", f"AA{n}") for n in range(8))
LIMITS = (("Y", 9), ("B", 6), ("Q", 4))
SOLD = (("Y", 0), ("B", 1), ("Q", 1))


class TinyInventory:
    """Eight flights; Y, B, Q nested in economy (4 B and 3 Q left), J alone in business."""

    def cabins(self, flight: FlightKey) -> tuple[CabinInventory, ...]:
        if flight not in FLIGHTS:
            raise KeyError(flight)
        return (
            CabinInventory(Cabin.BUSINESS, 2, (("J", 2),), (("J", 0),)),
            CabinInventory(Cabin.ECONOMY, 9, LIMITS, SOLD),
        )

    def seats(self, flight: FlightKey) -> Mapping[Cabin, tuple[Seat, ...]]:
        """Rows 1 to 3 of three; business has no map."""
        self.cabins(flight)
        return {Cabin.ECONOMY: tuple(Seat(row, at) for row in (1, 2, 3) for at in "ABC")}

    def on(self, day: date) -> Sequence[FlightKey]:
        return FLIGHTS if day == DAY else ()


class MovingClock:
    def __init__(self) -> None:
        self.instant = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by


def settings(folder: str, clock: MovingClock, options: Mapping[str, str] = {}) -> PssSettings:
    return PssSettings(folder, "T8", "968", TinyInventory(), clock.now, options)
