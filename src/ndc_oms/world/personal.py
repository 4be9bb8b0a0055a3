"""What makes an offer another one for some: agreements, promotions, the loyalty programme, and
experiments.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ndc_oms.world.deals import Benefit, Deal, load_agreements, load_promotions
from ndc_oms.world.experiments import Experiment, load_experiments
from ndc_oms.world.loyalty import Programme, load_programme
from ndc_oms.world.problems import Problems


@dataclass(frozen=True, slots=True)
class Personal:
    """agreements, promotions: by code, in order of their files."""

    agreements: Mapping[str, Deal] = field(default_factory=dict)
    promotions: Mapping[str, Deal] = field(default_factory=dict)
    programme: Programme = field(default_factory=Programme)
    experiments: tuple[Experiment, ...] = ()

    @property
    def benefits(self) -> Iterator[Benefit]:
        yield from (each.benefit for each in self.agreements.values())
        yield from (each.benefit for each in self.promotions.values())
        yield from (each.benefit for each in self.programme.tiers.values())
        yield from (each.benefit for each in self.experiments)


def load_personal(folder: Path, families: Iterable[str], problems: Problems) -> Personal:
    """families: codes of all."""
    known = frozenset(families)
    return Personal(
        load_agreements(folder, known, problems),
        load_promotions(folder, known, problems),
        load_programme(folder, known, problems),
        load_experiments(folder, known, problems),
    )
