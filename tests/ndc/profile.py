"""Where the profile and the official schemas are, and which messages they hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ndc import grammar as g

REPOSITORY = Path(__file__).resolve().parents[2]
PROFILE = REPOSITORY / "schemas" / "ndc" / "21.3"
SHARED = REPOSITORY.parent / "shared"
REQUESTS = (
    "IATA_AirShoppingRQ",
    "IATA_OfferPriceRQ",
    "IATA_ServiceListRQ",
    "IATA_OrderCreateRQ",
    "IATA_OrderRetrieveRQ",
    "IATA_OrderChangeRQ",
    "IATA_OrderReshopRQ",
    "IATA_OrderQuoteRQ",
    "IATA_OrderListRQ",
    "IATA_OrderHistoryRQ",
    "IATA_OrderRulesRQ",
    "IATA_AirlineProfileRQ",
    "IATA_SeatAvailabilityRQ",
    "IATA_ServiceStatusChangeNotifRQ",
)
REPLIES = (  # and what is sent unasked
    "IATA_AirShoppingRS",
    "IATA_OfferPriceRS",
    "IATA_ServiceListRS",
    "IATA_OrderReshopRS",
    "IATA_OrderViewRS",
    "IATA_OrderChangeNotifRQ",
    "IATA_OrderListRS",
    "IATA_OrderHistoryRS",
    "IATA_OrderRulesRS",
    "IATA_AirlineProfileRS",
    "IATA_SeatAvailabilityRS",
    "IATA_ServiceDeliveryNotifRQ",
    "IATA_Acknowledgement",
)


def official() -> Path:
    """The folder of IATA's own schemas, which this repository does not hold; skips without it."""
    folder = SHARED / "iata-ndc-21.3.5"
    if not folder.is_dir():
        pytest.skip(f"IATA's official schemas are not at {folder}")
    return folder


def examples() -> Path:
    """The folder of IATA's worked examples; skips without it."""
    folder = SHARED / "iata-examples-21.3.5"
    if not folder.is_dir():
        pytest.skip(f"IATA's examples are not at {folder}")
    return folder


def unread(message: str) -> list[str]:
    """What a message may hold and the server does not read: paths below the root, sorted.

    As `Request/DataLists/PaxList/Pax/Remark`. For comparing with the exchange's table.
    """
    grammar = g.Grammar.read(PROFILE / "ndc.xsd")

    def below(element: g.Node, path: str) -> Iterator[str]:
        body = grammar.body(element)
        if g.is_anything(body):
            yield path
        elif not isinstance(body, str):
            for child in body.iter(g.XS + "element"):
                yield from below(child, f"{path}/{child.get('name')}".lstrip("/"))

    return sorted(set(below(grammar.message(message), "")))
