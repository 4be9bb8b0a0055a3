"""SeatAvailabilityRS of a small cabin: every seat in its place, with its state and its price."""

from dataclasses import replace

from tests.ndc import samples

from ndc_oms.ndc.envelope import COMMON
from ndc_oms.ndc.seat_availability import write

C = {"c": COMMON}


def test_a_cabin_is_shown_seat_by_seat() -> None:
    root = samples.check(write(samples.seats(), samples.envelope()))
    seats = root.findall(".//c:SeatMap//c:Seat", C)
    shown = [
        (
            seat.findtext("c:ColumnID", namespaces=C),
            seat.findtext("c:OccupationStatusCode", namespaces=C),
            [each.text for each in seat.findall("c:OfferItemRefID", C)],
            [each.text for each in seat.findall("c:SeatCharacteristicCode", C)],
        )
        for seat in seats
    ]
    assert shown == [
        ("A", "F", ["SV.SEAT"], ["W"]),
        ("B", "O", [], ["9"]),
        ("C", "F", ["SV.SEAT"], ["A"]),
    ]
    (component,) = root.findall(".//c:CabinComponent", C)
    assert component.findtext("c:CabinComponentTypeCode", namespaces=C) == "G"
    assert [each.text for each in component.findall("c:ColumnID", C)] == ["A", "B"]
    assert component.findtext("c:PositionCode", namespaces=C) == "After"
    assert root.findtext(".//c:RowCharacteristicCode", namespaces=C) == "E"


def test_without_anything_for_sale_the_map_is_still_shown() -> None:
    shown = samples.seats()
    unsold = replace(shown, offer=replace(shown.offer, items=()))
    root = samples.check(write(unsold, samples.envelope()))
    assert root.find(".//c:ALaCarteOffer", C) is None
    assert len(root.findall(".//c:SeatMap//c:Seat", C)) == 3
