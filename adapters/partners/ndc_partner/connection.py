"""One message to the partner and its reply, or what kept it away.

What certainly was not done reads as Rejected: no connection, a refusal before the message was
looked at, an error that the partner's message states. Everything else that is no reply (a reset, a
time-out, a body that cannot be read, a failing server) is Unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from lxml import etree

from ndc_oms.errors import Invalid
from ndc_oms.ports.outcome import Confirmed, Outcome, Rejected, Unknown

MAX_REPLY: Final = 8 * 1024 * 1024  # bytes
TIMEOUT_S: Final = 12.0
MAX_REASON: Final = 300  # characters of the partner's words that are passed on
_ANSWERED: Final = frozenset({200, 400})
_NOT_LOOKED_AT: Final = frozenset({401, 403, 408, 413, 415, 429})
# Errors that do not say whether something was done: 911 is a fault over there, 476 that an earlier
# sending is still at work or was another one.
_OPEN: Final = frozenset({"911", "476"})

Node = etree._Element  # lxml-stubs' own name for an element


@dataclass(frozen=True, slots=True)
class Access:
    """url: of the partner's endpoint. key, org_id: under which it knows us. carrier: who it is.
    agency_number: by which it bills us through the settlement plan. timeout_s: of each message.
    """

    url: str
    key: str
    org_id: str
    carrier: str
    agency_number: str
    timeout_s: float = TIMEOUT_S

    @classmethod
    def of(cls, name: str, carrier: str, options: Mapping[str, str]) -> "Access":
        """Raises Invalid for an option that is missing, ValueError for a time that is none."""
        known = ("url", "key", "org_id", "agency_number")
        missing = [each for each in known if not options.get(each)]
        if missing:
            raise Invalid(
                f"Partner {name} cannot be asked: {', '.join(missing)} is missing.",
                remedy="Give it under options in partners.toml.",
            )
        return cls(
            options["url"],
            options["key"],
            options["org_id"],
            carrier,
            options["agency_number"],
            float(options.get("timeout_s", TIMEOUT_S)),
        )


class Connection:
    """Keeps sockets open between messages. Opened with the first one, closed by `close`."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._timeout = aiohttp.ClientTimeout(total=access.timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, body: bytes) -> Outcome[Node]:
        """The reply's root. Rejected carries the code of the partner's first error."""
        if self._session is None:
            headers = {"X-API-Key": self.access.key, "Content-Type": "application/xml"}
            self._session = aiohttp.ClientSession(headers=headers, timeout=self._timeout)
        try:
            async with self._session.post(self.access.url, data=body) as response:
                answer = await response.content.read(MAX_REPLY + 1)
                while answer and not response.content.at_eof() and len(answer) <= MAX_REPLY:
                    answer += await response.content.read(MAX_REPLY + 1 - len(answer))
                status = response.status
        except aiohttp.ClientConnectorError as unreachable:
            return Rejected("UNREACHABLE", f"no connection: {unreachable.strerror}", final=False)
        except TimeoutError:
            return Unknown(f"no reply within {self._timeout.total:g} s")
        except aiohttp.ClientError as broken:
            return Unknown(f"the connection failed: {type(broken).__name__}")
        return _read(status, answer)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _read(status: int, body: bytes) -> Outcome[Node]:
    root = _parse(body)
    errors = [] if root is None else root.findall("{*}Error")
    if errors:
        code = errors[0].findtext("{*}Code") or ""
        text = (errors[0].findtext("{*}DescText") or "no reason given")[:MAX_REASON]
        if code in _OPEN or status not in _ANSWERED | _NOT_LOOKED_AT:
            return Unknown(f"{code}: {text}")
        return Rejected(code, text, final=status in _ANSWERED)
    if status in _NOT_LOOKED_AT:
        return Rejected(str(status), f"refused with HTTP {status}", final=False)
    if status != 200 or root is None or root.find("{*}Response") is None:
        return Unknown(f"HTTP {status} with no reply that can be read")
    return Confirmed(root)


def _parse(body: bytes) -> Node | None:
    """None for what is no XML, or more than XML is wanted for."""
    if len(body) > MAX_REPLY or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
