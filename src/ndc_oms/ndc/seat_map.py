"""SeatMap of SeatAvailabilityRS: cabins, rows, seats, and what each costs.

Everything but who sits where and what it costs follows from the cabin's map, so it is composed
once a map and kept; a flight's own map is then one join.

Source: SeatMapType and SeatProfileType of 21.3; PADIS 9825, 9864 and 9865.
"""

from collections.abc import Mapping, Set
from typing import Final, NamedTuple

from ndc_oms.model.seat import Seat
from ndc_oms.ndc.compose import CABINS, Kept, group, leaf, leaves
from ndc_oms.world.seat_maps import CabinMap, Component, MapSeat, Zone

FREE: Final = "F"
OCCUPIED: Final = "O"
_COMPONENTS: Final = {"galley": "G", "lavatory": "LA"}
_EXIT_ROW: Final = "E"
_NO_ITEMS: Final = ""


class _SeatXml(NamedTuple):
    """Up to the occupation's code, and what follows the items that refer to the price."""

    seat: Seat
    zone: Zone
    head: str
    tail: str


class _RowXml(NamedTuple):
    head: str
    seats: tuple[_SeatXml, ...]


class _CabinXml(NamedTuple):
    """profile: the SeatProfile that its seats refer to."""

    head: str
    rows: tuple[_RowXml, ...]
    profile: str


def profile(cabin: CabinMap) -> str:
    """SeatProfile of the seats of a cabin."""
    return _cabins(cabin).profile


def seat_map(
    segment_id: str,
    leg_ids: tuple[str, ...],
    cabin: CabinMap,
    taken: Set[Seat],
    items: Mapping[Zone, str],
) -> str:
    """SeatMap of one flight in one cabin. items: OfferItemRefIDs of each zone that is for sale.

    segment_id, leg_ids: of the reply's lists, escaped.
    """
    made = _cabins(cabin)
    out = ["<SeatMap><CabinCompartment>", made.head]
    for row in made.rows:
        out.append(row.head)
        for each in row.seats:
            if each.seat in taken:
                out += (each.head, OCCUPIED, "</OccupationStatusCode>", each.tail)
            else:
                priced = items.get(each.zone, _NO_ITEMS)
                out += (each.head, FREE, "</OccupationStatusCode>", priced, each.tail)
        out.append("</SeatRow>")
    legs = leaves("DatedOperatingLegRefID", leg_ids)
    out.append(f"</CabinCompartment>{legs}{leaf('PaxSegmentRefID', segment_id)}</SeatMap>")
    return "".join(out)


def item_refs(item_ids: tuple[str, ...]) -> str:
    return leaves("OfferItemRefID", item_ids)


def _cabin(cabin: CabinMap) -> _CabinXml:
    profile_id = f"seat.{cabin.pitch_in}.{cabin.width_in}.{cabin.cabin.value}"
    head = (
        "".join([_component(each) for each in cabin.components])
        + group(
            "CabinType",
            leaf("CabinTypeCode", cabin.cabin.value),
            leaf("CabinTypeName", CABINS[cabin.cabin]),
        )
        + leaf("DeckCode", "Main")
        + leaf("FirstRowNumber", str(cabin.first_row))
        + leaf("LastRowNumber", str(cabin.last_row))
        + "".join([_column(cabin, column) for column in cabin.columns])
    )
    rows = tuple(_row(cabin, row, seats, profile_id) for row, seats in cabin.rows())
    return _CabinXml(head, rows, _profile(cabin, profile_id))


def _component(each: Component) -> str:
    row = str(each.row)
    return group(
        "CabinComponent",
        leaf("CabinComponentTypeCode", _COMPONENTS[each.kind]),
        leaves("ColumnID", each.columns),
        leaf("FirstRowNumber", row),
        leaf("LastRowNumber", row),
        leaf("PositionCode", "Before" if each.before else "After"),
    )


def _column(cabin: CabinMap, column: str) -> str:
    at_window = column in {cabin.columns[0], cabin.columns[-1]}
    codes = [code for code, there in (("W", at_window), ("A", column in cabin.aisles)) if there]
    return group(
        "SeatColumn", leaf("ColumnID", column), leaves("SeatCharacteristicCode", codes or ["9"])
    )


def _row(cabin: CabinMap, row: int, seats: list[MapSeat], profile_id: str) -> _RowXml:
    exit_row = leaf("RowCharacteristicCode", _EXIT_ROW if row in cabin.exits else None)
    return _RowXml(
        f"<SeatRow>{exit_row}<RowNumber>{row}</RowNumber>",
        tuple(_seat(each, profile_id) for each in seats),
    )


def _seat(each: MapSeat, profile_id: str) -> _SeatXml:
    seat = each.seat
    return _SeatXml(
        seat,
        each.zone,
        f"<Seat><ColumnID>{seat.column}</ColumnID><OccupationStatusCode>",
        f"<RowNumber>{seat.row}</RowNumber>"
        f"{leaves('SeatCharacteristicCode', each.traits)}"
        f"<SeatProfileRefID>{profile_id}</SeatProfileRefID></Seat>",
    )


def _profile(cabin: CabinMap, profile_id: str) -> str:
    return (
        f'<SeatProfile><SeatPitchMeasure UnitCode="INH">{cabin.pitch_in}</SeatPitchMeasure>'
        f"<SeatProfileID>{profile_id}</SeatProfileID>"
        f'<SeatWidthMeasure UnitCode="INH">{cabin.width_in}</SeatWidthMeasure></SeatProfile>'
    )


_cabins: Final = Kept(_cabin, limit=256)  # some 40 KB each
