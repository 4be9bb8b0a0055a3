"""The demo airline again and again under other names: a network of ten times as many flights.

Each copy has airports of its own, as far apart and in the same countries and zones as the first's,
and joins none of the others: what is asked of the first copy has the same answer, so that what
grows is only what size costs.
"""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from typing import Final

from ndc_oms.world.problems import Problems
from ndc_oms.world.ssim import read
from ndc_oms.world.ssim_records import LegRecord, Schedule, SegmentRecord
from ndc_oms.world.ssim_writer import write

SCHEDULE: Final = "schedule.ssim"
AIRPORTS: Final = "airports.csv"


def multiplied(world: Path, folder: Path, times: int) -> Path:
    """A world like `world`, in `folder` beside it, whose network is there `times` times."""
    shutil.copytree(world, folder)
    problems = Problems()
    schedule = read((world / SCHEDULE).read_text(), SCHEDULE, problems)
    problems.raise_any()
    if schedule is None:
        raise AssertionError("the world has no schedule")
    lines = (world / AIRPORTS).read_text().splitlines()
    head = [line for line in lines if line.startswith("#")]
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    taken = {text for file in world.glob("*airports.csv") for text in _words(file)}
    names, codes = _names(taken), [{r[0]: r[0] for r in rows[1:]}]
    codes += [{row[0]: next(names) for row in rows[1:]} for _ in range(times - 1)]
    _write_airports(folder / AIRPORTS, head, rows, codes)
    (folder / SCHEDULE).write_text(write(_copies(schedule, codes)))
    return folder


def _words(file: Path) -> Iterator[str]:
    """Whatever stands between two commas, codes of airports and cities among it."""
    return (text for row in csv.reader(file.open(newline="")) for text in row)


def _names(taken: set[str]) -> Iterator[str]:
    """Codes that nothing in the world has."""
    return (
        code for letters in product(ascii_uppercase, repeat=3)
        if (code := "".join(letters)) not in taken
    )  # fmt: skip


def _write_airports(
    file: Path, head: list[str], rows: list[list[str]], codes: list[dict[str, str]]
) -> None:
    columns = rows[0]
    city = columns.index("city")
    with file.open("w", newline="") as out:
        out.writelines(f"{line}\n" for line in head)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows[1:])
        for names in codes[1:]:
            for row in rows[1:]:
                copied = [names[row[0]], *row[1:]]
                copied[city] = copied[0]
                writer.writerow(copied)


def _copies(schedule: Schedule, codes: list[dict[str, str]]) -> Schedule:
    """Our own flights only in the copies: a partner flies its once."""
    sold = {each.flight for each in schedule.segments}
    legs = [each for each in schedule.legs if each.flight not in sold]
    numbers = sorted({each.flight.number for each in schedule.legs}, key=int)
    free = iter(number for n in range(1, 10_000) if (number := str(n)) not in set(numbers))
    records: list[LegRecord | SegmentRecord] = list(schedule.records)
    for names in codes[1:]:
        renumbered: dict[str, str] = {}
        for leg in legs:
            number = renumbered.get(leg.flight.number) or next(free)
            renumbered[leg.flight.number] = number
            records.append(
                replace(
                    leg,
                    flight=leg.flight._replace(number=number),
                    origin=names[leg.origin],
                    destination=names[leg.destination],
                )
            )
    return replace(schedule, records=tuple(records))
