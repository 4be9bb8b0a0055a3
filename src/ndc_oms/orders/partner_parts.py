"""Which flights of an accepted offer are booked at partners, and as what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ndc_oms.model.items import OrderSegment
from ndc_oms.model.offer import Offer, PartnerShare
from ndc_oms.model.partner import PartnerPart, PassengerFare
from ndc_oms.model.passenger import Passenger


def parts_of(
    offer: Offer,
    segments: Sequence[OrderSegment],
    takers: Mapping[str, Passenger],
    code_shares: Mapping[str, str],
) -> tuple[PartnerPart, ...]:
    """takers: who takes which item, by offer item id. code_shares: partners by the designator
    under which they fly what bears our number.
    """
    found = [*_shares(offer, segments, takers), *_code_shares(offer, segments, code_shares)]
    return tuple(replace(part, id=f"PART{number}") for number, part in enumerate(found, 1))


def _shares(
    offer: Offer, segments: Sequence[OrderSegment], takers: Mapping[str, Passenger]
) -> Iterator[PartnerPart]:
    for index, bound in enumerate(offer.bounds):
        share = bound.share
        if share is None:
            continue
        flown = [each for each in segments if each.bound_index == index]
        yield PartnerPart(
            "",
            share.partner,
            share.carrier,
            index,
            tuple(flown[place].id for place in share.places),
            share.theirs.family.code,
            share.reference,
            tuple(_fares(offer, index, share, takers)),
        )


def _fares(
    offer: Offer, index: int, share: PartnerShare, takers: Mapping[str, Passenger]
) -> Iterator[PassengerFare]:
    for item in offer.items:
        if item.bound_index == index:
            yield PassengerFare(takers[item.id].id, share.theirs.fares[item.passenger.type])


def _code_shares(
    offer: Offer, segments: Sequence[OrderSegment], code_shares: Mapping[str, str]
) -> Iterator[PartnerPart]:
    """Flights that follow one another on one partner are one part."""
    for index in range(len(offer.bounds)):
        under_way: list[OrderSegment] = []
        for segment in (each for each in segments if each.bound_index == index):
            flight = segment.flight
            if under_way and under_way[-1].flight.operator != flight.operator:
                yield _code_share(under_way, code_shares)
                under_way = []
            if flight.carrier == offer.owner and flight.operator in code_shares:
                under_way.append(segment)
        if under_way:
            yield _code_share(under_way, code_shares)


def _code_share(segments: Sequence[OrderSegment], code_shares: Mapping[str, str]) -> PartnerPart:
    first = segments[0]
    carrier = first.flight.operator
    ids = tuple(each.id for each in segments)
    return PartnerPart("", code_shares[carrier], carrier, first.bound_index, ids)
