"""Experiments: a variant of the offer that part of the traffic sees. experiments.toml, optional."""

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from ndc_oms.world.deals import BENEFIT, Benefit, read_benefit
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems

FILE: Final = "experiments.toml"
ON: Final = "on"
CONTROL: Final = "control"
_PARTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Experiment:
    """share: percent of the searches of `channels` (none: all) that see the variant. As many
    again see what everybody sees and are recorded too, as the control; the rest is not part of it.
    """

    name: str
    share: int
    channels: frozenset[str]
    benefit: Benefit

    def runs(self, channel: str) -> bool:
        return not self.channels or channel in self.channels

    def arm(self, seller: str, search: str) -> str | None:
        """ON, CONTROL, or None for a search that is not part of it.

        The same for the same seller and search in any process at any time: a hash of the name,
        the seller's OrgID and the search decides.
        """
        text = f"{self.name}\0{seller}\0{search}".encode()
        part = int.from_bytes(blake2b(text, digest_size=8).digest(), "big") % _PARTS
        if part < self.share * (_PARTS // 100):
            return ON
        return CONTROL if part < 2 * self.share * (_PARTS // 100) else None


def load_experiments(
    folder: Path, families: frozenset[str], problems: Problems
) -> tuple[Experiment, ...]:
    entry = entries(folder, FILE, problems, optional=True)
    entry.only("experiment")
    found = tuple(_experiment(each, families) for each in entry.children("experiment"))
    if len({each.name for each in found}) != len(found):
        problems.add(FILE, 0, "name", "two experiments have the same")
    if len(found) > 100:
        problems.add(FILE, 0, "experiment", "100 are the most")
    return found


def _experiment(entry: Entry, families: frozenset[str]) -> Experiment:
    entry.only("name", "share", "channels", *BENEFIT)
    return Experiment(
        entry.text("name", r"[a-z0-9-]{1,30}"),
        entry.integer("share", 0, 50),
        frozenset(entry.texts("channels")),
        read_benefit(entry, families),
    )
