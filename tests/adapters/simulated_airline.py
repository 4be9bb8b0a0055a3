"""A tiny inventory and a clock that moves: what the simulator's tests stand on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from ndc_oms.model.journey import FlightKey, Leg, Segment
from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat
from ndc_oms.ports.pss import CabinInventory, PssSettings

DAY = date(2031, 5, 20)
FLIGHTS = tuple(FlightKey("T8", str(100 + n), DAY, "YYZ", f"BB{chr(65 + n)}") for n in range(8))
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
        return self.fitted("789")

    def fitted(self, aircraft: str) -> Mapping[Cabin, tuple[Seat, ...]]:  # noqa: ARG002  # the port's
        return {Cabin.ECONOMY: tuple(Seat(row, at) for row in (1, 2, 3) for at in "ABC")}

    def on(self, day: date) -> Sequence[FlightKey]:
        return FLIGHTS if day == DAY else ()

    def segment(self, flight: FlightKey) -> Segment:
        if flight not in FLIGHTS:
            raise KeyError(flight)
        departure = datetime(2031, 5, 20, 8, 0, tzinfo=UTC)
        leg = Leg("YYZ", flight.destination, departure, departure + timedelta(hours=2), "789")
        return Segment("T8", flight.number, "T8", flight.number, (leg,))

    def itinerary(self, carrier: str, number: str, day: date) -> Sequence[FlightKey]:
        return [each for each in FLIGHTS if each[:3] == (carrier, number, day)]

    def equipped(
        self, _aircraft: Sequence[str], _share: int, seats: Mapping[Cabin, int] | None
    ) -> tuple[CabinInventory, ...]:
        """Business and economy with one class each, as many seats as are said."""
        if seats is None:
            raise KeyError("no types are known here")
        rbds = {Cabin.BUSINESS: ("J",), Cabin.ECONOMY: ("Y", "B", "Q")}
        return tuple(
            CabinInventory(
                cabin,
                many,
                tuple((r, many) for r in rbds[cabin]),
                tuple((r, 0) for r in rbds[cabin]),
            )
            for cabin, many in seats.items()
        )

    def zone(self, _airport: str) -> tzinfo:
        return UTC


class MovingClock:
    def __init__(self) -> None:
        self.instant = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by


def settings(folder: str, clock: MovingClock, options: Mapping[str, str] = {}) -> PssSettings:
    return PssSettings(folder, "T8", "968", TinyInventory(), clock.now, options)
