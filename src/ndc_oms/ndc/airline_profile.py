"""AirlineProfileRQ to a ProfileRequest, and the profile to AirlineProfileRS.

Source: AirlineProfileType of 21.3. A market is a data item with its two ends; what has no element
of its own (limits, forms of payment, fare families) is a key and a value.
"""

from collections.abc import Callable, Iterable
from typing import Final

from ndc_oms.ndc.compose import group, leaf, reply, warnings
from ndc_oms.ndc.envelope import VERSION, Envelope
from ndc_oms.ndc.parts import Node, every, find_text, get, get_text, path_of, request
from ndc_oms.offers.profile import Profile, ProfileRequest

_ONE_WAY: Final = "1"  # DirectionalIndText
_BOTH_WAYS: Final = "3"


def read(root: Node, envelope: Envelope) -> ProfileRequest:  # noqa: ARG001  # every reader's shape
    """AllProfilesInd asks for all that there are: one."""
    criteria = get(request(root), "AirlineProfileFilterCriteria")
    named = every(criteria, "AirlineProfileCriteria")
    if (find_text(criteria, "AllProfilesInd") or "") in {"true", "1"}:
        named = ()
    return ProfileRequest(tuple(get_text(each, "OwnerCode") for each in named), path_of(criteria))


def writer(messages: Iterable[str]) -> Callable[[Profile, Envelope], bytes]:
    """messages: names of the roots that are served."""
    served = "".join([_pair("SupportedMessageInfo", name, VERSION) for name in sorted(messages)])

    def write(profile: Profile, envelope: Envelope) -> bytes:
        whole = group(
            "AirlineProfile",
            *[_market(number, *each) for number, each in enumerate(profile.markets, 1)],
            group(
                "ProfileOwner",
                leaf("AirlineDesigCode", profile.designator),
                leaf("Name", profile.name),
            ),
            served,
        )
        facts = [_pair("KeyValueProperty", key, value) for key, value in profile.facts]
        return reply(
            "IATA_AirlineProfileRS", envelope, [whole, *facts, warnings(envelope.warnings)]
        )

    return write


def _pair(name: str, key: str, value: str) -> str:
    return group(name, leaf("KeyText", key), leaf("ValueText", value))


def _market(number: int, origin: str, destination: str, both: bool) -> str:
    return group(
        "AirlineProfileDataItem",
        group(
            "OfferFilterCriteria",
            group(
                "OfferFilterCriteriaChoice",
                group(
                    "OfferFilterCriteriawithOriginandDest",
                    leaf("DirectionalIndText", _BOTH_WAYS if both else _ONE_WAY),
                    group("OfferDestPoint", leaf("IATA_LocationCode", destination)),
                    group("OfferOriginPoint", leaf("IATA_LocationCode", origin)),
                ),
            ),
        ),
        leaf("SeqNumber", str(number)),
    )
