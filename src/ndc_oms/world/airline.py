"""Who the airline is: airline.toml."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ndc_oms.world.entries import entries
from ndc_oms.world.problems import Problems

FILE: Final = "airline.toml"


@dataclass(frozen=True, slots=True)
class Airline:
    """designator: IATA, two characters; accounting_prefix: three digits, of its documents;
    currency: home, ISO 4217; country: ISO 3166-1 alpha-2; hub: an airport; zone: of its days on
    sale; sell_days: how far ahead flights are on sale; seed: of what the world makes up.
    """

    designator: str
    name: str
    accounting_prefix: str
    currency: str
    country: str
    hub: str
    zone: str
    sell_days: int
    seed: str


def load_airline(folder: Path, problems: Problems) -> Airline:
    entry = entries(folder, FILE, problems)
    entry.only(*Airline.__slots__)
    zone = entry.text("zone")
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        entry.fail("zone", f"an IANA time zone, not {zone!r}")
    return Airline(
        designator=entry.text("designator", r"[A-Z0-9]{2}"),
        name=entry.text("name"),
        accounting_prefix=entry.text("accounting_prefix", r"[0-9]{3}"),
        currency=entry.text("currency", r"[A-Z]{3}"),
        country=entry.text("country", r"[A-Z]{2}"),
        hub=entry.text("hub", r"[A-Z]{3}"),
        zone=zone,
        sell_days=entry.integer("sell_days", 1, 362),
        seed=entry.text("seed"),
    )
