"""Seat maps: which seats a cabin of an aircraft type has, where, and what each is like.

A map names as many seats as equipment.csv says that the cabin has; else whoever sold the last
seat would find no place for it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ndc_oms.model.product import Cabin
from ndc_oms.model.seat import Seat, Trait
from ndc_oms.world.entries import Entry, entries
from ndc_oms.world.problems import Problems
from ndc_oms.world.products import CABINS

FILE: Final = "seat_maps.toml"
_AISLE: Final = "-"
_ROWS: Final = r"[1-9][0-9]{0,2}-[1-9][0-9]{0,2}"


class Zone(StrEnum):
    """What a seat is sold as; the catalogue has a product for each zone that costs something."""

    STANDARD = "standard"
    FRONT = "front"
    LEGROOM = "legroom"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class MapSeat:
    """A seat in its place. traits: in the order of Trait."""

    seat: Seat
    zone: Zone
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """What stands in a cabin besides seats. kind: galley or lavatory. before: its row, or after."""

    kind: str
    before: bool
    row: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CabinMap:
    """columns: from left to right, without aisles. aisles: columns that stand at one. seats: row
    by row, from left to right. pitch_in, width_in: inches.
    """

    cabin: Cabin
    columns: tuple[str, ...]
    aisles: frozenset[str]
    first_row: int
    last_row: int
    exits: frozenset[int]
    seats: tuple[MapSeat, ...]
    components: tuple[Component, ...]
    pitch_in: int
    width_in: int

    def rows(self) -> Iterator[tuple[int, list[MapSeat]]]:
        """Each row that has seats, in order."""
        by_row: dict[int, list[MapSeat]] = {}
        for each in self.seats:
            by_row.setdefault(each.seat.row, []).append(each)
        yield from by_row.items()


SeatMap = Mapping[Cabin, CabinMap]


def load_seat_maps(
    folder: Path, equipment: Mapping[str, Mapping[Cabin, int]], problems: Problems
) -> Mapping[str, SeatMap]:
    """By aircraft type. An aircraft without a map has no seats to choose; that is no problem."""
    found: dict[str, dict[Cabin, CabinMap]] = {}
    for entry in entries(folder, FILE, problems, optional=True).children("cabin"):
        aircraft = entry.text("aircraft", r"[A-Z0-9]{3}")
        cabin = _cabin(entry)
        _check(entry, aircraft, cabin, equipment.get(aircraft, {}))
        if cabin.cabin in found.setdefault(aircraft, {}):
            entry.fail("cabin", f"stands here twice for {aircraft}")
        found[aircraft][cabin.cabin] = cabin
    return found


def _check(entry: Entry, aircraft: str, made: CabinMap, sold: Mapping[Cabin, int]) -> None:
    if made.cabin not in sold:
        entry.fail("aircraft", f"{aircraft} has no such cabin in equipment.csv")
    elif len(made.seats) != sold[made.cabin]:
        wanted = sold[made.cabin]
        entry.fail("rows", f"{len(made.seats)} seats; equipment.csv says {wanted}")


def _cabin(entry: Entry) -> CabinMap:
    entry.only(
        "aircraft", "cabin", "columns", "rows", "absent", "exit", "bulkhead", "legroom", "front",
        "bassinet", "pitch_in", "width_in", "component",
    )  # fmt: skip
    text = entry.text("columns", r"[A-Z]+(-[A-Z]+)*")
    columns = tuple(text.replace(_AISLE, ""))
    if len(set(columns)) != len(columns):
        entry.fail("columns", "a column stands here twice")
    first, last = _span(entry, "rows")
    aisles = frozenset(
        column
        for left, right in zip(text.split(_AISLE), text.split(_AISLE)[1:], strict=False)
        for column in (left[-1:], right[:1])
    )
    components = tuple(_component(each, columns) for each in entry.children("component"))
    exits = _rows(entry, "exit", first, last)
    rows = range(first, last + 1)
    seats = _seats(entry, columns, aisles, rows=rows, exits=exits, components=components)
    return CabinMap(
        CABINS[entry.choice("cabin", list(CABINS))],
        columns,
        aisles,
        first,
        last,
        exits,
        tuple(seats),
        components,
        entry.integer("pitch_in", 20, 99),
        entry.integer("width_in", 10, 40),
    )


def _seats(
    entry: Entry,
    columns: Sequence[str],
    aisles: frozenset[str],
    *,
    rows: range,
    exits: frozenset[int],
    components: Sequence[Component],
) -> Iterator[MapSeat]:
    first, last = rows.start, rows.stop - 1
    absent, cots = _named(entry, "absent"), _named(entry, "bassinet")
    grid = {Seat(row, column) for row in rows for column in columns}
    for field, seats in (("absent", absent), ("bassinet", cots)):
        for seat in sorted(seats - grid):
            entry.fail(field, f"{seat} is not in the cabin")
    bulkheads = _rows(entry, "bulkhead", first, last)
    roomy = _rows(entry, "legroom", first, last)
    front = range(0)
    if entry.values.get("front"):
        near, far = _span(entry, "front")
        front = range(near, far + 1)
    for seat in sorted(grid - absent, key=lambda s: (s.row, columns.index(s.column))):
        row = seat.row
        traits = {*_across(seat.column, columns, aisles), *_beside(row, components)}
        traits |= {Trait.EXIT, Trait.NO_INFANT, Trait.LEG_SPACE} if row in exits else set()
        traits |= {Trait.BULKHEAD} if row in bulkheads else set()
        traits |= {Trait.LEG_SPACE} if row in roomy else set()
        traits |= {Trait.BASSINET} if seat in cots else set()
        yield MapSeat(seat, _zone(row, exits, roomy, front), _ordered(traits))


def _zone(row: int, exits: frozenset[int], roomy: frozenset[int], front: range) -> Zone:
    if row in exits:
        return Zone.EXIT
    if row in roomy:
        return Zone.LEGROOM
    return Zone.FRONT if row in front else Zone.STANDARD


def _across(column: str, columns: Sequence[str], aisles: frozenset[str]) -> Iterator[Trait]:
    at_window = column in {columns[0], columns[-1]} if columns else False
    if at_window:
        yield Trait.WINDOW
    if column in aisles:
        yield Trait.AISLE
    elif not at_window:
        yield Trait.CENTRE


def _beside(row: int, components: Sequence[Component]) -> Iterator[Trait]:
    for each in components:
        if each.row == row:
            yield Trait.NEAR_GALLEY if each.kind == "galley" else Trait.NEAR_LAVATORY


def _ordered(traits: Iterable[Trait]) -> tuple[Trait, ...]:
    wanted = set(traits)
    return tuple(each for each in Trait if each in wanted)


def _component(entry: Entry, columns: Sequence[str]) -> Component:
    entry.only("kind", "position", "row", "columns")
    named = tuple(entry.text("columns", r"[A-Z]+"))
    for column in named:
        if column not in columns:
            entry.fail("columns", f"the cabin has no column {column}")
    return Component(
        entry.choice("kind", ("galley", "lavatory")),
        entry.choice("position", ("before", "after")) == "before",
        entry.integer("row", 1, 999),
        named,
    )


def _span(entry: Entry, field: str) -> tuple[int, int]:
    text = entry.text(field, _ROWS)
    first, _, last = text.partition("-")
    if not text or int(first) > int(last):
        entry.fail(field, "the first row, a dash, the last row")
        return 1, 1
    return int(first), int(last)


def _rows(entry: Entry, field: str, first: int, last: int) -> frozenset[int]:
    value = entry.values.get(field, [])
    right = isinstance(value, list) and all(
        isinstance(each, int) and not isinstance(each, bool) and first <= each <= last
        for each in value
    )
    if not right:
        entry.fail(field, f"a list of rows from {first} to {last}, not {value!r}")
        return frozenset()
    return frozenset(value)


def _named(entry: Entry, field: str) -> frozenset[Seat]:
    found = set()
    for name in entry.texts(field):
        try:
            found.add(Seat.parse(re.sub(r"\s", "", name)))
        except ValueError as wrong:
            entry.fail(field, str(wrong))
    return frozenset(found)
