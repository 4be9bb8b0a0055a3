"""Minimum connecting times, by airport and by what kind of flight comes in and goes out."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

from ndc_oms.world.problems import Problems
from ndc_oms.world.tables import rows

COLUMNS: Final = ("airport", "arriving", "departing", "minutes")
EVERYWHERE: Final = "*"
_AIRPORT: Final = re.compile(r"\*|[A-Z]{3}")
_KINDS: Final = ("domestic", "international")


class ConnectingTimes:
    """An airport's own times, else those of everywhere."""

    def __init__(self, times: dict[tuple[str, bool, bool], timedelta]) -> None:
        self._times = times

    def minimum(self, airport: str, domestic_in: bool, domestic_out: bool) -> timedelta:
        own = self._times.get((airport, domestic_in, domestic_out))
        return own if own is not None else self._times[EVERYWHERE, domestic_in, domestic_out]


def load_connections(folder: Path, problems: Problems) -> ConnectingTimes:
    found: dict[tuple[str, bool, bool], timedelta] = {}
    for row in rows(folder, "connections.csv", COLUMNS, problems):
        key = (
            row.match("airport", _AIRPORT, "an airport or *"),
            row.choice("arriving", _KINDS) == "domestic",
            row.choice("departing", _KINDS) == "domestic",
        )
        minutes = row.integer("minutes", 5, 24 * 60)
        if key in found:
            row.fail("airport", "the same connection stands here twice")
        found[key] = timedelta(minutes=minutes)
    for arriving in (True, False):
        for departing in (True, False):
            if (EVERYWHERE, arriving, departing) not in found:
                kinds = f"{_KINDS[not arriving]} to {_KINDS[not departing]}"
                problems.add("connections.csv", 0, "airport", f"* has no row for {kinds}")
    return ConnectingTimes(found)
