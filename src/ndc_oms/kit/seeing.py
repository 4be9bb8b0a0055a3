"""Composes the messages that only look: lists, histories, rules, the airline's profile."""

from collections.abc import Iterable
from typing import Final

from ndc_oms.kit.requests import Sender, element, envelope, optional

DEMO: Final = Sender()


def order_list(
    criteria: str = "",
    *,
    after: str | None = None,
    limit: int | None = None,
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderListRQ. criteria: the content of OrderSearchFilterCriteria; "" for all orders.
    after: an OrderID, as the Remark of the reply before named it.
    """
    said = [f"AFTER {after}"] if after else []
    said += [f"LIMIT {limit}"] if limit else []
    remarks = "".join(f"<Remark>{element('RemarkText', each)}</Remark>" for each in said)
    parameters = f"<OrderListParameters>{remarks}</OrderListParameters>" if remarks else ""
    request = f"{parameters}<OrderSearchFilterCriteria>{criteria}</OrderSearchFilterCriteria>"
    return envelope("IATA_OrderListRQ", request, sender, trx_id)


def order_history(
    order_id: str, *, version: int | None = None, sender: Sender = DEMO, trx_id: str | None = None
) -> bytes:
    """IATA_OrderHistoryRQ."""
    request = (
        f"<Order>{element('OrderID', order_id)}{optional('OrderVersionNumber', version)}"
        f"{element('OwnerCode', sender.carrier)}</Order>"
    )
    return envelope("IATA_OrderHistoryRQ", request, sender, trx_id)


def order_rules(
    order_id: str,
    items: Iterable[str] = (),
    *,
    version: int | None = None,
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderRulesRQ for an order; without items for all of it."""
    named = "".join(
        f"<OrderItem>{element('OrderItemRefID', item)}{element('OwnerCode', sender.carrier)}"
        "</OrderItem>"
        for item in items
    )
    order = (
        f"<OrderStructureKey>{element('OrderID', order_id)}{named}"
        f"{optional('OrderVersionNumber', version)}{element('OwnerCode', sender.carrier)}"
        "</OrderStructureKey>"
    )
    return envelope(
        "IATA_OrderRulesRQ", f"<RulesCoreRequest>{order}</RulesCoreRequest>", sender, trx_id
    )


def fare_rules(
    origin: str,
    destination: str,
    basis: str,
    *,
    sender: Sender = DEMO,
    trx_id: str | None = None,
) -> bytes:
    """IATA_OrderRulesRQ for a fare, as an offer names it."""

    def point(name: str, station: str) -> str:
        return f"<{name}>{element('IATA_LocationCode', station)}</{name}>"

    fare = (
        f"<FareRef>{element('AirlineDesigCode', sender.carrier)}{point('Arrival', destination)}"
        f"{point('Dep', origin)}{element('FareBasisCode', basis)}</FareRef>"
    )
    return envelope(
        "IATA_OrderRulesRQ", f"<RulesCoreRequest>{fare}</RulesCoreRequest>", sender, trx_id
    )


def airline_profile(
    owner: str | None = None, *, sender: Sender = DEMO, trx_id: str | None = None
) -> bytes:
    """IATA_AirlineProfileRQ; without an owner for all profiles."""
    named = f"<AirlineProfileCriteria>{element('OwnerCode', owner)}</AirlineProfileCriteria>"
    asked = named if owner else "<AllProfilesInd>true</AllProfilesInd>"
    request = f"<AirlineProfileFilterCriteria>{asked}</AirlineProfileFilterCriteria>"
    return envelope("IATA_AirlineProfileRQ", request, sender, trx_id)
