"""The normalised flights of a reply: journeys, segments, legs, each stated once.

NDC parts one flight into what is sold (DatedMarketingSegment), what is flown
(DatedOperatingSegment with its DatedOperatingLegs) and what a passenger takes in one cabin
(PaxSegment, PaxJourney). The ids are made from the flight itself, `T8101.260901.YYZLHR`, so that
a fragment made for one message fits the next.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.product import Cabin
from ndc_oms.ndc.compose import CABINS, Kept, duration, group, leaf, leaves, local_time, text


class FlightXml(NamedTuple):
    """A segment's fragments. ref: what its ids are made of. disclosure: who flies it, where that
    is not the one whose number it bears.
    """

    ref: str
    marketing: str
    operating: str
    legs: tuple[tuple[str, str], ...]  # id, fragment
    disclosure: str = ""


class JourneyXml(NamedTuple):
    """A journey in one cabin. ref, segment_refs: elements that refer to it and to its segments.
    segments: id, PaxSegment, and the flight below it.
    """

    id: str
    ref: str
    xml: str
    segments: tuple[tuple[str, str, FlightXml], ...]
    segment_refs: tuple[str, ...]


def flight_ref(segment: Segment) -> str:
    """Escaped, so that whoever makes an id of it need not."""
    day = segment.departure.isoformat()
    date = f"{day[2:4]}{day[5:7]}{day[8:10]}"
    return text(f"{segment.carrier}{segment.number}.{date}.{segment.origin}{segment.destination}")


def marketing_id(ref: str) -> str:
    return f"mkt.{ref}"


def operating_id(ref: str) -> str:
    return f"opr.{ref}"


def _point(tag: str, station: str, moment: str, terminal: str | None) -> str:
    time = f"<AircraftScheduledDateTime>{moment}</AircraftScheduledDateTime>"
    return f"<{tag}>{time}{_place(station, terminal)}</{tag}>"


# Parts that a network has few of, and asks for with every flight.
@lru_cache(2048)
def _place(station: str, terminal: str | None) -> str:
    code = f"<IATA_LocationCode>{text(station)}</IATA_LocationCode>"
    return f"{code}{leaf('TerminalName', terminal)}"


@lru_cache(256)
def _carrier(code: str) -> str:
    return leaf("CarrierDesigCode", code)


@lru_cache(256)
def _aircraft(code: str) -> str:
    return group("IATA_AircraftType", leaf("IATA_AircraftTypeCode", code))


@lru_cache(4096)
def _number(tag: str, number: str) -> str:
    """Digits, and the operational suffix where there is one."""
    digits, suffix = (number[:-1], number[-1]) if number[-1:].isalpha() else (number, "")
    return leaf(tag, digits) + leaf("OperationalSuffixText", suffix)


class _Ends(NamedTuple):
    """Where and when a leg ends and begins."""

    arrival: str
    departure: str


def _ends(leg: Leg) -> _Ends:
    return _Ends(
        _point("Arrival", leg.destination, local_time(leg.arrival), leg.arrival_terminal),
        _point("Dep", leg.origin, local_time(leg.departure), leg.departure_terminal),
    )


def _marketing(segment: Segment, ref: str, arrival: str, departure: str) -> str:
    return (
        f"<DatedMarketingSegment>{arrival}{_carrier(segment.carrier)}"
        f"<DatedMarketingSegmentId>{marketing_id(ref)}</DatedMarketingSegmentId>"
        f"<DatedOperatingSegmentRefId>{operating_id(ref)}</DatedOperatingSegmentRefId>{departure}"
        f"{_number('MarketingCarrierFlightNumberText', segment.number)}</DatedMarketingSegment>"
    )


def _disclosure_id(segment: Segment) -> str | None:
    return None if segment.operator == segment.carrier else f"dis.{segment.operator}"


def _disclosure(segment: Segment) -> str:
    """What customers must be told before they buy (US 14 CFR 257, EU regulation 2111/2005)."""
    disclosure_id = _disclosure_id(segment)
    if disclosure_id is None:
        return ""
    told = f"Operated by {segment.operator}, sold by {segment.carrier}."
    return group(
        "Disclosure",
        group("Desc", leaf("DescText", told)),
        leaf("DisclosureID", disclosure_id),
    )


def _operating(segment: Segment, ref: str, leg_ids: list[str]) -> str:
    return (
        f"<DatedOperatingSegment>{_carrier(segment.operator)}"
        f"{leaves('DatedOperatingLegRefID', leg_ids)}"
        f"<DatedOperatingSegmentId>{operating_id(ref)}</DatedOperatingSegmentId>"
        f"{leaf('DisclosureRefID', _disclosure_id(segment))}"
        f"<Duration>{duration(segment.duration)}</Duration>"
        f"{_number('OperatingCarrierFlightNumberText', segment.operator_number)}"
        "</DatedOperatingSegment>"
    )


def _leg(leg: Leg, ends: _Ends, leg_id: str, ground: str) -> str:
    return (
        f"<DatedOperatingLeg>{ends.arrival}<DatedOperatingLegID>{leg_id}</DatedOperatingLegID>"
        f"{ends.departure}{_aircraft(leg.aircraft)}{ground}</DatedOperatingLeg>"
    )


def leg_ids(segment: Segment) -> tuple[str, ...]:
    """DatedOperatingLegIDs of its legs, escaped."""
    ref = flight_ref(segment)
    return tuple(f"leg.{ref}.{at}" for at in range(1, len(segment.legs) + 1))


def _flight(segment: Segment) -> FlightXml:
    ref, ids = flight_ref(segment), list(leg_ids(segment))
    ends = [_ends(leg) for leg in segment.legs]
    legs = []
    for at, leg in enumerate(segment.legs):
        # how long the aircraft stands before the next leg
        later = segment.legs[at + 1 : at + 2]
        ground = (
            leaf("OnGroundDuration", duration(later[0].departure - leg.arrival)) if later else ""
        )
        legs.append((ids[at], _leg(leg, ends[at], ids[at], ground)))
    marketing = _marketing(segment, ref, ends[-1].arrival, ends[0].departure)
    operating = _operating(segment, ref, ids)
    return FlightXml(ref, marketing, operating, tuple(legs), _disclosure(segment))


flight: Final = Kept(_flight, limit=4096)  # 1.5 KB each: some 6 MB


_SEGMENT_CABINS: Final = {
    cabin: "<CabinTypeAssociationChoice><SegmentCabinType>"
    f"<CabinTypeCode>{cabin}</CabinTypeCode><CabinTypeName>{name}</CabinTypeName>"
    "</SegmentCabinType></CabinTypeAssociationChoice>"
    for cabin, name in CABINS.items()
}


def pax_segment(segment_id: str, ref: str, cabin: Cabin, rbd: str | None = None) -> str:
    """segment_id: escaped."""
    return (
        f"<PaxSegment>{_SEGMENT_CABINS[cabin]}<DatedMarketingSegmentRefId>{marketing_id(ref)}</DatedMarketingSegmentRefId>"
        f"{leaf('MarketingCarrierRBD_Code', rbd)}<PaxSegmentID>{segment_id}</PaxSegmentID>"
        "</PaxSegment>"
    )


def pax_journey(journey_id: str, length: str, segment_ids: tuple[str, ...]) -> str:
    return (
        f"<PaxJourney><Duration>{length}</Duration>{leaf('PaxJourneyID', journey_id)}"
        f"{leaves('PaxSegmentRefID', segment_ids)}</PaxJourney>"
    )


def _no_cabins(_: Journey) -> dict[Cabin, JourneyXml]:
    return {}


# by cabin; about 3 KB each
_journeys: Final[Kept[Journey, dict[Cabin, JourneyXml]]] = Kept(_no_cabins, limit=2048)


def journey_xml(journey: Journey, cabin: Cabin) -> JourneyXml:
    """The journey under ids made of its flights and the cabin."""
    by_cabin = _journeys(journey)
    made = by_cabin.get(cabin)
    if made is None:
        made = by_cabin[cabin] = _journey(journey, cabin)
    return made


def _journey(journey: Journey, cabin: Cabin) -> JourneyXml:
    code = str(cabin)
    flown = [flight(segment) for segment in journey.segments]
    ids = [f"seg.{each.ref}.{code}" for each in flown]
    journey_id = f"jny.{'+'.join([each.ref for each in flown])}.{code}"
    refs = [f"<PaxSegmentRefID>{id_}</PaxSegmentRefID>" for id_ in ids]
    return JourneyXml(
        journey_id,
        f"<PaxJourneyRefID>{journey_id}</PaxJourneyRefID>",
        f"<PaxJourney><Duration>{duration(journey.duration)}</Duration>"
        f"<PaxJourneyID>{journey_id}</PaxJourneyID>{''.join(refs)}</PaxJourney>",
        tuple(
            [
                (id_, pax_segment(id_, each.ref, cabin), each)
                for id_, each in zip(ids, flown, strict=True)
            ]
        ),
        tuple(refs),
    )


class Flights:
    """The flight lists of one message. Whoever refers to a flight puts it in."""

    def __init__(self) -> None:
        self._marketing: dict[str, str] = {}
        self._operating: dict[str, str] = {}
        self._legs: dict[str, str] = {}
        self._disclosures: dict[str, None] = {}
        self._pax_segments: dict[str, str] = {}
        self._journeys: dict[str, str] = {}

    def put_segment(self, segment_id: str, segment: Segment, cabin: Cabin, rbd: str) -> None:
        """One flight under an id of the caller's."""
        flown = flight(segment)
        self._put(segment_id, pax_segment(segment_id, flown.ref, cabin, rbd), flown)

    def put_pax_journey(self, journey_id: str, length: str, segment_ids: tuple[str, ...]) -> None:
        """A journey of segments that were put before, under an id of the caller's."""
        self._journeys[journey_id] = pax_journey(journey_id, length, segment_ids)

    def put_journey(self, journey: JourneyXml) -> None:
        if journey.id not in self._journeys:
            self._journeys[journey.id] = journey.xml
            for segment_id, xml, flown in journey.segments:
                self._put(segment_id, xml, flown)

    def _put(self, segment_id: str, xml: str, flown: FlightXml) -> None:
        self._pax_segments[segment_id] = xml
        self._marketing[flown.ref] = flown.marketing
        self._operating[flown.ref] = flown.operating
        self._legs.update(flown.legs)
        if flown.disclosure:
            self._disclosures[flown.disclosure] = None

    def operated(self) -> str:
        """The lists from DatedMarketingSegmentList to DisclosureList."""
        return (
            group("DatedMarketingSegmentList", *self._marketing.values())
            + group("DatedOperatingLegList", *self._legs.values())
            + group("DatedOperatingSegmentList", *self._operating.values())
            + group("DisclosureList", *self._disclosures)
        )

    def journeys(self) -> str:
        """PaxJourneyList."""
        return group("PaxJourneyList", *self._journeys.values())

    def segments(self) -> str:
        """PaxSegmentList."""
        return group("PaxSegmentList", *self._pax_segments.values())
