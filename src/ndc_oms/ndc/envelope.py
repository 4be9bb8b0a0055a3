"""What surrounds every message: who, which transaction, which version, and the echo of it.

Source: DistributionChain and PayloadAttributes of the 21.3 messages. Replies declare the common
types as default namespace and the messages as `m:`, since only the root and its children stand
in the latter: the shortest document.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from ndc_oms.ports.sellers import Attempt, Caller

MESSAGE: Final = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersMessage"
COMMON: Final = "http://www.iata.org/IATA/2015/EASD/00/IATA_OffersAndOrdersCommonTypes"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACES: Final = f'xmlns="{COMMON}" xmlns:m="{MESSAGE}"'
VERSION: Final = "21.3"

_VERSION_NUMBER: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?")
_MAX_ID: Final = 256  # characters of an echoed id; ours are below 40


@dataclass(frozen=True, slots=True)
class Notice:
    """A Warning of a reply. code: PADIS 9321, or "" where none fits. path: of the element."""

    code: str
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request's surroundings.

    message: local name of the root. timestamp: as sent. echo: the reply's PayloadAttributes,
    composed, with the prefix `m:`; it is the last child that this server writes in any reply
    but OrderViewRS, where PaymentFunctions follow. key and body_hash: see Attempt; empty for
    messages that write nothing. copy: the redacted request, where its reply is to be kept.
    """

    message: str = ""
    trx_id: str = ""
    correlation_id: str = ""
    version: str = ""
    timestamp: str = ""
    echo: str = ""
    caller: Caller | None = None
    key: str = ""
    body_hash: str = ""
    copy: bytes = b""
    warnings: tuple[Notice, ...] = field(default=())

    @property
    def attempt(self) -> Attempt:
        return Attempt(self.key, self.body_hash)


def open_envelope(root: etree._Element | None, caller: Caller | None, now: datetime) -> Envelope:
    """Reads by local names, since it also serves documents that the schema will refuse."""
    name, found = "", {}
    if root is not None:
        name = local(root)
        attributes = child(root, "PayloadAttributes")
        if attributes is not None:
            found = {local(e): _text(e) for e in attributes}
    version = found.get("VersionNumber", "")
    trx, correlation = found.get("TrxID", ""), found.get("CorrelationID", "")
    version = version if _VERSION_NUMBER.fullmatch(version) else ""
    return Envelope(
        message=name,
        trx_id=trx,
        correlation_id=correlation,
        version=version,
        timestamp=found.get("Timestamp", ""),
        echo=_echo(trx, correlation, version or VERSION, now),
        caller=caller,
    )


def _text(element: etree._Element) -> str:
    return " ".join((element.text or "").split())[:_MAX_ID]


def _echo(trx: str, correlation: str, version: str, now: datetime) -> str:
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = ["<m:PayloadAttributes>"]
    if correlation:
        parts.append(f"<CorrelationID>{escape(correlation)}</CorrelationID>")
    parts.append(f"<Timestamp>{at}</Timestamp>")
    if trx:
        parts.append(f"<TrxID>{escape(trx)}</TrxID>")
    parts.append(f"<VersionNumber>{version}</VersionNumber></m:PayloadAttributes>")
    return "".join(parts)


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of this local name, in whatever namespace."""
    for each in element:
        if local(each) == name:
            return each
    return None


def local(element: etree._Element) -> str:
    """Its name without the namespace. Not by etree.QName, which costs ten times as much."""
    return str(element.tag).rpartition("}")[2]


def seller_links(root: etree._Element) -> Iterator[str]:
    """OrgID of each link of the DistributionChain whose OrgRole is Seller."""
    return (org_id for role, org_id in links(root) if role == "Seller")


def links(root: etree._Element) -> Iterator[tuple[str, str]]:
    """OrgRole and OrgID of each link of the DistributionChain that has a role."""
    chain = child(root, "DistributionChain")
    for link in () if chain is None else chain:
        role, org = child(link, "OrgRole"), child(link, "ParticipatingOrg")
        if role is not None:
            org_id = None if org is None else child(org, "OrgID")
            yield (role.text or "").strip(), ("" if org_id is None else (org_id.text or "").strip())


def body_hash(root: etree._Element, secret: bytes) -> str:
    """Of what a request asks: all but PayloadAttributes, which differ between two sendings.

    Prefixes, white space between elements and the order of attributes do not count. Keyed, since
    the body may hold a card number, which a plain hash would let a thief try out.
    """
    digest = hmac.new(secret, digestmod=hashlib.sha256)
    for part in root:
        if local(part) == "PayloadAttributes":
            continue
        for element in part.iter():
            # Names, texts and counts of children in document order determine the tree; the
            # separator is a character that no XML document can hold.
            words = [str(element.tag), (element.text or "").strip(), str(len(element))]
            words += [f"{k}={v}" for k, v in sorted(element.attrib.items())]
            digest.update("\x1f".join([*words, (element.tail or "").strip(), "\x1e"]).encode())
    return digest.hexdigest()
