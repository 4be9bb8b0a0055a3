"""AirlineProfile: what the airline sells, where, and within which limits, as the world says it."""

from dataclasses import dataclass

from ndc_oms.errors import Unavailable
from ndc_oms.ports.sellers import Seller
from ndc_oms.world.world import World


@dataclass(frozen=True, slots=True)
class ProfileRequest:
    """owners: whose profiles; none: whoever is asked."""

    owners: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """markets: pairs of airports that are flown without a stop, each pair once, in both
    directions where `both`. facts: what else a seller should know, by name.
    """

    designator: str
    name: str
    markets: tuple[tuple[str, str, bool], ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShowProfile:
    """The act."""

    world: World

    async def __call__(self, request: ProfileRequest, seller: Seller) -> Profile:
        """Raises Unavailable (493) for another airline's profile."""
        airline = self.world.airline
        if request.owners and airline.designator not in request.owners:
            raise Unavailable(
                f"Here is the profile of {airline.designator} only.",
                code="493",
                path=request.path,
                remedy=f"Ask for {airline.designator}, or for all profiles.",
            )
        return Profile(
            airline.designator, airline.name, tuple(self._markets()), tuple(self._facts(seller))
        )

    def _markets(self) -> list[tuple[str, str, bool]]:
        timetable, own = self.world.timetable, sorted(self.world.airports)
        flown = {(a, b) for a in own for b in timetable.destinations(a) if b in self.world.airports}
        return [(a, b, (b, a) in flown) for a, b in sorted(flown) if a < b or (b, a) not in flown]

    def _facts(self, seller: Seller) -> list[tuple[str, str]]:
        world, controls = self.world, self.world.controls
        forms = sorted({route.form.value for route in world.routes})
        prefers = seller.currency if seller.currency in world.currencies else ""
        return [
            ("Hub", world.airline.hub),
            ("Currencies", " ".join(sorted(world.currencies))),
            ("SellerCurrency", prefers or world.airline.currency),
            ("PassengerTypes", " ".join(sorted(each.value for each in world.passenger_types))),
            ("Cabins", " ".join(sorted({each.cabin.value for each in world.families}))),
            *(("FareFamily", f"{each.code} {each.name}") for each in world.families),
            ("MostSeatedPassengers", str(controls.max_party)),
            ("MostOriginDestinations", str(controls.max_bounds)),
            ("DaysOnSale", str(world.airline.sell_days)),
            ("OfferLifetimeSeconds", str(controls.offer_ttl_s)),
            ("PriceGuaranteeSeconds", str(controls.price_guarantee_s)),
            *(("PaymentForm", form) for form in forms),
            *(("Partner", each.carrier) for each in world.partners),
        ]
