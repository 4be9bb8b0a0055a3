"""The flights of a reply, joined again from the lists that state each thing once."""

from collections.abc import Mapping

from ndc_oms.model.journey import Journey, Leg, Segment
from ndc_partner.connection import Node
from ndc_partner.values import UnreadableError, ZoneOf, find_text, get, get_local_time, get_text


class Flights:
    """Over a reply's DataLists. What refers to nothing raises UnreadableError."""

    def __init__(self, lists: Node, zone_of: ZoneOf) -> None:
        self._zone_of = zone_of
        self._marketing = _by_id(lists, "DatedMarketingSegment", "DatedMarketingSegmentId")
        self._operating = _by_id(lists, "DatedOperatingSegment", "DatedOperatingSegmentId")
        self._legs = _by_id(lists, "DatedOperatingLeg", "DatedOperatingLegID")
        self._segments = _by_id(lists, "PaxSegment", "PaxSegmentID")
        self._journeys = _by_id(lists, "PaxJourney", "PaxJourneyID")

    def journey(self, journey_id: str) -> tuple[Journey, tuple[str, ...]]:
        """The journey and the PaxSegmentIDs of its flights, in order."""
        node = _of(self._journeys, journey_id)
        ids = tuple(
            " ".join((each.text or "").split()) for each in node.findall("{*}PaxSegmentRefID")
        )
        if not ids:
            raise UnreadableError(f"journey {journey_id} has no flights")
        return Journey(tuple(self.segment(each) for each in ids)), ids

    def segment(self, segment_id: str) -> Segment:
        marketing_id = get_text(_of(self._segments, segment_id), "{*}DatedMarketingSegmentRefId")
        sold = _of(self._marketing, marketing_id)
        flown = _of(self._operating, get_text(sold, "{*}DatedOperatingSegmentRefId"))
        carrier = get_text(sold, "{*}CarrierDesigCode")
        number = _number(sold, "MarketingCarrierFlightNumberText")
        return Segment(
            carrier,
            number,
            get_text(flown, "{*}CarrierDesigCode"),
            _number(flown, "OperatingCarrierFlightNumberText") or number,
            self._flown(sold, flown),
        )

    def _flown(self, sold: Node, flown: Node) -> tuple[Leg, ...]:
        ids = [" ".join((e.text or "").split()) for e in flown.findall("{*}DatedOperatingLegRefID")]
        return tuple(self._leg(_of(self._legs, each)) for each in ids) or (self._leg(sold),)

    def _leg(self, node: Node) -> Leg:
        start, end = get(node, "{*}Dep"), get(node, "{*}Arrival")
        leg = Leg(
            get_text(start, "{*}IATA_LocationCode"),
            get_text(end, "{*}IATA_LocationCode"),
            get_local_time(start, self._zone_of),
            get_local_time(end, self._zone_of),
            find_text(node, "{*}IATA_AircraftType/{*}IATA_AircraftTypeCode"),
            find_text(start, "{*}TerminalName") or None,
            find_text(end, "{*}TerminalName") or None,
        )
        if leg.arrival <= leg.departure:
            raise UnreadableError("a flight arrives before it leaves")
        return leg


def _by_id(lists: Node, name: str, identity: str) -> dict[str, Node]:
    nodes = lists.findall(f"{{*}}{name}List/{{*}}{name}")
    return {find_text(each, f"{{*}}{identity}"): each for each in nodes}


def _of(nodes: Mapping[str, Node], wanted: str) -> Node:
    found = nodes.get(wanted)
    if found is None:
        raise UnreadableError(f"nothing is called {wanted!r}")
    return found


def _number(node: Node, name: str) -> str:
    return find_text(node, f"{{*}}{name}") + find_text(node, "{*}OperationalSuffixText")
