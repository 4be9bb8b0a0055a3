"""The normalised flights of a reply: journeys, segments, legs, each stated once.

NDC parts one flight into what is sold (DatedMarketingSegment), what is flown
(DatedOperatingSegment with its DatedOperatingLegs) and what a passenger takes in one cabin
(PaxSegment, PaxJourney). The ids are made from the flight itself, `T8101.260901.YYZLHR`, so that
a fragment made for one message fits the next.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from ndc_oms.model.items import Item
from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_oms.model.order import Order
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
    """A journey in one cabin. ref, segment_refs: elements that refer to it and to its segments; at:
    `ref` as an association. segments: id, PaxSegment, and the flight below it.
    """

    id: str
    ref: str
    at: str
    xml: str
    segments: tuple[tuple[str, str, FlightXml], ...]
    segment_refs: tuple[str, ...]


class _Names(NamedTuple):
    """What a flight's numbers say, whatever its day. start: of its ids."""

    start: str
    marketing: str
    marketing_number: str
    operating: str
    operating_number: str
    disclosure_ref: str
    disclosure: str


# Parts that a network has few of, and asks for with every flight.
@lru_cache(8192)
def _names(carrier: str, number: str, operator: str, operator_number: str) -> _Names:
    disclosure_id = None if operator == carrier else f"dis.{operator}"
    # what customers must be told before they buy (US 14 CFR 257, EU regulation 2111/2005)
    told = group("Desc", leaf("DescText", f"Operated by {operator}, sold by {carrier}."))
    return _Names(
        text(f"{carrier}{number}."),
        leaf("CarrierDesigCode", carrier),
        _number("MarketingCarrierFlightNumberText", number),
        leaf("CarrierDesigCode", operator),
        _number("OperatingCarrierFlightNumberText", operator_number),
        leaf("DisclosureRefID", disclosure_id),
        group("Disclosure", told, leaf("DisclosureID", disclosure_id)) if disclosure_id else "",
    )


def _number(tag: str, number: str) -> str:
    """Digits, and the operational suffix where there is one."""
    digits, suffix = (number[:-1], number[-1]) if number[-1:].isalpha() else (number, "")
    return leaf(tag, digits) + leaf("OperationalSuffixText", suffix)


@lru_cache(4096)
def _place(station: str, terminal: str | None) -> str:
    code = f"<IATA_LocationCode>{text(station)}</IATA_LocationCode>"
    return f"</AircraftScheduledDateTime>{code}{leaf('TerminalName', terminal)}"


@lru_cache(256)
def _aircraft(code: str) -> str:
    return group("IATA_AircraftType", leaf("IATA_AircraftTypeCode", code))


def _ref(segment: Segment, start: str, departure: str) -> str:
    """start: of _Names. departure: a local time. Escaped, so that whoever makes an id of it need
    not.
    """
    ends = text(segment.origin + segment.destination)
    return f"{start}{departure[2:4]}{departure[5:7]}{departure[8:10]}.{ends}"


def leg_ids(segment: Segment) -> tuple[str, ...]:
    """DatedOperatingLegIDs of its legs, escaped."""
    return tuple(leg_id for leg_id, _ in flight(segment).legs)


def _ends(leg: Leg) -> tuple[str, str]:
    """Where and when it arrives and departs."""
    arrival = _place(leg.destination, leg.arrival_terminal)
    departure = _place(leg.origin, leg.departure_terminal)
    return (
        f"<Arrival><AircraftScheduledDateTime>{local_time(leg.arrival)}{arrival}</Arrival>",
        f"<Dep><AircraftScheduledDateTime>{local_time(leg.departure)}{departure}</Dep>",
    )


def _grounds(legs: Sequence[Leg]) -> Iterator[str]:
    """How long the aircraft stands after each leg; nothing after the last."""
    for leg, later in pairwise(legs):
        yield leaf("OnGroundDuration", duration(later.departure - leg.arrival))
    yield ""


def _flight(segment: Segment) -> FlightXml:
    names = _names(segment.carrier, segment.number, segment.operator, segment.operator_number)
    ref = _ref(segment, names.start, segment.departure.isoformat())
    ends = [_ends(leg) for leg in segment.legs]
    legs: list[tuple[str, str]] = []
    leg_refs = ""
    for leg, (arrival, departure), ground in zip(
        segment.legs, ends, _grounds(segment.legs), strict=True
    ):
        leg_id = f"leg.{ref}.{len(legs) + 1}"
        leg_refs += f"<DatedOperatingLegRefID>{leg_id}</DatedOperatingLegRefID>"
        xml = (
            f"<DatedOperatingLeg>{arrival}<DatedOperatingLegID>{leg_id}</DatedOperatingLegID>"
            f"{departure}{_aircraft(leg.aircraft)}{ground}</DatedOperatingLeg>"
        )
        legs.append((leg_id, xml))
    marketing = (
        f"<DatedMarketingSegment>{ends[-1][0]}{names.marketing}"
        f"<DatedMarketingSegmentId>mkt.{ref}</DatedMarketingSegmentId>"
        f"<DatedOperatingSegmentRefId>opr.{ref}</DatedOperatingSegmentRefId>{ends[0][1]}"
        f"{names.marketing_number}</DatedMarketingSegment>"
    )
    operating = (
        f"<DatedOperatingSegment>{names.operating}{leg_refs}"
        f"<DatedOperatingSegmentId>opr.{ref}</DatedOperatingSegmentId>{names.disclosure_ref}"
        f"<Duration>{duration(segment.duration)}</Duration>{names.operating_number}"
        "</DatedOperatingSegment>"
    )
    return FlightXml(ref, marketing, operating, tuple(legs), names.disclosure)


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
        f"<PaxSegment>{_SEGMENT_CABINS[cabin]}"
        f"<DatedMarketingSegmentRefId>mkt.{ref}</DatedMarketingSegmentRefId>"
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
    flown = [flight(segment) for segment in journey.segments]
    refs = [each.ref for each in flown]
    code = str(cabin)
    ids = [f"seg.{ref}.{code}" for ref in refs]
    journey_id = f"jny.{'+'.join(refs)}.{code}"
    own_ref = f"<PaxJourneyRefID>{journey_id}</PaxJourneyRefID>"
    segment_refs = [f"<PaxSegmentRefID>{id_}</PaxSegmentRefID>" for id_ in ids]
    return JourneyXml(
        journey_id,
        own_ref,
        f"<PaxJourneyRef>{own_ref}</PaxJourneyRef>",
        f"<PaxJourney><Duration>{duration(journey.duration)}</Duration>"
        f"<PaxJourneyID>{journey_id}</PaxJourneyID>{''.join(segment_refs)}</PaxJourney>",
        tuple(
            [
                (id_, pax_segment(id_, each.ref, cabin), each)
                for id_, each in zip(ids, flown, strict=True)
            ]
        ),
        tuple(segment_refs),
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


def flights_of_items(order: Order, items: Iterable[Item]) -> Flights:
    """Those that the items' services are on, under the order's own ids."""
    flights = Flights()
    for segment_id in dict.fromkeys(s.segment_id for item in items for s in item.services):
        segment = order.segment(segment_id)
        flights.put_segment(segment_id, segment.flight, segment.cabin, segment.rbd)
    return flights
