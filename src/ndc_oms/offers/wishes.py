"""Wishes: what journeys and fares should be like, and how strongly.

A wish is a feature and a level. Required: what does not have the feature is no answer. Excluded:
what has it, or any part of it, is none. Preferred: what has it is shown first, nothing is left
out. Wishes are pure values, so that answers can be kept by them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from ndc_oms.model.offer import PricedBound
from ndc_oms.model.product import Restriction, Stage

T_contra = TypeVar("T_contra", contravariant=True)


class Level(StrEnum):
    """Source: PrefLevelCode of 21.3, which says `Exclude`."""

    REQUIRED = "Required"
    PREFERRED = "Preferred"
    EXCLUDED = "Exclude"


class Feature(Protocol[T_contra]):
    """Something that a journey or a priced bound has or has not. Hashable."""

    def meets(self, thing: T_contra) -> bool: ...

    def touches(self, thing: T_contra) -> bool:
        """Whether any part of it has the feature: then it is excluded."""
        ...

    @property
    def label(self) -> str:
        """For people, after a number of journeys: `12 without a connection`."""
        ...


@dataclass(frozen=True, slots=True)
class Wish(Generic[T_contra]):
    """path: of the element that asks for it."""

    feature: Feature[T_contra]
    level: Level
    path: str = field(default="", compare=False)

    def admits(self, thing: T_contra) -> bool:
        if self.level is Level.REQUIRED:
            return self.feature.meets(thing)
        return self.level is Level.PREFERRED or not self.feature.touches(thing)

    @property
    def label(self) -> str:
        return f"not {self.feature.label}" if self.level is Level.EXCLUDED else self.feature.label


class FareTrait(StrEnum):
    NO_PENALTY = "without penalty"
    REFUNDABLE = "refundable"
    CHANGEABLE = "changeable"
    WITH_BAG = "with a checked bag"
    WITH_SEAT = "with free choice of seat"
    PUBLIC = "at a public fare"
    PRIVATE = "at an agreement's or promotion's fare"


@dataclass(frozen=True, slots=True)
class Fare:
    """Any of the traits. Without penalty: changing and cancelling before departure are permitted
    and free; refundable, changeable: permitted then, perhaps for a fee.
    """

    traits: frozenset[FareTrait]

    def meets(self, bound: PricedBound) -> bool:
        return any(_TESTS[trait](bound) for trait in self.traits)

    touches = meets

    @property
    def label(self) -> str:
        return listed(frozenset(self.traits), " or ")


def _permitted(rules: tuple[Restriction, ...]) -> bool:
    return any(rule.permitted for rule in rules if rule.stage is Stage.BEFORE)


def _free(rules: tuple[Restriction, ...]) -> bool:
    return any(rule.permitted and not rule.fee for rule in rules if rule.stage is Stage.BEFORE)


def listed(names: frozenset[str], between: str = ", ") -> str:
    """For people, in order of the alphabet."""
    return between.join(sorted(names))


_TESTS: Final[Mapping[FareTrait, Callable[[PricedBound], bool]]] = {
    FareTrait.NO_PENALTY: lambda bound: _free(bound.changes) and _free(bound.cancellations),
    FareTrait.REFUNDABLE: lambda bound: _permitted(bound.cancellations),
    FareTrait.CHANGEABLE: lambda bound: _permitted(bound.changes),
    FareTrait.WITH_BAG: lambda bound: bound.family.baggage.checked_pieces > 0,
    FareTrait.WITH_SEAT: lambda bound: bound.family.free_seat,
    FareTrait.PUBLIC: lambda bound: bound.discount is None,
    FareTrait.PRIVATE: lambda bound: bound.discount is not None,
}
