"""GET /: what is running and how to talk to it; and the example that its curl line sends."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from pathlib import Path
from string import Template
from typing import Final
from xml.sax.saxutils import escape as xml

from aiohttp import web

from ndc_oms import __version__
from ndc_oms.ndc.envelope import COMMON, DECLARATION, MESSAGE, VERSION
from ndc_oms.ports.clock import Clock

AHEAD: Final = timedelta(days=30)  # the example flies a month from today
_HOST: Final = re.compile(
    r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?"
)
_FOLDER: Final = Path(__file__).resolve().parent

# What each message is for, in the order of a conversation; others are listed by name alone.
_PURPOSES: Final = {
    "IATA_AirShoppingRQ": "find offers for a journey",
    "IATA_OfferPriceRQ": "make an offer firm",
    "IATA_SeatAvailabilityRQ": "see the seats",
    "IATA_ServiceListRQ": "see bags, meals and other services",
    "IATA_OrderCreateRQ": "order it, and pay",
    "IATA_OrderRetrieveRQ": "read an order",
    "IATA_OrderReshopRQ": "ask what a change or a refund would cost",
    "IATA_OrderQuoteRQ": "make that answer firm",
    "IATA_OrderChangeRQ": "change, pay or cancel",
}


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the page shows of the world. key: of the demo seller, "" where there is none (then
    the page shows a placeholder). origin, destination, currency: of the example's journey.
    cards: numbers for tests and what each of them does. public_url: under which the server is
    reached; "": as it was asked, or where it listens.
    """

    airline: str
    designator: str
    key: str = ""
    org_id: str = "91000000"
    origin: str = "YYZ"
    destination: str = "LHR"
    currency: str = "CAD"
    cards: tuple[tuple[str, str], ...] = ()
    public_url: str = ""


def air_shopping(welcome: Welcome, day: date) -> str:
    """One adult, one way, on `day`: an AirShoppingRQ valid by the official schemas."""
    return f"""{DECLARATION}
<m:IATA_AirShoppingRQ xmlns:m="{MESSAGE}"
    xmlns="{COMMON}">
  <m:DistributionChain>
    <DistributionChainLink>
      <Ordinal>1</Ordinal>
      <OrgRole>Seller</OrgRole>
      <ParticipatingOrg><OrgID>{xml(welcome.org_id)}</OrgID></ParticipatingOrg>
    </DistributionChainLink>
    <DistributionChainLink>
      <Ordinal>2</Ordinal>
      <OrgRole>Carrier</OrgRole>
      <ParticipatingOrg><OrgID>{xml(welcome.designator)}</OrgID></ParticipatingOrg>
    </DistributionChainLink>
  </m:DistributionChain>
  <m:PayloadAttributes>
    <TrxID>example-air-shopping</TrxID>
    <VersionNumber>{VERSION}</VersionNumber>
  </m:PayloadAttributes>
  <m:Request>
    <FlightRequest>
      <FlightRequestOriginDestinationsCriteria>
        <OriginDestCriteria>
          <DestArrivalCriteria>
            <IATA_LocationCode>{xml(welcome.destination)}</IATA_LocationCode>
          </DestArrivalCriteria>
          <OriginDepCriteria>
            <Date>{day.isoformat()}</Date>
            <IATA_LocationCode>{xml(welcome.origin)}</IATA_LocationCode>
          </OriginDepCriteria>
          <OriginDestID>OD1</OriginDestID>
        </OriginDestCriteria>
      </FlightRequestOriginDestinationsCriteria>
    </FlightRequest>
    <PaxList>
      <Pax>
        <PaxID>PAX1</PaxID>
        <PTC>ADT</PTC>
      </Pax>
    </PaxList>
    <ResponseParameters>
      <CurParameter>
        <CurCode>{xml(welcome.currency)}</CurCode>
      </CurParameter>
    </ResponseParameters>
  </m:Request>
</m:IATA_AirShoppingRQ>
"""


def curl(base: str, key: str) -> str:
    """The first line to try: fetches the example and sends it; works as printed."""
    return (
        f"curl -s {base}/examples/AirShoppingRQ.xml |\n"
        f"  curl -s --compressed -H 'X-API-Key: {key}' \\\n"
        f"    -H 'Content-Type: application/xml' --data-binary @- {base}/ndc"
    )


class Pages:
    """messages: names of those served."""

    def __init__(self, welcome: Welcome, messages: tuple[str, ...], clock: Clock) -> None:
        self._welcome = welcome
        self._messages = messages
        self._clock = clock
        text = (_FOLDER / "welcome.html").read_text("utf-8")
        self._page = Template(text)
        self._policy = _policy(text)

    async def welcome(self, request: web.Request) -> web.Response:
        """GET /"""
        base = self._welcome.public_url or _base(request)
        key = self._welcome.key or "YOUR_KEY"
        page = self._page.substitute(
            airline=escape(self._welcome.airline),
            designator=escape(self._welcome.designator),
            version=escape(__version__),
            base=escape(base),
            org_id=escape(self._welcome.org_id),
            key=escape(key),
            curl=escape(curl(base, key)),
            one_file=escape(
                f"curl -s -H 'X-API-Key: {key}' -H 'Content-Type: application/xml' \\\n"
                f"    --data-binary @YourMessage.xml {base}/ndc"
            ),
            messages="\n".join(self._listed()),
            demo=escape(f"ndc-oms demo --url {base}"),
            cards="\n".join(
                f"<dt><code>{escape(number)}</code></dt><dd>{escape(shows)}</dd>"
                for number, shows in self._welcome.cards
            ),
        )
        headers = {"Content-Security-Policy": self._policy, "X-Content-Type-Options": "nosniff"}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def example(self, _request: web.Request) -> web.Response:
        """GET /examples/AirShoppingRQ.xml"""
        day = self._clock.now().date() + AHEAD
        return web.Response(text=air_shopping(self._welcome, day), content_type="application/xml")

    def _listed(self) -> list[str]:
        known = [name for name in _PURPOSES if name in self._messages]
        rest = [name for name in self._messages if name not in _PURPOSES]
        return [
            f"<dt><code>{escape(name)}</code></dt><dd>{escape(_PURPOSES.get(name, ''))}</dd>"
            for name in [*known, *rest]
        ]


def _base(request: web.Request) -> str:
    """As the client reached us, so that the printed lines work; nothing else of Host is echoed."""
    host = request.host if _HOST.fullmatch(request.host) else "127.0.0.1:8080"
    return f"{request.scheme}://{host}"


def _policy(page: str) -> str:
    """Nothing may load; the page's own style and script are named by their hashes."""

    def hashes(tag: str) -> str:
        blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digests = (hashlib.sha256(block.encode()).digest() for block in blocks)
        return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)

    return (
        f"default-src 'none'; style-src {hashes('style')}; script-src {hashes('script')}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
