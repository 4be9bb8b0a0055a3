"""SeatAvailabilityRQ to an AboutRequest, and its result to SeatAvailabilityRS.

Source: SeatAvailRequestType and SeatAvailResponseType of 21.3.
"""

from ndc_oms.ndc.about import read_about
from ndc_oms.ndc.compose import group, reply, warnings
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.flights import leg_ids
from ndc_oms.ndc.parts import Node, every, get, request
from ndc_oms.ndc.pax import read_party
from ndc_oms.ndc.seat_map import item_refs, profile, seat_map
from ndc_oms.ndc.service_list import definitions, lists_of, write_offer
from ndc_oms.orders.about import AboutRequest
from ndc_oms.orders.show_seats import SeatedFlight, SeatsResult
from ndc_oms.world.seat_maps import Zone


def read(root: Node, envelope: Envelope) -> AboutRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid with the path: 12, 102, 143, 386, 476, 912; Expired (913) for several offers
    at once.
    """
    asked = request(root)
    party = read_party(every(asked, "Pax"))
    about = read_about(get(asked, "SeatAvailCoreRequest"), asked)
    return AboutRequest(
        about.about,
        party,
        passenger_ids=about.passenger_ids,
        segment_refs=about.segment_refs,
        path=about.path,
    )


def write(result: SeatsResult, envelope: Envelope) -> bytes:
    offer, maps = result.offer, [_map(result, each) for each in result.flights]
    return reply(
        "IATA_SeatAvailabilityRS",
        envelope,
        [
            write_offer(offer),
            _data_lists(result),
            *maps,
            warnings(offer.notices, envelope.warnings),
        ],
    )


def _data_lists(result: SeatsResult) -> str:
    offer = result.offer
    profiles = dict.fromkeys(profile(each.cabin) for each in result.flights)
    return group(
        "DataLists",
        lists_of(offer.flown, offer.party),
        group("SeatProfileList", *profiles),
        group("ServiceDefinitionList", *definitions(offer.items, offer.owner)),
    )


def _map(result: SeatsResult, flight: SeatedFlight) -> str:
    ref = flight.flown.ref
    items: dict[Zone, tuple[str, ...]] = {}
    for item in result.offer.items:
        zone = item.product.seat
        if zone is not None and item.flown[0].ref == ref:
            items[zone] = (*items.get(zone, ()), item.item_id)
    refs = {zone: item_refs(ids) for zone, ids in items.items()}
    return seat_map(ref, leg_ids(flight.flown.flight), flight.cabin, flight.taken, refs)
