"""Partner airlines whose flights are sold beside our own: partners.toml, where there is one.

Each has a kind (the adapter that speaks with it), the markets that it is asked for, the airports
where our passengers change to its flights, and how long a search waits for it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ndc_oms.world.airports import Airport
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems

FILE: Final = "partners.toml"
ANYWHERE: Final = "*"
_MARKET: Final = re.compile(r"([A-Z]{3}|\*)-([A-Z]{3}|\*)")
_MAX: Final = 63  # partners; a token gives each six bits


@dataclass(frozen=True, slots=True)
class PartnerTerms:
    """kind: of the entry point. folder: what a file-fed partner is read from. markets: pairs of
    airports, flown either way, `*` for any. interline: airports where passengers change between
    our flights and its own. budget_s: how long a search waits. keep_s: how long its answers are
    shown again. code_share: it flies some flights that have our number. families: its fare
    families → ours that they are shown with. options: the adapter's own. protects: as markets,
    where it takes passengers of ours whom we cannot fly (see servicing.toml).
    """

    name: str
    kind: str
    carrier: str
    accounting_prefix: str
    folder: Path | None
    markets: tuple[tuple[str, str], ...]
    interline: tuple[str, ...]
    budget_s: float
    keep_s: float
    code_share: bool
    families: Mapping[str, str]
    options: Mapping[str, str]
    protects: tuple[tuple[str, str], ...] = ()

    def serves(self, origin: str, destination: str) -> bool:
        """Whether it is asked for flights between two airports."""
        return _among(self.markets, origin, destination)

    def takes_over(self, origin: str, destination: str) -> bool:
        """Whether it takes passengers whom we cannot fly between two airports."""
        return _among(self.protects, origin, destination)


def _among(pairs: Iterable[tuple[str, str]], origin: str, destination: str) -> bool:
    return any(
        (one in {origin, ANYWHERE} and other in {destination, ANYWHERE})
        or (one in {destination, ANYWHERE} and other in {origin, ANYWHERE})
        for one, other in pairs
    )


def load_partners(
    folder: Path,
    designator: str,
    airports: Mapping[str, Airport],
    families: Iterable[str],
    problems: Problems,
) -> tuple[PartnerTerms, ...]:
    """None where the folder has no partners.toml."""
    if not (folder / FILE).exists():
        return ()
    known = frozenset(families)
    found: list[PartnerTerms] = []
    for entry in entries(folder, FILE, problems).children("partner"):
        terms = _terms(entry, folder, airports, known)
        for field in ("name", "carrier"):
            if getattr(terms, field) in {getattr(each, field) for each in found}:
                entry.fail(field, f"{getattr(terms, field)} stands here twice")
        if terms.carrier == designator:
            entry.fail("carrier", f"{designator} is ourselves")
        found.append(terms)
    if len(found) > _MAX:
        problems.add(FILE, 0, "partner", f"{_MAX} partners at most")
    return tuple(found)


def _terms(
    entry: Entry, folder: Path, airports: Mapping[str, Airport], families: frozenset[str]
) -> PartnerTerms:
    entry.only(
        "name", "kind", "carrier", "accounting_prefix", "folder", "markets", "interline",
        "budget_ms", "keep_s", "code_share", "families", "options", "protects",
    )  # fmt: skip
    return PartnerTerms(
        name=entry.text("name", r"[a-z][a-z0-9-]{0,23}"),
        kind=entry.text("kind", r"[a-z][a-z0-9_-]{0,31}"),
        carrier=entry.text("carrier", r"[A-Z0-9]{2}"),
        accounting_prefix=entry.text("accounting_prefix", r"[0-9]{3}"),
        folder=_source(entry, folder),
        markets=tuple(_pairs(entry, "markets", airports)),
        interline=tuple(
            _airport(entry, "interline", c, airports) for c in entry.texts("interline")
        ),
        budget_s=entry.integer("budget_ms", 10, 60000, 1500) / 1000,
        keep_s=entry.integer("keep_s", 0, 3600, 60),
        code_share=entry.flag("code_share", default=False),
        families=_families(entry, families),
        options=_texts(entry, "options"),
        protects=tuple(_pairs(entry, "protects", airports)),
    )


def _source(entry: Entry, folder: Path) -> Path | None:
    named = entry.text("folder", r".*", default="")
    if not named:
        return None
    source = (folder / named).resolve()
    if not source.is_dir():
        entry.fail("folder", f"there is no folder {named}")
    return source


def _pairs(entry: Entry, field: str, airports: Mapping[str, Airport]) -> Iterable[tuple[str, str]]:
    for pair in entry.texts(field):
        match = _MARKET.fullmatch(pair)
        if match is None:
            entry.fail(field, f"two airports as LHR-NCL, * for any, not {pair!r}")
            continue
        one, other = (_airport(entry, field, code, airports) for code in match.groups())
        yield one, other


def _airport(entry: Entry, field: str, code: str, airports: Mapping[str, Airport]) -> str:
    if code != ANYWHERE and code not in airports:
        entry.fail(field, f"{code!r} is in neither airports.csv nor partner_airports.csv")
    return code


def _families(entry: Entry, known: frozenset[str]) -> dict[str, str]:
    families = _texts(entry, "families")
    for ours in set(families.values()) - known:
        entry.fail("families", f"{ours!r} is not in families.toml")
    return families


def _texts(entry: Entry, field: str) -> dict[str, str]:
    """A table of texts; empty where there is none."""
    values = entry.values.get(field, {})
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        entry.fail(field, "a table of texts")
        return {}
    return values
