"""What messages have in common that the server sends by itself, and the Acknowledgement: it answers
them, and with it the server answers what is sent to it likewise.

Source: DistributionChainType, AckType of 21.3.
"""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from ndc_oms.errors import Invalid
from ndc_oms.model.event import Event
from ndc_oms.model.order import Order
from ndc_oms.ndc.compose import flag, group, instant, leaf
from ndc_oms.ndc.door import guard
from ndc_oms.ndc.envelope import DECLARATION, NAMESPACES, VERSION, Envelope, child

ACKNOWLEDGEMENT: Final = "IATA_Acknowledgement"
MAX_ANSWER: Final = 64 * 1024
_MAX_KEPT: Final = 300  # characters of an Acknowledgement


def chain(carrier: str, seller: str = "") -> str:
    """From the airline to the seller, where it goes to one."""
    links = ((1, "Carrier", carrier), (2, "Seller", seller))
    return "".join(
        [
            "<m:DistributionChain>",
            *[
                group(
                    "DistributionChainLink",
                    leaf("Ordinal", str(ordinal)),
                    leaf("OrgRole", role),
                    group("ParticipatingOrg", leaf("OrgID", org_id)),
                )
                for ordinal, role, org_id in links
                if org_id
            ],
            "</m:DistributionChain>",
        ]
    )


def attributes(order: Order, event: Event, *, again: bool) -> str:
    """Of the message that tells of the order's latest event."""
    inside = (
        (flag("RetransmissionInd", True) if again else "")
        + leaf("Timestamp", instant(event.at))
        + leaf("TrxID", trx_id(order.order_id, order.sequence))
        + leaf("VersionNumber", VERSION)
    )
    return f"<m:PayloadAttributes>{inside}</m:PayloadAttributes>"


def trx_id(order_id: str, sequence: int) -> str:
    """Names a notification, however often it is sent."""
    return f"{order_id}.{sequence}"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """As far as it is kept. status: AckType's StatusCode."""

    status: str
    text: str

    def __str__(self) -> str:
        return f"{self.status}: {self.text}" if self.text else self.status


def read_acknowledgement(body: bytes) -> Acknowledgement:
    """Raises Invalid for what is none."""
    root = guard(body, max_bytes=MAX_ANSWER)
    notification = child(root, "Notification")
    status = None if notification is None else child(notification, "StatusCode")
    named = etree.QName(root).localname == "IATA_Acknowledgement"
    if not named or notification is None or status is None:
        raise Invalid("The answer is no IATA_Acknowledgement with a StatusCode.")
    text = child(notification, "StatusMessageText")
    return Acknowledgement(_plain(status.text), "" if text is None else _plain(text.text))


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())[:_MAX_KEPT]


def acknowledge(envelope: Envelope, status: str, text: str, code: str = "") -> bytes:
    """code: PADIS 9321, of what is not OK."""
    said = leaf("StatusCode", status) + leaf("StatusMessageText", text) + leaf("WarningCode", code)
    return (
        f"{DECLARATION}<m:{ACKNOWLEDGEMENT} {NAMESPACES}><m:Notification>{said}</m:Notification>"
        f"{envelope.echo}</m:{ACKNOWLEDGEMENT}>"
    ).encode()
