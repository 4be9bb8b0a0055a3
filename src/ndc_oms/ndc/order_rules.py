"""OrderRulesRQ to a RulesRequest, and what was found to OrderRulesRS.

Source: OrderRulesRequestType and RulesType of 21.3. A rule's category is ATPCO's: 31 for voluntary
changes, 33 for voluntary refunds. Stages are PADIS codes of penalty applications.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ndc_oms.model.product import Restriction, Stage
from ndc_oms.ndc.compose import amount, flag, group, leaf, local_time, reply, warnings
from ndc_oms.ndc.envelope import Envelope
from ndc_oms.ndc.parts import Node, every, find, get, get_text, path_of, request
from ndc_oms.ndc.servicing import find_version
from ndc_oms.orders.request import OrderReference
from ndc_oms.orders.rules import FareReference, Rules, RulesRequest

_CHANGES: Final = "31"
_REFUNDS: Final = "33"
_APPLIES: Final = {Stage.BEFORE: "PDE", Stage.AFTER: "ADE", Stage.NO_SHOW: "NOS"}


def read(root: Node, envelope: Envelope) -> RulesRequest:  # noqa: ARG001  # every reader's shape
    """Raises Invalid (912) with the path."""
    asked = get(request(root), "RulesCoreRequest")
    fare = find(asked, "FareRef")
    if fare is not None:
        return RulesRequest(
            FareReference(
                get_text(fare, "AirlineDesigCode"),
                get_text(get(fare, "Dep"), "IATA_LocationCode").upper(),
                get_text(get(fare, "Arrival"), "IATA_LocationCode").upper(),
                get_text(fare, "FareBasisCode").upper(),
                path_of(fare),
            )
        )
    order = get(asked, "OrderStructureKey")
    items = tuple(get_text(each, "OrderItemRefID") for each in every(order, "OrderItem"))
    return RulesRequest(
        OrderReference(
            get_text(order, "OrderID"),
            get_text(order, "OwnerCode"),
            find_version(order),
            path_of(order),
        ),
        tuple(dict.fromkeys(items)),
    )


def write(found: tuple[Rules, ...], envelope: Envelope) -> bytes:
    return reply(
        "IATA_OrderRulesRS",
        envelope,
        [
            *[_rules(each, number) for number, each in enumerate(found, 1)],
            warnings(envelope.warnings[:1]),  # 21.3 has room for one here
        ],
    )


def _rules(rules: Rules, number: int) -> str:
    return group(
        "Rules",
        leaf("AirlineDesigCode", rules.carrier),
        _end("Arrival", rules.destination, rules.arrival),
        _end("Dep", rules.origin, rules.departure),
        _text(None, _what(rules)),
        _text(_CHANGES, [each.text for each in rules.changes]),
        _text(_REFUNDS, [each.text for each in rules.cancellations]),
        *_penalties(rules, f"PEN{number}"),
    )


def _end(name: str, station: str, at: datetime | None) -> str:
    moment = None if at is None else local_time(at)
    return group(
        name, leaf("AircraftScheduledDateTime", moment), leaf("IATA_LocationCode", station)
    )


def _what(rules: Rules) -> Iterator[str]:
    yield f"Fare {rules.basis}, {rules.name}" if rules.basis else rules.name
    if rules.items:
        yield f"For: {', '.join(rules.items)}"


def _text(category: str | None, said: Iterator[str] | list[str]) -> str:
    remarks = [group("Remark", leaf("RemarkText", each)) for each in said]
    return group("FareRuleText", *remarks, leaf("RuleCode", category)) if remarks else ""


def _penalties(rules: Rules, stem: str) -> Iterator[str]:
    for at, rule in enumerate(rules.changes, 1):
        yield _penalty(rule, "Change", f"{stem}-CHANGE-{at}")
    for at, rule in enumerate(rules.cancellations, 1):
        yield _penalty(rule, "Cancellation", f"{stem}-CANCEL-{at}")


def _penalty(rule: Restriction, kind: str, penalty_id: str) -> str:
    """What it costs; without a Price where it is not permitted, as the text says."""
    due = rule.fee is not None and bool(rule.fee.minor)
    return group(
        "Penalty",
        leaf("AppCode", _APPLIES[rule.stage]),
        flag("CancelFeeInd", due) if kind == "Cancellation" else "",
        flag("ChangeFeeInd", due) if kind == "Change" else "",
        leaf("DescText", rule.text),
        leaf("PenaltyID", penalty_id),
        "" if rule.fee is None else group("Price", amount("TotalAmount", rule.fee)),
        leaf("TypeCode", "NoShow" if rule.stage is Stage.NO_SHOW else kind),
    )
