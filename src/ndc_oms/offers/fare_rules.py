"""The rules of a fare by its basis, as `pricing.py` makes it: KLLTOW21, with what a passenger type
and an agreement put behind it.
"""

import re
from dataclasses import dataclass
from typing import Final

from ndc_oms.model.product import FareFamily, Restriction
from ndc_oms.offers.pricing import restrictions
from ndc_oms.world.world import World

_BASIS: Final = re.compile(
    r"([A-Z])([A-Z])([A-Z0-9]{1,3}?)OW([0-9]{0,3})([A-Z0-9]{0,4})(?:/.{1,10})?"
)


@dataclass(frozen=True, slots=True)
class FoundRules:
    family: FareFamily
    changes: tuple[Restriction, ...]
    cancellations: tuple[Restriction, ...]


@dataclass(frozen=True, slots=True)
class FareRules:
    """Over one world."""

    world: World

    def find(self, origin: str, destination: str, basis: str, currency: str) -> FoundRules | None:
        """None where no such fare is filed between the airports. currency: of the amounts, the
        airline's own where it does not price in this one.
        """
        written = _BASIS.fullmatch(basis)
        airports = self.world.airports
        ends = {origin, destination}
        if written is None or len(ends) < 2 or not ends <= airports.keys():
            return None
        rbd, season, part, advance, suffix = written.groups()
        market = self.world.fares.market(airports[origin], airports[destination])
        family = self._family(part)
        suffixes = {rule.basis_suffix for rule in self.world.passenger_types.values()}
        if market is None or family is None or suffix not in suffixes:
            return None
        if not self.world.fares.filed(market, season, family.code, rbd, int(advance or 0)):
            return None
        known = currency if currency in self.world.currencies else self.world.airline.currency
        return FoundRules(family, *restrictions(self.world, family.code, known, None))

    def _family(self, part: str) -> FareFamily | None:
        rules = self.world.family_rules
        return next((each for each in self.world.families if rules[each.code].basis == part), None)
