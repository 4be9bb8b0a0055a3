"""The world: everything the airline's folder says, in memory, for looking up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ndc_oms.model.passenger import PassengerType
from ndc_oms.model.product import Cabin, FareFamily
from ndc_oms.ports.pss import InventorySource
from ndc_oms.world.airline import Airline
from ndc_oms.world.airports import Airport
from ndc_oms.world.connections import ConnectingTimes
from ndc_oms.world.controls import Controls
from ndc_oms.world.currencies import CurrencyRule
from ndc_oms.world.fares import FareTable
from ndc_oms.world.partners import PartnerTerms
from ndc_oms.world.passengers import PassengerRule
from ndc_oms.world.payments import Route
from ndc_oms.world.personal import Personal
from ndc_oms.world.phrases import Phrases
from ndc_oms.world.points_of_sale import PointOfSale
from ndc_oms.world.products import BookingClass, FamilyRules
from ndc_oms.world.providers import Provider
from ndc_oms.world.seat_maps import SeatMap
from ndc_oms.world.sellers import Seller
from ndc_oms.world.services import Catalogue
from ndc_oms.world.servicing import Servicing
from ndc_oms.world.taxes import TaxTable
from ndc_oms.world.timetable import Timetable


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """One airline's data. Compared and hashed by identity: a reload makes another world. Shown by
    its name alone: all of it is megabytes of text, which whoever shows a task or a house pays for.

    version: of what it says, 12 hexadecimal digits; the pricing version of offers.
    """

    airline: Airline
    version: str
    airports: Mapping[str, Airport]
    timetable: Timetable
    families: tuple[FareFamily, ...]  # by rank, the cheapest first
    classes: tuple[BookingClass, ...]  # cabin by cabin, the highest first
    passenger_types: Mapping[PassengerType, PassengerRule]
    currencies: Mapping[str, CurrencyRule]
    fares: FareTable
    taxes: TaxTable
    family_rules: Mapping[str, FamilyRules]
    equipment: Mapping[str, Mapping[Cabin, int]]
    connecting_times: ConnectingTimes
    controls: Controls
    sellers: tuple[Seller, ...]
    inventory: InventorySource
    places: Mapping[str, tuple[str, ...]]
    personal: Personal = field(default_factory=Personal)
    phrases: Phrases = field(default_factory=Phrases)
    points_of_sale: Mapping[str, PointOfSale] = field(default_factory=dict)
    alliances: Mapping[str, frozenset[str]] = field(default_factory=dict)
    partners: tuple[PartnerTerms, ...] = ()
    servicing: Servicing = field(default_factory=Servicing)
    routes: tuple[Route, ...] = ()  # of payments
    seat_maps: Mapping[str, SeatMap] = field(default_factory=dict)  # by aircraft type
    services: Catalogue = field(default_factory=Catalogue)
    providers: Mapping[str, Provider] = field(default_factory=dict)  # by OrgID
    _families: dict[str, FareFamily] = field(init=False)
    _classes: dict[str, BookingClass] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_families", {each.code: each for each in self.families})
        object.__setattr__(self, "_classes", {each.rbd: each for each in self.classes})

    def __repr__(self) -> str:
        return f"<World of {self.airline.designator}, {self.version}>"

    def locate(self, code: str) -> tuple[str, ...]:
        """The airport itself, or a city's airports; empty for a code that is not served."""
        return self.places.get(code, ())

    def family(self, code: str) -> FareFamily:
        """Raises KeyError."""
        return self._families[code]

    def booking_class(self, rbd: str) -> BookingClass:
        """Raises KeyError."""
        return self._classes[rbd]

    def minimum_connection(
        self, airport: str, origin_country: str, destination_country: str
    ) -> timedelta:
        """The least time between two flights at an airport. origin_country: where the first
        comes from; destination_country: where the second goes to.
        """
        here = self.airports[airport].country
        return self.connecting_times.minimum(
            airport, origin_country == here, destination_country == here
        )
